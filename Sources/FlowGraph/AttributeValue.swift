public import FlowTensor

/// A compile-time constant given to an operation: what the text of a graph can say behind a label.
public enum AttributeValue: Hashable, Sendable {
  /// Left out, where an attribute may be.
  case none
  case boolean(Bool)
  case whole(Int)
  case real(Double)
  /// A whole number that depends on sizes not known yet.
  case dimension(Dimension)
  case string(String)
  case dtype(DType)
  case list([AttributeValue])
  case tensor(Tensor)

  /// The value for a person.
  package var text: String {
    switch self {
    case .none: "none"
    case .boolean(let flag): "\(flag)"
    case .whole(let number): "\(number)"
    case .real(let number): "\(number)"
    case .dimension(let size): "\(size)"
    case .string(let string): "\"\(string)\""
    case .dtype(let dtype): dtype.rawValue
    case .list(let values): "[\(values.map(\.text).joined(separator: ", "))]"
    case .tensor(let tensor): "a tensor \(tensor.type)"
    }
  }

  /// Whether sizes must be put in before the operation can run.
  var isSymbolic: Bool {
    switch self {
    case .dimension: true
    case .list(let values): values.contains(where: \.isSymbolic)
    case .none, .boolean, .whole, .real, .string, .dtype, .tensor: false
    }
  }

  func renaming(_ name: (String) -> Dimension?) throws(SizeOverflow) -> AttributeValue {
    switch self {
    case .dimension(let dimension): return try dimension.renaming(name).attributeValue
    case .list(let values):
      var renamed: [AttributeValue] = []
      for value in values { renamed.append(try value.renaming(name)) }
      return .list(renamed)
    case .none, .boolean, .whole, .real, .string, .dtype, .tensor: return self
    }
  }
}

/// A Swift type that a property of an operation may have.
public protocol AttributeConvertible: Sendable {
  /// What a message says was expected: "a whole number".
  static var expectation: String { get }
  /// nil where the value is of another kind.
  init?(attributeValue: AttributeValue)
  var attributeValue: AttributeValue { get }
}

extension Int: AttributeConvertible {
  public static var expectation: String { "a whole number" }
  public init?(attributeValue: AttributeValue) {
    guard case .whole(let value) = attributeValue else { return nil }
    self = value
  }
  public var attributeValue: AttributeValue { .whole(self) }
}

extension Double: AttributeConvertible {
  public static var expectation: String { "a number" }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .whole(let value): self = Double(value)
    case .real(let value): self = value
    default: return nil
    }
  }
  public var attributeValue: AttributeValue { .real(self) }
}

extension Bool: AttributeConvertible {
  public static var expectation: String { "true or false" }
  public init?(attributeValue: AttributeValue) {
    guard case .boolean(let value) = attributeValue else { return nil }
    self = value
  }
  public var attributeValue: AttributeValue { .boolean(self) }
}

extension String: AttributeConvertible {
  public static var expectation: String { "a string" }
  public init?(attributeValue: AttributeValue) {
    guard case .string(let value) = attributeValue else { return nil }
    self = value
  }
  public var attributeValue: AttributeValue { .string(self) }
}

extension DType: AttributeConvertible {
  public static var expectation: String { "a type such as f32" }
  public init?(attributeValue: AttributeValue) {
    guard case .dtype(let value) = attributeValue else { return nil }
    self = value
  }
  public var attributeValue: AttributeValue { .dtype(self) }
}

extension Dimension: AttributeConvertible {
  public static var expectation: String { "a size" }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .whole(let value): self.init(value)
    case .dimension(let value): self = value
    default: return nil
    }
  }
  public var attributeValue: AttributeValue { size.map(AttributeValue.whole) ?? .dimension(self) }
}

extension Shape: AttributeConvertible {
  public static var expectation: String { "a list of sizes" }
  public init?(attributeValue: AttributeValue) {
    guard let dimensions = [Dimension](attributeValue: attributeValue) else { return nil }
    self.init(dimensions)
  }
  public var attributeValue: AttributeValue { dimensions.attributeValue }
}

extension Tensor: AttributeConvertible {
  public static var expectation: String { "a nested list of numbers" }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .tensor(let tensor): self = tensor
    case .list:
      guard let tensor = Tensor(nested: attributeValue) else { return nil }
      self = tensor
    default: return nil
    }
  }
  public var attributeValue: AttributeValue { .tensor(self) }
}

extension Array: AttributeConvertible where Element: AttributeConvertible {
  public static var expectation: String { "a list, each entry \(Element.expectation)" }
  public init?(attributeValue: AttributeValue) {
    guard case .list(let values) = attributeValue else { return nil }
    self = []
    for value in values {
      guard let element = Element(attributeValue: value) else { return nil }
      append(element)
    }
  }
  public var attributeValue: AttributeValue { .list(map(\.attributeValue)) }
}

extension Optional: AttributeConvertible where Wrapped: AttributeConvertible {
  public static var expectation: String { Wrapped.expectation }
  public init?(attributeValue: AttributeValue) {
    if attributeValue == .none {
      self = .none
    } else {
      guard let value = Wrapped(attributeValue: attributeValue) else { return nil }
      self = .some(value)
    }
  }
  public var attributeValue: AttributeValue { self?.attributeValue ?? .none }
}

/// A number whose kind is kept: whole, real, or a size not known yet.
public enum Scalar: Hashable, Sendable, AttributeConvertible {
  case whole(Int)
  case real(Double)
  case dimension(Dimension)
  case boolean(Bool)

  public static var expectation: String { "a number" }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .whole(let value): self = .whole(value)
    case .real(let value): self = .real(value)
    case .dimension(let value): self = .dimension(value)
    case .boolean(let value): self = .boolean(value)
    default: return nil
    }
  }
  public var attributeValue: AttributeValue {
    switch self {
    case .whole(let value): .whole(value)
    case .real(let value): .real(value)
    case .dimension(let value): value.attributeValue
    case .boolean(let value): .boolean(value)
    }
  }
}

/// Axes to reduce or move: one number, a list, or all where left out. Negative ones count from the end.
public enum Axes: Hashable, Sendable, AttributeConvertible {
  case all
  case one(Int)
  case list([Int])

  public static var expectation: String { "an axis or a list of axes" }
  public init?(attributeValue: AttributeValue) {
    switch attributeValue {
    case .none: self = .all
    case .whole(let axis): self = .one(axis)
    case .list:
      guard let axes = [Int](attributeValue: attributeValue) else { return nil }
      self = .list(axes)
    default: return nil
    }
  }
  public var attributeValue: AttributeValue {
    switch self {
    case .all: .none
    case .one(let axis): .whole(axis)
    case .list(let axes): axes.attributeValue
    }
  }
}
