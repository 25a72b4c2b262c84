import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowTensor
import Foundation
import Testing

/// Graphs that were changed at random are a program or a list of mistakes, each with a place: the short form of Scripts/fuzz.
struct `Mutated graphs` {
  private static let count = ProcessInfo.processInfo.environment["FLOW_FUZZ_COUNT"].flatMap(Int.init) ?? 12

  private static let samples: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("samples").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
    return names.filter { $0.hasSuffix(".flow") }.map { "\(folder)/\($0)" }
  }()

  @Test(arguments: samples)
  func `never crash their reader`(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let registry = Registry.builtIn()
    for number in 0..<Self.count {
      let (source, fault) = decode(Array(Self.mutated(text, number).utf8), name: "m.flow", file: 0)
      if fault != nil { continue }
      let (tree, faults) = parse(source.text, file: 0)
      guard faults.isEmpty else {
        #expect(faults.allSatisfy { $0.span != nil }, "\(number)")
        continue
      }
      #expect(parse(format(tree), file: 0).diagnostics.isEmpty, "\(number)")
      let result = resolve(
        tree, prelude: Prelude.tree(file: 1), registry: registry, mainFile: 0, files: [:], options: ResolveOptions())
      if case .failed(let mistakes) = result { #expect(!mistakes.isEmpty, "\(number)") }
    }
  }

  /// Words and signs left out, doubled or put in the place of others.
  private static func mutated(_ text: String, _ number: Int) -> String {
    let random = Philox(seed: Int64(number), stream: "mutation")
    var draws = 0
    func below(_ bound: Int) -> Int {
      draws += 1
      return min(Int(random.uniform(draws) * Double(bound)), max(bound - 1, 0))
    }
    var words: [String] = []
    for character in text {
      let isWord = character.isLetter || character.isNumber || character == "_"
      if isWord, let last = words.last?.last, last.isLetter || last.isNumber || last == "_" {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
    }
    for _ in 0...below(4) where !words.isEmpty {
      let place = below(words.count)
      switch below(4) {
      case 0: words.remove(at: place)
      case 1: words.insert(words[below(words.count)], at: place)
      case 2: words[place] = words[below(words.count)]
      default:
        words[place] =
          ["(", "]", "}", "-1", "99999999999999999999", "1e999", "\"", "grad", "repeat", "@", "0"][below(11)]
      }
    }
    return words.joined()
  }
}
