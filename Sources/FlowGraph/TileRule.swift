public import FlowTensor

/// How a result may be computed a tile at a time together with those of other operations, in one pass over memory.
///
/// A rule gives the bits that the operation's own kernel gives.
public enum TileRule: Hashable, Sendable {
  /// Each element is a function of one element of each input, broadcast to the result.
  case map(ElementwiseOpcode)
  /// Each element of the input in the result's dtype.
  case cast
  /// The input's elements, repeated to the result's shape.
  case repetition
}
