import FlowGraph
import FlowKernels
import FlowTensor

/// Attention of queries to keys and values.
struct DotProductAttention: PreparedOperation {
  static let name = "dot_product_attention"
  static let signature: Signature = "q, k, v -> y"
  static let attributes = [Attribute<Self>("causal", \.causal, causalHelp)]
  static let manual = Manual(
    "softmax(q @ kᵀ) @ v, in one pass that never holds all scores; leading axes broadcast.",
    shapes: attentionShapes + " → y [..., n, e]",
    gradient: "with p the softmax, s̄ = p · (ȳ @ vᵀ - Σ ȳ · y): q̄ = s̄ @ k, k̄ = s̄ᵀ @ q, v̄ = pᵀ @ ȳ",
    source: attentionSource)

  var causal = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let sizes = try AttentionSizes(inputs, of: Self.self)
    return [TensorType(inputs[0].dtype, sizes.shape(sizes.queries, sizes.width))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let kernel = AttentionKernel(try AttentionSizes(inputs, of: Self.self).plan(inputs, causal: causal))
    return try Self.singlePrecision(inputs, infer(inputs)) { types in
      WorkspaceKernel(blocks: kernel.blocks, workspaceBytes: kernel.workspaceBytes(types[0].dtype)) {
        kernel.run(block: $0, $1, into: $2[0], workspace: $3)
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let results = try call.builder.add(
      "attention_gradient", call.inputs + [gradients[0]], ["causal": .boolean(causal)])
    return results.map { .value($0) }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.addingAligned(self) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { attentionFlops(inputs, products: 2) }
}

/// What attention's result says of its operands.
struct AttentionGradient: PreparedOperation {
  static let name = "attention_gradient"
  static let signature: Signature = "q, k, v, gradient -> q_gradient, k_gradient, v_gradient"
  static let attributes = [Attribute<Self>("causal", \.causal, causalHelp)]
  static let manual = Manual(
    "The gradients of dot_product_attention for its operands, with the leading axes of its result.",
    shapes: attentionShapes + ", gradient [..., n, e] → [..., n, d], [..., m, d], [..., m, e]",
    gradient: "that of the same, written with matmul and softmax",
    source: attentionSource)

  var causal = false

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let sizes = try AttentionSizes(Array(inputs.prefix(3)), of: Self.self)
    let result = TensorType(inputs[0].dtype, sizes.shape(sizes.queries, sizes.width))
    try Self.expectSameDType(result, inputs[3])
    guard inputs[3].shape.equals(result.shape) != false else {
      throw .shapeMismatch("\(Self.name): the result has shape \(result.shape), not \(inputs[3].shape)")
    }
    return [(sizes.queries, sizes.depth), (sizes.keys, sizes.depth), (sizes.keys, sizes.width)].map {
      TensorType(inputs[0].dtype, sizes.shape($0.0, $0.1))
    }
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let operands = Array(inputs.prefix(3))
    let kernel = AttentionGradientKernel(try AttentionSizes(operands, of: Self.self).plan(operands, causal: causal))
    return try Self.singlePrecision(inputs, infer(inputs)) { types in
      WorkspaceKernel(blocks: kernel.blocks, workspaceBytes: kernel.workspaceBytes(types[0].dtype)) {
        kernel.run(block: $0, $1, into: $2, workspace: $3)
      }
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let sizes = try AttentionSizes(call.inputs.prefix(3).map(\.type), of: Self.self)
    let shapes = [(sizes.queries, sizes.depth), (sizes.keys, sizes.depth), (sizes.keys, sizes.width)]
      .map { sizes.shape($0.0, $0.1) }
    let operands = zip(call.inputs, shapes).map { $0.broadcast(to: $1).copied } + [call.inputs[3].copied]
    let y = composed(operands[0], operands[1], operands[2])
    let first = try Self.pullback(of: [y], by: [operands[3]], wrt: Array(operands.prefix(3)))
    let second = try Self.pullback(of: first, by: gradients, wrt: operands)
    return second.map { .value($0) }
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { try batch.addingAligned(self) }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { attentionFlops(inputs, products: 5) }

  /// Attention by operations that have gradients of any order.
  private func composed(_ q: Value, _ k: Value, _ v: Value) -> Value {
    var scores = q.multiplied(by: k, transposeOther: true)
    if causal {
      let rank = scores.shape.rank
      let matrix = Shape(Array(scores.shape.dimensions[(rank - 2)...]))
      let seen = scores.constant(.whole(1)).broadcast(to: matrix).applying("tril").greater(
        than: scores.constant(.whole(0)))
      scores = seen.selecting(scores, else: scores.constant(-.infinity))
    }
    return scores.applying("softmax").multiplied(by: v)
  }
}

private let attentionShapes = "q [..., n, d], k [..., m, d], v [..., m, e]"
private let attentionSource =
  "Dao, Fu, Ermon, Rudra & Ré, FlashAttention: fast and memory-efficient exact attention, 2022"

private let causalHelp = "whether a query sees no key that comes after it"

extension BatchedCall {
  /// The results of an operation whose leading axes broadcast, behind the batch's.
  fileprivate func addingAligned(_ operation: any Operation) throws(OperationError) -> [BatchedValue] {
    let rank = call.inputs.map(\.shape.rank).max() ?? 0
    return try adding(
      operation,
      operands.indices.map { index in
        let own = call.inputs[index].shape.dimensions
        return leading(index).reshaped(to: shape(Shape(Array(repeating: 1, count: rank - own.count) + own)))
      })
  }
}

/// What the sizes of attention are called.
private struct AttentionSizes {
  let batch: Shape
  let (queries, keys, depth, width): (Dimension, Dimension, Dimension, Dimension)

  init<Body: Operation>(_ inputs: [TensorType], of operation: Body.Type) throws(OperationError) {
    try Body.expectFloating(inputs[0])
    for input in inputs { try Body.expectSameDType(inputs[0], input) }
    let shapes = inputs.map(\.shape)
    guard shapes.allSatisfy({ $0.rank >= 2 }) else {
      throw .shapeMismatch("\(Body.name): takes matrices, not \(shapes[0]), \(shapes[1]) and \(shapes[2])")
    }
    let (q, k, v) = (shapes[0].dimensions, shapes[1].dimensions, shapes[2].dimensions)
    (queries, depth, keys, width) = (q[q.count - 2], q[q.count - 1], k[k.count - 2], v[v.count - 1])
    guard depth.equals(k[k.count - 1]) != false else {
      throw .shapeMismatch("\(Body.name): queries \(shapes[0]) and keys \(shapes[1]) have different lengths")
    }
    guard keys.equals(v[v.count - 2]) != false else {
      throw .shapeMismatch("\(Body.name): there is a value for each key, but \(shapes[1]) and \(shapes[2])")
    }
    guard keys.size != 0 else { throw .shapeMismatch("\(Body.name): there are no keys in \(shapes[1])") }
    var batch = Shape(Array(q.dropLast(2)))
    for other in [k, v] { batch = try Body.broadcast(batch, Shape(Array(other.dropLast(2)))) }
    self.batch = batch
  }

  func shape(_ rows: Dimension, _ columns: Dimension) -> Shape { Shape(batch.dimensions + [rows, columns]) }

  func plan(_ inputs: [TensorType], causal: Bool) throws(OperationError) -> AttentionPlan {
    var sizes: [[Int]] = []
    for input in inputs { sizes.append(try input.knownSizes()) }
    let output = try TensorType(inputs[0].dtype, shape(queries, width)).knownSizes()
    let (q, v) = (sizes[0], sizes[2])
    return AttentionPlan(
      batches: sizes.map { Array($0.dropLast(2)) }, into: Array(output.dropLast(2)), queries: q[q.count - 2],
      keys: v[v.count - 2], depth: q[q.count - 1], width: v[v.count - 1], causal: causal)
  }
}

/// A multiplication and an addition for each number of each product, and a few for the exponentials.
private func attentionFlops(_ inputs: [TensorType], products: Int) -> Int {
  guard let q = inputs[0].shape.sizes, let k = inputs[1].shape.sizes, q.count >= 2, k.count >= 2 else { return 0 }
  return [k[k.count - 2], 2 * products].reduce(q.reduce(1, *)) {
    let (product, overflow) = $0.multipliedReportingOverflow(by: $1)
    return overflow ? .max : product
  }
}
