@main struct FlowRun { static func main() {} }
