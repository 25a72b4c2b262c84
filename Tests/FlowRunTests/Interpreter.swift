import Foundation

/// Python, where this machine has it with what a test needs.
enum Interpreter {
  /// Whether all modules are there, found without importing them; says where not.
  static func has(_ modules: String...) -> Bool {
    let script = "import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))"
    let found = (try? Workplace()).flatMap { try? run(script, modules, in: $0) }?.code == 0
    if !found { print("notice: python3 with \(modules.joined(separator: ", ")) is missing, a test with it is skipped") }
    return found
  }

  /// A script's outcome, run in a workplace.
  static func run(_ script: String, _ arguments: [String] = [], in place: Workplace) throws -> Outcome {
    let process = try place.process("/usr/bin/env", ["python3", "-c", script] + arguments)
    try process.run()
    return try place.outcome(process)
  }
}
