import FlowGraph
import FlowKernels
import FlowTensor

extension Draft {
  /// The draft in which groups of element-wise nodes are one node each, which computes a tile of all of them at a time.
  ///
  /// Values have the same bits as without. What is left of the order is that nodes come when they are first needed.
  func fused() -> Draft {
    let groups = FusionGroups(self)
    guard groups.groups.contains(where: { $0 >= 0 }) else { return self }
    var fusion = Fusion(self, groups)
    fusion.run()
    return fusion.result
  }
}

/// The walk that writes the nodes anew, groups as one.
private struct Fusion {
  /// A node by itself, or a group.
  private enum Unit {
    case node(Int)
    case group(Int)
  }

  private struct Key: Hashable {
    let program: TileProgram
    let types: [Int32]
  }

  private(set) var result: Draft
  private let draft: Draft
  private let groups: FusionGroups
  /// The nodes of each group, in order.
  private var members: [[Int32]]
  /// Whether a value is read outside of its node's group, or kept.
  private var isNeeded: [Bool]
  /// Whether a value is read at all.
  private var isRead: [Bool]
  /// What stands for a value of the old draft in the new one.
  private var replacement: [Int32]
  private var isWritten: [Bool]
  private var isGroupWritten: [Bool]
  /// Equal programs are one operation, and so share a kernel.
  private var operations: [Key: Int32] = [:]

  init(_ draft: Draft, _ groups: FusionGroups) {
    self.draft = draft
    self.groups = groups
    result = draft
    result.nodes.removeAll(keepingCapacity: true)
    result.operands.removeAll(keepingCapacity: true)
    members = Array(repeating: [], count: groups.count)
    for (index, group) in groups.groups.enumerated() where group >= 0 { members[Int(group)].append(Int32(index)) }
    isNeeded = Array(repeating: false, count: draft.typeIndices.count)
    isRead = isNeeded
    replacement = (0..<Int32(draft.typeIndices.count)).map { $0 }
    isWritten = Array(repeating: false, count: draft.nodes.count)
    isGroupWritten = Array(repeating: false, count: groups.count)
    for operand in draft.operands { isRead[Int(operand)] = true }
    markNeeded()
  }

  private mutating func markNeeded() {
    for root in draft.roots { isNeeded[Int(root)] = true }
    for (index, node) in draft.nodes.enumerated().reversed() {
      for operand in draft.operands[node.operands] {
        let producer = Int(groups.producers[Int(operand)])
        guard producer >= 0 else { continue }
        let isInside = groups.groups[producer] >= 0 && groups.groups[producer] == groups.groups[index]
        if !isInside || isApart(index) { isNeeded[Int(operand)] = true }
      }
    }
  }

  /// Whether a node of a group is also a node by itself: one that only shows another's elements, to readers outside.
  private func isApart(_ index: Int) -> Bool {
    !groups.kinds[index].isFunction && isNeeded[Int(draft.nodes[index].firstResult)]
  }

  // MARK: Order

  /// Nodes that cannot be fused stay in their order; the others come when one of these first needs them.
  mutating func run() {
    for (index, node) in draft.nodes.enumerated() {
      let isLazy = groups.kinds[index] != .none && isRead[Int(node.firstResult)]
      if !isLazy { write(unit(of: index)) }
    }
    for root in draft.roots where groups.producers[Int(root)] >= 0 {
      write(unit(of: Int(groups.producers[Int(root)])))
    }
    result.replaceRoots(replacement)
  }

  /// What computes a node's result for readers outside of its group.
  private func unit(of index: Int) -> Unit {
    let group = groups.groups[index]
    return group < 0 || isApart(index) ? .node(index) : .group(Int(group))
  }

  /// Writes a unit after all that it needs.
  private mutating func write(_ unit: Unit) {
    var pending: [(unit: Unit, isOpen: Bool)] = [(unit, false)]
    while let (unit, isOpen) = pending.popLast() {
      guard !isDone(unit) else { continue }
      if isOpen {
        finish(unit)
      } else {
        pending.append((unit, true))
        for operand in operands(of: unit).reversed() {
          let producer = Int(groups.producers[Int(operand)])
          if producer >= 0 { pending.append((self.unit(of: producer), false)) }
        }
      }
    }
  }

  private func isDone(_ unit: Unit) -> Bool {
    switch unit {
    case .node(let index): isWritten[index]
    case .group(let group): isGroupWritten[group]
    }
  }

  /// What a unit reads from other units.
  private func operands(of unit: Unit) -> [Int32] {
    switch unit {
    case .node(let index): return Array(draft.operands[draft.nodes[index].operands])
    case .group(let group):
      return members[group].flatMap { member in
        draft.operands[draft.nodes[Int(member)].operands].filter { !isInside(group, $0) }
      }
    }
  }

  private func isInside(_ group: Int, _ value: Int32) -> Bool {
    let producer = Int(groups.producers[Int(value)])
    return producer >= 0 && Int(groups.groups[producer]) == group
  }

  private mutating func finish(_ unit: Unit) {
    switch unit {
    case .node(let index):
      isWritten[index] = true
      var node = draft.nodes[index]
      node.firstOperand = Int32(result.operands.count)
      for operand in draft.operands[draft.nodes[index].operands] {
        result.operands.append(replacement[Int(operand)])
      }
      result.nodes.append(node)
    case .group(let group):
      isGroupWritten[group] = true
      append(group)
    }
  }

  // MARK: Groups

  private mutating func append(_ group: Int) {
    var writer = GroupWriter(draft, groups, members[group])
    let outputs = writer.run { isNeeded[Int($0)] }
    let firstOperand = Int32(result.operands.count)
    result.operands += writer.inputs.map { replacement[Int($0)] }
    let firstResult = Int32(result.typeIndices.count)
    for output in outputs { replacement[Int(output)] = result.addValue(sameAs: output) }
    result.nodes.append(
      Draft.Node(
        origin: draft.nodes[Int(members[group].last ?? 0)].origin, operation: operation(writer.program, outputs),
        firstOperand: firstOperand, operandCount: Int32(writer.inputs.count), firstResult: firstResult,
        resultCount: Int32(outputs.count), group: Int32(result.groups.count)))
    let all = members[group].filter { !isApart(Int($0)) }.map { draft.nodes[Int($0)] }
    result.groups.append(all.map { Plan.Member(node: $0.origin, operation: $0.operation) })
    result.statistics.fused += all.count
  }

  private mutating func operation(_ program: TileProgram, _ outputs: [Int32]) -> Int32 {
    let key = Key(program: program, types: outputs.map { draft.typeIndices[Int($0)] })
    if let known = operations[key] { return known }
    let index = Int32(result.operations.count)
    result.operations.append(FusedOperation(program, outputs.map { draft.type(of: $0) }))
    operations[key] = index
    return index
  }
}

/// Makes the program of one group.
private struct GroupWriter {
  private(set) var program: TileProgram
  /// The values that the program's inputs are.
  private(set) var inputs: [Int32] = []

  private let draft: Draft
  private let groups: FusionGroups
  private let members: [Int32]
  private let count: Int
  /// What stands for the values that were met.
  private var references: [Int32: TileProgram.Reference] = [:]
  private var repeated: [Repetition: TileProgram.Reference] = [:]

  private struct Repetition: Hashable {
    let value: Int32
    let input: TileProgram.Input
  }

  init(_ draft: Draft, _ groups: FusionGroups, _ members: [Int32]) {
    self.draft = draft
    self.groups = groups
    self.members = members
    count = members.first.map { groups.elementCount(draft.nodes[Int($0)].firstResult) } ?? 0
    program = TileProgram(count: count)
  }

  /// Writes all functions; gives the values of the outputs.
  mutating func run(isNeeded: (Int32) -> Bool) -> [Int32] {
    var outputs: [Int32] = []
    for member in members {
      let node = draft.nodes[Int(member)]
      let value = node.firstResult
      let shape = sizes(value)
      let operands = draft.operands[node.operands]
      switch groups.kinds[Int(member)] {
      case .none: continue
      case .view, .repetition:
        guard let operand = operands.first else { continue }
        references[value] = reference(operand, into: groups.kinds[Int(member)] == .view ? sizes(operand) : shape)
      case .function(let rule):
        references[value] = add(rule, value, operands.map { reference($0, into: shape) }, operands.last ?? value)
        if isNeeded(value), let step = references[value]?.step {
          program.keep(step)
          outputs.append(value)
        }
      }
    }
    return outputs
  }

  private mutating func add(
    _ rule: TileRule, _ value: Int32, _ operands: [TileProgram.Reference], _ last: Int32
  ) -> TileProgram.Reference {
    let function: TileProgram.Function =
      switch rule {
      case .map(let opcode): .map(opcode)
      case .cast, .repetition: .cast
      }
    return program.add(
      TileProgram.Step(function, operands, draft.type(of: last).dtype, into: draft.type(of: value).dtype))
  }

  private mutating func reference(_ value: Int32, into shape: [Int]) -> TileProgram.Reference {
    if let known = references[value] { return known }
    let input = TileProgram.Input(draft.type(of: value).dtype, sizes(value), into: shape)
    let key = Repetition(value: value, input: input)
    if let known = repeated[key] { return known }
    let reference = program.add(input)
    inputs.append(value)
    if input.isRepeated { repeated[key] = reference } else { references[value] = reference }
    return reference
  }

  private func sizes(_ value: Int32) -> [Int] { draft.type(of: value).shape.sizes ?? [] }
}
