import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowLanguage
import FlowTraining

/// `flowrun grad`: a value and its gradients.
struct GradCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "grad", abstract: "Evaluates a scalar and its gradients.",
    discussion: """
      Example: flowrun grad samples/apples.flow --of price --wrt apple,count

      With --emit the differentiated graph is printed as a graph file, which runs and differentiates again.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("The scalar; default: what is minimized, or the only scalar output.", valueName: "name"))
  var of: String?

  @Option(
    help: ArgumentHelp(
      "The variables, any floating values, * stands for any characters; default: all parameters and floating inputs.",
      valueName: "a,b"))
  var wrt: String?

  @OptionGroup var point: PointOptions

  @Flag(help: "Print the graph with its gradients as a graph file.")
  var emit = false

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(
      graph, weights: point.weights, isTraining: point.training, hasAbsolutePaths: emit, keepsSeed: emit, into: &sources
    )
    let derived = try bench.differentiate(of: of, wrt: wrt)
    if emit {
      try console.print(derived.text(bench.evaluation).dropLastNewline())
      return 0
    }
    let tensors = try bench.evaluate(derived.graph, [derived.target.value] + derived.gradients, feeds: point.feed)
    guard let value = tensors.first else { return Failure.Code.internal.rawValue }
    let gradients = zip(derived.variables, tensors.dropFirst()).map { (name: $0.name, tensor: $1) }
    guard json else {
      try console.print(TensorText.line(derived.target.name, value))
      for (name, tensor) in gradients {
        try console.print(TensorText.line("d\(derived.target.name)/d\(name)", tensor))
      }
      return 0
    }
    let report = JSON.object([
      ("graph", .string(bench.file.name)), ("of", .string(derived.target.name)), ("value", .tensor(value)),
      ("gradients", .object(gradients.map { ($0.name, .tensor($0.tensor)) })),
    ])
    try console.print(report.text)
    return 0
  }
}

extension String {
  func dropLastNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
