import FlowTensor

/// The element-wise functions of numbers that are only stored: a tile at a time in single precision, each result rounded once.
///
/// SAFETY: as `VectorLoops`. A tile is read whole before its results are written, and every tile lies within `count`; the
/// scratch memory holds a tile for each operand and one for the results, and lives as long as the loop.
enum StorageLoops<Stored: TensorElement> {
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
    for i in 0..<elements { tile[i] = Float(x[i].doubleValue) }
    return LoopOperand(tile, step: operand.step)
  }

  private static func narrow(
    _ tile: UnsafeMutablePointer<Float>, isTest: Bool, _ start: Int, _ length: Int, into y: UnsafeMutableRawPointer
  ) {
    if isTest {
      (y + start).copyMemory(from: tile, byteCount: length)
    } else {
      let result = y.assumingMemoryBound(to: Stored.self) + start
      for i in 0..<length { result[i] = Stored(converting: Double(tile[i])) }
    }
  }
}
