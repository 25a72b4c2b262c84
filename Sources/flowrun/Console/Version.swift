import FlowFiles
import FlowKernels
import FlowTraining

/// What `--version` prints: the engine and the libraries that decide its bits.
let versionText = """
  flowrun \(engineVersion)
  Swift \(swiftVersion)
  HDF5 \(hdf5Version)
  OpenBLAS \(blasVersion)
  oneDNN \(oneDNNVersion)
  """

private var swiftVersion: String {
  #if compiler(>=6.4)
    "6.4 or later"
  #elseif compiler(>=6.3)
    "6.3"
  #else
    "6.2"
  #endif
}
