"""What JAX calls the rows of pytorch_rows.py: functions by expression, and for plain calls by name."""

import jax
import jax.numpy as jnp
from jax import lax, nn

jax.config.update("jax_enable_x64", True)


def convolve(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Of images [n, c, ...] with filters [o, c, ...], as the language has them."""
    axes = x.ndim - 2
    each = lambda value: tuple(value) if isinstance(value, (list, tuple)) else (value,) * axes
    margins = padding if isinstance(padding, str) else [(p, p) if isinstance(p, int) else p for p in each(padding)]
    names = ("NCHWD"[:axes + 2], "OIHWD"[:axes + 2], "NCHWD"[:axes + 2])
    y = lax.conv_general_dilated(
        x, w, each(stride), margins, rhs_dilation=each(dilation), dimension_numbers=names, feature_group_count=groups)
    return y if bias is None else y + bias.reshape((-1,) + (1,) * axes)


def convolve_transposed(x, w, bias=None, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """The gradient of the convolution whose filters are [c, o / groups, ...], for its images."""
    axes = x.ndim - 2
    each = lambda value: tuple(value) if isinstance(value, (list, tuple)) else (value,) * axes
    strides, margins, more, holes = each(stride), each(padding), each(output_padding), each(dilation)
    sizes = [
        (n - 1) * s - 2 * p + d * (k - 1) + 1 + o
        for n, k, s, p, o, d in zip(x.shape[2:], w.shape[2:], strides, margins, more, holes)]
    images = jnp.zeros((x.shape[0], w.shape[1] * groups, *sizes), x.dtype)
    _, pull = jax.vjp(lambda z: convolve(z, w, None, stride, padding, dilation, groups), images)
    y = pull(x)[0]
    return y if bias is None else y + bias.reshape((-1,) + (1,) * axes)


def pool(x, size, stride=None, padding=0, largest=True):
    axes = x.ndim - 2
    each = lambda value: tuple(value) if isinstance(value, (list, tuple)) else (value,) * axes
    window, steps = (1, 1) + each(size), (1, 1) + each(stride or size)
    margins = [(0, 0), (0, 0)] + [(p, p) for p in each(padding)]
    if largest:
        return lax.reduce_window(x, -jnp.inf, lax.max, window, steps, margins)
    return lax.reduce_window(x, 0.0, lax.add, window, steps, margins)


def normalized(x, axes, epsilon=1e-5):
    return (x - x.mean(axes, keepdims=True)) / jnp.sqrt(x.var(axes, keepdims=True) + epsilon)


def channels(v, x):
    return v.reshape((-1,) + (1,) * (x.ndim - 2))


def grouped(x, groups):
    return normalized(x.reshape(x.shape[0], groups, -1), -1).reshape(x.shape)


def attend(q, k, v, mask=None, scale=None):
    scores = q @ jnp.swapaxes(k, -1, -2) * (scale or q.shape[-1] ** -0.5)
    if mask is not None:
        scores = jnp.where(mask, scores, -jnp.inf) if mask.dtype == bool else scores + mask
    return nn.softmax(scores, -1) @ v


def heads(count, causal=False):
    def function(x, *weights):
        (n, t, d), half = x.shape, len(weights) == 8
        parts = [weights[2 * i:2 * i + 2] if half else (weights[i], 0) for i in range(4)]
        split = lambda y: y.reshape(n, t, count, d // count).transpose(0, 2, 1, 3)
        q, k, v = [split(x @ w + b) for w, b in parts[:3]]
        mask = jnp.tril(jnp.ones((t, t), bool)) if causal else None
        y = attend(q, k, v, mask).transpose(0, 2, 1, 3).reshape(n, t, d)
        return y @ parts[3][0] + parts[3][1]
    return function


def rnn(x, w, u, b=0.0):
    def step(h, row):
        h = jnp.tanh(row + h @ u)
        return h, h
    return lax.scan(step, jnp.zeros((x.shape[1], u.shape[0])), x @ w + b)[1]


def gru(x, w, u, b=0.0, c=0.0):
    def step(h, row):
        (xr, xz, xn), (hr, hz, hn) = jnp.split(row, 3, -1), jnp.split(h @ u + c, 3, -1)
        z = nn.sigmoid(xz + hz)
        h = (1 - z) * jnp.tanh(xn + nn.sigmoid(xr + hr) * hn) + z * h
        return h, h
    return lax.scan(step, jnp.zeros((x.shape[1], u.shape[0])), x @ w + b)[1]


def lstm(x, w, u, b=0.0):
    def step(carry, row):
        h, cell = carry
        i, f, g, o = jnp.split(row + h @ u, 4, -1)
        cell = nn.sigmoid(f) * cell + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(cell)
        return (h, cell), h
    start = jnp.zeros((x.shape[1], u.shape[0]))
    return lax.scan(step, (start, start), x @ w + b)[1]


def cross_entropy(x, y):
    target = nn.one_hot(y, x.shape[-1]) if jnp.issubdtype(y.dtype, jnp.integer) else y
    return -(target * nn.log_softmax(x)).sum(-1).mean()


# Expressions `name(x)` or `name(x, y)`.
BY_NAME = {
    **{name: getattr(jnp, name) for name in (
        "exp expm1 log log1p sqrt square reciprocal sin cos tan sinh cosh tanh abs sign floor ceil round trunc zeros_like "
        "ones_like trace prod mean maximum minimum outer dot argmax").split()},
    "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan, "asinh": jnp.arcsinh, "acosh": jnp.arccosh,
    "atanh": jnp.arctanh, "rsqrt": lax.rsqrt, "erf": jax.scipy.special.erf, "atan2": jnp.arctan2,
    "sigmoid": nn.sigmoid, "softplus": nn.softplus, "softsign": nn.soft_sign, "relu": nn.relu,
    "leaky_relu": nn.leaky_relu, "elu": nn.elu, "selu": nn.selu, "silu": nn.silu, "mish": nn.mish,
    "gelu": lambda x: nn.gelu(x, approximate=False), "gelu_tanh": nn.gelu, "hard_sigmoid": nn.hard_sigmoid,
    "hard_swish": nn.hard_swish, "softmax": nn.softmax, "log_softmax": nn.log_softmax,
    "logsumexp": jax.scipy.special.logsumexp, "max": jnp.max, "min": jnp.min, "norm": jnp.linalg.norm,
    "inverse": jnp.linalg.inv, "logdet": lambda x: jnp.linalg.slogdet(x)[1],
    "cholesky": jnp.linalg.cholesky, "linear": lambda x, w, b: x @ w + b, "floor_div": jnp.floor_divide,
    "mse": lambda x, y: ((x - y) ** 2).mean(), "mae": lambda x, y: jnp.abs(x - y).mean(),
    "sigmoid_cross_entropy": lambda x, y: ((1 - y) * x + jnp.logaddexp(0, -x)).mean(),
    "softmax_cross_entropy": cross_entropy, "hinge": lambda x, y: nn.relu(1 - y * x).mean(),
    "identity": lambda x: x, "gradient_reverse": lambda x: 2 * lax.stop_gradient(x) - x,
    "flatten": lambda x: x.reshape(x.shape[0], -1), "attention": attend, "conv": convolve,
    "global_avg_pool": lambda x: x.mean((2, 3), keepdims=True), "global_max_pool": lambda x: x.max((2, 3), keepdims=True),
    "rms_normalization": lambda x, w: x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w,
    "layer_normalization": lambda x, w, b: normalized(x, -1) * w + b,
    "instance_normalization": lambda x, w, b: normalized(x, (2, 3)) * channels(w, x) + channels(b, x),
    "batch_normalization": lambda x, w, b, m, v:
        (x - channels(m, x)) / jnp.sqrt(channels(v, x) + 1e-5) * channels(w, x) + channels(b, x),
    "accuracy": lambda x, y: (x.argmax(-1) == y).astype(float).mean(),
    "layer_norm": lambda x, w, b: normalized(x, -1) * w + b,
    "rms_norm": lambda x, w: x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w,
    "solve": lambda a, b: jnp.linalg.solve(a, b),
    "triangular_solve": lambda a, b: jax.scipy.linalg.solve_triangular(a, b, lower=True),
}

BY_EXPRESSION = {
    "celu(x, alpha: 0.5)": lambda x: nn.celu(x, 0.5), "clip(x, low: -1, high: 1)": lambda x: jnp.clip(x, -1, 1),
    "x ** y": jnp.power, "x % y": jnp.remainder, "x @ transpose(y)": lambda x, y: x @ y.T, "x @ y": jnp.matmul,
    "x + y": jnp.add, "x - y": jnp.subtract, "x * y": jnp.multiply, "x / y": jnp.divide, "-x": jnp.negative,
    "x == y": jnp.equal, "x != y": jnp.not_equal, "x < y": jnp.less, "x <= y": jnp.less_equal, "x > y": jnp.greater,
    "x >= y": jnp.greater_equal, "x > 0 and y > 0": lambda x, y: (x > 0) & (y > 0),
    "x > 0 or y > 0": lambda x, y: (x > 0) | (y > 0), "xor(x > 0, y > 0)": lambda x, y: (x > 0) ^ (y > 0),
    "not (x > 0)": lambda x: ~(x > 0), "where(x > y, x * x, y)": lambda x, y: jnp.where(x > y, x * x, y),
    "is_nan(x / x)": lambda x: jnp.isnan(x / x), "is_inf(1 / x)": lambda x: jnp.isinf(1 / x),
    "is_finite(1 / x)": lambda x: jnp.isfinite(1 / x), "cast(x, dtype: i32)": lambda x: x.astype(jnp.int32),
    "x * stop_gradient(x)": lambda x: x * lax.stop_gradient(x),
    "arange(1, 9, 3, dtype: f64) + x": lambda x: jnp.arange(1, 9, 3) + x,
    "linspace(-1, 1, 6, dtype: f64) + x": lambda x: jnp.linspace(-1, 1, 6) + x,
    "eye([2, 3], dtype: f64) * x": lambda x: jnp.eye(2, 3) * x,
    "gradient_scale(x, by: 0.3)": lambda x: 0.3 * x + 0.7 * lax.stop_gradient(x),
    "huber(x, y)": lambda x, y: jnp.where(abs(x - y) <= 1, 0.5 * (x - y) ** 2, abs(x - y) - 0.5).mean(),
    "huber(x, y, delta: 0.6)":
        lambda x, y: jnp.where(abs(x - y) <= 0.6, 0.5 * (x - y) ** 2, 0.6 * (abs(x - y) - 0.3)).mean(),
    "nll(log_softmax(x), y)": cross_entropy,
    "cosine_similarity(x, y)":
        lambda x, y: (x * y).sum(-1) / jnp.linalg.norm(x, axis=-1) / jnp.linalg.norm(y, axis=-1),
    "conv(x, y, z, stride: [2, 1], padding: [1, 2], dilation: [1, 3])":
        lambda x, y, z: convolve(x, y, z, [2, 1], [1, 2], [1, 3]),
    'conv(x, y, padding: "same")': lambda x, y: convolve(x, y, padding="SAME"),
    'conv(x, y, stride: 2, padding: "same")': lambda x, y: convolve(x, y, stride=2, padding="SAME"),
    "conv(x, y, padding: [1, 0, 2, 3])": lambda x, y: convolve(x, y, padding=[(1, 2), (0, 3)]),
    "conv(x, y, groups: 2)": lambda x, y: convolve(x, y, groups=2),
    "conv(x, y, groups: 4)": lambda x, y: convolve(x, y, groups=4),
    "conv(x, y, z, stride: 2)": lambda x, y, z: convolve(x, y, z, 2),
    "conv(x, y, padding: 1)": lambda x, y: convolve(x, y, padding=1),
    "conv_transpose(x, y, z, stride: 2, padding: 1, output_padding: 1)":
        lambda x, y, z: convolve_transposed(x, y, z, 2, 1, 1),
    "conv_transpose(x, y, groups: 2, dilation: 2)": lambda x, y: convolve_transposed(x, y, dilation=2, groups=2),
    "conv_transpose(x, y, stride: 3)": lambda x, y: convolve_transposed(x, y, stride=3),
    "conv_transpose(x, y, padding: 1)": lambda x, y: convolve_transposed(x, y, padding=1),
    "max_pool(x, size: 2)": lambda x: pool(x, 2), "max_pool(x, size: 2, stride: 1)": lambda x: pool(x, 2, 1),
    "max_pool(x, size: [3, 2], stride: 1, padding: 1)": lambda x: pool(x, [3, 2], 1, 1),
    "avg_pool(x, size: 2)": lambda x: pool(x, 2, largest=False) / 2,
    "avg_pool(x, size: 3, stride: 2, padding: 1, count_include_pad: true)": lambda x: pool(x, 3, 2, 1, False) / 9,
    "avg_pool(x, size: 3, stride: 2, padding: 1)":
        lambda x: pool(x, 3, 2, 1, False) / pool(jnp.ones_like(x), 3, 2, 1, False),
    'resize(x, size: [8, 4], mode: "linear")':
        lambda x: jax.image.resize(x, (*x.shape[:2], 8, 4), "linear", antialias=False),
    'resize(x, size: 7, mode: "linear")': lambda x: jax.image.resize(x, (*x.shape[:2], 7), "linear", antialias=False),
    "resize(x, scale: 2)": lambda x: jax.image.resize(x, (*x.shape[:2], 10, 12), "nearest"),
    "group_normalization(x, y, z, groups: 2)": lambda x, y, z: grouped(x, 2) * channels(y, x) + channels(z, x),
    "attention(x, y, z, causal: true)": lambda x, y, z: attend(x, y, z, jnp.tril(jnp.ones((4, 4), bool))),
    "attention(x, y, z, mask: u, scale: 0.3)": lambda x, y, z, u: attend(x, y, z, u, 0.3),
    "attention(x, y, z, mask: u > 0)": lambda x, y, z, u: attend(x, y, z, u > 0),
    "layer_normalization(x, axis: [1, 2], epsilon: 0.01)": lambda x: normalized(x, (1, 2), 0.01),
    "concat(x, y, axis: 1)": lambda x, y: jnp.concatenate([x, y], 1),
    "concat(x * y, x, axis: -1)": lambda x, y: jnp.concatenate([x * y, x], -1),
    "stack(x, y, axis: -1)": lambda x, y: jnp.stack([x, y], -1),
    "_, r0 = split(x, parts: 2, axis: 2)": lambda x: jnp.split(x, 2, 2)[1],
    "_, r0 = split(x, sizes: [1, 2], axis: 1)": lambda x: jnp.split(x, [1], 1)[1],
    "pad(x, before: [1, 2, 0], after: [3, 0, 1], value: 0.5)":
        lambda x: jnp.pad(x, [(1, 3), (2, 0), (0, 1)], constant_values=0.5),
    'pad(x, before: [0, 1, 2], after: [0, 3, 1], mode: "edge")':
        lambda x: jnp.pad(x, [(0, 0), (1, 3), (2, 1)], mode="edge"),
    'pad(x, before: [0, 1, 3], after: [0, 2, 1], mode: "reflect")':
        lambda x: jnp.pad(x, [(0, 0), (1, 2), (3, 1)], mode="reflect"),
    "tile(x, repeats: [2, 1, 3])": lambda x: jnp.tile(x, (2, 1, 3)),
    "repeat_elements(x, count: 3, axis: 1)": lambda x: jnp.repeat(x, 3, 1),
    "flip(x, axis: [0, -1])": lambda x: jnp.flip(x, (0, -1)), "roll(x, shift: -5, axis: 2)": lambda x: jnp.roll(x, -5, 2),
    "triu(x, offset: 1)": lambda x: jnp.triu(x, 1), "tril(x, offset: -1)": lambda x: jnp.tril(x, -1),
    "diagonal(x, offset: 1)": lambda x: jnp.diagonal(x, 1, -2, -1), "diag(x, offset: 1)": lambda x: jnp.diag(x, 1),
    "transpose(x, axes: [2, 0, 1])": lambda x: x.transpose(2, 0, 1), "reshape(x, shape: [4, -1])": lambda x: x.reshape(4, -1),
    "squeeze(x, axis: 1)": lambda x: x.squeeze(1), "unsqueeze(x, axis: 1)": lambda x: jnp.expand_dims(x, 1),
    "broadcast_to(x, shape: [4, 2, 3])": lambda x: jnp.broadcast_to(x, (4, 2, 3)),
    "slice(x, starts: [1, 0], stops: [3, 4], steps: [1, 2], axes: [1, 2])": lambda x: x[:, 1:3, 0:4:2],
    "slice(x, starts: [-1], stops: [0], steps: [-2], axes: [2])": lambda x: x[:, :, -1:0:-2],
    "x[1, 0:2, -1]": lambda x: x[1, 0:2, -1], "x[:, 1:, ::-1] ** 2": lambda x: x[:, 1:, ::-1] ** 2,
    "gather(x, y, axis: 1)": lambda x, y: jnp.take(x, y, 1), "gather(x, y) ** 2": lambda x, y: x[y] ** 2,
    "gather_along(x, y, axis: 1)": lambda x, y: jnp.take_along_axis(x, y, 1),
    "scatter(x, y, z, axis: 1)": lambda x, y, z: jnp.put_along_axis(x, y, z, 1, inplace=False),
    "scatter_add(x, y, z, axis: 1)": lambda x, y, z: x.at[jnp.arange(2)[:, None], y].add(z),
    "one_hot(x, depth: 4, dtype: f64)": lambda x: nn.one_hot(x, 4, dtype=float),
    "sum(x, axis: [0, 2])": lambda x: x.sum((0, 2)), "mean(x, axis: -1, keepdims: true)": lambda x: x.mean(-1, keepdims=True),
    "sum(x, axis: [-1, 1], keepdims: true)": lambda x: x.sum((-1, 1), keepdims=True),
    "prod(x, axis: 1)": lambda x: x.prod(1), "prod(x, axis: -3, keepdims: true)": lambda x: x.prod(-3, keepdims=True),
    "max(x, axis: [0, 2])": lambda x: x.max((0, 2)), "min(x, axis: [0, 2])": lambda x: x.min((0, 2)),
    "argmax(x, axis: 1)": lambda x: x.argmax(1), "argmin(x, axis: 1)": lambda x: x.argmin(1),
    "any(x > 1.5, axis: 2)": lambda x: (x > 1.5).any(2), "all(x < 1.5, axis: 2)": lambda x: (x < 1.5).all(2),
    "variance(x, axis: [0, 2])": lambda x: x.var((0, 2)), "std(x, axis: 1)": lambda x: x.std(1),
    "norm(x, axis: 1)": lambda x: jnp.linalg.norm(x, axis=1), "sum_squares(x, axis: 1)": lambda x: (x * x).sum(1),
    "logsumexp(x, axis: 1)": lambda x: jax.scipy.special.logsumexp(x, 1),
    "logsumexp(x, axis: [0, -1])": lambda x: jax.scipy.special.logsumexp(x, (0, -1)),
    "cumsum(x, axis: 1)": lambda x: x.cumsum(1), "cumsum(x, axis: -3)": lambda x: x.cumsum(-3),
    "cumprod(x, axis: 1)": lambda x: x.cumprod(1), "sort(x, axis: 1) ** 2": lambda x: jnp.sort(x, 1) ** 2,
    "sort(x, descending: true)": lambda x: -jnp.sort(-x), "argsort(x, axis: 1)": lambda x: jnp.argsort(x, 1),
    "r0, _ = top_k(x, k: 2, axis: 1)": lambda x: jnp.moveaxis(lax.top_k(jnp.moveaxis(x, 1, -1), 2)[0], -1, 1),
    "_, r0 = top_k(x, k: 2, axis: 1)": lambda x: jnp.moveaxis(lax.top_k(jnp.moveaxis(x, 1, -1), 2)[1], -1, 1),
    "matmul(x, y, transpose_a: true, transpose_b: true)": lambda x, y: jnp.swapaxes(x, 1, 2) @ jnp.swapaxes(y, 1, 2),
    'einsum(x, y, equation: "bij,bkj->bik")': lambda x, y: jnp.einsum("bij,bkj->bik", x, y),
    'einsum(x, y, z, equation: "bij,jk,b->ki")': lambda x, y, z: jnp.einsum("bij,jk,b->ki", x, y, z),
    'einsum(x, equation: "bii->b")': lambda x: jnp.einsum("bii->b", x),
    'einsum(x, y, equation: "bqhd,bkhd->bhqk")': lambda x, y: jnp.einsum("bqhd,bkhd->bhqk", x, y),
    'einsum(x, y, equation: "...i,ij")': lambda x, y: jnp.einsum("...i,ij", x, y),
    "triangular_solve(x, y, lower: false, transpose: true)":
        lambda a, b: jax.scipy.linalg.solve_triangular(a, b, lower=False, trans=1),
    "softmax(x, axis: 1)": lambda x: nn.softmax(x, 1), "softmax(x, axis: -3)": lambda x: nn.softmax(x, -3),
    "log_softmax(x, axis: 1)": lambda x: nn.log_softmax(x, 1), "gradient_clip(x, limit: 0.1)": lambda x: x,
    "fill(0.5, shape: [2, 3], dtype: f64) * x": lambda x: jnp.full((2, 3), 0.5) * x,
    "[1.0, 2.0, 3.0] * x": lambda x: jnp.array([1.0, 2.0, 3.0]) * x, "zeros_like(x) + x": lambda x: jnp.zeros_like(x) + x,
    "ones_like(x) * x": lambda x: jnp.ones_like(x) * x, "zeros([2, 3], f64) + x": lambda x: jnp.zeros((2, 3)) + x,
    "ones(shape: shape(x), dtype: f64) * x": lambda x: jnp.ones(x.shape) * x,
    "constant(0.5, shape: [3], dtype: f64) * x": lambda x: jnp.full(3, 0.5) * x,
    "dense(x, units: 3)": lambda x, w, b: x @ w + b,
    "dense(x, units: 2, activation: tanh, bias: false, initializer: normal(std: 0.3))": lambda x, w: jnp.tanh(x @ w),
    "embedding(x, size: 4, width: 3, dtype: f64)": lambda x, w: w[x],
    "conv1d(x, channels: 4, kernel: 3, stride: 2, padding: 1, groups: 2)":
        lambda x, w, b: convolve(x, w, b, 2, 1, groups=2),
    "conv2d(x, channels: 3, kernel: [3, 2], stride: [1, 2], padding: 1)": lambda x, w, b: convolve(x, w, b, [1, 2], 1),
    'conv2d(x, channels: 4, padding: "same", dilation: 2, groups: 4, bias: false)':
        lambda x, w: convolve(x, w, padding="SAME", dilation=2, groups=4),
    "conv3d(x, channels: 2, kernel: 2, activation: relu)": lambda x, w, b: nn.relu(convolve(x, w, b)),
    "conv_transpose2d(x, channels: 6, stride: 2, padding: 1, output_padding: 1, groups: 2)":
        lambda x, w, b: convolve_transposed(x, w, b, 2, 1, 1, groups=2),
    "batch_norm(x)": lambda x, w, b: normalized(x, (0, 2, 3)) * channels(w, x) + channels(b, x),
    "group_norm(x, groups: 2)": lambda x, w, b: grouped(x, 2) * channels(w, x) + channels(b, x),
    "multi_head_attention(x, heads: 2)": heads(2), "multi_head_attention(x, heads: 2, causal: true)": heads(2, True),
    "multi_head_attention(x, heads: 4, bias: false)": heads(4),
    "rnn(x, units: 3)": rnn, "rnn(x, units: 3, bias: false)": rnn, "gru(x, units: 3)": gru,
    "gru(x, units: 3, bias: false)": gru, "lstm(x, units: 3)": lstm, "lstm(x, units: 3, bias: false)": lstm,
    "dropout(x, rate: 0.4)": lambda x: x,
}

# At 0 JAX gives these another derivative (1 to abs and leaky_relu, NaN to norm), and ½ to clip on its bounds.
OTHERWISE_AT_KINKS = {"abs", "clip", "leaky_relu", "norm"}


def function_of(row):
    """What JAX calls a row; None where it has no such function."""
    if row.name in OTHERWISE_AT_KINKS and 0.0 in row.inputs[0]:
        return None
    known = BY_EXPRESSION.get(row.expression)
    if known:
        return known
    plain = row.expression.startswith(f"{row.name}(") and ":" not in row.expression
    return BY_NAME.get(row.name) if plain else None


def results(row, function, inputs, is_variable, weigh, direct):
    """The value, the gradients and the second gradients, in lists of numbers.

    - weigh: the weights of a result of a shape; direct: those of the gradients, one for each variable.
    """
    arrays = [jnp.asarray(numbers) for numbers in inputs]
    places = [index for index, wanted in enumerate(is_variable) if wanted]

    def scalar(*variables):
        filled = list(arrays)
        for place, variable in zip(places, variables):
            filled[place] = variable
        y = function(*filled)
        return (y * jnp.asarray(weigh(y.shape))).sum()

    def slope(*variables):
        gradients = jax.grad(scalar, tuple(range(len(places))))(*variables)
        return sum((g * jnp.asarray(d)).sum() for g, d in zip(gradients, direct))

    variables = [arrays[place] for place in places]
    found = [function(*arrays)]
    if row.order >= 1:
        found += jax.grad(scalar, tuple(range(len(places))))(*variables)
    if row.order >= 2:
        found += jax.grad(slope, tuple(range(len(places))))(*variables)
    return [[float(number) for number in jnp.ravel(array).astype(float)] for array in found]
