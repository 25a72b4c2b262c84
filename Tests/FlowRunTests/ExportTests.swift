import Foundation
import Testing

/// Weights in other programs' formats and layouts, and back.
struct ExportTests {
  /// The convolutional network after three steps, and its logits for the scans kept aside.
  private func workplace() throws -> Workplace {
    let place = try Workplace()
    try place.run("train", Workplace.sample("digits_conv.flow"), "--checkpoint", "c.h5", "--steps", "3", "-q")
    let data = "hdf5(\"\(Workplace.sample("data/digits.h5"))\", image: \"test/image\", label: \"test/label\")"
    let outcome = try place.run("run", "c.h5", "--data", data, "--fetch", "logits", "--output", "p.npz")
    try #require(outcome.code == 0, "\(outcome.errors)")
    return place
  }

  @Test func `every format brings the same weights back`() throws {
    let place = try workplace()
    let whole = try place.run("eval", "c.h5", "--json").output
    for (file, layout) in [
      ("a.npz", "flow"), ("a.safetensors", "flow"), ("t.safetensors", "torch"), ("t.npz", "torch"), ("a.h5", "flow"),
      ("k.weights.h5", "keras"), ("a.json", "flow"),
    ] {
      let written = try place.run("export", "c.h5", "-o", file, "--layout", layout)
      #expect(written.code == 0 && written.errors == "\(file): 16 tensors written\n")
      let read = try place.run("eval", Workplace.sample("digits_conv.flow"), "--weights", file, "--json", "-v")
      #expect(read.output == whole)
      #expect(read.errors.hasSuffix("\(file): 16 matched, 0 missing, 0 unused\n"), "\(read.errors)")
    }
    #expect(try place.run("run", "c.h5", "--expect", "p.npz", "--fetch", "logits").code == 1)
  }

  @Test func `one tensor, other names, and what cannot be said`() throws {
    let place = try workplace()
    #expect(try place.run("export", "c.h5", "-o", "w.npy", "--tensor", "logits.b").code == 0)
    #expect(try place.run("inspect", "w.npy", "--json").json()["tensors"] != nil)
    try place.write("# old new\nlogits.b  head.bias\n", "names")
    #expect(try place.run("export", "c.h5", "-o", "r.npz", "--rename", "names").code == 0)
    let partly = try place.run("eval", "c.h5", "--weights", "r.npz")
    #expect(partly.errors.hasPrefix("r.npz: nothing for logits.b: first values are used\nr.npz: not used: head.bias\n"))
    let cases: [(arguments: [String], code: Int32, message: String)] = [
      (["-o", "w.npy"], 65, "w.npy: cannot be written in this format: it holds one tensor, not 16"),
      (["-o", "w.xyz"], 64, "--output w.xyz: the format of the file is not known"),
      (["-o", "w.xyz"], 64, "known endings: .h5 .hdf5 .npy .npz .safetensors .csv .json .onnx\n"),
      (["-o", "w.csv", "--tensor", "logits.c"], 64, "--tensor: no tensor named 'logits.c'"),
      (["-o", "w.npz", "--rename", "none"], 66, "none: no such file"),
      (["-o", "no/w.npz"], 73, "no/w.npz: cannot create the file"),
    ]
    for row in cases {
      let process = try place.process(Workplace.program, ["export", "c.h5"] + row.arguments)
      try process.run()
      let outcome = try place.outcome(process)
      #expect(outcome.code == row.code && outcome.errors.contains(row.message), "\(outcome.errors)")
    }
    for (text, message) in [
      ("# old new\nlogits.x y\n", "names: line 2: there is no tensor 'logits.x' to rename"),
      ("logits.b a\n\nlogits.w\n", "names: line 3: 'logits.w' is not 'old new'"),
      ("logits.b a\nlogits.b c\n", "names: line 2: 'logits.b' is renamed twice"),
      ("logits.b a\nlogits.w a\n", "r.npz: cannot be written in this format: two tensors have the name 'a'"),
      ("logits.b ../a\n", "r.npz: cannot be written in this format: the name '../a' leads out of the file"),
    ] {
      try place.write(text, "names")
      let outcome = try place.run("export", "c.h5", "-o", "r.npz", "--rename", "names")
      #expect(outcome.code == 65 && outcome.errors.contains(message), "\(outcome.errors)")
    }
    try place.write("param a: f32[2] = ones\noutput y = sum(a)\n", "bare.flow")
    let bare = try place.run("export", "bare.flow", "-o", "k.weights.h5")
    #expect(bare.code == 65 && bare.errors.hasPrefix("bare.flow:1:7: error: the layout 'keras' has no place for 'a'"))
  }

  @Test func `tensors that do not fit are all told`() throws {
    let place = try workplace()
    try place.write(
      "input x: f32[2, 64] = zeros\nlogits = dense(x, units: 5)\nh = dense(logits, units: 3)\noutput h\n", "other.flow")
    try place.run("export", "c.h5", "-o", "t.safetensors", "--layout", "torch")
    let outcome = try place.run("run", "other.flow", "--weights", "t.safetensors")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors.contains(
        "'logits.weight' is f32[10, 64], but 'logits.w' with its axes in the order [1, 0] is f32[64, 5]"))
    #expect(outcome.errors.contains("'logits.bias' is f32[10], but 'logits.b' is f32[5]"))
  }

  @Test func `a file of tensors in another format keeps every bit`() throws {
    let place = try workplace()
    for (from, to) in [("c.h5", "a.npz"), ("a.npz", "b.safetensors"), ("b.safetensors", "c2.h5"), ("c2.h5", "d.npz")] {
      #expect(try place.run("convert", from, to).code == 0)
    }
    #expect(try place.bytes("a.npz") == place.bytes("d.npz"))
  }

  @Test(.enabled(if: Interpreter.has("torch", "safetensors")))
  func `PyTorch loads them and computes the same`() throws {
    let place = try workplace()
    try place.run("export", "c.h5", "-o", "t.safetensors", "--layout", "torch")
    let outcome = try Interpreter.run(
      """
      import numpy as np, torch, h5py
      from torch import nn
      from safetensors.torch import load_file
      class Block(nn.Module):
          def __init__(self, a, b):
              super().__init__()
              self.conv2d = nn.Conv2d(a, b, 3, padding=1)
              self.batch_norm = nn.BatchNorm2d(b)
          def forward(self, x): return torch.relu(self.batch_norm(self.conv2d(x)))
      class Dense(nn.Module):
          def __init__(self):
              super().__init__()
              self.dense = nn.Linear(512, 64)
          def forward(self, x): return torch.relu(self.dense(x))
      class Net(nn.Module):
          def __init__(self):
              super().__init__()
              self.c1, self.c2, self.h, self.logits = Block(1, 16), Block(16, 32), Dense(), nn.Linear(64, 10)
          def forward(self, x): return self.logits(self.h(nn.functional.max_pool2d(self.c2(self.c1(x)), 2).flatten(1)))
      net = Net()
      net.load_state_dict(load_file('t.safetensors'))
      net.eval()
      x = torch.tensor(h5py.File('\(Workplace.sample("data/digits.h5"))')['test/image'][()] / 16).float()
      y = net(x.reshape(-1, 1, 8, 8)).detach().numpy()
      assert np.abs(y - np.load('p.npz')['logits']).max() < 1e-4, np.abs(y - np.load('p.npz')['logits']).max()
      """, in: place)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test(.enabled(if: Interpreter.has("keras", "jax", "h5py")))
  func `Keras loads them and computes the same`() throws {
    let place = try workplace()
    try place.run("export", "c.h5", "-o", "k.weights.h5")
    let outcome = try Interpreter.run(
      """
      import os; os.environ['KERAS_BACKEND'] = 'jax'
      import keras, h5py, numpy as np
      from keras import layers as l
      norm = lambda: l.BatchNormalization(epsilon=1e-5)
      net = keras.Sequential([keras.Input((8, 8, 1)), l.Conv2D(16, 3, padding='same'), norm(), l.ReLU(),
          l.Conv2D(32, 3, padding='same'), norm(), l.ReLU(), l.MaxPool2D(2), l.Permute((3, 1, 2)), l.Flatten(),
          l.Dense(64, activation='relu'), l.Dense(10)])
      net.load_weights('k.weights.h5')
      x = h5py.File('\(Workplace.sample("data/digits.h5"))')['test/image'][()].reshape(-1, 8, 8, 1) / 16
      y = np.asarray(net(x.astype('f4'), training=False))
      assert np.abs(y - np.load('p.npz')['logits']).max() < 1e-4, np.abs(y - np.load('p.npz')['logits']).max()
      """, in: place)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }
}
