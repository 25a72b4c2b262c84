// FlowFiles
