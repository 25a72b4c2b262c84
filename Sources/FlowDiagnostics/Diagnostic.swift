/// Something to tell the author of a text: what is wrong, where, and what to do about it.
public struct Diagnostic: Error, Hashable, Sendable {
  public enum Severity: String, Sendable { case error, warning, note }

  /// A further place that explains the first one.
  public struct Note: Hashable, Sendable {
    public var message: String
    public var span: SourceSpan?

    public init(_ message: String, at span: SourceSpan?) {
      self.message = message
      self.span = span
    }
  }

  public var severity: Severity
  /// The stable identifier in brackets at the end of the line: `unknown-operation`.
  public var id: String
  /// The rule first, lower case, no full stop.
  public var message: String
  /// A suggestion, shown behind the caret.
  public var help: String?
  /// Absent where a fault has no place in a text, as with a missing file.
  public var span: SourceSpan?
  public var notes: [Note]

  public init(
    _ severity: Severity = .error, id: String, _ message: String, at span: SourceSpan?, help: String? = nil,
    notes: [Note] = []
  ) {
    self.severity = severity
    self.id = id
    self.message = message
    self.help = help
    self.span = span
    self.notes = notes
  }
}

/// The errors of a text, reported together.
public struct Diagnostics: Error, Sendable {
  public var all: [Diagnostic]
  public init(_ all: [Diagnostic]) { self.all = all }
}
