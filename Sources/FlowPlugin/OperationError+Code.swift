import CFlowPlugin
package import FlowGraph

extension OperationError.Kind {
  /// The reason that the boundary has for it.
  package var code: Int32 {
    switch self {
    case .shapeMismatch: Int32(FLOW_SHAPE_MISMATCH)
    case .dtypeMismatch: Int32(FLOW_DTYPE_MISMATCH)
    case .badAttribute, .missingAttribute, .unknownAttribute: Int32(FLOW_BAD_ATTRIBUTE)
    case .badValue: Int32(FLOW_BAD_VALUE)
    case .indexOutOfRange: Int32(FLOW_INDEX_OUT_OF_RANGE)
    case .sizeOverflow, .limit: Int32(FLOW_SIZE_OVERFLOW)
    case .noGradient: Int32(FLOW_NO_GRADIENT)
    case .unknownOperation, .wrongArity, .pluginFailure: Int32(FLOW_PLUGIN_FAILURE)
    }
  }

  /// What a reason of the boundary means; an unknown one is the plugin's failure.
  package init(code: Int32) {
    switch Int(code) {
    case FLOW_SHAPE_MISMATCH: self = .shapeMismatch
    case FLOW_DTYPE_MISMATCH: self = .dtypeMismatch
    case FLOW_BAD_ATTRIBUTE: self = .badAttribute
    case FLOW_BAD_VALUE: self = .badValue
    case FLOW_INDEX_OUT_OF_RANGE: self = .indexOutOfRange
    case FLOW_SIZE_OVERFLOW: self = .sizeOverflow
    case FLOW_NO_GRADIENT: self = .noGradient
    default: self = .pluginFailure
    }
  }
}
