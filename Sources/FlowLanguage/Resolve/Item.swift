import FlowDiagnostics
package import FlowGraph
package import FlowTensor

/// What an expression stands for while a file is resolved: a tensor of the graph, or something known before it runs.
package enum Item: Sendable {
  case tensor(ValueID)
  /// A number without a dtype of its own.
  case scalar(WeakScalar)
  case boolean(Bool)
  case string(String)
  case dtype(DType)
  case list([Item])
  case callable(Callable)
  /// A mistake that has been reported; whatever is computed from it is silent.
  case poison
}

/// A name that can stand before `(`.
package enum Callable: Sendable {
  case definition(DefinitionRecord)
  indirect case operation(Registry.Entry)
  /// An initializer with arguments, which waits for shape and dtype: `normal(std: 0.02)`.
  indirect case initializer(BoundCall)

  var name: String {
    switch self {
    case .initializer(let bound): bound.callable.name
    case .definition(let record): record.syntax.name.text
    case .operation(let entry): entry.name
    }
  }
}

/// A call whose arguments are evaluated, and which is made later.
package struct BoundCall: Sendable {
  let callable: Callable
  let syntax: CallSyntax
  let arguments: [(item: Item, span: SourceSpan)]
  let labels: [(name: Name, item: Item, span: SourceSpan)]
}

/// A `def` and where it is at home.
package final class DefinitionRecord: Sendable {
  package let syntax: DefinitionSyntax
  let isPrelude: Bool

  init(_ syntax: DefinitionSyntax, isPrelude: Bool) {
    self.syntax = syntax
    self.isPrelude = isPrelude
  }

  /// In the order in which positional arguments fill them: the labelled ones last.
  var orderedParameters: [DefinitionSyntax.Parameter] {
    syntax.parameters.filter { $0.standard == nil } + syntax.parameters.filter { $0.standard != nil }
  }
}

extension Item {
  var isTensor: Bool {
    if case .tensor = self { true } else { false }
  }

  var isPoison: Bool {
    switch self {
    case .poison: true
    case .list(let items): items.contains(where: \.isPoison)
    case .tensor, .scalar, .boolean, .string, .dtype, .callable: false
    }
  }

  /// What a message calls it.
  var kindName: String {
    switch self {
    case .tensor: "a tensor"
    case .scalar(let scalar): scalar.kindName
    case .boolean: "a boolean"
    case .string: "a string"
    case .dtype: "a type"
    case .list: "a list"
    case .callable(let callable): "'\(callable.name)'"
    case .poison: "a mistake"
    }
  }

  /// The numbers of a list: real where one is a fraction, boolean where they are booleans; nil where it is empty or no list.
  var listKind: WeakScalar.Kind? {
    switch self {
    case .list(let items):
      let kinds = items.lazy.compactMap(\.listKind)
      return kinds.contains(.real) ? .real : kinds.first
    case .scalar(let scalar): return scalar.kind
    case .boolean: return .boolean
    case .tensor, .string, .dtype, .callable, .poison: return nil
    }
  }

  /// The item as an attribute; nil where it is not known before the graph runs.
  var attributeValue: AttributeValue? {
    switch self {
    case .scalar(.whole(let value)): .whole(value)
    case .scalar(.real(let value)): .real(value)
    case .scalar(.dimension(let value)): value.attributeValue
    case .boolean(let value): .boolean(value)
    case .string(let value): .string(value)
    case .dtype(let value): .dtype(value)
    case .callable(.initializer): nil
    case .callable(let callable): .string(callable.name)
    case .list(let items): Self.list(items)
    case .scalar, .tensor, .poison: nil
    }
  }

  private static func list(_ items: [Item]) -> AttributeValue? {
    var values: [AttributeValue] = []
    for item in items {
      guard let value = item.attributeValue else { return nil }
      values.append(value)
    }
    return .list(values)
  }

  static func shape(_ shape: Shape) -> Item { .list(shape.dimensions.map { .scalar(WeakScalar($0)) }) }
}

extension WeakScalar {
  fileprivate var kindName: String {
    let what = kind == .boolean ? "a boolean" : "a number"
    return isConstant ? what : "\(what) known only when the graph runs"
  }
}
