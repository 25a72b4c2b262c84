package import FlowFiles

/// The files of a new plugin.
package struct PluginTemplate: Sendable {
  /// Why it cannot be made.
  package enum Fault: Error, Sendable {
    case badName(String, help: String)
    case noKit(String)
    case file(FileError)
  }

  /// The files by their paths within the folder.
  let files: [(path: String, text: String)]

  /// - Parameters:
  ///   - name: the plugin's.
  ///   - kit: the package to build with; nil for the one that belongs to this program.
  package init(_ name: String, kit: String?) throws(Fault) {
    let isName =
      name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } && (name.first?.isUppercase ?? false)
    guard isName else {
      throw .badName("'\(name)' is no name for a plugin", help: "a capital, then letters and digits: Cube")
    }
    guard !["FlowPlugin", "FlowGraph", "FlowTensor", "Operation", "Value", "Tensor", "Plugin"].contains(name) else {
      throw .badName("'\(name)' is a word of the kit itself", help: "add another word")
    }
    guard let found = kit ?? Self.kit(), Path.exists("\(found)/Package.swift") else {
      throw .noKit(
        kit.map { "\($0): there is no kit" } ?? "the kit is neither installed nor beside the program's source")
    }
    files = Self.files(name, operation: Self.operationName(name), kit: Path.absolute(found))
  }

  /// - Fails: where the folder is there already, or cannot be written.
  package func write(to folder: String) throws(Fault) {
    guard !Path.exists(folder) else { throw .file(FileError(folder, .exists)) }
    do throws(FileError) {
      for file in files {
        let path = "\(folder)/\(file.path)"
        try NewFolder.make(Path.folder(of: path))
        try AtomicFile.write(Array(file.text.utf8), to: path)
      }
    } catch {
      throw .file(error)
    }
  }

  /// The kit that was installed with this program, else the one of the source that it was built from.
  private static func kit() -> String? {
    guard let program = Surroundings.program else { return nil }
    var folder = Path.folder(of: program)
    let installed = Path.absolute("\(folder)/../share/flow/kit")
    if Path.exists("\(installed)/Package.swift") { return installed }
    while folder != "/" {
      let candidate = "\(folder)/Plugins/Kit"
      if Path.exists("\(candidate)/Package.swift") { return candidate }
      folder = Path.folder(of: folder)
    }
    return nil
  }

  /// `MyCube` → `my_cube`.
  private static func operationName(_ name: String) -> String {
    var text = ""
    var before: Character?
    for character in name {
      if character.isUppercase, let before, !before.isUppercase { text += "_" }
      text += character.lowercased()
      before = character
    }
    return text
  }

  private static func files(_ name: String, operation: String, kit: String) -> [(path: String, text: String)] {
    [
      ("Package.swift", package(name, kit)), ("Sources/\(name).swift", source(name, operation)),
      ("Tests/\(name)Tests.swift", tests(name, operation)), ("sample.flow", sample(name, operation)),
      ("Makefile", makefile(name)), (".gitignore", ".build/\n"),
    ]
  }

  private static func package(_ name: String, _ kit: String) -> String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "\(name)",
      products: [.library(name: "\(name)", type: .dynamic, targets: ["\(name)"])],
      dependencies: [.package(path: "\(kit)")],
      targets: [
        .target(name: "\(name)", dependencies: [.product(name: "FlowPlugin", package: "kit")], path: "Sources"),
        .testTarget(
          name: "\(name)Tests", dependencies: ["\(name)", .product(name: "FlowPluginTesting", package: "kit")],
          path: "Tests"),
      ]
    )

    """
  }

  private static func source(_ name: String, _ operation: String) -> String {
    """
    import FlowPlugin

    /// What one element becomes, and how that changes with it.
    struct \(name): UnaryFunction {
      static let name = "\(operation)"
      static let manual = Manual("The square.", shapes: "x [...] → y [...]", gradient: "x̄ = ȳ · 2x")

      func evaluate(_ x: Double) -> Double { x * x }
      func derivative(x: Value, y: Value) -> Value { 2 * x }
    }

    let plugin = Plugin("\(name)", version: "1.0.0", [\(name).self])

    @_cdecl("flow_plugin_query")
    public func query() -> UnsafeRawPointer { plugin.query }

    """
  }

  private static func tests(_ name: String, _ operation: String) -> String {
    """
    import FlowPlugin
    import FlowPluginTesting
    import Testing

    @testable import \(name)

    @Test func `\(operation) is the same function of each element`() throws {
      let numbers = [-1.5, 0, 0.5, 2]
      let results = try \(name)().results([Tensor(numbers, [2, 2])])
      #expect(results.map(\\.sizes) == [[2, 2]])
      #expect(results[0].doubles == numbers.map(\(name)().evaluate))
    }

    """
  }

  private static func sample(_ name: String, _ operation: String) -> String {
    """
    plugin "\(name)"

    input x: f64[3] = [-1, 0.5, 2]
    y = \(operation)(x)
    slope = grad(sum(y), x)
    curvature = grad(sum(slope), x)
    output y, slope, curvature

    """
  }

  private static func makefile(_ name: String) -> String {
    """
    # make: builds lib\(name).so; make check: proves it and runs the sample; make test: runs the tests.
    FLOWRUN ?= flowrun
    LIBRARY = .build/release/lib\(name).so

    build:
    \tswift build -c release --product \(name)

    check: build
    \t$(FLOWRUN) plugins check $(LIBRARY)
    \t$(FLOWRUN) run sample.flow --plugin-path .build/release

    test:
    \tswift test

    install: build
    \tinstall -d "$(HOME)/.local/lib/flow/plugins"
    \tinstall $(LIBRARY) "$(HOME)/.local/lib/flow/plugins"

    .PHONY: build check test install

    """
  }
}
