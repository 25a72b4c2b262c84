// FlowGraph
