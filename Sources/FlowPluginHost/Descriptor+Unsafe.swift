#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The way back to the process that started this one: descriptor 3.
///
/// SAFETY: `write` gets bytes that live for the call.
enum Descriptor {
  /// Hands over a report, and ends the process without running anything more of a foreign library.
  static func finish(_ report: String) -> Never {
    fflush(nil)
    var bytes = Array(report.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(3, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      bytes = bytes.dropFirst(count)
    }
    _exit(0)
  }
}
