#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock with a condition that threads wait for.
///
/// SAFETY: both objects are made by `init` at addresses that do not move, and destroyed by `deinit`, when nobody holds them.
final class Monitor: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
  /// Gives the lock back, sleeps, and takes it again once woken, or for no reason.
  func wait() { pthread_cond_wait(condition, mutex) }
  func wakeOne() { pthread_cond_signal(condition) }
  func wakeAll() { pthread_cond_broadcast(condition) }
}

/// A thread of the operating system.
///
/// SAFETY: the body is handed over in a retained box, which the thread releases; `join` is called once.
struct SystemThread: @unchecked Sendable {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let handle: pthread_t

  /// What tells the calling thread from others.
  static var number: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }

  /// Starts a thread; nil where the system has none left.
  init?(_ run: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(run))
    var handle: pthread_t?
    #if canImport(Darwin)
      let status = pthread_create(&handle, nil, { Self.start($0) }, box.toOpaque())
    #else
      var number = pthread_t()
      let status = pthread_create(&number, nil, { $0.flatMap { Self.start($0) } }, box.toOpaque())
      handle = number
    #endif
    guard status == 0, let handle else {
      box.release()
      return nil
    }
    self.handle = handle
  }

  /// Waits for the thread's end.
  func join() { pthread_join(handle, nil) }

  private static func start(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
    return nil
  }

  /// Lets others run that wait for a core.
  static func yield() { sched_yield() }

  /// The cores that are there.
  static var coreCount: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
}
