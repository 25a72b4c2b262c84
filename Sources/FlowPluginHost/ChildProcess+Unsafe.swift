import CFlowGuard

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a program left that was run for a limited time.
struct ChildOutcome {
  enum End: Hashable {
    case exit(Int32)
    case signal(Int32)
    case timeout
  }

  let end: End
  /// Standard output, standard error and descriptor 3, each up to a limit.
  let output: String
  let errors: String
  let report: String
}

/// Runs a program with a limit of time.
///
/// SAFETY: the arguments are copied and freed here; the spawned process gets copies of the descriptors, which are closed here; a
/// buffer is read as far as `read` filled it.
struct ChildProcess {
  private static let limit = 1 << 16

  private var process: Int32 = 0
  private var streams: [(descriptor: Int32, bytes: [UInt8])] = []

  /// - Returns: nil where the program cannot be started.
  static func run(_ program: String, _ arguments: [String], seconds: Double) -> ChildOutcome? {
    var child = ChildProcess()
    guard child.start(program, arguments) else { return nil }
    let isDone = child.collect(until: ContinuousClock.now + .seconds(seconds))
    return child.finish(isDone)
  }

  private mutating func start(_ program: String, _ arguments: [String]) -> Bool {
    var theirs: [Int32] = []
    defer { for descriptor in theirs { close(descriptor) } }
    for _ in 0..<3 {
      var ends: [Int32] = [-1, -1]
      guard flow_guard_pipe(&ends) == 0 else { return false }
      streams.append((ends[0], []))
      theirs.append(ends[1])
    }
    var copies: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return flow_guard_spawn(program, &copies, theirs, &process) == 0
  }

  /// Reads until all streams have ended; false where that takes too long.
  private mutating func collect(until end: ContinuousClock.Instant) -> Bool {
    var open = Set(streams.indices)
    while !open.isEmpty {
      let left = end - ContinuousClock.now
      let milliseconds = Int(left / .milliseconds(1))
      guard milliseconds > 0 else { return false }
      let order = open.sorted()
      var waiting = order.map { pollfd(fd: streams[$0].descriptor, events: Int16(POLLIN), revents: 0) }
      let count = poll(&waiting, nfds_t(waiting.count), Int32(clamping: milliseconds))
      if count < 0, errno != EINTR { return false }
      for (index, entry) in zip(order, waiting) where entry.revents != 0 {
        if !read(index) { open.remove(index) }
      }
    }
    return true
  }

  /// False at the end of the stream.
  private mutating func read(_ index: Int) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    #if canImport(Glibc)
      let count = Glibc.read(streams[index].descriptor, &buffer, buffer.count)
    #else
      let count = Darwin.read(streams[index].descriptor, &buffer, buffer.count)
    #endif
    if count <= 0 { return count < 0 && errno == EINTR }
    if streams[index].bytes.count < Self.limit { streams[index].bytes += buffer.prefix(count) }
    return true
  }

  private func finish(_ isDone: Bool) -> ChildOutcome {
    // Also what it started: it leads a group of its own.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    if !isDone { kill(process, SIGKILL) }
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    for stream in streams { close(stream.descriptor) }
    let texts = streams.map { String(decoding: $0.bytes, as: UTF8.self) }
    let signal = status & 0x7F
    let end: ChildOutcome.End = !isDone ? .timeout : signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
    return ChildOutcome(end: end, output: texts[0], errors: texts[1], report: texts[2])
  }
}

/// What the system calls a signal.
func signalName(_ number: Int32) -> String { strsignal(number).map { String(cString: $0) } ?? "signal \(number)" }
