import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowLanguage
import FlowTraining

/// `flowrun draw`: the graph as a picture.
struct DrawCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draws the graph: svg, png or pdf through Graphviz, dot without it.",
    discussion: """
      Example: flowrun draw samples/digits.flow -o digits.svg

      Each operation is a box, inputs, parameters, states and outputs have other shapes, lines carry types, calls with \
      parameters are frames. Large graphs become readable with --depth, which makes one box of each frame beyond it.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where to write, by its ending: .svg, .png, .pdf, .dot.", valueName: "file")
  )
  var output: String

  @Option(
    help: ArgumentHelp("How many frames to open inside each other; 0: each is one box. Default: all.", valueName: "N"))
  var depth: Int?

  @Flag(help: "Resolve with `training` true.")
  var training = false

  var console: Console { graph.talk.console }

  /// More boxes than this take long to lay out, and nobody finds anything among them.
  private static let mostBoxes = 2000

  func validate() throws {
    if let depth, depth < 0 { throw ValidationError("--depth is at least 0") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let ending = Path.ending(of: output).lowercased()
    guard ["svg", "png", "pdf", "dot"].contains(ending) else {
      throw Failure(
        .usage, id: "usage", "--output \(output): not a picture that can be drawn",
        help: "a name that ends with .svg, .png, .pdf or .dot")
    }
    try failing { () throws(FileError) in try AtomicFile.checkWritable(output) }
    let bench = try Workbench(graph, isTraining: training, into: &sources)
    let train = bench.program.training
    let drawing = GraphDrawing(
      bench.program.graph, title: bench.file.name,
      wanted: train.map { [$0.minimize] + $0.report.map(\.value) } ?? [], depth: depth)
    var bytes = Array(drawing.dot.utf8)
    if ending != "dot" {
      guard drawing.count <= Self.mostBoxes else {
        throw Failure(
          .badData, id: "limit", "a picture of \(drawing.count) boxes: the limit is \(Self.mostBoxes)",
          help: "--depth 0 makes one box of each call with parameters; -o file.dot has no limit")
      }
      bytes = try Graphviz.draw(bytes, as: ending)
    }
    let picture = bytes
    try failing { () throws(FileError) in try AtomicFile.write(picture, to: output) }
    return 0
  }
}
