package import FlowGraph
package import FlowTensor

/// One operation on given operands, and what can be said against its rules: the same proofs for a built-in as for a plugin's.
///
/// Each proof gives its findings as sentences; none where all is well.
package struct Proof {
  package let builder: GraphBuilder
  package private(set) var inputs: [Value]
  package let outputs: [Value]
  package let title: String
  package private(set) var feeds: [String: Tensor] = ["@counter": Tensor([7, 0] as [Int64], [2])]

  /// - Parameter title: what findings and random directions are named after.
  /// - Fails: where the operation's shape rule refuses the operands.
  package init(
    _ operation: String, _ operands: [Tensor], _ attributes: [String: AttributeValue] = [:], title: String,
    registry: Registry
  ) throws(OperationError) {
    let builder = GraphBuilder(registry: registry)
    self.builder = builder
    self.title = title
    inputs = operands.enumerated().map { builder.variable("x\($0)", .input, $1.type) }
    for (index, operand) in operands.enumerated() { feeds["x\(index)"] = operand }
    outputs = try builder.add(operation, inputs, attributes)
  }

  /// The operation itself; nil where it has no outputs.
  package var operation: (any Operation)? { node.flatMap { $0.operation.map { builder.graph.operations[$0] } } }

  /// The tensors that the operation reads, those that the engine supplies among them.
  package var operands: [Tensor] {
    node.map { builder.graph.operands(of: $0).compactMap { feeds[builder.graph.title(of: $0)] } } ?? []
  }

  private var node: Graph.Node? { outputs.first.map { builder.graph.node(of: $0.id) } }

  /// The same, differentiated by some of the inputs alone.
  func restricted(to indices: [Int]) -> Proof {
    var proof = self
    proof.inputs = indices.map { inputs[$0] }
    return proof
  }

  /// The inputs, by index, whose gradient is undefined.
  var undefinedInputs: [Int] {
    inputs.indices.filter { index in
      guard inputs[index].dtype.isFloating, let output = outputs.first(where: \.dtype.isFloating) else { return false }
      let seed = output.zeros
      do throws(GradientFault) {
        _ = try builder.pullback(of: output, by: seed, wrt: [inputs[index]])
        return false
      } catch {
        if case .undefined = error { return true }
        return false
      }
    }
  }

  var definedInputs: [Int] {
    let undefined = Set(undefinedInputs)
    return inputs.indices.filter { inputs[$0].dtype.isFloating && !undefined.contains($0) }
  }

  /// The results of the kernel, run between guard bytes.
  package func run(_ order: Evaluator.BlockOrder = .forwards) throws(OperationError) -> [Tensor] {
    guard let operation else { return [] }
    return try Evaluator.run(operation, operands, order)
  }
}

/// Types and bits.
extension Proof {
  /// The kernel against the shape rule, and against itself: the same bits in any order of its blocks, whatever lay in memory
  /// before.
  package func valueFindings() -> [String] {
    do throws(OperationError) {
      let (forwards, backwards) = (try run(.forwards), try run(.backwards))
      if forwards.map(\.type) != outputs.map(\.type) {
        return ["\(title): the kernel gives \(forwards.map(\.type)), the shape rule \(outputs.map(\.type))"]
      }
      return forwards == backwards
        ? [] : ["\(title): a second run gives other bits: not every element is written, or blocks depend on each other"]
    } catch {
      return ["\(title): \(error.message)"]
    }
  }

  /// The shape rule with names for sizes against the same with the sizes.
  package func symbolFindings() -> [String] {
    guard let operation else { return [] }
    let types = operands.map(\.type)
    do throws(OperationError) {
      let (symbolic, concrete) = (try operation.infer(types.map(\.named)), try operation.infer(types))
      guard symbolic.count == concrete.count else {
        return [
          "\(title): the shape rule gives \(symbolic.count) outputs where sizes are names, else \(concrete.count)"
        ]
      }
      return zip(symbolic, concrete).compactMap { a, b in
        a.agrees(with: b) ? nil : "\(title): the shape rule gives \(a) where sizes are names, and \(b) for the sizes"
      }
    } catch {
      return ["\(title): with names for sizes: \(error.message)"]
    }
  }
}

extension TensorType {
  private static let sizes = Dictionary(uniqueKeysWithValues: (2..<4000).map { ("d\($0)", $0) })

  /// With a name for each size but 0 and 1; the counter of random numbers stays.
  fileprivate var named: TensorType {
    guard self != TensorType(.i64, [2]) else { return self }
    return TensorType(
      dtype, Shape(shape.map { $0.size.map { $0 < 2 ? Dimension($0) : Dimension(symbol: "d\($0)") } ?? $0 }))
  }

  fileprivate func agrees(with known: TensorType) -> Bool {
    guard dtype == known.dtype, shape.rank == known.shape.rank else { return false }
    return zip(shape, known.shape).allSatisfy { dimension, size in
      dimension == .unknown || (try? dimension.substituting(Self.sizes)) == size
    }
  }
}
