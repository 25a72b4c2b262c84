import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowTensor
import Testing

/// Parses and resolves as the program does; the text is file 0, the prelude file 1.
func resolution(
  _ text: String, imports: [String: String] = [:], files: [String: Tensor] = [:],
  options: ResolveOptions = ResolveOptions()
) -> Resolution {
  let (tree, faults) = parse(text, file: 0)
  if !faults.isEmpty { return .failed(faults) }
  var number: UInt32 = 1
  let whole = tree.inlining { path in
    number += 1
    return parse(imports[path] ?? "", file: number).tree.importable().statements
  }
  let registry = Registry.builtIn()
  let prelude = Prelude.tree(file: 1)
  var loaded: [FileRequest: Result<LoadedTensor, LoadFailure>] = [:]
  while true {
    let result = resolve(whole, prelude: prelude, registry: registry, files: loaded, options: options)
    guard case .wants(let requests) = result else { return result }
    for request in requests {
      loaded[request] = files[request.path].map { .success(LoadedTensor($0)) } ?? .failure(LoadFailure("no such file"))
    }
  }
}

/// The program of a text that has no mistakes.
func program(
  _ text: String, imports: [String: String] = [:], files: [String: Tensor] = [:],
  options: ResolveOptions = ResolveOptions(), sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws -> Program {
  switch resolution(text, imports: imports, files: files, options: options) {
  case .program(let program): return program
  case .failed(let diagnostics):
    Issue.record("\(text)\n\(rendered(diagnostics, text))", sourceLocation: sourceLocation)
    throw Diagnostics(diagnostics)
  case .wants:
    throw LoadFailure("wants files still")
  }
}

func rendered(_ diagnostics: [Diagnostic], _ text: String) -> String {
  var sources = SourceMap()
  _ = sources.add(SourceFile(name: "test.flow", text: text))
  _ = sources.add(Prelude.source)
  return DiagnosticRenderer(sources).render(Diagnostics(diagnostics))
}

/// Holds a program's errors against what is expected, in the order of their places; there are no others.
func assertDiagnoses(
  _ marked: String, _ expected: [Expected], severity: Diagnostic.Severity = .error, imports: [String: String] = [:],
  options: ResolveOptions = ResolveOptions(), sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  let source = MarkedText(marked)
  let all: [Diagnostic] =
    switch resolution(source.text, imports: imports, options: options) {
    case .program(let program): program.diagnostics
    case .failed(let diagnostics): diagnostics
    case .wants: []
    }
  let found = Diagnostics(all.filter { $0.severity == severity }).inOrder
  let text = rendered(found, source.text)
  #expect(found.count == expected.count, "\(source.text)\n\(text)", sourceLocation: sourceLocation)
  for (diagnostic, expectation) in zip(found, expected) {
    check(diagnostic, expectation, source, sourceLocation)
  }
}

private func check(
  _ found: Diagnostic, _ expected: Expected, _ source: MarkedText, _ sourceLocation: Testing.SourceLocation
) {
  #expect(found.message == expected.message, "\(source.text)", sourceLocation: sourceLocation)
  #expect(
    found.span?.start == source.marks[expected.mark] && found.span?.file == 0,
    "\(source.text)\n'\(found.message)' at \(source.name(of: found.span)), not mark \(expected.mark)",
    sourceLocation: sourceLocation)
  if let fix = expected.fix { #expect(found.help == fix, "\(source.text)", sourceLocation: sourceLocation) }
  if let id = expected.id { #expect(found.id == id, "\(source.text)", sourceLocation: sourceLocation) }
  guard !expected.notes.isEmpty else { return }
  let notes = found.notes.map { "\(source.name(of: $0.span)): \($0.message)" }
  let wanted = expected.notes.map { ($0.mark < 0 ? "file \(-$0.mark)" : "mark \($0.mark)") + ": \($0.message)" }
  #expect(notes == wanted, "\(source.text)", sourceLocation: sourceLocation)
}

/// One program with one mistake, or none.
struct Mistake {
  let text: String
  let expected: [Expected]

  init(_ text: String, _ expected: Expected...) {
    self.text = text
    self.expected = expected
  }
}

func assertDiagnoses(_ mistakes: [Mistake], sourceLocation: Testing.SourceLocation = #_sourceLocation) {
  for mistake in mistakes { assertDiagnoses(mistake.text, mistake.expected, sourceLocation: sourceLocation) }
}
