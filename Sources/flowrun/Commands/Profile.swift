import FlowFiles
import FlowGraph
import FlowKernels
import FlowRuntime
import FlowTensor

/// What the steps of a graph were busy with.
struct Profile {
  /// One node, over all steps.
  struct Row {
    let phase: String
    let operation: String
    let value: String
    /// Of one step, summed over blocks.
    let seconds: Double
    let blocks: Int
    let bytes: Int
    let flops: Int

    var rate: Double { seconds > 0 ? Double(flops) / seconds : 0 }
  }

  private let graph: String
  private let times: [Double]
  private let threads: Int
  private let phases: [String]
  private let rows: [Row]
  /// Arithmetic operations a second of one thread.
  private let peak: Double
  private let blocks: [Recorder.Block]
  private let names: [Row?]

  /// - Parameter phases: what the graph grew by, in order, with the number of its nodes afterwards.
  init(_ graph: String, _ recorder: Recorder, times: [Double], threads: Int, phases: [(name: String, nodes: Int)]) {
    self.phases = phases.map(\.name)
    (self.graph, self.times, self.threads) = (graph, times, threads)
    let (plans, all) = (recorder.plans, recorder.blocks)
    // Evaluations of first values, if any, are other plans, and over before the steps begin.
    let main = Dictionary(grouping: all, by: \.plan).max { $0.value.count < $1.value.count }?.key ?? 0
    blocks = all.filter { $0.plan == main }
    peak = PeakRate.measured
    guard plans.indices.contains(Int(main)) else {
      (rows, names) = ([], [])
      return
    }
    let plan = plans[Int(main)]
    var totals = [(nanoseconds: Int64, blocks: Int)](repeating: (0, 0), count: plan.steps.count)
    for block in blocks {
      totals[Int(block.step)].nanoseconds += block.end - block.start
      totals[Int(block.step)].blocks += 1
    }
    let count = max(times.count, 1)
    names = plan.steps.indices.map { step in
      guard totals[step].blocks > 0 else { return nil }
      let record = plan.steps[step]
      let values =
        plan.operands[Int(record.operands.lowerBound)..<Int(record.operands.upperBound)] + Array(record.results)
      return Row(
        phase: phases.first { Int(record.node) < $0.nodes }?.name ?? "", operation: plan.operationName(of: step),
        value: plan.resultName(of: step), seconds: Double(totals[step].nanoseconds) / 1e9 / Double(count),
        blocks: totals[step].blocks / count, bytes: values.reduce(0) { $0 + (plan.type(of: $1).byteCount ?? 0) },
        flops: plan.kernels[Int(record.kernel)].flops)
    }
    rows = names.compactMap(\.self).sorted { $0.seconds > $1.seconds }
  }

  private var median: Double { times.isEmpty ? .nan : times.sorted()[times.count / 2] }
  private var busy: Double { rows.reduce(0) { $0 + $1.seconds } }

  // MARK: Text

  func text(top: Int) -> String {
    let head = """
      \(graph): \(shortText(median * 1e6)) us a step on \(threads) thread\(threads == 1 ? "" : "s"), of which \
      \(shortText(busy * 1e6)) us of work; one thread reaches \(shortText(peak / 1e9)) GFLOP/s in a matrix product
      """
    let listed = rows.prefix(top).map { row in
      [
        row.phase, row.operation, row.value, shortText(row.seconds * 1e6), percent(row.seconds / max(busy, 1e-12)),
        "\(row.blocks)", shortText(Double(row.bytes) / max(row.seconds, 1e-12) / 1e9), shortText(row.rate / 1e9),
        percent(row.rate / peak),
      ]
    }
    let titles = ["", "operation", "value", "us", "share", "blocks", "GB/s", "GFLOP/s", "of peak"]
    let rest = rows.count > top ? ["\(rows.count - top) more in --top or --json"] : []
    return ([head] + table([titles] + listed) + totals + rest).joined(separator: "\n")
  }

  private var totals: [String] {
    phases.compactMap { phase in
      let sum = rows.filter { $0.phase == phase }.reduce(0) { $0 + $1.seconds }
      return sum > 0 ? "\(phase): \(shortText(sum * 1e6)) us, \(percent(sum / busy))" : nil
    }
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }

  /// Texts to the left, numbers to the right.
  private func table(_ lines: [[String]]) -> [String] {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column < 3 ? text + space : space + text
      }.joined(separator: "  ")
    }
  }

  // MARK: JSON

  var json: JSON {
    .object([
      ("graph", .string(graph)), ("steps", .int(Int64(times.count))), ("threads", .int(Int64(threads))),
      ("median_us", .double(median * 1e6)), ("peak_gflops", .double(peak / 1e9)),
      (
        "operations",
        .array(
          rows.map { row in
            .object([
              ("phase", .string(row.phase)), ("operation", .string(row.operation)), ("value", .string(row.value)),
              ("us", .double(row.seconds * 1e6)), ("blocks", .int(Int64(row.blocks))),
              ("bytes", .int(Int64(row.bytes))),
              ("flops", .int(Int64(row.flops))), ("gflops", .double(row.rate / 1e9)),
              ("of_peak", .double(row.rate / peak)),
            ])
          })
      ),
    ])
  }

  /// In the Trace Event Format: a complete event for each block, in microseconds.
  var trace: JSON {
    .object([
      (
        "traceEvents",
        .array(
          blocks.compactMap { block in
            guard let row = names[Int(block.step)] else { return nil }
            return .object([
              ("name", .string("\(row.operation) \(row.value)")), ("cat", .string(row.phase)), ("ph", "X"),
              ("ts", .double(Double(block.start) / 1e3)), ("dur", .double(Double(block.end - block.start) / 1e3)),
              ("pid", 1), ("tid", .int(Int64(block.thread))),
            ])
          })
      ), ("displayTimeUnit", "ns"),
    ])
  }
}
