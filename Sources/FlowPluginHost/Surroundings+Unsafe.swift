#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the system says of the running program.
///
/// SAFETY: texts are copied before anything could change them, and those that are ours to free are freed.
enum Surroundings {
  /// A variable of the environment; nil where it is not set.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The path of this program; nil where the system does not say.
  static var program: String? {
    #if os(Linux)
      let name = "/proc/self/exe"
    #else
      guard let name = CommandLine.arguments.first else { return nil }
    #endif
    guard let path = realpath(name, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }
}
