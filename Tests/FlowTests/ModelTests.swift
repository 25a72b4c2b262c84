import Flow
import Testing

#if canImport(Glibc)
  import Glibc
#endif

let samples = "\(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })/samples"

@Suite struct `A model` {
  @Test func `evaluates a file's outputs on what it is given`() throws {
    let model = try Model(contentsOf: "\(samples)/apples.flow")
    #expect(try model.run()["price"]?.doubles == [Double(Float(100) * 2 * 1.1)])
    #expect(try model.run(["count": Tensor(scalar: Float(3))])["price"]?.doubles == [Double(Float(100) * 3 * 1.1)])
  }

  @Test func `tells its inputs, parameters and outputs`() throws {
    let model = try Model(contentsOf: "\(samples)/digits.flow")
    #expect(model.inputs["image"]?.description == "u8[n, 64]")
    #expect(model.parameters.keys.sorted() == ["h.b", "h.w", "logits.b", "logits.w"])
    #expect(model.outputs["logits"]?.description == "f32[n, 10]")
  }

  @Test func `gives gradients`() throws {
    let (value, gradients) = try Model(contentsOf: "\(samples)/gates.flow").gradients()
    #expect(value.doubles == [-20])
    #expect(gradients.mapValues(\.doubles) == ["x": [-8], "y": [6], "z": [2], "w": [0]])
  }

  @Test func `trains, saves and takes the weights again`() throws {
    let path = "\(TemporaryFolder.path)/model-\(getpid()).h5"
    defer { unlink(path) }
    var model = try Model(contentsOf: "\(samples)/digits.flow")
    var losses: [Double] = []
    try model.train(epochs: 3, checkpoint: path) { epoch in
      losses.append(epoch.training.loss)
      return losses.count < 2
    }
    #expect(losses.count == 2 && losses[1] < losses[0])
    var other = try Model(contentsOf: "\(samples)/digits.flow")
    #expect(try other.run()["logits"] != model.run()["logits"])
    try other.loadWeights(from: path)
    #expect(try other.run()["logits"] == model.run()["logits"])
  }

  @Test func `says what is wrong and where`() throws {
    let model = try Model(contentsOf: "\(samples)/apples.flow")
    let error = #expect(throws: ModelError.self) { try model.run(fetching: ["prize"]) }
    #expect(error?.description.contains("did you mean 'price'?") == true)
    let missing = #expect(throws: ModelError.self) { try Model(contentsOf: "nothing.flow") }
    #expect(missing?.diagnostics.first?.id == "missing-file")
  }
}
