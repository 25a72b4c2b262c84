public import FlowTensor

/// A value of a graph that is being built. Operators and methods add nodes.
///
/// An operator that does not fit gives its left operand back and leaves the fault with the builder, whose caller looks there.
public struct Value {
  public let builder: GraphBuilder
  public let id: ValueID

  public var type: TensorType { builder.graph.type(of: id) }
  public var shape: Shape { type.shape }
  public var dtype: DType { type.dtype }
}

extension Value {
  public static func + (a: Value, b: Value) -> Value { a.combined("add", b) }
  public static func - (a: Value, b: Value) -> Value { a.combined("sub", b) }
  public static func * (a: Value, b: Value) -> Value { a.combined("mul", b) }
  public static func / (a: Value, b: Value) -> Value { a.combined("div", b) }
  public static prefix func - (a: Value) -> Value { a.applying("neg") }

  public static func + (a: Value, b: Double) -> Value { a + a.constant(b) }
  public static func + (a: Double, b: Value) -> Value { b.constant(a) + b }
  public static func - (a: Value, b: Double) -> Value { a - a.constant(b) }
  public static func - (a: Double, b: Value) -> Value { b.constant(a) - b }
  public static func * (a: Value, b: Double) -> Value { a * a.constant(b) }
  public static func * (a: Double, b: Value) -> Value { b.constant(a) * b }
  public static func / (a: Value, b: Double) -> Value { a / a.constant(b) }
  public static func / (a: Double, b: Value) -> Value { b.constant(a) / b }

  /// The result of a one-output operation on this value.
  public func applying(_ name: String, _ attributes: [String: AttributeValue] = [:]) -> Value {
    builder.attempt(self) { () throws(OperationError) in try builder.one(name, [self], attributes) }
  }

  /// The result of a one-output operation on this value and another.
  public func combined(_ name: String, _ other: Value, _ attributes: [String: AttributeValue] = [:]) -> Value {
    builder.attempt(self) { () throws(OperationError) in try builder.one(name, [self, other], attributes) }
  }

  /// A scalar of this value's dtype.
  public func constant(_ number: Double) -> Value { constant(.real(number)) }

  public func constant(_ number: Scalar) -> Value {
    builder.attempt(self) { () throws(OperationError) in try builder.fill(number, TensorType(dtype)) }
  }

  /// Zeros of this value's type.
  public var zeros: Value {
    builder.attempt(self) { () throws(OperationError) in try builder.fill(.whole(0), type) }
  }

  public func cast(to dtype: DType) -> Value {
    dtype == self.dtype ? self : applying("cast", ["dtype": .dtype(dtype)])
  }

  public func reshaped(to shape: Shape) -> Value {
    shape == self.shape ? self : applying("reshape", ["shape": shape.attributeValue])
  }

  public func broadcast(to shape: Shape) -> Value {
    shape == self.shape ? self : applying("broadcast_to", ["shape": shape.attributeValue])
  }

  /// The sum over the axes along which `shape` was broadcast to this value's shape.
  public func summed(to shape: Shape) -> Value {
    shape == self.shape ? self : applying("sum_to", ["shape": shape.attributeValue])
  }

  public func summed(over axes: Axes, keepingDimensions keep: Bool = false) -> Value {
    applying("sum", ["axis": axes.attributeValue, "keepdims": .boolean(keep)])
  }

  public func transposed(_ axes: [Int]) -> Value { applying("transpose", ["axes": axes.attributeValue]) }
}
