/// The sizes of a convolution, and how it and its gradients are cut into blocks: by sizes alone.
///
/// The windows of an image are written side by side as columns, `depth` numbers each, so that a matrix product with the
/// filters gives the results: `y [outputs, windows] = filter [outputs, depth] · columns [depth, windows]`.
package struct ConvolutionPlan: Hashable, Sendable {
  package let geometry: WindowGeometry
  package let images: Int
  package let groups: Int
  /// The channels of one group, of `x` and of `y`.
  package let (inputs, outputs): (Int, Int)
  /// The length of the inner products.
  let depth: Int
  /// How many windows lie side by side at once.
  let windowsAtOnce: Int
  /// How many channels of a filter's gradient one block computes.
  let channelsAtOnce: Int

  /// - Parameters:
  ///   - inputs: the channels of `x` in a group.
  ///   - outputs: the channels of `y` in a group.
  /// - Returns: nil where a size is beyond what the library counts in.
  package init?(_ geometry: WindowGeometry, images: Int, groups: Int, inputs: Int, outputs: Int) {
    guard let depth = WindowGeometry.product([inputs, geometry.window]), outputs <= Int(Int32.max) else { return nil }
    self.geometry = geometry
    (self.images, self.groups) = (images, groups)
    (self.inputs, self.outputs) = (inputs, outputs)
    self.depth = depth
    // A quarter or half of the second-level cache.
    windowsAtOnce = max(1, min(geometry.output, max(16, (1 << 17) / max(depth, 1) / 16 * 16)))
    let cost = Double(images) * Double(geometry.output) * Double(outputs) * Double(geometry.window)
    let fitting = cost > 0 ? Int(min(Self.productsInBlock / cost, 1e6)) : inputs
    // Fewer than 64 columns leave the matrix product slow.
    channelsAtOnce = max(1, min(inputs, max(fitting, (64 + geometry.window - 1) / max(geometry.window, 1))))
  }

  /// About a tenth of a millisecond.
  private static let productsInBlock = 4e6

  /// How many numbers a block writes columns into.
  var columnCount: Int { depth * windowsAtOnce }

  /// The parts of one image's windows.
  var tiles: Int { (geometry.output + windowsAtOnce - 1) / windowsAtOnce }

  func windows(ofTile tile: Int) -> Range<Int> {
    tile * windowsAtOnce..<min((tile + 1) * windowsAtOnce, geometry.output)
  }

  /// Over the tiles of all images.
  var forwardBlocks: Blocks {
    let isEmpty = images == 0 || outputs == 0
    return Blocks(of: isEmpty ? 0 : images * tiles, each: fitting(windowsAtOnce * groups))
  }

  /// Over the groups of all images.
  var inputBlocks: Blocks {
    let isEmpty = images == 0 || inputs == 0 || geometry.input == 0
    return Blocks(of: isEmpty ? 0 : images * groups, each: fitting(geometry.output))
  }

  /// Over the parts of a filter's channels, of all groups.
  var filterBlocks: Blocks {
    let isEmpty = inputs == 0 || outputs == 0
    return Blocks(of: isEmpty ? 0 : groups * channelParts, each: 1)
  }

  var channelParts: Int { (inputs + channelsAtOnce - 1) / channelsAtOnce }

  private func fitting(_ windows: Int) -> Int {
    let cost = Double(windows) * Double(outputs) * Double(depth)
    return max(1, Int(min(Self.productsInBlock / max(cost, 1), 1e6)))
  }
}
