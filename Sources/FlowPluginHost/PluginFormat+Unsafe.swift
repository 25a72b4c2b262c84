import CFlowPlugin
import FlowPlugin

/// A format of files that a plugin reads, as it was registered.
///
/// SAFETY: the record is a copy; what its functions and context point to lives as long as the process.
package final class PluginFormat: @unchecked Sendable {
  package let name: String
  package let summary: String
  let record: flow_reader
  let place: PluginPlace

  init(_ record: flow_reader, origin: PluginOrigin) throws(BoundaryFault) {
    self.record = record
    name = try Boundary.text(record.name, "a reader's name")
    guard name.isIdentifier else { throw BoundaryFault("'\(name)' cannot be a reader's name") }
    summary = try Boundary.text(record.summary, "the summary of reader '\(name)'")
    place = PluginPlace("reader '\(name)' of \(origin)")
    guard record.open != nil, record.read != nil, record.close != nil else {
      throw BoundaryFault("reader '\(name)': 'open', 'read' or 'close' is missing")
    }
  }
}
