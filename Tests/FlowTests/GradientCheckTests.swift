import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import FlowRuntime
import FlowTensor
import FlowTraining
import Testing

@testable import Flow

/// A text as a file, resolved, to be evaluated.
func evaluation(
  _ text: String, _ sources: inout SourceMap, _ registry: Registry = .builtIn()
) throws -> Evaluation {
  let temporary = try TemporaryGraph(text)
  do {
    let file = try GraphFile(temporary.path, into: &sources)
    let program = try file.resolve(registry, ResolveOptions(), into: &sources)
    return Evaluation(file, program, registry: registry, seed: nil, executor: Executor(threads: 1))
  } catch {
    throw ModelError(error, sources)
  }
}

@Suite struct `Gradients against finite differences` {
  private func report(
    _ text: String, order: Int = 1, _ sources: inout SourceMap
  ) throws -> GradientReport {
    let evaluation = try evaluation(text, &sources, try .planted())
    do {
      return try GradientCheck.report(
        evaluation, of: nil, by: nil, feeds: [:], GradientCheck.Settings(seed: 3, order: order))
    } catch {
      throw ModelError(error, sources)
    }
  }

  private func report(_ text: String, order: Int = 1) throws -> GradientReport {
    var sources = SourceMap()
    return try report(text, order: order, &sources)
  }

  /// The call in brackets has the wrong rule; what is told of it.
  static let planted: [(call: String, input: String, subject: GradientReport.Subject, order: Int)] = [
    ("⟦wrong_sign(h)", "x", .gradient, 1), ("⟦missing_factor(h)", "x", .gradient, 1),
    ("2 + ⟦wrong_operand(h, v)", "b", .gradient, 1), ("⟦missing_term(h)", "x", .gradient, 1),
    ("⟦wrong_broadcast(a, h)", "b", .gradient, 1), ("a + ⟦transposed(m, n)", "x", .gradient, 1),
    ("⟦swapped(h, v)", "a", .gradient, 1), ("⟦zero_rule(v, h)", "b", .gradient, 1),
    ("⟦ignored_attribute(h, by: 3.0)", "x", .gradient, 1), ("⟦wrong_second(h)", "its input 'x'", .second, 2),
    ("⟦wrong_tangent(h)", "x", .tangent, 1), ("v * ⟦wrong_mean(h)", "x", .gradient, 1),
    ("⟦one_element(h)", "x", .gradient, 1), ("⟦wrong_shape(h)", "x", .gradient, 1),
    ("⟦single_only(cast(h, f32), by: 1.01)", "x", .gradient, 1),
  ]

  @Test(arguments: planted)
  func `a wrong rule is named with its place`(
    _ call: String, _ input: String, _ subject: GradientReport.Subject, _ order: Int
  ) throws {
    let text = """
      param h: f64[3] = [0.5, -1.25, 2.0]
      param v: f64[3] = [1.5, 0.75, -0.5]
      param a: f64[3, 3] = [[1, 2, 3], [0.5, -1, 2], [2, 0.25, -3]]
      k = tanh(h)
      m = a * 0.5
      n = a + 1
      y = \(call.replacing("⟦", with: ""))
      loss = sum(cast(y, f64) ** 2) + sum(k * v)
      output loss
      """
    var sources = SourceMap()
    let report = try report(text, order: order, &sources)
    let worst = try #require(report.failures.first)
    let name = try #require(call.split(separator: "⟦").last?.split(separator: "(").first)
    #expect(worst.operation == name && worst.input == input && worst.subject == subject)
    let location = try #require(worst.span.flatMap { sources.location(of: $0) })
    let column = 5 + call.unicodeScalars.prefix { $0 != "⟦" }.count
    #expect(location.line == 7 && location.column == column)
    // Nothing else is suspected, and both numbers are told, or why there are none.
    #expect(report.failures.allSatisfy { $0.operation == name }, "\(report.failures)")
    #expect(worst.fault != nil || abs(worst.found - worst.expected) > 1e-6)
    let message = worst.diagnostic { "\($0)" }.message
    #expect(
      message.contains("'\(name)'") && message.contains(worst.fault ?? "finite differences say \(worst.expected)"))
  }

  @Test func `a wrong second derivative agrees in the first order`() throws {
    let report = try report("input x: f64[2] = [0.5, -1.0]\ny = wrong_second(x)\noutput y")
    #expect(report.failures.isEmpty && report.comparisons > 0)
  }

  @Test(arguments: [
    // Kinks and edges of domains, at the very point and beside it.
    ("input x: f64[4] = [0, 1, -2, 0]\ny = relu(x) + abs(x)", "relu"),
    ("input x: f64[4] = [1, 1, -2, 0]\ny = max(x)", "max"), ("input x: f64[2] = [0, 1]\ny = sign(x) * x", "sign"),
    ("input x: f64[3] = [0, 4, 9]\ny = sqrt(x)", "sqrt"),
    ("input x: f64[3] = [2, 0.5, -3]\ny = floor(x) * x", "floor"),
    ("input x: f64[2, 2] = [[1, 1], [3, 2]]\ny = sort(x)", "sort"),
  ])
  func `kinks are told, and fail nothing`(_ text: String, _ operation: String) throws {
    let report = try report(text + "\noutput y\n", order: 2)
    #expect(report.failures.isEmpty, "\(report.failures)")
    let doubt = try #require(report.doubts.first { $0.operation == operation })
    #expect(doubt.verdict != .unsettled)
  }

  @Test(arguments: [
    "input x = [1.0, 2.0, -3.0]\ny = 1e-12 * x ** 2", "input x: f16[3] = [1, 2, -3]\ny = exp(x) / x",
    "input x: bf16[2] = [0.5, 2]\nparam w: f32[2] = [1, 2]\ny = cast(x, f32) * w",
    "input x: f64[3] = [1e9, 1e-9, 2]\ny = log(x) * x", "input x: f64[0] = []\ny = x * 2",
    "input x: f64[2] = [-inf, 1]\ny = exp(x)", "param x: f32[2, 3] = normal\ny = softmax(x * 20)",
    "input x: f32[n, 2] = [[1, 2], [3, 4]]\ny = reshape(x * n, [2, -1]) @ x",
    "input x = [1.0, -2.0]\nstate s = [0.5, 0.25]\nupdate s = s + x\nb = dropout(x * s, rate: 0.5)\ny = b + uniform(shape: [2]) * x",
    "input x: f32[2] = [1, 2]\ny = single_only(x)",
  ])
  func `rightly ruled graphs agree, whatever their types and sizes`(_ text: String) throws {
    let report = try report(text + "\noutput y\n", order: 2)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.doubts.isEmpty, "\(report.doubts)")
  }

  @Test func `what has no gradient, or declares another, is listed and not compared`() throws {
    let report = try report(
      """
      input x: f64[3] = [1, 2, -3]
      a = gradient_reverse(x * 2)
      b = cast(argmax(x), f64)
      c = numeric_square(x)
      y = sum(a * a) + b + sum(stop_gradient(x) * x) + sum(c)
      output y
      """, order: 2)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.uncompared.map(\.operation) == ["gradient_reverse", "argmax", "stop_gradient", "numeric_square"])
    #expect(report.uncompared.allSatisfy { $0.span != nil })
    #expect(report.uncompared.last?.reason.contains("second derivative") == true)
  }

  @Test func `a graph whose targets depend on nothing is refused`() throws {
    #expect(throws: ModelError.self) { try report("input x = 1.0\ny = 2.0\noutput y") }
    #expect(throws: ModelError.self) { try report("input x = 1.0\ny = 3 > x\noutput y") }
  }
}
