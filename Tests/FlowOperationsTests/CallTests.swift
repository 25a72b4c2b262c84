import FlowGraph
import FlowKernels
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTesting
import Testing

/// A kernel's calls, run as a kernel.
private struct CalledKernel: Kernel {
  let source: any CallSource
  let workspaceBytes: Int

  static let hasNoCalls = OperationError.badValue("it has no calls")

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    var calls = CallList()
    guard source.append(to: &calls, inputs, into: outputs, workspace: workspace) else { throw Self.hasNoCalls }
    calls.run(0..<calls.count)
  }
}

/// What calls give, nil where there are none.
private func called(_ kernel: any Kernel, _ inputs: [Tensor], _ types: [TensorType]) throws -> [Tensor]? {
  guard let source = kernel as? any CallSource else { return nil }
  do throws(OperationError) {
    return try Evaluator.run(CalledKernel(source: source, workspaceBytes: kernel.workspaceBytes), inputs, types)
  } catch {
    guard error == CalledKernel.hasNoCalls else { throw error }
    return nil
  }
}

@Suite struct `Calls of kernels` {
  /// Operations of which some row has calls.
  private static let callable = ["add", "exp", "linear", "matmul", "mean", "sum", "sum_to", "tanh"]

  @Test func `give the bits of the kernels`() throws {
    var met: Set<String> = []
    for row in OperationCase.all {
      for dtype in row.dtypes {
        let operation = try #require(Registry.builtIn()[row.operation]).operation(row.attributes)
        let inputs = row.tensors(dtype)
        // Random operations want a counter, which rows do not have.
        guard let kernel = try? operation.prepare(inputs.map(\.type)) else { continue }
        let types = try operation.infer(inputs.map(\.type))
        guard let found = try called(kernel, inputs, types) else { continue }
        met.insert(row.operation)
        let expected = try Evaluator.run(kernel, inputs, types)
        #expect(found == expected, "\(row.testDescription) of \(dtype)")
      }
    }
    #expect(Self.callable.filter { !met.contains($0) } == [])
  }

  @Test(arguments: [([5, 64], 0), ([256, 3], 0), ([257, 3], 0), ([7, 2_048], 1), ([3, 2_049], 1), ([4, 65], 0)])
  func `sum columns and rows up to a size, as the kernel does`(sizes: [Int], axis: Int) throws {
    for (name, dtype) in [("sum", DType.f32), ("mean", .f32), ("mean", .f64)] {
      let operation = try #require(Registry.builtIn()[name]).operation(["axis": .whole(axis)])
      let inputs = [Tensor.random(TensorType(dtype, Shape(sizes)), name)]
      let kernel = try operation.prepare(inputs.map(\.type))
      let types = try operation.infer(inputs.map(\.type))
      let found = try called(kernel, inputs, types)
      let isSmall = sizes[1] <= (axis == 0 ? 64 : 2_048) && (axis == 1 || sizes[0] <= 256)
      #expect((found != nil) == isSmall)
      if let found { #expect(try found == Evaluator.run(kernel, inputs, types)) }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func `multiply small matrices in the order of depth, each product fused`(transposeA: Bool, transposeB: Bool) throws {
    let operation = try #require(Registry.builtIn()["matmul"]).operation([
      "transpose_a": .boolean(transposeA), "transpose_b": .boolean(transposeB),
    ])
    for (rows, columns, depth) in [
      (1, 1, 1), (1, 1, 5), (1, 7, 3), (5, 1, 9), (3, 2, 4), (4, 8, 2), (9, 3, 5), (7, 19, 6), (15, 17, 16),
      (16, 16, 16), (2, 33, 5), (1, 64, 8), (64, 1, 8),
    ] {
      let sizes = [transposeA ? [depth, rows] : [rows, depth], transposeB ? [columns, depth] : [depth, columns]]
      for dtype in [DType.f64, .f32] {
        let inputs = sizes.map { Tensor.random(TensorType(dtype, Shape($0)), "\($0)") }
        let type = TensorType(dtype, [Dimension(rows), Dimension(columns)])
        let found = try #require(try called(operation.prepare(inputs.map(\.type)), inputs, [type]))
        let (a, b) = (inputs[0].doubles, inputs[1].doubles)
        let expected = (0..<rows * columns).map { place in
          let (row, column) = (place / columns, place % columns)
          return Self.inner(depth, dtype) { k in
            let right = transposeB ? column * depth + k : k * columns + column
            return (a[transposeA ? k * rows + row : row * depth + k], b[right])
          }
        }
        #expect(found[0].doubles == expected, "\(rows) · \(columns) · \(depth) of \(dtype)")
      }
    }
  }

  private static func inner(_ depth: Int, _ dtype: DType, _ factors: (Int) -> (Double, Double)) -> Double {
    (0..<depth).reduce(0.0) { sum, k in
      let (x, y) = factors(k)
      return dtype == .f64 ? sum.addingProduct(x, y) : Double(Float(sum).addingProduct(Float(x), Float(y)))
    }
  }

  @Test func `follow a variable that is fed anew`() throws {
    // Tensors of the same sizes at other addresses, and one that is fed again.
    let builder = GraphBuilder(registry: .builtIn())
    let x = builder.variable("x", .input, TensorType(.f32, [2, 2]))
    let y = try builder.one("sum", [builder.one("relu", [builder.one("matmul", [x, x])])])
    let session = Session(builder.graph, fetching: [y.id], executor: Executor(threads: 1))
    for diagonal in [2, 3, 3, -1, 2] as [Float] {
      session.feed(0, Tensor([diagonal, 0, 0, 1], [2, 2]))
      try session.evaluate()
      #expect(session.scalar(0) == Double(diagonal * diagonal + 1))
    }
  }
}
