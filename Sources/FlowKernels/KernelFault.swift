/// What a kernel found in its numbers that it cannot compute with.
package enum KernelFault: Error, Hashable, Sendable {
  /// A whole number divided by zero.
  case divisionByZero
  /// A whole number raised to a negative power.
  case negativePower
  /// An index that is not in `0..<count`; `position` is where it stands in its tensor, row-major.
  case outOfRange(value: Int, position: Int, count: Int)
}
