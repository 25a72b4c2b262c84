/// Counter-based random numbers: a pure function of a key and a counter, the same on every machine and any number of threads.
///
/// - Source: Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, 2011 (Philox4x32-10).
public struct Philox: Sendable {
  private let key: (UInt32, UInt32)
  private let step: (UInt32, UInt32)

  /// - Parameters:
  ///   - seed: the user's seed.
  ///   - stream: what the numbers are for, such as a node's name: other streams are independent.
  ///   - step: the training step; 0 outside training.
  public init(seed: Int64, stream: String, step: Int64 = 0) {
    self.init(key: Self.mixed(UInt64(bitPattern: seed), Self.hash(stream)), step: UInt64(bitPattern: step))
  }

  init(key: UInt64, step: UInt64) {
    self.key = Self.halves(key)
    self.step = Self.halves(step)
  }

  /// The 128 random bits at `counter`.
  public func block(_ counter: UInt64) -> SIMD4<UInt32> {
    let (low, high) = Self.halves(counter)
    var (x0, x1, x2, x3) = (low, high, step.0, step.1)
    var (k0, k1) = key
    for _ in 0..<10 {
      let a = UInt64(x0) * 0xD251_1F53
      let b = UInt64(x2) * 0xCD9E_8D57
      (x0, x1, x2, x3) = (
        UInt32(truncatingIfNeeded: b >> 32) ^ x1 ^ k0, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ x3 ^ k1, UInt32(truncatingIfNeeded: a)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }

  /// Two of the 64-bit numbers of a stream: those at `2 * counter` and `2 * counter + 1`.
  public func pair(_ counter: UInt64) -> (UInt64, UInt64) {
    let bits = block(counter)
    return (UInt64(bits[1]) << 32 | UInt64(bits[0]), UInt64(bits[3]) << 32 | UInt64(bits[2]))
  }

  /// The number of a stream at `index`, uniform in [0, 1), of 53 bits.
  public func uniform(_ index: Int) -> Double {
    let (a, b) = pair(UInt64(index) / 2)
    return Double((index.isMultiple(of: 2) ? a : b) >> 11) * 0x1p-53
  }

  /// A permutation of `0..<count`, each as likely as any other (Fisher and Yates).
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      let (bits, _) = pair(UInt64(index))
      order.swapAt(index, Int(bits.multipliedFullWidth(by: UInt64(index + 1)).high))
    }
    return order
  }

  private static func halves(_ value: UInt64) -> (UInt32, UInt32) {
    (UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
  }

  /// FNV-1a over the UTF-8 bytes.
  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The finalizer of SplitMix64 over both numbers.
  private static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var z = a &* 0x9E37_79B9_7F4A_7C15 &+ b
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
