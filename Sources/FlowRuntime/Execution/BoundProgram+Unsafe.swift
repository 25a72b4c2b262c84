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
  /// Bytes that are copied once a step has run.
  private struct Copy {
    let source: UnsafeMutableRawPointer
    let target: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// A value that is read back.
  private struct Fetched {
    let address: UnsafeMutableRawPointer
    let type: TensorType
    let byteCount: Int
  }

  let program: Program
  let workspace: OwnedMemory

  private let memory: SharedMemory
  private let memoryBytes: Int
  /// The operands that each variable is, by variable.
  private let positions: [[Int32]]
  private let variables: [(index: Int, type: TensorType)]
  /// Variables that are read once values have been computed: back, copied, or by what runs at the commit.
  private let copied: Set<Int>
  /// Where each variable lies.
  private var addresses: [UnsafeMutableRawPointer?]
  private var fetched: [Fetched] = []
  /// What `copyUpdates` does, in order: what is itself a variable is put aside first.
  private var copies: [Copy] = []
  /// What the addresses were made for; -1 where they must be made anew.
  private var generations = (memory: -1, store: -1)

  init(_ program: Program, _ memory: SharedMemory) {
    self.program = program
    self.memory = memory
    let plan = program.plan
    memoryBytes = plan.statistics.memoryBytes
    workspace = OwnedMemory(byteCount: plan.statistics.workspaceBytes)
    variables = plan.variables
    var positions = [[Int32]](repeating: [], count: plan.graph.variables.count)
    for (position, value) in plan.operands.enumerated() {
      if case .variable(let index, _)? = plan.location(of: value) { positions[index].append(Int32(position)) }
    }
    self.positions = positions
    addresses = Array(repeating: nil, count: positions.count)
    let late = plan.phase(.commit).steps.flatMap { plan.operands(of: plan.steps[$0]) }
    copied = Set(
      (plan.fetches + plan.writes.filter { !$0.isInPlace }.map(\.value) + late).compactMap { value in
        guard case .variable(let index, _)? = plan.location(of: value) else { return nil }
        return index
      })
  }

  // MARK: Addresses

  /// Sets the addresses of what has moved since the last run.
  func prepare(_ store: VariableStore, _ feeds: [Tensor?]) throws(SessionError) {
    memory.reserve(memoryBytes)
    guard generations != (memory.generation, store.generation) else { return }
    let plan = program.plan
    for (index, type) in variables { addresses[index] = try address(of: index, type, store, feeds) }
    program.attach(workspace.bytes) { self.address(of: $0, plan) }
    fetched = plan.fetches.map {
      Fetched(address: address(of: $0, plan), type: plan.type(of: $0), byteCount: plan.type(of: $0).byteCount ?? 0)
    }
    copies = copies(plan)
    generations = (memory.generation, store.generation)
  }

  /// Points an input at another tensor; where its type is another, the next run looks for another program.
  ///
  /// Returns whether the results of the last run can still be read: not where the input is one.
  func feed(_ variable: Int, _ tensor: Tensor) -> Bool {
    let value = program.plan.graph.variables[variable].value.index
    guard program.plan.isVariable(value) else { return true }
    guard addresses[variable] != nil, !copied.contains(variable), program.plan.type(of: value).describes(tensor),
      let address = tensor.storage.bytes.baseAddress
    else {
      generations.memory = -1
      return !copied.contains(variable)
    }
    addresses[variable] = UnsafeMutableRawPointer(mutating: address)
    for position in positions[variable] {
      let value = program.plan.operands[Int(position)]
      program.attach(position, to: self.address(of: value, program.plan), workspace.bytes)
    }
    return true
  }

  /// Whether the memory of variables is where it was in the last run.
  func isAttached(to store: VariableStore) -> Bool { generations.store == store.generation }

  private func address(
    of variable: Int, _ type: TensorType, _ store: VariableStore, _ feeds: [Tensor?]
  ) throws(SessionError) -> UnsafeMutableRawPointer? {
    let declared = program.plan.graph.variables[variable]
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

  private func address(of value: Int32, _ plan: Plan) -> UnsafeMutableRawPointer {
    let nowhere = workspace.address
    switch plan.location(of: value) {
    case .memory(let offset): return memory.address + offset
    case .variable(let index, let offset): return addresses[index].map { $0 + offset } ?? nowhere
    case .constant(let index, let offset):
      return plan.constants[index].storage.bytes.baseAddress.map { .init(mutating: $0 + offset) } ?? nowhere
    case nil: return nowhere
    }
  }

  private func copies(_ plan: Plan) -> [Copy] {
    var aside: [Copy] = []
    var writes: [Copy] = []
    for write in plan.writes where !write.isInPlace {
      guard let target = addresses[write.variable] else { continue }
      let byteCount = plan.type(of: write.value).byteCount ?? 0
      var source = address(of: write.value, plan)
      if let staging = write.staging {
        aside.append(Copy(source: source, target: memory.address + staging, byteCount: byteCount))
        source = memory.address + staging
      }
      writes.append(Copy(source: source, target: target, byteCount: byteCount))
    }
    return aside + writes
  }

  // MARK: What comes out

  /// Writes new values over variables, but for those that are computed in their place.
  func copyUpdates() {
    for copy in copies { copy.target.copyMemory(from: copy.source, byteCount: copy.byteCount) }
  }

  func tensor(_ fetch: Int) -> Tensor {
    let value = fetched[fetch]
    return Tensor(copying: UnsafeRawBufferPointer(start: value.address, count: value.byteCount), value.type)
  }

  /// The first element of a fetched value; nil where it has none.
  func scalar(_ fetch: Int) -> Double? {
    let (address, dtype) = (fetched[fetch].address, fetched[fetch].type.dtype)
    guard fetched[fetch].byteCount > 0 else { return nil }
    switch dtype {
    case .f64: return address.load(as: Double.self)
    case .f32: return Double(address.load(as: Float.self))
    default: return dtype.withElementType { address.load(as: $0).doubleValue }
    }
  }

  func addFirings(to counts: inout [Int]) {
    guard let firings = program.firings else { return }
    for (index, step) in program.plan.steps.enumerated() {
      for member in program.plan.members(of: step) { counts[Int(member.node)] += firings[index] }
    }
  }
}
