/// What the process says that proves a plugin.
package struct ProofReport: Sendable {
  package let text: String
  package let holds: Bool

  package init(text: String, holds: Bool) {
    self.text = text
    self.holds = holds
  }

  private static let holdsMark = "holds\n"
  private static let fallsMark = "falls\n"

  /// The other side: makes the report and hands it over.
  package static func answer(_ make: () throws -> ProofReport) {
    do {
      let report = try make()
      Descriptor.finish((report.holds ? holdsMark : fallsMark) + report.text)
    } catch {
      Descriptor.finish("\(error)")
    }
  }

  /// Has this program prove a library in a process of its own.
  ///
  /// - Fails: where that process breaks down or does not end.
  package static func collect(
    _ path: String, _ loader: PluginLoader, json: Bool, seconds: Double
  ) throws(PluginFault) -> ProofReport {
    _ = try loader.look(path)
    guard let program = loader.program,
      let outcome = ChildProcess.run(program, ["plugins", "prove", path] + (json ? ["--json"] : []), seconds: seconds)
    else { throw PluginFault(.failure, "plugin-failure", "\(path): no process can be started to prove it in") }
    switch outcome.end {
    case .timeout:
      throw PluginFault(
        .failure, "plugin-hangs", "\(path): the check does not end within \(seconds.formatted) s",
        help: "an operation of it never returns")
    case .signal(let number):
      throw PluginFault(.failure, "plugin-crashes", "\(path): signal \(number) ended the check")
    case .exit: break
    }
    for (mark, holds) in [(holdsMark, true), (fallsMark, false)] where outcome.report.hasPrefix(mark) {
      return ProofReport(text: String(outcome.report.dropFirst(mark.count)), holds: holds)
    }
    throw PluginFault(
      .failure, "plugin-failure", "\(path): the check breaks down: \((outcome.report + outcome.errors).firstMessage)")
  }
}

extension String {
  /// The first line, without what the program that printed it is called.
  fileprivate var firstMessage: String {
    let line = firstLine
    guard let range = line.firstRange(of: "error: ") else { return line }
    return String(line[range.upperBound...])
  }
}
