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
}

/// What is known of an attribute without its operation.
public struct AttributeDescription: Hashable, Sendable {
  public let name: String
  /// What is expected: "a whole number".
  public let expectation: String
  public let isRequired: Bool
  public let isHidden: Bool
  public let help: String
}

extension Operation {
  /// The attributes' values, in declared order.
  package var attributeValues: [AttributeValue] { Self.attributes.map { $0.get(self) } }

  /// A copy with attributes set by name.
  package func setting(_ values: [String: AttributeValue]) throws(OperationError) -> Self {
    guard !values.isEmpty else { return self }
    var copy = self
    for attribute in Self.attributes {
      let name = attribute.description.name
      guard let value = values[name] else { continue }
      guard attribute.set(&copy, value) else {
        throw .badAttribute(name, "'\(name)' of '\(Self.name)' takes \(attribute.description.expectation)")
      }
    }
    return copy
  }

  /// A copy in which sizes, or other names, stand for the names of dimensions in attributes.
  package func renamingDimensions(_ name: (String) -> Dimension?) throws(OperationError) -> Self {
    var copy = self
    for attribute in Self.attributes {
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

  package var hasSymbolicAttributes: Bool { attributeValues.contains(where: \.isSymbolic) }
}
