import FlowFiles

/// The first bytes of a shared library of Linux: enough to say what is wrong with one before it is loaded.
enum ELFHeader {
  /// The machines' numbers in the format.
  private static let machines = [3: "i386", 40: "arm", 62: "x86-64", 183: "arm64", 243: "riscv"]

  #if arch(x86_64)
    private static let machine = 62
  #elseif arch(arm64)
    private static let machine = 183
  #endif

  /// - Fails: where the file is no shared library, one of another machine, or cut off.
  static func check(_ path: String, fileSize: Int) throws(PluginFault) {
    #if os(Linux)
      let bytes: [UInt8]
      do {
        bytes = try FileBytes.prefix(64, of: path)
      } catch {
        throw PluginFault("missing-plugin", "\(path): \(error.message)")
      }
      guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
        throw PluginFault("not-a-library", "\(path): it is no shared library")
      }
      guard bytes.count == 64 else { throw PluginFault("truncated-plugin", "\(path): the library is cut off") }
      let number = Int(bytes[18]) | Int(bytes[19]) << 8
      guard bytes[4] == 2, bytes[5] == 1, number == machine else {
        throw PluginFault(
          "wrong-architecture",
          "\(path): the library is for \(machines[number] ?? "machine \(number)"), this program runs on \(machines[machine] ?? "")"
        )
      }
      guard bytes[16] == 3 else { throw PluginFault("not-a-library", "\(path): it is a program, not a shared library") }
      let sections = field(bytes, 40, 8)
      let end = sections &+ field(bytes, 58, 2) &* field(bytes, 60, 2)
      guard sections >= 0, end >= 0, end <= fileSize else {
        throw PluginFault("truncated-plugin", "\(path): the library is cut off: \(fileSize) bytes of \(end)")
      }
    #endif
  }

  private static func field(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
  }
}
