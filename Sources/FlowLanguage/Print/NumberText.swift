import FlowGraph
import FlowTensor

/// A number or boolean as a file writes it.
func numberText(_ value: AttributeValue) -> String {
  switch value {
  case .boolean(let flag): flag ? "true" : "false"
  case .whole(let number): String(number)
  case .real(let number): Formatter.number(number)
  case .dimension(let size): size.description
  case .none, .string, .dtype, .list, .tensor: ""
  }
}

extension Tensor {
  /// The elements as nested lists; read back as this dtype they are the same.
  var nestedText: String {
    var rest = elementTexts[...]
    return nested(sizes[...], &rest)
  }

  private func nested(_ sizes: ArraySlice<Int>, _ rest: inout ArraySlice<String>) -> String {
    guard let size = sizes.first else { return rest.popFirst() ?? "0" }
    var entries: [String] = []
    for _ in 0..<size { entries.append(nested(sizes.dropFirst(), &rest)) }
    return "[\(entries.joined(separator: ", "))]"
  }

  private var elementTexts: [String] {
    switch dtype {
    case .bool: doubles.map { $0 != 0 ? "true" : "false" }
    case .f32: doubles.map(Self.shortText)
    case .f64, .f16, .bf16: doubles.map(Formatter.number)
    case .i64, .i32, .i16, .i8, .u8: wholeNumbers?.map(String.init) ?? []
    }
  }

  /// The shortest text that is this number in single precision.
  private static func shortText(_ number: Double) -> String {
    guard let short = Double("\(Float(number))"), Float(short) == Float(number) else { return Formatter.number(number) }
    return Formatter.number(short)
  }
}
