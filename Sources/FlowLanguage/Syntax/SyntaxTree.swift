package import FlowDiagnostics
package import FlowTensor

/// What a text says, before anything is looked up: statements in order, with the place of each part.
package struct SyntaxTree: Sendable {
  package var statements: [Statement]
  /// Comments after the last statement; an empty string is a blank line.
  package var trailing: [String] = []
}

/// A word of the text with its place. A dotted name, `h.0.w`, is one.
package struct Name: Sendable {
  package var text: String
  package var span: SourceSpan
}

package struct Statement: Sendable {
  package var kind: Kind
  package var span: SourceSpan
  package var trivia = Trivia()

  /// What the formatter keeps beside a statement.
  package struct Trivia: Sendable {
    package var blankLineBefore = false
    /// Whole-line comments above, without their line breaks, each beginning with `#`; an empty string is a blank line.
    package var leading: [String] = []
    /// The comment at the end of the statement's last line (of a block: of its opening line).
    package var trailing: String?
    /// Of a block: comments between its last statement and its closing brace; of an `if`, of its last branch.
    package var closing: [String] = []
    /// Of an `if` with an else: the same for its first branch.
    package var thenClosing: [String] = []
    /// Of a block: whether it stands on one line.
    package var oneLine = false
  }

  package indirect enum Kind: Sendable {
    case version(Int)
    case importFile(path: String)
    case plugin(name: String)
    case constant(Name, Expression)
    case variable(VariableSyntax)
    /// `a, b = value`; a target may be `_`.
    case assign([Name], Expression)
    case update(Name, Expression)
    case output([OutputSyntax])
    case define(DefinitionSyntax)
    case `repeat`(count: Expression, index: Name?, body: [Statement])
    /// `else if` is an otherwise of one `if`.
    case `if`(condition: Expression, then: [Statement], otherwise: [Statement]?)
    case `return`([Expression])
    case train([Setting])
  }
}

/// `input x: f32[n, 2] = value`, and the same with `param` and `state`.
package struct VariableSyntax: Sendable {
  package enum Role: String, Sendable { case input, param, state }

  package var role: Role
  package var name: Name
  package var type: TypeSyntax?
  package var value: Expression?
}

/// `f32[n, 784]`, `dtype(x)[shape(x)]`, `f32`.
package struct TypeSyntax: Sendable {
  package enum Element: Sendable {
    case named(DType)
    /// `dtype(x)`, a call.
    case of(Expression)
  }

  package enum Dimensions: Sendable {
    case scalar
    case list([Expression])
    /// The brackets hold one `shape(x)`, a call.
    case of(Expression)
  }

  package var element: Element
  package var dimensions: Dimensions
  package var span: SourceSpan
}

/// `h`, or `score = mean(h)`, behind `output`.
package struct OutputSyntax: Sendable {
  package var name: Name
  package var value: Expression?
}

package struct DefinitionSyntax: Sendable {
  package struct Parameter: Sendable {
    package var name: Name
    /// Present for a labelled argument.
    package var standard: Expression?
  }

  package var name: Name
  package var parameters: [Parameter]
  package var body: [Statement]
}

/// `name: value` in a `train` block.
package struct Setting: Sendable {
  package var name: Name
  package var value: Expression
  package var trivia = Statement.Trivia()
}

package struct Expression: Sendable {
  package var kind: Kind
  /// The whole text of the expression.
  package var span: SourceSpan
  /// Where a mistake in it is reported: an operator's sign, a call's name, an index's `[`, else the first character.
  package var place: SourceSpan
  /// A number as its author wrote it, where that says more than its value: `1e-3`, `1_000`.
  package var spelling: String? = nil

  package enum Kind: Sendable {
    case whole(Int)
    case real(Double)
    case string(String)
    case boolean(Bool)
    case list([Expression])
    case dtype(DType)
    /// A plain or dotted name.
    case name(String)
    indirect case call(CallSyntax)
    indirect case index(Expression, [SubscriptSyntax])
    indirect case unary(UnaryOperator, Expression)
    indirect case binary(BinaryOperator, Expression, Expression)
    /// `a + b - c + ...`, operators of one precedence, from the left. Only what is too long for nested `binary`s.
    indirect case chain(Expression, [Link])
  }

  /// One more operand of a chain.
  package struct Link: Sendable {
    package var operation: BinaryOperator
    /// The operator's sign.
    package var place: SourceSpan
    package var operand: Expression
  }
}

package struct CallSyntax: Sendable {
  package struct Label: Sendable {
    package var name: Name
    package var value: Expression
  }

  package var callee: Name
  package var arguments: [Expression]
  package var labels: [Label]
}

/// One entry of `x[0, 1:3, :, -1]`.
package enum SubscriptSyntax: Sendable {
  case at(Expression)
  case range(start: Expression?, stop: Expression?, step: Expression?, span: SourceSpan)
}

package enum UnaryOperator: String, Sendable {
  case minus = "-"
  case not
}

package enum BinaryOperator: String, Sendable, CaseIterable {
  case power = "**"
  case matmul = "@"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case add = "+"
  case subtract = "-"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case and, or
}
