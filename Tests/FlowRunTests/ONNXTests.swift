import Foundation
import Testing

/// ONNX models hold what the graphs compute: valid, and the same numbers in another program.
struct ONNXTests {
  /// Every sample that needs no plugin.
  private static let samples: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Workplace.samples).sorted()) ?? []
    return names.filter { name in
      guard name.hasSuffix(".flow"), let text = try? String(contentsOfFile: Workplace.sample(name), encoding: .utf8)
      else {
        return false
      }
      return !text.contains("\nplugin ")
    }
  }()

  /// Operations of every family, on inputs with own values and a batch that may be any size.
  private static let operations = """
    input x: f32[n, 4] = [[0.5, -1.25, 2.5, 0.1], [-0.75, 3.5, -2.5, 0.0]]
    input p: f32[n, 4] = [[0.1, 0.2, 0.3, 0.4], [0.6, 0.7, 0.8, 0.95]]
    input d: f64[2, 3] = [[1.5, -2.25, 0.75], [0.5, 4.0, -3.0]]
    input i: i32[n] = [1, 3]
    input a: i64[2, 2] = [[7, -7], [5, -5]]
    input image: f32[1, 2, 5, 5] = reshape(arange(0, 50, dtype: f32) * 0.37 % 3.0, [1, 2, 5, 5])
    param w: f32[4, 3] = normal
    param k: f32[2, 2, 3, 3] = normal
    param table: f32[6, 4] = normal
    state s: f32[4] = ones

    basic = -x + abs(x) * sign(x) - square(x) / (1.5 + exp(-p)) + reciprocal(p) + maximum(x, p) - minimum(x, 0.2)
    powers = p ** 2.5 + sqrt(p) + rsqrt(p) + log(p) + log1p(p) + expm1(x)
    waves = sin(x) + cos(x) + tan(p) + asin(p) + acos(p) + atan(x) + sinh(x) + cosh(x) + tanh(x)
    more = asinh(x) + acosh(1 + p) + atanh(p) + erf(x) + sigmoid(x) + softplus(x) + gelu(x) + gelu_tanh(x) + relu(x)
    rounded = floor(x) + 2 * ceil(x) + 4 * round(x) + 8 * trunc(x)
    rest = x % p + floor_div(x, p)
    whole = floor_div(a, 2) * 100 + a % 3
    tests = where(x > p and not (x == 0), x, p) + cast(x != p or x <= 0 or x >= 1 or is_nan(x) or is_finite(x), f32)
    double = erf(d) + gelu(d) + tan(d) + softplus(d)
    sums = stack(sum(x), mean(x), max(x), min(x), prod(p), norm(x), sum_squares(x), logsumexp(x), variance(x), std(x))
    along = sum(x, axis: 0) + mean(x, axis: 0) + variance(x, axis: [0], keepdims: true)
    truth = cast(any(x > 2), f32) + cast(all(x > -9), f32)
    positions = argmax(x, axis: 1) * 100 + argmin(x, axis: 1)
    place = argmax(x)
    soft = softmax(x) + log_softmax(x, axis: 0)
    entropy = softmax_cross_entropy(x, i) + softmax_cross_entropy(x, softmax(p))
    slope = grad(softmax_cross_entropy(x, i), x)
    sorted = sort(x, descending: true) + cast(argsort(x), f32)
    best, where_best = top_k(x, k: 2)
    running = cumsum(x, axis: 1, exclusive: true, reverse: true)
    product = linear(x, w) + x @ w
    turned = transpose(w) @ transpose(x)
    named = einsum(x, w, equation: "nk,km->mn")
    flat = reshape(x, [-1]) * 2
    flatter = flatten(image)
    wide = broadcast_to(s, [3, 4]) + unsqueeze(s, axis: 0) + squeeze(unsqueeze(s, axis: 1))
    joined = concat(x, p, axis: 1)
    left, right = split(joined, sizes: [3, 5], axis: 1)
    padded = pad(x, [0, 1], after: [0, 2], value: 0.5)
    tiled = tile(x, [1, 2]) + repeat_elements(x, count: 2, axis: 1)
    triangles = triu(d @ transpose(d)) + tril(d @ transpose(d), offset: -1)
    moved = flip(x, axis: 1) + roll(x, shift: 1, axis: 1)
    parts = x[:, 1:3] + x[0, 2] + x[-1, ::-2]
    rows = gather(table, i) + one_hot(i, depth: 4) + table[0]
    picked = gather_along(x, unsqueeze(i, axis: 1), axis: 1)
    scattered = scatter_add(s, i, s[0:2] * 3, axis: 0)
    convolved = conv(image, k, padding: "same", stride: 2) + conv(image, k, padding: 1, stride: 2)
    grown = conv_transpose(image, k, stride: 2, padding: 1)
    pooled = max_pool(image, size: 2, stride: 1, padding: 0) + avg_pool(image, size: 2, stride: 1)
    resized = resize(image, size: [10, 7], mode: "nearest") + resize(image, size: [10, 7], mode: "linear")
    counted = arange(0, 4, dtype: f32) + linspace(0, 1, count: 4) + eye(shape: [4, 4]) + fill(2.5, shape: [4]) + x[0]
    sized = fill(dim(x, 0), shape: [2], dtype: f32) + cast(2 * dim(x, 0) + 1, f32)
    output slope, basic, powers, waves, more, rounded, rest, whole, tests, double, sums, along, truth, positions, place, soft,
           entropy, sorted, best, where_best, running, product, turned, named, flat, flatter, wide, left, right, padded, tiled,
           triangles, moved, parts, rows, picked, scattered, convolved, grown, pooled, resized, counted, sized

    """

  /// Compares a model's outputs with those of `run`, given what its inputs have no values for.
  private static let comparison = """
    import sys, os, glob, numpy as np, onnx, onnxruntime as ort, h5py
    ort.set_default_logger_severity(3)
    for path in sorted(glob.glob('*.onnx')):
        onnx.checker.check_model(path, full_check=True)
        session = ort.InferenceSession(path)
        want = np.load(path[:-5] + '.npz')
        feeds = {}
        if os.path.exists('scans.txt') and path.startswith('digits'):
            scans = h5py.File(open('scans.txt').read())['test']
            feeds = {i.name: scans[i.name][()] for i in session.get_inputs()}
        names = [o.name for o in session.get_outputs() if o.name in want]
        assert names
        for name, got in zip(names, session.run(names, feeds)):
            assert got.shape == want[name].shape and got.dtype == want[name].dtype, (path, name, got.shape, got.dtype)
            assert np.allclose(got, want[name], rtol=1e-5, atol=1e-5, equal_nan=True), (path, name, got, want[name])
    """

  @Test(.enabled(if: Interpreter.has("onnx", "onnxruntime", "h5py")))
  func `every sample is the same in onnxruntime`() throws {
    let place = try Workplace()
    let data = "hdf5(\"\(Workplace.sample("data/digits.h5"))\", image: \"test/image\", label: \"test/label\")"
    try place.write(Workplace.sample("data/digits.h5"), "scans.txt")
    var count = 0
    for sample in Self.samples {
      let name = String(sample.dropLast(5))
      // The scans all at once, which are 360, against batches of 32.
      let process = try place.process(
        Workplace.program,
        ["run", Workplace.sample(sample), "--output", "\(name).npz"]
          + (name.hasPrefix("digits") ? ["--data", data] : [])
      )
      try process.run()
      guard try place.outcome(process).code == 0 else { continue }
      count += 1
      let written = try place.run("export", Workplace.sample(sample), "-o", "\(name).onnx")
      #expect(written.code == 0, "\(sample): \(written.errors)")
    }
    #expect(count >= 14)
    let outcome = try Interpreter.run(Self.comparison, in: place)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test(.enabled(if: Interpreter.has("onnx", "onnxruntime", "h5py")))
  func `operations of every family are the same in onnxruntime`() throws {
    let place = try Workplace()
    try place.write(Self.operations, "many.flow")
    for arguments in [["export", "many.flow", "-o", "many.onnx"], ["run", "many.flow", "--output", "many.npz"]] {
      let process = try place.process(Workplace.program, arguments)
      try process.run()
      let outcome = try place.outcome(process)
      try #require(outcome.code == 0, "\(outcome.errors)")
    }
    let outcome = try Interpreter.run(Self.comparison, in: place)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test func `a model is inspected, and its weights are read as any others`() throws {
    let place = try Workplace()
    try place.write("input x: f32[n, 4]\nh = dense(x, units: 3)\ny = relu(2 * h)\noutput y\n", "m.flow")
    #expect(try place.run("export", "m.flow", "-o", "m.onnx").code == 0)
    let tree = try place.run("inspect", "m.onnx").output
    for line in [
      "operator_set: 18", "input x: f32[n, 4]", "output y: f32[n, 3]", "relu = Relu(mul)", "y = Identity(relu)", "h.",
      "  w  f32[4, 3]  48 bytes ", "2 tensors, 60 bytes",
    ] {
      #expect("\n\(tree)".contains("\n\(line)"), "\(line) in \(tree)")
    }
    let json = try place.run("inspect", "m.onnx", "--json").json()
    let nodes = try #require(json["nodes"] as? [[String: Any]])
    #expect(nodes.last?["operation"] as? String == "Identity" && nodes.last?["outputs"] as? [String] == ["y"])
    #expect(try place.run("inspect", "m.onnx", "--tensor", "h/b").output.hasPrefix("h/b: f32[3] = [0"))

    let feed = ["run", "m.flow", "--feed", "x=[[1, 2, 3, 4]]", "--json"]
    let (first, other) = (try place.run(feed), try place.run(feed + ["--seed", "5"]))
    let loaded = try place.run(feed + ["--seed", "5", "--weights", "m.onnx", "-v"])
    #expect(loaded.output == first.output && loaded.output != other.output)
    #expect(loaded.errors.hasSuffix("m.onnx: 2 matched, 0 missing, 0 unused\n"), "\(loaded.errors)")

    #expect(try place.run("convert", "m.onnx", "a.npz").code == 0)
    #expect(try place.run("diff", "m.onnx", "a.npz").output == "none of 2 tensors differs\n")
    let refused = try place.run("convert", "a.npz", "b.onnx")
    #expect(refused.code == 64 && refused.errors.contains("cannot be written in this format: ONNX is only read"))
  }

  @Test func `what no standard operator computes is named with its place`() throws {
    let place = try Workplace()
    try place.write("input x: f32[2, 2] = [[2, 0], [0, 3]]\ny = 2 * inverse(x)\noutput y\n", "m.flow")
    let outcome = try place.run("export", "m.flow", "-o", "m.onnx")
    #expect(outcome.code == 65 && !place.exists("m.onnx"))
    #expect(
      outcome.errors.hasPrefix(
        "m.flow:2:9: error: 'inverse' cannot be expressed in ONNX: no standard operators compute it [no-onnx]"),
      "\(outcome.errors)")
    try place.write("output y = uniform(shape: [2])\n", "r.flow")
    #expect(try place.run("export", "r.flow", "-o", "r.onnx").errors.contains("'uniform' cannot be expressed in ONNX"))
    #expect(try place.run("export", "m.flow", "-o", "m.onnx", "--layout", "torch").code == 64)
  }
}
