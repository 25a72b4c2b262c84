package import FlowTensor

/// One letter of a sum of products of two tensors: its size, and how far a step along it moves in each tensor, in elements;
/// nil where a tensor has not got it.
package struct ContractionLoop: Sendable {
  package let size: Int
  package let a: Int?
  package let b: Int?
  package let y: Int?

  package init(size: Int, a: Int?, b: Int?, y: Int?) {
    self.size = size
    self.a = a
    self.b = b
    self.y = y
  }
}

/// Sums of products of two tensors as matrix products: letters of both and of the result go over matrices, those of one and
/// of the result over rows and columns, those of both alone are summed over.
///
/// SAFETY: addresses come from tensors in which all offsets of the loops stay, which is where the tables point. Blocks write
/// disjoint parts of the result; the workspace holds what `workspaceBytes` says.
package struct PairContraction: Sendable {
  private let batch: (a: [Int], b: [Int], y: [Int])
  private let (rows, columns, depth): (Int, Int, Int)
  private let a: Operand
  private let b: Operand
  private let y: Target
  private let (rowsAtOnce, columnsAtOnce, matricesAtOnce): (Int, Int, Int)
  package let blocks: Int

  /// nil where a letter stands in one tensor alone, or a size exceeds what the library takes.
  package init?(_ loops: [ContractionLoop]) {
    let isSwapped = Self.prefersRows(loops)
    let loops = isSwapped ? loops.map { ContractionLoop(size: $0.size, a: $0.b, b: $0.a, y: $0.y) } : loops
    guard loops.allSatisfy({ [$0.a, $0.b, $0.y].count { $0 != nil } > 1 }) else { return nil }
    let matrices = loops.filter { $0.a != nil && $0.b != nil && $0.y != nil }
    let rowLoops = loops.filter { $0.b == nil }
    let columnLoops = loops.filter { $0.a == nil }
    let summed = loops.filter { $0.y == nil }
    batch = (offsets(matrices, \.a), offsets(matrices, \.b), offsets(matrices, \.y))
    let (rowsA, depthA) = (offsets(rowLoops, \.a), offsets(summed, \.a))
    let (depthB, columnsB) = (offsets(summed, \.b), offsets(columnLoops, \.b))
    (rows, columns, depth) = (rowsA.count, columnsB.count, depthA.count)
    guard max(rows, columns, depth) <= Int(Int32.max) else { return nil }
    a = Operand(rowsA, depthA)
    b = Operand(depthB, columnsB)
    y = Target(rows: offsets(rowLoops, \.y), columns: offsets(columnLoops, \.y))
    self.isSwapped = isSwapped
    (rowsAtOnce, columnsAtOnce) = MatrixProductPlan.block(
      rows, columns, depth, transposeB: b.layout.isTransposed)
    matricesAtOnce =
      rows > rowsAtOnce || columns > columnsAtOnce ? 1 : max(1, (1 << 18) / max(1, rows * columns * depth))
    let parts = max(1, (rows + rowsAtOnce - 1) / rowsAtOnce) * max(1, (columns + columnsAtOnce - 1) / columnsAtOnce)
    blocks = max(1, (batch.y.count + matricesAtOnce - 1) / matricesAtOnce * parts)
  }

  private let isSwapped: Bool

  /// Whether the result's rows lie next to one another, and not its columns: then it is computed transposed.
  private static func prefersRows(_ loops: [ContractionLoop]) -> Bool {
    let columns = loops.filter { $0.a == nil && $0.y != nil && $0.size > 1 }
    let rows = loops.filter { $0.b == nil && $0.y != nil && $0.size > 1 }
    return !columns.contains { $0.y == 1 } && rows.contains { $0.y == 1 }
  }

  package func workspaceBytes(_ dtype: DType) -> Int {
    let numbers =
      (a.layout == .scattered ? rowsAtOnce * depth : 0) + (b.layout == .scattered ? depth * columnsAtOnce : 0)
      + (y.stride == nil ? rowsAtOnce * columnsAtOnce : 0)
    let (height, width) = (min(rowsAtOnce, rows), min(columnsAtOnce, columns))
    return numbers * dtype.byteCount + GemmWorkspace.bytes(dtype, rows: height, columns: width, depth: depth)
  }

  /// Computes a block of the result; the number type is f64 or f32.
  package func run(
    block: Int, _ dtype: DType, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, into y: UnsafeMutableRawPointer,
    workspace: UnsafeMutableRawPointer
  ) {
    let (first, second) = isSwapped ? (b, a) : (a, b)
    if dtype == .f64 {
      run(Double.self, block, first, second, y, workspace)
    } else {
      run(Float.self, block, first, second, y, workspace)
    }
  }

  private func run<Number: GemmNumber>(
    _ type: Number.Type, _ block: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ y: UnsafeMutableRawPointer,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let columnBlocks = max(1, (columns + columnsAtOnce - 1) / columnsAtOnce)
    let rowBlocks = max(1, (rows + rowsAtOnce - 1) / rowsAtOnce)
    let (rest, columnBlock) = block.quotientAndRemainder(dividingBy: columnBlocks)
    let (group, rowBlock) = rest.quotientAndRemainder(dividingBy: rowBlocks)
    let rowRange = rowBlock * rowsAtOnce..<min((rowBlock + 1) * rowsAtOnce, rows)
    let columnRange = columnBlock * columnsAtOnce..<min((columnBlock + 1) * columnsAtOnce, columns)
    guard !rowRange.isEmpty, !columnRange.isEmpty else { return }
    for matrix in group * matricesAtOnce..<min((group + 1) * matricesAtOnce, batch.y.count) {
      multiply(
        a.assumingMemoryBound(to: Number.self) + batch.a[matrix],
        b.assumingMemoryBound(to: Number.self) + batch.b[matrix],
        y.assumingMemoryBound(to: Number.self) + batch.y[matrix], rowRange, columnRange,
        workspace.assumingMemoryBound(to: Number.self))
    }
  }

  private func multiply<Number: GemmNumber>(
    _ a: UnsafePointer<Number>, _ b: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>, _ rowRange: Range<Int>,
    _ columnRange: Range<Int>, _ workspace: UnsafeMutablePointer<Number>
  ) {
    var free = workspace
    let left = self.a.panel(of: a, rowRange, 0..<depth, &free)
    let right = self.b.panel(of: b, 0..<depth, columnRange, &free)
    var target = y + self.y.rows[rowRange.lowerBound] + self.y.columns[columnRange.lowerBound]
    if self.y.stride == nil {
      target = free
      free += rowRange.count * columnRange.count
    }
    let stride = self.y.stride ?? columnRange.count
    if depth == 0 {
      for row in 0..<rowRange.count { (target + row * stride).update(repeating: 0, count: columnRange.count) }
    } else {
      Number.run(
        Gemm(
          left, right, into: target, stride: stride, rows: rowRange.count, columns: columnRange.count, depth: depth,
          adds: false, workspace: free))
    }
    guard self.y.stride == nil else { return }
    for (row, place) in rowRange.enumerated() {
      let numbers = target + row * columnRange.count
      for (column, other) in columnRange.enumerated() {
        y[self.y.rows[place] + self.y.columns[other]] = numbers[column]
      }
    }
  }
}

/// For each index of some loops, the first outermost, where it leads in a tensor.
private func offsets(_ loops: [ContractionLoop], _ stride: KeyPath<ContractionLoop, Int?>) -> [Int] {
  loops.reduce([0]) { starts, loop in
    let step = loop[keyPath: stride] ?? 0
    return starts.flatMap { start in (0..<loop.size).map { start + $0 * step } }
  }
}

/// The distance of numbers that are the multiples of one, from 0 on; any where there is but one number, nil where there is none.
private func commonStep(_ numbers: [Int]) -> Int? {
  guard numbers.count > 1 else { return 1 }
  return numbers.indices.allSatisfy { numbers[$0] == $0 * numbers[1] } ? numbers[1] : nil
}

/// Where the numbers of a matrix lie.
private struct Operand: Sendable {
  enum Layout: Hashable, Sendable {
    /// Rows one behind the other, this far apart.
    case rows(Int)
    /// Columns one behind the other, this far apart.
    case columns(Int)
    /// In any other way: they are copied.
    case scattered

    var isTransposed: Bool {
      switch self {
      case .columns: true
      case .rows, .scattered: false
      }
    }
  }

  let rows: [Int]
  let columns: [Int]
  let layout: Layout

  init(_ rows: [Int], _ columns: [Int]) {
    self.rows = rows
    self.columns = columns
    let (down, across) = (commonStep(rows), commonStep(columns))
    let farDown = rows.count > 1 ? down ?? 0 : max(columns.count, 1)
    let farAcross = columns.count > 1 ? across ?? 0 : max(rows.count, 1)
    let limit = Int(Int32.max)
    if across == 1, farDown >= max(columns.count, 1), farDown <= limit {
      layout = .rows(farDown)
    } else if down == 1, farAcross >= max(rows.count, 1), farAcross <= limit {
      layout = .columns(farAcross)
    } else {
      layout = .scattered
    }
  }

  /// A part of the matrix as the library wants it; it takes from `free` what it copies to.
  func panel<Number>(
    of x: UnsafePointer<Number>, _ rowRange: Range<Int>, _ columnRange: Range<Int>,
    _ free: inout UnsafeMutablePointer<Number>
  ) -> Gemm<Number>.Operand {
    guard !rowRange.isEmpty, !columnRange.isEmpty else { return .init(address: x, stride: 1) }
    let start = x + rows[rowRange.lowerBound] + columns[columnRange.lowerBound]
    switch layout {
    case .rows(let stride): return .init(address: start, stride: stride)
    case .columns(let stride): return .init(address: start, stride: stride, isTransposed: true)
    case .scattered:
      let copy = free
      for (row, place) in rowRange.enumerated() {
        let numbers = copy + row * columnRange.count
        for (column, other) in columnRange.enumerated() { numbers[column] = x[rows[place] + columns[other]] }
      }
      free = copy + rowRange.count * columnRange.count
      return .init(address: UnsafePointer(copy), stride: columnRange.count)
    }
  }
}

/// Where the numbers of the result lie.
private struct Target: Sendable {
  let rows: [Int]
  let columns: [Int]
  /// The distance of its rows, where its columns lie next to one another.
  let stride: Int?

  init(rows: [Int], columns: [Int]) {
    self.rows = rows
    self.columns = columns
    let down = rows.count > 1 ? commonStep(rows) : max(columns.count, 1)
    let isDense = commonStep(columns) == 1
    stride = down.flatMap { isDense && $0 >= max(columns.count, 1) && $0 <= Int(Int32.max) ? $0 : nil }
  }
}
