import FlowDiagnostics
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("softmx", "softmax"), ("matmull", "matmul"), ("rat", "rate"), ("Relu", "relu"), ("rleu", "relu"),
    ("X", "x"),
  ])
  func `a misspelt name`(_ word: String, _ meant: String) {
    #expect(nearestName(to: word, among: ["softmax", "matmul", "rate", "relu", "x", "conv"]) == meant)
  }

  @Test func `no name is near`() {
    #expect(nearestName(to: "y", among: ["x", "xy"]) == nil)
    #expect(nearestName(to: "sigmoid", among: ["softmax"]) == nil)
    #expect(nearestName(to: String(repeating: "a", count: 100), among: [String(repeating: "a", count: 99)]) == nil)
  }

  @Test func `equally near names in any order give the same answer`() {
    #expect(nearestName(to: "bat", among: ["cat", "hat", "bar"]) == "bar")
    #expect(nearestName(to: "bat", among: ["bar", "hat", "cat"]) == "bar")
  }

  @Test(arguments: [("", "abc", 3), ("abc", "acb", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("a", "a", 0)])
  func `the distance of two words`(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(Array(a.unicodeScalars), Array(b.unicodeScalars)) == distance)
  }
}
