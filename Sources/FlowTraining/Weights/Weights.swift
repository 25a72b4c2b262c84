import FlowDiagnostics
import FlowFiles
package import FlowGraph
package import FlowRuntime
package import FlowTensor

/// Tensors of a file put to a graph's variables: what matched, what is missing, what was not used.
///
/// A tensor is known by its name in any of the layouts, with points or slashes between its parts: `params/h/0/w` of a checkpoint,
/// `h.0.w`, PyTorch's `h.0.weight`, Keras's `layers/dense/vars/0`.
package struct Weights: Sendable {
  package private(set) var state: State = [:]
  /// Parameters and states for which the file has nothing.
  package private(set) var missing: [String] = []
  /// Tensors of the file that no variable took, an optimizer's memory aside.
  package private(set) var unused: [String] = []
  /// What else the file has, and why it is no tensor.
  package private(set) var unreadable: [(name: String, reason: String)] = []

  /// - Parameters:
  ///   - tensors: by their names in the file.
  ///   - isWanted: which variables are to be filled.
  /// - Fails: with each tensor that has another dtype or shape than its variable; narrower floating numbers widen.
  package init(
    _ tensors: [(path: String, tensor: Tensor)], for graph: Graph, from file: String,
    where isWanted: (Graph.Variable) -> Bool
  ) throws(Failure) {
    let byName = Dictionary(tensors.map { (Self.dotted($0.path), $0) }) { first, _ in first }
    var taken: Set<String> = []
    let places = Self.places(in: graph)
    var misfits: [Diagnostic] = []
    for variable in graph.variables where isWanted(variable) {
      guard Checkpoint.path(of: variable) != nil else { continue }
      let matching = Self.candidates(for: variable, places).first { byName[Self.dotted($0.name)] != nil }
      guard let place = matching, let (name, tensor) = byName[Self.dotted(place.name)] else {
        missing.append(variable.name)
        continue
      }
      taken.insert(name)
      if let fitting = Self.fit(tensor, place, variable) {
        state[variable.name] = fitting
      } else {
        misfits.append(Self.misfit(file, name, tensor, place, variable))
      }
    }
    if !misfits.isEmpty { throw Failure(.badData, misfits) }
    unused = tensors.map(\.path).filter { !taken.contains($0) && !$0.hasPrefix("optimizer/") }.sorted()
  }

  /// Reads a checkpoint, or any file of tensors whose names are the variables'.
  package init(reading path: String, for graph: Graph, where isWanted: (Graph.Variable) -> Bool) throws(Failure) {
    let reader = try failing { () throws(FileError) in try openTensorFile(path) }
    let tensors = try failing { () throws(FileError) in try Self.tensors(of: reader) }
    try self.init(tensors, for: graph, from: path, where: isWanted)
    unreadable = reader.unreadable
  }

  /// The names in a file of the tensors that parameters and states would take as they are, by the variable's name.
  package static func places(in path: String, for graph: Graph) throws(Failure) -> [String: String] {
    let reader = try failing { () throws(FileError) in try openTensorFile(path) }
    let names = Dictionary(reader.entries.map { (dotted($0.name), $0.name) }) { first, _ in first }
    let foreign = places(in: graph)
    var found: [String: String] = [:]
    for variable in graph.variables where variable.isWeight {
      let place = candidates(for: variable, foreign).first { names[dotted($0.name)] != nil }
      guard let place, let name = names[dotted(place.name)] else { continue }
      guard place.axes == nil else {
        throw Failure(
          .badData, id: "bad-file", "\(path): a graph cannot load '\(name)': its axes are in another order",
          at: variable.span, help: "flowrun export writes a file in the graph's own layout")
      }
      found[variable.name] = name
    }
    return found
  }

  private static func tensors(of reader: any TensorReader) throws(FileError) -> [(path: String, tensor: Tensor)] {
    var tensors: [(path: String, tensor: Tensor)] = []
    for entry in reader.entries where !entry.name.hasPrefix("training/") {
      tensors.append((entry.name, try reader.read(entry.name)))
    }
    return tensors
  }

  /// Where other programs' layouts put each variable.
  private static func places(in graph: Graph) -> [String: [WeightLayout.Place]] {
    let foreign = [WeightLayout.torch, .keras].flatMap { $0.places(in: graph) }
    return Dictionary(grouping: foreign.filter { !$0.isFiller }, by: \.variable)
  }

  /// The tensor in the variable's order of axes and dtype; nil where it does not fit.
  private static func fit(_ tensor: Tensor, _ place: WeightLayout.Place, _ variable: Graph.Variable) -> Tensor? {
    var tensor = tensor
    if let axes = place.axes {
      guard tensor.sizes.count == axes.count else { return nil }
      tensor = tensor.transposed(axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis })
    }
    let target = variable.type.dtype
    let widens = tensor.dtype.isFloating && target.isFloating && tensor.dtype.byteCount < target.byteCount
    guard tensor.dtype == target || widens, Shape(tensor.sizes).equals(variable.type.shape) != false else { return nil }
    return tensor.converted(to: target)
  }

  private static func misfit(
    _ file: String, _ name: String, _ tensor: Tensor, _ place: WeightLayout.Place, _ variable: Graph.Variable
  ) -> Diagnostic {
    let order = place.axes.map { " with its axes in the order \($0)" } ?? ""
    return Diagnostic(
      id: "shape-mismatch",
      "\(file): '\(name)' is \(tensor.type), but '\(variable.name)'\(order) is \(variable.type)", at: variable.span)
  }

  private static func dotted(_ name: String) -> String { name.replacing("/", with: ".") }

  /// Where a file may have a variable: where a checkpoint has it, without `params/` or `state/` before it, or in a layout.
  private static func candidates(
    for variable: Graph.Variable, _ foreign: [String: [WeightLayout.Place]]
  ) -> [WeightLayout.Place] {
    guard let path = Checkpoint.path(of: variable) else { return [] }
    let bare = path.firstIndex(of: "/").map { String(path[path.index(after: $0)...]) }
    let own = [path, bare].compactMap(\.self).map { WeightLayout.Place(variable: variable.name, name: $0) }
    return own + (foreign[variable.name] ?? [])
  }
}
