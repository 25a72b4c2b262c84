import FlowLanguage
import Testing

/// What `flowrun ops` shows of the prelude.
struct PreludeManualTests {
  /// Pieces of other definitions.
  private static let parts: Set<String> = [
    "image_axes", "spatial_axes", "per_channel", "split_heads", "rnn_cell", "gru_cell", "lstm_cell", "widened",
    "narrowed", "warmed_up", "conjugate_gradient",
  ]

  @Test func `says of every definition what it does, and of what shapes`() {
    for entry in Prelude.entries {
      #expect(entry.summary.hasSuffix("."), "\(entry.name): \(entry.summary)")
      #expect(!entry.family.isEmpty, "\(entry.name)")
      #expect(entry.shapes != nil || Self.parts.contains(entry.name), "\(entry.name) has no shapes")
      #expect(entry.signature.hasPrefix("\(entry.name)(") && entry.signature.hasSuffix(")"), "\(entry.signature)")
    }
  }

  @Test func `takes a comment apart`() throws {
    let entry = try #require(Prelude.entries.first { $0.name == "conv1d" })
    #expect(entry.family == "convolutions")
    #expect(entry.signature.contains("dilation: 1, groups: 1, activation: identity"))
    #expect(entry.arguments.map(\.name).prefix(2) == ["x", "channels"])
    #expect(entry.arguments.map(\.standard).prefix(2) == [nil, "1"])
    #expect(entry.arguments.last?.standard == "he_normal")
    #expect(entry.text.hasPrefix("def conv1d("))
    let gru = try #require(Prelude.entries.first { $0.name == "gru" })
    #expect(gru.summary.hasSuffix("c is the bias of that side."))
    #expect(gru.shapes?.hasPrefix("x [t, n, d] → y [t, n, units]") == true)
    #expect(gru.source?.hasPrefix("Cho and others") == true)
  }
}
