import FlowDiagnostics
import FlowFiles
import FlowTensor
import FlowTraining

/// `--rename FILE`: other names for tensors, a line "old new" each; `#` begins a comment.
struct Renaming {
  private var names: [String: String] = [:]
  private let path: String

  init(_ path: String) throws(Failure) {
    self.path = path
    let text = String(decoding: try failing { () throws(FileError) in try FileBytes.read(path) }, as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0.isWhitespace }.map(String.init)
      if words.isEmpty { continue }
      guard words.count == 2 else { throw fault("line \(index + 1): '\(line)' is not 'old new'") }
      guard names.updateValue(words[1], forKey: words[0]) == nil else {
        throw fault("line \(index + 1): '\(words[0])' is renamed twice")
      }
    }
  }

  /// - Fails: where a name to be replaced is not there.
  func applied(
    to tensors: [(name: String, tensor: Tensor)]
  ) throws(Failure) -> [(name: String, tensor: Tensor)] {
    let known = Set(tensors.map(\.name))
    if let unknown = names.keys.sorted().first(where: { !known.contains($0) }) {
      let near = nearestName(to: unknown, among: tensors.map(\.name))
      throw fault("there is no tensor '\(unknown)' to rename", help: near.map { "did you mean '\($0)'?" })
    }
    return tensors.map { (names[$0.name] ?? $0.name, $0.tensor) }
  }

  private func fault(_ message: String, help: String? = nil) -> Failure {
    Failure(.badData, id: "bad-renaming", "\(path): \(message)", help: help)
  }
}
