import FlowGraph
import FlowKernels
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

/// Shapes that are cut into several blocks.
private struct LargeCase: Sendable, CustomTestStringConvertible {
  let operation: String
  let shapes: [[Int]]
  let attributes: [String: AttributeValue]
  let reference: OperationCase.Reference
  var testDescription: String { "\(operation)\(shapes)" }

  static let all: [LargeCase] = [
    LargeCase(operation: "add", shapes: [[300, 150], [150]], attributes: [:], reference: Naive.binary { $0 + $1 }),
    LargeCase(
      operation: "mul", shapes: [[300, 150], [300, 1]], attributes: [:], reference: Naive.binary { $0 * $1 }),
    LargeCase(operation: "square", shapes: [[70_000]], attributes: [:], reference: Naive.unary { $0 * $0 }),
    LargeCase(
      operation: "cast", shapes: [[50_000]], attributes: ["dtype": .dtype(.f32)],
      reference: Naive.unary { Double(Float($0)) }),
    LargeCase(
      operation: "sum", shapes: [[300, 250]], attributes: ["axis": .whole(0)],
      reference: Naive.reduce([0]) { $0.reduce(0, +) }),
    LargeCase(
      operation: "mean", shapes: [[3, 270, 150]], attributes: ["axis": .list([.whole(0), .whole(1)])],
      reference: Naive.reduce([0, 1]) { $0.reduce(0, +) / 810 }),
    LargeCase(
      operation: "split", shapes: [[300, 192]],
      attributes: ["axis": .whole(1), "sizes": .list([.whole(64), .whole(128)])]
    ) { operands in
      stride(from: 0, to: 300 * 192, by: 192).flatMap { operands[0].doubles[$0..<$0 + 64] }
    },
    LargeCase(
      operation: "max", shapes: [[300, 250]], attributes: ["axis": .whole(1)],
      reference: Naive.reduce([1]) { $0.max() ?? 0 }),
    LargeCase(operation: "sort", shapes: [[40, 300]], attributes: [:]) { operands in
      let x = operands[0].doubles
      return stride(from: 0, to: x.count, by: 300).flatMap { x[$0..<$0 + 300].sorted() }
    },
    LargeCase(operation: "cumsum", shapes: [[100, 700]], attributes: [:]) { operands in
      var sum = 0.0
      return operands[0].doubles.enumerated().map { index, number in
        sum = index % 700 == 0 ? number : sum + number
        return sum
      }
    },
    LargeCase(operation: "triu", shapes: [[300, 250]], attributes: [:]) { operands in
      operands[0].doubles.enumerated().map { $0 % 250 >= $0 / 250 ? $1 : 0 }
    },
    LargeCase(operation: "roll", shapes: [[300, 250]], attributes: ["shift": .whole(1), "axis": .whole(0)]) {
      operands in
      operands[0].doubles.suffix(250) + operands[0].doubles.dropLast(250)
    },
    LargeCase(
      operation: "einsum", shapes: [[60, 40], [40, 50]], attributes: ["equation": .string("ij,jk->ik")],
      reference: Naive.matmul()),
  ]
}

@Suite struct `Work in several blocks` {
  @Test(arguments: LargeCase.all)
  fileprivate func `gives the naive result, in any order of the blocks`(row: LargeCase) throws {
    let operation = try #require(Registry.builtIn()[row.operation]).operation(row.attributes)
    let inputs = row.shapes.enumerated().map { Tensor.random(TensorType(.f64, Shape($1)), "\($0)") }
    let forwards = try Evaluator.run(operation, inputs, .forwards)[0]
    #expect(try forwards == Evaluator.run(operation, inputs, .backwards)[0])
    let worst = zip(forwards.doubles, row.reference(inputs)).map { abs($0 - $1) }.max() ?? 0
    #expect(worst < 1e-10)
  }

  /// Squares of numbers that vectors hold, what is beside them, and axes that are no neighbours.
  @Test(arguments: [
    ([100, 350], [1, 0]), ([3, 40, 33], [0, 2, 1]), ([20, 7, 18], [2, 1, 0]), ([40, 3, 50], [2, 0, 1]),
    ([4, 30, 8, 16], [0, 2, 1, 3]), ([2, 70, 3, 5], [2, 0, 3, 1]), ([40_000, 2], [1, 0]),
    ([1, 17, 1, 16], [3, 2, 1, 0]),
  ])
  func `of a transposed tensor moves numbers of every width`(sizes: [Int], axes: [Int]) throws {
    let operation = try #require(Registry.builtIn()["transpose"]).operation(["axes": axes.attributeValue])
    let positions = Naive.indices(axes.map { sizes[$0] }).map { index in
      var source = index
      for (position, axis) in axes.enumerated() { source[axis] = index[position] }
      return Naive.position(source, sizes)
    }
    for dtype in [.f64, .f32, .bf16, .u8] as [DType] {
      let x = try #require(Tensor(positions.indices.map { Double($0 % 251) }, sizes).converted(to: dtype))
      let y = try Evaluator.run(operation, [x], .backwards)[0].doubles
      let numbers = x.doubles
      #expect(y == positions.map { numbers[$0] }, "\(dtype)")
    }
  }

  @Test(arguments: [([700, 300], [0]), ([3, 270, 150], [0, 1]), ([5, 300, 17], [1]), ([2, 131], [0])])
  func `of a sum over rows of single precision is rounded once`(sizes: [Int], axes: [Int]) throws {
    let operation = try #require(Registry.builtIn()["sum"]).operation(["axis": .list(axes.map { .whole($0) })])
    let x = Tensor.random(TensorType(.f32, Shape(sizes)), "x")
    let exact = Naive.reduce(axes) { $0.reduce(0, +) }([x])
    #expect(try Evaluator.run(operation, [x], .backwards)[0].doubles == exact.map { Double(Float($0)) })
  }

  @Test(arguments: [
    ([600, 40], [40, 300], false, false), ([20, 600], [600, 900], false, false), ([40, 600], [300, 40], true, true),
    ([700, 50], [200, 50], false, true),
  ])
  func `of a matrix product gives inner products`(a: [Int], b: [Int], transposeA: Bool, transposeB: Bool) throws {
    let operation = try #require(Registry.builtIn()["matmul"]).operation([
      "transpose_a": .boolean(transposeA), "transpose_b": .boolean(transposeB),
    ])
    let inputs = [a, b].map { Tensor.random(TensorType(.f64, Shape($0)), "\($0)") }
    let product = try Evaluator.run(operation, inputs, .backwards)[0]
    let (left, right, result) = (inputs[0].doubles, inputs[1].doubles, product.doubles)
    let (columns, depth) = (product.sizes[1], transposeA ? a[0] : a[1])
    for position in stride(from: 0, to: result.count, by: 991) {
      let (row, column) = (position / columns, position % columns)
      let inner = (0..<depth).reduce(0.0) { sum, k in
        let x = left[transposeA ? k * a[1] + row : row * depth + k]
        return sum + x * right[transposeB ? column * depth + k : k * columns + column]
      }
      #expect(abs(result[position] - inner) < 1e-10)
    }
  }

  /// Equations as matrix products: in place, transposed, copied, over several letters, of several tensors, stretched.
  @Test(arguments: [
    ("ij,jk->ik", [[9, 12], [12, 11]]), ("ij,jk->ki", [[9, 12], [12, 11]]), ("ji,kj->ik", [[12, 9], [11, 12]]),
    ("bqhd,bkhd->bhqk", [[2, 5, 3, 8], [2, 6, 3, 8]]), ("bhqk,bkhd->bqhd", [[2, 3, 5, 8], [2, 8, 3, 6]]),
    ("aib,ajb->ij", [[3, 10, 4], [3, 11, 4]]), ("ij,kl->iljk", [[5, 6], [7, 8]]), ("ij,kl->klij", [[5, 6], [7, 8]]),
    ("abc,cd->abd", [[4, 5, 10], [10, 7]]), ("ij,jk,kl->il", [[6, 7], [7, 8], [8, 9]]),
    ("ij,jk->k", [[12, 11], [11, 10]]),
    ("ii,ij->j", [[40, 40], [40, 30]]), ("ii,ij->ji", [[40, 40], [40, 30]]),
    ("ab,cb,ad->dc", [[6, 7], [8, 7], [6, 9]]),
    ("bij,bjk->ijkb", [[3, 6, 7], [3, 7, 8]]), ("ij,jk->ik", [[20, 1], [9, 11]]),
    ("i,ij,j->", [[40], [40, 30], [30]]),
    ("i,j,k->kij", [[11], [10], [12]]), ("bi,bi->b", [[30, 50], [30, 50]]), ("bi,bj->", [[6, 13], [6, 14]]),
  ])
  func `of an equation gives the sum over all letters`(equation: String, shapes: [[Int]]) throws {
    let operation = try #require(Registry.builtIn()["einsum"]).operation(["equation": .string(equation)])
    let inputs = shapes.enumerated().map { Tensor.random(TensorType(.f64, Shape($1)), "\($0)") }
    let forwards = try Evaluator.run(operation, inputs, .forwards)[0]
    #expect(try forwards == Evaluator.run(operation, inputs, .backwards)[0])
    let expected = OperationCase.summed(equation)(inputs)
    #expect(forwards.count == expected.count)
    #expect(zip(forwards.doubles, expected).allSatisfy { isClose($0, $1, 1e-12) })
  }

  @Test func `covers every element once`() {
    for count in [0, 1, 32_767, 32_768, 32_769, 100_000] {
      let blocks = Blocks(of: count)
      #expect((0..<blocks.count).flatMap { Array(blocks[$0]) } == Array(0..<count))
    }
  }

  @Test func `sums many numbers of single precision accurately`() throws {
    let operation = try #require(Registry.builtIn()["sum"]).operation()
    let tenth = Tensor([Float](repeating: 0.1, count: 300_000), [300_000])
    let sum = try Evaluator.run(operation, [tenth])[0].doubles[0]
    #expect(abs(sum - Double(Float(0.1)) * 3e5) < 0.003)
  }
}
