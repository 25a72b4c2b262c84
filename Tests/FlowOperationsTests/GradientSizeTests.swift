import FlowGraph
import FlowOperations
import FlowRuntime
import FlowTensor
import Foundation
import Testing

/// Gradients of large random graphs: their size, and how the time to plan them grows.
@Suite struct `The gradient of a large graph` {
  /// How the operands of a node are chosen.
  enum Form: String, CaseIterable, Sendable {
    /// A chain.
    case deep
    /// Layers of a hundred.
    case wide
    /// Any of the values so far.
    case shared
  }

  @Test(arguments: Form.allCases)
  func `has at most four nodes for each edge, and is planned in linear time`(form: Form) throws {
    let small = try measure(form, nodes: 2_500)
    let large = try measure(form, nodes: 10_000)
    #expect(Double(large.steps) <= 4 * Double(large.edges), "\(large.steps) nodes, \(large.edges) edges")
    #expect(large.seconds < 12 * max(small.seconds, 0.02), "\(large.seconds) s after \(small.seconds) s")
  }

  private func measure(_ form: Form, nodes: Int) throws -> (steps: Int, edges: Int, seconds: Double) {
    let (builder, variables, target) = try graph(form, nodes: nodes)
    let edges = builder.graph.operands.count
    let start = Self.threadSeconds
    let gradients = try builder.gradients(of: target, wrt: variables).compactMap { $0?.id }
    let plan = try Plan.make(builder.graph, PlanRequest(fetching: gradients))
    return (plan.steps.count, edges, Self.threadSeconds - start)
  }

  /// What this thread has worked, whatever else the machine does.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func graph(_ form: Form, nodes: Int) throws -> (GraphBuilder, [Value], Value) {
    let builder = GraphBuilder(registry: .builtIn())
    var choices = Choices(seed: nodes)
    let variables = (0..<4).map { builder.variable("x\($0)", .input, TensorType(.f64, [2])) }
    var values = variables
    while builder.graph.nodeCount < nodes {
      let (first, second) = (pick(form, values, &choices), pick(form, values, &choices))
      switch choices.next(below: 8) {
      case 0: values.append(first.applying("tanh"))
      case 1: values.append(first.applying("exp"))
      case 2: values.append(first - second)
      case 3: values.append(first.combined("maximum", second))
      case 4: values.append(first * 0.5)
      case 5, 6: values.append(first + second)
      default: values.append(first * second)
      }
    }
    try builder.throwFailure()
    var isRead = [Bool](repeating: false, count: builder.graph.valueCount)
    for operand in builder.graph.operands { isRead[operand.int] = true }
    let unread = values.filter { !isRead[$0.id.int] }
    return (builder, variables, unread.dropFirst().reduce(unread[0], +).summed(over: .all))
  }

  private func pick(_ form: Form, _ values: [Value], _ choices: inout Choices) -> Value {
    switch form {
    case .deep: values[values.count - 1 - choices.next(below: 2)]
    case .wide: values[max(values.count / 100 - 1, 0) * 100 + choices.next(below: min(values.count, 100))]
    case .shared: values[choices.next(below: values.count)]
    }
  }
}
