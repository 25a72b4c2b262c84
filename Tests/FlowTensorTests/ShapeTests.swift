import Testing

@testable import FlowTensor

struct `Shapes` {
  static let n = Dimension(symbol: "n")
  static let m = Dimension(symbol: "m")

  static let broadcasts: [(Shape, Shape, Shape?)] = [
    ([], [], []), ([3], [], [3]), ([], [3], [3]), ([2, 3], [3], [2, 3]), ([2, 1], [1, 3], [2, 3]),
    ([2, 3], [2], nil), ([0], [1], [0]), ([0], [2], nil), ([4, 1, 2], [3, 1], [4, 3, 2]),
    ([n, 3], [3], [n, 3]), ([n, 1], [1, m], [n, m]), ([n], [n], [n]), ([n], [1], [n]),
    ([n], [4], [4]), ([4], [n], [4]), ([n], [m], [Dimension.unknown]),
  ]

  @Test(arguments: broadcasts)
  func `two shapes broadcast as in NumPy, in either order`(_ row: (Shape, Shape, Shape?)) {
    #expect(row.0.broadcast(with: row.1) == row.2)
    #expect(row.1.broadcast(with: row.0) == row.2)
  }

  @Test func `equality of shapes is decided only where it holds for all sizes`() {
    #expect(Shape([2, 3]).equals([2, 3]) == true)
    #expect(Shape([2, 3]).equals([2, 4]) == false)
    #expect(Shape([2]).equals([2, 1]) == false)
    #expect(Shape([Self.n, 3]).equals([Self.m, 3]) == nil)
    #expect(Shape([Self.n, 3]).equals([Self.m, 4]) == false)
  }

  @Test func `types are printed as the language writes them`() {
    #expect(TensorType(.f32, [Self.n, 784]).description == "f32[n, 784]")
    #expect(TensorType(.f64).description == "f64")
  }

  @Test func `the bytes of a type are known where its sizes are, and fit`() {
    #expect(TensorType(.f32, [2, 3]).byteCount == 24)
    #expect(TensorType(.bool).byteCount == 1)
    #expect(TensorType(.f64, [0, 5]).byteCount == 0)
    #expect(TensorType(.f64, [Self.n]).byteCount == nil)
    #expect(TensorType(.f64, Shape([Int.max])).byteCount == nil)
    #expect(TensorType(.u8, Shape([Int.max, 2])).byteCount == nil)
  }
}
