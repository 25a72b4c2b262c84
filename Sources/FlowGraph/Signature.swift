/// The tensors that an operation takes and gives: `"a, b -> c"`, `"xs... -> y"`, `"x, w, bias? -> y"`.
///
/// An input in parentheses, `"(counter) -> y"`, is supplied by the engine and cannot be given.
public struct Signature: Hashable, Sendable, ExpressibleByStringLiteral {
  public struct Input: Hashable, Sendable {
    public let name: String
    public let isOptional: Bool
    public let isVariadic: Bool
    public let isHidden: Bool
  }

  public let text: String
  public let inputs: [Input]
  /// The names of the outputs; a last one with `...` stands for any number.
  public let outputs: [String]

  /// - Precondition: the text has the form above; it is written by the operation's author.
  public init(stringLiteral text: String) {
    self.text = text
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    precondition(sides.count == 2 && sides[0].last == "-", "a signature needs one '->': \(text)")
    inputs = Self.words(sides[0].dropLast()).map(Input.init)
    outputs = Self.words(sides[1])
  }

  /// How many tensors a call may give.
  public var arity: ClosedRange<Int> {
    let given = inputs.filter { !$0.isHidden }
    let least = given.count { !$0.isOptional && !$0.isVariadic }
    return least...(given.contains(where: \.isVariadic) ? Int(Int32.max) : given.count)
  }

  /// Whether the engine supplies the counter of random numbers.
  public var takesCounter: Bool { inputs.contains(where: \.isHidden) }

  private static func words(_ list: Substring) -> [String] {
    list.split(separator: ",").map { String($0.filter { $0 != " " }) }
  }
}

extension Signature.Input {
  init(_ word: String) {
    isVariadic = word.hasSuffix("...")
    isOptional = word.hasSuffix("?")
    isHidden = word.hasPrefix("(")
    name = word.filter { !"().?".contains($0) }
  }
}
