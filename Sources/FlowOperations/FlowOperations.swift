// FlowOperations
