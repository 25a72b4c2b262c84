extension FileError: CustomStringConvertible {
  package var description: String { "\(path): \(message)" }

  /// What is wrong, without the path: lower case, no full stop.
  package var message: String {
    switch fact {
    case .badFormat(let format, let reason, let line?): "not a valid \(format) file: line \(line): \(reason)"
    case .badFormat(let format, let reason, nil): "not a valid \(format) file: \(reason)"
    case .cannotCreate(let reason): "cannot create the file: \(reason)"
    case .damaged(let name): "\(Self.quoted(name)) is damaged: its checksum does not match"
    case .differentDType(let name, let stored, let wanted):
      "\(Self.quoted(name)) is \(stored), which \(wanted) cannot hold"
    case .exists: "the file exists already"
    case .inputOutput(let reason): "input/output error: \(reason)"
    case .noSuchTensor(let name, _): "no tensor named '\(name)' in the file"
    case .notFound: "no such file"
    case .rowsOutOfRange(let name, let row, let count): "\(Self.quoted(name)) has \(count) rows, and no row \(row)"
    case .severalTensors(let names): "the file holds \(names.count) tensors, and none is named"
    case .tooLarge(let name, let bytes?): "\(Self.quoted(name)) needs \(bytes) bytes, more than this machine's memory"
    case .tooLarge(let name, nil): "the size of \(Self.quoted(name)) does not fit in 64 bits"
    case .unknownFormat: "the format of the file is not known"
    case .unreadable(let reason): "cannot read the file: \(reason)"
    case .unsupportedTensor(let name, let reason): "\(Self.quoted(name)) cannot be read: \(reason)"
    case .unwritable(let reason): "cannot be written in this format: \(reason)"
    }
  }

  /// What could be done about it.
  package var help: String? {
    switch fact {
    case .noSuchTensor(let name, let available):
      Self.suggestion(NearestNames.of(name, among: available), orListing: available)
    case .severalTensors(let names): "name one of them: \(Self.list(names))"
    case .unknownFormat(let known): "known endings: \(known.joined(separator: " "))"
    case .badFormat, .cannotCreate, .damaged, .differentDType, .exists, .inputOutput, .notFound, .rowsOutOfRange,
      .tooLarge, .unreadable, .unsupportedTensor, .unwritable:
      nil
    }
  }

  private static func suggestion(_ nearest: [String], orListing available: [String]) -> String? {
    if !nearest.isEmpty { return "did you mean \(nearest.map { "'\($0)'" }.joined(separator: " or "))?" }
    return available.allSatisfy(\.isEmpty) ? "the file holds no named tensors" : "the file holds \(list(available))"
  }

  private static func list(_ all: [String]) -> String {
    let names = all.filter { !$0.isEmpty }
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }

  private static func quoted(_ name: String) -> String { name.isEmpty ? "the tensor" : "'\(name)'" }
}
