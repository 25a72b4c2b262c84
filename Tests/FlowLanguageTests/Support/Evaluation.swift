import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowRuntime
import FlowTensor
import Testing

private let executor = Executor(threads: 1)

/// The tensors of a graph's outputs, as the program computes them: parameters at their first values, inputs at their own.
func evaluate(
  _ graph: Graph, _ fetches: [ValueID], feeds: [String: Tensor] = [:], seed: Int64 = 0, step: Int64 = 0
) throws -> [Tensor] {
  var fed: [Int: Tensor] = [:]
  for (index, variable) in graph.variables.enumerated() { fed[index] = feeds[variable.name] }
  let own = graph.variables.indices.filter {
    graph.variables[$0].role == .input && graph.variables[$0].initial != nil && fed[$0] == nil
  }
  // Values whose sizes are known first; they may give sizes to others.
  for isConcrete in [true, false] {
    let names = Set(
      own.filter { ($0.initialType(graph).shape.sizes != nil) == isConcrete }.map { graph.variables[$0].name })
    let state = try graph.initialState(seed: seed, inputs: fed, executor: executor) {
      $0.role == .input && names.contains($0.name)
    }
    for (index, variable) in graph.variables.enumerated() { fed[index] = fed[index] ?? state[variable.name] }
  }
  let kept = try graph.initialState(seed: seed, inputs: fed, executor: executor) {
    $0.role == .parameter || $0.role == .state
  }
  let session = Session(graph, fetching: fetches, store: VariableStore(kept), executor: executor)
  for (variable, tensor) in fed { session.feed(variable, tensor) }
  session.setCounter(seed: seed, step: step)
  try session.evaluate()
  return fetches.indices.compactMap { session.tensor($0) }
}

extension Int {
  fileprivate func initialType(_ graph: Graph) -> TensorType {
    graph.variables[self].initial.map { graph.type(of: $0) } ?? graph.variables[self].type
  }
}

/// A tensor for a person: `f32[2] 1.0 2.0`.
func text(_ tensor: Tensor) -> String {
  let numbers = tensor.wholeNumbers.map { $0.map(String.init) } ?? tensor.doubles.map { "\($0)" }
  return ([tensor.type.description] + numbers).joined(separator: " ")
}

/// Holds the outputs of a program, each written `f32[2] 1.0 2.0`, against what is expected; numbers to six digits in f32.
func assertEvaluates(
  _ source: String, _ expected: [String: String], feeding feeds: [String: Tensor] = [:],
  imports: [String: String] = [:],
  files: [String: Tensor] = [:], options: ResolveOptions = ResolveOptions(), step: Int64 = 0,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  do {
    let graph = try program(source, imports: imports, files: files, options: options, sourceLocation: sourceLocation)
      .graph
    let tensors = try evaluate(graph, graph.outputs.map(\.value), feeds: feeds, step: step)
    let found = Dictionary(uniqueKeysWithValues: zip(graph.outputs.map(\.name), tensors))
    #expect(found.keys.sorted() == expected.keys.sorted(), "\(source)", sourceLocation: sourceLocation)
    for (name, tensor) in found {
      let wanted = expected[name] ?? ""
      #expect(
        agrees(tensor, wanted), "\(source)\n\(name) is \(text(tensor)), not \(wanted)", sourceLocation: sourceLocation)
    }
  } catch let error as SessionError {
    Issue.record("\(source)\n\(error.diagnostic().message)", sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(source)\n\(error)", sourceLocation: sourceLocation)
  }
}

private func agrees(_ tensor: Tensor, _ expected: String) -> Bool {
  // A type with spaces in it is f32[2, 3]: numbers begin behind it.
  guard expected.hasPrefix(tensor.type.description) else { return false }
  let words = expected.dropFirst(tensor.type.description.count).split(separator: " ")
  let numbers = words.compactMap { Double($0) }
  guard numbers.count == words.count, numbers.count == tensor.count else { return false }
  let tolerance = tensor.dtype == .f64 ? 1e-12 : tensor.dtype.isFloating ? 1e-6 : 0
  return zip(tensor.doubles, numbers).allSatisfy { found, wanted in
    found == wanted || found.isNaN && wanted.isNaN || abs(found - wanted) <= tolerance * max(abs(wanted), 1e-3)
  }
}

/// One program and the values of its outputs.
struct Worked {
  let text: String
  let values: [String: String]

  init(_ text: String, _ values: [String: String]) {
    self.text = text
    self.values = values
  }
}

func assertEvaluates(_ programs: [Worked], step: Int64 = 0, sourceLocation: Testing.SourceLocation = #_sourceLocation) {
  for program in programs { assertEvaluates(program.text, program.values, step: step, sourceLocation: sourceLocation) }
}
