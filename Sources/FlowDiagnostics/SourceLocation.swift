/// A place in a text as an author knows it.
public struct SourceLocation: Hashable, Sendable {
  /// The name of the file, as the user gave it.
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars; a tab is one.
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension SourceMap {
  /// Where a span begins, or nil if no text has its number.
  ///
  /// It reads the text up to the place. `DiagnosticRenderer` finds many places at once.
  public func location(of span: SourceSpan) -> SourceLocation? {
    guard let file = file(span.file) else { return nil }
    let position = LineTable(file.text).position(of: Int(span.start))
    return SourceLocation(file: file.name, line: position.line, column: position.column)
  }

  /// The text with a number.
  public func file(_ number: UInt32) -> SourceFile? {
    files.indices.contains(Int(number)) ? files[Int(number)] : nil
  }
}
