import ArgumentParser
import CFlowGuard
import FlowTraining

/// The program: arguments → calls → exit code.
@main
struct FlowRun: ParsableCommand {
  static func main() {
    flow_guard_watch("flowrun")
    main(nil)
  }

  static let configuration = CommandConfiguration(
    commandName: "flowrun",
    abstract: "Runs, differentiates and trains graph files.",
    discussion: """
      Example: flowrun run samples/apples.flow

      FILE is a .flow file, a checkpoint (which holds its graph), or - for standard input. Data goes to standard output, \
      talk to standard error.

      Exit codes: 0 done, 1 a check found a difference, 64 usage, 65 a bad graph, file or data, 66 an input file is \
      missing, 69 a plugin is missing or does not fit, 70 internal error or a plugin's failure, 73 cannot create an output, 74 input/output error, 75 the \
      checkpoint is in use, 130 and 143 stopped by a signal.
      """,
    version: versionText,
    subcommands: [
      RunCommand.self, GradCommand.self, TrainCommand.self, EvalCommand.self, CheckCommand.self,
      GradcheckCommand.self, CurvatureCommand.self, ShowCommand.self, DrawCommand.self, BenchCommand.self,
      ProfileCommand.self, FormatCommand.self, OpsCommand.self, PluginsCommand.self, InspectCommand.self,
      DiffCommand.self, ExportCommand.self, ConvertCommand.self,
    ])
}
