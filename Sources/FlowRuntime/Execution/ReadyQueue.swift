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
    var nextBlock: Int32
    let blocks: Int32

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
    entries.insert(Entry(priority: priority, task: task, nextBlock: 0, blocks: blocks))
    pieceCount += Int(blocks)
  }

  /// Takes the most urgent block.
  mutating func next() -> Piece? {
    guard var entry = entries.max else { return nil }
    let piece = Piece(task: entry.task, block: entry.nextBlock)
    entry.nextBlock += 1
    if entry.nextBlock < entry.blocks { entries.replaceMax(with: entry) } else { entries.removeMax() }
    pieceCount -= 1
    return piece
  }

  mutating func removeAll() {
    entries.removeAll { _ in true }
    pieceCount = 0
  }
}
