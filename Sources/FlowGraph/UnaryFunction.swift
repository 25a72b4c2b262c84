public import FlowTensor

/// A function of each element by itself, written for one number; the quickest way to an operation of one's own.
///
///     struct Cube: UnaryFunction {
///       static let name = "cube"
///       static let manual = Manual("The third power.", shapes: "x [...] → y [...]", gradient: "x̄ = ȳ · 3x²")
///       func evaluate(_ x: Double) -> Double { x * x * x }
///       func derivative(x: Value, y: Value) -> Value { 3 * x * x }
///     }
///
/// It takes every floating type; the function computes in f64, and its result is rounded.
public protocol UnaryFunction: Operation {
  func evaluate(_ x: Double) -> Double
  /// `dy/dx`, as graph.
  func derivative(x: Value, y: Value) -> Value
}

extension UnaryFunction {
  public static var signature: Signature { "x -> y" }

  public func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard inputs[0].dtype.isFloating else {
      throw .dtypeMismatch("\(Self.name): takes floating numbers, not \(inputs[0])", help: "cast it to f32 or f64")
    }
    return inputs
  }

  public func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {
    UnaryKernel(function: self, count: inputs[0].count).run(0..<inputs[0].count, inputs[0], outputs[0])
  }

  public func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    guard let bytes = inputs[0].byteCount else { throw .sizeOverflow }
    return UnaryKernel(function: self, count: bytes / inputs[0].dtype.byteCount)
  }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0] * derivative(x: call.inputs[0], y: call.outputs[0]))]
  }

  public func jvp(_ call: Call, _ tangents: [Value]) throws(OperationError) -> [Gradient]? {
    guard !Self.gradientIsNotDerivative else { return nil }
    return [.value(tangents[0] * derivative(x: call.inputs[0], y: call.outputs[0]))]
  }
}

/// The function on blocks of fixed size.
private struct UnaryKernel<Function: UnaryFunction>: Kernel {
  private static var blockSize: Int { 1 << 14 }

  let function: Function
  let count: Int

  var blocks: Int { max((count + Self.blockSize - 1) / Self.blockSize, 1) }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    let start = block * Self.blockSize
    run(start..<min(start + Self.blockSize, count), inputs[0], outputs[0])
  }

  func run(_ range: Range<Int>, _ x: TensorView, _ y: MutableTensorView) {
    switch x.dtype {
    case .f64: apply(range, x.elements(Double.self), y.elements())
    case .f32: apply(range, x.elements(Float.self), y.elements())
    case .f16: apply(range, x.elements(Half.self), y.elements())
    case .bf16: apply(range, x.elements(BFloat16.self), y.elements())
    case .i64, .i32, .i16, .i8, .u8, .bool: break
    }
  }

  private func apply<Number: TensorElement>(
    _ range: Range<Int>, _ x: UnsafeBufferPointer<Number>, _ y: UnsafeMutableBufferPointer<Number>
  ) {
    for index in range { y[index] = Number(converting: function.evaluate(x[index].doubleValue)) }
  }
}
