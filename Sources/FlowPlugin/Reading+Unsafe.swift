package import CFlowPlugin
package import FlowGraph
package import FlowTensor

/// Reads what came across the boundary, and copies it.
///
/// SAFETY: a pointer that the other side passes is valid for as much as the first field of its struct says, by the boundary's
/// rules; no more than that is read, nothing is kept, and every count is checked before it is used. A pointer that is no pointer
/// cannot be recognized: a plugin is looked at in another process first.
package enum Boundary {
  /// A struct that is longer than this is not one.
  private static let longest: UInt64 = 1 << 16
  private static let longestText = 1 << 20

  /// A struct as far as both sides know it.
  ///
  /// - Fails: where it is missing, or shorter than it was in the first version of the boundary.
  package static func record<Record: BitwiseCopyable>(
    _ pointer: UnsafePointer<Record>?, _ name: String, _ empty: Record
  ) throws(BoundaryFault) -> Record {
    guard let pointer else { throw BoundaryFault("a '\(name)' is missing") }
    let bytes = UnsafeRawPointer(pointer)
    let length = bytes.loadUnaligned(as: UInt64.self)
    let needed = UInt64(MemoryLayout<Record>.size)
    guard length >= needed, length <= longest else {
      throw BoundaryFault("a '\(name)' says that it has \(length) bytes, where \(needed) are needed")
    }
    return bytes.loadUnaligned(as: Record.self)
  }

  package static func text(_ pointer: UnsafePointer<CChar>?, _ what: String) throws(BoundaryFault) -> String {
    guard let pointer else { throw BoundaryFault("\(what) is missing") }
    var length = 0
    while length < longestText, pointer[length] != 0 { length += 1 }
    guard length < longestText else { throw BoundaryFault("\(what) does not end") }
    guard let text = String(validatingCString: pointer) else { throw BoundaryFault("\(what) is not UTF-8") }
    return text
  }

  /// As many entries as there are said to be.
  package static func list<Element, Result>(
    _ pointer: UnsafePointer<Element>?, _ count: UInt64, limit: UInt64, _ what: String,
    _ read: (Element) throws(BoundaryFault) -> Result
  ) throws(BoundaryFault) -> [Result] {
    guard count > 0 else { return [] }
    guard count <= limit else { throw BoundaryFault("\(count) \(what): the limit is \(limit)") }
    guard let pointer else { throw BoundaryFault("\(what) are missing") }
    var results: [Result] = []
    for index in 0..<Int(count) { results.append(try read(pointer[index])) }
    return results
  }

  package static func dimension(_ pointer: UnsafePointer<flow_dimension>?) throws(BoundaryFault) -> Dimension {
    let record = try record(pointer, "flow_dimension", flow_dimension())
    guard record.term_count > 0 else {
      guard record.size >= 0 else { throw BoundaryFault("a size is \(record.size)") }
      return Dimension(Int(record.size))
    }
    let terms = try list(record.terms, record.term_count, limit: 4096, "terms of a size") {
      (term: UnsafePointer<flow_term>?) throws(BoundaryFault) in
      let term = try Self.record(term, "flow_term", flow_term())
      let factors = try list(term.factors, term.factor_count, limit: 256, "factors of a size") {
        (factor: UnsafePointer<CChar>?) throws(BoundaryFault) in try text(factor, "the name of a size")
      }
      return Dimension.Term(coefficient: Int(term.coefficient), factors: factors)
    }
    guard let dimension = try? Dimension(summing: terms) else { throw BoundaryFault("a size does not fit in 64 bits") }
    return dimension
  }

  package static func shape(
    _ pointer: UnsafePointer<UnsafePointer<flow_dimension>?>?, rank: Int32
  ) throws(BoundaryFault) -> Shape {
    guard rank >= 0 else { throw BoundaryFault("a rank is \(rank)") }
    return Shape(
      try list(pointer, UInt64(rank), limit: UInt64(FLOW_MAXIMUM_RANK), "axes of a tensor") {
        (entry: UnsafePointer<flow_dimension>?) throws(BoundaryFault) in try dimension(entry)
      })
  }

  package static func dtype(_ code: Int32) throws(BoundaryFault) -> DType {
    guard let dtype = DType(code: code) else { throw BoundaryFault("\(code) is no dtype") }
    return dtype
  }

  package static func type(_ pointer: UnsafePointer<flow_type>?) throws(BoundaryFault) -> TensorType {
    let record = try record(pointer, "flow_type", flow_type())
    return TensorType(try dtype(record.dtype), try shape(record.dimensions, rank: record.rank))
  }

  package static func types(
    _ pointer: UnsafePointer<UnsafePointer<flow_type>?>?, _ count: UInt64
  ) throws(BoundaryFault) -> [TensorType] {
    try list(pointer, count, limit: 1 << 20, "types") {
      (entry: UnsafePointer<flow_type>?) throws(BoundaryFault) in try type(entry)
    }
  }

  package static func value(
    _ pointer: UnsafePointer<flow_value>?, depth: Int = 0
  ) throws(BoundaryFault) -> AttributeValue {
    guard depth <= Shape.maximumRank else { throw BoundaryFault("a list is nested too deeply") }
    let record = try record(pointer, "flow_value", flow_value())
    switch ValueKinds(rawValue: UInt32(bitPattern: record.kind)) {
    case .none: return .none
    case .boolean: return .boolean(record.boolean != 0)
    case .whole: return .whole(Int(record.whole))
    case .real: return .real(record.real)
    case .dimension: return try dimension(record.dimension).attributeValue
    case .string: return .string(try text(record.string, "a string"))
    case .dtype: return .dtype(try dtype(record.dtype))
    case .tensor: return .tensor(try tensor(record.tensor))
    case .list:
      return .list(
        try list(record.items, record.item_count, limit: 1 << 20, "items of a list") {
          (item: UnsafePointer<flow_value>?) throws(BoundaryFault) in try value(item, depth: depth + 1)
        })
    default: throw BoundaryFault("\(record.kind) is no kind of value")
    }
  }

  package static func values(
    _ pointer: UnsafePointer<UnsafePointer<flow_value>?>?, _ count: Int
  ) throws(BoundaryFault) -> [AttributeValue] {
    try list(pointer, UInt64(count), limit: 1 << 20, "attributes") {
      (entry: UnsafePointer<flow_value>?) throws(BoundaryFault) in try value(entry)
    }
  }

  package static func tensor(_ pointer: UnsafePointer<flow_tensor>?) throws(BoundaryFault) -> Tensor {
    let record = try record(pointer, "flow_tensor", flow_tensor())
    let dtype = try dtype(record.dtype)
    let sizes = try list(
      record.sizes, UInt64(max(record.rank, 0)), limit: UInt64(FLOW_MAXIMUM_RANK), "axes of a tensor"
    ) {
      (size: Int64) throws(BoundaryFault) in Int(size)
    }
    guard sizes.allSatisfy({ $0 >= 0 }), let bytes = TensorType(dtype, Shape(sizes)).byteCount,
      bytes / dtype.byteCount == Int(exactly: record.count), bytes == 0 || record.data != nil
    else { throw BoundaryFault("a tensor's sizes \(sizes) do not fit its \(record.count) elements") }
    return Tensor(dtype, sizes) { target in
      if let data = record.data { target.copyMemory(from: UnsafeRawBufferPointer(start: data, count: bytes)) }
    }
  }
}
