// FlowTraining
