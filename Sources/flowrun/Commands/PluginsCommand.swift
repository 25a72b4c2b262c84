import ArgumentParser
import FlowPluginHost

/// `flowrun plugins`: what is found and why not.
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Lists, checks and makes plugins.",
    discussion: "Example: flowrun plugins list",
    subcommands: [LookCommand.self])
}

/// `flowrun plugins look`: the other side of the first look at a library.
struct LookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "look", shouldDisplay: false)

  @Argument var path: String

  func run() { FirstLook.report(path) }
}
