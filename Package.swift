// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is compiled with: strict imports, explicit existentials, no warnings.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// One room of the house. Each imports only rooms above it in the list below.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

/// A plugin of this repository: a library that the program loads by its name.
func plugin(_ name: String) -> Product { .library(name: name, type: .dynamic, targets: [name]) }

func pluginSources(_ name: String) -> Target {
  .target(name: name, dependencies: ["FlowPlugin"], path: "Plugins/\(name)/Sources", swiftSettings: strict)
}

let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let collections = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "flow",
  products: [
    .library(name: "Flow", targets: ["Flow"]),
    .executable(name: "flowrun", targets: ["flowrun"]),
    .library(name: "FlowPlugin", targets: ["FlowPlugin"]),
    plugin("ClippedRelu"), plugin("Swish"), plugin("FocalLoss"), plugin("Moments"),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
    // Without its traits it needs no more than FoundationEssentials: all of Foundation doubles the time a process takes to start.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),

    .target(name: "CCores", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CFlowGuard"),
    .target(name: "COpenBLAS", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CVectorMath", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CMatrixProduct", cSettings: [.treatAllWarnings(as: .error)]),

    room("FlowTensor"),
    room("FlowDiagnostics"),
    room("FlowKernels", ["FlowTensor", "CMatrixProduct", "COpenBLAS", "CVectorMath", numerics]),
    room("FlowGraph", ["FlowTensor", "FlowDiagnostics"]),
    room("FlowOperations", ["FlowTensor", "FlowDiagnostics", "FlowKernels", "FlowGraph"]),
    room(
      "FlowLanguage", ["FlowTensor", "FlowDiagnostics", "FlowGraph"],
      resources: [.embedInCode("Prelude/prelude.flow")]),
    room("FlowRuntime", ["FlowTensor", "FlowDiagnostics", "FlowKernels", "FlowGraph", "CCores", collections]),
    room(
      "FlowFiles", ["FlowTensor", "FlowDiagnostics", "FlowGraph", "CHDF5", "CZlib", "CZip", protobuf],
      exclude: ["ONNX/onnx.proto", "TensorBoard/events.proto"]),
    room("FlowProofs", ["FlowTensor", "FlowDiagnostics", "FlowGraph"]),
    room(
      "FlowTraining",
      [
        "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime", "FlowFiles",
        "CFlowGuard",
      ]),
    .target(name: "CFlowPlugin"),
    room("FlowPluginTesting", ["FlowTensor", "FlowGraph", "FlowProofs"]),
    room("FlowPlugin", ["FlowTensor", "FlowGraph", "CFlowPlugin"]),
    room(
      "FlowPluginHost",
      [
        "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowFiles", "FlowProofs", "FlowTraining",
        "CFlowPlugin", "FlowPlugin", "CFlowGuard",
      ]),
    room(
      "Flow",
      [
        "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime", "FlowFiles",
        "FlowTraining", "FlowPluginHost",
      ]),
    .executableTarget(
      name: "flowrun",
      dependencies: [
        "Flow", "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime",
        "FlowFiles", "FlowTraining", "FlowPluginHost", "FlowProofs", "CFlowGuard", "FlowKernels", arguments,
      ],
      swiftSettings: strict),
    pluginSources("ClippedRelu"), pluginSources("Swish"), pluginSources("FocalLoss"), pluginSources("Moments"),

    tests(
      "FlowTests",
      [
        "Flow", "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime",
        "FlowTraining",
      ]),
    tests("FlowTensorTests", ["FlowTensor"]),
    tests("FlowFilesTests", ["FlowFiles", "FlowTensor"]),
    tests("FlowRuntimeTests", ["FlowRuntime", "FlowGraph", "FlowOperations", "FlowTensor", "FlowDiagnostics"]),
    tests("FlowDiagnosticsTests", ["FlowDiagnostics"]),
    tests("FlowSyntaxTests", ["FlowTensor", "FlowDiagnostics", "FlowLanguage"], resources: [.copy("Graphs")]),
    tests(
      "FlowLanguageTests",
      ["FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime"],
      resources: [.copy("Graphs")]),
    .target(
      name: "FlowTesting", dependencies: ["FlowProofs"], path: "Tests/FlowTesting", swiftSettings: strict),
    tests("FlowGraphTests", ["FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowTesting"]),
    tests(
      "FlowTrainingTests",
      [
        "FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime", "FlowFiles",
        "FlowTraining", "Flow",
      ]),
    tests("FlowRunTests", ["flowrun"], exclude: ["Faults"]),
    tests(
      "FlowOperationsTests",
      [
        "FlowTensor", "FlowDiagnostics", "FlowKernels", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowRuntime",
        "FlowTesting", "CMatrixProduct", numerics,
      ]),
  ]
)

// Only for Scripts/fuzz, which links it with libFuzzer: that brings the main function.
if Context.environment["FLOW_FUZZ"] != nil {
  package.products.append(.executable(name: "flow-fuzz", targets: ["Fuzz"]))
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: ["FlowTensor", "FlowDiagnostics", "FlowGraph", "FlowOperations", "FlowLanguage", "FlowFiles"],
      path: "Tests/Fuzz", exclude: ["Seeds"], swiftSettings: strict))
}
