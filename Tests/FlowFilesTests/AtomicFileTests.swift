import Foundation
import Testing

@testable import FlowFiles

struct `Files replaced atomically` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
  }

  @Test(arguments: [0, 1, 100_000])
  func `a file is written, and written again`(_ count: Int) throws {
    for value in [UInt8(1), 2] {
      let bytes = [UInt8](repeating: value, count: count)
      try AtomicFile.write(bytes, to: folder.file("a.h5"))
      #expect(try folder.bytes("a.h5") == bytes)
      #expect(try FileBytes.read(folder.file("a.h5")) == bytes)
    }
    #expect(folder.names == ["a.h5"])
  }

  @Test func `the mode of a replaced file is kept`() throws {
    _ = try folder.write("old", "a")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.file("a"))
    try AtomicFile.write([1], to: folder.file("a"))
    #expect(try mode("a") == 0o640)
  }

  @Test func `behind a symbolic link its target is replaced`() throws {
    _ = try folder.write("old", "target")
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "target")
    try FileManager.default.createSymbolicLink(atPath: folder.file("new"), withDestinationPath: "made")
    try FileManager.default.createSymbolicLink(atPath: folder.file("loop"), withDestinationPath: "loop")
    try AtomicFile.write([7], to: folder.file("link"))
    try AtomicFile.write([8], to: folder.file("new"))
    #expect(try folder.bytes("target") == [7])
    #expect(try folder.bytes("made") == [8])
    #expect(fault { try AtomicFile.write([9], to: folder.file("loop")) }?.kind == .cannotCreate)
    #expect(folder.names == ["link", "loop", "made", "new", "target"])
  }

  @Test func `an existing file stays where it must not be replaced`() throws {
    try AtomicFile.write([1], to: folder.file("a"), replacing: false)
    #expect(fault { try AtomicFile.write([2], to: folder.file("a"), replacing: false) }?.fact == .exists)
    #expect(try folder.bytes("a") == [1])
    #expect(folder.names == ["a"])
  }

  @Test(arguments: ["/nowhere/at/all.h5", "/proc/a.h5", "", "/tmp", "/etc/passwd/a.h5", "a\0b"])
  func `a file that cannot be made is known before anything is written`(_ path: String) {
    #expect(fault { try AtomicFile.write([1], to: path) }?.kind == .cannotCreate)
    #expect(fault { try AtomicFile.checkWritable(path) }?.kind == .cannotCreate)
    #expect(!AtomicFile.isWritable(path))
  }

  @Test func `a name as long as names can be is written too`() throws {
    let name = String(repeating: "n", count: 252) + ".h5"
    try AtomicFile.write([1], to: folder.file(name))
    #expect(folder.names == [name])
    #expect(fault { try AtomicFile.write([1], to: folder.file(name + "x")) }?.kind == .cannotCreate)
  }

  @Test func `the probe leaves nothing`() throws {
    #expect(AtomicFile.isWritable(folder.file("a")))
    #expect(folder.names.isEmpty)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `what is no regular file is written directly, and a full device is an error`() throws {
    let error = fault { try AtomicFile.write([1], to: "/dev/full") }
    #expect(error?.exitCode == 74)
    #expect(error?.description == "/dev/full: input/output error: no space left on device")
    try AtomicFile.write([1], to: "/dev/null")
    #expect(FileManager.default.fileExists(atPath: "/dev/null"))
  }

  @Test func `on a full disk the old file stays, and nothing beside it`() throws {
    guard (try? run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path)) == 0 else {
      print("notice: no small disk can be mounted here, the test of a full one is skipped")
      return
    }
    defer { _ = try? run("umount", folder.path) }
    try AtomicFile.write([1, 2, 3], to: folder.file("a"))
    let error = fault { try AtomicFile.write([UInt8](repeating: 0, count: 1 << 20), to: folder.file("a")) }
    #expect(error?.kind == .inputOutput)
    #expect(try folder.bytes("a") == [1, 2, 3])
    #expect(folder.names == ["a"])
    try AtomicFile.write([4], to: folder.file("a"))
    #expect(try folder.bytes("a") == [4])
  }

  private func run(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = Pipe()
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func `reading says what is wrong`() throws {
    #expect(fault { _ = try FileBytes.read(folder.file("a")) }?.exitCode == 66)
    #expect(fault { _ = try FileBytes.read(folder.path) }?.message == "cannot read the file: is a directory")
    #expect(try FileBytes.read("/dev/null") == [])
    #expect(try FileBytes.read("/proc/self/stat").count > 10)
  }

  @Test func `the checksum is zlib's`() {
    #expect(crc32(of: Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(crc32(of: [UInt8]()) == 0)
  }
}
