import ArgumentParser
import Flow
import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowRuntime
import FlowTraining

/// `flowrun show`: what each room of the engine made of a file.
struct ShowCommand: Command {
  enum Stage: String, CaseIterable, ExpressibleByArgument { case syntax, graph, gradients, plan }

  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Prints what the engine made of a file.",
    discussion: """
      Example: flowrun show samples/two_layer.flow --stage gradients

      The text of graph and gradients is a graph file again.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("syntax, graph, gradients or plan.", valueName: "stage"))
  var stage = Stage.graph

  @Flag(help: "Resolve with `training` true.")
  var training = false

  var console: Console { graph.talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    switch stage {
    case .syntax:
      let file = try GraphFile(graph.file, into: &sources)
      try console.print(file.outline(sources).dropLastNewline())
    case .graph:
      let bench = try Workbench(graph, isTraining: training, hasAbsolutePaths: true, into: &sources)
      let text = graphText(bench.program.graph, tree: bench.file.tree, training: bench.program.training)
      try console.print(text.dropLastNewline())
    case .gradients:
      let bench = try Workbench(graph, isTraining: training, hasAbsolutePaths: true, into: &sources)
      let derived = try bench.differentiate(of: nil, wrt: nil)
      try console.print(derived.text(bench.evaluation).dropLastNewline())
    case .plan:
      let bench = try Workbench(graph, isTraining: training, into: &sources)
      try console.print(try bench.plan(timesRewrites: true).description.dropLastNewline())
    }
    return 0
  }
}
