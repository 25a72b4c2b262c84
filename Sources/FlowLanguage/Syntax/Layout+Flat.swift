// Expressions on one line, with no brackets but those that their operators need.
import FlowTensor

/// Where an operand stands, which decides whether it needs brackets.
enum Context {
  case left(of: BinaryOperator)
  case right(of: BinaryOperator)
  case operand(of: UnaryOperator)
  case indexed

  func needsBrackets(_ expression: Expression) -> Bool {
    let inner = expression.precedence
    switch self {
    case .left(let operation):
      return operation.isLeftAssociative ? inner < operation.precedence : inner <= operation.precedence
    case .right(.power): return inner < .minus
    case .right(let operation): return inner <= operation.precedence
    case .operand(.minus): return inner < .minus
    case .operand(.not): return inner < .not
    case .indexed: return inner < .postfix
    }
  }
}

extension BinaryOperator {
  /// Whether `a - b - c` is `(a - b) - c`. A power groups to the right, a comparison not at all.
  var isLeftAssociative: Bool { precedence != .power && precedence != .comparison }
}

extension Expression {
  /// Whether an operator at the top groups to the left.
  var isLeftAssociative: Bool { precedence != .power && precedence != .comparison }

  /// How tightly what an expression is made of holds together.
  var precedence: Precedence {
    switch kind {
    case .binary(let operation, _, _): operation.precedence
    case .chain(_, let links): links.first?.operation.precedence ?? .postfix
    case .unary(.minus, _): .minus
    case .unary(.not, _): .not
    case .whole(let value): value < 0 ? .minus : .postfix
    case .real(let value): value.sign == .minus && !value.isNaN ? .minus : .postfix
    case .string, .boolean, .list, .dtype, .name, .call, .index: .postfix
    }
  }
}

extension Layout {
  func flat(_ expression: Expression) -> String {
    switch expression.kind {
    case .whole(let value): return expression.spelling ?? String(value)
    case .real(let value): return expression.spelling ?? Formatter.number(value)
    case .string(let value): return Formatter.quoted(value)
    case .boolean(let value): return value ? "true" : "false"
    case .list(let items): return "[" + items.map { flat($0) }.joined(separator: ", ") + "]"
    case .dtype(let dtype): return dtype.rawValue
    case .name(let name): return name
    case .call(let call):
      return call.callee.text + "(" + Self.items(call).map { flat($0) }.joined(separator: ", ") + ")"
    case .index(let base, let subscripts):
      return flat(base, inside: .indexed) + "[" + subscripts.map { flat($0) }.joined(separator: ", ") + "]"
    case .unary(let operation, let operand):
      return Self.sign(operation) + flat(operand, inside: .operand(of: operation))
    case .binary, .chain: return flat(Self.spine(expression))
    }
  }

  func flat(_ expression: Expression, inside context: Context) -> String {
    context.needsBrackets(expression) ? "(\(flat(expression)))" : flat(expression)
  }

  static func sign(_ operation: UnaryOperator) -> String {
    switch operation {
    case .minus: "-"
    case .not: "not "
    }
  }

  private func flat(_ chain: (first: Expression, links: [Expression.Link])) -> String {
    guard let operation = chain.links.first?.operation else { return flat(chain.first) }
    var text = flat(chain.first, inside: .left(of: operation))
    for link in chain.links {
      text += " \(link.operation.rawValue) " + flat(link.operand, inside: .right(of: link.operation))
    }
    return text
  }

  private func flat(_ entry: SubscriptSyntax) -> String {
    switch entry {
    case .at(let value): return flat(value)
    case .range(let start, let stop, let step, _):
      let bounds = [start, stop].map { $0.map { flat($0) } ?? "" }.joined(separator: ":")
      return bounds + (step.map { ":" + flat($0) } ?? "")
    }
  }
}

// MARK: - Literals

extension Formatter {
  /// The shortest text that reads as the same number, with a point or an exponent so that it reads as a real.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let text = value.description
    guard let mark = text.firstIndex(of: "e") else { return text }
    let exponent = Int(text[text.index(after: mark)...]) ?? 0
    return text[..<mark] + "e\(exponent)"
  }

  static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": "\\\""
    case "\\": "\\\\"
    case "\n": "\\n"
    case "\t": "\\t"
    case _ where scalar.properties.generalCategory == .control: "\\u{\(String(scalar.value, radix: 16))}"
    default: String(scalar)
    }
  }
}
