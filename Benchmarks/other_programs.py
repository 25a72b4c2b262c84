"""The work of Benchmarks/graphs in PyTorch ("torch", and "compiled" with torch.compile), JAX ("jax") and NumPy ("numpy").

usage: other_programs.py GRAPH PROGRAM STEPS THREADS      prints one JSON object: median and least microseconds, peak memory
"""
import json
import resource
import sys
import time

import numpy as np

GRAPH, PROGRAM, STEPS, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
WARMUP = 3
random = np.random.default_rng(7)


def measure(step):
    """Times a function that returns a number, which makes lazy programs finish."""
    times = []
    for index in range(WARMUP + STEPS):
        start = time.perf_counter()
        step()
        if index >= WARMUP:
            times.append(time.perf_counter() - start)
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"median_us": times[len(times) // 2] * 1e6, "min_us": times[0] * 1e6, "peak_rss_mb": round(peak)}))


# The perceptrons: sizes of layers, rows of a batch, activations of all layers but what the loss takes, and the loss.
PERCEPTRONS = {
    "xor": dict(sizes=(2, 8, 4, 1), rows=4, activations=("relu", "sigmoid", "sigmoid"), classes=False),
    "mlp": dict(sizes=(784, 256, 128, 10), rows=128, activations=("relu", "relu", None), classes=True),
    "hvp": dict(sizes=(784, 256, 128, 10), rows=128, activations=("relu", "relu", None), classes=True),
    "wide": dict(sizes=(1024, 4096, 4096, 1024), rows=256, activations=("relu", "relu", None), classes=False),
}


def perceptron_data(spec):
    x = random.random((spec["rows"], spec["sizes"][0]), dtype=np.float32)
    if spec["classes"]:
        return x, random.integers(0, spec["sizes"][-1], spec["rows"])
    return x, random.random((spec["rows"], spec["sizes"][-1]), dtype=np.float32)


def layers(spec):
    pairs = zip(spec["sizes"], spec["sizes"][1:])
    return [(random.normal(0, (2 / (a + b)) ** 0.5, (a, b)).astype("f4"), np.zeros(b, "f4")) for a, b in pairs]


def with_torch(compiled):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(THREADS)
    prepare = torch.compile if compiled else lambda function: function

    def train(model, optimizer, loss):
        loss = prepare(loss)

        def step():
            optimizer.zero_grad()
            value = loss()
            value.backward()
            optimizer.step()
            return value.item()

        measure(step)

    if GRAPH in PERCEPTRONS:
        spec = PERCEPTRONS[GRAPH]
        modules = []
        for a, b, activation in zip(spec["sizes"], spec["sizes"][1:], spec["activations"]):
            modules.append(nn.Linear(a, b))
            modules += {"relu": [nn.ReLU()], "sigmoid": [nn.Sigmoid()], None: []}[activation]
        model = nn.Sequential(*modules)
        x, target = map(torch.from_numpy, perceptron_data(spec))
        measure_loss = F.cross_entropy if spec["classes"] else F.mse_loss
        if GRAPH == "hvp":
            weight = model[0].weight
            direction = torch.randn_like(weight)

            def product():
                gradient, = torch.autograd.grad(measure_loss(model(x), target), weight, create_graph=True)
                result, = torch.autograd.grad((gradient * direction).sum(), weight)
                return result.sum().item()

            return measure(product)
        make = {"mlp": lambda p: torch.optim.Adam(p, lr=1e-3)}.get(GRAPH, lambda p: torch.optim.SGD(p, lr=0.01))
        return train(model, make(model.parameters()), lambda: measure_loss(model(x), target))
    if GRAPH == "lenet":
        model = nn.Sequential(
            nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10))
        x, target = torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        return train(model, optimizer, lambda: F.cross_entropy(model(x), target))
    if GRAPH == "gpt":
        width, heads, length, words, rows = 256, 8, 128, 1024, 8

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
                self.project, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
                self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

            def forward(self, x):
                parts = self.project(self.before(x)).chunk(3, dim=-1)
                q, k, v = (p.reshape(rows, length, heads, -1).transpose(1, 2) for p in parts)
                seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + self.join(seen.transpose(1, 2).reshape(rows, length, width))
                return x + self.narrow(F.gelu(self.widen(self.between(x)), approximate="tanh"))

        class Decoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.words, self.places = nn.Embedding(words, width), nn.Parameter(torch.zeros(length, width))
                self.blocks = nn.Sequential(*(Block() for _ in range(4)))
                self.last, self.head = nn.LayerNorm(width), nn.Linear(width, words, bias=False)

            def forward(self, tokens):
                return self.head(self.last(self.blocks(self.words(tokens) + self.places)))

        model = Decoder()
        tokens, following = torch.randint(0, words, (2, rows, length))
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, foreach=True)
        return train(
            model, optimizer, lambda: F.cross_entropy(model(tokens).reshape(-1, words), following.reshape(-1)))
    x = torch.rand(1 << 24)
    chain = prepare(lambda x: torch.tanh(torch.relu(x * 2 + 1) * (x - 0.5)) * 3 + x * x - x / (x + 2))
    measure(lambda: chain(x)[0].item())


def with_jax():
    import jax
    import jax.numpy as jnp

    if GRAPH == "chain":
        x = jnp.asarray(random.random(1 << 24, dtype=np.float32))
        chain = jax.jit(lambda x: jnp.tanh(jax.nn.relu(x * 2 + 1) * (x - 0.5)) * 3 + x * x - x / (x + 2))
        return measure(lambda: chain(x).block_until_ready())
    spec = PERCEPTRONS[GRAPH]
    x, target = map(jnp.asarray, perceptron_data(spec))
    parameters = jax.tree.map(jnp.asarray, layers(spec))
    functions = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, None: lambda x: x}

    def loss(parameters):
        y = x
        for (weight, bias), activation in zip(parameters, spec["activations"]):
            y = functions[activation](y @ weight + bias)
        if spec["classes"]:
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(y), target[:, None], axis=1))
        return jnp.mean((y - target) ** 2)

    if GRAPH == "hvp":
        direction = jnp.asarray(random.normal(size=parameters[0][0].shape), jnp.float32)
        of_weight = lambda weight: loss([(weight, parameters[0][1]), *parameters[1:]])
        product = jax.jit(lambda weight: jax.jvp(jax.grad(of_weight), (weight,), (direction,))[1])
        return measure(lambda: product(parameters[0][0]).sum().item())

    @jax.jit
    def descend(parameters):
        value, gradient = jax.value_and_grad(loss)(parameters)
        return value, jax.tree.map(lambda p, g: p - 0.01 * g, parameters, gradient)

    @jax.jit
    def adam(parameters, first, second, count):
        value, gradient = jax.value_and_grad(loss)(parameters)
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        scale, root = 1e-3 / (1 - 0.9 ** count), 1 - 0.999 ** count
        change = lambda p, m, v: p - scale * m / (jnp.sqrt(v / root) + 1e-8)
        return value, (jax.tree.map(change, parameters, first, second), first, second, count)

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = [(parameters, zeros, zeros, 0) if GRAPH == "mlp" else parameters]

    def step():
        value, state[0] = adam(*state[0]) if GRAPH == "mlp" else descend(state[0])
        return value.item()

    measure(step)


def with_numpy():
    if GRAPH == "chain":
        x = random.random(1 << 24, dtype=np.float32)
        return measure(lambda: np.tanh(np.maximum(x * 2 + 1, 0) * (x - np.float32(0.5))) * 3 + x * x - x / (x + 2))
    spec = PERCEPTRONS["xor"]
    x, target = perceptron_data(spec)
    parameters = layers(spec)

    def step():
        values = [x]
        for (weight, bias), activation in zip(parameters, spec["activations"]):
            y = values[-1] @ weight + bias
            values.append(np.maximum(y, 0) if activation == "relu" else 1 / (1 + np.exp(-y)))
        difference = values[-1] - target
        gradient = difference * (2 / difference.size)
        for index in reversed(range(len(parameters))):
            y = values[index + 1]
            gradient = gradient * (y > 0 if spec["activations"][index] == "relu" else y * (1 - y))
            weight, bias = parameters[index]
            back = gradient @ weight.T
            weight -= 0.01 * (values[index].T @ gradient)
            bias -= 0.01 * gradient.sum(axis=0)
            gradient = back
        return float((difference * difference).mean())

    measure(step)


if PROGRAM in ("torch", "compiled"):
    with_torch(PROGRAM == "compiled")
elif PROGRAM == "jax":
    with_jax()
else:
    with_numpy()
