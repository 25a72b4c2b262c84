import FlowGraph

extension Draft {
  /// The draft after everything that makes it less work, until nothing applies any more: equal nodes are one, laws have
  /// done what they can, and what depends on no variable is computed already.
  func optimized(isTimed: Bool) -> Draft {
    var draft = self
    let laws = graph.rewrites.filter { $0.stage == .simplification }
    for _ in 0..<Self.maximumRounds {
      let before = (draft.statistics.rewritten, draft.constants.count)
      draft = draft.rewritten(by: laws, isTimed: isTimed).folded()
      if (draft.statistics.rewritten, draft.constants.count) == before { break }
    }
    let fusions = graph.rewrites.filter { $0.stage == .fusion }
    return fusions.isEmpty ? draft : draft.rewritten(by: fusions, isTimed: isTimed)
  }

  /// More are of use only where what one round frees lets laws apply that want a value read by nobody else.
  private static var maximumRounds: Int { 6 }

  private func rewritten(by laws: [Rewrite], isTimed: Bool) -> Draft {
    let rewriting = Rewriting(self, laws, isTimed: isTimed)
    var result = rewriting.run()
    result.statistics.add(rewriting.tallies)
    return result
  }
}

extension Plan {
  /// How often a law applied, and how long it took to try it, where that was asked for.
  package struct RewriteTally: Hashable, Sendable {
    package let name: String
    package var count = 0
    package var duration = Duration.zero

    init(_ name: String) { self.name = name }
  }
}

extension Plan.Statistics {
  /// How often laws applied.
  var rewritten: Int { rewrites.reduce(0) { $0 + $1.count } }

  fileprivate mutating func add(_ tallies: [Plan.RewriteTally]) {
    for tally in tallies {
      if let index = rewrites.firstIndex(where: { $0.name == tally.name }) {
        rewrites[index].count += tally.count
        rewrites[index].duration += tally.duration
      } else {
        rewrites.append(tally)
      }
    }
  }
}
