import CFlowPlugin
package import FlowGraph
package import FlowTensor

/// Which values an attribute takes, as the boundary says it: the kinds in the lower half, those of a list's items in the upper.
package struct ValueKinds: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let none = ValueKinds(rawValue: UInt32(FLOW_NONE))
  package static let boolean = ValueKinds(rawValue: UInt32(FLOW_BOOLEAN))
  package static let whole = ValueKinds(rawValue: UInt32(FLOW_WHOLE))
  package static let real = ValueKinds(rawValue: UInt32(FLOW_REAL))
  package static let dimension = ValueKinds(rawValue: UInt32(FLOW_DIMENSION))
  package static let string = ValueKinds(rawValue: UInt32(FLOW_STRING))
  package static let dtype = ValueKinds(rawValue: UInt32(FLOW_DTYPE))
  package static let list = ValueKinds(rawValue: UInt32(FLOW_LIST))
  package static let tensor = ValueKinds(rawValue: UInt32(FLOW_TENSOR))

  /// What a list's items may be, where it may be a list.
  package var items: ValueKinds { ValueKinds(rawValue: rawValue >> 16) }

  package static func list(of items: ValueKinds) -> ValueKinds {
    ValueKinds(rawValue: UInt32(FLOW_LIST) | items.rawValue << 16)
  }

  private static let words: [(ValueKinds, String)] = [
    (.boolean, "true or false"), (.real, "a number"), (.whole, "a whole number"), (.string, "a string"),
    (.dtype, "a type such as f32"), (.dimension, "a size"), (.tensor, "a nested list of numbers"), (.list, "a list"),
  ]

  /// What is expected, for messages: "a number".
  package var expectation: String {
    let words = Self.words.filter { contains($0.0) && !($0.0 == .whole && contains(.real)) }.map(\.1)
    return words.isEmpty ? "nothing" : words.joined(separator: " or ")
  }

  /// Whether a value is of such a kind; a whole number does where a number with a fraction would.
  package func takes(_ value: AttributeValue) -> Bool {
    if case .list(let values) = value {
      return contains(.list) && values.allSatisfy { items.takes($0) } || contains(.tensor)
    }
    return contains(value.kind) || value.kind == .whole && !isDisjoint(with: [.real, .dimension])
  }
}

extension AttributeValue {
  /// The one kind that this value is of.
  package var kind: ValueKinds {
    switch self {
    case .none: .none
    case .boolean: .boolean
    case .whole: .whole
    case .real: .real
    case .dimension: .dimension
    case .string: .string
    case .dtype: .dtype
    case .list: .list
    case .tensor: .tensor
    }
  }
}

extension DType {
  /// The number that the boundary has for it.
  package var code: Int32 {
    switch self {
    case .f64: Int32(FLOW_F64)
    case .f32: Int32(FLOW_F32)
    case .f16: Int32(FLOW_F16)
    case .bf16: Int32(FLOW_BF16)
    case .i64: Int32(FLOW_I64)
    case .i32: Int32(FLOW_I32)
    case .i16: Int32(FLOW_I16)
    case .i8: Int32(FLOW_I8)
    case .u8: Int32(FLOW_U8)
    case .bool: Int32(FLOW_BOOL)
    }
  }

  /// nil where the boundary has no such dtype.
  package init?(code: Int32) {
    switch Int(code) {
    case FLOW_F64: self = .f64
    case FLOW_F32: self = .f32
    case FLOW_F16: self = .f16
    case FLOW_BF16: self = .bf16
    case FLOW_I64: self = .i64
    case FLOW_I32: self = .i32
    case FLOW_I16: self = .i16
    case FLOW_I8: self = .i8
    case FLOW_U8: self = .u8
    case FLOW_BOOL: self = .bool
    default: return nil
    }
  }
}
