package import FlowTensor
import RealModule

/// Random numbers in double precision: number `i` depends on the key, the step and `i` alone.
package enum Distribution: Sendable {
  /// From `low` up to, but not including, `high`.
  case uniform(low: Double, high: Double)
  case normal(mean: Double, std: Double)
  /// A normal distribution without what is further than two standard deviations from the mean.
  case truncatedNormal(mean: Double, std: Double)
  /// 1 with probability `p`, else 0.
  case bernoulli(Double)

  package func number(_ index: Int, _ random: Philox) -> Double {
    switch self {
    case .uniform(let low, let high): low + (high - low) * random.uniform(index)
    case .normal(let mean, let std): mean + std * Self.normal(index, random)
    case .truncatedNormal(let mean, let std): mean + std * Self.truncated(index, random)
    case .bernoulli(let p): random.uniform(index) < p ? 1 : 0
    }
  }

  /// - Source: Box & Muller, A note on the generation of random normal deviates, 1958. Two numbers from each pair.
  private static func normal(_ index: Int, _ random: Philox) -> Double {
    let (radius, angle) = polar(random.pair(UInt64(index) / 2))
    return index.isMultiple(of: 2) ? radius * Double.cos(angle) : radius * Double.sin(angle)
  }

  private static func truncated(_ index: Int, _ random: Philox) -> Double {
    for attempt in 0..<128 as Range<UInt64> {
      let (radius, angle) = polar(random.pair(UInt64(index) | attempt << 56))
      let number = radius * Double.cos(angle)
      if number.magnitude <= 2 { return number }
    }
    return 0
  }

  private static func polar(_ bits: (UInt64, UInt64)) -> (radius: Double, angle: Double) {
    // In (0, 1]: the logarithm is finite.
    let u = Double((bits.0 >> 11) + 1) * 0x1p-53
    return ((-2 * Double.log(u)).squareRoot(), 2 * Double.pi * Double(bits.1 >> 11) * 0x1p-53)
  }
}

extension Philox {
  /// A whole number below `bound`, each as likely as any other.
  ///
  /// - Source: Lemire, Fast random integer generation in an interval, 2019.
  /// - Precondition: `bound` is positive.
  package func whole(below bound: UInt64, _ index: Int) -> UInt64 {
    let threshold = (0 &- bound) % bound
    var product = pair(UInt64(index)).0.multipliedFullWidth(by: bound)
    var attempt: UInt64 = 1
    while product.low < threshold, attempt < 128 {
      product = pair(UInt64(index) | attempt << 56).0.multipliedFullWidth(by: bound)
      attempt += 1
    }
    return product.high
  }
}
