import FlowDiagnostics
package import FlowGraph
package import FlowTensor
import SwiftProtobuf

/// A graph as an ONNX model: its outputs, computed by standard operators, with the weights inside.
///
/// - Fails: for an operation that no standard operators express, with its place, and where the model is larger than 2 GiB.
package struct ONNXExport {
  private let graph: Graph
  private let name: String
  private let tensors: [String: Tensor]
  private let step: Int64
  private let producer: String

  /// The most bytes that one message of the format can have.
  package static let maximumByteCount = Int(Int32.max)

  /// - Parameters:
  ///   - tensors: parameters and states, and inputs that have a value of their own, by name.
  ///   - step: what `step` is.
  package init(_ graph: Graph, name: String, tensors: [String: Tensor], step: Int64, producer: String) {
    self.graph = graph
    self.name = name
    self.tensors = tensors
    self.step = step
    self.producer = producer
  }

  /// The file's bytes.
  package func bytes(of outputs: [(name: String, value: ValueID)]) throws(ONNXFault) -> [UInt8] {
    let builder = ONNXBuilder()
    var model = ONNXModel()
    model.irVersion = ONNXTable.irVersion
    model.producerName = producer
    var operators = ONNXOperatorSet()
    operators.version = ONNXTable.operatorSet
    model.opsetImport = [operators]
    try translate(outputs, builder)
    model.graph = builder.graph
    model.graph.name = name
    let size = builder.byteCount
    let encoded: [UInt8]? = size < Self.maximumByteCount ? try? model.serializedBytes() : nil
    guard let encoded, encoded.count <= Self.maximumByteCount else {
      throw ONNXFault("the model has \(size) bytes of numbers; one file holds at most \(Self.maximumByteCount)")
    }
    return encoded
  }

  private func translate(_ outputs: [(name: String, value: ValueID)], _ builder: ONNXBuilder) throws(ONNXFault) {
    var names: [ValueID: String] = [:]
    for output in outputs { _ = builder.unique(output.name) }
    let needed = nodes(neededBy: outputs.map(\.value))
    // Inputs come first, in the file's order: sizes are read from them.
    for isInput in [true, false] {
      for node in needed {
        guard let index = node.variable else { continue }
        let variable = graph.variables[index]
        if (variable.role == .input) == isInput { names[variable.value] = try declare(variable, builder) }
      }
    }
    for node in needed {
      guard let index = node.operation else { continue }
      let values = node.results.map { ValueID($0) }
      for (value, name) in zip(values, try results(node, graph.operations[index], names, builder)) {
        names[value] = name
      }
    }
    for output in outputs { builder.output(names[output.value] ?? "", as: output.name, graph.type(of: output.value)) }
  }

  /// What comes before them, in the graph's order.
  private func nodes(neededBy values: [ValueID]) -> [Graph.Node] {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    var open = values.map { Int(graph.producers[$0.int]) }
    while let node = open.popLast() {
      guard !isNeeded[node] else { continue }
      isNeeded[node] = true
      open += graph.operands(of: graph.nodes[node]).map { Int(graph.producers[$0.int]) }
    }
    return graph.nodes.indices.filter { isNeeded[$0] }.map { graph.nodes[$0] }
  }

  private func declare(_ variable: Graph.Variable, _ builder: ONNXBuilder) throws(ONNXFault) -> String {
    switch variable.role {
    case .input:
      let name = builder.unique(variable.name)
      builder.input(name, variable.type)
      // The value of its own stands where nothing is fed.
      if let tensor = tensors[variable.name] { builder.initializer(tensor, name) }
      return name
    case .parameter, .state, .slot:
      guard let tensor = tensors[variable.name] else { throw fault("'\(variable.name)' has no value", variable.span) }
      return builder.initializer(tensor, builder.unique(variable.name))
    case .step: return builder.initializer(Tensor(scalar: step), builder.unique("step"))
    case .counter: return ""
    }
  }

  private func results(
    _ node: Graph.Node, _ operation: any Operation, _ names: [ValueID: String], _ builder: ONNXBuilder
  ) throws(ONNXFault) -> [String] {
    let operands = graph.operands(of: node)
    let title = graph.operationName(of: node)
    let call = ONNXCall(
      name: title, builder: builder, inputs: operands.map { names[$0] ?? "" },
      inputTypes: operands.map { graph.type(of: $0) },
      outputTypes: node.results.map { graph.type(of: ValueID($0)) }, attributes: operation.attributesByName)
    let span = graph.span(of: ValueID(node.results.lowerBound))
    guard let translation = ONNXTable.all[title] else {
      throw fault("'\(title)' cannot be expressed in ONNX: no standard operators compute it", span)
    }
    do {
      return try translation(call)
    } catch {
      throw fault(error.message, span)
    }
  }

  private func fault(_ message: String, _ span: SourceSpan?) -> ONNXFault {
    var fault = ONNXFault(message)
    fault.span = span
    return fault
  }
}

extension Operation {
  fileprivate var attributesByName: [String: AttributeValue] {
    Dictionary(zip(attributeDescriptions.map(\.name), attributeValues)) { first, _ in first }
  }
}
