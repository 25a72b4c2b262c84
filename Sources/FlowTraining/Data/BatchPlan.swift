import FlowTensor

/// Which rows make up each batch of each epoch: a pure function of the seed and the epoch.
package struct BatchPlan: Sendable {
  /// The rows of the data set to go through.
  package let rows: [Int]
  package let batchSize: Int
  package let shuffles: Bool
  package let dropsRemainder: Bool
  package let seed: Int64

  package init(rows: [Int], batchSize: Int, shuffles: Bool, dropsRemainder: Bool, seed: Int64) {
    self.rows = rows
    self.batchSize = batchSize
    self.shuffles = shuffles
    self.dropsRemainder = dropsRemainder
    self.seed = seed
  }

  package var batchCount: Int {
    dropsRemainder ? rows.count / batchSize : (rows.count - 1) / batchSize + 1
  }

  /// The order of the rows in an epoch, counted from 0.
  package func order(epoch: Int) -> [Int] {
    guard shuffles else { return rows }
    return Philox(seed: seed, stream: "shuffle", step: Int64(epoch)).permutation(rows.count).map { rows[$0] }
  }

  /// The rows of one batch of an epoch's order.
  package func batch(_ index: Int, of order: [Int]) -> [Int] {
    Array(order[(index * batchSize)..<min((index + 1) * batchSize, order.count)])
  }

  /// Splits rows into those to train on and the last part, to validate on, after one shuffle by the seed.
  package static func split(_ rowCount: Int, fraction: Double, seed: Int64) -> (training: [Int], validation: [Int]) {
    let order = Philox(seed: seed, stream: "split").permutation(rowCount)
    let held = Int((Double(rowCount) * fraction).rounded())
    return (Array(order.dropLast(held)), Array(order.suffix(held)))
  }
}
