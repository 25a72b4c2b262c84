import FlowDiagnostics
import FlowFiles
import FlowGraph
import FlowLanguage
import FlowTensor
import FlowTraining

/// `--feed x=in.npy`, `x=in.h5:group/name`, `x=in.npz:name`, `x=in.csv`, `x='[[1, 2]]'`: a tensor for an input.
enum Feed {
  /// The tensors of all feeds, by variable.
  static func tensors(_ feeds: [String], _ graph: Graph) throws(Failure) -> [Int: Tensor] {
    var tensors: [Int: Tensor] = [:]
    for feed in feeds {
      let (variable, text) = try split(feed, graph)
      if tensors[variable] != nil {
        throw Failure(.usage, id: "usage", "--feed: '\(graph.variables[variable].name)' is fed twice")
      }
      tensors[variable] = try tensor(text, for: graph.variables[variable])
    }
    return tensors
  }

  private static func split(_ feed: String, _ graph: Graph) throws(Failure) -> (variable: Int, text: String) {
    let parts = feed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else {
      throw Failure(
        .usage, id: "usage", "--feed: '\(feed)' is not name=value", help: "--feed x=in.npy, --feed x='[[1, 2]]'")
    }
    let inputs = graph.variables.indices.filter { graph.variables[$0].role == .input }
    guard let variable = inputs.first(where: { graph.variables[$0].name == parts[0] }) else {
      let near = nearestName(to: parts[0], among: inputs.map { graph.variables[$0].name })
      throw Failure(
        .usage, id: "unknown-name", "--feed: no input named '\(parts[0])'", help: near.map { "did you mean '\($0)'?" })
    }
    return (variable, parts[1])
  }

  private static func tensor(_ text: String, for input: Graph.Variable) throws(Failure) -> Tensor {
    let tensor = try Self.isLiteral(text) ? literal(text, for: input) : file(text, for: input)
    let converted = try convert(tensor, input)
    guard Shape(converted.sizes).equals(input.type.shape) != false else {
      throw Failure(
        .badData, id: "shape-mismatch", "'\(input.name)' takes \(input.type), not \(converted.type)", at: input.span)
    }
    return converted
  }

  /// Integers convert where every value fits; a literal's numbers to any dtype that holds them.
  private static func convert(_ tensor: Tensor, _ input: Graph.Variable) throws(Failure) -> Tensor {
    let target = input.type.dtype
    guard tensor.dtype == target || tensor.dtype.isInteger && target.isInteger else {
      throw Failure(
        .badData, id: "dtype-mismatch", "'\(input.name)' takes \(input.type), not \(tensor.type)", at: input.span,
        help: "feed \(target) values")
    }
    guard let converted = tensor.converted(to: target) else {
      throw Failure(
        .badData, id: "dtype-mismatch",
        "'\(input.name)' takes \(input.type), and not every value of \(tensor.type) fits",
        at: input.span, help: "feed \(target) values")
    }
    return converted
  }

  private static func isLiteral(_ text: String) -> Bool {
    let text = text.filter { !$0.isWhitespace && $0 != "_" }
    return text.hasPrefix("[") || text.hasPrefix("-") || text == "true" || text == "false" || Double(text) != nil
  }

  private static func literal(_ text: String, for input: Graph.Variable) throws(Failure) -> Tensor {
    let expression: Expression
    do {
      expression = try parseExpression(text, file: .max)
    } catch {
      throw Failure(
        .usage, id: "usage", "--feed \(input.name): \(error.all.first?.message ?? "not a literal"): \(text)")
    }
    guard let tensor = expression.literal.flatMap({ Tensor(nested: $0) }) else {
      throw Failure(.usage, id: "usage", "--feed \(input.name): '\(text)' is no nested list of numbers")
    }
    if tensor.dtype == input.type.dtype { return tensor }
    let isNumber = tensor.dtype != .bool && input.type.dtype != .bool
    return (isNumber ? tensor.converted(to: input.type.dtype) : nil) ?? tensor
  }

  private static func file(_ text: String, for input: Graph.Variable) throws(Failure) -> Tensor {
    var path = text
    var name: String?
    if let colon = text.lastIndex(of: ":"), !Path.exists(text) {
      path = String(text[..<colon])
      name = String(text[text.index(after: colon)...])
    }
    let dtype = input.type.dtype
    return try failing { () throws(FileError) in
      let reader = try openTensorFile(path, as: dtype)
      guard let name else { return try reader.readOnlyTensor() }
      return try reader.read(reader.ownName(of: name))
    }
  }
}

extension Expression {
  /// A number, a boolean or a nested list of them; nil for anything else.
  fileprivate var literal: AttributeValue? {
    switch kind {
    case .whole(let number): return .whole(number)
    case .real(let number): return .real(number)
    case .boolean(let flag): return .boolean(flag)
    case .unary(.minus, let operand):
      switch operand.literal {
      case .whole(let number)? where number != .min: return .whole(-number)
      case .real(let number)?: return .real(-number)
      default: return nil
      }
    case .list(let entries):
      let values = entries.compactMap(\.literal)
      return values.count == entries.count ? .list(values) : nil
    case .string, .dtype, .name, .call, .index, .unary, .binary, .chain: return nil
    }
  }
}
