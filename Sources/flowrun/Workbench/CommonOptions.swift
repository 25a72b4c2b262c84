import ArgumentParser
import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowPluginHost
import FlowRuntime
import FlowTraining

extension Console.Colour: ExpressibleByArgument {}
extension ResolveOptions.Disconnected: ExpressibleByArgument {}

/// How a command talks.
struct TalkOptions: ParsableArguments {
  @Option(help: ArgumentHelp("When to colour messages: auto, always or never.", valueName: "when"))
  var color = Console.Colour.auto

  @Flag(name: .shortAndLong, help: "Say more.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  var console: Console { Console(colour: color, isQuiet: quiet, isVerbose: verbose) }
}

/// Which plugins are loaded, and from where.
struct PluginOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Load a plugin, by its name or its path.", valueName: "NAME|PATH"))
  var plugin: [String] = []

  @Option(help: ArgumentHelp("Look for plugins here first.", valueName: "DIR"))
  var pluginPath: [String] = []

  /// The built-in operations and those of the plugins that are asked for.
  func registry(for names: [Name] = []) throws(Failure) -> Registry {
    try Plugins(loader, further: plugin).registry(for: names)
  }

  var loader: PluginLoader { .standard(given: pluginPath, looksFirst: true) }
}

/// How a graph is read and run: common to the commands that take one.
struct GraphOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("A graph file, a checkpoint, or - for standard input.", valueName: "FILE"))
  var file: String

  @Option(
    help: ArgumentHelp("Change a setting or a const: train.optimizer.lr=0.01, width=256.", valueName: "name=value"))
  var set: [String] = []

  @Option(
    help: ArgumentHelp(
      "The threads to run on; the results do not depend on it. Default: one for each core.", valueName: "N"))
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of random numbers; default: the file's, else 0.", valueName: "N"))
  var seed: Int64?

  @Option(
    help: ArgumentHelp(
      "What a gradient by something the target does not depend on is: error, warn or ignore.", valueName: "policy"))
  var disconnected = ResolveOptions.Disconnected.warn

  @Flag(name: .customLong("check-numerics"), help: "Stop at the first NaN or infinity, and name where.")
  var checksNumerics = false

  @Option(
    name: .customShort("O", allowingJoined: true),
    help: ArgumentHelp(
      "How much the plan may be changed to save work: -O0 runs every node as the graph has it; default: 1.",
      valueName: "level"))
  var optimization = 1

  @OptionGroup var plugins: PluginOptions

  @OptionGroup var talk: TalkOptions

  func validate() throws {
    if !(0...1).contains(optimization) { throw ValidationError("-O is 0 or 1, not \(optimization)") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads is 1 to 1024, not \(threads)") }
  }

  var executor: Executor {
    Executor(threads: threads, options: Executor.Options(checksNumerics: checksNumerics, optimizes: optimization > 0))
  }
}

/// The values that a graph is evaluated at: common to the commands that compute something of it.
struct PointOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A tensor for an input.", valueName: "x=value"))
  var feed: [String] = []

  @Option(help: ArgumentHelp("Take parameters and states from a file of tensors.", valueName: "F"))
  var weights: String?

  @Flag(help: "Resolve with `training` true.")
  var training = false
}
