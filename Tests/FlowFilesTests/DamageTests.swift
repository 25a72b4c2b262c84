import FlowTensor
import Foundation
import Testing

@testable import FlowFiles

/// Damaged files give errors, never a crash, and never other numbers than were written where the format has a checksum.
///
/// `FLOW_DAMAGE_COUNT` is how many of each kind are tried; the seed of each is its number.
struct `Damaged files` {
  static let count = ProcessInfo.processInfo.environment["FLOW_DAMAGE_COUNT"].flatMap(Int.init) ?? 300

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What a test writes, and what reading gives of it: nil where that is an error.
  private struct Content: Equatable {
    var tensors: [String: Tensor] = [:]
    var source: String?
    var attributes: [String: FileAttribute] = [:]
  }

  private static let tensors: [(name: String, tensor: Tensor)] = DType.allCases.map {
    ("params/\($0.rawValue)", Samples.tensor($0, [3, 5]))
  }

  private func checkpoint() throws -> [UInt8] {
    var image = HDF5Image(for: "checkpoint.h5")
    try image.set("format", .text("flow.checkpoint"))
    try image.set("step", .integer(900))
    try image.write(text: "graph digits {}", at: "source")
    for (name, tensor) in Self.tensors { try image.write(tensor, at: name) }
    try image.set("seed", .integer(1), of: "training")
    return try image.bytes()
  }

  private func read(_ path: String) throws -> Content {
    let reader = try HDF5Reader(path)
    var content = Content()
    for entry in reader.entries { content.tensors[entry.name] = try reader.read(entry.name) }
    content.source = try reader.text("source")
    content.attributes = try reader.attributes().merging(reader.attributes(of: "training")) { $1 }
    return content
  }

  /// Every flip must either be found, or change nothing that is read.
  @Test func `a flipped bit of a checkpoint is never silently wrong`() throws {
    let bytes = try checkpoint()
    let path = try folder.write(bytes, "good.h5")
    let good = try read(path)
    #expect(good.tensors == Dictionary(uniqueKeysWithValues: Self.tensors.map { ($0.name, $0.tensor) }))
    var found = 0
    for seed in 0..<Self.count {
      let bit = Int(Philox(seed: Int64(seed), stream: "flip").uniform(0) * Double(bytes.count * 8))
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try folder.write(damaged, "damaged.h5")
      do {
        let content = try read(path)
        // A name that is no longer there is seen by whoever asks for it.
        #expect(content == good, "silently wrong: seed \(seed), bit \(bit)")
      } catch is FileError {
        found += 1
      }
    }
    #expect(found > Self.count / 3)
  }

  @Test func `a checkpoint cut short is an error`() throws {
    let bytes = try checkpoint()
    for seed in 0..<Self.count {
      let count = Int(Philox(seed: Int64(seed), stream: "cut").uniform(0) * Double(bytes.count))
      let path = try folder.write(Array(bytes[..<count]), "cut.h5")
      #expect(throws: FileError.self, "seed \(seed), \(count) bytes") { try read(path) }
    }
  }

  /// Every tensor of a file that can be opened, under its name.
  private func tensors(_ path: String) throws -> [String: Tensor] {
    let reader = try openTensorFile(path)
    var tensors: [String: Tensor] = [:]
    for entry in reader.entries { tensors[entry.name] = try reader.read(entry.name) }
    return tensors
  }

  @Test(arguments: ["npz", "safetensors"])
  func `damage of files with checksums is never silently wrong`(_ ending: String) throws {
    let written = Self.tensors.filter { ending != "npz" || $0.tensor.dtype != .bf16 }
    let whole = folder.file("whole.\(ending)")
    try writeTensorFile(written, to: whole)
    let bytes = try FileBytes.read(whole)
    let good = try tensors(whole)
    #expect(good.count == written.count)
    var found = 0
    for seed in 0..<Self.count {
      let random = Philox(seed: Int64(seed), stream: ending)
      let bit = Int(random.uniform(0) * Double(bytes.count * 8))
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        #expect(try tensors(folder.write(damaged, "damaged.\(ending)")) == good, "seed \(seed), bit \(bit)")
      } catch is FileError {
        found += 1
      }
      let cut = Array(bytes[..<Int(random.uniform(1) * Double(bytes.count))])
      #expect(throws: FileError.self, "seed \(seed)") { try tensors(folder.write(cut, "cut.\(ending)")) }
    }
    #expect(found > Self.count / 3)
  }

  /// Formats without a checksum can give other numbers, but no crash; cut short, only text can still be whole.
  static let others: [(String, DType)] = [("npy", .f64), ("csv", .f64), ("json", .f32)]

  @Test(arguments: others)
  func `damage of other formats never crashes`(_ format: (ending: String, dtype: DType)) throws {
    let tensor = Samples.tensor(format.dtype, [4, 3])
    let whole = folder.file("whole.\(format.ending)")
    try writeTensorFile([("x", tensor)], to: whole)
    let bytes = try FileBytes.read(whole)
    for seed in 0..<Self.count {
      let random = Philox(seed: Int64(seed), stream: format.ending)
      let bit = Int(random.uniform(0) * Double(bytes.count * 8))
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if seed.isMultiple(of: 3) { damaged = Array(damaged[..<Int(random.uniform(1) * Double(bytes.count))]) }
      let path = try folder.write(damaged, "damaged.\(format.ending)")
      do { _ = try openTensorFile(path).readOnlyTensor() } catch {}
    }
  }

  private static let beginnings: [String: [UInt8]] = [
    "h5": [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "npy": NPYHeader.magic, "npz": [0x50, 0x4B, 3, 4],
    "safetensors": [40, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22], "idx": [0, 0, 8, 2], "gz": [0x1F, 0x8B, 8],
  ]

  @Test(arguments: TensorFormat.all.flatMap(\.endings))
  func `garbage never crashes`(_ ending: String) throws {
    let beginning = Self.beginnings[ending] ?? []
    for seed in 0..<Self.count {
      let random = Philox(seed: Int64(seed), stream: "garbage")
      let garbage = (0..<Int(random.uniform(0) * 300)).map { UInt8(random.uniform($0 + 1) * 256) }
      let path = try folder.write(beginning + garbage, "garbage.\(ending)")
      do { _ = try openTensorFile(path).readOnlyTensor() } catch {}
    }
  }
}
