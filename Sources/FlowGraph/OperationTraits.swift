/// What an operation says of itself where its Swift type stands for many: the same that a type says in its static members.
public final class OperationTraits<Body: Operation>: Sendable {
  public let name: String
  public let signature: Signature
  public let attributes: [Attribute<Body>]
  public let manual: Manual
  public let gradientIsNotDerivative: Bool
  public let cutsGradient: Bool
  /// The plugin that it comes from.
  public let plugin: String
  public let version: String
  /// The attributes' values where nothing is said.
  package let standardValues: [AttributeValue]

  package init(
    name: String, signature: Signature, attributes: [(description: AttributeDescription, standard: AttributeValue)],
    manual: Manual, gradientIsNotDerivative: Bool, cutsGradient: Bool, plugin: String, version: String,
    values: any WritableKeyPath<Body, [AttributeValue]> & Sendable,
    accepts: @escaping @Sendable (_ attribute: Int, AttributeValue) -> Bool
  ) {
    self.name = name
    self.signature = signature
    self.manual = manual
    self.gradientIsNotDerivative = gradientIsNotDerivative
    self.cutsGradient = cutsGradient
    self.plugin = plugin
    self.version = version
    standardValues = attributes.map(\.standard)
    self.attributes = attributes.enumerated().map { index, attribute in
      Attribute(
        description: attribute.description, get: { $0[keyPath: values][index] },
        set: { body, value in
          guard accepts(index, value) else { return false }
          body[keyPath: values][index] = value
          return true
        })
    }
  }
}

extension OperationTraits {
  /// Where it comes from, for messages: "plugin Swish 1.0.0".
  package var origin: String { "plugin \(plugin) \(version)" }
}

/// What the engine asks of an operation, whether its type or its traits answer.
extension Operation {
  /// The name in graph files.
  package var title: String { traits?.name ?? Self.name }

  /// The name for a message, with the plugin that it comes from.
  package var fullTitle: String { traits.map { "\($0.name) of \($0.origin)" } ?? Self.name }

  /// The plugin that it comes from; nil for a built-in.
  package var plugin: String? { traits?.plugin }

  package var ownSignature: Signature { traits?.signature ?? Self.signature }

  package var isCut: Bool { traits?.cutsGradient ?? Self.cutsGradient }

  package var isNotDerivative: Bool { traits?.gradientIsNotDerivative ?? Self.gradientIsNotDerivative }

  package var attributeDescriptions: [AttributeDescription] { ownAttributes.map(\.description) }

  /// The attributes' values where nothing is said.
  package var standardValues: [AttributeValue] { traits?.standardValues ?? Self().attributeValues }

  /// The same for all operations of one kind, whatever their attributes are.
  package var identity: ObjectIdentifier { traits.map { ObjectIdentifier($0) } ?? ObjectIdentifier(Self.self) }

  var ownAttributes: [Attribute<Self>] { traits?.attributes ?? Self.attributes }
}
