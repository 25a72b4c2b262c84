package import FlowDiagnostics
import FlowTensor

/// A tree as an indented outline, one part a line, each with its line and column.
package func dump(_ tree: SyntaxTree, of source: SourceFile) -> String {
  var outline = TreeOutline(table: LineTable(source.text))
  outline.statements(tree.statements)
  return outline.text
}

private struct TreeOutline {
  let table: LineTable
  private(set) var text = ""
  private var depth = 0

  init(table: LineTable) { self.table = table }

  private mutating func line(_ content: String, at span: SourceSpan) {
    let position = table.position(of: Int(span.start))
    text += String(repeating: "  ", count: depth) + content + " \(position.line):\(position.column)\n"
  }

  private mutating func inside(_ body: (inout TreeOutline) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  private mutating func group(_ content: String, at span: SourceSpan, _ body: (inout TreeOutline) -> Void) {
    line(content, at: span)
    inside(body)
  }
}

// MARK: - Statements

extension TreeOutline {
  mutating func statements(_ statements: [Statement]) {
    for statement in statements { self.statement(statement) }
  }

  private mutating func statement(_ statement: Statement) {
    let span = statement.span
    switch statement.kind {
    case .version(let version): line("flow \(version)", at: span)
    case .importFile(let path): line("import \(Formatter.quoted(path))", at: span)
    case .plugin(let name): line("plugin \(Formatter.quoted(name))", at: span)
    case .constant(let name, let value): group("const \(name.text)", at: span) { $0.expression(value) }
    case .variable(let syntax): variable(syntax, at: span)
    case .assign(let names, let value):
      group("assign " + names.map(\.text).joined(separator: ", "), at: span) { $0.expression(value) }
    case .update(let name, let value): group("update \(name.text)", at: span) { $0.expression(value) }
    case .output(let items): group("output", at: span) { $0.outputs(items) }
    case .define(let definition): define(definition, at: span)
    case .repeat(let count, let index, let body):
      repetition(count, index, body, at: span)
    case .if(let condition, let then, let otherwise): branches(condition, then, otherwise, at: span)
    case .return(let values): group("return", at: span) { $0.expressions(values) }
    case .train(let settings): group("train", at: span) { $0.train(settings) }
    }
  }

  private mutating func variable(_ syntax: VariableSyntax, at span: SourceSpan) {
    group("\(syntax.role.rawValue) \(syntax.name.text)", at: span) { outline in
      if let type = syntax.type { outline.type(type) }
      if let value = syntax.value { outline.expression(value) }
    }
  }

  private mutating func type(_ type: TypeSyntax) {
    switch type.element {
    case .named(let dtype): line("type \(dtype.rawValue)", at: type.span)
    case .of(let call): group("type of", at: type.span) { $0.expression(call) }
    }
    switch type.dimensions {
    case .scalar: return
    case .list(let list): group("dimensions", at: type.span) { $0.expressions(list) }
    case .of(let call): group("dimensions of", at: type.span) { $0.expression(call) }
    }
  }

  private mutating func outputs(_ items: [OutputSyntax]) {
    for item in items {
      group(item.name.text, at: item.name.span) { outline in
        if let value = item.value { outline.expression(value) }
      }
    }
  }

  private mutating func define(_ definition: DefinitionSyntax, at span: SourceSpan) {
    group("def \(definition.name.text)", at: span) { outline in
      for parameter in definition.parameters {
        outline.group("argument \(parameter.name.text)", at: parameter.name.span) { outline in
          if let standard = parameter.standard { outline.expression(standard) }
        }
      }
      outline.statements(definition.body)
    }
  }

  private mutating func repetition(_ count: Expression, _ index: Name?, _ body: [Statement], at span: SourceSpan) {
    group("repeat" + (index.map { " as \($0.text)" } ?? ""), at: span) { outline in
      outline.expression(count)
      outline.statements(body)
    }
  }

  private mutating func branches(
    _ condition: Expression, _ then: [Statement], _ otherwise: [Statement]?, at span: SourceSpan
  ) {
    group("if", at: span) { $0.expression(condition) }
    group("then", at: span) { $0.statements(then) }
    if let otherwise { group("else", at: span) { $0.statements(otherwise) } }
  }

  private mutating func train(_ settings: [Setting]) {
    for setting in settings {
      group("setting \(setting.name.text)", at: setting.name.span) { $0.expression(setting.value) }
    }
  }
}

// MARK: - Expressions

extension TreeOutline {
  private mutating func expressions(_ list: [Expression]) {
    for expression in list { self.expression(expression) }
  }

  private mutating func expression(_ expression: Expression) {
    let place = expression.place
    switch expression.kind {
    case .whole, .real, .string, .boolean, .dtype: line(Formatter.flat(expression), at: place)
    case .name(let name): line("name \(name)", at: place)
    case .list(let items): group("list", at: place) { $0.expressions(items) }
    case .call(let call): self.call(call, at: place)
    case .index(let base, let subscripts):
      group("index", at: place) { outline in
        outline.expression(base)
        for entry in subscripts { outline.entry(entry) }
      }
    case .unary(let operation, let operand): group(operation.rawValue, at: place) { $0.expression(operand) }
    case .binary(let operation, let left, let right):
      group(operation.rawValue, at: place) { $0.expressions([left, right]) }
    case .chain(let first, let links): chain(first, links, at: place)
    }
  }

  private mutating func call(_ call: CallSyntax, at place: SourceSpan) {
    group("call \(call.callee.text)", at: place) { outline in
      outline.expressions(call.arguments)
      for label in call.labels {
        outline.group("label \(label.name.text)", at: label.name.span) { $0.expression(label.value) }
      }
    }
  }

  private mutating func chain(_ first: Expression, _ links: [Expression.Link], at place: SourceSpan) {
    group("chain", at: place) { outline in
      outline.expression(first)
      for link in links {
        outline.group(link.operation.rawValue, at: link.place) { $0.expression(link.operand) }
      }
    }
  }

  private mutating func entry(_ entry: SubscriptSyntax) {
    switch entry {
    case .at(let value): expression(value)
    case .range(let start, let stop, let step, let span):
      group("range", at: span) { outline in
        for (word, bound) in [("start", start), ("stop", stop), ("step", step)] {
          if let bound { outline.group(word, at: bound.span) { $0.expression(bound) } }
        }
      }
    }
  }
}
