import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// Conversion to and from numbers of 16 bits, many at a time, against that of one number.
@Suite struct StorageConversionTests {
  @Test(arguments: [DType.f16, .bf16]) func `many numbers are converted as one`(dtype: DType) throws {
    let all = 0...UInt16.max
    let stored =
      dtype == .f16
      ? Tensor(all.map { Half(bits: $0) }, [all.count]) : Tensor(all.map { BFloat16(bits: $0) }, [all.count])
    let wide = try Self.cast(stored, .f32)
    #expect(Self.isAlike(wide, try #require(stored.converted(to: .f32))))
    // Each number itself, the ties between neighbours and what is beside them; and numbers of all magnitudes.
    let exact = wide.doubles.map { Float($0) }
    let ties = zip(exact, exact.dropFirst()).map { Float((Double($0) + Double($1)) / 2) }
    let all32 = stride(from: 0, through: UInt64(UInt32.max), by: 524_287).map { Float(bitPattern: UInt32($0)) }
    let numbers = exact + ties + ties.map(\.nextUp) + ties.map(\.nextDown) + all32
    let singles = Tensor(numbers, [numbers.count])
    #expect(Self.isAlike(try Self.cast(singles, dtype), try #require(singles.converted(to: dtype))))
  }

  private static func cast(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    let operation = try #require(Registry.builtIn()["cast"]).operation(["dtype": .dtype(dtype)])
    return try Evaluator.run(operation, [x], .forwards)[0]
  }

  /// Bit by bit, but for the bits of NaN.
  private static func isAlike(_ a: Tensor, _ b: Tensor) -> Bool {
    a.dtype == b.dtype && a.sizes == b.sizes
      && zip(a.doubles, b.doubles).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }
}
