/// Why a file could not be read or written: facts; the words are in `FileError+Wording.swift`.
package struct FileError: Error, Hashable, Sendable {
  /// As the user named it.
  package let path: String
  package let fact: Fact

  package init(_ path: String, _ fact: Fact) {
    self.path = path
    self.fact = fact
  }

  package enum Fact: Hashable, Sendable {
    // reading
    case notFound
    case unreadable(reason: String)
    case unknownFormat(known: [String])
    case badFormat(String, reason: String, line: Int? = nil)
    case noSuchTensor(String, available: [String])
    case severalTensors([String])
    case unsupportedTensor(String, reason: String)
    case rowsOutOfRange(String, row: Int, count: Int)
    case tooLarge(String, byteCount: Int?)
    case damaged(String)
    case differentDType(String, stored: String, wanted: String)
    // writing
    case unwritable(reason: String)
    case exists
    case cannotCreate(reason: String)
    case inputOutput(reason: String)
  }

  /// What a fault means to whoever called the program; the number is its exit code (as in BSD's `sysexits.h`).
  package enum Kind: Int32, Sendable {
    case badData = 65
    case missing = 66
    case cannotCreate = 73
    case inputOutput = 74
  }

  package var kind: Kind {
    switch fact {
    case .notFound: .missing
    case .unreadable, .unknownFormat, .badFormat, .noSuchTensor, .severalTensors, .unsupportedTensor, .rowsOutOfRange,
      .tooLarge, .damaged, .differentDType, .unwritable:
      .badData
    case .exists, .cannotCreate: .cannotCreate
    case .inputOutput: .inputOutput
    }
  }

  package var exitCode: Int32 { kind.rawValue }
}
