import FlowTraining
import Testing

/// Which rows make up the batches.
struct BatchPlanTests {
  private func plan(_ rows: Int, _ size: Int, shuffles: Bool = false, drops: Bool = false) -> BatchPlan {
    BatchPlan(rows: Array(0..<rows), batchSize: size, shuffles: shuffles, dropsRemainder: drops, seed: 3)
  }

  @Test(arguments: [
    (10, 5, false, 2), (10, 4, false, 3), (10, 4, true, 2), (3, 4, false, 1), (3, 4, true, 0), (8, .max, false, 1),
  ])
  func `the remainder is a batch, or dropped`(_ rows: Int, _ size: Int, _ drops: Bool, _ count: Int) {
    #expect(plan(rows, size, drops: drops).batchCount == count)
  }

  @Test func `batches follow the order and cover each row once`() {
    let plan = plan(10, 4, shuffles: true)
    let order = plan.order(epoch: 2)
    let batches = (0..<plan.batchCount).map { plan.batch($0, of: order) }
    #expect(batches.map(\.count) == [4, 4, 2])
    #expect(batches.flatMap(\.self) == order)
    #expect(order.sorted() == Array(0..<10) && order != Array(0..<10))
  }

  @Test func `each epoch has an order of its own, always the same`() {
    let plan = plan(100, 8, shuffles: true)
    #expect(plan.order(epoch: 0) == plan.order(epoch: 0))
    #expect(plan.order(epoch: 0) != plan.order(epoch: 1))
  }

  @Test(arguments: [(10, 0.1, 1), (100, 0.29, 29), (30, 0.1, 3), (7, 0.01, 0), (7, 0.99, 7)])
  func `a fraction is held back, rounded`(_ rows: Int, _ fraction: Double, _ held: Int) {
    let parts = BatchPlan.split(rows, fraction: fraction, seed: 1)
    #expect(parts.validation.count == held)
    #expect((parts.training + parts.validation).sorted() == Array(0..<rows))
  }
}
