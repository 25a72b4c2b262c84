package import FlowTensor

/// The content of an HDF5 file to be: a value, whose bytes depend on nothing but what was put in, in that order.
///
/// Every data set gets the checksum of its bytes as the attribute `crc32`, and so does every group with attributes. The file
/// has the format of HDF5 1.8, which all viewers open, and no times in it.
package struct HDF5Image: Sendable {
  /// What a name stands for.
  enum Content: Sendable {
    case group
    case tensor(Tensor)
    case text(String)
  }

  struct Item: Sendable {
    let path: String
    let content: Content
    var attributes = HDF5Attributes()
  }

  /// Where the file will be: for errors alone.
  package let path: String
  /// Whether names stay in the order they were put in, instead of the alphabet's.
  private let keepsOrder: Bool
  /// Every group stands before what is in it; the first is the file's root, "".
  private(set) var items: [Item] = [Item(path: "", content: .group)]
  private var indices: [String: Int] = ["": 0]

  package init(for path: String, keepsOrder: Bool = true) {
    self.path = path
    self.keepsOrder = keepsOrder
  }

  /// Describes a group, made where it is missing; "" is the root.
  ///
  /// - Fails: where the name stands for a data set, or a text holds NUL or is longer than an attribute can be, 60,000 bytes.
  package mutating func set(
    _ name: String, _ value: FileAttribute, of group: String = ""
  ) throws(FileError) {
    if case .text(let text) = value { try check(text, maximum: 60_000) }
    let index = try makeGroup(group)
    items[index].attributes[name] = value
  }

  /// Adds a data set; the groups in its name are made where they are missing.
  ///
  /// - Fails: where the name is taken, or no name.
  package mutating func write(_ tensor: Tensor, at name: String) throws(FileError) {
    var attributes = HDF5Attributes()
    if tensor.dtype.needsNote { attributes[HDF5Names.dtype] = .text(tensor.dtype.rawValue) }
    attributes[HDF5Names.checksum] = .integer(tensor.checksum)
    try add(Item(path: name, content: .tensor(tensor), attributes: attributes))
  }

  /// Adds a data set of one text of any length.
  ///
  /// - Fails: where the name is taken, or the text holds NUL.
  package mutating func write(text: String, at name: String) throws(FileError) {
    try check(text, maximum: .max)
    var attributes = HDF5Attributes()
    attributes[HDF5Names.checksum] = .integer(Int64(crc32(of: Array(text.utf8))))
    try add(Item(path: name, content: .text(text), attributes: attributes))
  }

  /// The file's bytes, made in memory: writing them is left to `AtomicFile`.
  package func bytes() throws(FileError) -> [UInt8] {
    do throws(HDF5Failure) {
      return try HDF5Library.locked { () throws(HDF5Failure) in
        try HDF5ImageWriter(keepsOrder: keepsOrder).bytes(of: items)
      }
    } catch {
      throw FileError(path, .unwritable(reason: error.reason))
    }
  }

  private mutating func add(_ item: Item) throws(FileError) {
    let parts = try parts(of: item.path)
    guard !parts.isEmpty, indices[item.path] == nil else { throw unwritable("the name '\(item.path)' is taken") }
    _ = try makeGroup(parts.dropLast().joined(separator: "/"))
    indices[item.path] = items.count
    items.append(item)
  }

  /// The index of a group and, where needed, of new ones.
  private mutating func makeGroup(_ name: String) throws(FileError) -> Int {
    if let index = indices[name] {
      guard case .group = items[index].content else { throw unwritable("'\(name)' is a tensor, not a group") }
      return index
    }
    let parts = try parts(of: name)
    _ = try makeGroup(parts.dropLast().joined(separator: "/"))
    indices[name] = items.count
    items.append(Item(path: name, content: .group))
    return items.count - 1
  }

  private func parts(of name: String) throws(FileError) -> [Substring] {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count < HDF5Catalog.maximumDepth, !name.utf8.contains(0),
      name.isEmpty || parts.allSatisfy({ !$0.isEmpty && $0 != "." })
    else { throw unwritable("'\(name)' cannot be the name of a tensor") }
    return name.isEmpty ? [] : parts
  }

  private func check(_ text: String, maximum: Int) throws(FileError) {
    if text.utf8.contains(0) { throw unwritable("a text holds a NUL character") }
    if text.utf8.count > maximum { throw unwritable("a text of \(text.utf8.count) bytes is too long for an attribute") }
  }

  private func unwritable(_ reason: String) -> FileError { FileError(path, .unwritable(reason: reason)) }
}

extension DType {
  /// Whether HDF5 has no type of its own for it.
  fileprivate var needsNote: Bool { self == .bf16 || self == .bool }
}
