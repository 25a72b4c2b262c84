// The text of statements without their blocks. With an indent, lines are broken at the width; without, never.
import FlowTensor

extension Formatter {
  static func plain(_ kind: Statement.Kind, indent: Int?) -> String? {
    switch kind {
    case .version(let version): "flow \(version)"
    case .importFile(let path): "import " + quoted(path)
    case .plugin(let name): "plugin " + quoted(name)
    case .constant(let name, let value): lay(value, after: "const \(name.text) = ", indent: indent)
    case .variable(let variable): text(variable, indent: indent)
    case .assign(let names, let value):
      lay(value, after: names.map(\.text).joined(separator: ", ") + " = ", indent: indent)
    case .update(let name, let value): lay(value, after: "update \(name.text) = ", indent: indent)
    case .output(let items): text(items, indent: indent)
    case .return(let values): list(values, after: "return ", indent: indent)
    case .define, .repeat, .if, .train: nil
    }
  }

  static func head(_ definition: DefinitionSyntax, indent: Int?) -> String {
    let parameters = definition.parameters.map { parameter in
      Layout.Item(parameter.name.text + (parameter.standard == nil ? "" : ": "), parameter.standard)
    }
    let layout = Layout(indent: indent)
    return layout.bracketed("def \(definition.name.text)(", parameters, ")", column: indent ?? 0, before: 2)
  }

  static func head(_ count: Expression, _ index: Name?, indent: Int?) -> String {
    let suffix = index.map { " as \($0.text)" } ?? ""
    return lay(count, after: "repeat ", indent: indent, before: suffix.unicodeScalars.count + 2) + suffix
  }

  static func text(_ setting: Setting, indent: Int?) -> String {
    lay(setting.value, after: setting.name.text + ": ", indent: indent)
  }

  private static func text(_ variable: VariableSyntax, indent: Int?) -> String {
    var head = "\(variable.role.rawValue) \(variable.name.text)"
    if let type = variable.type { head += ": " + text(type) }
    guard let value = variable.value else { return head }
    return lay(value, after: head + " = ", indent: indent)
  }

  private static func text(_ type: TypeSyntax) -> String {
    let element =
      switch type.element {
      case .named(let dtype): dtype.rawValue
      case .of(let call): flat(call)
      }
    switch type.dimensions {
    case .scalar: return element
    case .of(let call): return element + "[\(flat(call))]"
    case .list(let list): return element + "[" + list.map(flat).joined(separator: ", ") + "]"
    }
  }

  /// A line may end behind a comma, also outside of brackets.
  private static func text(_ items: [OutputSyntax], indent: Int?) -> String {
    guard !items.isEmpty else { return "output" }
    let items = items.map { Layout.Item($0.name.text + ($0.value == nil ? "" : " = "), $0.value) }
    return Layout(indent: indent).commas("output ", items, column: indent ?? 0)
  }

  private static func list(_ values: [Expression], after prefix: String, indent: Int?) -> String {
    Layout(indent: indent).commas(prefix, values.map { Layout.Item("", $0) }, column: indent ?? 0)
  }

  static func flat(_ expression: Expression) -> String { Layout(indent: nil).flat(expression) }

  /// An expression behind a prefix, in lines that fit.
  ///
  /// - Parameter before: The columns that must stay free behind it.
  static func lay(_ expression: Expression, after prefix: String, indent: Int?, before: Int = 0) -> String {
    let column = (indent ?? 0) + prefix.unicodeScalars.count
    return prefix + Layout(indent: indent).lay(expression, column: column, before: before)
  }
}
