public import FlowGraph

extension Registry {
  /// Every operation that the engine brings along.
  public static func builtIn() -> Registry {
    var registry = Registry()
    for (family, operations) in families {
      for operation in operations { registry.add(operation, family) }
    }
    registry.register(Rewrite.builtIn)
    return registry
  }

  /// The types of all of them.
  static var builtInTypes: [any Operation.Type] { families.flatMap(\.1) }

  /// One line registers an operation.
  private static var families: [(String, [any Operation.Type])] {
    [
      (
        "arithmetic",
        [
          Add.self, Subtract.self, Multiply.self, Divide.self, FloorDivide.self, Modulo.self, Power.self, Negate.self,
          Absolute.self, Sign.self, Square.self, Reciprocal.self, Maximum.self, Minimum.self,
        ]
      ),
      ("comparison", [Equal.self, NotEqual.self, Less.self, LessEqual.self, Greater.self, GreaterEqual.self]),
      ("logic", [Not.self, And.self, Or.self, ExclusiveOr.self, Where.self]),
      (
        "functions",
        [
          Exponential.self, Logarithm.self, SquareRoot.self, Sine.self, Cosine.self, Tanh.self, Sigmoid.self,
          ReLU.self, ExponentialMinusOne.self, LogarithmOfOnePlus.self, ReciprocalSquareRoot.self, ErrorFunction.self,
          Tangent.self, ArcSine.self, ArcCosine.self, ArcTangent.self, ArcTangent2.self, HyperbolicSine.self,
          HyperbolicCosine.self, InverseHyperbolicSine.self, InverseHyperbolicCosine.self,
          InverseHyperbolicTangent.self, Softplus.self, GELU.self, GELUTanh.self,
        ]
      ),
      (
        "rounding",
        [
          Floor.self, Ceiling.self, Round.self, Truncate.self, IsNaN.self, IsInfinite.self, IsFinite.self,
        ]
      ),
      ("conversion", [CastOperation.self, StopGradient.self, Recomputed.self, After.self]),
      ("gradient control", [GradientScale.self, GradientClip.self, GradientReverse.self]),
      (
        "linear algebra",
        [
          MatrixMultiply.self, Linear.self, Einsum.self, Solve.self, TriangularSolve.self, Cholesky.self, Inverse.self,
          LogDeterminant.self,
        ]
      ),
      (
        "reductions",
        [
          Sum.self, Mean.self, Product.self, ProductOfOthers.self, Largest.self, Smallest.self, AnyHolds.self,
          AllHold.self, PositionOfLargest.self, PositionOfSmallest.self, SumOfSquares.self, LogSumExponential.self,
          Variance.self, StandardDeviation.self, Norm.self, CumulativeSum.self, CumulativeProduct.self, Sort.self,
          SortPositions.self, TopK.self,
        ]
      ),
      (
        "layout",
        [
          Reshape.self, Flatten.self, Squeeze.self, Unsqueeze.self, MatchShape.self, Transpose.self, BroadcastTo.self,
          SumTo.self, Concatenate.self, Stack.self, Split.self, Tile.self, RepeatElements.self, Flip.self, Roll.self,
          Pad.self, PadSum.self, Diagonal.self, DiagonalMatrix.self, UpperTriangle.self, LowerTriangle.self,
        ]
      ),
      (
        "indexing",
        [
          Index.self, PadIndex.self, Slice.self, Gather.self, GatherSum.self, OneHot.self, GatherAlongOperation.self,
          ScatterAdd.self, Scatter.self,
        ]
      ),
      ("constants", [Fill.self, Literal.self, Load.self, Eye.self, ArrayRange.self, LinearSpace.self]),
      (
        "random",
        [
          Uniform.self, Normal.self, TruncatedNormal.self, Bernoulli.self, Integers.self, Permutation.self,
          VarianceScaling.self,
        ]
      ),
      (
        "convolution",
        [Convolve.self, ConvolveInputGradient.self, ConvolveFilterGradient.self, ConvolveTransposed.self]
      ),
      (
        "pooling",
        [
          MaximumPool.self, MaximumPoolGradient.self, MaximumPoolPositions.self, MaximumUnpool.self,
          PoolEntries.self, AveragePool.self, AveragePoolGradient.self, ResizeOperation.self, ResizeGradient.self,
        ]
      ),
      (
        "neural networks",
        [
          Softmax.self, LogSoftmax.self, SoftmaxCrossEntropy.self, SoftmaxCrossEntropyGradient.self,
          DotProductAttention.self, AttentionGradient.self, Standardize.self, StandardizeGradient.self,
        ]
      ),
    ]
  }

  private mutating func add<Body: Operation>(_ operation: Body.Type, _ family: String) {
    do {
      try register(operation, family: family)
    } catch {
      preconditionFailure("two built-in operations named '\(error.name)'")
    }
  }
}
