import FlowTensor

#if canImport(FoundationEssentials)
  import struct FoundationEssentials.Data
#else
  import struct Foundation.Data
#endif

extension ONNXTensor {
  /// Why a tensor is not read.
  struct Refusal: Error {
    let reason: String
  }

  /// What it is called here.
  ///
  /// - Fails: where its numbers have no dtype, lie in another file, or are not as many as its sizes say.
  func entry() throws(Refusal) -> TensorEntry {
    if dataLocation == .external { throw Refusal(reason: "its numbers are in another file") }
    guard let type = storedType else { throw Refusal(reason: "\(kind) have no dtype") }
    guard dims.count <= Shape.maximumRank else {
      throw Refusal(reason: "it has \(dims.count) axes, more than \(Shape.maximumRank)")
    }
    guard dims.allSatisfy({ $0 >= 0 }) else { throw Refusal(reason: "a size is negative") }
    let entry = TensorEntry(name, type.dtype, dims.map { Int($0) })
    guard entry.fitsInAddresses, entry.sizes.reduce(1, *) * type.width == storedByteCount(type) else {
      throw Refusal(reason: "it is \(entry.type), but has \(storedByteCount(type)) bytes")
    }
    return entry
  }

  /// Nil where a number does not fit its dtype.
  ///
  /// - Precondition: it has an entry.
  var tensor: Tensor? {
    guard let type = storedType else { return nil }
    return type.tensor(dims.map { Int($0) }, storedBytes(type))
  }

  // MARK: Types

  /// The number types of the public schema, beside the dtypes themselves.
  private var storedType: StoredType? {
    switch dataType {
    case 4: StoredType(.i32, width: 2, isWidened: true)
    case 12: StoredType(.i64, width: 4, isWidened: true)
    case 13: StoredType(.i64, width: 8, isWidened: true)
    default: DType.allCases.first { $0.onnxType == dataType }.map { StoredType($0) }
    }
  }

  private var kind: String {
    switch dataType {
    case 8: "texts"
    case 14, 15: "complex numbers"
    default: "numbers of ONNX's type \(dataType)"
    }
  }

  // MARK: Numbers

  /// Numbers are raw bytes, or, each widened to 32 or 64 bits, in the list for their type.
  private func storedByteCount(_ type: StoredType) -> Int {
    rawData.isEmpty ? type.width * listedCount : rawData.count
  }

  private var listedCount: Int {
    switch dataType {
    case 1: floatData.count
    case 7: int64Data.count
    case 11: doubleData.count
    case 12, 13: uint64Data.count
    default: int32Data.count
    }
  }

  private func storedBytes(_ type: StoredType) -> [UInt8] {
    if !rawData.isEmpty { return [UInt8](rawData) }
    switch dataType {
    case 1: return Self.bytes(floatData.map(\.bitPattern), type.width)
    case 7: return Self.bytes(int64Data, type.width)
    case 11: return Self.bytes(doubleData.map(\.bitPattern), type.width)
    case 12, 13: return Self.bytes(uint64Data, type.width)
    default: return Self.bytes(int32Data, type.width)
    }
  }

  /// The lowest bytes of each number, the lowest first.
  private static func bytes<Number: FixedWidthInteger>(_ numbers: [Number], _ width: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * width)
    for number in numbers {
      for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> (index * 8))) }
    }
    return bytes
  }
}
