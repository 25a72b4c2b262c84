import FlowGraph
import FlowKernels
import FlowTensor

/// What an index takes of one axis, in whole numbers that may depend on sizes.
///
/// `[]` all of it, `[i]` one entry, which drops the axis, `[start, stop]` or `[start, stop, step]` a slice as NumPy's.
enum AxisSelection {
  case all
  case entry(Dimension)
  case slice(start: Dimension, stop: Dimension, step: Int)

  init(_ numbers: [Dimension], _ operation: String) throws(OperationError) {
    switch numbers.count {
    case 0: self = .all
    case 1: self = .entry(numbers[0])
    case 2: self = .slice(start: numbers[0], stop: numbers[1], step: 1)
    case 3:
      guard let step = numbers[2].size, step != 0, step != .min else {
        throw .badAttribute("at", "\(operation): a step is a whole number other than 0, not \(numbers[2])")
      }
      self = .slice(start: numbers[0], stop: numbers[1], step: step)
    default:
      throw .badAttribute(
        "at", "\(operation): an axis takes start, stop and step, not \(numbers.count) numbers")
    }
  }

  /// Where the selection begins in an axis of known size, how it goes on, and how many entries it has.
  struct Steps {
    var start: Int
    var step: Int
    var count: Int
  }

  /// - Returns: nil where sizes are not known yet.
  func steps(in dimension: Dimension) throws(OperationError) -> Steps? {
    guard let size = dimension.size else { return nil }
    switch self {
    case .all: return Steps(start: 0, step: 1, count: size)
    case .entry(let entry):
      guard let index = entry.size else { return nil }
      guard index >= -size, index < size else {
        throw .indexOutOfRange("index \(index) is out of range for an axis of size \(size)")
      }
      return Steps(start: index < 0 ? index + size : index, step: 1, count: 1)
    case .slice(let start, let stop, let step):
      guard let start = start.size, let stop = stop.size else { return nil }
      return Self.clipped(start, stop, step, size)
    }
  }

  /// The size that the axis has in the result; nil where it is dropped.
  func dimension(of axis: Dimension) throws(OperationError) -> Dimension? {
    if let steps = try steps(in: axis) {
      if case .entry = self { return nil }
      return Dimension(steps.count)
    }
    switch self {
    case .all: return axis
    case .entry: return nil
    case .slice(let start, let stop, let step): return isWhole(axis, start, stop, step) ? axis : .unknown
    }
  }

  /// Whether a slice takes all entries, forwards or backwards.
  private func isWhole(_ axis: Dimension, _ start: Dimension, _ stop: Dimension, _ step: Int) -> Bool {
    if step == 1 { return start.size == 0 && stop.equals(axis) == true }
    guard step == -1, let beforeFirst = try? Dimension(-1).subtracting(axis) else { return false }
    return start.size == -1 && stop.equals(beforeFirst) == true
  }

  private static func clipped(_ start: Int, _ stop: Int, _ step: Int, _ size: Int) -> Steps {
    let (low, high) = step > 0 ? (0, size) : (-1, size - 1)
    let first = Swift.min(Swift.max(start < 0 ? start + size : start, low), high)
    let end = Swift.min(Swift.max(stop < 0 ? stop + size : stop, low), high)
    let distance = step > 0 ? end - first : first - end
    let stride = step.magnitude
    let count = distance <= 0 ? 0 : Int((UInt(distance) + stride - 1) / stride)
    return Steps(start: count == 0 ? 0 : first, step: step, count: count)
  }
}
