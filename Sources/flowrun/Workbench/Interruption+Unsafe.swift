import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Notices SIGINT and SIGTERM so that a training can save before it ends.
///
/// SAFETY: the handler does nothing but store a number, which a handler may.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// From now on the signals are noticed instead of ending the program; a second one ends it at once. A file that may not
  /// grow is an error of its writer's, not an end either.
  static func watch() {
    signal(SIGXFSZ, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// The signal that came, if one did.
  static var number: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
