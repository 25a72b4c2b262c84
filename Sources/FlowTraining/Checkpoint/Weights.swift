import FlowDiagnostics
import FlowFiles
package import FlowGraph
package import FlowRuntime
package import FlowTensor

/// Tensors of a file put to a graph's variables: what matched, what is missing, what was not used.
package struct Weights: Sendable {
  package private(set) var state: State = [:]
  /// Parameters and states for which the file has nothing.
  package private(set) var missing: [String] = []
  /// Tensors of the file that no variable took, an optimizer's memory aside.
  package private(set) var unused: [String] = []

  /// - Parameters:
  ///   - tensors: by path: `params/h/0/w`, or `h/0/w` in a file that is no checkpoint.
  ///   - isWanted: which variables are to be filled.
  /// - Fails: where a tensor has another dtype or shape than its variable.
  package init(
    _ tensors: [(path: String, tensor: Tensor)], for graph: Graph, from file: String,
    where isWanted: (Graph.Variable) -> Bool
  ) throws(Failure) {
    var rest = Dictionary(tensors.map { ($0.path, $0.tensor) }) { first, _ in first }
    for variable in graph.variables where isWanted(variable) {
      guard let path = Checkpoint.path(of: variable) else { continue }
      let place = Self.places(path).first { rest[$0] != nil }
      guard let tensor = place.flatMap({ rest.removeValue(forKey: $0) }) else {
        missing.append(variable.name)
        continue
      }
      guard tensor.dtype == variable.type.dtype, Shape(tensor.sizes).equals(variable.type.shape) != false else {
        throw Failure(
          .badData, id: "shape-mismatch",
          "\(file): '\(path)' is \(tensor.type), but '\(variable.name)' is \(variable.type)",
          at: variable.span)
      }
      state[variable.name] = tensor
    }
    unused = rest.keys.filter { !$0.hasPrefix("optimizer/") }.sorted()
  }

  /// Reads a checkpoint, or any file of tensors whose names are the variables'.
  package init(reading path: String, for graph: Graph, where isWanted: (Graph.Variable) -> Bool) throws(Failure) {
    let tensors = try failing { () throws(FileError) in try Self.tensors(of: path) }
    try self.init(tensors, for: graph, from: path, where: isWanted)
  }

  /// The names in a file of the tensors that parameters and states would take, by the variable's name.
  package static func places(in path: String, for graph: Graph) throws(Failure) -> [String: String] {
    let reader = try failing { () throws(FileError) in try openTensorFile(path) }
    let names = Set(reader.entries.map(\.name))
    var found: [String: String] = [:]
    for variable in graph.variables where variable.role == .parameter || variable.role == .state {
      guard let path = Checkpoint.path(of: variable) else { continue }
      found[variable.name] = places(path).first(where: names.contains)
    }
    return found
  }

  private static func tensors(of path: String) throws(FileError) -> [(path: String, tensor: Tensor)] {
    let reader = try openTensorFile(path)
    var tensors: [(path: String, tensor: Tensor)] = []
    for entry in reader.entries where !entry.name.hasPrefix("training/") {
      tensors.append((entry.name, try reader.read(entry.name)))
    }
    return tensors
  }

  /// Where a file may have what a checkpoint has at `path`: there, or without `params/` or `state/` before it.
  private static func places(_ path: String) -> [String] {
    [path] + (path.firstIndex(of: "/").map { [String(path[path.index(after: $0)...])] } ?? [])
  }
}
