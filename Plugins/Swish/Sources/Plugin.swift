import FlowPlugin

let plugin = Plugin("Swish", version: "1.0.0", [Swish.self])

@_cdecl("flow_plugin_query")
public func query() -> UnsafeRawPointer { plugin.query }
