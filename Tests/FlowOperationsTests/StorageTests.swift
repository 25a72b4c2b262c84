import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// Conversions of many numbers from and to those that are only stored: as of each by itself.
@Suite struct `Numbers that are only stored` {
  @Test(arguments: [DType.f16, .bf16])
  func `are widened and narrowed as one by one`(dtype: DType) throws {
    let all = Tensor(dtype, [1 << 16]) { bytes in
      for bits in UInt16.min...UInt16.max { bytes.storeBytes(of: bits, toByteOffset: 2 * Int(bits), as: UInt16.self) }
    }
    let wide = try cast(all, .f32)
    for (found, expected) in zip(wide.doubles, all.doubles) {
      #expect(found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN))
    }
    let back = try cast(wide, dtype)
    for (found, expected) in zip(back.doubles, all.doubles) {
      #expect(found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN))
    }
  }

  @Test func `are rounded to the nearest, ties to even`() throws {
    // Around every half: itself, the middle to the next one, and both sides of the middle.
    let numbers = stride(from: UInt32(0), to: 1 << 16, by: 7).flatMap { half in
      [0, 0xfff, 0x1000, 0x1001].map { Float(bitPattern: (half << 16 | 0x2000) &+ $0) }
    }
    let x = Tensor(numbers, [numbers.count])
    let halves = try #require(try cast(x, .f16).elements(of: Half.self))
    let others = try #require(try cast(x, .bf16).elements(of: BFloat16.self))
    for (index, number) in numbers.enumerated() {
      #expect(halves[index] == Half(converting: Double(number)), "\(number)")
      #expect(others[index] == BFloat16(converting: Double(number)), "\(number)")
    }
  }

  private func cast(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    let operation = try #require(Registry.builtIn()["cast"]).operation(["dtype": .dtype(dtype)])
    return try Evaluator.run(operation, [x])[0]
  }
}
