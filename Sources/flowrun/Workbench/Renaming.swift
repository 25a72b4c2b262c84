import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `--rename FILE`: other names for tensors, a line "old new" each; `#` begins a comment.
struct Renaming {
  private var names: [String: (new: String, line: Int)] = [:]
  private let path: String

  init(_ path: String) throws(Failure) {
    self.path = path
    let text = String(decoding: try failing { () throws(FileError) in try FileBytes.read(path) }, as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0.isWhitespace }.map(String.init)
      if words.isEmpty { continue }
      guard words.count == 2 else { throw fault(index + 1, "'\(line.prefix(80))' is not 'old new'") }
      guard names.updateValue((words[1], index + 1), forKey: words[0]) == nil else {
        throw fault(index + 1, "'\(words[0])' is renamed twice")
      }
    }
  }

  /// - Fails: where a name to be replaced is not there.
  func applied(
    to tensors: [(name: String, tensor: Tensor)]
  ) throws(Failure) -> [(name: String, tensor: Tensor)] {
    let known = Set(tensors.map(\.name))
    let unknown = names.filter { !known.contains($0.key) }.min { $0.value.line < $1.value.line }
    if let (name, (_, line)) = unknown {
      let near = nearestName(to: name, among: tensors.map(\.name))
      throw fault(line, "there is no tensor '\(name)' to rename", help: near.map { "did you mean '\($0)'?" })
    }
    return tensors.map { (names[$0.name]?.new ?? $0.name, $0.tensor) }
  }

  private func fault(_ line: Int, _ message: String, help: String? = nil) -> Failure {
    Failure(.badData, id: "bad-renaming", "\(path): line \(line): \(message)", help: help)
  }
}
