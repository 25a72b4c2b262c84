package import FlowTensor

/// One labelled setting of an operation: its name, how it is read and written, and what the manual says of it.
public struct Attribute<Owner>: Sendable {
  public let description: AttributeDescription
  let get: @Sendable (Owner) -> AttributeValue
  let set: @Sendable (inout Owner, AttributeValue) -> Bool

  /// - Parameters:
  ///   - required: whether a call must give it.
  ///   - hidden: whether the engine alone sets it; it is not printed.
  public init<Value: AttributeConvertible>(
    _ name: String, _ path: any WritableKeyPath<Owner, Value> & Sendable, required: Bool = false, hidden: Bool = false,
    _ help: String
  ) {
    description = AttributeDescription(
      name: name, expectation: Value.expectation, isRequired: required, isHidden: hidden, help: help)
    get = { $0[keyPath: path].attributeValue }
    set = { owner, value in
      guard let converted = Value(attributeValue: value) else { return false }
      owner[keyPath: path] = converted
      return true
    }
  }

  package init(
    description: AttributeDescription, get: @escaping @Sendable (Owner) -> AttributeValue,
    set: @escaping @Sendable (inout Owner, AttributeValue) -> Bool
  ) {
    self.description = description
    self.get = get
    self.set = set
  }
}

extension Attribute {
  /// Whether the attribute takes a value, which `owner` then has.
  package func accepts(_ value: AttributeValue, in owner: inout Owner) -> Bool { set(&owner, value) }
}

/// What is known of an attribute without its operation.
public struct AttributeDescription: Hashable, Sendable {
  public let name: String
  /// What is expected: "a whole number".
  public let expectation: String
  public let isRequired: Bool
  public let isHidden: Bool
  public let help: String

  package init(name: String, expectation: String, isRequired: Bool, isHidden: Bool, help: String) {
    self.name = name
    self.expectation = expectation
    self.isRequired = isRequired
    self.isHidden = isHidden
    self.help = help
  }
}

extension Operation {
  /// The attributes' values, in declared order.
  package var attributeValues: [AttributeValue] { ownAttributes.map { $0.get(self) } }

  /// A copy with attributes set by name.
  package func setting(_ values: [String: AttributeValue]) throws(OperationError) -> Self {
    guard !values.isEmpty else { return self }
    var copy = self
    for attribute in ownAttributes {
      let name = attribute.description.name
      guard let value = values[name] else { continue }
      guard attribute.set(&copy, value) else {
        throw .badAttribute(name, "'\(name)' of '\(title)' takes \(attribute.description.expectation)")
      }
    }
    return copy
  }

  /// A copy in which sizes, or other names, stand for the names of dimensions in attributes.
  package func renamingDimensions(_ name: (String) -> Dimension?) throws(OperationError) -> Self {
    var copy = self
    for attribute in ownAttributes {
      let value = attribute.get(self)
      guard value.isSymbolic else { continue }
      do {
        _ = attribute.set(&copy, try value.renaming(name))
      } catch {
        throw .sizeOverflow
      }
    }
    return copy
  }

  /// The attributes' values, those left out not among them.
  var attributesByName: [String: AttributeValue] {
    let named = zip(attributeDescriptions, attributeValues).filter { $1 != .none }
    return Dictionary(uniqueKeysWithValues: named.map { ($0.name, $1) })
  }

  package var hasSymbolicAttributes: Bool { attributeValues.contains(where: \.isSymbolic) }
}
