import ArgumentParser
import FlowPluginHost

/// `flowrun plugins`: what is found, whether it holds, and a new one.
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Lists, checks and makes plugins.",
    discussion: "Example: flowrun plugins list",
    subcommands: [
      PluginListCommand.self, PluginCheckCommand.self, PluginNewCommand.self, LookCommand.self, ProveCommand.self,
    ])
}

/// `flowrun plugins look`: the other side of the first look at a library.
struct LookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "look", shouldDisplay: false)

  @Argument var path: String

  func run() { FirstLook.report(path) }
}
