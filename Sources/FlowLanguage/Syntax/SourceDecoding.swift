package import FlowDiagnostics

/// The text of a file's bytes, without a byte order mark.
///
/// - Parameters:
///   - name: What messages call the file.
///   - file: The number that the text will have in the `SourceMap`.
/// - Returns: The text, and a fault where the bytes are too many or not UTF-8. With a fault the text is repaired, to be
///   shown beside it.
package func decode(_ bytes: [UInt8], name: String, file: UInt32) -> (source: SourceFile, fault: Diagnostic?) {
  let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
  guard content.count <= SyntaxLimits.fileSize else {
    let start = SourceSpan(file: file, start: 0, end: 0)
    return (SourceFile(name: name, text: ""), SyntaxFault.fileTooLarge.diagnostic(at: start))
  }
  if let text = String(validating: content, as: UTF8.self) { return (SourceFile(name: name, text: text), nil) }
  let valid = UInt32(validPrefix(content))
  let span = SourceSpan(file: file, start: valid, end: valid + 1)
  let repaired = SourceFile(name: name, text: String(decoding: content, as: UTF8.self))
  return (repaired, SyntaxFault.invalidText.diagnostic(at: span))
}

/// How many bytes stand before the first that are not UTF-8.
private func validPrefix(_ bytes: ArraySlice<UInt8>) -> Int {
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var count = 0
  while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
  return count
}
