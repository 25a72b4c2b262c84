import Testing

@testable import FlowTensor

/// A double and the bits of the nearest number in half precision (as NumPy gives them) and in bfloat16 (by exact fractions).
struct Rounding: Sendable {
  let value: Double
  let half: UInt16
  let bfloat16: UInt16

  init(_ value: Double, _ half: UInt16, _ bfloat16: UInt16) {
    self.value = value
    self.half = half
    self.bfloat16 = bfloat16
  }

  static let all: [Rounding] = [
    .init(0.0, 0x0000, 0x0000), .init(-0.0, 0x8000, 0x8000), .init(1.0, 0x3C00, 0x3F80), .init(-2.0, 0xC000, 0xC000),
    .init(0.1, 0x2E66, 0x3DCD), .init(0.3333333333333333, 0x3555, 0x3EAB), .init(65504.0, 0x7BFF, 0x4780),
    .init(65519.99999999999, 0x7BFF, 0x4780), .init(65520.0, 0x7C00, 0x4780), .init(1e10, 0x7C00, 0x5015),
    .init(-1e10, 0xFC00, 0xD015), .init(6.103515625e-05, 0x0400, 0x3880), .init(0x1p-24, 0x0001, 0x3380),
    .init(0x1p-25, 0x0000, 0x3300), .init(2.980232238769532e-08, 0x0001, 0x3300), .init(0x1p-26, 0x0000, 0x3280),
    .init(6.1e-05, 0x03FF, 0x3880), .init(1.00048828125, 0x3C00, 0x3F80), .init(1.0004882812509095, 0x3C01, 0x3F80),
    .init(1.00146484375, 0x3C02, 0x3F80), .init(2047.0, 0x67FF, 0x4500), .init(2049.0, 0x6800, 0x4500),
    .init(2051.0, 0x6802, 0x4500), .init(1.00390625, 0x3C04, 0x3F80), .init(1.0039062509313226, 0x3C04, 0x3F81),
    .init(1.01171875, 0x3C0C, 0x3F82), .init(3.3895313892515355e+38, 0x7C00, 0x7F7F),
    .init(3.396e+38, 0x7C00, 0x7F7F), .init(3.4e+38, 0x7C00, 0x7F80), .init(1e300, 0x7C00, 0x7F80),
    .init(9.2e-41, 0x0000, 0x0001), .init(.leastNonzeroMagnitude, 0x0000, 0x0000), .init(0x1p-126, 0x0000, 0x0080),
    .init(0x1p-133, 0x0000, 0x0001), .init(0x1p-134, 0x0000, 0x0000), .init(0x1.8p-133, 0x0000, 0x0002),
    .init(.infinity, 0x7C00, 0x7F80), .init(-.infinity, 0xFC00, 0xFF80),
  ]
}

struct `Sixteen-bit numbers` {
  @Test(arguments: Rounding.all)
  func `a double rounds to the nearest, ties to even`(_ row: Rounding) {
    #expect(Half(converting: row.value).bits == row.half)
    #expect(BFloat16(converting: row.value).bits == row.bfloat16)
  }

  @Test func `every half is read back to the same bits`() {
    for bits in UInt16.min...UInt16.max where !Half(bits: bits).doubleValue.isNaN {
      #expect(Half(converting: Half(bits: bits).doubleValue).bits == bits)
    }
  }

  @Test func `every bfloat16 is read back to the same bits`() {
    for bits in UInt16.min...UInt16.max where !BFloat16(bits: bits).doubleValue.isNaN {
      #expect(BFloat16(converting: BFloat16(bits: bits).doubleValue).bits == bits)
    }
  }

  @Test func `what is no number stays none`() {
    #expect(Half(converting: .nan).doubleValue.isNaN)
    #expect(BFloat16(converting: .nan).doubleValue.isNaN)
  }
}

struct `Whole numbers` {
  @Test func `converting truncates toward zero and saturates`() {
    #expect(Int8(converting: -1.9) == -1)
    #expect(Int8(converting: 1e9) == 127)
    #expect(Int8(converting: -1e9) == -128)
    #expect(UInt8(converting: -0.5) == 0)
    #expect(UInt8(converting: -3) == 0)
    #expect(Int64(converting: 0x1p63) == .max)
    #expect(Int64(converting: .infinity) == .max)
    #expect(Int64(converting: -.infinity) == .min)
    #expect(Int32(converting: .nan) == 0)
    #expect(Bool(converting: 0.1))
    #expect(!Bool(converting: -0.0))
  }
}
