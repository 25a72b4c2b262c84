import FlowTensor

/// What the first bytes of an npy file say of the array behind them.
///
/// - Source: NumPy enhancement proposal 1, and the documentation of `numpy.lib.format`.
enum NPYHeader {
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// The longest header that is read.
  static let maximumByteCount = 1 << 20

  struct Failure: Error { let reason: String }

  static func read(_ path: String) throws(FileError) -> StoredArray {
    let start = try FileBytes.prefix(maximumByteCount, of: path)
    do throws(Failure) {
      return try parse(start)
    } catch {
      throw FileError(path, .badFormat("npy", reason: error.reason))
    }
  }

  /// - Parameter bytes: the first of the file, `maximumByteCount` or all.
  static func parse(_ bytes: [UInt8]) throws(Failure) -> StoredArray {
    guard bytes.count >= 10, bytes.starts(with: magic) else { throw Failure(reason: "it does not begin as one") }
    let version = bytes[6]
    guard (1...3).contains(version), version == 1 || bytes.count >= 12 else {
      throw Failure(reason: "version \(version) of the format is not known")
    }
    let end = length(of: bytes)
    guard end <= maximumByteCount else {
      throw Failure(reason: "its header has \(end) bytes, more than \(maximumByteCount)")
    }
    guard end <= bytes.count else { throw Failure(reason: "its header ends behind the file") }
    var scanner = PythonScanner(bytes[(version == 1 ? 10 : 12)..<end])
    let (type, isColumnMajor, sizes) = try scanner.header()
    return StoredArray(type: type, isColumnMajor: isColumnMajor, sizes: sizes, offset: end)
  }

  /// Where the elements begin.
  ///
  /// - Precondition: there are at least 12 bytes, or 10 of version 1.
  static func length(of bytes: [UInt8]) -> Int {
    let start = bytes[6] == 1 ? 10 : 12
    return start + bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// What comes before a tensor's bytes.
  static func bytes(of tensor: Tensor, _ path: String) throws(FileError) -> [UInt8] {
    guard let code = tensor.dtype.npyCode else {
      throw FileError(path, .unwritable(reason: "npy has no \(tensor.dtype.rawValue)"))
    }
    return bytes(code, tensor.sizes)
  }

  /// The start of a file of version 1, padded as NumPy does, so that equal arrays are equal files.
  static func bytes(_ type: String, _ sizes: [Int]) -> [UInt8] {
    let list = sizes.count == 1 ? "\(sizes[0])," : sizes.map(String.init).joined(separator: ", ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(list)), }"
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = text.utf8.count
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }
}

/// Walks over the few literals of Python that a header is made of.
private struct PythonScanner {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func header() throws(NPYHeader.Failure) -> (StoredType, Bool, [Int]) {
    var (type, isColumnMajor, sizes): (StoredType?, Bool?, [Int]?) = (nil, nil, nil)
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr": type = try elementType()
      case "fortran_order": isColumnMajor = try boolean()
      case "shape": sizes = try tuple()
      default: throw NPYHeader.Failure(reason: "its header has a key '\(key)'")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard rest.isEmpty else { throw NPYHeader.Failure(reason: "its header goes on behind its end") }
    guard let type, let isColumnMajor, let sizes else { throw NPYHeader.Failure(reason: "its header is not complete") }
    return (type, isColumnMajor, sizes)
  }

  private mutating func elementType() throws(NPYHeader.Failure) -> StoredType {
    skipSpace()
    if rest.first == UInt8(ascii: "[") { throw NPYHeader.Failure(reason: "records of several fields have no dtype") }
    return try StoredType(npy: try string())
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 } }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard rest.first == UInt8(ascii: character) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NPYHeader.Failure) {
    guard take(character) else { throw NPYHeader.Failure(reason: "its header lacks a '\(character)'") }
  }

  private mutating func string() throws(NPYHeader.Failure) -> String {
    let quote: Unicode.Scalar = take("\"") ? "\"" : "'"
    if quote == "'" { try expect("'") }
    let text = rest.prefix { $0 != UInt8(ascii: quote) }
    rest = rest.dropFirst(text.count)
    try expect(quote)
    return String(decoding: text.prefix(64), as: UTF8.self)
  }

  private mutating func boolean() throws(NPYHeader.Failure) -> Bool {
    switch word() {
    case "True": return true
    case "False": return false
    case let word: throw NPYHeader.Failure(reason: "its header has '\(word)' where True or False belongs")
    }
  }

  private mutating func tuple() throws(NPYHeader.Failure) -> [Int] {
    var sizes: [Int] = []
    try expect("(")
    while !take(")") {
      let word = word()
      guard let size = Int(word), size >= 0 else { throw NPYHeader.Failure(reason: "its shape has a size '\(word)'") }
      sizes.append(size)
      if !take(",") {
        try expect(")")
        break
      }
    }
    guard sizes.count <= Shape.maximumRank else {
      throw NPYHeader.Failure(reason: "it has \(sizes.count) axes, more than \(Shape.maximumRank)")
    }
    return sizes
  }

  /// Letters and digits, as many as come.
  private mutating func word() -> String {
    skipSpace()
    let text = rest.prefix { NumberText.isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) }
    rest = rest.dropFirst(text.count)
    return String(decoding: text.prefix(64), as: UTF8.self)
  }
}
