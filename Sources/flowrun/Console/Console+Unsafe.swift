import FlowDiagnostics
import FlowFiles
import FlowTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The two streams of a command: results to standard output, talk to standard error.
///
/// SAFETY: the bytes given to `write` are those of a string, for the time of the call.
struct Console: Sendable {
  enum Colour: String, CaseIterable, Sendable { case auto, always, never }

  let isQuiet: Bool
  let isVerbose: Bool
  private let colour: Colour

  init(colour: Colour = .auto, isQuiet: Bool = false, isVerbose: Bool = false) {
    self.colour = colour
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
  }

  /// Whether progress may move on one line.
  var isInteractive: Bool { colour != .never && isCapableTerminal }

  var isColoured: Bool {
    switch colour {
    case .always: true
    case .never: false
    case .auto: isCapableTerminal
    }
  }

  /// A terminal that nobody asked to be kept plain.
  private var isCapableTerminal: Bool {
    func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    return isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb" && variable("NO_COLOR").isEmpty
  }

  /// Writes a result.
  ///
  /// - Fails: where nobody reads it, or the disk is full.
  func print(_ text: String) throws(Failure) { try Self.write(text + "\n", to: STDOUT_FILENO) }

  /// Writes talk, unless it is not wanted.
  func say(_ text: String) {
    if !isQuiet { try? Self.write(DisplayText.lines(text) + "\n", to: STDERR_FILENO) }
  }

  /// Writes talk without ending the line.
  func sayInPlace(_ text: String) { try? Self.write(text, to: STDERR_FILENO) }

  func show(_ diagnostics: [Diagnostic], _ sources: SourceMap) {
    let shown = isQuiet ? diagnostics.filter { $0.severity == .error } : diagnostics
    guard !shown.isEmpty else { return }
    let renderer = DiagnosticRenderer(sources, coloured: isColoured)
    let text = renderer.render(Diagnostics(shown))
    try? Self.write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO)
  }

  private static func write(_ text: String, to descriptor: Int32) throws(Failure) {
    var text = text
    let isWritten = text.withUTF8 { bytes -> Bool in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = systemWrite(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
    if !isWritten {
      // Whoever read the output has seen enough: that is nothing to tell anybody.
      if errno == EPIPE { throw Failure(.inputOutput, []) }
      throw Failure(.inputOutput, id: "input-output", "cannot write the output: \(String(cString: strerror(errno)))")
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
