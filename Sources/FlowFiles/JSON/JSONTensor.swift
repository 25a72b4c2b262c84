package import FlowTensor

/// Tensors in JSON: `{"dtype": "f64", "shape": [2, 1], "data": [[0.5], [0.25]]}`, or nested lists alone.
package enum JSONTensor {
  /// - Parameters:
  ///   - path: for errors alone.
  ///   - dtype: what to read the numbers as; without it, what the text says, else f64.
  /// - Fails: where the text is no such tensor, lists differ in length, or a number does not fit the dtype.
  package static func parse(_ bytes: [UInt8], path: String, as dtype: DType? = nil) throws(FileError) -> Tensor {
    do throws(JSONScanner.Failure) {
      var scanner = JSONScanner(bytes[...])
      let tensor = try parse(&scanner, as: dtype)
      try scanner.expectEnd()
      return tensor
    } catch {
      throw FileError(path, .badFormat("JSON", reason: error.reason, line: error.line))
    }
  }

  /// The tensors of a text: one without a name, or those of the member `outputs`, as `run --json` prints them.
  package static func parseAll(
    _ bytes: [UInt8], path: String, as dtype: DType? = nil
  ) throws(FileError) -> [(name: String, tensor: Tensor)] {
    do throws(JSONScanner.Failure) {
      var scanner = JSONScanner(bytes[...])
      guard let start = try outputs(scanner) else {
        let tensor = try parse(&scanner, as: dtype)
        try scanner.expectEnd()
        return [("", tensor)]
      }
      scanner.position = start
      var tensors: [(name: String, tensor: Tensor)] = []
      try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
        let name = try scanner.string()
        try scanner.expect(":")
        tensors.append((name.replacing(".", with: "/"), try parse(&scanner, as: dtype)))
      }
      return tensors
    } catch {
      throw FileError(path, .badFormat("JSON", reason: error.reason, line: error.line))
    }
  }

  /// Where the value of the member `outputs` begins, if the text is an object that has one.
  private static func outputs(_ scanner: JSONScanner) throws(JSONScanner.Failure) -> Int? {
    var scanner = scanner
    guard scanner.peek() == UInt8(ascii: "{") else { return nil }
    var start: Int?
    try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
      let key = try scanner.string()
      try scanner.expect(":")
      if key == "outputs" { start = scanner.position }
      try scanner.skipValue()
    }
    try scanner.expectEnd()
    return start
  }

  private static func parse(
    _ scanner: inout JSONScanner, as wanted: DType?
  ) throws(JSONScanner.Failure) -> Tensor {
    guard scanner.peek() == UInt8(ascii: "{") else { return try data(&scanner, as: wanted ?? .f64, sizes: nil) }
    var (dtype, sizes, start): (DType?, [Int]?, Int?) = (nil, nil, nil)
    try scanner.list("{", "}") { scanner throws(JSONScanner.Failure) in
      let key = try scanner.string()
      try scanner.expect(":")
      switch key {
      case "dtype": dtype = try readDType(&scanner)
      case "shape": sizes = try readSizes(&scanner)
      case "data":
        start = scanner.position
        try scanner.skipValue()
      default: try scanner.skipValue()
      }
    }
    guard let start else { throw scanner.failure("a tensor without \"data\"") }
    var values = scanner
    values.position = start
    return try data(&values, as: wanted ?? dtype ?? .f64, sizes: sizes)
  }

  private static func readDType(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> DType {
    let name = try scanner.string()
    guard let dtype = DType(rawValue: name) else { throw scanner.failure("no dtype named '\(name)'") }
    return dtype
  }

  private static func readSizes(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> [Int] {
    var sizes: [Int] = []
    try scanner.list("[", "]") { scanner throws(JSONScanner.Failure) in
      guard let size = NumberText.parse(try scanner.scalar(), as: Int64.self), size >= 0 else {
        throw scanner.failure("a size that is no whole number")
      }
      sizes.append(Int(size))
    }
    return sizes
  }

  private static func data(
    _ scanner: inout JSONScanner, as dtype: DType, sizes: [Int]?
  ) throws(JSONScanner.Failure) -> Tensor {
    func read<Element: TensorElement>(_ type: Element.Type) throws(JSONScanner.Failure) -> Tensor {
      var (elements, found): ([Element], [Int]) = ([], [])
      try append(from: &scanner, to: &elements, sizes: &found, depth: 0)
      if let sizes, !agrees(sizes, with: found) {
        throw scanner.failure("the data has shape \(found), not \(sizes)")
      }
      return Tensor(elements, sizes ?? found)
    }
    return try dtype.withElementType { type throws(JSONScanner.Failure) in try read(type) }
  }

  /// Behind an empty axis nested lists cannot show what further sizes are.
  private static func agrees(_ sizes: [Int], with found: [Int]) -> Bool {
    guard let empty = sizes.firstIndex(of: 0) else { return sizes == found }
    let fits = TensorEntry("", .u8, sizes).fitsInAddresses && sizes.count <= Shape.maximumRank
    return fits && found == Array(sizes[...empty])
  }

  /// Reads one number or list; `sizes` are those of the lists read so far, outermost first.
  private static func append<Element: TensorElement>(
    from scanner: inout JSONScanner, to elements: inout [Element], sizes: inout [Int], depth: Int
  ) throws(JSONScanner.Failure) {
    guard scanner.peek() == UInt8(ascii: "[") else {
      guard depth == sizes.count else { throw scanner.failure("a number beside a list") }
      let text = try scanner.scalar()
      guard let element = NumberText.parse(text, as: Element.self) else {
        throw scanner.failure(
          text.count > NumberText.maximumByteCount
            ? "a number of \(text.count) bytes, more than \(NumberText.maximumByteCount)"
            : "'\(String(decoding: text.prefix(40), as: UTF8.self))' is no number of dtype \(Element.dtype)")
      }
      return elements.append(element)
    }
    guard depth < Shape.maximumRank else { throw scanner.failure("more than \(Shape.maximumRank) axes") }
    let isFirst = depth == sizes.count
    guard !isFirst || elements.isEmpty else { throw scanner.failure("a list beside a number") }
    if isFirst { sizes.append(-1) }
    var count = 0
    try scanner.list("[", "]") { scanner throws(JSONScanner.Failure) in
      try append(from: &scanner, to: &elements, sizes: &sizes, depth: depth + 1)
      count += 1
    }
    if sizes[depth] == -1 { sizes[depth] = count }
    guard sizes[depth] == count else {
      throw scanner.failure("a list of \(count) elements beside one of \(sizes[depth])")
    }
  }
}
