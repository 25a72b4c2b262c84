import FlowTensor

/// Plain computations that share no code with the kernels.
enum Naive {
  static func unary(_ function: @escaping @Sendable (Double) -> Double) -> OperationCase.Reference {
    { $0[0].doubles.map(function) }
  }

  static func binary(_ function: @escaping @Sendable (Double, Double) -> Double) -> OperationCase.Reference {
    { operands in
      let sizes = broadcast(operands.map(\.sizes))
      let (a, b) = (operands[0].doubles, operands[1].doubles)
      return indices(sizes).map { index in
        function(a[position(index, operands[0].sizes)], b[position(index, operands[1].sizes)])
      }
    }
  }

  /// - Parameter axes: the reduced ones, counted from the front.
  static func reduce(_ axes: [Int], _ function: @escaping @Sendable ([Double]) -> Double) -> OperationCase.Reference {
    { operands in
      let (x, sizes) = (operands[0].doubles, operands[0].sizes)
      let kept = sizes.enumerated().map { axes.contains($0.offset) ? 1 : $0.element }
      return indices(kept).map { outer in
        let window = sizes.enumerated().map { axes.contains($0.offset) ? $0.element : 1 }
        return function(indices(window).map { inner in x[position(zip(outer, inner).map(+), sizes)] })
      }
    }
  }

  /// Of matrices and batches of them.
  static func matmul(_ transposeA: Bool = false, _ transposeB: Bool = false) -> OperationCase.Reference {
    { operands in
      let (a, b) = (operands[0].doubles, operands[1].doubles)
      var sizesA = operands[0].sizes
      var sizesB = operands[1].sizes
      if sizesA.count == 1 { sizesA = [1] + sizesA }
      if sizesB.count == 1 { sizesB = sizesB + [1] }
      let (rows, depth) =
        transposeA ? (sizesA.last!, sizesA[sizesA.count - 2]) : (sizesA[sizesA.count - 2], sizesA.last!)
      let columns = transposeB ? sizesB[sizesB.count - 2] : sizesB.last!
      let batch = broadcast([Array(sizesA.dropLast(2)), Array(sizesB.dropLast(2))])
      return indices(batch + [rows, columns]).map { index in
        let outer = Array(index.dropLast(2))
        let (row, column) = (index[index.count - 2], index[index.count - 1])
        return (0..<depth).reduce(0) { sum, k in
          let left = a[position(outer + (transposeA ? [k, row] : [row, k]), sizesA)]
          return sum + left * b[position(outer + (transposeB ? [column, k] : [k, column]), sizesB)]
        }
      }
    }
  }

  /// All indices of a shape, in row-major order.
  static func indices(_ sizes: [Int]) -> [[Int]] {
    sizes.reduce([[]]) { partial, size in partial.flatMap { index in (0..<size).map { index + [$0] } } }
  }

  /// Where an index, which may have more axes, lies in a tensor that is broadcast to it.
  static func position(_ index: [Int], _ sizes: [Int]) -> Int {
    zip(index.suffix(sizes.count), sizes).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
  }

  static func broadcast(_ shapes: [[Int]]) -> [Int] {
    let rank = shapes.map(\.count).max() ?? 0
    return (0..<rank).map { axis in
      let sizes = shapes.compactMap { axis - (rank - $0.count) >= 0 ? $0[axis - (rank - $0.count)] : nil }
      return sizes.first { $0 != 1 } ?? 1
    }
  }
}
