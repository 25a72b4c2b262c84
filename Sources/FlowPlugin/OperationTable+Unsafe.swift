import CFlowPlugin
import FlowGraph
import FlowTensor

/// An operation's type as the boundary's table of functions.
///
/// SAFETY: the record and what it points to belong to the table, which `kept` retains for the life of the process; both are
/// written by `init` alone. Functions receive the table back as their context. `host` lives as long as the process.
final class OperationTable: @unchecked Sendable {
  let type: any Operation.Type
  let names: [String]
  let host: UnsafePointer<flow_host>
  private let memory = CallMemory()
  private let record: UnsafeMutablePointer<flow_operation>

  init(_ type: any Operation.Type, _ host: UnsafePointer<flow_host>) {
    self.type = type
    self.host = host
    names = type.attributeNames
    record = .allocate(capacity: 1)
    record.initialize(to: flow_operation())
    describe(type)
    record.pointee.infer = inferFunction
    record.pointee.prepare = prepareFunction
    record.pointee.jvp = jvpFunction
    record.pointee.flops = flopsFunction
    if type.backwardOperation == nil {
      record.pointee.bprop = bpropFunction
    } else {
      record.pointee.backward = backwardFunction
    }
  }

  /// The record, which from now on lives as long as the process.
  func kept() -> UnsafePointer<flow_operation> {
    record.pointee.context = Unmanaged.passRetained(self).toOpaque()
    return UnsafePointer(record)
  }

  private func describe(_ type: any Operation.Type) {
    let attributes = type.describedAttributes.map { memory.store($0.record(in: memory)) }
    record.pointee.struct_size = size(of: flow_operation.self)
    record.pointee.name = memory.text(type.name)
    record.pointee.signature = memory.text(type.signature.text)
    record.pointee.summary = memory.text(type.manual.summary)
    record.pointee.shapes = memory.text(type.manual.shapes)
    record.pointee.gradient = memory.text(type.manual.gradient)
    record.pointee.source = type.manual.source.map { memory.text($0) }
    record.pointee.attributes = memory.store(attributes.map { Optional($0) })
    record.pointee.attribute_count = UInt64(attributes.count)
    record.pointee.flags =
      (type.gradientIsNotDerivative ? UInt32(FLOW_GRADIENT_IS_NOT_DERIVATIVE) : 0)
      | (type.cutsGradient ? UInt32(FLOW_CUTS_GRADIENT) : 0)
  }

  /// The operation with the attributes of a call.
  func operation(
    _ attributes: UnsafePointer<UnsafePointer<flow_value>?>?
  ) throws(OperationError) -> any Operation {
    do {
      let values = try Boundary.values(attributes, names.count)
      return try type.make(Dictionary(uniqueKeysWithValues: zip(names, values)))
    } catch let error as OperationError {
      throw error
    } catch {
      throw OperationError(.pluginFailure, "\(error)")
    }
  }

  /// Runs `body`, and tells the host why it failed.
  func call(_ call: OpaquePointer?, _ body: () throws -> Int32) -> Int32 {
    do {
      return try body()
    } catch let error as OperationError {
      return host.pointee.report(error, to: call)
    } catch {
      return host.pointee.report(OperationError(.pluginFailure, "\(error)"), to: call)
    }
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> OperationTable {
    guard let context else { preconditionFailure("a function without its context") }
    return Unmanaged<OperationTable>.fromOpaque(context).takeUnretainedValue()
  }
}

/// One attribute as the boundary describes it.
private struct DescribedAttribute {
  let description: AttributeDescription
  let kinds: ValueKinds
  let standard: AttributeValue

  func record(in memory: CallMemory) -> flow_attribute {
    flow_attribute(
      struct_size: size(of: flow_attribute.self), name: memory.text(description.name),
      help: memory.text(description.help),
      expectation: memory.text(description.expectation), kinds: kinds.rawValue,
      is_required: description.isRequired ? 1 : 0, standard: memory.value(standard))
  }
}

extension Operation {
  fileprivate static var attributeNames: [String] { attributes.map(\.description.name) }

  fileprivate static var describedAttributes: [DescribedAttribute] {
    let standard = Self().attributeValues
    return zip(attributes, standard).map { attribute, value in
      DescribedAttribute(description: attribute.description, kinds: Self().kinds(of: attribute), standard: value)
    }
  }

  fileprivate static func make(_ values: [String: AttributeValue]) throws(OperationError) -> Self {
    try Self().setting(values)
  }

  /// Which values an attribute takes, found by trying one of each kind.
  private func kinds(of attribute: Attribute<Self>) -> ValueKinds {
    var copy = self
    func takes(_ value: AttributeValue) -> Bool { attribute.accepts(value, in: &copy) }
    let samples: [AttributeValue] = [
      .none, .boolean(true), .whole(1), .real(0.5), .dimension(.unknown), .string("a"), .dtype(.f32),
      .tensor(Tensor(scalar: 1.0)),
    ]
    var kinds: ValueKinds = []
    for sample in samples where takes(sample) { kinds.insert(sample.kind) }
    for sample in samples where takes(.list([sample])) { kinds.formUnion(.list(of: sample.kind)) }
    if takes(.list([])) { kinds.insert(.list) }
    if takes(.list([.list([.whole(1)])])) {
      kinds.formUnion(.list(of: .list))
    }
    return kinds
  }
}

extension flow_host {
  /// Tells the host why a call fails.
  func report(_ error: OperationError, to call: OpaquePointer?) -> Int32 {
    // What the host itself said has no words of ours.
    guard error != .saidByHost else { return fail?(call, 0, nil, nil) ?? Int32(FLOW_FAILED) }
    return fail?(call, error.kind.code, error.message, error.help) ?? Int32(FLOW_FAILED)
  }
}

extension OperationError {
  /// Stands for a failure of which the host knows the reason.
  static let saidByHost = OperationError(.pluginFailure, "")
}
