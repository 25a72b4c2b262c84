import FlowGraph
import FlowTensor

extension Rewrite {
  /// Choices, conditions, conversions, and what is the identity in a plan.
  static var selection: [Rewrite] {
    [
      Rewrite("where-constant", "where(true, x, y) = x, where(false, x, y) = y") { (choice: Match<Where>) in
        choice[0].number.map { $0 == 0 ? choice[2] : choice[1] }?.broadcast(as: choice.result)
      },
      Rewrite("where-same", "where(c, x, x) = x") { (choice: Match<Where>) in
        choice[1] == choice[2] ? choice[1].broadcast(as: choice.result) : nil
      },
      Rewrite("where-not", "where(not c, x, y) = where(c, y, x)") { (choice: Match<Where>) in
        choice[0].made(by: Not.self).flatMap { $0[0].applying(Where(), choice[2], choice[1]) }
      },
      Rewrite("not-not", "not not c = c") { (outer: Match<Not>) in outer[0].made(by: Not.self)?[0] },
      Rewrite("not-equal", "not a == b = a != b") { (negation: Match<Not>) in
        guard negation[0].isReadOnce else { return nil }
        return negation[0].made(by: Equal.self).flatMap { $0[0].applying(NotEqual(), $0[1]) }
      },
      Rewrite("and-constant", "c and true = c, c and false = false") { (both: Match<And>) in
        both.either { c, constant in
          constant.number.flatMap { $0 == 0 ? both.result.filled(with: 0) : c }
        }
      },
      Rewrite("or-constant", "c or false = c, c or true = true") { (either: Match<Or>) in
        either.either { c, constant in
          constant.number.flatMap { $0 == 0 ? c : either.result.filled(with: 1) }
        }
      },
      Rewrite("cast-nothing", "cast(x, dtype(x)) = x") { (cast: Match<CastOperation>) in
        cast[0].dtype == cast.result.dtype ? cast[0] : nil
      },
      Rewrite("cast-cast", "cast(cast(x)) is one cast where the inner one holds every number") {
        (outer: Match<CastOperation>) in
        guard let inner = outer[0].made(by: CastOperation.self), inner.result.dtype.holdsAll(of: inner[0].dtype)
        else { return nil }
        return inner[0].applying(outer.operation)
      },
      Rewrite(
        "gradient-control", "stop_gradient, gradient_scale, gradient_clip and gradient_reverse give x",
        at: [StopGradient.self, GradientScale.self, GradientClip.self, GradientReverse.self]
      ) { $0[0] },
      Rewrite("relu-relu", "relu(relu(x)) = relu(x)") { (outer: Match<ReLU>) in
        outer[0].made(by: ReLU.self) == nil ? nil : outer[0]
      },
      Rewrite("maximum-zero", "maximum(x, 0) = relu(x)") { (maximum: Match<Maximum>) in
        maximum.either { x, zero in zero.number == 0 ? x.applying(ReLU()) : nil }
      },
    ]
  }
}

extension DType {
  /// Whether every number of another dtype is one of this.
  fileprivate func holdsAll(of other: DType) -> Bool {
    guard self != other, other != .bool else { return true }
    switch self {
    case .f64: return other != .i64
    case .f32: return [.f16, .bf16, .i16, .i8, .u8].contains(other)
    case .i64: return other.isInteger
    case .i32: return [.i16, .i8, .u8].contains(other)
    case .i16: return [.i8, .u8].contains(other)
    case .f16, .bf16: return [.i8, .u8].contains(other)
    case .i8, .u8, .bool: return false
    }
  }
}
