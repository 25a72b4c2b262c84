import FlowFiles
import FlowKernels
import FlowTraining

/// What `--version` prints. The parser asks for it at every start, but opening libraries to ask their versions takes longer
/// than a small graph.
let versionText = CommandLine.arguments.contains("--version") ? engineAndLibraries : "flowrun \(engineVersion)"

/// The engine and the libraries that decide its bits; oneDNN decides none, for products have loops of their own.
private var engineAndLibraries: String {
  """
  flowrun \(engineVersion)
  Swift \(swiftVersion)
  HDF5 \(hdf5Version)
  OpenBLAS \(blasVersion)
  oneDNN not used
  """
}

private var swiftVersion: String {
  #if compiler(>=6.4)
    "6.4 or later"
  #elseif compiler(>=6.3)
    "6.3"
  #else
    "6.2"
  #endif
}
