public import FlowTensor

/// One kind of step in a graph: how to type it, run it and differentiate it.
public protocol Operation: Sendable {
  /// In graph files; unique in a registry.
  static var name: String { get }
  static var signature: Signature { get }
  /// Drives parsing, printing, equality and the manual.
  static var attributes: [Attribute<Self>] { get }
  static var manual: Manual { get }
  /// Whether the gradient is, by declaration, not the derivative of the value; numeric checks list it and skip it.
  static var gradientIsNotDerivative: Bool { get }
  /// Whether its results count as constants: what follows from them does not depend on its inputs for a gradient.
  static var cutsGradient: Bool { get }

  /// Whether it has two operands and the same result, bit for bit but for NaN and the sign of a zero, with these exchanged.
  static var isCommutative: Bool { get }
  /// Whether its results are its first operands, as they are, so that a plan does without it.
  static var isTransparent: Bool { get }
  /// Whether the backward pass computes again what lies between its further operands and its results, which are its first
  /// operands.
  static var isRecomputed: Bool { get }

  /// The operation that computes the gradient, where that is a kernel; see `NumericBackward`.
  static var backwardOperation: (any Operation.Type)? { get }

  /// What the operation says of itself where its type stands for many, as a plugin's does; nil where the type says it all.
  var traits: OperationTraits<Self>? { get }

  /// Every attribute at its default.
  init()

  /// The shape rule: the outputs' types, or why the inputs do not fit. Dimensions may be symbolic.
  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType]

  /// Computes the outputs. Types are those that `infer` was given and gave.
  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError)

  /// Decides once, at plan time, how to run for these types.
  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel

  /// The gradient of each input, as graph, from the gradients of the outputs.
  ///
  /// The engine sums a gradient to the input's shape, so a rule need not undo broadcasting; it treats its inputs as distinct.
  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient]

  /// The tangent of each output from the tangents of the inputs; nil where it is to be derived from `bprop`.
  func jvp(_ call: Call, _ tangents: [Value]) throws(OperationError) -> [Gradient]?

  /// The outputs for a whole batch of inputs, along a leading axis; nil where each evaluation is to be made alone.
  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]?

  /// The result for real numbers that are known while a graph is read; nil where it is left to the run.
  func number(_ operands: [Double]) -> Double?

  /// The arithmetic operations of one evaluation.
  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int

  /// The number that every element of the result holds, whatever the inputs, as the result's dtype holds it; nil where there is
  /// no such number. Whole numbers beyond 2⁵³ are none.
  var constantNumber: Double? { get }

  /// How its one result may be computed together with others; nil where only its own kernel can.
  var tileRule: TileRule? { get }

  /// Where each output lies in the first input, in elements from its start, for an operation that gives runs of the input's
  /// elements as they are: nothing is then computed or copied. Nil for any other. All sizes are known.
  func aliasOffsets(_ inputs: [TensorType]) -> [Int]?
}

extension Operation {
  public static var attributes: [Attribute<Self>] { [] }
  public static var gradientIsNotDerivative: Bool { false }
  public static var backwardOperation: (any Operation.Type)? { nil }
  public static var cutsGradient: Bool { false }
  public static var isTransparent: Bool { false }
  public static var isRecomputed: Bool { false }
  public var traits: OperationTraits<Self>? { nil }
  public static var isCommutative: Bool { false }

  public func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { ForwardKernel(operation: self) }

  public func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    throw OperationError(.noGradient, "'\(Self.name)' defines no gradient")
  }

  public func jvp(_ call: Call, _ tangents: [Value]) throws(OperationError) -> [Gradient]? { nil }

  public func number(_ operands: [Double]) -> Double? { nil }

  public var constantNumber: Double? { nil }
  public var tileRule: TileRule? { nil }
  public func aliasOffsets(_ inputs: [TensorType]) -> [Int]? { nil }

  public func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? { nil }

  /// One for each element of the outputs.
  public func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    outputs.reduce(0) { sum, type in
      let (total, overflow) = sum.addingReportingOverflow((try? type.shape.elementCount().size) ?? 0)
      return overflow ? .max : total
    }
  }
}

/// A node as its rules see it.
public struct Call {
  public let inputs: [Value]
  public let outputs: [Value]
  public let builder: GraphBuilder

  package init(inputs: [Value], outputs: [Value], builder: GraphBuilder) {
    self.inputs = inputs
    self.outputs = outputs
    self.builder = builder
  }
}

/// What a rule says of one input.
public enum Gradient {
  case value(Value)
  /// Zero by mathematics: nothing is built.
  case zero
  /// With the reason: an error only where something needs it.
  case undefined(String)
}

/// What `flowrun ops NAME` shows of an operation.
public struct Manual: Hashable, Sendable {
  public let summary: String
  public let shapes: String
  public let gradient: String
  public let source: String?

  /// - Parameters:
  ///   - summary: one line.
  ///   - shapes: of the inputs and outputs: `x [n, k], w [k, m] → y [n, m]`.
  ///   - gradient: each input's, with `ȳ` for the output's: `x̄ = ȳ · y`.
  ///   - source: where the definition comes from, if it has a name.
  public init(_ summary: String, shapes: String, gradient: String, source: String? = nil) {
    self.summary = summary
    self.shapes = shapes
    self.gradient = gradient
    self.source = source
  }
}
