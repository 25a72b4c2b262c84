import CFlowPlugin
import FlowGraph
import FlowPlugin

/// One operation of a plugin, as it was registered: checked, and described.
///
/// SAFETY: the record is a copy; what its functions and context point to lives as long as the process, for a plugin is never
/// unloaded. Functions may be called on any thread, by the boundary's rules.
final class PluginTable: @unchecked Sendable {
  let name: String
  let record: flow_operation
  let traits: OperationTraits<PluginOperation>
  let place: PluginPlace
  /// How many outputs the signature says; nil for any number.
  let outputCount: Int?
  /// The node that runs `backward`, where the gradient is a kernel.
  let backwardTraits: OperationTraits<PluginBackward>?

  init(_ record: flow_operation, origin: PluginOrigin) throws(BoundaryFault) {
    self.record = record
    name = try Boundary.text(record.name, "an operation's name")
    guard name.isIdentifier else { throw BoundaryFault("'\(name)' cannot be an operation's name") }
    place = PluginPlace("operation '\(name)' of \(origin)")
    let what = "operation '\(name)': "
    guard record.infer != nil else { throw BoundaryFault("\(what)it has no 'infer'") }
    guard record.forward != nil || record.prepare != nil else {
      throw BoundaryFault("\(what)it has neither 'forward' nor 'prepare'")
    }
    let signature = try Self.signature(record, what)
    outputCount = signature.outputs.last?.hasSuffix("...") == true ? nil : signature.outputs.count
    let attributes = try Self.attributes(record, what)
    let manual = try Self.manual(record, what)
    traits = OperationTraits(
      name: name, signature: signature, attributes: attributes.map { ($0.description, $0.standard) }, manual: manual,
      gradientIsNotDerivative: record.flags & UInt32(FLOW_GRADIENT_IS_NOT_DERIVATIVE) != 0,
      cutsGradient: record.flags & UInt32(FLOW_CUTS_GRADIENT) != 0, plugin: origin.name, version: origin.version,
      values: \PluginOperation.values,
      accepts: { attributes[$0].kinds.takes($1) })
    backwardTraits =
      record.bprop == nil && record.backward != nil
      ? PluginBackward.traits(name, manual, attributes.map { ($0.description, $0.standard) }, origin) : nil
  }

  private static func signature(_ record: flow_operation, _ what: String) throws(BoundaryFault) -> Signature {
    let text = try Boundary.text(record.signature, "\(what)its signature")
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    guard sides.count == 2, sides[0].last == "-" else {
      throw BoundaryFault("\(what)its signature '\(text)' is not 'a, b -> c'")
    }
    let signature = Signature(stringLiteral: text)
    let outputs = signature.outputs.map { $0.hasSuffix("...") ? String($0.dropLast(3)) : $0 }
    let names = signature.inputs.map(\.name) + outputs
    guard !outputs.isEmpty, names.allSatisfy(\.isIdentifier), Set(names).count == names.count,
      !signature.takesCounter
    else { throw BoundaryFault("\(what)its signature '\(text)' is not 'a, b -> c'") }
    return signature
  }

  private static func manual(_ record: flow_operation, _ what: String) throws(BoundaryFault) -> Manual {
    Manual(
      try Boundary.text(record.summary, "\(what)its summary"),
      shapes: try Boundary.text(record.shapes, "\(what)its shapes"),
      gradient: try Boundary.text(record.gradient, "\(what)the words on its gradient"),
      source: record.source == nil ? nil : try Boundary.text(record.source, "\(what)its source"))
  }

  private struct DeclaredAttribute {
    let description: AttributeDescription
    let kinds: ValueKinds
    let standard: AttributeValue
  }

  private static func attributes(_ record: flow_operation, _ what: String) throws(BoundaryFault) -> [DeclaredAttribute]
  {
    let attributes = try Boundary.list(record.attributes, record.attribute_count, limit: 256, "\(what)attributes") {
      (pointer: UnsafePointer<flow_attribute>?) throws(BoundaryFault) in try attribute(pointer, what)
    }
    let names = attributes.map(\.description.name)
    guard Set(names).count == names.count else { throw BoundaryFault("\(what)two attributes have the same name") }
    return attributes
  }

  private static func attribute(
    _ pointer: UnsafePointer<flow_attribute>?, _ what: String
  ) throws(BoundaryFault) -> DeclaredAttribute {
    let record = try Boundary.record(pointer, "flow_attribute", flow_attribute())
    let name = try Boundary.text(record.name, "\(what)an attribute's name")
    guard name.isIdentifier else { throw BoundaryFault("\(what)'\(name)' cannot be an attribute's name") }
    let kinds = ValueKinds(rawValue: record.kinds)
    let expectation =
      record.expectation == nil
      ? kinds.expectation : try Boundary.text(record.expectation, "\(what)what '\(name)' expects")
    let isRequired = record.is_required != 0
    let standard = record.standard == nil && isRequired ? .none : try Boundary.value(record.standard)
    guard isRequired || kinds.takes(standard) else {
      throw BoundaryFault("\(what)the value that '\(name)' has where it is left out is not one that it takes")
    }
    return DeclaredAttribute(
      description: AttributeDescription(
        name: name, expectation: expectation, isRequired: isRequired, isHidden: false,
        help: try Boundary.text(record.help, "\(what)the help of '\(name)'")), kinds: kinds, standard: standard)
  }
}

extension String {
  /// Whether a graph file can call something so.
  var isIdentifier: Bool {
    guard let first = unicodeScalars.first, count <= 256 else { return false }
    func isLetter(_ scalar: UnicodeScalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }
    return isLetter(first) && unicodeScalars.allSatisfy { isLetter($0) || ("0"..."9").contains($0) }
  }
}
