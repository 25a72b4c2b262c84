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

  @Flag(help: "Prove the gradients of plugins when they are loaded, and watch over each of their runs.")
  var checkPlugins = false

  @Flag(help: "Run plugins in processes of their own, so that one that breaks down ends the step, not the program.")
  var isolatePlugins = false

  @Option(
    help: ArgumentHelp(
      "How long a plugin may take to load, default 10, and for a run of --isolate-plugins, default 60.",
      valueName: "seconds"))
  var pluginTimeout: Double?

  func validate() throws {
    if let pluginTimeout, !(pluginTimeout > 0 && pluginTimeout < 1e6) {
      throw ValidationError("--plugin-timeout is above 0, not \(pluginTimeout)")
    }
  }

  /// The built-in operations and those of the plugins that are asked for, with their formats.
  ///
  /// - Parameter further: one more.
  func load(for names: [Name] = [], further: String? = nil) throws(Failure) -> Plugins.Loaded {
    try Plugins(loader, further: plugin + (further.map { [$0] } ?? []), care: care).load(for: names)
  }

  private var care: PluginCare {
    PluginCare(isWatched: checkPlugins, isIsolated: isolatePlugins, patience: pluginTimeout ?? 60)
  }

  var loader: PluginLoader {
    var loader = PluginLoader.standard(given: pluginPath, looksFirst: true)
    if let pluginTimeout { loader.patience = pluginTimeout }
    return loader
  }
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

  var executor: Executor { executor(recording: nil) }

  /// - Parameter recorder: what is told of everything that runs.
  func executor(recording recorder: Recorder?) -> Executor {
    Executor(
      threads: threads, options: Executor.Options(checksNumerics: checksNumerics, optimizes: optimization > 0),
      recorder: recorder)
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
