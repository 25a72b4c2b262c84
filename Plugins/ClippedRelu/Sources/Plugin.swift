import FlowPlugin

let plugin = Plugin("ClippedRelu", version: "1.0.0", [ClippedRelu.self])

@_cdecl("flow_plugin_query")
public func query() -> UnsafeRawPointer { plugin.query }
