import FlowGraph
import FlowKernels
import FlowTensor

/// How a sum of products is computed: two tensors at a time, as matrix products where letters allow.
extension Contraction {
  /// A tensor on the way: its letters, and how far a step along each moves in it.
  fileprivate struct Term {
    /// Where it lies: a given tensor, or one that a step made.
    let slot: Int
    /// In elements. Letters that stand twice step along both axes; an axis of size 1 that fits another does not step.
    let strides: [Character: Int]

    /// Of a dense tensor.
    init(slot: Int, _ letters: [Character], _ sizes: [Int], stretching whole: [Character: Int]) {
      self.slot = slot
      let dense = StridedLayout.denseStrides(sizes)
      var strides: [Character: Int] = [:]
      for (axis, letter) in letters.enumerated() where sizes[axis] == whole[letter] {
        strides[letter, default: 0] += dense[axis]
      }
      self.strides = strides
    }
  }

  /// Below this many products, all at once is faster.
  private static let fewProducts = 1 << 10

  /// - Parameter sizes: of the tensors, all known.
  func program(_ dtype: DType, _ shapes: [[Int]]) -> ContractionProgram {
    let sizes = Dictionary(
      zip(letters, letters.map { size(of: $0).size ?? 0 }), uniquingKeysWith: { first, _ in first })
    var open = zip(terms, shapes).enumerated().map {
      Term(slot: $0.offset, $0.element.0, $0.element.1, stretching: sizes)
    }
    let isSmall = count(letters, sizes) <= Self.fewProducts
    guard dtype.isFloating, !isSmall, open.count > 1 else {
      return ContractionProgram([sums(open, into: result, sizes)], dtype)
    }
    var steps: [ContractionProgram.Step] = []
    var slot = open.count
    func make(_ step: ContractionProgram.Step, _ letters: [Character]) {
      steps.append(step)
      open.append(Term(slot: slot, letters, letters.map { sizes[$0] ?? 1 }, stretching: sizes))
      slot += 1
    }
    while open.count > 1 {
      let (first, second) = cheapestPair(open, sizes)
      let kept = needed(by: open, except: [first, second])
      // What only one of the two has, and nobody else, is summed over first.
      for index in [second, first] {
        let other = open[index == first ? second : first]
        let own = open[index].strides.keys.filter { kept.contains($0) || other.strides[$0] != nil }
        guard own.count < open[index].strides.count else { continue }
        let term = open[index]
        let order = ordered(own)
        make(sums([term], into: order, sizes), order)
        open.swapAt(index, open.count - 1)
        open.removeLast()
      }
      let pair = [open[first], open[second]]
      let isLast = open.count == 2
      let both = letters.filter { letter in pair.contains { $0.strides[letter] != nil } }
      let order = isLast ? result : ordered(both.filter(kept.contains))
      open.removeAll { term in pair.contains { $0.slot == term.slot } }
      make(product(pair, into: order, sizes), order)
    }
    return ContractionProgram(steps, dtype)
  }

  /// In the order of the result, then as they first stand.
  private func ordered(_ wanted: [Character]) -> [Character] {
    result.filter(wanted.contains) + letters.filter { wanted.contains($0) && !result.contains($0) }
  }

  private func needed(by open: [Term], except taken: [Int]) -> Set<Character> {
    let others = open.enumerated().filter { !taken.contains($0.offset) }.flatMap { $0.element.strides.keys }
    return Set(others).union(result)
  }

  private func count(_ letters: some Sequence<Character>, _ sizes: [Character: Int]) -> Int {
    letters.reduce(1) { product, letter in
      let (next, overflow) = product.multipliedReportingOverflow(by: sizes[letter] ?? 1)
      return overflow ? .max : next
    }
  }

  /// The two whose product takes the fewest multiplications; of equal ones the first.
  private func cheapestPair(_ open: [Term], _ sizes: [Character: Int]) -> (Int, Int) {
    var best = (0, 1)
    var least = Int.max
    for second in open.indices {
      for first in 0..<second {
        let cost = count(Set(open[first].strides.keys).union(open[second].strides.keys), sizes)
        if cost < least { (best, least) = ((first, second), cost) }
      }
    }
    return best
  }

  private func product(_ pair: [Term], into order: [Character], _ sizes: [Character: Int]) -> ContractionProgram.Step {
    let target = Term(slot: 0, order, order.map { sizes[$0] ?? 1 }, stretching: sizes).strides
    let both = letters.filter { pair[0].strides[$0] != nil || pair[1].strides[$0] != nil }
    let loops = (order + both.filter { !order.contains($0) }).map { letter in
      ContractionLoop(
        size: sizes[letter] ?? 1, a: pair[0].strides[letter], b: pair[1].strides[letter], y: target[letter])
    }
    guard let work = PairContraction(loops.filter { $0.size != 1 }) else { return sums(pair, into: order, sizes) }
    return ContractionProgram.Step(.pair(work), of: pair.map(\.slot), count: count(order, sizes))
  }

  private func sums(_ open: [Term], into order: [Character], _ sizes: [Character: Int]) -> ContractionProgram.Step {
    let summed = letters.filter { letter in
      !order.contains(letter) && open.contains { $0.strides[letter] != nil }
    }
    let loops = order + summed
    let kernel = SumOfProducts(
      loops: loops.map { sizes[$0] ?? 1 }, results: order.count,
      strides: open.map { term in loops.map { term.strides[$0] ?? 0 } })
    return ContractionProgram.Step(.sums(kernel), of: open.map(\.slot), count: count(order, sizes))
  }
}

/// A program as the operation's kernel.
struct EinsumKernel: Kernel {
  let program: ContractionProgram

  var blocks: Int { program.blocks }
  var workspaceBytes: Int { program.workspaceBytes }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    program.run(block: block, inputs, into: outputs[0], workspace: workspace)
  }
}
