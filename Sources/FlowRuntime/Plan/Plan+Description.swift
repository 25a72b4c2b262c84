import FlowGraph
import FlowTensor

extension Plan: CustomStringConvertible {
  /// A line for each step, in order, after the totals: what it computes from what, where the results lie, in how many blocks.
  package var description: String {
    var text = statistics.description(running: steps.count) + "\n"
    for (index, step) in steps.enumerated() {
      if index == phase(.commit).steps.lowerBound { text += "once values are committed:\n" }
      text += line(step) + "\n"
    }
    for (position, value) in fetches.enumerated() { text += "fetch \(position): \(name(value)) \(place(value))\n" }
    for write in writes {
      text += "write \(graph.variables[write.variable].name): \(name(write.value)) \(place(write.value))\n"
    }
    return text
  }

  /// What a step runs.
  package func operationName(of step: Int) -> String {
    let step = steps[step]
    return operations[Int(step.operation)].title
  }

  /// What a step computes first.
  package func resultName(of step: Int) -> String { steps[step].results.first.map(name) ?? "" }

  private func line(_ step: Step) -> String {
    let operation = members(of: step).map { operations[Int($0.operation)].title }.joined(separator: " + ")
    let inputs = operands(of: step).map(name)
    let results = step.results.map { name($0) }.joined(separator: ", ")
    let places = step.results.map { "\(type(of: $0)) \(place($0))" }.joined(separator: ", ")
    let blocks = kernels[Int(step.kernel)].blocks
    let suffix = blocks == 1 ? "" : ", \(blocks) blocks"
    return "\(results) = \(operation)(\(inputs.joined(separator: ", "))): \(places)\(suffix)"
  }

  private func name(_ value: Int32) -> String { graph.labels[source(of: value)] ?? "%\(value)" }

  /// `at 128 + 64`: offset and bytes.
  private func place(_ value: Int32) -> String {
    switch location(of: value) {
    case .memory(let offset): "at \(offset) + \(type(of: value).byteCount ?? 0)"
    case .variable(let index, let offset): "in \(graph.variables[index].name)\(offset == 0 ? "" : " + \(offset)")"
    case .constant: "constant"
    case nil: "nowhere"
    }
  }
}

extension Plan.Statistics {
  /// The totals, then a line for each law that applied.
  fileprivate func description(running count: Int) -> String {
    let laws = rewrites.filter { $0.count > 0 }.map { tally in
      "  \(tally.count) × \(tally.name)" + (tally.duration == .zero ? "" : ", \(tally.duration.text)")
    }
    let time = rewrites.reduce(.zero) { $0 + $1.duration }
    return
      ([
        """
        nodes: \(count) of \(graphNodes) run; \(pruned) pruned, \(shared) shared, \(folded) folded, \(fused) fused, \(aliased) aliased
        rewrites: \(rewritten)\(time == .zero ? "" : ", \(time.text)")
        """
      ] + laws + [
        """
        flops: \(flops)
        bytes: \(memoryBytes) placed for \(peakBytes) at once, \(variableBytes) in variables, \(constantBytes) in constants, \
        \(workspaceBytes) of workspace a thread
        """
      ]).joined(separator: "\n")
  }
}

extension Duration {
  /// In microseconds.
  fileprivate var text: String {
    let (seconds, attoseconds) = components
    return "\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) us"
  }
}
