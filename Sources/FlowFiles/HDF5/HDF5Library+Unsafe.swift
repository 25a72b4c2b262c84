import CHDF5
import Synchronization

/// The library as a whole: it is not safe on several threads, so everything runs under one lock.
///
/// SAFETY: callbacks get the address of a local variable of the function that passes them, and run before it returns.
enum HDF5Library {
  private static let started = Mutex(false)

  /// Runs `body` while nobody else uses the library. Not to be nested.
  static func locked<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try started.withLock { started throws(Failure) in
      if !started {
        start()
        started = true
      }
      // Where the library was built for threads, each has its own answer to who prints errors: nobody.
      H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
      return try body()
    }
  }

  /// The library must not close files when the process ends (after a failed write it would crash), nor load
  /// code that a file asks for.
  private static func start() {
    H5dont_atexit()
    H5open()
    H5PLset_loading_state(0)
    HDF5Text.registerReferences()
  }

  /// The innermost of the reasons that the library noted for the call that failed last.
  static func reason() -> String {
    var reason = ""
    withUnsafeMutablePointer(to: &reason) { pointer in
      _ = H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_UPWARD,
        { depth, error, data in
          if depth == 0, let text = error?.pointee.desc {
            data?.assumingMemoryBound(to: String.self).pointee = String(cString: text)
          }
          return 0
        }, pointer)
    }
    return reason.isEmpty ? "the HDF5 library gives no reason" : reason
  }
}

/// A call that the library refused.
struct HDF5Failure: Error, Hashable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
  init() { reason = HDF5Library.reason() }
}

/// Something the library has open: a file, group, data set, type, space or list of properties; closed when it goes.
struct HDF5Handle: ~Copyable {
  let id: hid_t

  init(_ id: hid_t) throws(HDF5Failure) {
    guard id >= 0 else { throw HDF5Failure() }
    self.id = id
  }

  deinit { H5Idec_ref(id) }

  /// Leaves it open, for whoever keeps the number.
  consuming func keep() -> hid_t {
    let id = id
    discard self
    return id
  }
}

/// Turns the library's status into an error.
@discardableResult
func checked<Status: SignedInteger>(_ status: Status) throws(HDF5Failure) -> Status {
  guard status >= 0 else { throw HDF5Failure() }
  return status
}
