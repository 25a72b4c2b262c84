import ArgumentParser
import Flow
import FlowDiagnostics
import FlowFiles
import FlowLanguage
import FlowTensor
import FlowTraining

/// `flowrun curvature`: the ends of the Hessian's spectrum, and its trace.
struct CurvatureCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "curvature", abstract: "The largest and smallest eigenvalue of a loss's Hessian, and its trace.",
    discussion: """
      Example: flowrun curvature samples/digits.flow --weights digits.h5

      Over all parameters together, from Hessian-vector products alone: the Hessian is never formed. Eigenvalues by \
      Lanczos' method, each with a residual: an eigenvalue lies within it. The trace by Hutchinson's, with its standard \
      error.
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: ArgumentHelp("The scalar; default: what is minimized, or the only scalar output.", valueName: "name"))
  var of: String?

  @Option(
    help: ArgumentHelp(
      "The variables, any floating values, * stands for any characters; default: all parameters.", valueName: "a,b"))
  var wrt: String?

  @Option(help: ArgumentHelp("The most products for the eigenvalues.", valueName: "N"))
  var iterations = 100

  @Option(help: ArgumentHelp("The products for the trace; 0 for none.", valueName: "N"))
  var probes = 32

  @Option(help: ArgumentHelp("How small a residual is enough, relative to its eigenvalue.", valueName: "number"))
  var rtol = 1e-5

  @OptionGroup var point: PointOptions

  @Option(
    help: ArgumentHelp(
      "Other data: 'hdf5(\"file.h5\", x: \"group/x\")'; its path is relative to the working folder.",
      valueName: "source"))
  var data: String?

  @Option(help: ArgumentHelp("How many rows of the data; default: the file's batch.", valueName: "N"))
  var rows: Int?

  @Flag(help: "Print one JSON object.")
  var json = false

  var console: Console { graph.talk.console }

  func validate() throws {
    if !(1...10_000).contains(iterations) {
      throw ValidationError("--iterations is 1 to 10000, not \(iterations)")
    }
    if !(0...1_000_000).contains(probes) { throw ValidationError("--probes is 0 to 1000000, not \(probes)") }
    if !(rtol >= 0) { throw ValidationError("--rtol is at least 0") }
    if let rows, rows < 1 { throw ValidationError("--rows is at least 1, not \(rows)") }
  }

  func execute(_ sources: inout SourceMap) throws(Failure) -> Int32 {
    let bench = try Workbench(graph, weights: point.weights, isTraining: point.training, into: &sources)
    var evaluation = bench.evaluation
    evaluation.data = try data.map { data throws(Failure) in
      var request = try DataRequest(parsing: data, graph: bench.program.graph)
      request.path = Path.absolute(request.path)
      return request
    }
    evaluation.rows = rows
    let names = try wrt.map { names throws(Failure) in try Workbench.list(names, option: "--wrt") }
    let hessian = try HessianOperator(
      evaluation, of: of, by: names,
      feeds: try Feed.tensors(point.feed, bench.program.graph), options: ("--of", "--wrt"))
    guard hessian.count > 0 else {
      throw Failure(.badData, id: "no-variables", "the variables have no elements")
    }
    let result = try CurvatureResult(hessian, self, seed: bench.seed)
    try console.print(json ? result.json(bench.file.name).text : result.text)
    if !result.spectrum.hasConverged {
      console.say(
        "warning: the eigenvalues have not settled after \(result.spectrum.iterations) iterations: see their residuals; "
          + "--iterations allows more [not-converged]")
    }
    return 0
  }
}

/// What `curvature` prints.
private struct CurvatureResult {
  let spectrum: Lanczos
  private let trace: TraceEstimate?
  private let hessian: HessianOperator

  init(_ hessian: HessianOperator, _ options: CurvatureCommand, seed: Int64) throws(Failure) {
    self.hessian = hessian
    spectrum = try Lanczos(
      count: hessian.count, most: options.iterations, tolerance: options.rtol, floor: 16 * hessian.unit, seed: seed,
      product: hessian.product)
    guard spectrum.largest.value.isFinite, spectrum.smallest.value.isFinite else {
      throw Failure(
        .badData, id: "not-finite", "the Hessian of '\(hessian.target)' is not finite",
        help: "--check-numerics names the first value that is not")
    }
    trace =
      options.probes == 0
      ? nil
      : try TraceEstimate(count: hessian.count, probes: options.probes, seed: seed, product: hessian.product)
  }

  var text: String {
    let names = hessian.variables.map(\.name).joined(separator: ", ")
    var lines = [
      "Hessian of \(hessian.target) by \(names): \(hessian.count) x \(hessian.count)",
      "largest eigenvalue   \(Self.text(spectrum.largest))", "smallest eigenvalue  \(Self.text(spectrum.smallest))",
    ]
    if let trace {
      let error = trace.standardError.map { " ± \(shortText($0))" } ?? ""
      lines.append(
        "trace                \(shortText(trace.value, digits: 8))\(error) (\(trace.probes) probe\(trace.probes == 1 ? "" : "s"))"
      )
    }
    lines.append("\(spectrum.iterations) iterations")
    return lines.joined(separator: "\n")
  }

  private static func text(_ eigenvalue: Lanczos.Eigenvalue) -> String {
    "\(shortText(eigenvalue.value, digits: 8)) (residual \(shortText(eigenvalue.residual)))"
  }

  func json(_ name: String) -> JSON {
    .object([
      ("graph", .string(name)), ("of", .string(hessian.target)),
      ("wrt", .array(hessian.variables.map { .string($0.name) })), ("size", .int(Int64(hessian.count))),
      ("largest", Self.json(spectrum.largest)), ("smallest", Self.json(spectrum.smallest)),
      ("iterations", .int(Int64(spectrum.iterations))), ("converged", .bool(spectrum.hasConverged)),
      (
        "trace",
        trace.map {
          .object([
            ("value", .double($0.value)), ("standard_error", $0.standardError.map(JSON.double) ?? .null),
            ("probes", .int(Int64($0.probes))),
          ])
        } ?? .null
      ),
    ])
  }

  private static func json(_ eigenvalue: Lanczos.Eigenvalue) -> JSON {
    .object([("value", .double(eigenvalue.value)), ("residual", .double(eigenvalue.residual))])
  }
}
