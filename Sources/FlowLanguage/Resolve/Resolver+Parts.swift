import FlowDiagnostics
import FlowGraph

/// Calls that speak of parts of the graph: which parameters are meant, and what is computed twice.
extension Resolver {
  /// `params("*.w")`: the parameters declared so far whose name matches, in that order.
  func parameters(_ call: CallSyntax) -> [Argument] {
    guard let argument = operands(call, count: 1...1)?.first else { return [(.poison, call.callee.span)] }
    guard case .string(let pattern) = argument.item else {
      report(
        "not-constant", "'params' takes a pattern, such as \"*.w\", not \(argument.item.kindName)", at: argument.span)
      return [(.poison, call.callee.span)]
    }
    let parameters = builder.graph.variables.filter { $0.role == .parameter }
    let matching = parameters.filter { $0.name.matches(pattern) }
    guard matching.isEmpty else { return matching.map { (.tensor($0.value), argument.span) } }
    report(
      "unknown-name", "no parameter declared so far matches '\(pattern)'", at: argument.span,
      help: suggestion(pattern, parameters.map(\.name)))
    return [(.poison, call.callee.span)]
  }

  /// `recompute(f(x))`: what f gives, with its inner values computed again in the backward pass.
  func recompute(_ call: CallSyntax) -> [Item] {
    if let label = call.labels.first {
      report("unknown-attribute", "'recompute' has no attribute '\(label.name.text)'", at: label.name.span)
      return [.poison]
    }
    guard let argument = call.arguments.first, call.arguments.count == 1 else {
      report("wrong-arity", "'recompute' takes 1 argument, not \(call.arguments.count)", at: call.callee.span)
      return [.poison]
    }
    let first = builder.graph.nodeCount
    let items = evaluateAll(argument)
    let results = items.enumerated().compactMap { index, item in
      if case .tensor(let id) = item, builder.graph.isComputed(id, since: first) { (index, id) } else { nil }
    }
    guard !results.isEmpty else { return items }
    let operands = results.map(\.1) + builder.graph.starts(of: results.map(\.1), since: first)
    guard
      let values = add(
        "recomputed", operands.map(builder.value), ["count": .whole(results.count)], at: call.callee.span)
    else { return [.poison] }
    var recomputed = items
    for ((index, _), value) in zip(results, values) { recomputed[index] = .tensor(value.id) }
    return recomputed
  }
}

extension Graph {
  /// Whether a node that came after so many others computes a value.
  fileprivate func isComputed(_ value: ValueID, since first: Int) -> Bool {
    let node = Int(producers[value.int])
    return node >= first && nodes[node].operation != nil
  }

  /// What values are computed from by nodes that came after so many others, in the graph's order; the counter of random numbers
  /// is none, nor is what depends on nothing.
  fileprivate func starts(of values: [ValueID], since first: Int) -> [ValueID] {
    var seen = Set(values)
    var pending = values
    var starts: [ValueID] = []
    while let value = pending.popLast() {
      guard isComputed(value, since: first) else {
        let node = node(of: value)
        let isCounter = node.variable.map { variables[$0].role == .counter } ?? node.operands.isEmpty
        if !isCounter { starts.append(value) }
        continue
      }
      pending += operands(of: node(of: value)).filter { seen.insert($0).inserted }
    }
    return starts.sorted()
  }
}
