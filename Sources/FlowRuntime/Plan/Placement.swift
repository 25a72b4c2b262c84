import FlowGraph
import FlowTensor

/// Where each value lies in one stretch of memory, by lifetime, and what must have run before a place is written again.
///
/// Tasks are the nodes and, between them, joins: a join has run when all that it stands for has. They are numbered in an order
/// in which each comes after what it waits for. All edges together are linear in the number of operands.
struct Placement: Sendable {
  /// The offset of each value that lies in memory, else -1.
  private(set) var offsets: [Int]
  /// The bytes of all places.
  private(set) var byteCount = 0
  /// The most bytes that are in use at once.
  private(set) var peakBytes = 0
  /// The task of each node.
  private(set) var tasks: [Int32] = []
  private(set) var taskCount = 0
  /// Pairs of tasks: the second waits for the first, lest it overwrite what the first still reads.
  private(set) var edges: [(before: Int32, after: Int32)] = []
  /// Where updates whose new value is another variable's keep it meanwhile, in order of the updates; else -1.
  private(set) var staging: [Int] = []

  init(_ draft: Draft, _ kernels: KernelSelection, slackBytes: Int) throws(PlanError) {
    offsets = Array(repeating: -1, count: draft.typeIndices.count)
    var walk = PlacementWalk(draft, kernels, slackBytes)
    try walk.run(&self)
  }

  /// The tasks of nodes that come one after another, and the joins between them.
  func tasks(of nodes: Range<Int>) -> Range<Int> {
    let start = nodes.lowerBound < tasks.count ? Int(tasks[nodes.lowerBound]) : taskCount
    return start..<(nodes.upperBound < tasks.count ? Int(tasks[nodes.upperBound]) : taskCount)
  }

  fileprivate mutating func addTask() -> Int32 {
    taskCount += 1
    return Int32(taskCount - 1)
  }

  fileprivate mutating func addNode() -> Int32 {
    let task = addTask()
    tasks.append(task)
    return task
  }

  fileprivate mutating func addEdge(_ before: Int32, _ after: Int32) { edges.append((before, after)) }

  fileprivate mutating func place(_ value: Int, at offset: Int) { offsets[value] = offset }

  fileprivate mutating func stage(at offset: Int) { staging.append(offset) }

  fileprivate mutating func finish(_ byteCount: Int, peak: Int) {
    self.byteCount = byteCount
    peakBytes = peak
  }
}

/// The walk in order of execution that places results and frees what has been read for the last time.
private struct PlacementWalk {
  private let draft: Draft
  private let kernels: KernelSelection
  private let bytes: [Int]
  private let readers: Readers
  /// The node that reads a value last; -1 where none does, `Int32.max` where it is kept to the end.
  private var lastUses: [Int32]
  private var handles: [Int32]
  private var memory = FreeList()
  private var used = 0
  private var peak = 0
  private var resting: Quarantine
  /// Whether several threads may run the plan.
  private let isShared: Bool

  init(_ draft: Draft, _ kernels: KernelSelection, _ slackBytes: Int) {
    resting = Quarantine(limit: slackBytes)
    self.draft = draft
    self.kernels = kernels
    isShared = kernels.dearWork(of: draft.nodes.indices) >= Cost.worthSharing
    bytes = draft.types.map { $0.byteCount ?? 0 }
    readers = Readers(draft)
    lastUses = Array(repeating: -1, count: draft.typeIndices.count)
    handles = lastUses
    for (index, node) in draft.nodes.enumerated() {
      for operand in draft.operands[node.operands] { lastUses[owner(operand)] = Int32(index) }
    }
    for root in draft.roots { lastUses[owner(root)] = .max }
  }

  /// The value whose memory a value lies in.
  private func owner(_ value: Int32) -> Int { Int(draft.aliases.owner(of: value)) }

  mutating func run(_ placement: inout Placement) throws(PlanError) {
    for (index, node) in draft.nodes.enumerated() {
      let task = placement.addNode()
      for value in node.results where draft.variableIndices[value] < 0 {
        if let operand = overwritten(by: value, node, index) {
          take(operand, for: value, index, &placement)
        } else {
          try allocate(value, task, node, &placement)
        }
      }
      for value in node.results where lastUses[value] < 0 && handles[value] >= 0 { free(value, task, &placement) }
      for operand in draft.operands[node.operands].map(owner) where lastUses[operand] == Int32(index) {
        lastUses[operand] = -1
        guard handles[operand] >= 0 else { continue }
        free(operand, token(of: operand, &placement), &placement)
      }
    }
    for update in draft.updates { try stage(update, &placement) }
    placement.finish(memory.byteCount, peak: peak)
  }

  private mutating func allocate(
    _ value: Int, _ task: Int32, _ node: Draft.Node, _ placement: inout Placement
  ) throws(PlanError) {
    let size = bytes[Int(draft.typeIndices[value])]
    guard let (handle, offset, token) = memory.allocate(size) else { throw .tooLarge }
    handles[value] = handle
    placement.place(value, at: offset)
    if token != FreeList.noToken, token != task { placement.addEdge(token, task) }
    used += size
    peak = max(peak, used)
  }

  /// An operand that nobody reads later, in whose place a result may be written.
  private func overwritten(by value: Int, _ node: Draft.Node, _ index: Int) -> Int? {
    let operands = draft.operands[node.operands]
    let kernel = kernels.kernels[Int(kernels.indices[index])].kernel
    let size = bytes[Int(draft.typeIndices[value])]
    for (input, operand) in operands.map(owner).enumerated() where lastUses[operand] == Int32(index) {
      guard handles[operand] >= 0, bytes[Int(draft.typeIndices[operand])] == size,
        kernel.mayOverwrite(input: input, output: value - Int(node.firstResult)),
        operands.count(where: { owner($0) == operand }) == 1
      else { continue }
      return operand
    }
    return nil
  }

  /// Puts a result in an operand's place, which is written once all others have read it.
  private mutating func take(_ operand: Int, for value: Int, _ index: Int, _ placement: inout Placement) {
    handles[value] = handles[operand]
    handles[operand] = -1
    placement.place(value, at: placement.offsets[operand])
    for reader in readers.nodes(reading: operand) where Int(reader) != index {
      placement.addEdge(placement.tasks[Int(reader)], placement.tasks[index])
    }
  }

  private mutating func free(_ value: Int, _ token: Int32, _ placement: inout Placement) {
    let size = bytes[Int(draft.typeIndices[value])]
    used -= size
    guard isShared, size <= resting.largest else { return release(handles[value], token, &placement) }
    resting.add(handles[value], token, bytes: size + FreeList.unit)
    while let (handle, token) = resting.next() { release(handle, token, &placement) }
  }

  private mutating func release(_ handle: Int32, _ token: Int32, _ placement: inout Placement) {
    memory.free(handle, token: token) { first, second in
      let join = placement.addTask()
      placement.addEdge(first, join)
      placement.addEdge(second, join)
      return join
    }
  }

  /// What has run when nobody reads a value any more: its only reader, else a join of all.
  private func token(of value: Int, _ placement: inout Placement) -> Int32 {
    let all = readers.nodes(reading: value)
    if let only = all.first, all.allSatisfy({ $0 == only }) { return placement.tasks[Int(only)] }
    let join = placement.addTask()
    for reader in all { placement.addEdge(placement.tasks[Int(reader)], join) }
    return join
  }

  /// A variable that takes another's value needs a place for it, for that one may be written first.
  private mutating func stage(_ update: Draft.Update, _ placement: inout Placement) throws(PlanError) {
    guard !update.isInPlace, draft.variableIndices[owner(update.value)] >= 0 else { return placement.stage(at: -1) }
    let size = bytes[Int(draft.typeIndices[Int(update.value)])]
    guard let (_, offset, _) = memory.allocate(size) else { throw .tooLarge }
    placement.stage(at: offset)
  }
}

/// Places that are free but not used again at once, lest independent nodes wait for each other: small ones, the oldest given
/// back first.
private struct Quarantine {
  /// The bytes that may rest, and the largest place that may.
  let limit: Int
  var largest: Int { limit / 8 }

  private var entries: [(handle: Int32, token: Int32, bytes: Int)] = []
  private var first = 0
  private var bytes = 0

  init(limit: Int) { self.limit = limit }

  mutating func add(_ handle: Int32, _ token: Int32, bytes size: Int) {
    entries.append((handle, token, size))
    bytes += size
  }

  /// A place to give back; nil where all may rest.
  mutating func next() -> (handle: Int32, token: Int32)? {
    guard bytes > limit else { return nil }
    let entry = entries[first]
    first += 1
    bytes -= entry.bytes
    return (entry.handle, entry.token)
  }
}

/// The nodes that read what lies in each value's memory, in order, flat.
struct Readers: Sendable {
  private var offsets: [Int32]
  private var nodes: [Int32]

  init(_ draft: Draft) {
    offsets = Array(repeating: 0, count: draft.typeIndices.count + 1)
    nodes = Array(repeating: 0, count: draft.operands.count)
    let owners = draft.operands.map { Int(draft.aliases.owner(of: $0)) }
    for operand in owners { offsets[operand + 1] += 1 }
    for value in draft.typeIndices.indices { offsets[value + 1] += offsets[value] }
    var next = offsets
    for (index, node) in draft.nodes.enumerated() {
      for operand in owners[node.operands] {
        nodes[Int(next[operand])] = Int32(index)
        next[operand] += 1
      }
    }
  }

  func nodes(reading value: Int) -> ArraySlice<Int32> { nodes[Int(offsets[value])..<Int(offsets[value + 1])] }
}
