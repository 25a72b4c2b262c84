import FlowDiagnostics
import FlowTensor

@testable import FlowLanguage

/// Numbers from a seed (SplitMix64), so that a failing tree can be made again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// Trees of any shape, for what must hold of all of them.
struct RandomTrees {
  var random: SeededGenerator
  private let span = SourceSpan(file: 0, start: 0, end: 0)

  init(seed: UInt64) { random = SeededGenerator(state: seed) }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func name() -> Name {
    Name(text: ["x", "loss", "h.0.w", "a_rather_long_name_for_a_value", "größe"][pick(5)], span: span)
  }

  private mutating func plain() -> Name { Name(text: ["f", "units", "axis"][pick(3)], span: span) }

  private mutating func many<Item>(_ most: Int, _ make: (inout RandomTrees) -> Item) -> [Item] {
    (0..<pick(most + 1)).map { _ in make(&self) }
  }

  mutating func expression(_ depth: Int) -> Expression {
    Expression(kind: kind(depth), span: span, place: span)
  }

  private mutating func kind(_ depth: Int) -> Expression.Kind {
    guard depth > 0 else { return leaf() }
    let below = depth - 1
    switch pick(9) {
    case 0: return .list(many(6) { $0.expression(below) })
    case 1, 2: return .call(call(below))
    case 3: return .index(expression(below), [subscripting(below)] + many(2) { $0.subscripting(below) })
    case 4: return .unary(pick(2) == 0 ? .minus : .not, expression(below))
    case 5: return leaf()
    default:
      let operations = BinaryOperator.allCases
      return .binary(operations[pick(operations.count)], expression(below), expression(below))
    }
  }

  private mutating func leaf() -> Expression.Kind {
    switch pick(6) {
    case 0: .whole(pick(1_000_000))
    case 1: .real([0.5, 2.0, 1e-7, 1e300, 0.1, .infinity][pick(6)])
    case 2: .string(["", "a \"b\"\n\\", "tab\té\u{1}"][pick(3)])
    case 3: .boolean(pick(2) == 0)
    case 4: .dtype([.f32, .bool][pick(2)])
    default: .name(name().text)
    }
  }

  private mutating func call(_ depth: Int) -> CallSyntax {
    CallSyntax(
      callee: name(), arguments: many(3) { $0.expression(depth) },
      labels: many(2) { CallSyntax.Label(name: $0.plain(), value: $0.expression(depth)) })
  }

  private mutating func subscripting(_ depth: Int) -> SubscriptSyntax {
    guard pick(2) == 0 else { return .at(expression(depth)) }
    let bounds = (0..<3).map { _ in pick(2) == 0 ? expression(depth) : nil }
    return .range(start: bounds[0], stop: bounds[1], step: bounds[2], span: span)
  }
}

// MARK: - Statements

extension RandomTrees {
  mutating func tree() -> SyntaxTree {
    SyntaxTree(
      statements: (0..<6).map { _ in statement(2, inDefinition: false) }, trailing: pick(2) == 0 ? ["# end"] : [])
  }

  private mutating func statement(_ depth: Int, inDefinition: Bool) -> Statement {
    var trivia = Statement.Trivia()
    trivia.blankLineBefore = pick(3) == 0
    trivia.leading = [[], [], ["# a"], ["# a", "", "# b"], ["# a", ""]][pick(5)]
    if pick(4) == 0 { trivia.trailing = "# trailing" }
    let kind = statementKind(depth, inDefinition: inDefinition)
    switch kind {
    case .define, .repeat, .if, .train:
      trivia.oneLine = pick(2) == 0
      if pick(3) == 0 { trivia.closing = ["# closing"] }
    default: break
    }
    if case .if(_, _, .some) = kind, pick(3) == 0 { trivia.thenClosing = ["# then"] }
    return Statement(kind: kind, span: span, trivia: trivia)
  }

  private mutating func body(_ depth: Int, inDefinition: Bool) -> [Statement] {
    many(3) { $0.statement(depth - 1, inDefinition: inDefinition) }
  }

  private mutating func statementKind(_ depth: Int, inDefinition: Bool) -> Statement.Kind {
    switch pick(depth > 0 ? 10 : 6) {
    case 0: return .constant(name(), expression(2))
    case 1:
      let type = TypeSyntax(element: .named(.f64), dimensions: .list([expression(1)]), span: span)
      return .variable(VariableSyntax(role: .param, name: name(), type: type, value: expression(2)))
    case 2: return .assign([name()] + many(2) { $0.name() }, expression(3))
    case 3: return .update(name(), expression(2))
    case 4: return inDefinition ? .return([expression(2)] + many(2) { $0.expression(2) }) : .output(outputs())
    case 5: return .assign([name()], expression(5))
    case 6: return inDefinition ? .update(name(), expression(1)) : define(depth)
    case 7:
      return .repeat(
        count: expression(1), index: pick(2) == 0 ? plain() : nil, body: body(depth, inDefinition: inDefinition))
    default:
      let otherwise = pick(2) == 0 ? body(depth, inDefinition: inDefinition) : nil
      return .if(condition: expression(2), then: body(depth, inDefinition: inDefinition), otherwise: otherwise)
    }
  }

  private mutating func outputs() -> [OutputSyntax] {
    [OutputSyntax(name: name(), value: nil)] + many(3) { OutputSyntax(name: $0.name(), value: $0.expression(2)) }
  }

  private mutating func define(_ depth: Int) -> Statement.Kind {
    guard depth == 2 else { return .update(name(), expression(1)) }
    let parameters =
      many(2) { DefinitionSyntax.Parameter(name: $0.plain(), standard: nil) }
      + many(2) { DefinitionSyntax.Parameter(name: $0.plain(), standard: $0.expression(1)) }
    return .define(DefinitionSyntax(name: plain(), parameters: parameters, body: body(depth, inDefinition: true)))
  }
}
