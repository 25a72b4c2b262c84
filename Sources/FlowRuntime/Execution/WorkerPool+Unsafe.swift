import CCores
import Synchronization

/// Threads that run the tasks of one program at a time, as soon as what they wait for has run.
///
/// The thread that starts a run takes part in it. Whoever finds nothing to do spins for a moment, then sleeps.
///
/// SAFETY: `queue`, `run`, `failure`, `active`, `sleepers` and `isShutDown` are read and written under the monitor's lock only.
/// A thread uses a run's program between taking a piece and giving up `active`, and `perform` returns only when nobody is
/// active; so the program, its memory and workspaces outlive every use. Each worker's stack and workspace is its thread's own,
/// and is made larger only in `perform`, while nobody is active.
final class WorkerPool: @unchecked Sendable {
  private static let spinTime = Duration.microseconds(50)

  private let monitor = Monitor()
  private let options: Executor.Options
  private let workers: [Worker]
  private var threads: [SystemThread] = []

  private var queue = ReadyQueue()
  private var run: ProgramRun?
  private var failure: StepFailure?
  private var active = 0
  private var sleepers = 0
  private var isShutDown = false
  /// Pieces in the queue, for those that spin.
  private let available = Atomic<Int>(0)
  /// Tasks of the run that have not run yet.
  private let remaining = Atomic<Int>(0)
  private let hasFailed = Atomic<Bool>(false)
  private let isClosing = Atomic<Bool>(false)
  /// Where the thread that began the run is; -1 where nobody knows.
  private let callerCore = Atomic<Int32>(-1)
  /// Whether there are cores for all.
  private let hasCores: Bool

  /// - Parameters:
  ///   - threads: how many take part, the caller included.
  ///   - start: what each further thread calls first.
  init(threads: Int, options: Executor.Options, onStart start: @escaping @Sendable () -> Void) {
    self.options = options
    workers = (0..<threads).map { Worker(number: $0) }
    hasCores = threads <= SystemThread.coreCount
    // A new thread starts behind the one that made it, and may wait there for a tenth of a second while another core is idle.
    let core = flow_current_core()
    for worker in workers.dropFirst() {
      let thread = SystemThread { [self] in
        flow_settle(Int32(worker.number - 1), core)
        start()
        work(worker, isCaller: false)
      }
      if let thread { self.threads.append(thread) }
    }
  }

  /// Ends the threads.
  func shutDown() {
    monitor.lock()
    isShutDown = true
    isClosing.store(true, ordering: .releasing)
    monitor.wakeAll()
    monitor.unlock()
    for thread in threads { thread.join() }
  }

  /// Runs tasks of a program. One run at a time.
  func perform(_ program: Program, _ tasks: TaskTable) throws(StepFailure) {
    tasks.reset()
    callerCore.store(flow_current_core(), ordering: .relaxed)
    begin(ProgramRun(program: program, tasks: tasks))
    let caller = workers[0]
    if let run {
      for task in tasks.roots.reversed() { ready(task, run, caller) }
      drain(run, caller)
    }
    work(caller, isCaller: true)
    if let failure = end() { throw failure }
  }

  private func begin(_ run: ProgramRun) {
    monitor.lock()
    for worker in workers {
      worker.reserve(
        tasks: run.tasks.count, workspaceBytes: run.program.plan.statistics.workspaceBytes)
    }
    queue.reserveCapacity(run.tasks.count)
    self.run = run
    failure = nil
    remaining.store(run.tasks.count, ordering: .relaxed)
    hasFailed.store(false, ordering: .relaxed)
    monitor.unlock()
  }

  private func end() -> StepFailure? {
    monitor.lock()
    defer { monitor.unlock() }
    run = nil
    return failure
  }

  private var isOver: Bool {
    remaining.load(ordering: .acquiring) == 0 || hasFailed.load(ordering: .acquiring)
  }
}

// MARK: Threads

extension WorkerPool {
  /// Takes pieces until the run is over, for the thread that began it, or until the pool is shut down.
  private func work(_ worker: Worker, isCaller: Bool) {
    monitor.lock()
    while true {
      if let piece = queue.next(fromEnd: worker.number % 2 == 1), let run {
        take(piece, run, worker)
      } else if isDone(isCaller) {
        break
      } else {
        rest(isCaller)
      }
    }
    monitor.unlock()
  }

  private func isDone(_ isCaller: Bool) -> Bool { isCaller ? isOver && active == 0 : isShutDown }

  /// Runs a piece and what it frees; the lock is held before and after.
  private func take(_ piece: ReadyQueue.Piece, _ run: ProgramRun, _ worker: Worker) {
    available.store(queue.pieceCount, ordering: .relaxed)
    active += 1
    monitor.unlock()
    keepApart(worker)
    perform(piece, run, worker)
    drain(run, worker)
    monitor.lock()
    active -= 1
    if active == 0, isOver, sleepers > 0 { monitor.wakeAll() }
  }

  /// Leaves the core of the thread that began the run: a system may let two threads wait for each other there, a tenth of a
  /// second and more, while another core is idle.
  private func keepApart(_ worker: Worker) {
    guard hasCores else { return }
    let core = flow_current_core()
    if worker.number == 0 {
      callerCore.store(core, ordering: .relaxed)
    } else if core >= 0, core == callerCore.load(ordering: .relaxed), worker.mayMove() {
      flow_settle(Int32(worker.number - 1), core)
    }
  }

  /// Waits a moment for something to do; the lock is held before and after.
  private func rest(_ isCaller: Bool) {
    monitor.unlock()
    spin(isCaller)
    monitor.lock()
    guard queue.isEmpty, !isDone(isCaller) else { return }
    sleepers += 1
    monitor.wait()
    sleepers -= 1
  }

  private func spin(_ isCaller: Bool) {
    let deadline = ContinuousClock.now.advanced(by: Self.spinTime)
    repeat {
      for _ in 0..<16 {
        if available.load(ordering: .relaxed) > 0 { return }
        if isCaller ? isOver : isClosing.load(ordering: .relaxed) { return }
      }
      SystemThread.yield()
    } while ContinuousClock.now < deadline
  }
}

// MARK: Tasks

extension WorkerPool {
  private func perform(_ piece: ReadyQueue.Piece, _ run: ProgramRun, _ worker: Worker) {
    guard !hasFailed.load(ordering: .relaxed) else { return }
    let step = Int(run.tasks[piece.task].step)
    do throws(StepFailure) {
      try StepFailure.run(step, block: Int(piece.block), of: run.program, worker.workspace)
      guard run.tasks.resolvePiece(piece.task) else { return }
      try StepFailure.finish(step, of: run.program, options)
      complete(piece.task, run, worker)
    } catch {
      fail(error)
    }
  }

  /// Runs the cheap tasks that this thread has freed, and those that they free.
  private func drain(_ run: ProgramRun, _ worker: Worker) {
    while let task = worker.pop() {
      guard !hasFailed.load(ordering: .relaxed) else {
        worker.clear()
        break
      }
      let step = Int(run.tasks[task].step)
      do throws(StepFailure) {
        if step >= 0 { try StepFailure.run(step, of: run.program, worker.workspace, options) }
        complete(task, run, worker)
      } catch {
        fail(error)
      }
    }
    let resolved = worker.takeResolved()
    if resolved > 0 { remaining.subtract(resolved, ordering: .acquiringAndReleasing) }
  }

  private func complete(_ task: Int32, _ run: ProgramRun, _ worker: Worker) {
    worker.countResolved()
    let record = run.tasks[task]
    var position = record.firstSuccessor + record.successorCount
    while position > record.firstSuccessor {
      position -= 1
      let successor = run.tasks.successor(position)
      if run.tasks.resolve(successor) { ready(successor, run, worker) }
    }
  }

  private func ready(_ task: Int32, _ run: ProgramRun, _ worker: Worker) {
    let record = run.tasks[task]
    guard record.pieces > 0 else { return worker.push(task) }
    if record.pieces == 1, available.load(ordering: .relaxed) == 0, worker.keep(task) { return }
    monitor.lock()
    if !hasFailed.load(ordering: .relaxed) {
      queue.insert(task, blocks: record.pieces, priority: record.priority)
      available.store(queue.pieceCount, ordering: .relaxed)
      if sleepers > 0 { if record.pieces > 1 { monitor.wakeAll() } else { monitor.wakeOne() } }
    }
    monitor.unlock()
  }

  /// Stops the run; of several failures the first in the plan's order is told.
  private func fail(_ error: StepFailure) {
    monitor.lock()
    if failure.map({ error.step < $0.step }) ?? true { failure = error }
    hasFailed.store(true, ordering: .releasing)
    queue.removeAll()
    available.store(0, ordering: .relaxed)
    if sleepers > 0 { monitor.wakeAll() }
    monitor.unlock()
  }
}

/// What is being run.
private struct ProgramRun {
  let program: Program
  let tasks: TaskTable
}

/// What one thread has for itself: tasks that it has freed and will run, and a workspace.
///
/// SAFETY: used by its own thread, except for `reserve`, which is called while that thread has no piece.
private final class Worker: @unchecked Sendable {
  private(set) var workspace = OwnedMemory(byteCount: 0)
  private var stack = [Int32]()
  /// A dear task that nobody has to be told of, for this thread runs it next.
  private var kept: Int32?
  private var resolved = 0
  private var hasMoved = false
  /// 0 for the thread that begins runs.
  let number: Int

  init(number: Int) { self.number = number }

  /// True once a run, lest threads chase each other.
  func mayMove() -> Bool {
    defer { hasMoved = true }
    return !hasMoved
  }

  func reserve(tasks: Int, workspaceBytes: Int) {
    hasMoved = false
    stack.reserveCapacity(tasks)
    if workspace.byteCount < workspaceBytes { workspace = OwnedMemory(byteCount: workspaceBytes) }
  }

  func push(_ task: Int32) { stack.append(task) }

  /// Keeps a dear task for after the cheap ones; false where one is kept already.
  func keep(_ task: Int32) -> Bool {
    guard kept == nil else { return false }
    kept = task
    return true
  }

  func pop() -> Int32? {
    if let task = stack.popLast() { return task }
    defer { kept = nil }
    return kept
  }

  func clear() {
    stack.removeAll(keepingCapacity: true)
    kept = nil
  }

  func countResolved() { resolved += 1 }

  func takeResolved() -> Int {
    defer { resolved = 0 }
    return resolved
  }
}
