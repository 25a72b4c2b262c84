import Testing

@testable import FlowTensor

struct `Counter-based random numbers` {
  /// Counter, key and result words, lowest first: `philox4x32 10` in `kat_vectors` of the Random123 library.
  static let knownAnswers: [(counter: [UInt32], key: [UInt32], result: [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
    (
      [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [0xFFFF_FFFF, 0xFFFF_FFFF],
      [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
    ),
    (
      [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0],
      [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]
    ),
  ]

  @Test(arguments: knownAnswers)
  func `blocks are those of Philox4x32-10`(_ row: (counter: [UInt32], key: [UInt32], result: [UInt32])) {
    func join(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }
    let random = Philox(key: join(row.key[0], row.key[1]), step: join(row.counter[2], row.counter[3]))
    let block = random.block(join(row.counter[0], row.counter[1]))
    #expect([block[0], block[1], block[2], block[3]] == row.result)
  }

  @Test func `uniform numbers are at least 0 and below 1, and even`() {
    let random = Philox(seed: 1, stream: "w")
    let numbers = (0..<20_000).map(random.uniform)
    let mean = numbers.reduce(0, +) / 20_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(mean - 0.5) < 0.01)
    #expect(abs(variance - 1.0 / 12) < 0.002)
    #expect(Set(numbers).count == numbers.count)
  }

  @Test func `seed, stream and step each give other numbers`() {
    let first = [
      Philox(seed: 0, stream: "a"), Philox(seed: 1, stream: "a"), Philox(seed: 0, stream: "b"),
      Philox(seed: 0, stream: "a", step: 1), Philox(seed: -1, stream: "a"),
    ].map { $0.uniform(0) }
    #expect(Set(first).count == first.count)
    #expect(Philox(seed: 0, stream: "a").uniform(0) == first[0])
  }

  @Test(arguments: [0, 1, 2, 3, 10, 1437])
  func `a permutation holds every number once`(_ count: Int) {
    #expect(Philox(seed: 3, stream: "shuffle").permutation(count).sorted() == Array(0..<count))
  }

  @Test func `each permutation of three is about as likely as any other`() {
    var counts: [[Int]: Int] = [:]
    for step in 0..<6_000 {
      counts[Philox(seed: 0, stream: "shuffle", step: Int64(step)).permutation(3), default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1_000) < 150 })
  }
}
