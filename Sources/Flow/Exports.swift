@_exported public import FlowDiagnostics
@_exported public import FlowGraph
@_exported public import FlowOperations
@_exported public import FlowTensor
