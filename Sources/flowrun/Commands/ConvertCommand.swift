import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `flowrun convert`: a file of tensors in another format.
struct ConvertCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Writes the tensors of a file in another format, under the same names.",
    discussion: """
      Example: flowrun convert weights.npz weights.safetensors

      Formats are told by the files' endings; every bit stays. From a checkpoint, the place in the training is left out. \
      Other layouts need a graph: see flowrun export.
      """)

  @Argument(help: ArgumentHelp("The file to read.", valueName: "A"))
  var source: String

  @Argument(help: ArgumentHelp("The file to write.", valueName: "B"))
  var output: String

  @OptionGroup var choice: TensorChoice
  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let reader = try failing { () throws(FileError) in try openTensorFile(source) }
    let target = try TensorOutput(output, option: "B")
    let isCheckpoint = Checkpoint.step(of: source) != nil
    var tensors: [(name: String, tensor: Tensor)] = []
    var omitted: [String] = []
    for entry in reader.entries {
      if isCheckpoint, entry.name.hasPrefix("training/") {
        omitted.append(entry.name)
        continue
      }
      let tensor = try failing { () throws(FileError) in try reader.read(entry.name) }
      tensors.append((entry.name.isEmpty ? Path.stem(of: source) : entry.name.replacing("/", with: "."), tensor))
    }
    if tensors.isEmpty { throw Failure(.badData, id: "no-tensors", "\(source): there are no tensors in the file") }
    for (name, reason) in reader.unreadable { console.say("\(source): '\(name)' left out: \(reason)") }
    if isCheckpoint { console.say("\(source): left out: source, \(omitted.joined(separator: ", "))") }
    try choice.write(tensors, to: target, console)
    return 0
  }
}
