import Testing

@testable import FlowTensor

struct `Tensors` {
  @Test(arguments: DType.allCases)
  func `every dtype holds 0 and 1, and says its size`(_ dtype: DType) {
    let tensor = Tensor([0, 1, 1, 0], [2, 2], as: dtype)
    #expect(tensor.dtype == dtype)
    #expect(tensor.doubles == [0, 1, 1, 0])
    #expect(tensor.byteCount == 4 * dtype.byteCount)
    #expect(tensor.type == TensorType(dtype, [2, 2]))
    #expect(tensor.reshaped([4]).sizes == [4])
  }

  @Test func `a scalar has one element, an empty tensor none`() {
    #expect(Tensor(scalar: 2.5).elements(of: Double.self) == [2.5])
    #expect(Tensor([Float](), [0, 3]).elements(of: Float.self) == [])
    #expect(Tensor(scalar: Int32(7)).elements(of: Float.self) == nil)
  }

  @Test func `tensors are equal bit for bit`() {
    #expect(Tensor([1.0, 2], [2]) == Tensor([1.0, 2], [2]))
    #expect(Tensor([1.0, 2], [2]) != Tensor([1.0, 2], [1, 2]))
    #expect(Tensor([1.0], [1]) != Tensor([Int64(1)], [1]))
    #expect(Tensor(scalar: 0.0) != Tensor(scalar: -0.0))
    #expect(Tensor(scalar: Double.nan) == Tensor(scalar: Double.nan))
  }

  /// A value in one dtype, another dtype, and the value there; nil where it does not fit.
  static let conversions: [(Tensor, DType, [Double]?)] = [
    (Tensor([Int64(300)], [1]), .u8, nil), (Tensor([Int64(255)], [1]), .u8, [255]),
    (Tensor([Int64(-1)], [1]), .u8, nil), (Tensor([UInt8(7)], [1]), .i64, [7]), (Tensor([1.5], [1]), .i32, nil),
    (Tensor([2.0], [1]), .i32, [2]), (Tensor([0.1], [1]), .f32, [Double(Float(0.1))]),
    (Tensor([Double.nan], [1]), .i64, nil), (Tensor([1e300], [1]), .i64, nil),
    (Tensor([true, false], [2]), .f32, [1, 0]),
    (Tensor([true], [1]), .i32, [1]), (Tensor([Int32(1), 0], [2]), .bool, [1, 0]),
    (Tensor([Int32(2)], [1]), .bool, nil),
    (Tensor([Int64](), [0]), .i8, []),
  ]

  @Test(arguments: conversions)
  func `whole numbers convert where every value fits`(_ row: (Tensor, DType, [Double]?)) {
    let converted = row.0.converted(to: row.1)
    #expect(converted?.doubles == row.2)
    #expect(converted == nil || converted?.dtype == row.1)
  }

  @Test func `whole numbers beyond 53 bits keep their bits`() {
    let large = Tensor([Int64.max - 1, .min + 1], [2])
    #expect(large.converted(to: .i64) == large)
    #expect(large.converted(to: .i32) == nil)
    #expect(Tensor([0x1p63], [1]).converted(to: .i64) == nil)
  }

  @Test func `views show each tensor's own sizes and elements`() {
    let tensors = [Tensor(scalar: 1.0), Tensor([Int32(2), 3], [1, 2]), Tensor([Float](), [0])]
    Tensor.withViews(of: tensors) { views in
      #expect(views.count == 3)
      #expect(views[0].rank == 0)
      #expect(Array(views[1].dimensions) == [1, 2])
      #expect(Array(views[1].elements(Int32.self)) == [2, 3])
      #expect(views[2].count == 0)
    }
  }
}
