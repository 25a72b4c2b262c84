import FlowDiagnostics
import FlowGraph
import FlowLanguage
import FlowOperations
import Testing

/// Language §6: the settings of a `train` block.
struct TrainingTests {
  private let head =
    "input x: f32[n, 2] = ones(shape: [3, 2])\nparam w: f32[2] = ones\nloss = sum(x * w)\nerror = mean(x)\n"

  private func settings(_ block: String) throws -> TrainingSettings {
    try #require(try program(head + "train {\n\(block)\n}").training)
  }

  @Test func `every setting is read`() throws {
    let all = try settings(
      """
      minimize: loss
      report: [error, mean(x)]
      data: hdf5("a.h5", x: "train/x")
      validation: hdf5("a.h5", x: "test/x")
      optimizer: momentum(lr: 0.5)
      batch: 2 * 8
      epochs: 3
      steps: 100
      shuffle: false
      seed: -7
      checkpoint: "out.h5"
      """)
    #expect(all.report.map(\.name) == ["error", "mean"])
    #expect(all.data?.format == "hdf5" && all.data?.path == "a.h5")
    #expect(all.data?.fields.map(\.input) == ["x"] && all.data?.fields.map(\.source) == ["train/x"])
    guard case .data(let request)? = all.validation else { return #expect(Bool(false), "no validation data") }
    #expect(request.fields.map(\.source) == ["test/x"])
    #expect(all.optimizer.name == "momentum")
    #expect((all.batch, all.epochs, all.steps) == (16, 3, 100))
    #expect(!all.shuffle && all.seed == -7 && all.saving?.path == "out.h5")
  }

  @Test func `what is left out has its default`() throws {
    let least = try settings("minimize: loss")
    #expect(least.report.isEmpty && least.data == nil && least.optimizer.name == "sgd")
    #expect(least.batch == nil && least.epochs == nil && least.steps == nil && least.saving?.path == nil)
    #expect(least.shuffle && least.seed == 0)
    guard case .fraction(0.1)? = try settings("minimize: loss\nvalidation: 0.1").validation else {
      return #expect(Bool(false), "no fraction")
    }
    #expect(try settings("minimize: sum(x * w)\noptimizer: adam").optimizer.name == "adam")
    #expect(try settings("minimize: loss\nreport: error").report.map(\.name) == ["error"])
  }

  @Test func `an optimizer is a definition of a parameter and its gradient, with states of its own`() throws {
    let text =
      head
      + "def mine(p, g, lr: 0.1) {\n  state count: i32 = 0\n  update count = count + 1\n  update p = p - lr * g\n}\ntrain {\n  minimize: loss\n  optimizer: mine(lr: 1 / (step + 1.0))\n}"
    let program = try program(text)
    let settings = try #require(program.training)
    let builder = GraphBuilder(program.graph, registry: Registry.builtIn())
    let parameter = try #require(program.graph.variable(named: "w")).value
    let gradient = try #require(
      try builder.gradients(of: builder.value(settings.minimize), wrt: [builder.value(parameter)])[0])
    _ = try settings.optimizer(builder, [builder.value(parameter), gradient], for: "w")
    let slot = try #require(builder.graph.variables.last { $0.role == .slot("count", of: "w") })
    #expect(builder.graph.updates.map { builder.graph.variables[$0.variable].name } == [slot.name, "w"])
    let values = try evaluate(builder.graph, builder.graph.updates.map(\.value).suffix(1), step: 1)
    #expect(values.map(FlowLanguageTests.text) == ["f32[2] -0.5 -0.5"])
  }

  @Test func `states of a reported definition start anew`() throws {
    let text =
      head
      + "def average(v) {\n  state total: f32 = 0\n  update total = total + v\n  return total\n}\ntrain {\n  minimize: loss\n  report: [average(error)]\n}"
    let program = try program(text)
    #expect(
      program.training?.report[0].states.map { program.graph.variables[$0].name } == ["average.average.total"]
        || program.training?.report[0].states.map { program.graph.variables[$0].name } == ["average.total"])
    let named = try FlowLanguageTests.program(
      head
        + "def average(v) {\n  state total: f32 = 0\n  update total = total + v\n  return total\n}\nrunning = average(error)\ntrain {\n  minimize: loss\n  report: running\n}"
    )
    #expect(named.training?.report[0].states.map { named.graph.variables[$0].name } == ["running.total"])
  }

  @Test func `mistakes in settings`() {
    func block(_ lines: String) -> String { head + "⟦9⟧train {\n\(lines)\n}" }
    assertDiagnoses([
      Mistake(
        block("⟦1⟧learning_rate: 0.1\nminimize: loss"),
        .at(1, "no setting named 'learning_rate'", id: "unknown-setting")),
      Mistake(block("minimize: loss\n⟦1⟧epoch: 3"), .at(1, "no setting named 'epoch'", fix: "did you mean 'epochs'?")),
      Mistake(block("epochs: 3"), .at(9, "a train block needs 'minimize'", id: "missing-setting")),
      Mistake(block("minimize: loss\n⟦1⟧minimize: loss"), .at(1, "'minimize' is set twice", id: "duplicate-name")),
      Mistake(
        block("minimize: ⟦1⟧x"),
        .at(1, "'minimize' needs a floating scalar, not f32[n, 2]", fix: "sum or mean it", id: "not-a-scalar")),
      Mistake(block("minimize: ⟦1⟧lss"), .at(1, "no value named 'lss'", fix: "did you mean 'loss'?")),
      Mistake(
        block("minimize: loss\nreport: [error, ⟦1⟧x]"),
        .at(1, "'x' is f32[n, 2]: only scalars are reported", fix: "mean(x)")),
      Mistake(block("minimize: loss\nreport: [error, ⟦1⟧error]"), .at(1, "'error' is reported twice")),
      Mistake(
        block("minimize: loss\nreport: error ⟦1⟧* 2"),
        .at(1, "a reported value needs a name", fix: "give it one above: error = ...", id: "bad-setting")),
      Mistake(block("minimize: loss\nbatch: ⟦1⟧0"), .at(1, "'batch' is at least 1, not 0")),
      Mistake(
        block("minimize: loss\nepochs: ⟦1⟧2.5"),
        .at(1, "'epochs' is a whole number known before the graph runs; this is a number")),
      Mistake(block("minimize: loss\nshuffle: ⟦1⟧1"), .at(1, "'shuffle' is true or false, not a number")),
      Mistake(block("minimize: loss\ncheckpoint: ⟦1⟧3"), .at(1, "'checkpoint' is a path")),
      Mistake(
        block("minimize: loss\nvalidation: ⟦1⟧1.5"), .at(1, "'validation' is a data set or a fraction between 0 and 1")),
      Mistake(block("minimize: loss\nvalidation: ⟦1⟧fractoin"), .at(1, "no value named 'fractoin'")),
      Mistake(block("minimize: loss\ndata: hdf5(\"a.h5\", ⟦1⟧y: \"x\")"), .at(1, "no input named 'y'")),
      Mistake(
        block("minimize: loss\ndata: hdf5(\"a.h5\", x: ⟦1⟧3)"),
        .at(1, "'x' is the name of a tensor in the file, a string")),
      Mistake(block("minimize: loss\ndata: hdf5(\"a.h5\", x: ⟦1⟧name)"), .at(1, "no value named 'name'")),
      Mistake(block("minimize: loss\ndata: hdf5(\"a.h5\", x: \"a\", ⟦1⟧x: \"b\")"), .at(1, "'x' is given twice")),
      Mistake(
        block("minimize: loss\ndata: ⟦1⟧\"a.h5\""), .at(1, "a data set is a format, a path and the inputs' names")),
      Mistake(
        block("minimize: loss\noptimizer: ⟦1⟧adan(lr: 1)"),
        .at(1, "no optimizer named 'adan'", fix: "did you mean 'adam'?", id: "unknown-optimizer")),
      Mistake(
        block("minimize: loss\noptimizer: adam(⟦1⟧rate: 1)"),
        .at(1, "'adam' has no argument 'rate'", id: "unknown-attribute")),
      Mistake(block("minimize: loss\noptimizer: adam(lr: ⟦1⟧rate)"), .at(1, "no value named 'rate'")),
      Mistake(block("minimize: loss\noptimizer: adam(0.1, ⟦1⟧lr: 0.2)"), .at(1, "'lr' is given twice")),
      Mistake(block("minimize: loss\noptimizer: adam(lr: 0.1, ⟦1⟧lr: 0.2)"), .at(1, "'lr' is given twice")),
      Mistake(block("minimize: loss\noptimizer: ⟦1⟧dense"), .at(1, "'dense' is no optimizer: it does not take (w, g)")),
      Mistake(block("minimize: loss\naccumulate: ⟦1⟧0"), .at(1, "'accumulate' is at least 1, not 0")),
      Mistake(
        block("minimize: loss\ncheckpoint: save(\"a.h5\", every: ⟦1⟧0)"), .at(1, "'every' is at least 1, not 0")),
      Mistake(
        block("minimize: loss\ncheckpoint: save(\"a.h5\", ⟦1⟧keeps: 3)"),
        .at(1, "'save' has no argument 'keeps'", fix: "did you mean 'keep'?", id: "unknown-attribute")),
      Mistake(block("minimize: loss\ncheckpoint: ⟦1⟧save()"), .at(1, "'save' takes one path")),
      Mistake(
        block("minimize: loss\nreport: error\ncheckpoint: save(\"a.h5\", best: ⟦1⟧\"eror\")"),
        .at(1, "no metric named 'eror'", fix: "did you mean 'error'?", id: "unknown-name")),
      Mistake(
        block("minimize: loss\nstop: early(on: ⟦1⟧\"validation.minimize\")"),
        .at(1, "no metric named 'validation.minimize'", fix: "the train block has no 'validation'")),
      Mistake(
        block("minimize: loss\nstop: early(on: \"minimize\", mode: ⟦1⟧\"least\")"),
        .at(1, "'mode' is \"min\" or \"max\", not \"least\"")),
      Mistake(block("minimize: loss\nstop: ⟦1⟧5"), .at(1, "'stop' says when to stop early")),
      Mistake(
        block("minimize: loss\nstop: ⟦1⟧early(patience: 2)"), .at(1, "'early' needs 'on', the metric it follows")),
      Mistake(
        block("minimize: ⟦1⟧lss\nbatch: ⟦2⟧0\noptimizer: ⟦3⟧adan"), .at(1, "no value named 'lss'"),
        .at(2, "'batch' is at least 1, not 0"), .at(3, "no optimizer named 'adan'")),
      Mistake(head + "train { minimize: loss }\n⟦1⟧train { minimize: loss }", .at(1, "a second train block")),
    ])
  }
}
