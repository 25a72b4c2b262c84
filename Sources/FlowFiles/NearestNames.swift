import FlowDiagnostics

/// The names in a file that somebody may have meant.
enum NearestNames {
  /// Names whose last part is the one given, at most three; else the one that is few edits away.
  static func of(_ name: String, among names: [String]) -> [String] {
    let last = lastPart(name)
    let sameLast = names.filter { lastPart($0) == last }
    if !sameLast.isEmpty { return Array(sameLast.prefix(3)) }
    return nearestName(to: name, among: names.prefix(10_000)).map { [$0] } ?? []
  }

  private static func lastPart(_ name: String) -> Substring {
    name.split(separator: "/").last ?? ""
  }
}
