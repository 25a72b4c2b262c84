import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowPluginHost
import FlowTraining

/// `flowrun plugins new`: a folder with a plugin that builds, and passes its check, as it is.
struct PluginNewCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Makes the folder of a new plugin, which builds and passes its check as it is.",
    discussion: "Example: flowrun plugins new Cube")

  @Argument(help: ArgumentHelp("What graphs will call the plugin: a word with a capital.", valueName: "NAME"))
  var name: String

  @Option(help: ArgumentHelp("The folder; default: NAME here.", valueName: "DIR"))
  var folder: String?

  @Option(help: ArgumentHelp("The kit to build with; default: the one of this program.", valueName: "DIR"))
  var kit: String?

  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    do {
      let template = try PluginTemplate(name, kit: kit)
      let folder = folder ?? name
      try template.write(to: folder)
      console.say("made \(folder): see \(folder)/Sources/\(name).swift, then run make there")
      return 0
    } catch {
      switch error {
      case .badName(let message, let help): throw Failure(.usage, id: "usage", message, help: help)
      case .noKit(let message):
        throw Failure(
          .missingInput, id: "missing-kit", message,
          help: "--kit names it: share/flow/kit of an installation, Plugins/Kit of the source")
      case .file(let fault): throw Failure(fault)
      }
    }
  }
}
