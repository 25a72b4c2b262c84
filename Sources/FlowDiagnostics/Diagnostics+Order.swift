extension Diagnostics {
  /// How many are shown.
  public static let limit = 20

  /// Those without a place first, then by text and place; what is said twice of one place is said once.
  public var inOrder: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let unique = all.filter { seen.insert($0).inserted }
    return unique.enumerated()
      .sorted { Self.key($0) < Self.key($1) }
      .map(\.element)
  }

  public var hasErrors: Bool { all.contains { $0.severity == .error } }

  private static func key(_ entry: (offset: Int, element: Diagnostic)) -> (Int, Int, Int) {
    guard let span = entry.element.span else { return (-1, 0, entry.offset) }
    return (Int(span.file), Int(span.start), entry.offset)
  }
}
