import FlowTensor

/// What one thread of this machine reaches.
///
/// SAFETY: the matrices have as many numbers as the product reads and writes, the workspace as many bytes as it wants.
package enum PeakRate {
  /// Arithmetic operations a second, in single precision: the best of a few products of 512 · 512 matrices.
  package static var measured: Double {
    let size = 512
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: GemmWorkspace.bytes(.f32, rows: size, columns: size, depth: size), alignment: 64)
    defer { workspace.deallocate() }
    let numbers = [Float](repeating: 0.5, count: size * size)
    var result = numbers
    let times = (0..<6).map { _ in
      ContinuousClock().measure {
        numbers.withUnsafeBufferPointer { numbers in
          result.withUnsafeMutableBufferPointer { result in
            guard let x = numbers.baseAddress, let y = result.baseAddress else { return }
            Float.run(
              Gemm(
                .init(address: x, stride: size), .init(address: x, stride: size), into: y, stride: size, rows: size,
                columns: size, depth: size, adds: false, workspace: workspace))
          }
        }
      }
    }
    return 2 * Double(size * size * size) / ((times.min() ?? .zero) / .seconds(1))
  }
}
