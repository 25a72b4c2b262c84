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
        try reader.read(isNameless ? "" : reader.ownName(of: name))
      }
      guard let difference = difference(tensor, expected) else { continue }
      console.say("\(name): \(difference)")
      differs = true
    }
    return differs
  }

  private func difference(_ tensor: Tensor, _ expected: Tensor) -> String? {
    guard tensor.sizes == expected.sizes else { return "\(tensor.type), expected \(expected.type)" }
    guard let found = TensorDifference(tensor, expected, relative: rtol, absolute: atol) else { return nil }
    return "\(found.count) of \(tensor.count) elements differ, most at \(found.index): \(found.a), expected \(found.b)"
  }
}
