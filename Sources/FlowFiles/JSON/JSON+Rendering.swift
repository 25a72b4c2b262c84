import FlowTensor

extension JSON {
  /// The text on one line.
  package var text: String {
    var text = ""
    render(to: &text)
    return text
  }

  /// Appends the text, on one line.
  package func render(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += Self.literal(NumberText.of(value))
    case .float(let value): text += Self.literal(NumberText.of(value))
    case .string(let value): Self.render(value, to: &text)
    case .array(let values): Self.render(values, "[", "]", to: &text) { $0.render(to: &$1) }
    case .object(let members):
      Self.render(members, "{", "}", to: &text) { member, text in
        Self.render(member.0, to: &text)
        text += ": "
        member.1.render(to: &text)
      }
    case .tensor(let tensor): tensor.renderJSON(to: &text)
    }
  }

  /// JSON has no numbers that are not finite: they are the strings `"nan"`, `"inf"` and `"-inf"`.
  fileprivate static func literal(_ number: String) -> String {
    number == "nan" || number.hasSuffix("inf") ? "\"\(number)\"" : number
  }

  static func render(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func render<Element>(
    _ values: [Element], _ open: String, _ close: String, to text: inout String,
    _ body: (Element, inout String) -> Void
  ) {
    text += open
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      body(value, &text)
    }
    text += close
  }
}

extension Tensor {
  fileprivate func renderJSON(to text: inout String) {
    text += "{\"dtype\": \"\(dtype.rawValue)\", \"shape\": ["
    text += sizes.map(String.init).joined(separator: ", ")
    text += "], \"data\": "
    var rest = NumberText.all(of: self)[...]
    Self.renderNested(sizes[...], from: &rest, to: &text)
    text += "}"
  }

  private static func renderNested(
    _ sizes: ArraySlice<Int>, from rest: inout ArraySlice<String>, to text: inout String
  ) {
    guard let size = sizes.first else {
      guard let number = rest.popFirst() else { return }
      text += JSON.literal(number)
      return
    }
    text += "["
    for index in 0..<size {
      if index > 0 { text += ", " }
      renderNested(sizes.dropFirst(), from: &rest, to: &text)
    }
    text += "]"
  }
}
