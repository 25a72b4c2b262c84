/// One text that a diagnostic can point into: a file, standard input, or the prelude.
public struct SourceFile: Sendable {
  /// As the user named it: what a message begins with.
  public let name: String
  /// The bytes as read, without a leading byte order mark; valid UTF-8.
  public let text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}

/// A half-open range of UTF-8 offsets in one of the texts of a `SourceMap`.
public struct SourceSpan: Hashable, Sendable {
  /// The index of the text in its `SourceMap`.
  public var file: UInt32
  public var start: UInt32
  public var end: UInt32

  public init(file: UInt32, start: UInt32, end: UInt32) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// From the start of this span to the end of another in the same text.
  public func through(_ other: SourceSpan) -> SourceSpan { SourceSpan(file: file, start: start, end: other.end) }
}

/// The texts that one program came from. The index of a text is its `SourceSpan.file`.
public struct SourceMap: Sendable {
  public private(set) var files: [SourceFile] = []

  public init() {}

  /// Adds a text and gives the number by which spans name it.
  public mutating func add(_ file: SourceFile) -> UInt32 {
    files.append(file)
    return UInt32(files.count - 1)
  }
}
