public import FlowGraph
import FlowKernels
public import FlowTensor

/// An operation that computes each element of its result from one element of each input, broadcast as NumPy does.
public protocol Elementwise: PreparedOperation {
  static var opcode: ElementwiseOpcode { get }
}

extension Elementwise {
  public static var isCommutative: Bool {
    switch opcode {
    case .add, .mul, .maximum, .minimum, .equal, .notEqual, .and, .or, .xor: true
    default: false
    }
  }

  public func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    guard let first = inputs.first else { return [] }
    for input in inputs {
      try Self.expectSameDType(first, input)
      try Self.opcode.takes.check(Self.self, input)
    }
    var shape = first.shape
    for input in inputs.dropFirst() { shape = try Self.broadcast(shape, input.shape) }
    return [TensorType(Self.opcode.isTest ? .bool : first.dtype, shape)]
  }

  public func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    var sizes: [[Int]] = []
    for type in try inputs + infer(inputs) { sizes.append(try type.knownSizes()) }
    let kernel = ElementwiseKernel(Self.opcode, sizes.dropLast(), into: sizes[sizes.count - 1])
    let blocks = BlockKernel(blocks: kernel.blocks.count) { block, inputs, outputs throws(OperationError) in
      try Self.explaining { () throws(KernelFault) in try kernel.run(block: block, inputs, into: outputs[0]) }
    }
    return CallableKernel(blocks, kernel)
  }
}

extension Elementwise {
  public func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    try batch.addingElementwise(self)
  }

  public var tileRule: TileRule? { .map(Self.opcode) }
  public func aliasOffsets(_ inputs: [TensorType]) -> [Int]? { Self.opcode == .identity ? [0] : nil }
}

/// An element-wise function of one operand.
public protocol UnaryElementwise: Elementwise {
  /// The derivative of the result by the operand, as graph; `y` is the result.
  func derivative(x: Value, y: Value) -> Value
}

extension UnaryElementwise {
  public static var signature: Signature { "x -> y" }

  public func number(_ operands: [Double]) -> Double? { operands.first.flatMap { VectorLoops.value(Self.opcode, $0) } }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    [.value(gradients[0] * derivative(x: call.inputs[0], y: call.outputs[0]))]
  }
}

/// An element-wise function of two operands.
public protocol BinaryElementwise: Elementwise {
  /// The derivatives of the result by each operand, as graph; `y` is the result.
  func derivatives(a: Value, b: Value, y: Value) -> (Value, Value)
}

extension BinaryElementwise {
  public static var signature: Signature { "a, b -> y" }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let (a, b) = derivatives(a: call.inputs[0], b: call.inputs[1], y: call.outputs[0])
    return [.value(gradients[0] * a), .value(gradients[0] * b)]
  }
}

/// An element-wise function that is constant between jumps: its gradient is zero.
public protocol PiecewiseConstant: Elementwise {}

extension PiecewiseConstant {
  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    call.inputs.map { _ in .zero }
  }
}

/// The dtypes that a function takes; f16 and bf16 are computed in single precision.
enum ElementKind {
  case floating, numbers, booleans, anything

  func check<Body: Operation>(_ operation: Body.Type, _ type: TensorType) throws(OperationError) {
    switch self {
    case .floating: try Body.expectFloating(type)
    case .numbers: try Body.expectNumbers(type)
    case .booleans: try Body.expectBoolean(type)
    case .anything: break
    }
  }
}

extension ElementwiseOpcode {
  /// Functions of real numbers, but for those named here.
  var takes: ElementKind {
    switch self {
    case .neg, .abs, .sign, .square, .relu, .floor, .ceil, .round, .trunc, .add, .sub, .mul, .floorDiv, .mod, .pow,
      .maximum, .minimum, .less, .lessEqual, .greater, .greaterEqual:
      .numbers
    case .not, .and, .or, .xor: .booleans
    case .identity, .equal, .notEqual, .where: .anything
    default: .floating
    }
  }
}
