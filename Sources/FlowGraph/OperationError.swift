/// Why an operation cannot be typed, run or differentiated. Whoever adds the node knows the place.
public struct OperationError: Error, Hashable, Sendable {
  public enum Kind: String, Sendable {
    case shapeMismatch = "shape-mismatch"
    case dtypeMismatch = "dtype-mismatch"
    case badAttribute = "bad-attribute"
    case missingAttribute = "missing-attribute"
    case unknownAttribute = "unknown-attribute"
    case unknownOperation = "unknown-operation"
    case wrongArity = "wrong-arity"
    case indexOutOfRange = "index-out-of-range"
    case sizeOverflow = "size-overflow"
    case limit
    /// A value that the operation does not take, found while running.
    case badValue = "bad-value"
    case noGradient = "no-gradient"
    /// A plugin that breaks its own word: the exit code says so.
    case pluginFailure = "plugin-failure"
  }

  public var kind: Kind
  public var message: String
  public var help: String?
  /// The attribute that is to blame: its label is the place.
  public var attribute: String?

  public init(_ kind: Kind, _ message: String, help: String? = nil, attribute: String? = nil) {
    self.kind = kind
    self.message = message
    self.help = help
    self.attribute = attribute
  }

  public static func shapeMismatch(_ message: String, help: String? = nil) -> OperationError {
    OperationError(.shapeMismatch, message, help: help)
  }

  public static func dtypeMismatch(_ message: String, help: String? = nil) -> OperationError {
    OperationError(.dtypeMismatch, message, help: help)
  }

  public static func badAttribute(_ name: String, _ message: String, help: String? = nil) -> OperationError {
    OperationError(.badAttribute, message, help: help, attribute: name)
  }

  public static func badValue(_ message: String, help: String? = nil) -> OperationError {
    OperationError(.badValue, message, help: help)
  }

  public static func indexOutOfRange(_ message: String) -> OperationError { OperationError(.indexOutOfRange, message) }

  public static var sizeOverflow: OperationError {
    OperationError(.sizeOverflow, "the tensor's size does not fit in 64 bits")
  }
}
