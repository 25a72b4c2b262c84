import FlowTraining

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Graphviz's `dot`, as a program beside this one.
///
/// SAFETY: the strings of `arguments` and the actions are freed after the call that reads them; descriptors are closed once each.
enum Graphviz {
  /// Draws a picture from its description.
  ///
  /// - Fails: where there is no `dot`, or where it fails; what it says of that goes to standard error.
  static func draw(_ description: [UInt8], as format: String) throws(Failure) -> [UInt8] {
    var input: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    guard pipe(&input) == 0 else { throw failed("pipe", errno) }
    guard pipe(&output) == 0 else {
      for descriptor in input { close(descriptor) }
      throw failed("pipe", errno)
    }
    let child: pid_t
    do {
      child = try start(format, reading: input, writing: output)
    } catch {
      for descriptor in input + output { close(descriptor) }
      throw error
    }
    close(input[0])
    close(output[1])
    let picture = exchange(description, through: input[1], output[0])
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status == 0, !picture.isEmpty else {
      throw Failure(
        .internal, id: "dot-failed", "'dot' could not draw the graph",
        help: "-o file.dot writes what it was given, for 'dot -T\(format) file.dot'")
    }
    return picture
  }

  private static func start(_ format: String, reading input: [Int32], writing output: [Int32]) throws(Failure) -> pid_t
  {
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("dot"), strdup("-T\(format)"), nil]
    defer { for argument in arguments { free(argument) } }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    for descriptor in input + output { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var child: pid_t = 0
    let error = posix_spawnp(&child, "dot", &actions, nil, arguments, environ)
    guard error == 0 else {
      guard error == ENOENT else { throw failed("dot", error) }
      throw Failure(
        .missingInput, id: "no-graphviz", "there is no program 'dot' to draw with",
        help: "install Graphviz (apt-get install graphviz), or write -o file.dot, which needs none")
    }
    return child
  }

  /// Writes all of `bytes` and reads until the end, at once: a program may answer before it has read everything.
  private static func exchange(_ bytes: [UInt8], through writer: Int32, _ reader: Int32) -> [UInt8] {
    signal(SIGPIPE, SIG_IGN)
    _ = fcntl(writer, F_SETFL, O_NONBLOCK)
    var (written, isOpen) = (0, true)
    var picture: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var waiting = [
        pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen ? writer : -1, events: Int16(POLLOUT), revents: 0),
      ]
      if poll(&waiting, 2, -1) < 0 && errno == EINTR { continue }
      if waiting[1].revents != 0 {
        let count = bytes[written...].withUnsafeBytes { write(writer, $0.baseAddress, $0.count) }
        if count > 0 { written += count }
        if written == bytes.count || count < 0 && errno != EAGAIN && errno != EINTR {
          close(writer)
          isOpen = false
        }
      }
      guard waiting[0].revents != 0 else { continue }
      let count = read(reader, &buffer, buffer.count)
      if count > 0 { picture += buffer[..<count] }
      if count == 0 || count < 0 && errno != EINTR { break }
    }
    if isOpen { close(writer) }
    close(reader)
    return picture
  }

  private static func failed(_ what: String, _ error: Int32) -> Failure {
    Failure(.inputOutput, id: "input-output", "\(what): \(String(cString: strerror(error)))")
  }
}
