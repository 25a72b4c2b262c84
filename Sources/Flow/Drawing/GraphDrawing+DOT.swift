extension GraphDrawing {
  /// The picture in the language of Graphviz.
  package var dot: String {
    var text = """
      digraph \(Self.quoted(title)) {
        graph [label=\(Self.quoted(title)), labelloc=t, fontname="Helvetica", fontsize=14, rankdir=TB, nodesep=0.25, ranksep=0.35]
        node [fontname="Helvetica", fontsize=11, style="filled,rounded", shape=box, margin="0.12,0.06", height=0.3, color="#5f6368"]
        edge [fontname="Helvetica", fontsize=9, fontcolor="#5f6368", color="#5f6368", arrowsize=0.6]

      """
    write(Frame(boxes), into: &text, depth: 1)
    for line in lines {
      let style = line.isUpdate ? ", style=dashed, constraint=false" : ""
      text += "  n\(line.from) -> n\(line.to) [label=\(Self.quoted(line.label))\(style)]\n"
    }
    return text + "}\n"
  }

  /// The boxes of one scope, and the scopes inside it.
  private struct Frame {
    var boxes: [Int] = []
    var inner: [(name: String, frame: Frame)] = []

    init() {}

    init(_ boxes: [Box]) {
      for (index, box) in boxes.enumerated() { add(index, box.scopes[...]) }
    }

    private mutating func add(_ box: Int, _ scopes: ArraySlice<String>) {
      guard let first = scopes.first else { return boxes.append(box) }
      let place = inner.firstIndex { $0.name == first } ?? inner.count
      if place == inner.count { inner.append((first, Frame())) }
      inner[place].frame.add(box, scopes.dropFirst())
    }
  }

  private func write(_ frame: Frame, into text: inout String, depth: Int) {
    let indent = String(repeating: "  ", count: depth)
    for index in frame.boxes { text += "\(indent)n\(index) [\(attributes(of: boxes[index]))]\n" }
    for (name, inner) in frame.inner {
      text += "\(indent)subgraph \(Self.quoted("cluster_\(name)")) {\n"
      text += "\(indent)  label=\(Self.quoted(name)); labeljust=l; fontsize=10; style=rounded; color=\"#b0b4b9\"\n"
      write(inner, into: &text, depth: depth + 1)
      text += "\(indent)}\n"
    }
  }

  private func attributes(of box: Box) -> String {
    let label = box.detail.isEmpty ? box.title : "\(box.title)\n\(box.detail)"
    let look =
      switch box.kind {
      case .operation: "fillcolor=\"#ffffff\""
      case .input: "shape=ellipse, style=filled, fillcolor=\"#d7e9fb\""
      case .parameter: "shape=box3d, style=filled, fillcolor=\"#fde9c9\""
      case .state: "shape=cylinder, style=filled, fillcolor=\"#ece3f6\""
      case .output: "shape=ellipse, peripheries=2, style=filled, fillcolor=\"#dcf3dd\""
      case .scope: "shape=component, style=filled, fillcolor=\"#eef0f2\""
      }
    return "label=\(Self.quoted(label)), \(look)"
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    return "\"\(escaped)\""
  }
}
