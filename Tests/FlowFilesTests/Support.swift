import FlowTensor
import Foundation
import Testing

@testable import FlowFiles

/// A folder of its own for a test, gone when the test is.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("flow-files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  func write(_ text: String, _ name: String) throws -> String { try write(Array(text.utf8), name) }
  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name)))) }
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// Tensors of every dtype in shapes that go wrong first.
enum Samples {
  static let shapes: [[Int]] = [[], [1], [5], [0], [2, 3], [0, 4], [3, 0, 2], [1, 1, 1], [2, 3, 4]]

  static let tensors: [Tensor] = DType.allCases.flatMap { dtype in shapes.map { tensor(dtype, $0) } }

  static func tensor(_ dtype: DType, _ sizes: [Int]) -> Tensor {
    let values = (0..<sizes.reduce(1, *)).map { index -> Double in
      switch dtype {
      case .bool: Double(index % 2)
      case .u8: Double((index * 37 + 3) % 256)
      case .f64, .f32, .f16, .bf16: Double(index - 3) / 3
      case .i64, .i32, .i16, .i8: Double(index * 7 - 9)
      }
    }
    return Tensor(values, sizes, as: dtype)
  }
}

func fault(_ body: () throws -> Void) -> FileError? {
  do {
    try body()
    return nil
  } catch {
    return error as? FileError
  }
}

/// Python with h5py and NumPy, where this machine has it.
enum Python {
  static let isThere: Bool = {
    let found = (try? run("import h5py, numpy"))?.status == 0
    if !found { print("notice: python3 with h5py and numpy is missing, tests against them are skipped") }
    return found
  }()

  /// Whether a module can be imported; says where not.
  static func has(_ module: String) -> Bool {
    let found = isThere && (try? run("import \(module)"))?.status == 0
    if !found { print("notice: python3 with \(module) is missing, tests against it are skipped") }
    return found
  }

  static func run(_ script: String) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
