import FlowGraph
import FlowTensor

/// One node of a graph while it becomes nodes of a model.
struct ONNXCall {
  let name: String
  let builder: ONNXBuilder
  let inputs: [String]
  let inputTypes: [TensorType]
  let outputTypes: [TensorType]
  let attributes: [String: AttributeValue]

  var x: String { inputs[0] }
  var xType: TensorType { inputTypes[0] }
  var y: TensorType { outputTypes[0] }

  func add(_ kind: String, _ inputs: [String], _ attributes: [ONNXAttribute] = []) -> String {
    builder.add(kind, inputs, attributes)
  }

  func fault(_ reason: String) -> ONNXFault { ONNXFault("'\(name)' cannot be expressed in ONNX: \(reason)") }

  // MARK: Attributes

  func attribute<Value: AttributeConvertible>(_ name: String, as type: Value.Type = Value.self) throws(ONNXFault)
    -> Value
  {
    guard let value = attributes[name].flatMap(Value.init(attributeValue:)) else {
      throw fault("its '\(name)' is not known before it runs")
    }
    return value
  }

  func flag(_ name: String) throws(ONNXFault) -> Bool { try attribute(name) }

  /// An axis of a tensor, counted from the front.
  func axis(_ name: String = "axis", rank: Int) throws(ONNXFault) -> Int {
    let axis: Int = try attribute(name)
    return axis < 0 ? axis + rank : axis
  }

  /// Numbers for each spatial axis, from one or a list.
  func perAxis(_ name: String, count: Int) throws(ONNXFault) -> [Int] {
    if case .whole(let number)? = attributes[name] { return [Int](repeating: number, count: count) }
    return try attribute(name)
  }

  // MARK: Values

  func constant(_ number: Double) -> String { builder.constant(number, xType.dtype) }

  func cast(_ value: String, _ dtype: DType) -> String {
    add("Cast", [value], [.whole("to", Int(dtype.onnxType))])
  }

  func cast(_ value: String, from: DType, to dtype: DType) -> String { from == dtype ? value : cast(value, dtype) }

  func reshaped(_ value: String, _ shape: Shape) throws(ONNXFault) -> String {
    let open = shape.filter { $0.size == nil }.count
    if open == 1, !shape.contains(where: { $0.size == 0 }) {
      return add("Reshape", [value, builder.wholes(shape.map { $0.size ?? -1 })])
    }
    return add("Reshape", [value, try builder.sizes(shape.dimensions)])
  }

  /// Computes in single precision what runtimes have no double-precision code for.
  func inSingle(_ inputs: [String], _ body: ([String]) throws(ONNXFault) -> String) throws(ONNXFault) -> String {
    guard y.dtype == .f64 else { return try body(inputs) }
    return cast(try body(inputs.map { cast($0, .f32) }), .f64)
  }
}
