import FlowDiagnostics

/// What can be wrong with a text before its names are looked up. What is said about it is in the wording.
enum SyntaxFault: Equatable {
  case badEscape(String)
  case badNumber(String)
  case badSegment(String)
  case comparisonChain
  case discardedName
  case dottedName(String, role: String)
  case elseOnNewLine
  case expected(String, found: String, help: String? = nil)
  case fileTooLarge
  case invalidText
  case misplaced(String, allowed: String)
  case missingBrace(found: String)
  case nestingLimit
  case numberRange(String)
  case positionalAfterLabel
  case reservedWord(String)
  case secondStatement
  case strayBrace
  case unknownCharacter(Unicode.Scalar)
  case unsupportedVersion(Int)
  case unterminatedString
}

extension SyntaxFault {
  func diagnostic(at span: SourceSpan, notes: [Diagnostic.Note] = []) -> Diagnostic {
    let wording = wording
    return Diagnostic(id: wording.id, wording.message, at: span, help: wording.help, notes: notes)
  }
}

/// The bounds of what is read, so that no text can exhaust the program.
package enum SyntaxLimits {
  /// Brackets, calls, signs, powers, indexes and blocks inside one another. A chain of equal operators is one level.
  package static let nesting = 256
  /// Bytes of one text.
  package static let fileSize = 16 << 20
  /// The height of an expression's tree: four levels of operators for each level of brackets.
  static let height = 1024
  /// The height above which a chain of operators becomes a `chain` instead of a left-leaning tree.
  static let spine = 256
}
