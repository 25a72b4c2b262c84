import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowTensor
import FlowTraining

/// `flowrun export`: the weights of a graph for other programs.
struct ExportCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the weights, or the whole graph, for other programs, in the format of the file's ending.",
    discussion: """
      Example: flowrun export digits.h5 -o digits.safetensors --layout torch

      Endings: .onnx for the graph of the outputs with its weights; .safetensors, .npz, .h5, .weights.h5 (as Keras names them), .json, and for one tensor .npy and .csv. An \
      optimizer's memory is left out.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "OUT"))
  var output: String

  @Option(help: ArgumentHelp("Take parameters and states from a file.", valueName: "F"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Whose names and order of axes: flow, torch or keras; default: keras for .weights.h5, else flow.",
      valueName: "layout"))
  var layout: WeightLayout?

  @Option(
    help: ArgumentHelp(
      "For .onnx: the values to give, any that the file names; default: its outputs.", valueName: "a,b"))
  var fetch: String?

  @OptionGroup var choice: TensorChoice

  var console: Console { graph.talk.console }

  private var isONNX: Bool { Path.ending(of: output) == "onnx" }

  func validate() throws {
    if isONNX, layout != nil || choice.tensor != nil || choice.rename != nil {
      throw ValidationError("--layout, --tensor and --rename are for weights, not for .onnx")
    }
    if !isONNX, fetch != nil { throw ValidationError("--fetch is for .onnx") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    if isONNX { return try writeModel(&sources) }
    let target = try TensorOutput(output, option: "--output", others: TensorFormat.onnx.endings)
    let bench = try Workbench(graph, weights: weights, into: &sources)
    let state = try bench.evaluation.state(for: bench.program.graph)
    let layout = layout ?? (TensorFormat.isKerasWeights(output) ? .keras : .flow)
    let tensors = try layout.tensors(of: bench.program.graph, state)
    if tensors.isEmpty {
      throw Failure(.badData, id: "no-weights", "\(graph.file): the graph has no parameters and no states")
    }
    try choice.write(tensors, to: target, console)
    return 0
  }

  private func writeModel(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    try failing { () throws(FileError) in try AtomicFile.checkWritable(output) }
    let bench = try Workbench(graph, weights: weights, into: &sources)
    let wanted = try bench.wanted(fetch)
    let bytes = try bench.evaluation.onnx(of: wanted)
    try failing { () throws(FileError) in try AtomicFile.write(bytes, to: output) }
    console.say("\(output): \(wanted.map(\.name).joined(separator: ", ")), \(byteText(bytes.count)) written")
    return 0
  }
}

/// Which tensors are written, and under which names.
struct TensorChoice: ParsableArguments {
  @Option(help: ArgumentHelp("Only this tensor.", valueName: "name"))
  var tensor: String?

  @Option(help: ArgumentHelp("Other names: a file with a line 'old new' for each.", valueName: "FILE"))
  var rename: String?

  func write(
    _ tensors: [(name: String, tensor: Tensor)], to target: TensorOutput, _ console: Console
  ) throws(Failure) {
    var chosen = tensors
    if let tensor {
      chosen = tensors.filter { $0.name == tensor }
      guard !chosen.isEmpty else {
        let near = nearestName(to: tensor, among: tensors.map(\.name))
        throw Failure(
          .usage, id: "unknown-name", "--tensor: no tensor named '\(tensor)'",
          help: near.map { "did you mean '\($0)'?" })
      }
    }
    if let rename { chosen = try Renaming(rename).applied(to: chosen) }
    try target.write(chosen)
    console.say("\(target.path): \(chosen.count) tensor\(chosen.count == 1 ? "" : "s") written")
  }
}
