/// Which library computes a matrix product in single precision: by its sizes alone, never by trying, which would change bits.
///
/// Measured on one thread of an AVX-512 processor, in GFLOP/s; T marks a transposed operand.
///
/// | rows | columns | depth | OpenBLAS 0.3.21 | oneDNN 2.6.3 |
/// |---|---|---|---|---|
/// | 16 | 16 | 16 | 65 | 22 |
/// | 64 | 32 | 64 | 113 | 102 |
/// | 64 | 64 | 64 | 115 | 99 |
/// | 20 | 25 T | 576 | 106 | 42 |
/// | 128 | 10 | 128 | 71 | 49 |
/// | 128 | 128 T | 32 | 87 | 104 |
/// | 128 | 128 | 128 | 101 | 114 |
/// | 50 | 64 | 500 | 94 | 105 |
/// | 128 | 256 | 784 | 103 | 114 |
/// | 256 | 1024 | 4096 | 100 | 107 |
/// | 1024 T | 1024 | 256 | 99 | 111 |
/// | 8 | 1024 | 1024 | 49 | 107 |
/// | 1 | 1024 | 1024 | 8 | 39 |
enum ProductLibrary {
  case openBLAS, oneDNN

  init(rows: Int, columns: Int, depth: Int) {
    let products = Double(rows) * Double(columns) * Double(depth)
    let isLarge = products > 262_144
    let isNarrow = columns < 32 && rows > 8
    self = isLarge && !isNarrow ? .oneDNN : .openBLAS
  }
}
