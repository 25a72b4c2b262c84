import FlowPlugin

let plugin = Plugin("Moments", version: "1.0.0", [Moments.self])

@_cdecl("flow_plugin_query")
public func query() -> UnsafeRawPointer { plugin.query }
