import FlowGraph
import FlowTensor
import Testing

@testable import FlowRuntime

/// What holds for the places of every plan, on random graphs.
@Suite struct PlacementTests {
  /// A value in memory: where, from which step to which.
  fileprivate struct Lifetime {
    let bytes: Range<Int>
    let producer: Int
    let readers: [Int]
    let isKept: Bool

    var end: Int { isKept ? .max : max(producer, readers.last ?? producer) }
  }

  @Test(arguments: 0..<40)
  func `values that live at once never overlap`(seed: Int) throws {
    let lifetimes = try plan(seed).lifetimes
    for (index, first) in lifetimes.enumerated() {
      #expect(first.bytes.lowerBound % 64 == 0)
      for second in lifetimes[(index + 1)...] where first.bytes.overlaps(second.bytes) {
        #expect(first.end < second.producer, "seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<40)
  func `a place is written again only after all that use it, in whatever order nodes fire`(seed: Int) throws {
    let plan = try plan(seed)
    let lifetimes = plan.lifetimes
    let ancestors = plan.phase(.evaluation).schedule.ancestorsOfNodes
    for (index, first) in lifetimes.enumerated() {
      for second in lifetimes[(index + 1)...] where first.bytes.overlaps(second.bytes) {
        #expect(!first.isKept)
        for user in first.readers + [first.producer] {
          #expect(ancestors[second.producer].contains(user), "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: 0..<40)
  func `every node runs after those it reads`(seed: Int) throws {
    let plan = try plan(seed)
    let ancestors = plan.phase(.evaluation).schedule.ancestorsOfNodes
    for value in plan.lifetimes {
      for reader in value.readers { #expect(ancestors[reader].contains(value.producer)) }
    }
  }

  @Test func `independent branches do not wait for each other's small places`() throws {
    let sketch = try Sketch()
    let x = sketch.input("x")
    let ends = try (0..<4).map { branch in
      try (0..<5).reduce(x) { y, node in
        try sketch.builder.one("blend", [y, x], ["count": .whole(10 * branch + node + 1)])
      }
    }
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: ends.map(\.id)))
    let ancestors = plan.phase(.evaluation).schedule.ancestorsOfNodes
    for node in plan.steps.indices { #expect(ancestors[node].count == node % 5) }
  }

  @Test func `edges are linear where one value has many readers`() throws {
    let sketch = try Sketch()
    let x = try sketch.scale(sketch.input("x"), by: 2)
    var sum = x
    for index in 0..<2_000 { sum = try sketch.add(sum, sketch.scale(x, by: Double(index))) }
    let plan = try Plan.make(sketch.graph, PlanRequest(fetching: [sum.id]))
    let edges = plan.phase(.evaluation).schedule.openCounts.reduce(0, +)
    #expect(edges < 5 * plan.operands.count)
  }

  private func plan(_ seed: Int) throws -> Plan {
    var random = try RandomGraph(seed: UInt64(seed), nodes: 120)
    let fetches = random.fetches().map { random.values[$0].value.id }
    return try Plan.make(random.sketch.graph, PlanRequest(fetching: fetches, slackBytes: seed % 2 * 4_096))
  }
}

extension Plan {
  fileprivate var lifetimes: [PlacementTests.Lifetime] {
    var readers: [Int32: [Int]] = [:]
    for (index, step) in steps.enumerated() {
      for value in operands[Int(step.operands.lowerBound)..<Int(step.operands.upperBound)] {
        readers[value, default: []].append(index)
      }
    }
    return steps.enumerated().flatMap { index, step in
      step.results.compactMap { value in
        guard case .memory(let offset)? = location(of: value), let size = type(of: value).byteCount else { return nil }
        return PlacementTests.Lifetime(
          bytes: offset..<(offset + size), producer: index, readers: readers[value] ?? [],
          isKept: fetches.contains(value))
      }
    }
  }
}

extension Schedule {
  /// For each node, the nodes that have run whenever it starts.
  fileprivate var ancestorsOfNodes: [Set<Int>] {
    var ancestors = [Set<Int>](repeating: [], count: taskCount)
    for task in 0..<taskCount {
      let before = nodes[task] < 0 ? ancestors[task] : ancestors[task].union([Int(nodes[task])])
      for successor in successors(of: task) { ancestors[Int(successor)].formUnion(before) }
    }
    var byNode: [Int: Set<Int>] = [:]
    for task in 0..<taskCount where nodes[task] >= 0 { byNode[Int(nodes[task])] = ancestors[task] }
    return (0..<byNode.count).map { byNode[$0] ?? [] }
  }
}

@Suite struct FreeListTests {
  @Test func `pieces that are freed are used again and joined`() throws {
    var list = FreeList()
    var pieces: [Piece] = []
    for _ in 0..<4 { pieces.append(try take(64, from: &list)) }
    #expect(pieces.map(\.offset) == [0, 64, 128, 192])
    for (index, piece) in pieces.enumerated() { list.free(piece.handle, token: Int32(index)) { _, _ in 99 } }
    let joined = try take(256, from: &list)
    #expect((joined.offset, joined.token) == (0, 99))
    #expect(list.byteCount == 256)
  }

  @Test func `a larger piece is split and its rest stays free`() throws {
    var list = FreeList()
    let large = try take(640, from: &list)
    _ = try take(64, from: &list)
    list.free(large.handle, token: 5) { first, _ in first }
    let first = try take(100, from: &list)
    let second = try take(500, from: &list)
    #expect((first.offset, first.token) == (0, 5))
    #expect((second.offset, second.token) == (128, 5))
    #expect(list.byteCount == 704)
  }

  @Test func `a free piece at the end is extended`() throws {
    var list = FreeList()
    let piece = try take(64, from: &list)
    list.free(piece.handle, token: 1) { first, _ in first }
    let larger = try take(1_000, from: &list)
    #expect((larger.offset, larger.token) == (0, 1))
    #expect(list.byteCount == 1_024)
  }

  @Test func `what cannot be addressed is refused`() {
    var list = FreeList()
    #expect(list.allocate(.max) == nil)
  }

  private typealias Piece = (handle: Int32, offset: Int, token: Int32)

  private func take(_ bytes: Int, from list: inout FreeList) throws -> Piece {
    let piece = list.allocate(bytes)
    return try #require(piece)
  }
}
