/// A value by which a file describes itself, a group or a tensor.
package enum FileAttribute: Hashable, Sendable {
  case text(String)
  case integer(Int64)

  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }

  /// The bytes that a checksum covers.
  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .integer(let integer): (0..<8).map { UInt8(truncatingIfNeeded: integer >> ($0 * 8)) }
    }
  }
}
