import FlowGraph
import FlowTensor

/// Where the axis of a batch goes in the operands and the result of a convolution: into that of images or of channels.
struct ConvolutionFolds {
  struct Fold {
    let axis: Int
    /// Whether the axis holds groups, each of which gets the whole batch.
    let isGrouped: Bool
  }

  /// Where the first operand alone differs within the batch, and where the second does.
  private let first: (operand: Fold, result: Fold)
  private let second: (operand: Fold, result: Fold)

  private static let images = Fold(axis: 0, isGrouped: false)
  private static let filters = Fold(axis: 0, isGrouped: true)
  private static let ownChannels = Fold(axis: 1, isGrouped: false)
  private static let channels = Fold(axis: 1, isGrouped: true)

  static let forward = ConvolutionFolds(first: (images, images), second: (filters, channels))
  static let inputGradient = ConvolutionFolds(first: (images, images), second: (ownChannels, channels))
  static let filterGradient = ConvolutionFolds(first: (channels, ownChannels), second: (channels, filters))

  /// The result; nil where both operands differ, for then nothing is shared.
  fileprivate func adding<Body: ConvolutionOperation>(
    _ operation: Body, _ batch: BatchedCall, into result: Shape
  ) throws(OperationError) -> Value? {
    let groups = Dimension(operation.settings.groups)
    let inputs: [Value]
    let unfolded: Fold
    switch (batch.operands[0], batch.operands[1]) {
    case (.each(let a), .shared(let b)):
      inputs = [try batch.folded(a, first.operand, groups), b]
      unfolded = first.result
    case (.shared(let a), .each(let b)):
      inputs = [a, try batch.folded(b, second.operand, groups)]
      unfolded = second.result
    case (.each, .each): return nil
    case (.shared(let a), .shared(let b)): return try batch.call.builder.add(operation, [a, b])[0]
    }
    return try batch.unfolded(try batch.call.builder.add(operation, inputs)[0], unfolded, groups, result)
  }
}

extension BatchedCall {
  /// A convolution's result; its bias, where it has one, is added behind it.
  func addingConvolution<Body: ConvolutionOperation>(
    _ operation: Body, _ folds: ConvolutionFolds
  ) throws(OperationError) -> [BatchedValue]? {
    let shape = call.outputs[0].shape
    guard var y = try folds.adding(operation, self, into: shape) else { return nil }
    if operands.count > 2 {
      let ones = [Dimension](repeating: 1, count: shape.rank - 2)
      y = y + aligned(2, rank: shape.rank, as: Shape([shape[1]] + ones))
    }
    return [.each(y)]
  }

  /// An operation on images: all batches' images in one.
  func addingImages(_ operation: some Operation) throws(OperationError) -> [BatchedValue] {
    var inputs: [Value] = []
    for (index, input) in call.inputs.enumerated() {
      inputs.append(leading(index).reshaped(to: try imagesJoined(input.shape)))
    }
    return result(try call.builder.add(operation, inputs)[0])
  }

  private func imagesJoined(_ shape: Shape) throws(OperationError) -> Shape {
    Shape([try Convolve.product(size, shape[0])] + shape.dimensions.dropFirst())
  }

  /// A value without the batch's axis, which has gone into another.
  fileprivate func folded(
    _ value: Value, _ fold: ConvolutionFolds.Fold, _ groups: Dimension
  ) throws(OperationError) -> Value {
    let own = Shape(Array(value.shape.dimensions.dropFirst()))
    let parts = try parts(own, fold, groups)
    let order = Array(1..<parts.axis + 1) + [0] + Array(parts.axis + 1..<parts.shape.rank + 1)
    var joined = own
    joined.dimensions[fold.axis] = try Convolve.product(size, own[fold.axis])
    let split = value.reshaped(to: shape(parts.shape))
    return (parts.axis == 0 ? split : split.transposed(order)).reshaped(to: joined)
  }

  /// A result whose axis holds the batch, with the batch's axis in front.
  fileprivate func unfolded(
    _ value: Value, _ fold: ConvolutionFolds.Fold, _ groups: Dimension, _ own: Shape
  ) throws(OperationError) -> Value {
    let parts = try parts(own, fold, groups)
    var split = parts.shape
    split.dimensions.insert(size, at: parts.axis)
    let order = [parts.axis] + split.indices.filter { $0 != parts.axis }
    let apart = value.reshaped(to: split)
    return (parts.axis == 0 ? apart : apart.transposed(order)).reshaped(to: shape(own))
  }

  /// A shape with the folded axis parted into groups, and the place of the batch between them.
  private func parts(
    _ shape: Shape, _ fold: ConvolutionFolds.Fold, _ groups: Dimension
  ) throws(OperationError) -> (shape: Shape, axis: Int) {
    guard fold.isGrouped, groups != 1 else { return (shape, fold.axis) }
    guard let size = shape[fold.axis].divided(by: groups) else {
      throw .shapeMismatch("the channels of \(shape) in \(groups) groups are not known yet")
    }
    var parts = shape
    parts.dimensions.replaceSubrange(fold.axis...fold.axis, with: [groups, size])
    return (parts, fold.axis + 1)
  }
}
