import ArgumentParser
import FlowDiagnostics
import FlowFiles
import FlowLanguage
import FlowTraining

/// `flowrun fmt`: canonical form.
struct FormatCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Prints graph files in canonical form.",
    discussion: """
      Example: flowrun fmt --check samples/apples.flow

      Without options the text of one file, or of standard input (-), goes to standard output.
      """)

  @Argument(help: ArgumentHelp("Graph files, or - for standard input.", valueName: "FILE"))
  var files: [String]

  @Flag(help: "Change nothing; exit 1 and name the files that are not canonical.")
  var check = false

  @Flag(name: .shortAndLong, help: "Write the files instead of printing them.")
  var inPlace = false

  @OptionGroup var talk: TalkOptions

  var console: Console { talk.console }

  func validate() throws {
    if check && inPlace { throw ValidationError("--check and --in-place exclude each other") }
    if files.count > 1 && !check && !inPlace { throw ValidationError("several files need --check or --in-place") }
    if inPlace && files.contains("-") { throw ValidationError("standard input cannot be written in place") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    var differs = false
    for path in files {
      let (text, canonical) = try canonical(path, &sources)
      if check {
        guard text != canonical else { continue }
        console.say("\(path): not in canonical form")
        differs = true
      } else if inPlace {
        guard text != canonical else { continue }
        try failing { () throws(FileError) in try AtomicFile.write(Array(canonical.utf8), to: path) }
      } else {
        try console.print(canonical.dropLastNewline())
      }
    }
    return differs ? Failure.Code.difference.rawValue : 0
  }

  private func canonical(
    _ path: String, _ sources: inout SourceMap
  ) throws(Failure) -> (text: String, canonical: String) {
    let bytes = try failing { () throws(FileError) in try FileBytes.read(path == "-" ? "/dev/stdin" : path) }
    let number = UInt32(sources.files.count)
    let (source, fault) = decode(bytes, name: path == "-" ? "<stdin>" : path, file: number)
    _ = sources.add(source)
    if let fault { throw Failure(.badData, [fault]) }
    let (tree, diagnostics) = FlowLanguage.parse(source.text, file: number)
    guard diagnostics.isEmpty else { throw Failure(.badData, diagnostics) }
    return (String(decoding: bytes, as: UTF8.self), format(tree))
  }
}
