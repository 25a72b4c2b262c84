import ArgumentParser
import FlowDiagnostics
import FlowTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A command whose failures become messages and exit codes.
protocol Command: ParsableCommand {
  var console: Console { get }
  /// Does the work.
  ///
  /// - Parameter sources: gets the texts that messages point into.
  /// - Returns: the exit code.
  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32
}

extension Command {
  func run() throws {
    var sources = SourceMap()
    let code: Int32
    do {
      code = try execute(&sources)
    } catch {
      console.show(error.diagnostics, sources)
      throw ExitCode(error.code.rawValue)
    }
    if code != 0 { throw ExitCode(code) }
  }
}
