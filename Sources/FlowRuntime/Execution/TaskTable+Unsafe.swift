import Synchronization

/// A schedule laid out for threads: for each task what it runs, who waits for it, and how many it still waits for.
///
/// SAFETY: all memory is allocated by `init` and freed by `deinit`. Everything but the two tables of counters is written by
/// `init` only; the counters are atomic, and `reset` while no thread runs.
final class TaskTable: @unchecked Sendable {
  /// What never changes about a task.
  struct Task {
    /// The step, -1 for a join.
    let step: Int32
    /// How many pieces it has in the queue; 0 where it is cheap and runs at once on the thread that freed it.
    let pieces: Int32
    let firstSuccessor: Int32
    let successorCount: Int32
    let openCount: Int32
    let priority: Int
  }

  let count: Int
  /// The tasks that wait for nothing, in order.
  let roots: [Int32]

  private let tasks: UnsafeMutablePointer<Task>
  private let successors: UnsafeMutablePointer<Int32>
  private let open: UnsafeMutablePointer<Atomic<Int32>>
  private let openPieces: UnsafeMutablePointer<Atomic<Int32>>

  init(_ plan: Plan, _ schedule: Schedule) {
    count = schedule.taskCount
    roots = schedule.openCounts.indices.filter { schedule.openCounts[$0] == 0 }.map { Int32($0) }
    tasks = .allocate(capacity: max(count, 1))
    open = .allocate(capacity: max(count, 1))
    openPieces = .allocate(capacity: max(count, 1))
    let all = schedule.openCounts.indices.flatMap { schedule.successors(of: $0) }
    successors = .allocate(capacity: max(all.count, 1))
    successors.initialize(from: all, count: all.count)
    var first: Int32 = 0
    for task in 0..<count {
      let step = schedule.nodes[task]
      let waiting = Int32(schedule.successors(of: task).count)
      let isDear = schedule.costs[task] >= Cost.dear
      let blocks = step < 0 ? 0 : plan.kernels[Int(plan.steps[Int(step)].kernel)].blocks
      (tasks + task).initialize(
        to: Task(
          step: step, pieces: isDear ? Int32(clamping: blocks) : 0, firstSuccessor: first, successorCount: waiting,
          openCount: schedule.openCounts[task], priority: schedule.priorities[task]))
      first += waiting
      (open + task).initialize(to: Atomic(0))
      (openPieces + task).initialize(to: Atomic(0))
    }
  }

  deinit {
    open.deinitialize(count: count)
    openPieces.deinitialize(count: count)
    for pointer in [open, openPieces] { pointer.deallocate() }
    tasks.deallocate()
    successors.deallocate()
  }

  subscript(task: Int32) -> Task { tasks[Int(task)] }

  func successor(_ position: Int32) -> Int32 { successors[Int(position)] }

  /// Makes every task wait for all that it waits for.
  func reset() {
    for task in 0..<count {
      open[task].store(tasks[task].openCount, ordering: .relaxed)
      openPieces[task].store(tasks[task].pieces, ordering: .relaxed)
    }
  }

  /// Notes that one of those that `task` waits for has run; whether it was the last.
  func resolve(_ task: Int32) -> Bool {
    open[Int(task)].subtract(1, ordering: .acquiringAndReleasing).newValue == 0
  }

  /// Notes that a piece of `task` has run; whether it was the last.
  func resolvePiece(_ task: Int32) -> Bool {
    openPieces[Int(task)].subtract(1, ordering: .acquiringAndReleasing).newValue == 0
  }
}
