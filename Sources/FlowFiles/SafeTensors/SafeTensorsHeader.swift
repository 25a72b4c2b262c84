import FlowTensor

/// What stands before the numbers of a safetensors file: eight bytes of length, and a JSON object of names.
///
/// Beside what the format asks for, the member `__metadata__` holds a CRC-32 of each tensor's bytes, as `crc32.NAME`, and one of
/// all names and types as `crc32`: eight digits of base 16. A file that has one of them must have all.
///
/// - Source: the safetensors format, version 1 (github.com/huggingface/safetensors).
struct SafeTensorsHeader {
  struct Item: Hashable {
    let name: String
    let code: String
    let sizes: [Int]
    /// From the end of the header.
    let range: Range<Int>
  }

  static func fault(_ path: String, _ reason: String) -> FileError {
    FileError(path, .badFormat("safetensors", reason: reason))
  }

  /// The longest header that is read: that of the format's own library.
  static let maximumByteCount = 100_000_000

  private(set) var items: [Item] = []
  private(set) var metadata: [String: String] = [:]

  // MARK: Types

  private static let types: [String: StoredType] = [
    "F64": StoredType(.f64), "F32": StoredType(.f32), "F16": StoredType(.f16), "BF16": StoredType(.bf16),
    "I64": StoredType(.i64), "I32": StoredType(.i32), "I16": StoredType(.i16), "I8": StoredType(.i8),
    "U8": StoredType(.u8), "BOOL": StoredType(.bool),
    "U16": StoredType(.i32, width: 2, isWidened: true), "U32": StoredType(.i64, width: 4, isWidened: true),
    "U64": StoredType(.i64, width: 8, isWidened: true),
  ]

  /// Nil where the number type has no dtype.
  static func type(_ code: String) -> StoredType? { types[code] }

  private static func code(of dtype: DType) -> String {
    dtype == .bool ? "BOOL" : dtype.rawValue.uppercased()
  }

  // MARK: Checksums

  static func checksum(of bytes: [UInt8]) -> String { text(crc32(of: bytes)) }

  /// Over the names and types: a line for each tensor, in the header's order.
  var checksum: String {
    Self.checksum(of: Array(items.map { "\($0.name) \($0.code) \($0.sizes)\n" }.joined().utf8))
  }

  var hasChecksums: Bool { metadata.keys.contains(where: Self.isChecksum) }

  /// Whether a note is one of a tensor's bytes or of the header.
  static func isChecksum(_ key: String) -> Bool { key.hasPrefix("crc32") }

  private static func text(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  // MARK: Writing

  /// - Fails: where a name is the format's own.
  init(_ tensors: [(name: String, tensor: Tensor)], _ path: String) throws(FileError) {
    if tensors.contains(where: { $0.name == "__metadata__" }) {
      throw FileError(path, .unwritable(reason: "the name '__metadata__' is taken"))
    }
    var ranges = [Range<Int>](repeating: 0..<0, count: tensors.count)
    var offset = 0
    for index in Self.order(tensors.map(\.tensor)) {
      ranges[index] = offset..<offset + tensors[index].tensor.byteCount
      offset += tensors[index].tensor.byteCount
    }
    items = zip(tensors, ranges).map {
      Item(name: $0.name, code: Self.code(of: $0.tensor.dtype), sizes: $0.tensor.sizes, range: $1)
    }
    metadata = Dictionary(tensors.map { ("crc32.\($0.name)", Self.text(UInt32($0.tensor.checksum))) }) { $1 }
    metadata["crc32"] = checksum
    metadata["format"] = "pt"
  }

  /// The widest numbers first, so that each lies at a multiple of its width.
  private static func order(_ tensors: [Tensor]) -> [Int] {
    tensors.indices.sorted { (-tensors[$0].dtype.byteCount, $0) < (-tensors[$1].dtype.byteCount, $1) }
  }

  /// The indices of the tensors in the order of their bytes.
  var inFileOrder: [Int] {
    items.indices.sorted { (items[$0].range.lowerBound, $0) < (items[$1].range.lowerBound, $1) }
  }

  /// The header's bytes, filled up with spaces to a multiple of eight.
  var bytes: [UInt8] {
    let notes = JSON.object(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    let members = items.map { item in
      (
        item.name,
        JSON.object([
          ("dtype", .string(item.code)), ("shape", .array(item.sizes.map { .int(Int64($0)) })),
          ("data_offsets", .array([.int(Int64(item.range.lowerBound)), .int(Int64(item.range.upperBound))])),
        ])
      )
    }
    var text = Array(JSON.object([("__metadata__", notes)] + members).text.utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text
  }

  // MARK: Reading

  /// The length of the JSON behind the first eight bytes; nil where it cannot be one.
  static func length(_ start: [UInt8]) -> Int? {
    guard start.count >= 8 else { return nil }
    let length = start[..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    return length <= UInt64(maximumByteCount) ? Int(length) : nil
  }

  /// Whether a file begins with a length and a JSON object.
  static func isLikely(_ start: [UInt8]) -> Bool {
    start.count >= 10 && start[8] == UInt8(ascii: "{") && start[9] == UInt8(ascii: "\"") && length(start) != nil
  }

  /// - Parameter dataByteCount: how many bytes there are behind the header.
  init(parsing json: [UInt8], dataByteCount: Int, path: String) throws(FileError) {
    do throws(JSONScanner.Failure) {
      (items, metadata) = try Self.parse(json)
    } catch {
      throw Self.fault(path, "its header: \(error.reason)")
    }
    let reason = misplaced(dataByteCount) ?? (hasChecksums ? damage : nil)
    if let reason { throw Self.fault(path, reason) }
  }

  private static func parse(_ json: [UInt8]) throws(JSONScanner.Failure) -> ([Item], [String: String]) {
    var scanner = JSONScanner(json[...])
    var names: Set<String> = []
    var (items, metadata): ([Item], [String: String]) = ([], [:])
    try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
      let name = try scanner.string()
      guard names.insert(name).inserted else { throw scanner.failure("the name '\(name)' comes twice") }
      try scanner.expect(":")
      if name == "__metadata__" { metadata = try texts(&scanner) } else { items.append(try Item(name, &scanner)) }
    }
    try scanner.expectEnd()
    return (items, metadata)
  }

  private static func texts(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> [String: String] {
    var texts: [String: String] = [:]
    try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
      let key = try scanner.string()
      try scanner.expect(":")
      guard texts.updateValue(try scanner.string(), forKey: key) == nil else {
        throw scanner.failure("the note '\(key)' comes twice")
      }
    }
    return texts
  }

  /// Why the tensors' bytes do not lie one behind the other, without holes and others; nil where they do.
  private func misplaced(_ dataByteCount: Int) -> String? {
    var end = 0
    for index in inFileOrder {
      let range = items[index].range
      guard range.lowerBound == end else {
        return "'\(items[index].name)' \(range.lowerBound < end ? "overlaps another" : "lies behind a hole")"
      }
      end = range.upperBound
    }
    return end == dataByteCount ? nil : "its tensors take \(end) bytes, but \(dataByteCount) are there"
  }

  private var damage: String? {
    let noted = Set(metadata.keys.filter { $0.hasPrefix("crc32.") })
    let isWhole = metadata["crc32"] == checksum && noted == Set(items.map { "crc32.\($0.name)" })
    return isWhole ? nil : "its header is damaged: its checksum does not match"
  }
}

extension SafeTensorsHeader.Item {
  fileprivate init(_ name: String, _ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    var (code, sizes, offsets): (String?, [Int]?, [Int]?) = (nil, nil, nil)
    try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "dtype" where code == nil: code = try scanner.string()
      case "shape" where sizes == nil: sizes = try scanner.wholes(most: Shape.maximumRank)
      case "data_offsets" where offsets == nil: offsets = try scanner.wholes(most: 2)
      default: throw scanner.failure("'\(name)' has a second or unknown '\(key)'")
      }
    }
    guard let code, let sizes, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw scanner.failure("'\(name)' lacks its dtype, shape or data_offsets")
    }
    self.init(name: name, code: code, sizes: sizes, range: offsets[0]..<offsets[1])
  }
}

extension JSONScanner {
  /// A list of whole numbers that are not negative.
  fileprivate mutating func wholes(most count: Int) throws(Failure) -> [Int] {
    var numbers: [Int] = []
    try list("[", "]") { scanner throws(Failure) in
      guard let number = NumberText.parse(try scanner.scalar(), as: Int64.self), number >= 0 else {
        throw scanner.failure("a size that is no whole number")
      }
      guard numbers.count < count else { throw scanner.failure("a list of more than \(count) numbers") }
      numbers.append(Int(number))
    }
    return numbers
  }
}
