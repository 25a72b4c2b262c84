import FlowGraph
import FlowTensor

extension ONNXTable {
  static let windows: [String: Translation] = [
    "conv": one { call throws(ONNXFault) in
      let attributes = try laid(call) + dilated(call)
      return try call.inSingle(call.inputs) { call.add("Conv", $0, attributes) }
    },
    "conv_transpose": one { call throws(ONNXFault) in
      if call.attributes["padding"] == .string("same") { throw call.fault("its padding is \"same\"") }
      let axes = call.xType.shape.rank - 2
      let attributes =
        try laid(call) + dilated(call) + [.wholes("output_padding", call.perAxis("output_padding", count: axes))]
      return try call.inSingle(call.inputs) { call.add("ConvTranspose", $0, attributes) }
    },
    "max_pool": one { call throws(ONNXFault) in
      let attributes = try pooled(call)
      return try call.inSingle([call.x]) { call.add("MaxPool", $0, attributes) }
    },
    "avg_pool": one { call throws(ONNXFault) in
      let attributes = try pooled(call) + [.flag("count_include_pad", call.flag("count_include_pad"))]
      return try call.inSingle([call.x]) { call.add("AveragePool", $0, attributes) }
    },
    "resize": one { call throws(ONNXFault) in
      let mode: String = try call.attribute("mode")
      let sizes = try call.builder.sizes(call.y.shape.dimensions)
      var attributes: [ONNXAttribute] = [.text("mode", mode), .text("coordinate_transformation_mode", "half_pixel")]
      if mode == "nearest" { attributes.append(.text("nearest_mode", "round_prefer_ceil")) }
      return try call.inSingle([call.x]) { call.add("Resize", $0 + ["", "", sizes], attributes) }
    },
  ]

  /// How far windows are apart, and what is around the image.
  private static func laid(_ call: ONNXCall, stride: [Int]? = nil) throws(ONNXFault) -> [ONNXAttribute] {
    let axes = call.xType.shape.rank - 2
    let distances = if let stride { stride } else { try call.perAxis("stride", count: axes) }
    let strides = ONNXAttribute.wholes("strides", distances)
    switch call.attributes["padding"] {
    case .string("same")?: return [strides, .text("auto_pad", "SAME_UPPER")]
    case .string("valid")?: return [strides, .text("auto_pad", "VALID")]
    default:
      let padding = try call.perAxis("padding", count: axes)
      return [strides, .wholes("pads", padding.count == axes ? padding + padding : padding)]
    }
  }

  private static func dilated(_ call: ONNXCall) throws(ONNXFault) -> [ONNXAttribute] {
    [
      .wholes("dilations", try call.perAxis("dilation", count: call.xType.shape.rank - 2)),
      .whole("group", try call.attribute("groups")),
    ]
  }

  private static func pooled(_ call: ONNXCall) throws(ONNXFault) -> [ONNXAttribute] {
    let axes = call.xType.shape.rank - 2
    let size = try call.perAxis("size", count: axes)
    let stride = call.attributes["stride"] == AttributeValue.none ? size : try call.perAxis("stride", count: axes)
    return try [.wholes("kernel_shape", size)] + laid(call, stride: stride)
  }
}
