import FlowTensor

/// A window's place along each axis, by the definition alone.
struct NaiveWindows: Sendable {
  var stride: [Int]
  /// In front and behind.
  var padding: [(Int, Int)]
  var dilation: [Int]

  init(stride: [Int], padding: [(Int, Int)], dilation: [Int]? = nil) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation ?? stride.map { _ in 1 }
  }

  func outputs(_ image: [Int], _ window: [Int]) -> [Int] {
    image.indices.map { axis in
      let room = image[axis] + padding[axis].0 + padding[axis].1 - dilation[axis] * (window[axis] - 1) - 1
      return room / stride[axis] + 1
    }
  }

  /// Where an entry of a window lies in the image; nil in the padding.
  func place(_ output: [Int], _ entry: [Int], in image: [Int]) -> [Int]? {
    let place = image.indices.map { output[$0] * stride[$0] + entry[$0] * dilation[$0] - padding[$0].0 }
    return zip(place, image).allSatisfy { $0 >= 0 && $0 < $1 } ? place : nil
  }
}

extension Naive {
  /// Each number of a convolution, with the entries of images and filters that it sums the products of.
  private static func products(
    _ x: [Int], _ filter: [Int], _ windows: NaiveWindows, _ groups: Int,
    _ body: (_ y: Int, _ x: Int, _ filter: Int) -> Void
  ) {
    let (image, window) = (Array(x.dropFirst(2)), Array(filter.dropFirst(2)))
    let outputs = windows.outputs(image, window)
    let y = [x[0], filter[0]] + outputs
    for index in indices(y) {
      let group = index[1] / (filter[0] / groups)
      for channel in 0..<filter[1] {
        for entry in indices(window) {
          guard let place = windows.place(Array(index.dropFirst(2)), entry, in: image) else { continue }
          body(
            position(index, y), position([index[0], group * filter[1] + channel] + place, x),
            position([index[1], channel] + entry, filter))
        }
      }
    }
  }

  static func conv(_ windows: NaiveWindows, groups: Int = 1) -> OperationCase.Reference {
    { operands in
      let (x, filter) = (operands[0], operands[1])
      let sizes =
        [x.sizes[0], filter.sizes[0]] + windows.outputs(Array(x.sizes.dropFirst(2)), Array(filter.sizes.dropFirst(2)))
      let bias = operands.count > 2 ? operands[2].doubles : []
      var y = indices(sizes).map { bias.isEmpty ? 0 : bias[$0[1]] }
      let (a, b) = (x.doubles, filter.doubles)
      products(x.sizes, filter.sizes, windows, groups) { y[$0] += a[$1] * b[$2] }
      return y
    }
  }

  /// - Parameter x: the sizes of the images.
  static func convInput(_ windows: NaiveWindows, groups: Int = 1, x: [Int]) -> OperationCase.Reference {
    { operands in
      let (gradient, filter) = (operands[0].doubles, operands[1].doubles)
      let bias = operands.count > 2 ? operands[2].doubles : []
      var result = indices(x).map { bias.isEmpty ? 0 : bias[$0[1]] }
      products(x, operands[1].sizes, windows, groups) { result[$1] += gradient[$0] * filter[$2] }
      return result
    }
  }

  /// - Parameter filter: the sizes of the filters.
  static func convFilter(_ windows: NaiveWindows, groups: Int = 1, filter: [Int]) -> OperationCase.Reference {
    { operands in
      let (x, gradient) = (operands[0].doubles, operands[1].doubles)
      var result = [Double](repeating: 0, count: filter.reduce(1, *))
      products(operands[0].sizes, filter, windows, groups) { result[$2] += gradient[$0] * x[$1] }
      return result
    }
  }
}
