import FlowDiagnostics
import FlowGraph
import FlowTensor

/// `last, ys = scan(init, xs, w, b, body: cell)`: a loop over the first axis, laid out step by step in the graph, so that it is
/// differentiated as everything else is.
extension Resolver {
  func scan(_ call: CallSyntax) -> [Item] {
    guard let body = scanBody(call) else { return [.poison] }
    let arguments = arguments(call)
    guard arguments.count >= 2 else {
      report(
        "wrong-arity", "'scan' takes a first carry and a sequence, not \(counted(arguments.count, "argument"))",
        at: call.callee.span,
        help: "last, ys = scan(init, xs, w, body: cell)")
      return [.poison]
    }
    guard !arguments.contains(where: \.item.isPoison),
      let sequence = tensor(arguments[1].item, as: nil, at: arguments[1].span),
      let carry = tensor(arguments[0].item, as: sequence.dtype, at: arguments[0].span),
      let count = stepCount(sequence, at: arguments[1].span)
    else { return [.poison] }
    return steps(call, body, carry, sequence, count, further: Array(arguments.dropFirst(2)))
  }

  /// The definition that makes a step.
  private func scanBody(_ call: CallSyntax) -> DefinitionRecord? {
    for label in call.labels where label.name.text != "body" {
      report("unknown-attribute", "'scan' has no attribute '\(label.name.text)'", at: label.name.span)
      return nil
    }
    guard let label = call.labels.first, call.labels.count == 1 else {
      report(
        "missing-attribute", "'scan' needs 'body'", at: call.callee.span, help: "body: the name of a def of (carry, x)")
      return nil
    }
    let item = evaluate(label.value)
    guard case .callable(.definition(let record)) = item else {
      if !item.isPoison {
        report("bad-attribute", "'body' of 'scan' takes a def, not \(item.kindName)", at: label.value.place)
      }
      return nil
    }
    guard !opensScope(record) else {
      report(
        "bad-attribute", "'\(record.syntax.name.text)' declares variables, which each step would repeat",
        at: label.value.place,
        help: "declare them outside and pass them behind the sequence")
      return nil
    }
    return record
  }

  private func stepCount(_ sequence: Value, at span: SourceSpan) -> Int? {
    guard sequence.shape.rank > 0 else {
      report("shape-mismatch", "'scan' goes over the first axis; \(sequence.type) has none", at: span)
      return nil
    }
    guard let count = sequence.shape[0].size, count > 0 else {
      report(
        "shape-mismatch", "'scan' goes over a first axis of known size, at least 1, not \(sequence.type)", at: span,
        help: "give it by a constant: const t = 12, and input xs: f32[t, ...]; --set t=20 changes it")
      return nil
    }
    return count
  }

  private func steps(
    _ call: CallSyntax, _ body: DefinitionRecord, _ first: Value, _ sequence: Value, _ count: Int, further: [Argument]
  ) -> [Item] {
    let span = call.callee.span
    let step = CallSyntax(callee: call.callee, arguments: [], labels: [])
    var carry = first
    var stacked: [Value] = []
    // One cut into all entries, whose gradient is put together once; an index for each would make a whole sequence each.
    guard let entries = add("split", [sequence], ["parts": .whole(count), "axis": .whole(0)], at: span) else {
      return [.poison]
    }
    for entry in entries {
      guard let slice = add("squeeze", [entry], ["axis": .whole(0)], at: span)?.first else { return [.poison] }
      let arguments = [(item: Item.tensor(carry.id), span: span), (item: Item.tensor(slice.id), span: span)] + further
      let made = expand(body, step, arguments, [], [:])
      guard let (next, output) = results(of: body, made, like: carry, at: span) else { return [.poison] }
      carry = next
      stacked.append(output)
    }
    guard let all = add("stack", stacked, ["axis": .whole(0)], at: span)?.first else { return [.poison] }
    return [.tensor(carry.id), .tensor(all.id)]
  }

  /// The next carry and what is stacked.
  private func results(
    of body: DefinitionRecord, _ items: [Item], like carry: Value, at span: SourceSpan
  ) -> (next: Value, output: Value)? {
    guard !items.contains(where: \.isPoison) else { return nil }
    let name = body.syntax.name.text
    guard items.count == 2 else {
      report(
        "wrong-arity", "'\(name)' returns the next carry and what is stacked, not \(items.count) values", at: span,
        help: "return next, next")
      return nil
    }
    guard let next = tensor(items[0], as: carry.dtype, at: span),
      fits(next, carry.type, what: "the carry of '\(name)'", at: span),
      let output = tensor(items[1], as: nil, at: span)
    else { return nil }
    return (next, output)
  }
}
