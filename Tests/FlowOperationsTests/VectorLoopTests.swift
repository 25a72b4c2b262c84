import FlowKernels
import FlowTensor
import RealModule
import Testing

/// A function, its exact values, and how far from them its loops may be, in units of the last place (ULP).
struct VectorFunction: Sendable, CustomTestStringConvertible {
  let opcode: ElementwiseOpcode
  let f32: Double
  let f64: Double
  let exact: @Sendable (Reference) -> Reference

  #if arch(x86_64)
    typealias Reference = Float80
  #else
    typealias Reference = Double
  #endif

  init(_ opcode: ElementwiseOpcode, f32: Double, f64: Double, _ exact: @escaping @Sendable (Reference) -> Reference) {
    (self.opcode, self.f32, self.f64, self.exact) = (opcode, f32, f64, exact)
  }

  var testDescription: String { opcode.rawValue }

  /// The bounds of Documentation/Numerics.md.
  static let all = [
    VectorFunction(.exp, f32: 1, f64: 1) { .exp($0) },
    VectorFunction(.expm1, f32: 1.5, f64: 2) { .expMinusOne($0) },
    VectorFunction(.log, f32: 1, f64: 1) { .log($0) },
    VectorFunction(.log1p, f32: 0.51, f64: 1) { .log(onePlus: $0) },
    VectorFunction(.sinh, f32: 0.51, f64: 3) { .sinh($0) },
    VectorFunction(.cosh, f32: 0.51, f64: 3) { .cosh($0) },
    VectorFunction(.tanh, f32: 1.5, f64: 2.6) { .tanh($0) },
    VectorFunction(.asinh, f32: 0.51, f64: 2) { .asinh($0) },
    VectorFunction(.acosh, f32: 0.51, f64: 2.5) { .acosh($0) },
    VectorFunction(.atanh, f32: 0.51, f64: 2) { .atanh($0) },
    VectorFunction(.sigmoid, f32: 2.5, f64: 2.5) { 1 / (1 + .exp(-$0)) },
    VectorFunction(.softplus, f32: 1.5, f64: 2) { ($0 < 0 ? 0 : $0) + .log(onePlus: .exp(-$0.magnitude)) },
    VectorFunction(.sin, f32: 0.51, f64: 1) { .sin($0) },
    VectorFunction(.cos, f32: 0.51, f64: 1) { .cos($0) },
    VectorFunction(.tan, f32: 0.51, f64: 2.5) { .tan($0) },
    VectorFunction(.asin, f32: 0.51, f64: 1) { .asin($0) },
    VectorFunction(.acos, f32: 0.51, f64: 1) { .acos($0) },
    VectorFunction(.atan, f32: 0.51, f64: 1) { .atan($0) },
    VectorFunction(.erf, f32: 1.1, f64: 2.2) { .erf($0) },
    VectorFunction(.rsqrt, f32: 1.5, f64: 1.5) { 1 / $0.squareRoot() },
    VectorFunction(.reciprocal, f32: 0.51, f64: 0.51) { 1 / $0 },
    VectorFunction(.sqrt, f32: 0.51, f64: 0.51) { $0.squareRoot() },
    VectorFunction(.gelu, f32: 9, f64: 24) {
      $0 / 2 * .erfc(-$0 * Reference(0.5).squareRoot())
    },
  ]
}

@Suite struct VectorLoopTests {
  /// Numbers of every magnitude and both signs, infinities and NaN among them.
  static let singles: [Float] = stride(from: 0, through: UInt64(UInt32.max), by: 524_287).map {
    Float(bitPattern: UInt32($0))
  }

  static let doubles: [Double] =
    [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNormalMagnitude / 3, 709.78, -745.1]
    + stride(from: 0, to: UInt64.max - (1 << 52), by: 1 << 51).map { Double(bitPattern: $0 ^ ($0 >> 11)) }
    + (0..<3000).map { Double($0 - 1500) * 0.0137 }

  @Test(arguments: VectorFunction.all) func `single precision stays within its bound over the whole range`(
    _ function: VectorFunction
  ) throws {
    let results = try Self.apply(function.opcode, Self.singles)
    for (x, y) in zip(Self.singles, results) {
      let exact = function.exact(VectorFunction.Reference(x))
      let error = Self.error(of: Double(y), exact, Float.ulp(near: exact))
      #expect(error <= function.f32, "\(function.opcode)(\(x)) is \(y)")
    }
  }

  @Test(arguments: VectorFunction.all) func `double precision stays within its bound`(_ function: VectorFunction) throws
  {
    let results = try Self.apply(function.opcode, Self.doubles)
    for (x, y) in zip(Self.doubles, results) {
      let exact = function.exact(VectorFunction.Reference(x))
      let error = Self.error(of: y, exact, Double.ulp(near: exact))
      #expect(error <= function.f64, "\(function.opcode)(\(x)) is \(y)")
    }
  }

  @Test(arguments: [ElementwiseOpcode.exp, .tanh, .sin, .gelu, .geluTanh, .floor, .softplus])
  func `an element's result does not depend on its neighbours, and may lie over it`(_ opcode: ElementwiseOpcode) throws
  {
    let together = try Self.apply(opcode, Self.singles)
    let alone = try Self.singles.map { try Self.apply(opcode, [$0])[0] }
    #expect(together.map(\.bitPatternOfNumber) == alone.map(\.bitPatternOfNumber))
    let loop = try #require(VectorLoops.unary(opcode, .f32))
    var inPlace = Self.singles
    inPlace.withUnsafeMutableBytes { loop(UnsafeRawPointer($0.baseAddress), $0.baseAddress, Self.singles.count) }
    #expect(inPlace.map(\.bitPatternOfNumber) == together.map(\.bitPatternOfNumber))
  }

  @Test func `powers are those of the C library, special ones too`() throws {
    let loop = try #require(VectorLoops.binary(.pow, .f32))
    let numbers: [Float] = [
      0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1.5, -2.5, 1e10, -1e10, 16_777_215, -16_777_215, .leastNonzeroMagnitude,
      .infinity,
      -.infinity, .nan,
    ]
    for a in numbers {
      for b in numbers {
        var y: Float = 0
        withUnsafePointer(to: a) { a in withUnsafePointer(to: b) { b in loop(a, 1, b, 1, &y, 1) } }
        let expected = Self.power(a, b)
        #expect(
          y == expected || (y.isNaN && expected.isNaN) || abs(y - expected) <= expected.ulp, "\(a) ** \(b) is \(y)")
        #expect(y.isNaN || y.sign == expected.sign, "\(a) ** \(b) is \(y)")
      }
    }
  }

  @Test func `an operand is repeated on either side, and the rest of a vector is computed like the vector`() throws {
    let loop = try #require(VectorLoops.binary(.sub, .f32))
    let x = (0..<37).map { Float($0) }
    var y = [Float](repeating: 0, count: 37)
    let ten: [Float] = [10]
    loop(ten, 0, x, 1, &y, 37)
    #expect(y == x.map { 10 - $0 })
    loop(x, 1, ten, 0, &y, 37)
    #expect(y == x.map { $0 - 10 })
    loop(ten, 0, ten, 0, &y, 37)
    #expect(y == x.map { _ in 0 })
  }

  @Test func `every opcode of floating numbers has a loop in both precisions`() {
    for opcode in ElementwiseOpcode.allCases where ![.not, .and, .or, .xor, .where].contains(opcode) {
      for dtype in [DType.f32, .f64] {
        let isThere =
          opcode.operandCount == 1
          ? VectorLoops.unary(opcode, dtype) != nil : VectorLoops.binary(opcode, dtype) != nil
        #expect(isThere, "\(opcode) of \(dtype)")
      }
    }
  }

  static func apply<Number: TensorElement>(_ opcode: ElementwiseOpcode, _ x: [Number]) throws -> [Number] {
    let loop = try #require(VectorLoops.unary(opcode, Number.dtype))
    return x.withUnsafeBytes { x in
      [Number](unsafeUninitializedCapacity: x.count / MemoryLayout<Number>.stride) { y, count in
        count = x.count / MemoryLayout<Number>.stride
        loop(x.baseAddress, y.baseAddress, count)
      }
    }
  }

  /// In units of the last place; infinite where one is NaN or infinite and the other is not.
  private static func error(of y: Double, _ exact: VectorFunction.Reference, _ ulp: VectorFunction.Reference) -> Double
  {
    if exact.isNaN { return y.isNaN ? 0 : .infinity }
    if !ulp.isFinite { return VectorFunction.Reference(y) == exact || y.isInfinite ? 0 : .infinity }
    return Double((VectorFunction.Reference(y) - exact).magnitude / ulp)
  }

  private static func power(_ a: Float, _ b: Float) -> Float {
    if b == 0 || a == 1 { return 1 }
    if a.isNaN || b.isNaN { return .nan }
    let magnitude = Float(Double.exp(Double(b) * Double.log(Double(a.magnitude))))
    let result: Float = a.magnitude == 1 && b.isInfinite ? 1 : magnitude
    let isWhole = b.isInfinite || b.rounded() == b
    let isOdd = isWhole && b.isFinite && b.truncatingRemainder(dividingBy: 2) != 0
    if a.sign == .minus, isOdd { return -result }
    return a < 0 && a.isFinite && !isWhole ? .nan : result
  }
}

extension Float {
  fileprivate static func ulp(near exact: VectorFunction.Reference) -> VectorFunction.Reference {
    let rounded = Float(exact)
    return VectorFunction.Reference(rounded.isInfinite ? .infinity : rounded.ulp)
  }

  /// With one pattern for all NaN, whose sign and payload mean nothing.
  fileprivate var bitPatternOfNumber: UInt32 { isNaN ? 0x7fc0_0000 : bitPattern }
}

extension Double {
  fileprivate static func ulp(near exact: VectorFunction.Reference) -> VectorFunction.Reference {
    let rounded = Double(exact)
    return VectorFunction.Reference(rounded.isInfinite ? .infinity : rounded.ulp)
  }
}
