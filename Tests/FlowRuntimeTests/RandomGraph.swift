import FlowGraph
import FlowRuntime
import FlowTensor

/// A blend of two vectors of any sizes into one of another, in three blocks, each after a random delay: dear, as plans see it.
struct Blend: TestOperation {
  static let name = "blend"
  static let signature: Signature = "a, b -> y"
  static let attributes = [
    Attribute<Self>("count", \.count, "the size of the result"),
    Attribute<Self>("delay", \.delay, "microseconds a block"),
  ]
  var count = 1
  var delay = 0

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] { [TensorType(.f64, Shape([count]))] }
  func forward(_ inputs: TensorViews, into outputs: MutableTensorViews) throws(OperationError) {}
  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel { BlendKernel(delay: delay) }
  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int { 1_000_000 }

  static func value(_ a: [Double], _ b: [Double], _ index: Int) -> Double {
    0.5 * (a.isEmpty ? 1 : a[index % a.count]) - 0.25 * (b.isEmpty ? 1 : b[index % b.count]) + Double(index % 7)
  }
}

struct BlendKernel: Kernel {
  let delay: Int
  var blocks: Int { 3 }
  var workspaceBytes: Int { 16 }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    let (a, b, y) = (inputs[0].elements(Double.self), inputs[1].elements(Double.self), outputs[0].elements(Double.self))
    let scratch = workspace.bindMemory(to: Double.self)
    for index in stride(from: block, to: y.count, by: 3) {
      scratch[0] = 0.5 * (a.isEmpty ? 1 : a[index % a.count])
      scratch[1] = 0.25 * (b.isEmpty ? 1 : b[index % b.count])
      y[index] = scratch[0] - scratch[1] + Double(index % 7)
    }
    let deadline = ContinuousClock.now.advanced(by: .microseconds(delay))
    while ContinuousClock.now < deadline {}
  }
}

/// A graph of random shape, and what its values are by plain evaluation.
struct RandomGraph {
  let sketch: Sketch
  let input: Tensor
  var values: [(value: Value, expected: [Double])] = []
  private var numbers: SplitMix

  init(seed: UInt64, nodes: Int, delays: Bool = false) throws {
    sketch = try Sketch()
    numbers = SplitMix(state: seed)
    let elements = (0..<5).map { Double($0) - 1.5 }
    input = Tensor(elements, [5])
    values = [(sketch.input("x", [5]), elements)]
    for _ in 0..<nodes { try grow(delays) }
  }

  /// Some values to fetch, the last among them.
  mutating func fetches() -> [Int] {
    (0..<4).map { _ in Int.random(in: values.indices, using: &numbers) } + [values.count - 1]
  }

  private mutating func grow(_ delays: Bool) throws {
    let (first, second) = (pick(), pick())
    switch Int.random(in: 0..<5, using: &numbers) {
    case 0:
      values.append((try sketch.add(first.value, first.value), first.expected.map { $0 + $0 }))
    case 1:
      let factor = Double.random(in: -1...1, using: &numbers)
      values.append((try sketch.scale(first.value, by: factor), first.expected.map { $0 * factor + 0 }))
    case 2:
      let results = try sketch.builder.add("sum_count", [first.value])
      values.append((results[Int.random(in: 0...1, using: &numbers)], []))
      let isSum = values[values.count - 1].value.id == results[0].id
      values[values.count - 1].expected = [isSum ? first.expected.reduce(0, +) : Double(first.expected.count)]
    default:
      try blend(first, second, delays)
    }
  }

  private mutating func blend(
    _ a: (value: Value, expected: [Double]), _ b: (value: Value, expected: [Double]), _ delays: Bool
  ) throws {
    let count = Int.random(in: 0...60, using: &numbers)
    let delay = delays ? Int.random(in: 0...30, using: &numbers) : 0
    let value = try sketch.builder.one(
      "blend", [a.value, b.value], ["count": .whole(count), "delay": .whole(delay)])
    values.append((value, (0..<count).map { Blend.value(a.expected, b.expected, $0) }))
  }

  /// Mostly a recent value, so that lifetimes are of all lengths.
  private mutating func pick() -> (value: Value, expected: [Double]) {
    let window = Int.random(in: 0..<4, using: &numbers) == 0 ? values.count : min(values.count, 6)
    return values[values.count - 1 - Int.random(in: 0..<window, using: &numbers)]
  }
}

/// - Source: Steele, Lea & Flood, Fast splittable pseudorandom number generators, 2014.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
