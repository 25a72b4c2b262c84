import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import RealModule
import Testing

private func draw(
  _ name: String, _ attributes: [String: AttributeValue] = [:], count: Int = 20_000, seed: Int64 = 3, step: Int64 = 0
) throws -> [Double] {
  var attributes = attributes
  attributes["shape"] = attributes["shape"] ?? [count].attributeValue
  let operation = try #require(Registry.builtIn()[name]).operation(attributes)
  return try Evaluator.run(operation, [Tensor([seed, step], [2])])[0].doubles
}

private func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }

private func deviation(_ numbers: [Double]) -> Double {
  let center = mean(numbers)
  return mean(numbers.map { ($0 - center) * ($0 - center) }).squareRoot()
}

@Suite struct `Random numbers` {
  @Test func `have the moments of their distribution`() throws {
    let uniform = try draw("uniform", ["low": .real(-1), "high": .real(3)])
    #expect(abs(mean(uniform) - 1) < 0.04 && abs(deviation(uniform) - 4 / 12.0.squareRoot()) < 0.02)
    let normal = try draw("normal", ["mean": .real(2), "std": .real(0.5)])
    #expect(abs(mean(normal) - 2) < 0.01 && abs(deviation(normal) - 0.5) < 0.01)
    let truncated = try draw("truncated_normal")
    #expect(abs(mean(truncated)) < 0.03 && abs(deviation(truncated) - 0.8796) < 0.01)
    #expect(truncated.allSatisfy { abs($0) <= 2 })
    #expect(abs(mean(try draw("bernoulli", ["p": .real(0.25)])) - 0.25) < 0.015)
    let integers = try draw("integers", ["low": .whole(-2), "high": .whole(3)])
    #expect(Set(integers) == [-2, -1, 0, 1, 2] && abs(mean(integers)) < 0.05)
  }

  /// Kolmogorov and Smirnov: the largest distance between the share of the numbers up to each one and the distribution.
  ///
  /// At seeds that are fixed; of true samples one in a thousand exceeds the bound.
  @Test(arguments: [1, 2, 3] as [Int64])
  func `have the distribution that they are named after`(seed: Int64) throws {
    let phi: (Double) -> Double = { 0.5 * Double.erfc(-$0 / 2.0.squareRoot()) }
    let within = phi(2) - phi(-2)
    let distributions: [(String, [String: AttributeValue], (Double) -> Double)] = [
      ("uniform", ["low": .real(-1), "high": .real(3)], { ($0 + 1) / 4 }),
      ("normal", ["mean": .real(2), "std": .real(0.5)], { phi(($0 - 2) / 0.5) }),
      ("truncated_normal", [:], { (phi($0) - phi(-2)) / within }),
    ]
    for (name, attributes, cumulative) in distributions {
      let numbers = try draw(name, attributes, count: 10_000, seed: seed).sorted()
      let count = Double(numbers.count)
      let distance = numbers.enumerated().map { abs(cumulative($1) - (Double($0) + 0.5) / count) }.max() ?? 1
      #expect(distance * count.squareRoot() < 1.95, "\(name): \(distance)")
      #expect(
        try abs(correlation(draw(name, attributes, count: 10_000, seed: seed))) < 0.04,
        "\(name): neighbours go together")
    }
  }

  /// Pearson's χ² of ten classes; of true samples one in a thousand exceeds 27.9.
  @Test(arguments: [1, 2, 3] as [Int64])
  func `of a few whole numbers are each as frequent as any other`(seed: Int64) throws {
    for numbers in [
      try draw("integers", ["low": .whole(0), "high": .whole(10)], count: 10_000, seed: seed),
      try (0..<2000).flatMap { try draw("permutation", count: 10, seed: seed, step: $0).prefix(1) },
    ] {
      let expected = Double(numbers.count) / 10
      let deviations = (0..<10).map { number in
        let count = Double(numbers.count { $0 == Double(number) })
        return (count - expected) * (count - expected) / expected
      }
      #expect(deviations.reduce(0, +) < 27.9)
    }
  }

  /// Of each number with the next one.
  private func correlation(_ numbers: [Double]) -> Double {
    let (center, spread) = (mean(numbers), deviation(numbers))
    return mean(zip(numbers, numbers.dropFirst()).map { ($0 - center) * ($1 - center) }) / (spread * spread)
  }

  @Test func `stay below the bound of a narrow interval in single precision`() throws {
    let numbers = try draw("uniform", ["low": .real(1), "high": .real(1.0000002)], count: 2000)
    #expect(numbers.allSatisfy { $0 >= 1 && $0 < Double(Float(1.0000002)) })
  }

  @Test func `depend on seed, stream, step and position alone`() throws {
    let long = try draw("normal", count: 9_000)
    #expect(Array(long.prefix(100)) == (try draw("normal", count: 100)))
    #expect(long != (try draw("normal", count: 9_000, seed: 4)))
    #expect(long != (try draw("normal", count: 9_000, step: 1)))
    #expect(long != (try draw("normal", ["stream": .string("other")], count: 9_000)))
  }

  @Test func `of a permutation are each position once`() throws {
    let order = try draw("permutation", count: 1000)
    #expect(order.sorted() == (0..<1000).map { Double($0) })
    #expect(order != order.sorted())
  }

  @Test(arguments: [
    ("fan_in", [100, 200], 100.0), ("fan_out", [100, 200], 200), ("fan_avg", [100, 200], 150),
    ("fan_in", [30, 20, 5, 5], 500),
    ("fan_out", [30, 20, 5, 5], 750), ("fan_in", [9000], 9000),
  ])
  func `scaled by variance know the fans`(mode: String, sizes: [Int], fan: Double) throws {
    for distribution in ["normal", "uniform", "truncated_normal"] {
      let numbers = try draw(
        "variance_scaling",
        [
          "scale": .real(2), "mode": .string(mode), "distribution": .string(distribution),
          "shape": sizes.attributeValue,
        ])
      #expect(abs(deviation(numbers) / (2 / fan).squareRoot() - 1) < 0.04, "\(distribution)")
    }
  }
}
