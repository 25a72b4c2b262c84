import FlowGraph
import FlowTensor
import FlowTesting
import Testing

/// The same derivative on all ways to it.
extension Subject {
  /// Holds ⟨Jᵀu, v⟩ against ⟨u, Jv⟩ and, where J is small, both products against J by rows and by columns.
  func checkModes(_ row: OperationCase) throws {
    var feeds = feeds
    let output = outputs[0]
    guard output.dtype.isFloating else { return }
    let seed = feed("u", output.type, &feeds)
    for (index, variable) in inputs.enumerated() where variable.dtype.isFloating {
      let direction = feed("v\(index)", variable.type, &feeds)
      let pulled = try builder.pullback(of: output, by: seed, wrt: [variable])[0] ?? direction.zeros
      let pushed = try builder.pushforward(of: [output], along: [variable], [direction])[0] ?? seed.zeros
      let (u, v) = (feeds["u"]!.doubles, feeds["v\(index)"]!.doubles)
      let jacobians = u.count * v.count > 300 ? [] : try jacobians(of: output, by: variable)
      let values = try Evaluator(builder.graph, feeds)
      let (left, right) = (values[pulled.id]!.doubles, values[pushed.id]!.doubles)
      expect(
        [zip(left, v).reduce(0) { $0 + $1.0 * $1.1 }], [zip(right, u).reduce(0) { $0 + $1.0 * $1.1 }], row, "⟨Jᵀu, v⟩")
      for jacobian in jacobians {
        #expect(jacobian.type == TensorType(.f64, Shape(output.shape.dimensions + variable.shape.dimensions)))
        let matrix = values[jacobian.id]!.doubles
        let rows = u.indices.map { matrix[$0 * v.count..<($0 + 1) * v.count] }
        expect(
          left, v.indices.map { column in zip(u, rows).reduce(0) { $0 + $1.0 * $1.1[$1.1.startIndex + column] } }, row,
          "Jᵀu")
        expect(right, rows.map { zip($0, v).reduce(0) { $0 + $1.0 * $1.1 } }, row, "Jv")
      }
    }
  }

  private func jacobians(of output: Value, by variable: Value) throws -> [Value] {
    [try builder.rows(of: output, by: variable), try builder.columns(of: output, by: variable)].compactMap(\.self)
  }

  /// Holds the Hessian's product with a vector, forward over reverse, against reverse over forward.
  func checkSecondOrder(_ row: OperationCase) throws {
    var feeds = feeds
    let variables = inputs.filter(\.dtype.isFloating)
    let directions = variables.indices.map { feed("v\($0)", variables[$0].type, &feeds) }
    let scalar = (outputs[0] * feed("u", outputs[0].type, &feeds)).summed(over: .all)
    let gradients = try builder.gradients(of: scalar, wrt: variables).map { $0 ?? scalar.zeros }
    let forward = try builder.pushforward(of: gradients, along: variables, directions)
    guard let slope = try builder.pushforward(of: [scalar], along: variables, directions)[0] else { return }
    let backward = try builder.gradients(of: slope, wrt: variables)
    let values = try Evaluator(builder.graph, feeds)
    for (variable, (a, b)) in zip(variables, zip(forward, backward)) {
      let zeros = feeds[builder.graph.title(of: variable.id)]!.doubles.map { _ in 0.0 }
      expect(a.map { values[$0.id]!.doubles } ?? zeros, b.map { values[$0.id]!.doubles } ?? zeros, row, "Hv")
    }
  }

  /// Holds the results for a batch of one operand against those for each entry alone.
  func checkBatches(_ row: OperationCase) throws {
    for (index, input) in inputs.enumerated() where input.dtype.isFloating {
      let subject = try Subject(row, .f64)
      let size = 2
      let seeds = subject.builder.variable(
        "batch", .input, TensorType(input.dtype, Shape([Dimension(size)] + input.shape.dimensions)))
      // Near the row's own numbers, so as to stay in its domain.
      let own = feeds["x\(index)"]!
      let entries = (1...size).map { entry in own.doubles.map { $0 * (1 + 0.01 * Double(entry)) } }
      let together = try subject.outputs.map {
        try subject.builder.batched($0, over: subject.inputs[index], seeds)
      }
      var feeds = feeds
      feeds["batch"] = Tensor(entries.flatMap(\.self), [size] + own.sizes)
      let values = try Evaluator(subject.builder.graph, feeds)
      var apart = outputs.map { _ in [Double]() }
      for entry in entries {
        feeds["x\(index)"] = Tensor(entry, own.sizes)
        let alone = try Evaluator(builder.graph, feeds)
        for (position, output) in outputs.enumerated() { apart[position] += alone[output.id]!.doubles }
      }
      for ((output, all), apart) in zip(zip(outputs, together), apart) {
        #expect(all.type == TensorType(output.dtype, Shape([Dimension(size)] + output.shape.dimensions)))
        expect(values[all.id]!.doubles, apart, row, "a batch of input \(index)")
      }
    }
  }

  private func feed(_ name: String, _ type: TensorType, _ feeds: inout [String: Tensor]) -> Value {
    feeds[name] = Tensor.random(type, name)
    return builder.variable(name, .input, type)
  }

  private func expect(_ found: [Double], _ wanted: [Double], _ row: OperationCase, _ what: String) {
    let isEqual = found.count == wanted.count && zip(found, wanted).allSatisfy { isClose($0, $1, 1e-9) }
    #expect(isEqual, "\(what) of \(row.testDescription): \(found), not \(wanted)")
  }
}
