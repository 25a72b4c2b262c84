#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Facts of the machine the program runs on.
package enum Machine {
  /// All of its memory, in bytes; nothing larger is ever reserved for what a graph or a file declares.
  package static let memoryByteCount: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
    return pages > 0 && size > 0 && !overflow ? bytes : Int.max
  }()
}
