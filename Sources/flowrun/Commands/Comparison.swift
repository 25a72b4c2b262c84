import FlowFiles
import FlowTensor
import FlowTraining

/// Values held against those of a file, within `|a − b| ≤ atol + rtol·|b|`; equal infinities and NaNs agree.
struct Comparison {
  private let reader: any TensorReader
  private let rtol: Double
  private let atol: Double

  init(_ path: String, rtol: Double, atol: Double) throws(Failure) {
    reader = try failing { () throws(FileError) in try openTensorFile(path) }
    self.rtol = rtol
    self.atol = atol
  }

  /// Says where values differ; whether any does.
  func differences(_ outputs: [(name: String, tensor: Tensor)], _ console: Console) throws(Failure) -> Bool {
    var differs = false
    let isNameless = reader.entries.count == 1 && reader.entries[0].name.isEmpty && outputs.count == 1
    for (name, tensor) in outputs {
      let expected = try failing { () throws(FileError) in
        try reader.read(isNameless ? "" : name.replacing(".", with: "/"))
      }
      guard let difference = difference(tensor, expected) else { continue }
      console.say("\(name): \(difference)")
      differs = true
    }
    return differs
  }

  private func difference(_ tensor: Tensor, _ expected: Tensor) -> String? {
    guard tensor.sizes == expected.sizes else { return "\(tensor.type), expected \(expected.type)" }
    let pairs = zip(tensor.doubles, expected.doubles)
    var worst: (index: Int, excess: Double)?
    var count = 0
    for (index, (a, b)) in pairs.enumerated() where !agree(a, b) {
      count += 1
      let excess = abs(a - b)
      if worst == nil || !(excess <= worst?.excess ?? 0) { worst = (index, excess) }
    }
    guard let worst else { return nil }
    let (a, b) = (tensor.doubles[worst.index], expected.doubles[worst.index])
    return "\(count) of \(tensor.count) elements differ, most at \(worst.index): \(a), expected \(b)"
  }

  private func agree(_ a: Double, _ b: Double) -> Bool {
    a == b || a.isNaN && b.isNaN || abs(a - b) <= atol + rtol * abs(b)
  }
}
