package import CFlowPlugin
package import FlowGraph
package import FlowTensor

/// What one call hands across the boundary: C structs, and the memory that they lie in.
///
/// SAFETY: every block is allocated here and freed with the object, which whoever makes the call keeps until it has returned;
/// the other side copies what it wants to keep. Used by one thread.
package final class CallMemory {
  private var blocks: [UnsafeMutableRawPointer] = []

  package init() {}

  deinit { for block in blocks { block.deallocate() } }

  package func store<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
    memory.initialize(from: elements, count: elements.count)
    blocks.append(UnsafeMutableRawPointer(memory))
    return UnsafePointer(memory)
  }

  package func store<Element: BitwiseCopyable>(_ element: Element) -> UnsafePointer<Element> { store([element]) }

  package func text(_ text: String) -> UnsafePointer<CChar> { store(text.utf8CString.map { $0 }) }

  private func pointers<Element>(_ pointers: [UnsafePointer<Element>]) -> UnsafePointer<UnsafePointer<Element>?> {
    store(pointers.map { Optional($0) })
  }

  // MARK: What is handed over

  package func dimension(_ dimension: Dimension) -> UnsafePointer<flow_dimension> {
    let terms = dimension.terms.map { term in
      store(
        flow_term(
          struct_size: size(of: flow_term.self), coefficient: Int64(term.coefficient),
          factor_count: UInt64(term.factors.count), factors: pointers(term.factors.map(text))))
    }
    return store(
      flow_dimension(
        struct_size: size(of: flow_dimension.self), size: Int64(dimension.size ?? -1), term_count: UInt64(terms.count),
        terms: pointers(terms)))
  }

  package func dimensions(_ shape: Shape) -> UnsafePointer<UnsafePointer<flow_dimension>?> {
    pointers(shape.dimensions.map(dimension))
  }

  package func type(_ type: TensorType) -> UnsafePointer<flow_type> {
    store(
      flow_type(
        struct_size: size(of: flow_type.self), dtype: type.dtype.code, rank: Int32(type.shape.rank),
        dimensions: dimensions(type.shape)))
  }

  package func types(_ types: [TensorType]) -> UnsafePointer<UnsafePointer<flow_type>?> { pointers(types.map(type)) }

  /// A tensor's bytes are not copied: the call's caller keeps the tensor.
  package func tensor(_ tensor: Tensor) -> UnsafePointer<flow_tensor> {
    store(
      flow_tensor(
        struct_size: size(of: flow_tensor.self), dtype: tensor.dtype.code, rank: Int32(tensor.sizes.count),
        sizes: store(tensor.sizes.map(Int64.init)), count: UInt64(tensor.count),
        data: UnsafeMutableRawPointer(mutating: tensor.storage.bytes.baseAddress)))
  }

  package func value(_ value: AttributeValue) -> UnsafePointer<flow_value> {
    var record = flow_value()
    record.struct_size = size(of: flow_value.self)
    record.kind = Int32(value.kind.rawValue)
    switch value {
    case .none: break
    case .boolean(let flag): record.boolean = flag ? 1 : 0
    case .whole(let number):
      record.whole = Int64(number)
      record.real = Double(number)
    case .real(let number): record.real = number
    case .dimension(let size): record.dimension = dimension(size)
    case .string(let string): record.string = text(string)
    case .dtype(let dtype): record.dtype = dtype.code
    case .list(let items):
      record.item_count = UInt64(items.count)
      record.items = values(items)
    case .tensor(let tensor): record.tensor = self.tensor(tensor)
    }
    return store(record)
  }

  package func values(_ values: [AttributeValue]) -> UnsafePointer<UnsafePointer<flow_value>?> {
    pointers(values.map(value))
  }

  package func texts(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> { pointers(texts.map(text)) }
}

/// What `struct_size` of a struct of this side is.
package func size<Record>(of record: Record.Type) -> UInt64 { UInt64(MemoryLayout<Record>.size) }
