import FlowGraph
import FlowOperations
import FlowTensor
import Testing

/// Graphs with one operation after the other on earlier values: deep, wide, and with values that very many others read.
@Suite struct `Gradients of large graphs` {
  enum Form: CaseIterable { case deep, wide, shared }

  @Test(arguments: Form.allCases)
  func `have at most four nodes that count for each edge of the graph`(form: Form) throws {
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f64, [3]))
    let target = try form.build(on: x, count: 10_000)
    let edges = builder.graph.edgeCount(reaching: target)
    let gradient = try #require(try builder.gradients(of: target, wrt: [x])[0])
    let more = builder.graph.nodes(reaching: gradient).subtracting(builder.graph.nodes(reaching: target))
    #expect(more.count <= 4 * edges, "\(more.count) nodes for \(edges) edges")
    // Forward mode, and a product with the Hessian, grow no faster.
    let tangent = try #require(try builder.hessianProduct(of: target, by: x, x))
    #expect(builder.graph.nodes(reaching: tangent).count <= 40 * edges)
  }
}

extension `Gradients of large graphs`.Form {
  private static let unary = ["tanh", "sigmoid", "sin", "square", "exp", "neg", "softplus", "abs"]
  private static let binary = ["add", "mul", "sub", "maximum", "div"]

  fileprivate func build(on x: Value, count: Int) throws -> Value {
    let random = Philox(seed: 6, stream: "\(self)")
    var values = [x]
    for index in 0..<count {
      func pick(_ salt: Int) -> Value { values[source(random.uniform(4 * index + salt), values.count)] }
      if random.uniform(4 * index) < 0.5 {
        values.append(pick(1).applying(Self.unary[Int(random.uniform(4 * index + 3) * 8)]))
      } else {
        values.append(pick(1).combined(Self.binary[Int(random.uniform(4 * index + 3) * 5)], pick(2)))
      }
    }
    // What nothing reads yet is read by a tree of sums.
    var open = Array(values.suffix(self == .deep ? 8 : count / 2))
    while open.count > 1 {
      open = stride(from: 0, to: open.count, by: 2).map { $0 + 1 < open.count ? open[$0] + open[$0 + 1] : open[$0] }
    }
    return open[0].summed(over: .all)
  }

  private func source(_ number: Double, _ count: Int) -> Int {
    switch self {
    case .deep: max(count - 1 - Int(number * 3), 0)
    case .wide: Int(number * Double(min(count, 40)))
    case .shared: Int(number * number * Double(count))
    }
  }
}

extension Graph {
  fileprivate func nodes(reaching value: Value) -> Set<Int> {
    var found: Set<Int> = []
    var pending = [Int(producers[value.id.int])]
    while let index = pending.popLast() {
      if found.insert(index).inserted { pending += operands(of: nodes[index]).map { Int(producers[$0.int]) } }
    }
    return found
  }

  fileprivate func edgeCount(reaching value: Value) -> Int {
    nodes(reaching: value).reduce(0) { $0 + operands(of: nodes[$1]).count }
  }
}
