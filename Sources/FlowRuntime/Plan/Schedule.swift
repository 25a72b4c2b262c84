/// Which task waits for which, and how urgent each is: what threads need in order to run nodes as their operands resolve.
package struct Schedule: Sendable {
  /// The node of each task, -1 for a join, which does nothing.
  package let nodes: [Int32]
  /// How many tasks each waits for.
  package let openCounts: [Int32]
  /// Estimated nanoseconds from the start of each task to the end of the last one that waits for it.
  package let priorities: [Int]
  /// Estimated nanoseconds of all blocks.
  package let costs: [Int]
  /// Estimated nanoseconds in nodes that are worth handing to another thread.
  package let dearWork: Int

  private let offsets: [Int32]
  private let successors: [Int32]

  /// - Parameter steps: the nodes that run, which come one after another.
  init(_ draft: Draft, _ kernels: KernelSelection, _ placement: Placement, _ steps: Range<Int>) {
    let tasks = placement.tasks(of: steps)
    var nodes = [Int32](repeating: -1, count: tasks.count)
    for step in steps { nodes[Int(placement.tasks[step]) - tasks.lowerBound] = Int32(step) }
    let edges = Self.edges(draft, placement, steps, tasks)
    var offsets = [Int32](repeating: 0, count: nodes.count + 1)
    var openCounts = [Int32](repeating: 0, count: nodes.count)
    for edge in edges {
      offsets[Int(edge.before) + 1] += 1
      openCounts[Int(edge.after)] += 1
    }
    for task in nodes.indices { offsets[task + 1] += offsets[task] }
    var next = offsets
    var successors = [Int32](repeating: 0, count: edges.count)
    for edge in edges {
      successors[Int(next[Int(edge.before)])] = edge.after
      next[Int(edge.before)] += 1
    }
    let costs = nodes.map { $0 < 0 ? 0 : kernels.kernels[Int(kernels.indices[Int($0)])].cost }
    self.nodes = nodes
    self.openCounts = openCounts
    self.offsets = offsets
    self.successors = successors
    self.costs = costs
    priorities = Self.longestPaths(costs, offsets, successors)
    dearWork = kernels.dearWork(of: steps)
  }

  package var taskCount: Int { nodes.count }

  /// The tasks that wait for `task`; one that waits twice is there twice.
  package func successors(of task: Int) -> ArraySlice<Int32> {
    successors[Int(offsets[task])..<Int(offsets[task + 1])]
  }

  /// Whether a step is too little work to be worth another thread.
  package var isSmall: Bool { dearWork < Cost.worthSharing }

  /// Edges between tasks of a range, numbered from its start. What comes before the range has run.
  private static func edges(
    _ draft: Draft, _ placement: Placement, _ steps: Range<Int>, _ tasks: Range<Int>
  ) -> [(before: Int32, after: Int32)] {
    let first = Int32(tasks.lowerBound)
    var edges = placement.edges.filter { tasks.contains(Int($0.before)) && tasks.contains(Int($0.after)) }
    for index in edges.indices { edges[index] = (edges[index].before - first, edges[index].after - first) }
    edges.reserveCapacity(edges.count + draft.operands.count)
    var producers = [Int32](repeating: -1, count: draft.typeIndices.count)
    for index in steps {
      let (node, task) = (draft.nodes[index], placement.tasks[index] - first)
      for operand in draft.operands[node.operands] {
        let producer = producers[Int(draft.aliases.owner(of: operand))]
        if producer >= 0 { edges.append((producer, task)) }
      }
      for value in node.results { producers[value] = task }
    }
    return edges
  }

  /// Tasks are numbered so that each comes after what it waits for.
  private static func longestPaths(_ costs: [Int], _ offsets: [Int32], _ successors: [Int32]) -> [Int] {
    var paths = costs
    for task in costs.indices.reversed() {
      var longest = 0
      for position in Int(offsets[task])..<Int(offsets[task + 1]) {
        longest = max(longest, paths[Int(successors[position])])
      }
      let (path, overflow) = costs[task].addingReportingOverflow(longest)
      paths[task] = overflow ? .max : path
    }
    return paths
  }
}
