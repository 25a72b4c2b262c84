import Foundation
import Testing

/// What a finished command left behind.
struct Outcome {
  let code: Int32
  let output: String
  let errors: String

  /// Standard output as JSON, a value a line.
  func lines() throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// Standard output as one JSON object.
  func json() throws -> [String: Any] {
    let lines = try lines()
    try #require(lines.count == 1)
    return lines[0]
  }
}

/// The built program, run in a folder of its own that is gone when the test is.
final class Workplace {
  let folder: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("flowrun-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  /// A command, not yet run; its streams go to files, so that no pipe can fill up.
  func process(_ program: String, _ arguments: [String], input: String? = nil, variables: [String: String] = [:]) throws
    -> Process
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
    try write(input ?? "", ".stdin")
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: path(".stdin")))
    for name in [".stdout", ".stderr"] { try write("", name) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path(".stdout")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: path(".stderr")))
    return process
  }

  /// What a process that has ended left.
  func outcome(_ process: Process) throws -> Outcome {
    process.waitUntilExit()
    return Outcome(code: process.terminationStatus, output: try text(".stdout"), errors: try text(".stderr"))
  }

  /// `flowrun` with arguments.
  @discardableResult
  func run(_ arguments: String..., input: String? = nil, variables: [String: String] = [:]) throws -> Outcome {
    try run(arguments, input: input, variables: variables)
  }

  /// `flowrun` with a list of arguments.
  @discardableResult
  func run(_ arguments: [String], input: String? = nil, variables: [String: String] = [:]) throws -> Outcome {
    let process = try process(Self.program, arguments, input: input, variables: variables)
    try process.run()
    return try outcome(process)
  }

  /// A line for `sh`, in which `$FLOWRUN` is the program.
  @discardableResult
  func shell(_ line: String) throws -> Outcome {
    let process = try process("/bin/sh", ["-c", line], variables: ["FLOWRUN": Self.program])
    try process.run()
    return try outcome(process)
  }

  /// Beside the bundle of the tests.
  static let program: String = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.executablePath ?? ""
    var folder = URL(fileURLWithPath: bundle).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("flowrun").path
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    return "flowrun"
  }()

  /// The samples of the repository.
  static let samples: String = {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("samples").path
  }()

  static func sample(_ name: String) -> String { "\(samples)/\(name)" }
}
