import FlowGraph
import FlowOperations
import FlowRuntime
import FlowTensor
import Testing

@Suite struct `Every law` {
  @Test func `has a name of its own, and rows`() {
    let names = Rewrite.builtIn.map(\.name)
    #expect(Set(names).count == names.count)
    let proved = Set(RewriteCase.all.map(\.law))
    #expect(names.filter { !proved.contains($0) } == [])
  }

  @Test(arguments: RewriteCase.all)
  func `applies, and gives what was there within its bound`(row: RewriteCase) throws {
    let law = try #require(Rewrite.builtIn.first { $0.name == row.law })
    for dtype in row.dtypes {
      let subject = try RewriteSubject(row, dtype)
      let tallies = try subject.plan(optimizes: true).statistics.rewrites
      #expect(
        tallies.contains { $0.name == row.law && $0.count > 0 },
        "\(row.law) \(dtype): \(tallies.filter { $0.count > 0 })")
      #expect(try subject.plan(optimizes: false).statistics.rewrites.isEmpty)
      let (plain, rewritten) = (try subject.run(optimizes: false), try subject.run(optimizes: true))
      #expect(plain.type == rewritten.type)
      let tolerance = try law.accuracy.tolerance(plain.dtype) * subject.scale()
      for (a, b) in zip(plain.doubles, rewritten.doubles) {
        #expect(a == b || a.isNaN && b.isNaN || abs(a - b) <= tolerance, "\(row.law) \(dtype): \(b) for \(a)")
      }
    }
  }
}

extension Rewrite.Accuracy {
  /// Relative to the largest number.
  fileprivate func tolerance(_ dtype: DType) -> Double {
    switch self {
    case .exact: 0
    case .rounding(let units), .stable(let units): Double(units) * dtype.epsilon
    }
  }
}

extension DType {
  /// The distance from 1 to the next larger number.
  fileprivate var epsilon: Double {
    switch self {
    case .f64: 0x1p-52
    case .f32: 0x1p-23
    case .f16: 0x1p-10
    case .bf16: 0x1p-7
    case .i64, .i32, .i16, .i8, .u8, .bool: 0
    }
  }
}
