import CVectorMath
import FlowTensor

/// The element-wise functions of numbers that are only stored: a tile at a time in single precision, each result rounded once.
///
/// SAFETY: as `VectorLoops`. A tile is read whole before its results are written, and every tile lies within `count`; the
/// scratch memory holds a tile for each operand and one for the results, and lives as long as the loop.
enum StorageLoops<Stored: StoredNumber> {
  private static var tile: Int { 256 }

  static func unary(_ opcode: ElementwiseOpcode, _ x: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int) -> Bool {
    tiles(count) { start, length, scratch in
      let a = widen(x, start, length, into: scratch)
      let result = scratch + 2 * tile
      guard VectorLoops.run(opcode, .f32, a, result, length) else { return false }
      narrow(result, isTest: opcode.isTest, start, length, into: y)
      return true
    }
  }

  static func binary(
    _ opcode: ElementwiseOpcode, _ a: LoopOperand, _ b: LoopOperand, _ y: UnsafeMutableRawPointer, _ count: Int
  ) -> Bool {
    tiles(count) { start, length, scratch in
      let left = widen(a, start, length, into: scratch)
      let right = widen(b, start, length, into: scratch + tile)
      let result = scratch + 2 * tile
      guard VectorLoops.run(opcode, .f32, left, right, result, length) else { return false }
      narrow(result, isTest: opcode.isTest, start, length, into: y)
      return true
    }
  }

  private static func tiles(_ count: Int, _ body: (Int, Int, UnsafeMutablePointer<Float>) -> Bool) -> Bool {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * tile) { scratch in
      guard let scratch = scratch.baseAddress else { return false }
      var start = 0
      while start < count {
        let length = min(tile, count - start)
        guard body(start, length, scratch) else { return false }
        start += length
      }
      return true
    }
  }

  private static func widen(
    _ operand: LoopOperand, _ start: Int, _ length: Int, into tile: UnsafeMutablePointer<Float>
  ) -> LoopOperand {
    let x = operand.address.assumingMemoryBound(to: Stored.self) + start * operand.step
    let elements = operand.step == 0 ? min(1, length) : length
    Stored.widen(x, tile, elements)
    return LoopOperand(tile, step: operand.step)
  }

  private static func narrow(
    _ tile: UnsafeMutablePointer<Float>, isTest: Bool, _ start: Int, _ length: Int, into y: UnsafeMutableRawPointer
  ) {
    if isTest {
      (y + start).copyMemory(from: tile, byteCount: length)
    } else {
      Stored.narrow(tile, y.assumingMemoryBound(to: Stored.self) + start, length)
    }
  }
}

/// A number of 16 bits that is only stored.
///
/// SAFETY: both addresses are valid for `count` numbers. A stored number is its bits and nothing else.
protocol StoredNumber: TensorElement {
  static func widen(_ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Float>, _ count: Int)
  static func narrow(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Self>, _ count: Int)
}

extension Half: StoredNumber {
  static func widen(_ x: UnsafePointer<Half>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    flow_widen_f16(UnsafeRawPointer(x).assumingMemoryBound(to: UInt16.self), y, count)
  }

  static func narrow(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Half>, _ count: Int) {
    flow_narrow_f16(x, UnsafeMutableRawPointer(y).assumingMemoryBound(to: UInt16.self), count)
  }
}

extension BFloat16: StoredNumber {
  static func widen(_ x: UnsafePointer<BFloat16>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
    flow_widen_bf16(UnsafeRawPointer(x).assumingMemoryBound(to: UInt16.self), y, count)
  }

  static func narrow(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<BFloat16>, _ count: Int) {
    flow_narrow_bf16(x, UnsafeMutableRawPointer(y).assumingMemoryBound(to: UInt16.self), count)
  }
}
