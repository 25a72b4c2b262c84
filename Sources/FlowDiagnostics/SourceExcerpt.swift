/// The part of a line that is shown for a fault, with the carets below it.
struct SourceExcerpt: Equatable {
  var line: String
  /// The columns before the first caret.
  var indent: Int
  /// The number of carets, at least one.
  var carets: Int

  /// The most columns of a line that are shown; of a longer one, what surrounds the fault.
  static let width = 160

  /// - Parameters:
  ///   - scalars: The line without its line break.
  ///   - start: Where the carets begin, in scalars from 0; at most the line's length.
  ///   - count: How many scalars they cover; what is beyond the line is not shown.
  init(_ scalars: [Unicode.Scalar], start: Int, count: Int) {
    let (window, isCutBefore, isCutBehind) = Self.window(scalars, around: start)
    let end = min(max(start + count, start), window.upperBound)
    line = (isCutBefore ? "…" : "") + DisplayText.shown(scalars[window]) + (isCutBehind ? "…" : "")
    indent = DisplayText.width(scalars[window.lowerBound..<start]) + (isCutBefore ? 1 : 0)
    carets = max(1, DisplayText.width(scalars[start..<end]))
  }

  private static func window(_ scalars: [Unicode.Scalar], around start: Int) -> (Range<Int>, Bool, Bool) {
    guard scalars.count > width else { return (0..<scalars.count, false, false) }
    let first = max(0, min(start - width / 4, scalars.count - width))
    let last = min(scalars.count, first + width)
    return (first..<last, first > 0, last < scalars.count)
  }
}
