import FlowPlugin

let plugin = Plugin("FocalLoss", version: "1.0.0", [FocalLoss.self])

@_cdecl("flow_plugin_query")
public func query() -> UnsafeRawPointer { plugin.query }
