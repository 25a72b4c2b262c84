import CFlowGuard
import FlowGraph
import FlowTensor
import Synchronization

/// A plugin's kernel that runs in a process of its own: what brings that down is an error here.
///
/// Inputs are copied into memory that both processes share, results out of it. The kernel runs all of its blocks there, one
/// after another.
final class IsolatedPluginKernel: Kernel {
  private let place: PluginPlace
  private let patience: Double
  private let desk: Mutex<WorkerDesk>

  init(
    _ kernel: any Kernel, _ inputs: [TensorType], _ outputs: [TensorType], _ place: PluginPlace, patience: Double
  ) throws(OperationError) {
    self.place = place
    self.patience = patience
    guard let desk = WorkerDesk(kernel, inputs, outputs) else {
      throw place.completed(OperationError(.pluginFailure, "no process can be started to run it in"))
    }
    self.desk = Mutex(desk)
  }

  func run(
    block: Int, inputs: TensorViews, outputs: MutableTensorViews, workspace: UnsafeMutableRawBufferPointer
  ) throws(OperationError) {
    try desk.withLock { desk throws(OperationError) in
      switch desk.serve(inputs, outputs, milliseconds: Int32(clamping: Int(patience * 1000))) {
      case .done: return
      case .failed(let error): throw error
      case .ended(let signal):
        let cause = signal == 0 ? "it ended its process" : "its process was stopped: \(signalName(signal))"
        throw place.completed(OperationError(.pluginFailure, cause))
      case .late:
        throw place.completed(
          OperationError(
            .pluginFailure, "it does not return within \(patience.formatted) s",
            help: "--plugin-timeout gives it longer"))
      }
    }
  }
}

/// What lies between the two processes.
///
/// SAFETY: the shared memory holds, in this order, the words of an error, the inputs and the outputs, each at the place that the
/// views of `WorkerSide` have, and lives until the worker has ended. One request runs at a time; while it does, only the worker
/// writes. The worker is a copy of this process made when nothing else uses the kernel, and runs nothing but it.
private final class WorkerDesk: @unchecked Sendable {
  enum Outcome {
    case done
    case failed(OperationError)
    case ended(signal: Int32)
    case late
  }

  private let side: WorkerSide
  private var worker = flow_guard_worker()
  private var isOpen = false

  /// nil where the system refuses memory or a process.
  init?(_ kernel: any Kernel, _ inputs: [TensorType], _ outputs: [TensorType]) {
    guard let side = WorkerSide(kernel, inputs, outputs) else { return nil }
    self.side = side
    let context = Unmanaged.passUnretained(side).toOpaque()
    let error = flow_guard_fork(
      { context in
        guard let context else { return WorkerSide.failed }
        return Unmanaged<WorkerSide>.fromOpaque(context).takeUnretainedValue().serve()
      }, context, &worker)
    guard error == 0 else { return nil }
    isOpen = true
  }

  deinit { if isOpen { flow_guard_end(&worker) } }

  func serve(_ inputs: TensorViews, _ outputs: MutableTensorViews, milliseconds: Int32) -> Outcome {
    guard isOpen else { return .ended(signal: 0) }
    for (index, target) in side.inputs.enumerated() {
      UnsafeMutableRawPointer(mutating: target.address).copyMemory(
        from: inputs[index].address, byteCount: target.count * target.dtype.byteCount)
    }
    var answer: Int32 = 0
    switch Int(flow_guard_ask(&worker, milliseconds, &answer)) {
    case FLOW_GUARD_ANSWERED: break
    case FLOW_GUARD_LATE:
      close()
      return .late
    default: return .ended(signal: close())
    }
    guard answer == WorkerSide.done else { return .failed(side.error) }
    for (index, source) in side.outputs.enumerated() {
      outputs[index].address.copyMemory(from: source.address, byteCount: source.count * source.dtype.byteCount)
    }
    return .done
  }

  @discardableResult
  private func close() -> Int32 {
    isOpen = false
    return flow_guard_end(&worker)
  }
}

/// The kernel with everything that a request needs, made before there are two processes.
///
/// SAFETY: see `WorkerDesk`. Views point into the shared memory and to sizes, both freed with the object.
private final class WorkerSide: @unchecked Sendable {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  private static let textBytes = 4096

  let inputs: [TensorView]
  let outputs: [MutableTensorView]
  private let kernel: any Kernel
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let sizes: UnsafeMutablePointer<Int>
  private let workspace: UnsafeMutableRawBufferPointer

  init?(_ kernel: any Kernel, _ inputs: [TensorType], _ outputs: [TensorType]) {
    let layout = (inputs + outputs).map { (type: $0, sizes: $0.shape.sizes ?? [], bytes: $0.byteCount ?? 0) }
    byteCount = layout.reduce(Self.textBytes) { $0 + ($1.bytes + 63) / 64 * 64 + 64 }
    guard let memory = flow_guard_share(UInt64(byteCount)) else { return nil }
    self.memory = memory
    self.kernel = kernel
    workspace = .allocate(byteCount: max(kernel.workspaceBytes, 1), alignment: 64)
    sizes = .allocate(capacity: max(layout.reduce(0) { $0 + $1.sizes.count }, 1))
    var (offset, next) = (Self.textBytes, sizes)
    var views: [MutableTensorView] = []
    for (type, own, bytes) in layout {
      next.initialize(from: own, count: own.count)
      views.append(
        MutableTensorView(
          address: memory + offset, dtype: type.dtype, sizes: next, rank: own.count, count: bytes / type.dtype.byteCount
        ))
      next += own.count
      offset += (bytes + 63) / 64 * 64 + 64
    }
    self.inputs = views.prefix(inputs.count).map {
      TensorView(
        address: $0.address, dtype: $0.dtype, sizes: $0.sizes, rank: $0.rank, count: $0.count)
    }
    self.outputs = Array(views.dropFirst(inputs.count))
  }

  deinit {
    flow_guard_unshare(memory, UInt64(byteCount))
    sizes.deallocate()
    workspace.deallocate()
  }

  /// In the worker: runs the kernel on what lies in the shared memory.
  func serve() -> Int32 {
    inputs.withUnsafeBufferPointer { inputs in
      outputs.withUnsafeBufferPointer { outputs in
        do throws(OperationError) {
          for block in 0..<kernel.blocks {
            try kernel.run(
              block: block, inputs: TensorViews(inputs.baseAddress, count: inputs.count),
              outputs: MutableTensorViews(outputs.baseAddress, count: outputs.count), workspace: workspace)
          }
          return Self.done
        } catch {
          leave(error)
          return Self.failed
        }
      }
    }
  }

  /// What the worker said of a kernel that failed.
  var error: OperationError {
    let bytes = UnsafeRawBufferPointer(start: memory, count: Self.textBytes)
    let parts = bytes.prefix { $0 != 0 }.split(separator: 0x1F, maxSplits: 2, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard parts.count == 3 else { return OperationError(.pluginFailure, "it failed without saying why") }
    return OperationError(
      OperationError.Kind(rawValue: parts[0]) ?? .pluginFailure, parts[1], help: parts[2].isEmpty ? nil : parts[2])
  }

  private func leave(_ error: OperationError) {
    let text = "\(error.kind.rawValue)\u{1F}\(error.message)\u{1F}\(error.help ?? "")"
    let bytes = Array(text.utf8.prefix(Self.textBytes - 1)) + [0]
    memory.copyMemory(from: bytes, byteCount: bytes.count)
  }
}
