// swift-tools-version: 6.2
import PackageDescription

// What a plugin in Swift is built with. The sources are those of the engine's lowest rooms; an installed kit has copies of them.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "kit",
  products: [
    .library(name: "FlowPlugin", targets: ["FlowPlugin"]),
    .library(name: "FlowPluginTesting", targets: ["FlowPluginTesting"]),
  ],
  targets: [
    .target(name: "CFlowPlugin"),
    room("FlowTensor"),
    room("FlowDiagnostics"),
    room("FlowGraph", ["FlowTensor", "FlowDiagnostics"]),
    room("FlowPlugin", ["FlowTensor", "FlowGraph", "CFlowPlugin"]),
    room("FlowProofs", ["FlowTensor", "FlowDiagnostics", "FlowGraph"]),
    room("FlowPluginTesting", ["FlowTensor", "FlowGraph", "FlowProofs"]),
  ]
)
