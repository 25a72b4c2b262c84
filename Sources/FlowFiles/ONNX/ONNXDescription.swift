import FlowTensor

/// What a model computes: its inputs, outputs and nodes, in the file's order.
package struct ONNXDescription: Sendable {
  package struct Value: Hashable, Sendable {
    package let name: String
    /// `f32[n, 4]`; a dimension without a name is `?`, and nothing is said of what is no tensor.
    package let type: String
  }

  package struct Node: Hashable, Sendable {
    /// With the domain before it where it is not a standard one.
    package let operation: String
    package let inputs: [String]
    package let outputs: [String]
  }

  package let inputs: [Value]
  package let outputs: [Value]
  package let nodes: [Node]

  init(_ graph: ONNXGraph) {
    inputs = graph.input.map(\.described)
    outputs = graph.output.map(\.described)
    nodes = graph.node.map { node in
      let domain = node.domain.isEmpty || node.domain == "ai.onnx" ? "" : node.domain + "."
      return Node(operation: domain + node.opType, inputs: node.input, outputs: node.output)
    }
  }
}

extension ONNXValueInfo {
  fileprivate var described: ONNXDescription.Value {
    guard type.hasTensorType else { return .init(name: name, type: "") }
    let dense = type.tensorType
    let dtype = DType.allCases.first { $0.onnxType == dense.elemType }?.rawValue ?? "type \(dense.elemType)"
    let sizes = dense.shape.dim.map { dimension in
      switch dimension.value {
      case .dimValue(let size): "\(size)"
      case .dimParam(let symbol) where !symbol.isEmpty: symbol
      case .dimParam, nil: "?"
      }
    }
    return .init(name: name, type: dtype + (sizes.isEmpty ? "" : "[\(sizes.joined(separator: ", "))]"))
  }
}
