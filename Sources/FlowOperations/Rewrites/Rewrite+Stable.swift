import FlowGraph

extension Rewrite {
  /// The same function by an operation that neither overflows nor cancels.
  static var stable: [Rewrite] {
    [
      Rewrite("log-softmax", "log(softmax(x)) = log_softmax(x)", .rounding(8)) { (logarithm: Match<Logarithm>) in
        logarithm[0].made(by: Softmax.self).flatMap { $0[0].applying(LogSoftmax(axis: $0.operation.axis)) }
      }
    ]
  }
}
