import FlowGraph
import FlowTensor
import RealModule

extension OperationCase {
  static var contractions: [OperationCase] {
    let rows: [(String, [[Int]])] = [
      ("ij,jk->ik", [[2, 3], [3, 4]]), ("ij,jk", [[2, 3], [3, 4]]), ("ij->ji", [[2, 3]]), ("ij->", [[2, 3]]),
      ("ij->j", [[2, 3]]), ("i,j->ij", [[2], [3]]), ("i,i->", [[3], [3]]), ("ii->i", [[3, 3]]), ("ii", [[3, 3]]),
      ("iji->j", [[2, 3, 2]]), ("bij,bjk->bik", [[2, 2, 3], [2, 3, 2]]), ("ij,jk,kl->il", [[2, 3], [3, 2], [2, 4]]),
      ("i,ij,j->", [[2], [2, 3], [3]]), ("ij,ij->ij", [[2, 3], [2, 3]]), ("ij,jk->k", [[2, 3], [3, 2]]),
      ("ij,j->i", [[2, 1], [3]]), ("ij,jk->ik", [[0, 3], [3, 2]]), ("ij,jk->ik", [[2, 0], [0, 3]]),
      (",i->i", [[], [3]]),
      ("->", [[]]), ("ba", [[2, 3]]), ("Ab,bC->AC", [[2, 1], [1, 3]]),
    ]
    return rows.map { equation, shapes in
      OperationCase("einsum", shapes.map { Operand($0) }, ["equation": .string(equation)], matching: summed(equation))
    } + ellipses + [
      OperationCase(
        "einsum", [Operand([2, 2], .values([1, 2, 3, 4])), Operand([2], .values([5, 6]))],
        ["equation": .string("ij,j->i")], dtypes: [.i64, .i32, .i16, .i8, .u8], order: 0, gives: [17, 39])
    ]
  }

  /// With the equation that says the same in letters.
  private static var ellipses: [OperationCase] {
    let rows: [(String, [[Int]], String)] = [
      ("...ij,...jk->...ik", [[2, 2, 3], [2, 3, 2]], "bij,bjk->bik"),
      ("...ij,jk->...ik", [[2, 2, 2, 3], [3, 2]], "abij,jk->abik"), ("i...->...", [[2, 3, 2]], "iab->ab"),
      ("...", [[2, 3]], "ab->ab"), ("...i,...i->...", [[3], [2, 3]], "i,bi->b"), ("...i->i", [[2, 3]], "bi->i"),
      ("...i,...i->...", [[2, 1, 3], [4, 3]], "abi,bi->ab"),
    ]
    return rows.map { equation, shapes, plain in
      OperationCase("einsum", shapes.map { Operand($0) }, ["equation": .string(equation)], matching: summed(plain))
    }
  }

  /// Over all letters, without any of the operation's code. A size of 1 fits any.
  static func summed(_ equation: String) -> Reference {
    { operands in
      let sides = equation.split(separator: "->", omittingEmptySubsequences: false)
      let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
      var sizes: [Character: Int] = [:]
      for (term, operand) in zip(terms, operands) {
        for (letter, size) in zip(term, operand.sizes) where size != 1 || sizes[letter] == nil { sizes[letter] = size }
      }
      let all = terms.flatMap(\.self)
      let result = sides.count == 2 ? Array(sides[1]) : all.filter { x in all.count { $0 == x } == 1 }.sorted()
      let summed = Set(all).subtracting(result).sorted()
      return Naive.indices(result.map { sizes[$0]! }).map { outer in
        Naive.indices(summed.map { sizes[$0]! }).reduce(0) { sum, inner in
          let place = Dictionary(uniqueKeysWithValues: zip(result + summed, outer + inner))
          return sum
            + zip(terms, operands).reduce(1) { product, pair in
              product * pair.1.doubles[Naive.position(pair.0.map { place[$0]! }, pair.1.sizes)]
            }
        }
      }
    }
  }

  /// Well-conditioned matrices of several sizes, and symmetric positive definite ones.
  private static let general: [Operand] = [
    Operand([2, 2], .values([2, -1, 0.5, 3])), Operand([3, 3], .values([0, 2, 1, 3, -1, 0.5, 1, 1, -2])),
    Operand([2, 2, 2], .values([1, 2, -3, 1, 0, 1.5, 2, 0.5])), Operand([1, 1], .values([-2])),
  ]
  private static let positive: [Operand] = [
    Operand([2, 2], .values([2, 0.5, 0.5, 3])), Operand([3, 3], .values([4, 1, -1, 1, 3, 0.5, -1, 0.5, 2])),
    Operand([2, 2, 2], .values([1, 0.5, 0.5, 1, 3, -1, -1, 2])), Operand([1, 1], .values([4])),
  ]

  static var factorizations: [OperationCase] {
    cholesky + solutions + triangular + inverses
      + [
        OperationCase("cholesky", [Operand([0, 0])], gives: []),
        OperationCase("inverse", [Operand([2, 0, 0])], gives: []),
        OperationCase("logdet", [Operand([2, 0, 0])], gives: [0, 0]),
        OperationCase("logdet", [Operand([0, 2, 2])], gives: []),
        OperationCase("solve", [Operand([0, 0]), Operand([0, 2])], gives: []),
        OperationCase("solve", [Operand([2, 2], .values([1, 2, 3, 4])), Operand([2, 0])], gives: []),
        OperationCase("triangular_solve", [Operand([0, 0]), Operand([0])], gives: []),
      ]
  }

  private static var cholesky: [OperationCase] {
    [
      OperationCase("cholesky", [Operand([2, 2], .values([4, 2, 2, 10]))], gives: [2, 0, 1, 3]),
      // Of a matrix that is not symmetric the symmetric part counts.
      OperationCase("cholesky", [Operand([2, 2], .values([4, 1, 3, 10]))], gives: [2, 0, 1, 3]),
    ]
      + positive.map { operand in
        OperationCase("cholesky", [operand]) { operands in Elimination.matrices(operands[0]).flatMap(\.cholesky) }
      }
  }

  private static var solutions: [OperationCase] {
    general.flatMap { a -> [OperationCase] in
      let n = a.sizes.last!
      return [[n, 2], [n], [3] + a.sizes.dropLast(2) + [n, 1], [n, n]].map { b in
        OperationCase("solve", [a, Operand(b)]) { operands in Elimination.solve(operands[0], operands[1]) }
      }
    }
  }

  private static var triangular: [OperationCase] {
    general.filter { $0.sizes != [3, 3] && $0.sizes != [2, 2, 2] }.flatMap { a -> [OperationCase] in
      let n = a.sizes.last!
      return [(true, true), (true, false), (false, true), (false, false)].flatMap { lower, transpose in
        [[n, 2], [n], [3, n, 2]].map { b in
          OperationCase(
            "triangular_solve", [a, Operand(b)], ["lower": .boolean(lower), "transpose": .boolean(transpose)]
          ) { operands in
            let triangle = zip(Naive.indices(operands[0].sizes), operands[0].doubles).map { index, number in
              (lower ? index[0] >= index[1] : index[0] <= index[1]) ? number : 0
            }
            let turned = transpose ? Naive.indices([n, n]).map { triangle[$0[1] * n + $0[0]] } : triangle
            return Elimination.solve(Tensor(turned, [n, n]), operands[1])
          }
        }
      }
    }
  }

  private static var inverses: [OperationCase] {
    general.map { operand in
      OperationCase("inverse", [operand]) { operands in
        Elimination.matrices(operands[0]).flatMap {
          $0.solving(Naive.indices([$0.size, $0.size]).map { $0[0] == $0[1] ? 1 : 0 })
        }
      }
    }
      + positive.map { operand in
        OperationCase("logdet", [operand]) { operands in
          Elimination.matrices(operands[0]).map { Double.log($0.determinant) }
        }
      }
      + [OperationCase("logdet", [Operand([2, 2], .values([0, -1, 2, 1]))], gives: [Double.log(2)])]
  }
}

/// Gauß's elimination with pivots, as plain as can be.
private struct Elimination {
  let size: Int
  let numbers: [Double]

  static func matrices(_ tensor: Tensor) -> [Elimination] {
    let size = tensor.sizes.last!
    let count = tensor.sizes.dropLast(2).reduce(1, *)
    return (0..<count).map { number in
      Elimination(size: size, numbers: Array(tensor.doubles[number * size * size..<(number + 1) * size * size]))
    }
  }

  /// For matrices of one batch, or one matrix, and right sides that repeat them.
  static func solve(_ a: Tensor, _ b: Tensor) -> [Double] {
    let matrices = matrices(a)
    let width = b.sizes.count == 1 ? b.sizes[0] : b.sizes.suffix(2).reduce(1, *)
    let sides = stride(from: 0, to: b.doubles.count, by: width).map { Array(b.doubles[$0..<$0 + width]) }
    return (0..<max(matrices.count, sides.count)).flatMap { number in
      matrices[number % matrices.count].solving(sides[number % sides.count])
    }
  }

  func solving(_ side: [Double]) -> [Double] { eliminated(side).side }

  var determinant: Double { eliminated([]).determinant }

  private func eliminated(_ side: [Double]) -> (side: [Double], determinant: Double) {
    let columns = size == 0 ? 0 : side.count / size
    var rows = (0..<size).map { row in
      Array(numbers[row * size..<(row + 1) * size]) + Array(side[row * columns..<(row + 1) * columns])
    }
    var determinant = 1.0
    for pivot in 0..<size {
      let best = (pivot..<size).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) }!
      if best != pivot { determinant = -determinant }
      rows.swapAt(pivot, best)
      let scale = rows[pivot][pivot]
      determinant *= scale
      rows[pivot] = rows[pivot].map { $0 / scale }
      for row in 0..<size where row != pivot {
        let factor = rows[row][pivot]
        rows[row] = zip(rows[row], rows[pivot]).map { $0 - factor * $1 }
      }
    }
    return (rows.flatMap { $0.dropFirst(size) }, determinant)
  }

  var cholesky: [Double] {
    var l = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        let rest =
          numbers[row * size + column]
          - (0..<column).reduce(0) { $0 + l[row * size + $1] * l[column * size + $1] }
        l[row * size + column] = row == column ? Double.sqrt(rest) : rest / l[column * size + column]
      }
    }
    return l
  }
}
