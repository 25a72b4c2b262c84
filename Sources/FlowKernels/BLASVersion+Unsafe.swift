import COneDNN
import COpenBLAS

/// The version of OpenBLAS and what it was built for: "0.3.21 ... SkylakeX".
///
/// SAFETY: the library gives a text of its own that stays.
package var blasVersion: String {
  guard let text = flow_openblas_config() else { return "unknown" }
  return String(cString: text).replacing("OpenBLAS ", with: "").trimmingSpaces()
}

/// The version of oneDNN: "2.6.3", or that it is not there.
///
/// SAFETY: the library writes three numbers, for which there is room.
package var oneDNNVersion: String {
  var version: (Int32, Int32, Int32) = (0, 0, 0)
  let isThere = withUnsafeMutablePointer(to: &version) {
    $0.withMemoryRebound(to: Int32.self, capacity: 3) { flow_onednn_version($0) != 0 }
  }
  return isThere ? "\(version.0).\(version.1).\(version.2)" : "not installed"
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}
