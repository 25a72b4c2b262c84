import Flow
import Testing

@Suite struct `Training` {
  /// What a graph's outputs are after some steps.
  private func trained(_ text: String, steps: Int) throws -> [String: Tensor] {
    let file = try TemporaryGraph(text)
    var model = try Model(contentsOf: file.path)
    try model.train(epochs: steps)
    return try model.run()
  }

  private func text(_ dtype: String, _ optimizer: String) -> String {
    """
    param w: \(dtype)[3] = [1.0, -2.0, 0.5]
    loss = sum(cast(w, f32) ** 2)
    train {
      minimize: loss
      optimizer: \(optimizer)
    }
    output w
    """
  }

  @Test(
    arguments: ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"], ["f16", "bf16"])
  func `of parameters in storage types stays near that in single precision`(name: String, dtype: String) throws {
    let optimizer = "\(name)(lr: cosine(0.1, steps: 400, warmup: 2))"
    let exact = try trained(text("f32", optimizer), steps: 12)["w"]?.doubles ?? []
    let stored = try trained(text(dtype, optimizer), steps: 12)["w"]?.doubles ?? []
    #expect(exact.count == 3 && stored.count == 3)
    for (a, b) in zip(stored, exact) { #expect(abs(a - b) < (dtype == "f16" ? 0.01 : 0.06), "\(a), not \(b)") }
  }

  @Test func `clips gradients by one norm over all parameters, whatever their dtypes`() throws {
    let values = try trained(
      """
      param a: f64[2] = [3.0, 4.0]
      param b: f32[2] = [6.0, 8.0]
      param c: f16 = 1.0
      loss = 3 * sum(cast(a, f32)) + sum(b * [4.0, 12.0]) + cast(c, f32)
      train {
        minimize: loss
        optimizer: sgd(lr: 1.0)
        clip_norm: 2.0
      }
      output a, b, c
      """, steps: 1)
    let norm = (9.0 * 2 + 16 + 144 + 1).squareRoot()
    let expected = ["a": [3 - 6 / norm, 4 - 6 / norm], "b": [6 - 8 / norm, 8 - 24 / norm], "c": [1 - 2 / norm]]
    for (name, numbers) in expected {
      for (found, wanted) in zip(try #require(values[name]).doubles, numbers) {
        #expect(abs(found - wanted) < (name == "c" ? 5e-4 : 1e-6), "\(name): \(found), not \(wanted)")
      }
    }
  }

  @Test func `leaves gradients below the limit as they are, and those of zero at zero`() throws {
    let start =
      "param w: f64[2] = [0.0, 0.5]\nloss = sum(w ** 2)\ntrain {\n  minimize: loss\n  optimizer: sgd(lr: 0.25)\n"
    #expect(try trained(start + "  clip_norm: 1.5\n}\noutput w", steps: 1)["w"]?.doubles == [0, 0.25])
    #expect(try trained(start + "  clip_norm: 1e-3\n}\noutput w", steps: 1)["w"]?.doubles.first == 0)
  }
}
