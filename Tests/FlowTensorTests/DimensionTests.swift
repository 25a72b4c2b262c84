import Testing

@testable import FlowTensor

struct `Dimensions` {
  static let n = Dimension(symbol: "n")
  static let m = Dimension(symbol: "m")

  @Test func `equal polynomials are equal values, however they were made`() throws {
    let left = try Self.n.adding(1).multiplied(by: Self.n.subtracting(1))
    let right = try Self.n.multiplied(by: Self.n).subtracting(1)
    #expect(left == right)
    #expect(left.description == "n * n - 1")
  }

  @Test(arguments: [
    ("n", "n"), ("2 * n", "n + n"), ("n * n + m", "m + n * n"), ("-n + 3", "3 - n"), ("0", "n - n"),
    ("-2 * n * m", "n * m * -2"),
  ])
  func `a polynomial is printed in normal form`(_ wanted: String, _ written: String) throws {
    let sum: Dimension =
      switch written {
      case "n": Self.n
      case "n + n": try Self.n.adding(Self.n)
      case "m + n * n": try Self.m.adding(Self.n.multiplied(by: Self.n))
      case "3 - n": try Dimension(3).subtracting(Self.n)
      case "n - n": try Self.n.subtracting(Self.n)
      default: try Self.n.multiplied(by: Self.m).multiplied(by: -2)
      }
    // Factors are sorted by name.
    #expect(sum.description == wanted.replacing("n * m", with: "m * n"))
  }

  @Test func `a difference without names is a number`() throws {
    let difference = try Self.n.adding(3).subtracting(Self.n)
    #expect(difference.size == 3)
    #expect(difference.symbols.isEmpty)
  }

  @Test func `names are listed once and in order`() throws {
    let product = try Self.n.multiplied(by: Self.m).adding(Self.n)
    #expect(product.symbols == ["m", "n"])
    #expect(Self.n.symbol == "n")
    #expect(product.symbol == nil)
    #expect(try Self.n.multiplied(by: Self.n).symbol == nil)
    #expect(try Self.n.multiplied(by: 2).symbol == nil)
  }

  @Test func `equality of sizes is decided only where it holds for all of them`() throws {
    #expect(Dimension(2).equals(2) == true)
    #expect(Dimension(2).equals(3) == false)
    #expect(Self.n.equals(Self.n) == true)
    #expect(try Self.n.equals(Self.n.adding(1)) == false)
    #expect(Self.n.equals(Self.m) == nil)
    #expect(Self.n.equals(4) == nil)
  }

  @Test func `a division is exact or none`() throws {
    let (n, m) = (Self.n, Self.m)
    let square = try n.multiplied(by: n)
    let difference = try square.subtracting(m.multiplied(by: m))
    #expect(Dimension(12).divided(by: 4) == 3)
    #expect(Dimension(12).divided(by: 5) == nil)
    #expect(Dimension(12).divided(by: 0) == nil)
    #expect(n.divided(by: 0) == nil)
    #expect(try n.multiplied(by: 6).divided(by: 3) == n.multiplied(by: 2))
    #expect(try n.multiplied(by: 5).divided(by: 2) == nil)
    #expect(square.divided(by: n) == n)
    #expect(n.divided(by: n) == 1)
    #expect(n.divided(by: m) == nil)
    #expect(Dimension(6).divided(by: n) == nil)
    #expect(try difference.divided(by: n.adding(m)) == n.subtracting(m))
    #expect(try difference.divided(by: n.adding(1)) == nil)
    #expect(try Dimension(0).divided(by: n.adding(m)) == 0)
  }

  @Test(arguments: 0..<200)
  func `a product divided by one factor is the other`(_ seed: Int) throws {
    let random = Philox(seed: Int64(seed), stream: "division")
    let a = try Self.polynomial(random, from: 0)
    let b = try Self.polynomial(random, from: 20)
    guard b != 0 else { return }
    #expect(try a.multiplied(by: b).divided(by: b) == a, "seed \(seed)")
  }

  private static func polynomial(_ random: Philox, from start: Int) throws -> Dimension {
    var sum = Dimension(0)
    for term in 0..<3 {
      var product = Dimension(Int(random.uniform(start + term * 4) * 9) - 4)
      for factor in 1...2 {
        switch Int(random.uniform(start + term * 4 + factor) * 3) {
        case 0: product = try product.multiplied(by: n)
        case 1: product = try product.multiplied(by: m)
        default: break
        }
      }
      sum = try sum.adding(product)
    }
    return sum
  }

  @Test func `division by the smallest whole number does not trap`() throws {
    #expect(Dimension(.min).divided(by: -1) == nil)
    #expect(try Self.n.multiplied(by: Dimension(.min)).divided(by: -1) == nil)
    #expect(Dimension(0).divided(by: .init(.min)) == 0)
  }

  @Test func `names are replaced by sizes and by other dimensions`() throws {
    let area = try Self.n.multiplied(by: Self.m).adding(Self.n)
    #expect(try area.substituting(["n": 3, "m": 4]).size == 15)
    #expect(try area.substituting(["n": 2]).description == "2 * m + 2")
    #expect(try area.renaming { $0 == "m" ? Self.n : nil } == Self.n.multiplied(by: Self.n).adding(Self.n))
  }

  @Test func `a size beyond 64 bits is an error, never a trap`() {
    let half = Dimension(.max / 2 + 1)
    #expect(throws: SizeOverflow.self) { try half.adding(half) }
    #expect(throws: SizeOverflow.self) { try half.multiplied(by: 2) }
    #expect(throws: SizeOverflow.self) { try Dimension(.min).subtracting(1) }
    #expect(throws: SizeOverflow.self) { try Self.n.multiplied(by: half).multiplied(by: 2) }
    #expect(throws: SizeOverflow.self) { try Self.n.multiplied(by: 2).substituting(["n": .max]) }
    #expect(throws: SizeOverflow.self) { try Shape([.max, 2]).elementCount() }
  }
}
