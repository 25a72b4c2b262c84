/// What PyTorch and Keras call a layer and the parts of it, by the names they have here: a row a kind.
struct LayerKind: Sendable {
  struct Part: Sendable {
    let name: String
    let order: Order

    init(_ name: String, _ order: Order = .same) {
      self.name = name
      self.order = order
    }

    func axes(_ rank: Int) -> [Int]? {
      switch order {
      case .same: nil
      case .turned: rank == 2 ? [1, 0] : nil
      case .channelsLast: Array(2..<max(rank, 2)) + [1, 0]
      }
    }
  }

  enum Order: Sendable {
    case same
    /// Of a matrix.
    case turned
    /// Filters of [out, in, ...] as [..., in, out].
    case channelsLast
  }

  /// The class in snake case; nil where Keras has another order of numbers.
  let kerasName: String?
  let torch: [String: Part]
  let keras: [String: Part]
  /// Whether PyTorch has a bias on the recurrent side too.
  var lacksSecondBias = false

  static let dense = LayerKind(
    kerasName: "dense", torch: ["w": Part("weight", .turned), "b": Part("bias")],
    keras: ["w": Part("vars/0"), "b": Part("vars/1")])

  static let embedding = LayerKind(
    kerasName: "embedding", torch: ["w": Part("weight")], keras: ["w": Part("vars/0")])

  static func convolution(rank: Int, isTransposed: Bool) -> LayerKind {
    LayerKind(
      kerasName: "conv\(rank - 2)d\(isTransposed ? "_transpose" : "")",
      torch: ["w": Part("weight"), "b": Part("bias")],
      keras: ["w": Part("vars/0", .channelsLast), "b": Part("vars/1")])
  }

  static let batchNorm = LayerKind(
    kerasName: "batch_normalization",
    torch: [
      "scale": Part("weight"), "shift": Part("bias"), "mean": Part("running_mean"), "variance": Part("running_var"),
    ],
    keras: ["scale": Part("vars/0"), "shift": Part("vars/1"), "mean": Part("vars/2"), "variance": Part("vars/3")])

  static let layerNorm = LayerKind(
    kerasName: "layer_normalization", torch: ["scale": Part("weight"), "shift": Part("bias")],
    keras: ["scale": Part("vars/0"), "shift": Part("vars/1")])

  static let rmsNorm = LayerKind(
    kerasName: "rms_normalization", torch: ["scale": Part("weight")], keras: ["scale": Part("vars/0")])

  /// - Parameter gates: how many matrices stand side by side in `w`.
  static func recurrent(gates: Int) -> LayerKind {
    LayerKind(
      kerasName: [1: "simple_rnn", 4: "lstm"][gates],
      torch: [
        "w": Part("weight_ih_l0", .turned), "u": Part("weight_hh_l0", .turned), "b": Part("bias_ih_l0"),
        "c": Part("bias_hh_l0"),
      ],
      keras: ["w": Part("cell/vars/0"), "u": Part("cell/vars/1"), "b": Part("cell/vars/2")],
      lacksSecondBias: gates != 3)
  }
}
