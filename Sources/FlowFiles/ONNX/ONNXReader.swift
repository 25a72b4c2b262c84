package import FlowTensor
import SwiftProtobuf

/// An open ONNX model: its initializers are the tensors, and its graph is told.
///
/// - Fails: for a file that is no model, or whose tensors are not what they say. Numbers in other files are not looked for.
package struct ONNXReader: TensorReader {
  package let path: String
  package let entries: [TensorEntry]
  package let unreadable: [(name: String, reason: String)]
  package let ownAttributes: [(name: String, value: FileAttribute)]
  package let graph: ONNXDescription
  private let tensors: [String: ONNXTensor]

  init(_ path: String, maximumPartCount: Int = 10_000_000) throws(FileError) {
    let model = try Self.model(path, maximumPartCount)
    var entries: [TensorEntry] = []
    var tensors: [String: ONNXTensor] = [:]
    var refusals: [String: String] = [:]
    for tensor in model.graph.initializer {
      guard tensors[tensor.name] == nil, refusals[tensor.name] == nil, !tensor.name.isEmpty else {
        throw Self.fault(path, "the tensor name '\(tensor.name)' is empty or comes twice")
      }
      do throws(ONNXTensor.Refusal) {
        entries.append(try tensor.entry())
        tensors[tensor.name] = tensor
      } catch {
        refusals[tensor.name] = error.reason
      }
    }
    for tensor in model.graph.sparseInitializer { refusals[tensor.values.name] = "sparse tensors are not read" }
    self.path = path
    self.entries = entries
    self.tensors = tensors
    unreadable = refusals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    ownAttributes = model.ownAttributes
    graph = ONNXDescription(model.graph)
  }

  package func read(_ name: String) throws(FileError) -> Tensor {
    let (entry, tensor) = (try entry(name), tensors[name])
    try entry.checkFits(path: path)
    guard let tensor = tensor?.tensor else {
      throw FileError(path, .unsupportedTensor(name, reason: "a number does not fit in 63 bits"))
    }
    return tensor
  }

  package func read(_ name: String, rows: Range<Int>) throws(FileError) -> Tensor {
    try entry(name).checkRows(rows, path: path)
    return try read(name).rows(rows)
  }

  package func entry(_ name: String) throws(FileError) -> TensorEntry {
    if let tensor = tensors[name], let entry = try? tensor.entry() { return entry }
    if let (_, reason) = unreadable.first(where: { $0.name == name }) {
      throw FileError(path, .unsupportedTensor(name, reason: reason))
    }
    throw FileError(path, .noSuchTensor(name, available: entries.map(\.name)))
  }

  private static func model(_ path: String, _ maximumPartCount: Int) throws(FileError) -> ONNXModel {
    let bytes = try FileBytes.read(path)
    guard bytes.count <= ONNXExport.maximumByteCount else {
      throw fault(path, "it has \(bytes.count) bytes; one file holds at most \(ONNXExport.maximumByteCount)")
    }
    guard let count = ONNXParts.count(in: bytes, maximumPartCount) else {
      throw fault(path, "it is cut off or damaged")
    }
    guard count <= maximumPartCount else { throw fault(path, "it has more than \(maximumPartCount) parts") }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    guard let model = try? ONNXModel(serializedBytes: bytes, options: options) else {
      throw fault(path, "it is cut off or damaged")
    }
    guard model.hasGraph else { throw fault(path, "there is no graph in it") }
    return model
  }

  private static func fault(_ path: String, _ reason: String) -> FileError {
    FileError(path, .badFormat("ONNX", reason: reason))
  }
}

extension ONNXModel {
  fileprivate var ownAttributes: [(name: String, value: FileAttribute)] {
    var attributes: [(name: String, value: FileAttribute)] = [("ir_version", .integer(irVersion))]
    attributes += opsetImport.map { ("operator_set\($0.domain.isEmpty ? "" : " \($0.domain)")", .integer($0.version)) }
    let producer = [producerName, producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    if !producer.isEmpty { attributes.append(("producer", .text(producer))) }
    if !graph.name.isEmpty { attributes.append(("graph", .text(graph.name))) }
    return attributes
  }
}

/// How many parts a model has, told before any is made: one of two bytes in a file takes a hundred in memory.
private struct ONNXParts {
  /// The messages inside a message, by their fields' numbers.
  private struct Message: ExpressibleByDictionaryLiteral {
    let inner: [Int: Message]

    init(dictionaryLiteral inner: (Int, Message)...) { self.inner = Dictionary(inner) { first, _ in first } }

    static let tensor: Message = [:]
    static let value: Message = [2: [1: [2: [1: [:]]]]]
    static let node: Message = [5: [5: .tensor]]
    static let model: Message = [7: [1: .node, 5: .tensor, 11: .value, 12: .value, 15: [1: .tensor]]]
  }

  private let bytes: [UInt8]
  private let maximum: Int
  private var count = 0

  /// Nil where the bytes are no such message; beyond the maximum nothing is counted.
  static func count(in bytes: [UInt8], _ maximum: Int) -> Int? {
    var parts = ONNXParts(bytes: bytes, maximum: maximum)
    return parts.walk(0..<bytes.count, .model) ? parts.count : nil
  }

  private mutating func walk(_ range: Range<Int>, _ message: Message) -> Bool {
    var place = range.lowerBound
    while place < range.upperBound, count <= maximum {
      guard let key = varint(&place, range.upperBound) else { return false }
      count += 1
      switch key & 7 {
      case 0: if varint(&place, range.upperBound) == nil { return false }
      case 1: place += 8
      case 2:
        guard let length = varint(&place, range.upperBound), length <= UInt64(range.upperBound - place) else {
          return false
        }
        let end = place + Int(length)
        if let next = message.inner[Int(truncatingIfNeeded: key >> 3)], !walk(place..<end, next) { return false }
        place = end
      case 5: place += 4
      default: return false
      }
      if place > range.upperBound { return false }
    }
    return true
  }

  private func varint(_ place: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard place < end else { return nil }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }
}
