import FlowTensor
import Foundation
import Testing

@testable import FlowFiles

struct `safetensors files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let tensors = Samples.tensors.enumerated().map { (name: "h.\($0.offset)", tensor: $0.element) }

  @Test func `tensors of every dtype are read back to the same bits`() throws {
    try writeTensorFile(Self.tensors, to: folder.file("a.safetensors"))
    let reader = try openTensorFile(folder.file("a.safetensors"))
    #expect(reader.entries.map(\.name) == Self.tensors.map(\.name))
    for (name, tensor) in Self.tensors { #expect(try reader.read(name) == tensor) }
    let wide = Samples.tensor(.bf16, [9, 2])
    try writeTensorFile([("w", wide)], to: folder.file("b.safetensors"))
    #expect(try openTensorFile(folder.file("b.safetensors")).read("w", rows: 3..<8) == wide.rows(3..<8))
  }

  private func file(_ header: String, _ data: [UInt8], _ name: String = "a.safetensors") throws -> String {
    let length = header.utf8.count
    return try folder.write(
      (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + Array(header.utf8) + data, name)
  }

  private static let good = #""x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#

  @Test func `a file without checksums is read, with unsigned numbers widened`() throws {
    let path = try file(
      #"{"u":{"dtype":"U16","shape":[2],"data_offsets":[2,6]},\#(Self.good),"f":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[6,7]}}"#,
      [5, 6, 1, 0, 255, 255, 9])
    let reader = try openTensorFile(path)
    #expect(try reader.read("x") == Tensor([UInt8(5), 6], [2]))
    #expect(try reader.read("u") == Tensor([Int32(1), 65535], [2]))
    #expect(
      fault { _ = try reader.read("f") }?.message == "'f' cannot be read: numbers of type 'F8_E4M3' have no dtype")
  }

  static let refused: [(header: String, reason: String)] = [
    (#"{\#(good),"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, "'y' overlaps another"),
    (#"{\#(good),"y":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}"#, "'y' lies behind a hole"),
    (#"{\#(good),\#(good)}"#, "its header: the name 'x' comes twice"),
    (#"{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}"#, "'x' is u8[3], but has 2 bytes"),
    (#"{"x":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,2]}}"#, ""),
    (#"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,9223372036854775807]}}"#, ""),
    (#"{"x":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#, "its header: a size that is no whole number"),
    (
      #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}"#,
      "its header: 'x' lacks its dtype, shape or data_offsets"
    ),
    (
      #"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"more":1}}"#,
      "its header: 'x' has a second or unknown 'more'"
    ),
    (#"{"__metadata__":{"crc32":"00000000"},\#(good)}"#, "its header is damaged: its checksum does not match"),
    (#"{\#(good)"#, ""), ("{}", "its tensors take 0 bytes, but 2 are there"), ("[]", ""), ("", ""),
  ]

  @Test(arguments: refused)
  func `headers that lie are refused`(_ row: (header: String, reason: String)) throws {
    let error = fault { _ = try openTensorFile(file(row.header, [5, 6])) }
    #expect(error?.kind == .badData)
    if !row.reason.isEmpty { #expect(error?.message == "not a valid safetensors file: \(row.reason)") }
  }

  /// `FLOW_ENTRY_COUNT` is how many: see Scripts/kill-while-saving.
  @Test func `very many entries are read, or refused where they lie, in bounded time`() throws {
    let count = ProcessInfo.processInfo.environment["FLOW_ENTRY_COUNT"].flatMap(Int.init) ?? 20_000
    func path(_ name: String, _ offset: (Int) -> Int) throws -> String {
      let entries = (0..<count).map {
        #""t\#($0)":{"dtype":"U8","shape":[1],"data_offsets":[\#(offset($0)),\#(offset($0) + 1)]}"#
      }
      return try file("{\(entries.joined(separator: ","))}", [UInt8](repeating: 7, count: count), name)
    }
    let (good, lying) = (try path("good") { $0 }, try path("lying") { _ in 7 })
    let time = try ContinuousClock().measure {
      let reader = try openTensorFile(good)
      #expect(reader.entries.count == count)
      #expect(try reader.read("t\(count - 1)") == Tensor([UInt8(7)], [1]))
      #expect(fault { _ = try openTensorFile(lying) }?.message.contains("lies behind a hole") == true)
    }
    #expect(time < .microseconds(500 * count), "\(time)")
  }

  @Test(.enabled(if: Python.has("safetensors")))
  func `the format's own library reads and writes the same`() throws {
    let plain = Self.tensors.filter { $0.tensor.dtype != .bf16 }
    try writeTensorFile(plain, to: folder.file("a.safetensors"))
    let (status, output) = try Python.run(
      """
      from safetensors.numpy import load_file, save_file
      a = load_file('\(folder.file("a.safetensors"))')
      assert len(a) == \(plain.count)
      save_file(a, '\(folder.file("b.safetensors"))')
      """)
    try #require(status == 0, "\(output)")
    let reader = try openTensorFile(folder.file("b.safetensors"))
    for (name, tensor) in plain { #expect(try reader.read(name) == tensor, "\(name)") }
  }
}
