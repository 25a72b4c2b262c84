import FlowGraph
import FlowKernels
import FlowTensor

/// Einstein's summation, by products of two tensors at a time.
struct Einsum: PreparedOperation {
  static let name = "einsum"
  static let signature: Signature = "xs... -> y"
  static let attributes = [
    Attribute<Self>(
      "equation", \.equation, required: true,
      "a letter for each axis: \"ij,jk->ik\"; \"...\" stands for further axes, which broadcast")
  ]
  static let manual = Manual(
    "Sum of products over the letters that the result has not; without '->' it has those that stand once, sorted.",
    shapes: "a [i, j], b [j, k], \"ij,jk->ik\" → y [i, k]",
    gradient: "each x̄ = einsum of ȳ and the other operands, with x's letters as the result",
    source: "NumPy, einsum; ONNX, Einsum")

  var equation = ""

  func infer(_ inputs: [TensorType]) throws(OperationError) -> [TensorType] {
    let contraction = try contraction(inputs)
    return [TensorType(inputs[0].dtype, Shape(contraction.result.map { contraction.size(of: $0) }))]
  }

  func prepare(_ inputs: [TensorType]) throws(OperationError) -> any Kernel {
    let contraction = try contraction(inputs)
    var shapes: [[Int]] = []
    for input in inputs { shapes.append(try input.knownSizes()) }
    return try Self.singlePrecision(inputs, infer(inputs)) { (inputs) in
      EinsumKernel(program: contraction.program(inputs[0].dtype, shapes))
    }
  }

  func bprop(_ call: Call, _ gradients: [Value]) throws(OperationError) -> [Gradient] {
    let contraction = try contraction(call.inputs.map(\.type))
    var results: [Gradient] = []
    for number in call.inputs.indices {
      results.append(.value(try contraction.gradient(of: number, call, gradients[0])))
    }
    return results
  }

  func batched(_ batch: BatchedCall) throws(OperationError) -> [BatchedValue]? {
    let contraction = try contraction(batch.call.inputs.map(\.type))
    guard let letter = EquationParts.alphabet.last(where: { !contraction.letters.contains($0) }) else { return nil }
    var terms: [String] = []
    var inputs: [Value] = []
    for (operand, term) in zip(batch.operands, contraction.terms) {
      switch operand {
      case .each(let value):
        inputs.append(value)
        terms.append(String([letter] + term))
      case .shared(let value):
        inputs.append(value)
        terms.append(String(term))
      }
    }
    var copy = self
    copy.equation = terms.joined(separator: ",") + "->" + String([letter] + contraction.result)
    return try batch.adding(copy, inputs)
  }

  func flops(_ inputs: [TensorType], _ outputs: [TensorType]) -> Int {
    guard let contraction = try? contraction(inputs),
      let count = try? Shape(contraction.letters.map { contraction.size(of: $0) }).elementCount().size
    else { return 0 }
    let (flops, overflow) = count.multipliedReportingOverflow(by: inputs.count)
    return overflow ? .max : flops
  }

  private func contraction(_ inputs: [TensorType]) throws(OperationError) -> Contraction {
    guard let first = inputs.first else { throw OperationError(.wrongArity, "einsum: there is nothing to sum") }
    for input in inputs {
      try Self.expectNumbers(input)
      try Self.expectSameDType(first, input)
    }
    return try Contraction(equation, inputs.map(\.shape))
  }
}

/// An equation's letters, matched with the axes of shapes.
struct Contraction {
  let terms: [[Character]]
  let result: [Character]
  /// All letters, in the order in which they first stand.
  let letters: [Character]
  private let sizes: [Character: Dimension]

  init(_ equation: String, _ shapes: [Shape]) throws(OperationError) {
    let parts = try EquationParts(equation)
    guard parts.terms.count == shapes.count else {
      throw .badAttribute("equation", "einsum: '\(equation)' is for \(parts.terms.count) tensors, not \(shapes.count)")
    }
    var terms: [[Character]] = []
    var widest = 0
    for (term, shape) in zip(parts.terms, shapes) {
      let count = shape.rank - term.letters.count
      guard count == 0 || (term.hasRest && count > 0) else {
        throw .badAttribute("equation", "einsum: '\(term.text)' does not name the axes of shape \(shape)")
      }
      widest = max(widest, count)
    }
    let rest = Array(EquationParts.alphabet.filter { !equation.contains($0) }.prefix(widest))
    guard rest.count == widest else { throw .badAttribute("equation", "einsum: '\(equation)' leaves too few letters") }
    for (term, shape) in zip(parts.terms, shapes) {
      terms.append(term.letters(rest.suffix(shape.rank - term.letters.count)))
    }
    self.terms = terms
    letters = terms.joined().reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    result = parts.result?.letters(rest[...]) ?? rest + Self.single(terms, except: rest)
    for letter in result where !letters.contains(letter) || result.count(where: { $0 == letter }) > 1 {
      throw .badAttribute(
        "equation",
        "einsum: '\(letter)' stands \(letters.contains(letter) ? "twice" : "only") in the result of '\(equation)'")
    }
    sizes = try Self.sizes(terms, shapes)
  }

  func size(of letter: Character) -> Dimension { sizes[letter] ?? 1 }

  /// The letters that stand once, sorted.
  private static func single(_ terms: [[Character]], except rest: [Character]) -> [Character] {
    let all = terms.flatMap(\.self)
    return all.filter { letter in !rest.contains(letter) && all.count { $0 == letter } == 1 }.sorted()
  }

  private static func sizes(
    _ terms: [[Character]], _ shapes: [Shape]
  ) throws(OperationError) -> [Character: Dimension] {
    var sizes: [Character: Dimension] = [:]
    for (term, shape) in zip(terms, shapes) {
      for (letter, size) in zip(term, shape) {
        guard let common = Shape([sizes[letter] ?? 1]).broadcast(with: [size]) else {
          throw .shapeMismatch(
            "einsum: '\(letter)' is both \(sizes[letter] ?? 1) and \(size) in \(shapes.map(\.description).joined(separator: ", "))"
          )
        }
        sizes[letter] = common[0]
      }
    }
    return sizes
  }

  /// The product of the result's gradient with the other operands, summed to the letters of one.
  ///
  /// Ones stand for letters that are nowhere else. A letter that the operand has twice gets a second name, and an identity
  /// matrix that holds both together.
  func gradient(of number: Int, _ call: Call, _ gradient: Value) throws(OperationError) -> Value {
    var operands = [gradient]
    var names = [result]
    for other in call.inputs.indices where other != number {
      operands.append(call.inputs[other])
      names.append(terms[other])
    }
    var wanted: [Character] = []
    var free = EquationParts.alphabet.filter { !letters.contains($0) }
    for letter in terms[number] {
      guard wanted.contains(letter) else {
        wanted.append(letter)
        continue
      }
      guard let second = free.popLast() else {
        throw .badAttribute("equation", "einsum: too many letters for a gradient")
      }
      let shape: Shape = [size(of: letter), size(of: letter)]
      operands.append(
        try call.builder.one("eye", [], ["shape": shape.attributeValue, "dtype": .dtype(gradient.dtype)]))
      names.append([letter, second])
      wanted.append(second)
    }
    let missing = wanted.filter { letter in !names.contains { $0.contains(letter) } }
    if !missing.isEmpty {
      operands.append(
        try call.builder.fill(.whole(1), TensorType(gradient.dtype, Shape(missing.map { size(of: $0) }))))
      names.append(missing)
    }
    let equation = names.map { String($0) }.joined(separator: ",") + "->" + String(wanted)
    return try call.builder.one("einsum", operands, ["equation": .string(equation)])
  }
}

/// An equation's text, taken apart.
private struct EquationParts {
  struct Term {
    let text: String
    let letters: [Character]
    /// Where "..." stands among the letters.
    let rest: Int?

    var hasRest: Bool { rest != nil }

    /// With letters in place of "...".
    func letters(_ names: ArraySlice<Character>) -> [Character] {
      guard let rest else { return letters }
      return Array(letters[..<rest] + names + letters[rest...])
    }
  }

  static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  let terms: [Term]
  let result: Term?

  init(_ equation: String) throws(OperationError) {
    let text = equation.filter { $0 != " " }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count <= 2 else { throw .badAttribute("equation", "einsum: '\(equation)' has more than one '->'") }
    terms = try sides[0].split(separator: ",", omittingEmptySubsequences: false).map {
      (term) throws(OperationError) in try Self.term(String(term), equation)
    }
    result = sides.count == 2 ? try Self.term(String(sides[1]), equation) : nil
  }

  private static func term(_ text: String, _ equation: String) throws(OperationError) -> Term {
    let halves = text.split(separator: "...", omittingEmptySubsequences: false)
    let letters = Array(halves.joined())
    guard halves.count <= 2, letters.allSatisfy({ alphabet.contains($0) }) else {
      throw .badAttribute(
        "equation", "einsum: '\(text)' in '\(equation)' is not made of letters and one '...'",
        help: "such as \"...ij,jk->...ik\"")
    }
    return Term(text: text, letters: letters, rest: halves.count == 2 ? halves[0].count : nil)
  }
}
