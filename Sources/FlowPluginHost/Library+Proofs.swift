package import FlowGraph
package import FlowProofs

extension Library {
  /// The whole proof of each of its operations.
  ///
  /// - Parameter registry: has the plugin's operations and the built-in ones.
  package func examinations(_ registry: Registry) -> [Examination] {
    operationNames.compactMap { registry[$0] }.map { Examination($0, registry) }
  }

  /// - Fails: with the first thing that does not hold.
  package func prove(_ registry: Registry) throws(PluginFault) {
    for examination in examinations(registry) {
      guard let finding = examination.findings.first else { continue }
      throw PluginFault(
        .failure, "plugin-failure", "\(origin) does not pass its check: \(finding)",
        help: "flowrun plugins check \(name)")
    }
  }
}
