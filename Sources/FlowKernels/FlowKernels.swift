// FlowKernels
