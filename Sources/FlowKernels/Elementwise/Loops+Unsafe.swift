import FlowTensor

/// Numbers that a loop reads one after another, or again and again.
///
/// SAFETY: `address` is valid for as many elements as the loop is long, or for one where `step` is 0. The caller says so.
package struct LoopOperand {
  package let address: UnsafeRawPointer
  /// 1, or 0 for one number that is repeated.
  package let step: Int

  package init(_ address: UnsafeRawPointer, step: Int = 1) {
    self.address = address
    self.step = step
  }
}

/// Writes `function` of each of `count` elements.
///
/// SAFETY: see `LoopOperand`; `result` is valid for `count` elements and equal to, or apart from, the operand.
@inline(__always)
func loop<A, R>(_ a: LoopOperand, _ result: UnsafeMutableRawPointer, _ count: Int, _ function: (A) -> R) {
  let x = a.address.assumingMemoryBound(to: A.self)
  let y = result.assumingMemoryBound(to: R.self)
  if a.step == 1 {
    for i in 0..<count { y[i] = function(x[i]) }
  } else if count > 0 {
    y.update(repeating: function(x[0]), count: count)
  }
}

/// Writes `function` of each of `count` pairs.
///
/// SAFETY: as above.
@inline(__always)
func loop<A, B, R>(
  _ a: LoopOperand, _ b: LoopOperand, _ result: UnsafeMutableRawPointer, _ count: Int, _ function: (A, B) -> R
) {
  guard count > 0 else { return }
  let x = a.address.assumingMemoryBound(to: A.self)
  let y = b.address.assumingMemoryBound(to: B.self)
  let z = result.assumingMemoryBound(to: R.self)
  switch (a.step, b.step) {
  case (1, 1):
    for i in 0..<count { z[i] = function(x[i], y[i]) }
  case (1, _):
    let right = y[0]
    for i in 0..<count { z[i] = function(x[i], right) }
  case (_, 1):
    let left = x[0]
    for i in 0..<count { z[i] = function(left, y[i]) }
  default:
    z.update(repeating: function(x[0], y[0]), count: count)
  }
}

/// Writes, of each of `count` pairs, the first where the condition is not zero, else the second.
///
/// SAFETY: as above.
func select<A>(
  _ type: A.Type, _ condition: LoopOperand, _ a: LoopOperand, _ b: LoopOperand, _ result: UnsafeMutableRawPointer,
  _ count: Int
) {
  let c = condition.address.assumingMemoryBound(to: UInt8.self)
  let x = a.address.assumingMemoryBound(to: A.self)
  let y = b.address.assumingMemoryBound(to: A.self)
  let z = result.assumingMemoryBound(to: A.self)
  if condition.step == 1, a.step == 1, b.step == 1 {
    for i in 0..<count { z[i] = c[i] != 0 ? x[i] : y[i] }
  } else {
    for i in 0..<count { z[i] = c[i * condition.step] != 0 ? x[i * a.step] : y[i * b.step] }
  }
}
