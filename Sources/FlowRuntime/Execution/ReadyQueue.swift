import HeapModule

/// What is ready to run, in the order in which threads should take it: the longest remaining path first, then by number.
///
/// Decides only; whoever shares one between threads guards it.
struct ReadyQueue: Sendable {
  /// What one thread takes: one block of a task.
  struct Piece: Hashable, Sendable {
    let task: Int32
    let block: Int32
  }

  private struct Entry: Comparable, Sendable {
    let priority: Int
    let task: Int32
    var blocks: Range<Int32>

    static func < (a: Entry, b: Entry) -> Bool {
      a.priority != b.priority ? a.priority < b.priority : a.task > b.task
    }
  }

  private var entries = Heap<Entry>()
  /// How many pieces wait.
  private(set) var pieceCount = 0

  init() {}

  var isEmpty: Bool { pieceCount == 0 }

  /// Makes room, so that inserting as many tasks allocates nothing.
  mutating func reserveCapacity(_ tasks: Int) { entries.reserveCapacity(tasks) }

  /// Adds a task with at least one block.
  mutating func insert(_ task: Int32, blocks: Int32, priority: Int) {
    entries.insert(Entry(priority: priority, task: task, blocks: 0..<blocks))
    pieceCount += Int(blocks)
  }

  /// Takes a block of the most urgent task: the first or the last, so that threads which keep to one end find in their caches
  /// what they wrote there in the task before and in the step before.
  mutating func next(fromEnd: Bool = false) -> Piece? {
    guard var entry = entries.max else { return nil }
    let block = fromEnd ? entry.blocks.upperBound - 1 : entry.blocks.lowerBound
    entry.blocks = fromEnd ? entry.blocks.lowerBound..<block : block + 1..<entry.blocks.upperBound
    if entry.blocks.isEmpty { entries.removeMax() } else { entries.replaceMax(with: entry) }
    pieceCount -= 1
    return Piece(task: entry.task, block: block)
  }

  mutating func removeAll() {
    entries.removeAll { _ in true }
    pieceCount = 0
  }
}
