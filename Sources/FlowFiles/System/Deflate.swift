/// What the packing method of gzip and zip can do.
enum Deflate {
  /// Whether so many bytes can come from packed ones, each of which makes at most 1,032.
  static func canUnpack(_ packed: Int, to count: Int) -> Bool { count / 1_032 <= packed }
}
