import FlowDiagnostics

// Declarations and definitions.

extension Parser {
  /// `input x: f32[n, 2] = value`, of which the type or the value may be missing; the resolver asks for one.
  mutating func variable(_ role: VariableSyntax.Role) throws(Abandoned) -> Statement.Kind {
    advance()
    let name = try name("the name of the \(role.rawValue)")
    let type = take(.colon) ? try type() : nil
    if type == nil, kind != .assign { return try fail(.expected("':' and a type, or '=' and a value", found: found)) }
    let value = take(.assign) ? try expression() : nil
    return .variable(VariableSyntax(role: role, name: name, type: type, value: value))
  }

  private mutating func type() throws(Abandoned) -> TypeSyntax {
    let start = index
    let element = try element()
    let dimensions = kind == .bracketOpen ? try dimensions() : .scalar
    return TypeSyntax(element: element, dimensions: dimensions, span: span(from: start))
  }

  private mutating func element() throws(Abandoned) -> TypeSyntax.Element {
    let token = current
    if kind == .dtype {
      advance()
      guard let dtype = dtype(token) else { return try fail(.expected("a type", found: found)) }
      return .named(dtype)
    }
    guard kind == .name, lexer.tokens[index + 1].kind == .parenOpen, text(of: token) == "dtype" else {
      return try fail(.expected("a type", found: found, help: "types are f64 f32 f16 bf16 i64 i32 i16 i8 u8 bool"))
    }
    return .of(try nameOrCall())
  }

  private mutating func dimensions() throws(Abandoned) -> TypeSyntax.Dimensions {
    let list = try bracketed(.bracketClose, "']'") { parser throws(Abandoned) in try parser.expression() }
    if list.isEmpty { return .scalar }
    if list.count == 1, case .call(let call) = list[0].kind, call.callee.text == "shape" { return .of(list[0]) }
    return .list(list)
  }
}

// MARK: - Definitions

extension Parser {
  mutating func definition(_ trivia: inout Statement.Trivia) throws(Abandoned) -> Statement.Kind {
    advance()
    let name = try plainName("a definition")
    guard kind == .parenOpen else {
      return try fail(.expected("'('", found: found, help: "def \(name.text)(x) { ... }"))
    }
    let parameters = try bracketed(.parenClose, "')'") { parser throws(Abandoned) in try parser.parameter() }
    reportOrder(parameters)
    let outer = surroundings
    if outer != .unknown { surroundings = .definition }
    defer { surroundings = outer }
    let body = try block(&trivia)
    return .define(DefinitionSyntax(name: name, parameters: parameters, body: body))
  }

  private mutating func parameter() throws(Abandoned) -> DefinitionSyntax.Parameter {
    let name = try plainName("an argument")
    return DefinitionSyntax.Parameter(name: name, standard: take(.colon) ? try expression() : nil)
  }

  private mutating func reportOrder(_ parameters: [DefinitionSyntax.Parameter]) {
    let firstLabel = parameters.firstIndex { $0.standard != nil } ?? parameters.count
    for parameter in parameters[firstLabel...] where parameter.standard == nil {
      report(.positionalAfterLabel, at: parameter.name.span)
    }
  }
}
