import Synchronization

/// The operations that a graph may use, by name. A value: whoever holds one decides what its graphs can mean.
public struct Registry: Sendable {
  /// An operation as those see it who do not know its type.
  public struct Entry: Sendable {
    public let name: String
    /// What the manual lists it under: "arithmetic".
    public let family: String
    public let signature: Signature
    public let attributes: [AttributeDescription]
    public let manual: Manual
    /// Where it was registered from: nil for a built-in, else the plugin.
    public let origin: String?
    let make: @Sendable ([String: AttributeValue]) throws(OperationError) -> any Operation

    /// The operation with attributes set; the others have their defaults.
    public func operation(_ attributes: [String: AttributeValue] = [:]) throws(OperationError) -> any Operation {
      for name in attributes.keys.sorted() where !self.attributes.contains(where: { $0.name == name }) {
        throw OperationError(
          .unknownAttribute, "'\(self.name)' has no attribute '\(name)'", attribute: name)
      }
      for attribute in self.attributes where attribute.isRequired && attributes[attribute.name] == nil {
        throw OperationError(
          .missingAttribute, "'\(self.name)' needs '\(attribute.name)'", help: "\(attribute.name): \(attribute.help)")
      }
      return try make(attributes)
    }

    /// What each attribute is where it is left out, as text.
    public var standardValues: [String: String] {
      guard let standard = try? make([:]) else { return [:] }
      return Dictionary(uniqueKeysWithValues: zip(attributes.map(\.name), standard.attributeValues.map(\.text)))
    }
  }

  /// A name that is taken already.
  public struct DuplicateName: Error, Sendable {
    public let name: String
    public let first: String?
  }

  /// An entry, made when somebody asks for it: most runs ask for a few of many.
  private final class Slot: Sendable {
    let origin: String?
    private let make: @Sendable () -> Entry
    private let made = Mutex<Entry?>(nil)

    init(origin: String?, make: @escaping @Sendable () -> Entry) {
      self.origin = origin
      self.make = make
    }

    var entry: Entry {
      made.withLock { made in
        if let made { return made }
        let entry = make()
        made = entry
        return entry
      }
    }
  }

  private var slots: [String: Slot] = [:]
  /// The laws of its operations, in the order in which they are tried.
  package private(set) var rewrites: [Rewrite] = []

  public init() {}

  /// Makes laws known, which come after those known before.
  package mutating func register(_ rewrites: [Rewrite]) { self.rewrites += rewrites }

  /// Makes an operation known; a numeric backward pass becomes an operation beside it.
  public mutating func register<Body: Operation>(
    _ type: Body.Type, family: String, origin: String? = nil
  ) throws(DuplicateName) {
    if let known = slots[Body.name] { throw DuplicateName(name: Body.name, first: known.origin) }
    slots[Body.name] = Slot(origin: origin) { Self.entry(type, family, origin) }
    if let backward = Body.backwardOperation { try register(backward, family: family, origin: origin) }
  }

  /// Makes an operation known that its traits describe.
  package mutating func register<Body: Operation>(
    _ standard: Body, _ traits: OperationTraits<Body>, family: String
  ) throws(DuplicateName) {
    if let known = slots[traits.name] { throw DuplicateName(name: traits.name, first: known.origin) }
    slots[traits.name] = Slot(origin: traits.origin) {
      Entry(
        name: traits.name, family: family, signature: traits.signature,
        attributes: traits.attributes.map(\.description), manual: traits.manual, origin: traits.origin,
        make: { attributes throws(OperationError) in try standard.setting(attributes) })
    }
  }

  public subscript(name: String) -> Entry? { slots[name]?.entry }

  /// All names, sorted.
  public var names: [String] { slots.keys.sorted() }

  private static func entry<Body: Operation>(_ type: Body.Type, _ family: String, _ origin: String?) -> Entry {
    Entry(
      name: Body.name, family: family, signature: Body.signature, attributes: Body.attributes.map(\.description),
      manual: Body.manual, origin: origin,
      make: { attributes throws(OperationError) in try Body().setting(attributes) })
  }
}
