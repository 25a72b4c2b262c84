package import FlowDiagnostics
package import FlowFiles
package import FlowGraph
package import FlowLanguage
import FlowTensor
package import FlowTraining

/// A graph file with everything that it imports, or the graph that a checkpoint holds.
package struct GraphFile: Sendable {
  /// What the graph is called: the file's stem.
  package let name: String
  /// As the user named it; `-` for standard input.
  package let path: String
  /// Where FILE is a checkpoint: what it holds.
  package let checkpoint: Checkpoint?
  /// The syntax with imports put in and overrides made.
  package private(set) var tree: SyntaxTree
  /// What relative paths that are read are relative to.
  package let folder: String

  /// The formats of the plugins that are loaded for it.
  package var formats: [TensorFormat] = []

  private let file: UInt32

  /// Reads and parses a file and what it imports.
  ///
  /// - Parameter sources: gets the texts; they are there for the messages also where this fails.
  package init(_ path: String, into sources: inout SourceMap) throws(Failure) {
    self.path = path
    let isStandardInput = path == "-"
    let held: Checkpoint? =
      isStandardInput || !Checkpoint.isHDF5(path)
      ? nil : try failing { () throws(FileError) in try Checkpoint(reading: path) }
    checkpoint = held
    folder = isStandardInput ? "." : Path.folder(of: path)
    name = held?.graphName ?? (isStandardInput ? "stdin" : Path.stem(of: path))
    let title = held == nil ? (isStandardInput ? "<stdin>" : path) : "\(path)/source"
    let bytes: [UInt8]
    if let held {
      bytes = Array(held.source.utf8)
    } else {
      bytes = try Self.read(isStandardInput ? "/dev/stdin" : path)
    }
    let (tree, number) = try Self.parse(bytes, title: title, &sources)
    file = number
    var imports = Imports()
    self.tree = try imports.inline(tree, from: path, folder: folder, &sources)
  }

  /// Changes a const or a setting: `train.optimizer.lr=0.01`, `width=256`.
  package mutating func override(_ text: String, into sources: inout SourceMap) throws(Failure) {
    let number = sources.add(SourceFile(name: Self.overrideName, text: text))
    let change: Override
    do {
      change = try Override(text, file: number)
    } catch {
      throw Failure(.usage, error.all)
    }
    do {
      tree = try overriding(tree, with: change)
    } catch {
      throw Failure(.usage, [error])
    }
  }

  package var hasTrainBlock: Bool {
    tree.statements.contains { if case .train = $0.kind { true } else { false } }
  }

  /// Makes the graph.
  package func resolve(
    _ registry: Registry, _ options: ResolveOptions, into sources: inout SourceMap
  ) throws(Failure) -> Program {
    let prelude = Prelude.tree(file: sources.add(Prelude.source))
    var files: [FileRequest: Result<LoadedTensor, LoadFailure>] = [:]
    var lacksFiles = false
    while true {
      switch FlowLanguage.resolve(
        tree, prelude: prelude, registry: registry, mainFile: file, files: files, options: options)
      {
      case .program(let program): return program
      case .failed(let diagnostics):
        throw Failure(lacksFiles ? .missingInput : Self.code(of: diagnostics, sources), diagnostics)
      case .wants(let requests):
        for request in requests { files[request] = load(request, &lacksFiles) }
      }
    }
  }

  /// Bad usage where the command line, not the file, names a setting or an argument that is not there.
  private static func code(of diagnostics: [Diagnostic], _ sources: SourceMap) -> Failure.Code {
    if diagnostics.contains(where: \.isPluginFailure) { return .internal }
    let areOverrides = diagnostics.allSatisfy { diagnostic in
      guard diagnostic.severity == .error else { return true }
      let file = diagnostic.span.flatMap { sources.file($0.file) }
      return file?.name == Self.overrideName && diagnostic.id.hasPrefix("unknown-")
    }
    return areOverrides ? .usage : .badData
  }

  /// What the text of an override is called in messages.
  private static let overrideName = "--set"

  /// The canonical text with the paths it reads as seen from another folder: what a checkpoint there carries.
  package func source(for folder: String) -> String {
    format(tree.mappingPaths { Path.isAbsolute($0) ? $0 : Path.relative(located($0), to: folder) })
  }

  /// Makes the paths that the file reads absolute.
  package mutating func makePathsAbsolute() {
    let file = self
    tree = tree.mappingPaths { Path.absolute(file.located($0)) }
  }

  /// The syntax as an outline, with the place of each part.
  package func outline(_ sources: SourceMap) -> String {
    sources.file(file).map { dump(tree, of: $0) } ?? ""
  }

  /// A path that the file reads, as seen from the working folder.
  package func located(_ path: String) -> String { Path.joining(folder, path) }

  /// The plugins that the file, or what it imports, asks for.
  package var plugins: [Name] { tree.requests.plugins }

  /// The files that training, or resolving, reads, as seen from the working folder.
  package var readPaths: [String] {
    var paths: [String] = []
    _ = tree.mappingPaths { path in
      paths.append(path)
      return path
    }
    return paths.map(located)
  }

  private func load(_ request: FileRequest, _ lacksFiles: inout Bool) -> Result<LoadedTensor, LoadFailure> {
    let path = located(request.path)
    do {
      let reader = try openTensorFile(path, format: request.format, of: formats)
      return .success(LoadedTensor(try request.name.isEmpty ? reader.readOnlyTensor() : reader.read(request.name)))
    } catch {
      if let tensor = held(for: request) { return .success(LoadedTensor(tensor)) }
      if error.kind == .missing { lacksFiles = true }
      return .failure(LoadFailure("\(path): \(error.message)", help: error.help))
    }
  }

  /// What a checkpoint holds for the variable that once began with a file's tensor: it runs without that file.
  private func held(for request: FileRequest) -> Tensor? {
    for case .variable(let syntax) in tree.statements.map(\.kind) {
      guard case .call(let call)? = syntax.value?.kind, call.callee.span == request.span else { continue }
      let path = syntax.name.text.replacing(".", with: "/")
      return checkpoint?.tensors.first { ["params/\(path)", "state/\(path)"].contains($0.path) }?.tensor
    }
    return nil
  }

  fileprivate static func read(_ path: String) throws(Failure) -> [UInt8] {
    try failing { () throws(FileError) in try FileBytes.read(path) }
  }

  fileprivate static func parse(
    _ bytes: [UInt8], title: String, _ sources: inout SourceMap
  ) throws(Failure) -> (tree: SyntaxTree, file: UInt32) {
    let number = UInt32(sources.files.count)
    let (source, fault) = decode(bytes, name: title, file: number)
    _ = sources.add(source)
    if let fault { throw Failure(.badData, [fault]) }
    let (tree, diagnostics) = FlowLanguage.parse(source.text, file: number)
    guard diagnostics.isEmpty else { throw Failure(.badData, diagnostics) }
    return (tree, number)
  }
}

/// Puts imported files in, each once.
private struct Imports {
  private var done: Set<String> = []
  private var open: [String] = []

  mutating func inline(
    _ tree: SyntaxTree, from path: String, folder: String, _ sources: inout SourceMap
  ) throws(Failure) -> SyntaxTree {
    open.append(Path.absolute(path))
    defer { open.removeLast() }
    var pieces: [String: [Statement]] = [:]
    for request in tree.requests.imports {
      pieces[request.text] = try statements(of: request, from: folder, &sources)
    }
    return tree.inlining { pieces.removeValue(forKey: $0) ?? [] }
  }

  private mutating func statements(
    of request: Name, from folder: String, _ sources: inout SourceMap
  ) throws(Failure) -> [Statement] {
    let path = Path.joining(folder, request.text)
    let identity = Path.absolute(path)
    if open.contains(identity) {
      throw Failure(.badData, id: "import-cycle", "'\(request.text)' imports itself", at: request.span)
    }
    guard done.insert(identity).inserted else { return [] }
    let bytes: [UInt8]
    do {
      bytes = try GraphFile.read(path)
    } catch {
      throw Failure(error.code, error.diagnostics.map { $0.moved(to: request.span) })
    }
    let (tree, _) = try GraphFile.parse(bytes, title: path, &sources)
    let own = Path.folder(of: path)
    let whole = try inline(tree, from: path, folder: own, &sources)
    let (kept, diagnostics) = whole.importable()
    guard diagnostics.isEmpty else { throw Failure(.badData, diagnostics) }
    var imported = whole
    imported.statements = kept
    return imported.mappingPaths { Path.isAbsolute($0) ? $0 : Path.relative(Path.joining(own, $0), to: folder) }
      .statements
  }
}

extension Diagnostic {
  fileprivate func moved(to span: SourceSpan) -> Diagnostic {
    var moved = self
    moved.span = span
    return moved
  }
}
