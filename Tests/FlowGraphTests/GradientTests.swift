import FlowDiagnostics
import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `Reverse-mode gradients` {
  private let builder = GraphBuilder(registry: .builtIn())

  private func input(_ name: String, _ type: TensorType = TensorType(.f64)) -> Value {
    builder.variable(name, .input, type)
  }

  @Test func `of a value that is used again and again grow with the graph, not with its paths`() throws {
    let x = input("x")
    var y = x
    for _ in 0..<60 { y = y * y + y }
    let forward = builder.graph.nodeCount
    let gradient = try #require(try builder.gradients(of: y, wrt: [x])[0])
    #expect(builder.graph.nodeCount - forward < 8 * forward)
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 0.0)])
    #expect(values[gradient.id]?.doubles == [1])
  }

  @Test func `are nil where the target does not depend on the variable`() throws {
    let (x, y) = (input("x"), input("y"))
    let gradients = try builder.gradients(of: x * x, wrt: [x, y])
    #expect(gradients[0] != nil)
    #expect(gradients[1] == nil)
  }

  @Test func `treat a variable as independent of what it was computed from`() throws {
    let x = input("x")
    let y = x * x
    let gradients = try builder.gradients(of: y * x, wrt: [y, x])
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0)])
    #expect(try values[#require(gradients[0]).id]?.doubles == [3])
    #expect(try values[#require(gradients[1]).id]?.doubles == [27])
  }

  @Test func `of the target itself is one`() throws {
    let x = input("x")
    let y = x * 2
    let gradient = try #require(try builder.gradients(of: y, wrt: [y])[0])
    #expect(try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0)])[gradient.id]?.doubles == [1])
  }

  @Test func `have the shape of what was broadcast`() throws {
    let matrix = input("m", TensorType(.f64, [2, 3]))
    let row = input("r", TensorType(.f64, [3]))
    let column = input("c", TensorType(.f64, [2, 1]))
    let scalar = input("s")
    let loss = (matrix * row + column * scalar).summed(over: .all)
    let gradients = try builder.gradients(of: loss, wrt: [matrix, row, column, scalar]).compactMap(\.self)
    #expect(gradients.map(\.shape) == [[2, 3], [3], [2, 1], .scalar])
    let feeds = [
      "m": Tensor([1.0, 2, 3, 4, 5, 6], [2, 3]), "r": Tensor([1.0, 10, 100], [3]), "c": Tensor([2.0, 3], [2, 1]),
      "s": Tensor(scalar: 7.0),
    ]
    let values = try Evaluator(builder.graph, feeds)
    #expect(values[gradients[0].id]?.doubles == [1, 10, 100, 1, 10, 100])
    #expect(values[gradients[1].id]?.doubles == [5, 7, 9])
    #expect(values[gradients[2].id]?.doubles == [21, 21])
    #expect(values[gradients[3].id]?.doubles == [15])
  }

  @Test func `divide by a size that is known only when it is fed`() throws {
    let x = input("x", TensorType(.f64, [Dimension(symbol: "n"), 2]))
    let gradient = try #require(try builder.gradients(of: (x * x).applying("mean"), wrt: [x])[0])
    #expect(gradient.shape == x.shape)
    let values = try Evaluator(builder.graph, ["x": Tensor([1.0, 2, 3, 4, 5, 6], [3, 2])])
    let expected = [1.0, 2, 3, 4, 5, 6].map { $0 / 3 }
    let computed = try #require(values[gradient.id]).doubles
    #expect(zip(computed, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func `need a floating scalar`() throws {
    let x = input("x", TensorType(.f64, [2]))
    let fault = #expect(throws: GradientFault.self) { try builder.gradients(of: x, wrt: [x]) }
    #expect(fault?.diagnostic(at: nil).message == "a gradient needs a floating scalar, not f64[2]")
  }

  @Test func `that are undefined are reported with the whole path`() throws {
    let x = input("x", TensorType(.f32, [3]))
    let position = x.applying("argmax")
    let loss = position.cast(to: .f32) * 2
    builder.label(loss, "loss")
    let fault = #expect(throws: GradientFault.self) { try builder.gradients(of: loss, wrt: [x]) }
    #expect(
      fault?.diagnostic(at: nil).message
        == "the gradient is undefined: loss -> mul -> cast -> argmax (has no gradient: its output is a position) -> x")
  }

  @Test func `that are undefined harm nobody where nothing needs them`() throws {
    let (x, t) = (input("x", TensorType(.f64, [2, 3])), input("t", TensorType(.i32, [2])))
    let loss = try builder.one("softmax_cross_entropy", [x, t])
    #expect(try builder.gradients(of: loss, wrt: [x])[0] != nil)
    let fault = #expect(throws: GradientFault.self) { try builder.gradients(of: loss, wrt: [t]) }
    #expect(fault?.diagnostic(at: nil).id == "undefined-gradient")
  }

  @Test func `stop where they are told to`() throws {
    let x = input("x")
    let loss = x.applying("stop_gradient") * x
    let gradient = try #require(try builder.gradients(of: loss, wrt: [x])[0])
    #expect(try Evaluator(builder.graph, ["x": Tensor(scalar: 3.0)])[gradient.id]?.doubles == [3])
  }

  @Test func `share a tie: half to each side of maximum, an equal part to each largest element`() throws {
    let (x, y) = (input("x"), input("y"))
    let z = input("z", TensorType(.f64, [4]))
    let loss = x.combined("maximum", y) + z.applying("max")
    let gradients = try builder.gradients(of: loss, wrt: [x, y, z]).compactMap(\.self)
    let feeds = ["x": Tensor(scalar: 2.0), "y": Tensor(scalar: 2.0), "z": Tensor([5.0, 1, 5, 0], [4])]
    let values = try Evaluator(builder.graph, feeds)
    #expect(gradients.map { values[$0.id]?.doubles } == [[0.5], [0.5], [0.5, 0, 0.5, 0]])
  }

  @Test(arguments: ["relu", "abs"])
  func `are zero at the kink of`(name: String) throws {
    let x = input("x", TensorType(.f64, [3]))
    let loss = x.applying(name).summed(over: .all)
    let gradient = try #require(try builder.gradients(of: loss, wrt: [x])[0])
    let values = try Evaluator(builder.graph, ["x": Tensor([-1.0, 0, 1], [3])])
    #expect(values[gradient.id]?.doubles == [name == "relu" ? 0 : -1, 0, 1])
  }

  @Test(arguments: [0.0, 1, 2, 3])
  func `of a whole power at zero are those of the polynomial, to the third order`(exponent: Double) throws {
    let x = input("x")
    var y = x.combined("pow", x.constant(exponent))
    var slopes: [Value] = []
    for _ in 0..<3 {
      y = try builder.gradients(of: y, wrt: [x])[0] ?? x.zeros
      slopes.append(y)
    }
    let values = try Evaluator(builder.graph, ["x": Tensor(scalar: 0.0)])
    let expected: [Double] = [exponent == 1 ? 1 : 0, exponent == 2 ? 2 : 0, exponent == 3 ? 6 : 0]
    #expect(slopes.map { values[$0.id]?.doubles[0] } == expected)
  }
}
