import FlowTensor
import Testing

@testable import FlowFiles

struct `IDX files` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let images: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]
  private static let expected = Tensor([UInt8(1), 2, 3, 4, 5, 255], [2, 3])

  /// Bytes in one stored block, as gzip packs what cannot be packed.
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> ($0 * 8) & 0xFF) } }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes
      + little(Int(crc32(of: bytes)), 4) + little(bytes.count, 4)
  }

  @Test func `plain and packed files hold the same`() throws {
    for (bytes, name) in [(Self.images, "train-images-idx3-ubyte"), (gzip(Self.images), "a.gz")] {
      let reader = try openTensorFile(folder.write(bytes, name))
      #expect(try reader.readOnlyTensor() == Self.expected)
      #expect(try reader.read("", rows: [1]) == Self.expected.rows([1]))
    }
  }

  @Test(arguments: [
    ([0, 0, 0x0B, 1, 0, 0, 0, 1, 0xFF, 0xFE], Tensor([Int16(-2)], [1])),
    ([0, 0, 0x0C, 1, 0, 0, 0, 1, 0, 0, 1, 0], Tensor([Int32(256)], [1])),
    ([0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0x80, 0, 0], Tensor([Float(1)], [1])),
  ])
  func `numbers are big-endian`(_ bytes: [UInt8], _ tensor: Tensor) throws {
    #expect(try openTensorFile(folder.write(bytes, "a.idx")).readOnlyTensor() == tensor)
  }

  @Test func `sizes that cannot be true are refused before anything is reserved`() throws {
    let huge: [UInt8] = [0, 0, 8, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 2]
    let wide: [UInt8] = [0, 0, 8, 4] + [UInt8](repeating: 0x7F, count: 16)
    let cases = [
      huge, gzip(huge), wide, gzip(wide), Array(Self.images.dropLast()), gzip(Self.images + [0]),
      gzip(Array(Self.images.dropLast())), Array(gzip(Self.images).dropLast(6)), [0, 0, 8, 9, 0, 0, 0, 1], gzip([]),
    ]
    for bytes in cases {
      #expect(fault { _ = try openTensorFile(folder.write(bytes, "a.idx")).readOnlyTensor() }?.kind == .badData)
    }
    var damaged = gzip(Self.images)
    damaged[damaged.count - 7] ^= 1
    #expect(fault { _ = try openTensorFile(folder.write(damaged, "a.gz")) }?.kind == .badData)
  }

  @Test func `a folder of files is a data set`() throws {
    _ = try folder.write(Self.images, "images")
    let reader = try #require(FolderReader(folder.path, .idx))
    #expect(try reader.entry("images") == TensorEntry("images", .u8, [2, 3]))
    #expect(try reader.read("images", rows: [1, 0]) == Self.expected.rows([1, 0]))
    #expect(fault { _ = try reader.read("labels") }?.kind == .missing)
    #expect(FolderReader(folder.file("images"), .idx) == nil)
  }
}
