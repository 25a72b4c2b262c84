import COpenBLAS

/// The version of OpenBLAS and what it was built for: "0.3.21 ... SkylakeX"; or that it is not there.
///
/// SAFETY: the library gives a text of its own that stays.
package var blasVersion: String {
  guard let text = flow_openblas_config() else { return "not installed" }
  return String(cString: text).replacing("OpenBLAS ", with: "").trimmingSpaces()
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
