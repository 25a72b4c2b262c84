import FlowGraph
import FlowTensor

extension ONNXTable {
  static let products: [String: Translation] = [
    "matmul": one { call throws(ONNXFault) in
      let a = swapped(call, 0, try call.flag("transpose_a"))
      let b = swapped(call, 1, try call.flag("transpose_b"))
      return call.add("MatMul", [a, b])
    },
    "linear": one { call in
      let product = call.add("MatMul", Array(call.inputs.prefix(2)))
      return call.inputs.count == 3 ? call.add("Add", [product, call.inputs[2]]) : product
    },
    "einsum": one { call throws(ONNXFault) in
      call.add("Einsum", call.inputs, [.text("equation", try call.attribute("equation"))])
    },
  ]

  private static func swapped(_ call: ONNXCall, _ index: Int, _ isSwapped: Bool) -> String {
    let rank = call.inputTypes[index].shape.rank
    guard isSwapped, rank >= 2 else { return call.inputs[index] }
    let axes = Array(0..<rank - 2) + [rank - 1, rank - 2]
    return call.add("Transpose", [call.inputs[index]], [.wholes("perm", axes)])
  }
}
