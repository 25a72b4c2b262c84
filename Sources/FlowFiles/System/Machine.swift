import FlowTensor

extension Machine {
  /// Tensors of fewer bytes are read once and kept; of larger ones, rows alone.
  static let cachedByteCount = 256 << 20
}
