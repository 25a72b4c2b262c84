import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What libFuzzer calls with one input after another: whatever the bytes are, there is an answer or an error.
///
/// `FLOW_FUZZ_TARGET` names what reads them: `parser`, `language`, which makes a graph of them too, or a format by its ending. See
/// Scripts/fuzz.
///
/// SAFETY: the bytes are copied before anything else happens; the arguments are passed on as the system gave them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  switch target {
  case "parser": _ = readText(input)
  case "language": readGraph(input)
  default: readTensors(input)
  }
  return 0
}

/// What begins the program: libFuzzer's own loop.
@_cdecl("Fuzz_main")
public func begin(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
  var (count, arguments) = (count, arguments)
  return run(&count, &arguments, fuzz)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func run(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

private let target = getenv("FLOW_FUZZ_TARGET").map { String(cString: $0) } ?? "language"
private let path = "/tmp/flow-fuzz-\(getpid()).\(target)"
private let registry = Registry.builtIn()
private let prelude = Prelude.tree(file: 1)

/// The tree of a text without mistakes, whose canonical form has none either.
private func readText(_ bytes: [UInt8]) -> SyntaxTree? {
  let (source, fault) = decode(bytes, name: "fuzz", file: 0)
  if fault != nil { return nil }
  let (tree, faults) = parse(source.text, file: 0)
  guard faults.isEmpty else { return nil }
  precondition(parse(format(tree), file: 0).1.isEmpty, "the canonical form is no graph file")
  return tree
}

private func readGraph(_ bytes: [UInt8]) {
  guard let tree = readText(bytes) else { return }
  _ = resolve(
    tree, prelude: prelude, registry: registry, mainFile: 0, files: [:], options: ResolveOptions())
}

/// Tensors larger than the input can hold are not asked for.
private func readTensors(_ bytes: [UInt8]) {
  do {
    Folder.remove(path)
    try FileBytes.append(bytes, to: path)
    guard let format = TensorFormat.all.first(where: { $0.endings.contains(target) }) else { return }
    let reader = try format.open(path, nil)
    for entry in reader.entries.prefix(100) where (entry.type.byteCount ?? .max) < 1 << 24 {
      _ = try? reader.read(entry.name)
      if let rows = entry.sizes.first, rows > 0 { _ = try? reader.read(entry.name, rows: [rows - 1, 0]) }
    }
  } catch {}
}
