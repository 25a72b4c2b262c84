import FlowGraph
import FlowTensor

extension Rewrite {
  /// The same function by one operation, which neither overflows nor cancels.
  static var stable: [Rewrite] { logarithms + quotients }

  private static var logarithms: [Rewrite] {
    [
      Rewrite("log-softmax", "log(softmax(x)) = log_softmax(x)", .stable(8)) { (logarithm: Match<Logarithm>) in
        logarithm[0].made(by: Softmax.self).flatMap { $0[0].applying(LogSoftmax(axis: $0.operation.axis)) }
      },
      Rewrite("log-sum-exp", "log(sum(exp(x))) = logsumexp(x)", .stable(8)) { (logarithm: Match<Logarithm>) in
        guard let sum = logarithm[0].made(by: Sum.self), let power = sum[0].made(by: Exponential.self)
        else { return nil }
        return power[0].applying(LogSumExponential(axis: sum.operation.axis, keepdims: sum.operation.keepdims))
      },
      Rewrite("log-exp", "log(exp(x)) = x", .stable(4)) { (logarithm: Match<Logarithm>) in
        logarithm[0].made(by: Exponential.self)?[0]
      },
      Rewrite("log-sigmoid", "log(sigmoid(x)) = -softplus(-x)", .stable(8)) { (logarithm: Match<Logarithm>) in
        guard let sigmoid = logarithm[0].made(by: Sigmoid.self) else { return nil }
        return -(-sigmoid[0])?.applying(Softplus())
      },
      Rewrite("log-one-plus", "log(1 + x) = log1p(x)", .stable(8)) { (logarithm: Match<Logarithm>) in
        logarithm[0].made(by: Add.self)?.either { x, one in
          one.number == 1 ? x.applying(LogarithmOfOnePlus()) : nil
        }
      },
      Rewrite("log-one-minus", "log(1 - x) = log1p(-x)", .stable(8)) { (logarithm: Match<Logarithm>) in
        guard let difference = logarithm[0].made(by: Subtract.self), difference[0].number == 1 else { return nil }
        return (-difference[1])?.applying(LogarithmOfOnePlus())
      },
      Rewrite("log-one-plus-exp", "log1p(exp(x)) = softplus(x)", .stable(8)) { (logarithm: Match<LogarithmOfOnePlus>) in
        logarithm[0].made(by: Exponential.self).flatMap { $0[0].applying(Softplus()) }
      },
      Rewrite("exp-minus-one", "exp(x) - 1 = expm1(x)", .stable(8)) { (difference: Match<Subtract>) in
        guard difference[1].number == 1, let power = difference[0].made(by: Exponential.self) else { return nil }
        return power[0].applying(ExponentialMinusOne())
      },
    ]
  }

  private static var quotients: [Rewrite] {
    [
      Rewrite("reciprocal-sqrt", "1 / sqrt(x) = rsqrt(x)", .rounding(2)) { (reciprocal: Match<Reciprocal>) in
        reciprocal[0].made(by: SquareRoot.self).flatMap { $0[0].applying(ReciprocalSquareRoot()) }
      },
      Rewrite("div-sqrt", "x / sqrt(y) = x * rsqrt(y)", .rounding(3)) { (quotient: Match<Divide>) in
        quotient[1].made(by: SquareRoot.self).flatMap { quotient[0] * $0[0].applying(ReciprocalSquareRoot()) }
      },
      Rewrite("sigmoid", "1 / (1 + exp(-x)) = sigmoid(x)", .stable(8)) { (reciprocal: Match<Reciprocal>) in
        reciprocal[0].made(by: Add.self)?.either { power, one in
          guard one.number == 1, let power = power.made(by: Exponential.self) else { return nil }
          return (-power[0])?.applying(Sigmoid())
        }
      },
      Rewrite("softmax", "exp(x) / sum(exp(x), axis: a, keepdims: true) = softmax(x, axis: a)", .stable(8)) {
        (quotient: Match<Divide>) in
        guard let power = quotient[0].made(by: Exponential.self), let sum = quotient[1].made(by: Sum.self),
          sum[0] == quotient[0], sum.operation.keepdims, let axis = sum.operation.axis.only
        else { return nil }
        return power[0].applying(Softmax(axis: axis))
      },
    ]
  }
}

extension Axes {
  /// The axis, where it is one.
  fileprivate var only: Int? {
    switch self {
    case .all: nil
    case .one(let axis): axis
    case .list(let axes): axes.count == 1 ? axes[0] : nil
    }
  }
}
