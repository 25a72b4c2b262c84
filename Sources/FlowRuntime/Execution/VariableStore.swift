package import FlowTensor

/// Parameters, states and optimizer slots by name: what a checkpoint saves.
package typealias State = [String: Tensor]

/// The memory of variables between steps, shared by every session that is given it: training and validation, whole batches and
/// the last one.
///
/// For one thread at a time; the workers of a session read and write it only while the session runs.
package final class VariableStore {
  /// One variable's memory.
  struct Entry {
    let type: TensorType
    let memory: OwnedMemory
  }

  private(set) var entries: [Entry] = []
  /// Grows whenever some memory moves: views made before are no longer good.
  private(set) var generation = 0
  private var indices: [String: Int] = [:]

  package init() {}

  package convenience init(_ state: State) {
    self.init()
    for (name, tensor) in state { self[name] = tensor }
  }

  func index(of name: String) -> Int? { indices[name] }

  /// The names that have a value.
  package var names: [String] { indices.keys.sorted() }

  /// The value of a variable, copied out and in; nil where it has none.
  package subscript(name: String) -> Tensor? {
    get {
      guard let index = indices[name] else { return nil }
      let entry = entries[index]
      return Tensor(copying: UnsafeRawBufferPointer(entry.memory.bytes), entry.type)
    }
    set {
      guard let newValue else { return }
      let memory = entries[reserve(name, newValue.type)].memory
      newValue.withUnsafeBytes { memory.bytes.copyMemory(from: $0) }
    }
  }

  /// The index of a variable's memory, made anew where it has none of this type; what it holds then is not defined.
  func reserve(_ name: String, _ type: TensorType) -> Int {
    if let index = indices[name], entries[index].type == type { return index }
    let entry = Entry(type: type, memory: OwnedMemory(byteCount: type.byteCount ?? 0))
    generation += 1
    if let index = indices[name] {
      entries[index] = entry
      return index
    }
    indices[name] = entries.count
    entries.append(entry)
    return entries.count - 1
  }

  /// Writes two whole numbers over a variable of type `i64[2]`.
  func write(_ first: Int64, _ second: Int64, at index: Int) {
    withUnsafeBytes(of: (first, second)) { entries[index].memory.bytes.copyMemory(from: $0) }
  }

  /// Writes a whole number over a variable of type `i64`.
  func write(_ number: Int64, at index: Int) {
    withUnsafeBytes(of: number) { entries[index].memory.bytes.copyMemory(from: $0) }
  }
}

extension Tensor {
  /// A tensor with the bytes of `source`.
  ///
  /// - Precondition: `source` has the bytes of the type, whose sizes are all known.
  init(copying source: UnsafeRawBufferPointer, _ type: TensorType) {
    self.init(type.dtype, type.shape.sizes ?? []) { bytes in
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(bytes.count)))
    }
  }
}
