@_exported public import FlowProofs
