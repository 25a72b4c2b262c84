import FlowGraph
import FlowTensor

/// The memory of computed values, shared by the plans of a session, which run one at a time: as large as the largest needs.
final class SharedMemory {
  private var owned = OwnedMemory(byteCount: 0)
  /// Grows whenever the memory moves.
  private(set) var generation = 0

  var address: UnsafeMutableRawPointer { owned.address }

  func reserve(_ byteCount: Int) {
    guard owned.byteCount < byteCount else { return }
    // Let the old memory go before the new is taken: nothing in it outlives a step.
    owned = OwnedMemory(byteCount: 0)
    owned = OwnedMemory(byteCount: byteCount)
    generation += 1
  }
}

/// A program whose views point at a session's memory, its store and what is fed.
///
/// SAFETY: an address is used only after `prepare`, which sets all of them anew where memory has moved, and which the session
/// calls before each run; the session keeps the memory, the store and the fed tensors. A fetched value is read after the run,
/// before the next, on the session's thread.
final class BoundProgram {
  let program: Program
  let workspace: OwnedMemory

  /// The operands that each variable is, by variable.
  private let positions: [[Int32]]
  private let variables: [(index: Int, type: TensorType)]
  /// Where each variable lies.
  private var addresses: [UnsafeMutableRawPointer?]
  private let memory: SharedMemory
  private var generations = (memory: -1, store: -1)

  private var plan: Plan { program.plan }

  init(_ program: Program, _ memory: SharedMemory) {
    self.program = program
    self.memory = memory
    workspace = OwnedMemory(byteCount: program.plan.statistics.workspaceBytes)
    variables = program.plan.variables
    var positions = [[Int32]](repeating: [], count: program.plan.graph.variables.count)
    for (position, value) in program.plan.operands.enumerated() {
      if case .variable(let index)? = program.plan.location(of: value) { positions[index].append(Int32(position)) }
    }
    self.positions = positions
    addresses = Array(repeating: nil, count: positions.count)
  }

  /// Sets the addresses of what has moved since the last run.
  func prepare(_ store: VariableStore, _ feeds: [Tensor?]) throws(SessionError) {
    memory.reserve(plan.statistics.memoryBytes)
    guard generations != (memory.generation, store.generation) else { return }
    for (index, type) in variables { addresses[index] = try address(of: index, type, store, feeds) }
    program.attach { self.address(of: $0) }
    generations = (memory.generation, store.generation)
  }

  /// Points an input at another tensor of the same type; where the type is another, another program runs.
  func feed(_ variable: Int, _ tensor: Tensor) {
    let value = plan.graph.variables[variable].value.index
    guard plan.isVariable(value) else { return }
    guard addresses[variable] != nil, plan.type(of: value) == tensor.type else {
      generations = (-1, -1)
      return
    }
    let address = tensor.storage.bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
    addresses[variable] = address
    if let address { program.attach(value, positions[variable], to: UnsafeRawPointer(address)) }
  }

  private func address(
    of variable: Int, _ type: TensorType, _ store: VariableStore, _ feeds: [Tensor?]
  ) throws(SessionError) -> UnsafeMutableRawPointer? {
    let declared = plan.graph.variables[variable]
    if let tensor = feeds[variable] { return tensor.storage.bytes.baseAddress.map { .init(mutating: $0) } }
    guard let index = store.index(of: declared.name) else {
      throw .missing(variable: declared.name, role: declared.role, span: declared.span)
    }
    let entry = store.entries[index]
    guard entry.type == type else {
      throw .plan(.wrongType(variable: declared.name, span: declared.span, declared: type, given: entry.type))
    }
    return entry.memory.address
  }

  private func address(of value: Int32) -> UnsafeMutableRawPointer {
    let nowhere = workspace.address
    switch plan.location(of: value) {
    case .memory(let offset): return memory.address + offset
    case .variable(let index): return addresses[index] ?? nowhere
    case .constant(let index):
      return plan.constants[index].storage.bytes.baseAddress.map { .init(mutating: $0) } ?? nowhere
    case nil: return nowhere
    }
  }

  /// Writes new values over variables; what is itself a variable is put aside first.
  func commit() {
    for write in plan.writes {
      guard let staging = write.staging else { continue }
      copy(address(of: write.value), to: memory.address + staging, write.value)
    }
    for write in plan.writes {
      guard let target = addresses[write.variable] else { continue }
      copy(write.staging.map { memory.address + $0 } ?? address(of: write.value), to: target, write.value)
    }
  }

  private func copy(_ source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer, _ value: Int32) {
    target.copyMemory(from: source, byteCount: plan.type(of: value).byteCount ?? 0)
  }

  func tensor(_ fetch: Int) -> Tensor {
    let value = plan.fetches[fetch]
    let type = plan.type(of: value)
    return Tensor(copying: UnsafeRawBufferPointer(start: address(of: value), count: type.byteCount ?? 0), type)
  }

  /// The first element of a fetched value; nil where it has none.
  func scalar(_ fetch: Int) -> Double? {
    let value = plan.fetches[fetch]
    let type = plan.type(of: value)
    guard type.byteCount ?? 0 > 0 else { return nil }
    let address = address(of: value)
    func read<Element: TensorElement>(_ element: Element.Type) -> Double {
      address.assumingMemoryBound(to: Element.self).pointee.doubleValue
    }
    return type.dtype.withElementType { read($0) }
  }

  func addFirings(to counts: inout [Int]) {
    guard let firings = program.firings else { return }
    for (index, step) in plan.steps.enumerated() { counts[Int(step.node)] += firings[index] }
  }
}
