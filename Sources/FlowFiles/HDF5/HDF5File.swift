import CHDF5
import FlowTensor
import Synchronization

/// A file that the library has open to read; closed when the last reader goes.
final class HDF5File: Sendable {
  let id: hid_t
  let heap: HDF5Heap
  let byteCount: Int
  /// Large data sets stay open: their unpacked chunks are kept with them.
  private let datasets = Mutex<[String: hid_t]>([:])

  init(_ path: String) throws(FileError) {
    let file = try FileBytes.open(path)
    byteCount = file.status.byteCount
    do throws(HDF5Failure) {
      let (id, base) = try HDF5Library.locked { () throws(HDF5Failure) in try Self.open(path) }
      self.id = id
      heap = HDF5Heap(file, base: base)
    } catch {
      throw FileError(path, .badFormat("HDF5", reason: error.reason))
    }
  }

  deinit {
    HDF5Library.locked {
      for dataset in datasets.withLock({ Array($0.values) }) { H5Idec_ref(dataset) }
      H5Idec_ref(id)
    }
  }

  /// Under the library's lock: calls `body` with an open data set.
  func withDataset<Result>(
    _ name: String, staysOpen: Bool, _ body: (hid_t) throws(HDF5Failure) -> Result
  ) throws(HDF5Failure) -> Result {
    if let dataset = datasets.withLock({ $0[name] }) { return try body(dataset) }
    guard staysOpen else {
      let dataset = try HDF5Handle(H5Dopen2(id, name, 0))
      return try body(dataset.id)
    }
    let access = try HDF5Handle(H5Pcreate(flow_H5P_DATASET_ACCESS()))
    try checked(H5Pset_chunk_cache(access.id, 12_421, Machine.cachedByteCount / 4, 1))
    let dataset = try HDF5Handle(H5Dopen2(id, name, access.id)).keep()
    datasets.withLock { $0[name] = dataset }
    return try body(dataset)
  }

  /// The file's number, and what addresses in it count from.
  private static func open(_ path: String) throws(HDF5Failure) -> (hid_t, Int) {
    let file = try HDF5Handle(H5Fopen(path, flow_H5F_ACC_RDONLY(), 0))
    let creation = try HDF5Handle(H5Fget_create_plist(file.id))
    var base: hsize_t = 0
    try checked(H5Pget_userblock(creation.id, &base))
    return (file.keep(), Int(clamping: base))
  }
}
