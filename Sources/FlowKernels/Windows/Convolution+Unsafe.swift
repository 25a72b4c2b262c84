package import FlowTensor

/// A convolution of fixed sizes and its gradients: windows as columns, and matrix products on blocks; many small images in
/// single precision by lanes.
///
/// The one place that chooses how to convolve.
///
/// SAFETY: addresses come from views of the sizes that the plan was made from; blocks write disjoint parts of the result;
/// the workspace has the bytes that the kernel asked for.
package struct Convolution: Sendable {
  package enum Part: Sendable {
    /// `x, filter, bias? → y`
    case forward
    /// `ȳ, filter, bias? → x̄`
    case inputGradient
    /// `x, ȳ → filter̄`
    case filterGradient
  }

  package let plan: ConvolutionPlan
  private let blocks: Blocks
  private let part: Part
  private let columns: ImageColumns
  private let lanes: LaneConvolution?
  private let dtype: DType

  /// - Parameter dtype: f32 or f64.
  package init(_ plan: ConvolutionPlan, _ part: Part, _ dtype: DType) {
    self.plan = plan
    self.part = part
    self.dtype = dtype
    lanes = dtype == .f32 ? LaneConvolution(plan, part) : nil
    columns = ImageColumns(geometry: plan.geometry)
    blocks =
      switch part {
      case .forward: plan.forwardBlocks
      case .inputGradient: plan.inputBlocks
      case .filterGradient: plan.filterBlocks
      }
  }

  package var blockCount: Int { lanes?.blocks ?? blocks.count }

  package var workspaceBytes: Int {
    if let lanes { return lanes.workspaceCount * dtype.byteCount }
    return plan.columnCount * dtype.byteCount + productBytes
  }

  /// The largest that one of the products wants.
  private var productBytes: Int {
    let most = max(plan.windowsAtOnce, plan.channelsAtOnce * plan.geometry.window)
    return GemmWorkspace.bytes(
      dtype, rows: max(plan.outputs, plan.depth), columns: most,
      depth: max(plan.depth, plan.outputs, plan.windowsAtOnce))
  }

  /// Behind the columns.
  private func productWorkspace<Number>(_ matrix: UnsafeMutablePointer<Number>) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(matrix + plan.columnCount)
  }

  package func run(
    block: Int, _ inputs: TensorViews, into output: MutableTensorView, workspace: UnsafeMutableRawPointer
  ) {
    if let lanes {
      let bias = inputs.count > 2 ? inputs[2].address.assumingMemoryBound(to: Float.self) : nil
      lanes.run(
        block: block, inputs[0].address.assumingMemoryBound(to: Float.self),
        inputs[1].address.assumingMemoryBound(to: Float.self), bias,
        output.address.assumingMemoryBound(to: Float.self),
        workspace.bindMemory(to: Float.self, capacity: lanes.workspaceCount))
    } else if output.dtype == .f64 {
      run(Double.self, block, inputs, output, workspace)
    } else {
      run(Float.self, block, inputs, output, workspace)
    }
  }

  private func run<Number: GemmNumber>(
    _ type: Number.Type, _ block: Int, _ inputs: TensorViews, _ output: MutableTensorView,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let a = inputs[0].address.assumingMemoryBound(to: Number.self)
    let b = inputs[1].address.assumingMemoryBound(to: Number.self)
    let bias = inputs.count > 2 ? inputs[2].address.assumingMemoryBound(to: Number.self) : nil
    let result = output.address.assumingMemoryBound(to: Number.self)
    let matrix = workspace.bindMemory(to: Number.self, capacity: plan.columnCount)
    for unit in blocks[block] {
      switch part {
      case .forward: forward(unit, a, b, bias, result, matrix)
      case .inputGradient: inputGradient(unit, a, b, bias, result, matrix)
      case .filterGradient: filterGradient(unit, a, b, result, matrix)
      }
    }
  }

  /// One tile of one image.
  private func forward<Number: GemmNumber>(
    _ unit: Int, _ x: UnsafePointer<Number>, _ filter: UnsafePointer<Number>, _ bias: UnsafePointer<Number>?,
    _ y: UnsafeMutablePointer<Number>, _ matrix: UnsafeMutablePointer<Number>
  ) {
    let (image, tile) = unit.quotientAndRemainder(dividingBy: plan.tiles)
    let windows = plan.windows(ofTile: tile)
    for group in 0..<plan.groups {
      let unit = image * plan.groups + group
      let result = y + unit * plan.outputs * plan.geometry.output + windows.lowerBound
      for output in 0..<plan.outputs {
        let start = bias.map { $0[group * plan.outputs + output] } ?? 0
        (result + output * plan.geometry.output).update(repeating: start, count: windows.count)
      }
      guard plan.depth > 0 else { continue }
      columns.gather(
        x + unit * plan.inputs * plan.geometry.input, channels: plan.inputs, windows: windows, into: matrix)
      Number.run(
        Gemm(
          .init(address: filter + group * plan.outputs * plan.depth, stride: plan.depth),
          .init(address: matrix, stride: windows.count), into: result, stride: plan.geometry.output,
          rows: plan.outputs, columns: windows.count, depth: plan.depth, adds: true,
          workspace: productWorkspace(matrix)))
    }
  }

  /// One group of one image.
  private func inputGradient<Number: GemmNumber>(
    _ unit: Int, _ gradient: UnsafePointer<Number>, _ filter: UnsafePointer<Number>, _ bias: UnsafePointer<Number>?,
    _ result: UnsafeMutablePointer<Number>, _ matrix: UnsafeMutablePointer<Number>
  ) {
    let group = unit % plan.groups
    let image = result + unit * plan.inputs * plan.geometry.input
    for input in 0..<plan.inputs {
      let start = bias.map { $0[group * plan.inputs + input] } ?? 0
      (image + input * plan.geometry.input).update(repeating: start, count: plan.geometry.input)
    }
    guard plan.depth > 0, plan.outputs > 0 else { return }
    for tile in 0..<plan.tiles {
      let windows = plan.windows(ofTile: tile)
      let part = gradient + unit * plan.outputs * plan.geometry.output + windows.lowerBound
      Number.run(
        Gemm(
          .init(address: filter + group * plan.outputs * plan.depth, stride: plan.depth, isTransposed: true),
          .init(address: part, stride: plan.geometry.output), into: matrix, stride: windows.count, rows: plan.depth,
          columns: windows.count, depth: plan.outputs, adds: false, workspace: productWorkspace(matrix)))
      columns.scatterAdd(matrix, channels: plan.inputs, windows: windows, into: image)
    }
  }

  /// A part of one group's channels, over all images in order.
  private func filterGradient<Number: GemmNumber>(
    _ unit: Int, _ x: UnsafePointer<Number>, _ gradient: UnsafePointer<Number>,
    _ result: UnsafeMutablePointer<Number>, _ matrix: UnsafeMutablePointer<Number>
  ) {
    let (group, part) = unit.quotientAndRemainder(dividingBy: plan.channelParts)
    let first = part * plan.channelsAtOnce
    let channels = min(plan.channelsAtOnce, plan.inputs - first)
    let rows = channels * plan.geometry.window
    let filter = result + group * plan.outputs * plan.depth + first * plan.geometry.window
    for output in 0..<plan.outputs { (filter + output * plan.depth).update(repeating: 0, count: rows) }
    guard plan.tiles > 0, rows > 0 else { return }
    for image in 0..<plan.images {
      let unit = image * plan.groups + group
      for tile in 0..<plan.tiles {
        let windows = plan.windows(ofTile: tile)
        columns.gather(
          x + (unit * plan.inputs + first) * plan.geometry.input, channels: channels, windows: windows, into: matrix)
        let part = gradient + unit * plan.outputs * plan.geometry.output + windows.lowerBound
        Number.run(
          Gemm(
            .init(address: part, stride: plan.geometry.output),
            .init(address: matrix, stride: windows.count, isTransposed: true), into: filter, stride: plan.depth,
            rows: plan.outputs, columns: rows, depth: windows.count, adds: true, workspace: productWorkspace(matrix)))
      }
    }
  }
}
