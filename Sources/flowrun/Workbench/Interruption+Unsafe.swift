import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Notices SIGINT and SIGTERM so that a training can save before it ends.
///
/// SAFETY: the handler does nothing but store a number and reset itself, which a handler may; the set of signals is a local
/// variable, read for the time of a call.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// From now on the signals are noticed instead of ending the program; a second one ends it at once. A file that may not
  /// grow is an error of its writer's, not an end either.
  static func watch() {
    signal(SIGXFSZ, SIG_IGN)
    allow([SIGINT, SIGTERM])
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Takes signals also where whoever started the program held them back, as a thread of a pool does.
  private static func allow(_ numbers: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The signal that came, if one did.
  static var number: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
