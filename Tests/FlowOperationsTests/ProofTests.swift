import FlowGraph
import FlowOperations
import FlowTensor
import FlowTesting
import Testing

@Suite struct `Every operation` {
  static let runs = OperationCase.all.flatMap { row in row.dtypes.map { (row, $0) } }

  @Test func `has rows in the proof tables`() {
    let proved = Set(OperationCase.all.map(\.operation))
    #expect(Registry.builtIn().names.filter { !proved.contains($0) } == [])
  }

  @Test func `computes what a naive computation does, and stays within its output`() throws {
    for (row, dtype) in Self.runs { try Subject(row, dtype).checkValue(row, dtype) }
  }

  @Test func `gives the same bits whatever order its blocks run in, and whatever lay in memory before`() throws {
    for (row, dtype) in Self.runs { #expect(try Subject(row, dtype).proof.valueFindings() == [], "\(dtype)") }
  }

  @Test func `infers with names for sizes what it infers with the sizes`() throws {
    for (row, dtype) in Self.runs { #expect(try Subject(row, dtype).proof.symbolFindings() == [], "\(dtype)") }
  }

  @Test(arguments: OperationCase.all.filter { $0.order > 0 })
  func `has the gradient that finite differences have`(row: OperationCase) throws {
    try Subject(row, .f64).checkGradients(row)
  }

  @Test func `has one derivative, in reverse mode, in forward mode, and all of its rows or columns together`() throws {
    for row in OperationCase.all where row.order > 0 { try Subject(row, .f64).checkModes(row) }
  }

  @Test func `has one second derivative, forward over reverse and reverse over forward`() throws {
    for row in OperationCase.all where row.order > 1 { try Subject(row, .f64).checkSecondOrder(row) }
  }

  @Test func `gives a batch what it gives each of it`() throws {
    for row in OperationCase.all where row.dtypes.contains(.f64) { try Subject(row, .f64).checkBatches(row) }
  }
}
