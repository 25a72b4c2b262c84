import Testing

@testable import FlowRuntime

@Suite struct ReadyQueueTests {
  @Test func `the longest remaining path goes first, then the lower number`() {
    var queue = ReadyQueue()
    queue.insert(4, blocks: 1, priority: 10)
    queue.insert(9, blocks: 1, priority: 30)
    queue.insert(2, blocks: 1, priority: 10)
    #expect(tasks(&queue) == [9, 2, 4])
  }

  @Test func `blocks are handed out one by one, each once`() {
    var queue = ReadyQueue()
    queue.insert(1, blocks: 3, priority: 5)
    #expect(queue.pieceCount == 3)
    #expect((0..<3).map { _ in queue.next()?.block } == [0, 1, 2])
    #expect(queue.next() == nil)
    #expect(queue.isEmpty)
  }

  @Test func `blocks are handed out from both ends until they meet`() {
    var queue = ReadyQueue()
    queue.insert(1, blocks: 4, priority: 5)
    queue.insert(2, blocks: 1, priority: 4)
    let taken = [true, false, true, true, true].map { queue.next(fromEnd: $0) }
    #expect(taken.map { $0?.task } == [1, 1, 1, 1, 2])
    #expect(taken.map { $0?.block } == [3, 0, 2, 1, 0])
    #expect(queue.isEmpty)
  }

  @Test func `what is more urgent comes between the blocks of another`() {
    var queue = ReadyQueue()
    queue.insert(1, blocks: 2, priority: 5)
    #expect(queue.next() == ReadyQueue.Piece(task: 1, block: 0))
    queue.insert(2, blocks: 1, priority: 6)
    #expect(tasks(&queue) == [2, 1])
  }

  @Test func `nothing is left after all is removed`() {
    var queue = ReadyQueue()
    queue.insert(1, blocks: 2, priority: 5)
    queue.removeAll()
    #expect(queue.next() == nil)
    #expect(queue.isEmpty)
  }

  private func tasks(_ queue: inout ReadyQueue) -> [Int32] {
    var order: [Int32] = []
    while let piece = queue.next() { order.append(piece.task) }
    return order
  }
}
