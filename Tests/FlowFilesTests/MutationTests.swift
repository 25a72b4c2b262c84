import FlowTensor
import Foundation
import Testing

@testable import FlowFiles

/// Files that were changed at random are answered with tensors or an error, within bounded time: the short form of Scripts/fuzz.
///
/// `FLOW_FUZZ_COUNT` is how many of each are tried; the seed of each is its number.
struct `Mutated files` {
  private static let count = ProcessInfo.processInfo.environment["FLOW_FUZZ_COUNT"].flatMap(Int.init) ?? 60

  private static let seeds: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fuzz/Seeds").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []
    return names.map { "\(folder)/\($0)" }
  }()

  @Test(arguments: seeds)
  func `never crash their reader`(_ seed: String) throws {
    let folder = try TemporaryFolder()
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: seed)))
    let ending = Path.ending(of: seed)
    let format = try TensorFormat.of(reading: seed)
    let start = ContinuousClock.now
    for number in 0..<Self.count {
      let path = try folder.write(Self.mutated(whole, number), "m.\(ending)")
      if let reader = try? format.open(path, nil) {
        for entry in reader.entries.prefix(100) where (entry.type.byteCount ?? .max) < 1 << 24 {
          _ = try? reader.read(entry.name)
          if let rows = entry.sizes.first, rows > 0 { _ = try? reader.read(entry.name, rows: [rows - 1, 0]) }
        }
      }
    }
    #expect(start.duration(to: .now) < .seconds(60))
  }

  /// A few changes: bytes replaced by extremes or at random, parts left out, doubled or moved.
  private static func mutated(_ whole: [UInt8], _ number: Int) -> [UInt8] {
    let random = Philox(seed: Int64(number), stream: "mutation")
    var draws = 0
    func below(_ bound: Int) -> Int {
      draws += 1
      return min(Int(random.uniform(draws) * Double(bound)), max(bound - 1, 0))
    }
    var bytes = whole
    for _ in 0...below(6) where !bytes.isEmpty {
      let (place, length) = (below(bytes.count), below(9))
      let part = place..<min(place + length, bytes.count)
      switch below(6) {
      case 0: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][below(6)]
      case 1: bytes[place] = UInt8(below(256))
      case 2: bytes.removeSubrange(part)
      case 3: bytes.insert(contentsOf: bytes[part], at: below(bytes.count))
      case 4: bytes.replaceSubrange(part, with: part.map { _ in UInt8(0xFF) })
      default: bytes.append(contentsOf: bytes[part])
      }
    }
    return bytes
  }
}
