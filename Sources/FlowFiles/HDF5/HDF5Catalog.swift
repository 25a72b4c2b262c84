import CHDF5
import FlowTensor

/// What a file holds, found once when it is opened: only what hard links lead to.
struct HDF5Catalog: Sendable {
  /// A data set that is a tensor.
  struct Tensor: Sendable {
    let entry: TensorEntry
    let type: HDF5Type
    let checksum: Int64?
    /// In one piece in the file, and there.
    let isContiguous: Bool
  }

  private(set) var tensors: [Tensor] = []
  private(set) var groups: [String] = []
  /// Paths of data sets that hold one text.
  private(set) var texts: Set<String> = []
  /// What else has a name, and why it is no tensor.
  private(set) var refusals: [String: String] = [:]
  private var indices: [String: Int] = [:]
  private var visited: Set<haddr_t> = []

  static let maximumDepth = 64
  static let maximumCount = 1_000_000

  /// Under the library's lock.
  init(of file: HDF5File) throws(HDF5Failure) {
    let root = try HDF5Handle(H5Gopen2(file.id, "/", 0))
    try visit(root, path: "", depth: 0, file.heap)
  }

  subscript(name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  private mutating func visit(
    _ group: borrowing HDF5Handle, path: String, depth: Int, _ heap: borrowing HDF5Heap
  ) throws(HDF5Failure) {
    // A group that several links lead to is listed under the first: groups may contain themselves.
    guard visited.insert(flow_object_address(group.id)).inserted else { return }
    guard depth < Self.maximumDepth else {
      throw HDF5Failure("groups are nested more than \(Self.maximumDepth) deep")
    }
    groups.append(path)
    for link in try HDF5Link.all(in: group) {
      guard tensors.count + refusals.count < Self.maximumCount else {
        throw HDF5Failure("it holds more than \(Self.maximumCount) objects")
      }
      let path = path.isEmpty ? link.name : "\(path)/\(link.name)"
      try visit(link, in: group, path: path, depth: depth, heap)
    }
  }

  private mutating func visit(
    _ link: HDF5Link, in group: borrowing HDF5Handle, path: String, depth: Int, _ heap: borrowing HDF5Heap
  ) throws(HDF5Failure) {
    guard link.isHard else {
      refusals[path] = "it is a link to elsewhere, which is not followed"
      return
    }
    let object = try HDF5Handle(H5Oopen(group.id, link.name, 0))
    switch H5Iget_type(object.id) {
    case H5I_GROUP: try visit(object, path: path, depth: depth + 1, heap)
    case H5I_DATASET: try add(object, path: path, heap)
    default: refusals[path] = "it is no data set"
    }
  }

  private mutating func add(
    _ dataset: borrowing HDF5Handle, path: String, _ heap: borrowing HDF5Heap
  ) throws(HDF5Failure) {
    let attributes = try HDF5Attributes(of: dataset, in: heap)
    let type = try HDF5Handle(H5Dget_type(dataset.id))
    do throws(HDF5Failure) {
      try HDF5Storage.check(dataset)
      let sizes = try HDF5Storage.sizes(of: dataset)
      if H5Tget_class(type.id) == H5T_STRING, sizes.isEmpty { texts.insert(path) }
      let conversion = try HDF5Type(of: type, note: attributes[HDF5Names.dtype]?.text)
      indices[path] = tensors.count
      tensors.append(
        Tensor(
          entry: TensorEntry(path, conversion.dtype, sizes), type: conversion,
          checksum: attributes[HDF5Names.checksum]?.integer,
          isContiguous: HDF5Storage.isContiguous(dataset)))
    } catch {
      refusals[path] = error.reason
    }
  }
}

/// What of a data set must be known to be harmless before it is read.
enum HDF5Storage {
  /// The filters of the library itself: deflate, shuffle, fletcher32, szip, nbit, scaleoffset.
  private static let knownFilters: ClosedRange<H5Z_filter_t> = 1...6

  static func check(_ dataset: borrowing HDF5Handle) throws(HDF5Failure) {
    let properties = try HDF5Handle(H5Dget_create_plist(dataset.id))
    if H5Pget_layout(properties.id) == H5D_VIRTUAL { throw HDF5Failure("it is put together from other files") }
    if try checked(H5Pget_external_count(properties.id)) > 0 { throw HDF5Failure("its numbers are in another file") }
    for index in 0..<UInt32(try checked(H5Pget_nfilters(properties.id))) {
      let filter = try filter(index, of: properties)
      guard knownFilters.contains(filter), H5Zfilter_avail(filter) > 0 else {
        throw HDF5Failure("its numbers are packed by filter \(filter), which is not known")
      }
    }
  }

  static func isContiguous(_ dataset: borrowing HDF5Handle) -> Bool {
    guard let properties = try? HDF5Handle(H5Dget_create_plist(dataset.id)) else { return false }
    return H5Pget_layout(properties.id) != H5D_CHUNKED && H5Dget_storage_size(dataset.id) > 0
  }

  static func sizes(of dataset: borrowing HDF5Handle) throws(HDF5Failure) -> [Int] {
    let space = try HDF5Handle(H5Dget_space(dataset.id))
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { throw HDF5Failure("it is empty, without a shape") }
    let rank = Int(try checked(H5Sget_simple_extent_ndims(space.id)))
    guard rank <= Shape.maximumRank else { throw HDF5Failure("it has \(rank) axes, more than \(Shape.maximumRank)") }
    var sizes = [hsize_t](repeating: 0, count: max(rank, 1))
    try checked(H5Sget_simple_extent_dims(space.id, &sizes, nil))
    var result: [Int] = []
    for size in sizes.prefix(rank) {
      guard let size = Int(exactly: size) else { throw HDF5Failure("a size of \(size) does not fit in 63 bits") }
      result.append(size)
    }
    return result
  }

  private static func filter(_ index: UInt32, of properties: borrowing HDF5Handle) throws(HDF5Failure) -> H5Z_filter_t {
    var (flags, count, configuration): (UInt32, Int, UInt32) = (0, 0, 0)
    return try checked(H5Pget_filter2(properties.id, index, &flags, &count, nil, 0, nil, &configuration))
  }
}
