import FlowFiles
import FlowTensor

/// A tensor for a person: `price: f32 = 220.0`, long ones shortened.
enum TensorText {
  /// More elements than this are shortened to the first and last of each axis.
  private static let fullCount = 1000
  private static let edge = 3

  static func line(_ name: String, _ tensor: Tensor) -> String {
    let numbers = NumberTexts(tensor)
    guard !tensor.sizes.isEmpty else { return "\(name): \(tensor.type) = \(numbers[0])" }
    let body = rows(numbers, tensor.sizes[...], offset: 0, depth: 1, isFull: tensor.count <= fullCount)
    let separator = tensor.sizes.count > 1 ? "\n" : ""
    return "\(name): \(tensor.type) =\(separator.isEmpty ? " " : "\n ")\(body)"
  }

  private static func rows(
    _ numbers: NumberTexts, _ sizes: ArraySlice<Int>, offset: Int, depth: Int, isFull: Bool
  ) -> String {
    guard let size = sizes.first else { return numbers[offset] }
    let rest = sizes.dropFirst()
    let stride = rest.reduce(1, *)
    let isShortened = !isFull && size > 2 * edge
    let shown = isShortened ? Array(0..<edge) + Array((size - edge)..<size) : Array(0..<size)
    var texts = shown.map { rows(numbers, rest, offset: offset + $0 * stride, depth: depth + 1, isFull: isFull) }
    if isShortened { texts.insert("...", at: edge) }
    let gap = rest.isEmpty ? ", " : ",\n" + String(repeating: " ", count: depth + 1)
    return "[\(texts.joined(separator: gap))]"
  }
}

/// The elements of a tensor as texts of one width.
private struct NumberTexts {
  private let tensor: Tensor
  private let values: [Double]
  private let wholes: [Int64]?
  private var width = 0

  init(_ tensor: Tensor) {
    self.tensor = tensor
    values = tensor.doubles
    wholes = tensor.wholeNumbers
    guard !tensor.sizes.isEmpty, tensor.count <= 1000 else { return }
    width = (0..<tensor.count).map { text($0).count }.max() ?? 0
  }

  subscript(index: Int) -> String {
    let text = text(index)
    return String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private func text(_ index: Int) -> String {
    switch tensor.dtype {
    case .bool: values[index] != 0 ? "true" : "false"
    case .f32, .f16, .bf16: Float(values[index]).description
    case .f64: values[index].description
    case .i64, .i32, .i16, .i8, .u8: wholes.map { String($0[index]) } ?? ""
    }
  }
}
