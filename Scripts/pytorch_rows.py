"""The rows of compare-with-pytorch: graphs, and trainings, beside what PyTorch calls the same."""

import math
from dataclasses import dataclass
from typing import Callable

import torch
import torch.nn.functional as F


@dataclass
class Row:
    """One graph: what it is called, as an expression of x, y, ..., as a function of PyTorch's, and the inputs.

    A layer draws its parameters; they are read from the graph, and follow the inputs as arguments of the function.
    """

    name: str
    expression: str
    function: Callable
    inputs: tuple
    order: int = 2
    parameters: tuple = ()
    options: tuple = ()


@dataclass
class Training:
    """Steps of an optimizer, as the language and as PyTorch write it, on one of LOSSES."""

    name: str
    optimizer: str
    make: Callable
    schedule: Callable = lambda optimizer: None
    clip: float = 0
    loss: str = "quartic"


# Numbers away from jumps and kinks, and the places where a function has one.
ANY = [[-2.3, -0.7, -0.1], [0.2, 0.9, 2.6]]
POSITIVE = [[0.3, 0.7, 1.1], [1.6, 2.2, 4.5]]
FRACTION = [-0.85, -0.4, -0.01, 0.3, 0.9]
KINKS = [-3.0, -1.0, 0.0, 1.0, 3.0]
WIDE = [-700.0, -40.0, -8.0, 8.0, 40.0, 700.0]
OTHER = [[1.4, -0.6, 0.8], [-1.2, 0.5, 2.0]]
SHARES = [[0.2, 0.5, 0.3], [0.0, 0.9, 0.1]]
LABELS = [2, 0]
FLAGS = [[0.0, 1.0, 0.25], [1.0, 0.0, 0.5]]
SIGNS = [[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]]


def spread(*sizes, start=0):
    """Numbers between -2 and 2 of which no two are near one another."""
    count = math.prod(sizes)
    return torch.tensor([4 * ((k + start) * 0.6180339887 % 1) - 2 for k in range(count)]).reshape(sizes).tolist()


IMAGES, FILTERS, BIAS = spread(2, 4, 5, 6), spread(6, 4, 3, 2, start=7), spread(6, start=3)
ROWS_OF_WORDS = [spread(2, 2, 4, 3, start=start) for start in (1, 20, 50)]


CUBE, OTHER_CUBE = spread(2, 3, 4), spread(2, 3, 4, start=30)
SQUARE = [[[2.0, -0.3, 0.5], [0.4, 1.5, 0.2], [-0.6, 0.1, 1.8]], [[1.2, 0.7, -0.1], [-0.5, 2.5, 0.3], [0.8, -0.2, 0.9]]]
SYMMETRIC = [[[2.0, -0.3, 0.5], [-0.3, 1.5, 0.2], [0.5, 0.2, 1.8]],
             [[1.2, 0.6, -0.1], [0.6, 2.5, 0.3], [-0.1, 0.3, 0.9]]]


def unary(name, function, *inputs, expression=None, order=2):
    return [Row(name, expression or f"{name}(x)", function, (numbers,), order) for numbers in inputs]


WORDS = spread(3, 2, 4)


def recurrent(name, expression, function, parameters):
    return Row(name, expression, function, (WORDS,), parameters=parameters)


def start(x, u):
    return torch.zeros(1, x.shape[1], u.shape[0], dtype=x.dtype)


def rnn(x, w, u, b=None):
    weights = [w.T, u.T] + ([] if b is None else [b, torch.zeros_like(b)])
    return torch._VF.rnn_tanh(x, start(x, u), weights, b is not None, 1, 0.0, False, False, False)[0]


def gru(x, w, u, b=None, c=None):
    weights = [w.T, u.T] + ([] if b is None else [b, c])
    return torch._VF.gru(x, start(x, u), weights, b is not None, 1, 0.0, False, False, False)[0]


def lstm(x, w, u, b=None):
    weights = [w.T, u.T] + ([] if b is None else [b, torch.zeros_like(b)])
    return torch._VF.lstm(x, (start(x, u), start(x, u)), weights, b is not None, 1, 0.0, False, False, False)[0]


def heads(count, mask=None):
    def function(x, *weights):
        matrices = weights[0::2] if len(weights) == 8 else weights
        query, key, value, projection = [w.T for w in matrices]
        biases = weights[1::2] if len(weights) == 8 else [None] * 4
        bias = None if biases[0] is None else torch.cat(biases[:3])
        y = x.transpose(0, 1)
        return F.multi_head_attention_forward(
            y, y, y, x.shape[2], count, torch.cat([query, key, value]), bias, None, None, False, 0.0, projection, biases[3],
            training=False, need_weights=False, attn_mask=mask)[0].transpose(0, 1)
    return function


LATER = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
HEADS = tuple(f"{part}.{name}" for part in ("query", "key", "value", "projection") for name in ("w", "b"))

LAYERS = [
    Row("dense", "dense(x, units: 3)", lambda x, w, b: F.linear(x, w.T, b), (CUBE,), parameters=("w", "b")),
    Row("dense", "dense(x, units: 2, activation: tanh, bias: false, initializer: normal(std: 0.3))",
        lambda x, w: torch.tanh(x @ w), (CUBE,), parameters=("w",)),
    Row("embedding", "embedding(x, size: 4, width: 3, dtype: f64)", F.embedding, ([[2, 0], [2, 3]],),
        parameters=("w",), order=1),
    Row("conv1d", "conv1d(x, channels: 4, kernel: 3, stride: 2, padding: 1, groups: 2)",
        lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1, groups=2), (spread(2, 4, 7),), parameters=("w", "b")),
    Row("conv2d", "conv2d(x, channels: 3, kernel: [3, 2], stride: [1, 2], padding: 1)",
        lambda x, w, b: F.conv2d(x, w, b, stride=(1, 2), padding=1), (IMAGES,), parameters=("w", "b")),
    Row("conv2d", 'conv2d(x, channels: 4, padding: "same", dilation: 2, groups: 4, bias: false)',
        lambda x, w: F.conv2d(x, w, padding="same", dilation=2, groups=4), (IMAGES,), parameters=("w",)),
    Row("conv3d", "conv3d(x, channels: 2, kernel: 2, activation: relu)",
        lambda x, w, b: F.relu(F.conv3d(x, w, b)), (spread(1, 2, 3, 4, 2),), parameters=("w", "b")),
    Row("conv_transpose2d", "conv_transpose2d(x, channels: 6, stride: 2, padding: 1, output_padding: 1, groups: 2)",
        lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1, groups=2),
        (IMAGES,), parameters=("w", "b")),
    Row("batch_norm", "batch_norm(x)", lambda x, w, b: F.batch_norm(x, None, None, w, b, True),
        (IMAGES,), parameters=("scale", "shift"), options=("--training",)),
    Row("batch_norm", "batch_norm(x, epsilon: 0.1)",
        lambda x, w, b: F.batch_norm(
            x, torch.zeros(4, dtype=x.dtype), torch.ones(4, dtype=x.dtype), w, b, False, eps=0.1),
        (IMAGES,), parameters=("scale", "shift")),
    Row("layer_norm", "layer_norm(x)", lambda x, w, b: F.layer_norm(x, (4,), w, b), (CUBE,), parameters=("scale", "shift")),
    Row("rms_norm", "rms_norm(x)", lambda x, w: F.rms_norm(x, (4,), w, 1e-5), (CUBE,), parameters=("scale",)),
    Row("group_norm", "group_norm(x, groups: 2)", lambda x, w, b: F.group_norm(x, 2, w, b), (IMAGES,),
        parameters=("scale", "shift")),
    Row("multi_head_attention", "multi_head_attention(x, heads: 2)", heads(2), (spread(2, 3, 4),), 1, HEADS),
    Row("multi_head_attention", "multi_head_attention(x, heads: 2, causal: true)", heads(2, LATER), (spread(2, 3, 4),), 1,
        HEADS),
    Row("multi_head_attention", "multi_head_attention(x, heads: 4, bias: false)", heads(4), (spread(2, 3, 4),), 1, HEADS[::2]),
    recurrent("rnn", "rnn(x, units: 3)", rnn, ("w", "u", "b")),
    recurrent("rnn", "rnn(x, units: 3, bias: false)", rnn, ("w", "u")),
    recurrent("gru", "gru(x, units: 3)", gru, ("w", "u", "b", "c")),
    recurrent("gru", "gru(x, units: 3, bias: false)", gru, ("w", "u")),
    recurrent("lstm", "lstm(x, units: 3)", lstm, ("w", "u", "b")),
    recurrent("lstm", "lstm(x, units: 3, bias: false)", lstm, ("w", "u")),
    Row("dropout", "dropout(x, rate: 0.4)", lambda x: x.clone(), (ANY,), 1),
]

ROWS = [
    *unary("exp", torch.exp, ANY), *unary("expm1", torch.expm1, ANY), *unary("log", torch.log, POSITIVE),
    *unary("log1p", torch.log1p, POSITIVE), *unary("sqrt", torch.sqrt, POSITIVE),
    *unary("rsqrt", torch.rsqrt, POSITIVE),
    *unary("square", torch.square, ANY), *unary("reciprocal", torch.reciprocal, ANY),
    *unary("sin", torch.sin, ANY), *unary("cos", torch.cos, ANY), *unary("tan", torch.tan, FRACTION),
    *unary("asin", torch.asin, FRACTION), *unary("acos", torch.acos, FRACTION), *unary("atan", torch.atan, ANY),
    *unary("sinh", torch.sinh, ANY), *unary("cosh", torch.cosh, ANY), *unary("tanh", torch.tanh, ANY),
    *unary("asinh", torch.asinh, ANY), *unary("acosh", lambda x: torch.acosh(x), [1.2, 2.0, 7.5]),
    *unary("atanh", torch.atanh, FRACTION), *unary("erf", torch.erf, ANY),
    *unary("abs", torch.abs, ANY, KINKS, order=1),
    *unary("sign", torch.sign, ANY, KINKS, order=0), *unary("floor", torch.floor, ANY, order=0),
    *unary("ceil", torch.ceil, ANY, order=0), *unary("round", torch.round, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], order=0),
    *unary("trunc", torch.trunc, ANY, order=0),
    *unary("sigmoid", torch.sigmoid, ANY, WIDE), *unary("softplus", F.softplus, ANY),
    *unary("softplus", lambda x: torch.logaddexp(x, torch.zeros_like(x)), WIDE),
    *unary("softsign", F.softsign, ANY), *unary("relu", F.relu, ANY, KINKS),
    *unary("leaky_relu", F.leaky_relu, ANY, KINKS),
    *unary("elu", F.elu, ANY, WIDE), *unary("elu", F.elu, KINKS, order=1),
    *unary("selu", F.selu, ANY, WIDE), *unary("selu", F.selu, KINKS, order=1),
    *unary("celu", lambda x: F.celu(x, alpha=0.5), ANY, expression="celu(x, alpha: 0.5)"),
    *unary("celu", lambda x: F.celu(x, alpha=0.5), KINKS, expression="celu(x, alpha: 0.5)", order=1),
    *unary("gelu", F.gelu, ANY, KINKS, WIDE),
    *unary("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), ANY, KINKS, WIDE),
    *unary("silu", F.silu, ANY, KINKS, WIDE), *unary("mish", F.mish, ANY, KINKS, WIDE),
    *unary("hard_sigmoid", lambda x: F.relu6(x + 3) / 6, ANY, KINKS, order=1),
    *unary("hard_swish", F.hardswish, ANY, KINKS, order=1),
    *unary("clip", lambda x: torch.clamp(x, -1.0, 1.0), ANY, KINKS, expression="clip(x, low: -1, high: 1)", order=1),
    *unary("softmax", lambda x: F.softmax(x, -1), ANY), *unary("log_softmax", lambda x: F.log_softmax(x, -1), ANY),
    *unary("logsumexp", lambda x: torch.logsumexp(x, (0, 1)), ANY), *unary("prod", torch.prod, ANY),
    *unary("max", torch.amax, ANY, [2.0, 1.0, 2.0], order=1), *unary("mean", torch.mean, ANY, order=1),
    Row("atan2", "atan2(x, y)", torch.atan2, (ANY, OTHER)), Row("pow", "x ** y", torch.pow, (POSITIVE, OTHER)),
    Row("maximum", "maximum(x, y)", torch.maximum, (KINKS, [-3.0, 2.0, 0.0, -1.0, 3.0]), 1),
    Row("minimum", "minimum(x, y)", torch.minimum, (KINKS, [-3.0, 2.0, 0.0, -1.0, 3.0]), 1),
    Row("mod", "x % y", torch.remainder, (ANY, OTHER), 0),
    Row("matmul", "x @ transpose(y)", lambda x, y: x @ y.T, (ANY, OTHER)),
    Row("mse", "mse(x, y)", F.mse_loss, (ANY, OTHER)), Row("mae", "mae(x, y)", F.l1_loss, (ANY, OTHER), 1),
    Row("huber", "huber(x, y)", F.huber_loss, (ANY, OTHER), 1),
    Row("huber", "huber(x, y, delta: 0.6)", lambda x, y: F.huber_loss(x, y, delta=0.6), (ANY, OTHER), 1),
    Row("softmax_cross_entropy", "softmax_cross_entropy(x, y)", F.cross_entropy, (ANY, LABELS)),
    Row("softmax_cross_entropy", "softmax_cross_entropy(x, y)", F.cross_entropy, (ANY, [[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]])),
    Row("sigmoid_cross_entropy", "sigmoid_cross_entropy(x, y)", F.binary_cross_entropy_with_logits, (ANY, FLAGS)),
    Row("nll", "nll(log_softmax(x), y)", lambda x, y: F.nll_loss(F.log_softmax(x, -1), y), (ANY, LABELS)),
    Row("kl_divergence", "kl_divergence(log_softmax(x), y)",
        lambda x, y: F.kl_div(F.log_softmax(x, -1), y.detach(), reduction="batchmean") + 0 * y.sum(), (ANY, SHARES), 0),
    Row("hinge", "hinge(x, y)", lambda x, y: torch.clamp(1 - y * x, min=0).mean(), (ANY, SIGNS), 1),
    Row("cosine_similarity", "cosine_similarity(x, y)", lambda x, y: F.cosine_similarity(x, y, dim=-1), (ANY, OTHER)),
    Row("conv", "conv(x, y, z)", F.conv2d, (IMAGES, FILTERS, BIAS)),
    Row("conv", "conv(x, y, z, stride: [2, 1], padding: [1, 2], dilation: [1, 3])",
        lambda x, y, z: F.conv2d(x, y, z, stride=(2, 1), padding=(1, 2), dilation=(1, 3)), (IMAGES, FILTERS, BIAS)),
    Row("conv", 'conv(x, y, padding: "same")', lambda x, y: F.conv2d(x, y, padding="same"), (IMAGES, FILTERS)),
    Row("conv", "conv(x, y, groups: 2)", lambda x, y: F.conv2d(x, y, groups=2), (IMAGES, spread(6, 2, 3, 3))),
    Row("conv", "conv(x, y, z, stride: 2)", lambda x, y, z: F.conv1d(x, y, z, stride=2),
        (spread(2, 3, 8), spread(6, 3, 3, start=5), BIAS)),
    Row("conv", "conv(x, y, padding: 1)", lambda x, y: F.conv3d(x, y, padding=1),
        (spread(1, 2, 3, 4, 2), spread(2, 2, 2, 3, 2, start=5))),
    Row("conv_transpose", "conv_transpose(x, y, z, stride: 2, padding: 1, output_padding: 1)",
        lambda x, y, z: F.conv_transpose2d(x, y, z, stride=2, padding=1, output_padding=1),
        (spread(2, 6, 3, 4), spread(6, 4, 3, 3, start=9), spread(4))),
    Row("conv_transpose", "conv_transpose(x, y, groups: 2, dilation: 2)",
        lambda x, y: F.conv_transpose2d(x, y, groups=2, dilation=2), (spread(2, 6, 3, 4), spread(6, 2, 3, 2, start=9))),
    *unary("max_pool", lambda x: F.max_pool2d(x, 2), IMAGES, expression="max_pool(x, size: 2)"),
    *unary("max_pool", lambda x: F.max_pool2d(x, (3, 2), stride=1, padding=1), IMAGES,
           expression="max_pool(x, size: [3, 2], stride: 1, padding: 1)"),
    *unary("max_pool", lambda x: F.max_pool1d(x, 2), [[[1.0, 1.0, 3.0, 3.0]]], expression="max_pool(x, size: 2)"),
    *unary("avg_pool", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1), IMAGES,
           expression="avg_pool(x, size: 3, stride: 2, padding: 1, count_include_pad: true)"),
    *unary("avg_pool", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False), IMAGES,
           expression="avg_pool(x, size: 3, stride: 2, padding: 1)"),
    *unary("global_avg_pool", lambda x: F.adaptive_avg_pool2d(x, 1), IMAGES),
    *unary("max_pool_positions", lambda x: F.max_pool2d(x, 2, return_indices=True)[1], IMAGES,
           expression="max_pool_positions(x, size: 2)", order=0),
    *unary("global_max_pool", lambda x: F.adaptive_max_pool2d(x, 1), IMAGES),
    *unary("resize", lambda x: F.interpolate(x, (8, 4), mode="bilinear"), IMAGES,
           expression='resize(x, size: [8, 4], mode: "linear")', order=1),
    *unary("resize", lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear") ** 2, IMAGES,
           expression='resize(x, scale: 1.5, mode: "linear") ** 2'),
    *unary("resize", lambda x: F.interpolate(x, 7, mode="linear"), CUBE,
           expression='resize(x, size: 7, mode: "linear")', order=1),
    *unary("resize", lambda x: F.interpolate(x, (3, 2, 5), mode="trilinear"), [IMAGES],
           expression='resize(x, size: [3, 2, 5], mode: "linear")', order=1),
    *unary("resize", lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), IMAGES,
           expression="resize(x, scale: 2)", order=1),
    *unary("resize", lambda x: F.interpolate(x, (3, 8), mode="nearest-exact") ** 2, IMAGES,
           expression="resize(x, size: [3, 8]) ** 2"),
    *unary("resize", lambda x: F.interpolate(x, scale_factor=(0.7, 1.6), mode="nearest-exact"), IMAGES,
           expression="resize(x, scale: [0.7, 1.6])", order=1),
    Row("batch_normalization", "batch_normalization(x, y, z, u, v)",
        lambda x, y, z, u, v: (x - u[:, None, None]) / torch.sqrt(v + 1e-5)[:, None, None] * y[:, None, None] + z[:, None, None],
        (IMAGES, spread(4), spread(4, start=4), spread(4, start=8), [0.5, 1.0, 1.5, 2.0])),
    Row("layer_normalization", "layer_normalization(x, y, z)", lambda x, y, z: F.layer_norm(x, (6,), y, z),
        (IMAGES, spread(6), spread(6, start=4))),
    Row("rms_normalization", "rms_normalization(x, y)", lambda x, y: F.rms_norm(x, (6,), y, 1e-5), (IMAGES, spread(6))),
    Row("group_normalization", "group_normalization(x, y, z, groups: 2)", lambda x, y, z: F.group_norm(x, 2, y, z),
        (IMAGES, spread(4), spread(4, start=4))),
    Row("instance_normalization", "instance_normalization(x, y, z)",
        lambda x, y, z: F.instance_norm(x, weight=y, bias=z), (IMAGES, spread(4), spread(4, start=4))),
    *unary("lrn", lambda x: F.local_response_norm(x, 3, alpha=0.1), IMAGES, expression="lrn(x, size: 3, alpha: 0.1)"),
    Row("attention", "attention(x, y, z)", F.scaled_dot_product_attention, tuple(ROWS_OF_WORDS), 1),
    Row("attention", "attention(x, y, z, causal: true)",
        lambda x, y, z: F.scaled_dot_product_attention(x, y, z, is_causal=True), tuple(ROWS_OF_WORDS), 1),
    Row("attention", "attention(x, y, z, mask: u, scale: 0.3)",
        lambda x, y, z, u: F.scaled_dot_product_attention(x, y, z, attn_mask=u, scale=0.3), (*ROWS_OF_WORDS, spread(4, 4))),
    # Arithmetic with broadcasting, comparison, logic, choice.
    Row("add", "x + y", torch.add, (CUBE, spread(3, 1)), 1), Row("sub", "x - y", torch.sub, (CUBE, spread(3, 1)), 1),
    Row("mul", "x * y", torch.mul, (CUBE, spread(3, 1))), Row("div", "x / y", torch.div, (CUBE, spread(3, 1))),
    Row("floor_div", "floor_div(x, y)", torch.floor_divide, (ANY, OTHER), 0), Row("neg", "-x", torch.neg, (ANY,), 1),
    Row("equal", "x == y", torch.eq, (KINKS, KINKS[::-1]), 0),
    Row("not_equal", "x != y", torch.ne, (KINKS, KINKS[::-1]), 0),
    Row("less", "x < y", torch.lt, (KINKS, KINKS[::-1]), 0),
    Row("less_equal", "x <= y", torch.le, (KINKS, KINKS[::-1]), 0),
    Row("greater", "x > y", torch.gt, (KINKS, KINKS[::-1]), 0),
    Row("greater_equal", "x >= y", torch.ge, (KINKS, KINKS[::-1]), 0),
    Row("and", "x > 0 and y > 0", lambda x, y: (x > 0) & (y > 0), (ANY, OTHER), 0),
    Row("or", "x > 0 or y > 0", lambda x, y: (x > 0) | (y > 0), (ANY, OTHER), 0),
    Row("xor", "xor(x > 0, y > 0)", lambda x, y: (x > 0) ^ (y > 0), (ANY, OTHER), 0),
    Row("not", "not (x > 0)", lambda x: ~(x > 0), (ANY,), 0),
    Row("where", "where(x > y, x * x, y)", lambda x, y: torch.where(x > y, x * x, y), (ANY, OTHER)),
    *unary("is_nan", lambda x: torch.isnan(x / x), KINKS, expression="is_nan(x / x)", order=0),
    *unary("is_inf", lambda x: torch.isinf(1 / x), KINKS, expression="is_inf(1 / x)", order=0),
    *unary("is_finite", lambda x: torch.isfinite(1 / x), KINKS, expression="is_finite(1 / x)", order=0),
    *unary("cast", lambda x: x.to(torch.int32), ANY, expression="cast(x, dtype: i32)", order=0),
    *unary("cast", lambda x: x.float().double(), ANY, expression="cast(cast(x, dtype: f32), dtype: f64)", order=0),
    *unary("stop_gradient", lambda x: x * x.detach(), ANY, expression="x * stop_gradient(x)", order=1),
    *unary("arange", lambda x: torch.arange(1, 9, 3) + x, [[0.0], [0.5]],
           expression="arange(1, 9, 3, dtype: f64) + x", order=0),
    *unary("linspace", lambda x: torch.linspace(-1, 1, 6, dtype=x.dtype) + x, [[0.0], [0.5]],
           expression="linspace(-1, 1, 6, dtype: f64) + x", order=0),
    *unary("eye", lambda x: torch.eye(2, 3) * x, ANY, expression="eye([2, 3], dtype: f64) * x", order=1),
    *unary("gradient_reverse", lambda x: 2 * x.detach() - x, ANY, order=1),
    *unary("gradient_scale", lambda x: 0.3 * x + 0.7 * x.detach(), ANY,
           expression="gradient_scale(x, by: 0.3)", order=1),

    # Layout.
    Row("concat", "concat(x, y, axis: 1)", lambda x, y: torch.cat([x, y], 1), (CUBE, spread(2, 2, 4)), 1),
    Row("concat", "concat(x * y, x, axis: -1)", lambda x, y: torch.cat([x * y, x], -1), (ANY, OTHER)),
    Row("stack", "stack(x, y, axis: -1)", lambda x, y: torch.stack([x, y], -1), (CUBE, OTHER_CUBE), 1),
    *unary("split", lambda x: torch.split(x, 2, 2)[1], CUBE, expression="_, r0 = split(x, parts: 2, axis: 2)", order=1),
    *unary("split", lambda x: torch.split(x, [1, 2], 1)[1], CUBE,
           expression="_, r0 = split(x, sizes: [1, 2], axis: 1)", order=1),
    *unary("pad", lambda x: F.pad(x, (0, 1, 2, 0, 1, 3), value=0.5), CUBE,
           expression="pad(x, before: [1, 2, 0], after: [3, 0, 1], value: 0.5)", order=1),
    *unary("pad", lambda x: F.pad(x, (2, 1, 1, 3), mode="replicate"), CUBE,
           expression='pad(x, before: [0, 1, 2], after: [0, 3, 1], mode: "edge")', order=1),
    *unary("pad", lambda x: F.pad(x, (3, 1, 1, 2), mode="reflect"), CUBE,
           expression='pad(x, before: [0, 1, 3], after: [0, 2, 1], mode: "reflect")', order=1),
    *unary("tile", lambda x: x.repeat(2, 1, 3), ANY, expression="tile(x, repeats: [2, 1, 3])", order=1),
    *unary("repeat_elements", lambda x: x.repeat_interleave(3, 1), CUBE,
           expression="repeat_elements(x, count: 3, axis: 1)", order=1),
    *unary("flip", lambda x: x.flip(0, 2), CUBE, expression="flip(x, axis: [0, -1])", order=1),
    *unary("roll", lambda x: x.roll(-5, 2), CUBE, expression="roll(x, shift: -5, axis: 2)", order=1),
    *unary("triu", lambda x: x.triu(1), CUBE, expression="triu(x, offset: 1)", order=1),
    *unary("tril", lambda x: x.tril(-1), CUBE, expression="tril(x, offset: -1)", order=1),
    *unary("diagonal", lambda x: x.diagonal(1, -2, -1), CUBE, expression="diagonal(x, offset: 1)", order=1),
    *unary("diagonal_matrix", lambda x: torch.diag_embed(x, -1), ANY,
           expression="diagonal_matrix(x, offset: -1)", order=1),
    *unary("diag", lambda x: torch.diag(x, 1), ANY, [1.0, 2.0], expression="diag(x, offset: 1)", order=1),
    *unary("trace", torch.trace, ANY, order=1),
    *unary("transpose", lambda x: x.permute(2, 0, 1), CUBE, expression="transpose(x, axes: [2, 0, 1])", order=1),
    *unary("reshape", lambda x: x.reshape(4, 6), CUBE, expression="reshape(x, shape: [4, -1])", order=1),
    *unary("flatten", lambda x: x.flatten(1), CUBE, order=1),
    *unary("squeeze", lambda x: x.squeeze(1), [[[1.0, 2.0]], [[3.0, 4.0]]], expression="squeeze(x, axis: 1)", order=1),
    *unary("unsqueeze", lambda x: x.unsqueeze(1), ANY, expression="unsqueeze(x, axis: 1)", order=1),
    *unary("broadcast_to", lambda x: x.broadcast_to(4, 2, 3), ANY,
           expression="broadcast_to(x, shape: [4, 2, 3])", order=1),
    *unary("sum_to", lambda x: x.sum_to_size(3, 1), CUBE, expression="sum_to(x, shape: [3, 1])", order=1),
    *unary("slice", lambda x: x[:, 1:3, 0:4:2], CUBE,
           expression="slice(x, starts: [1, 0], stops: [3, 4], steps: [1, 2], axes: [1, 2])", order=1),
    *unary("slice", lambda x: x.flip(2)[:, :, 0:3:2], CUBE,
           expression="slice(x, starts: [-1], stops: [0], steps: [-2], axes: [2])", order=1),
    *unary("index", lambda x: x[1, 0:2, -1], CUBE, expression="x[1, 0:2, -1]", order=1),
    *unary("index", lambda x: x.flip(2)[:, 1:] ** 2, CUBE, expression="x[:, 1:, ::-1] ** 2"),

    # Indexing: places that meet, places left out.
    Row("gather", "gather(x, y, axis: 1)", lambda x, y: x[:, y], (CUBE, [[2, 0], [2, 2]]), 1),
    Row("gather", "gather(x, y) ** 2", lambda x, y: x[y] ** 2, (ANY, [1, 1, 0])),
    Row("gather_along", "gather_along(x, y, axis: 1)", lambda x, y: torch.gather(x, 1, y), (ANY, [[2, 2], [0, 1]]), 1),
    Row("scatter", "scatter(x, y, z, axis: 1)", lambda x, y, z: torch.scatter(x, 1, y, z),
        (ANY, [[2, 0], [0, 1]], [[1.5, -0.5], [0.3, 2.0]]), 1),
    Row("scatter_add", "scatter_add(x, y, z, axis: 1)", lambda x, y, z: torch.scatter_add(x, 1, y, z),
        (ANY, [[2, 2], [0, 1]], [[1.5, -0.5], [0.3, 2.0]]), 1),
    Row("scatter_add", "scatter_add(x, y, z, axis: 0) ** 3", lambda x, y, z: torch.scatter_add(x, 0, y, z) ** 3,
        (ANY, [[1, 1, 0], [1, 0, 0]], OTHER)),
    Row("one_hot", "one_hot(x, depth: 4, dtype: f64)", lambda x: F.one_hot(x, 4), ([[2, 0], [3, 3]],), 0),

    # Reductions and scans.
    *unary("sum", lambda x: x.sum((0, 2)), CUBE, expression="sum(x, axis: [0, 2])", order=1),
    *unary("mean", lambda x: x.mean(-1, keepdim=True), CUBE, expression="mean(x, axis: -1, keepdims: true)", order=1),
    *unary("prod", lambda x: x.prod(1), CUBE, [[2.0, 0.0, 3.0], [0.0, 1.5, 0.0], [1.0, -2.0, 0.5]],
           expression="prod(x, axis: 1)"),
    *unary("max", lambda x: x.amax((0, 2)), CUBE, expression="max(x, axis: [0, 2])"),
    *unary("min", lambda x: x.amin((0, 2)), CUBE, expression="min(x, axis: [0, 2])"),
    *unary("min", torch.amin, [1.0, 2.0, 1.0], order=1),
    *unary("argmax", lambda x: x.argmax(1), CUBE, expression="argmax(x, axis: 1)", order=0),
    *unary("argmin", lambda x: x.argmin(1), CUBE, expression="argmin(x, axis: 1)", order=0),
    *unary("any", lambda x: (x > 1.5).any(2), CUBE, expression="any(x > 1.5, axis: 2)", order=0),
    *unary("all", lambda x: (x < 1.5).all(2), CUBE, expression="all(x < 1.5, axis: 2)", order=0),
    *unary("variance", lambda x: x.var((0, 2), correction=0), CUBE, expression="variance(x, axis: [0, 2])"),
    *unary("std", lambda x: x.std(1, correction=0), CUBE, expression="std(x, axis: 1)"),
    *unary("norm", lambda x: torch.linalg.vector_norm(x, dim=1), CUBE, expression="norm(x, axis: 1)"),
    *unary("norm", torch.linalg.vector_norm, [0.0, 0.0], order=1),
    *unary("sum_squares", lambda x: (x * x).sum(1), CUBE, expression="sum_squares(x, axis: 1)"),
    *unary("logsumexp", lambda x: x.logsumexp(1), CUBE, [WIDE], expression="logsumexp(x, axis: 1)"),
    *unary("cumsum", lambda x: x.cumsum(1), CUBE, expression="cumsum(x, axis: 1)", order=1),
    *unary("cumsum", lambda x: x.flip(2).cumsum(2).flip(2) - x, CUBE,
           expression="cumsum(x, exclusive: true, reverse: true)", order=1),
    *unary("cumprod", lambda x: x.cumprod(1), CUBE, [[2.0, 0.0, 3.0, 0.5], [-1.0, 1.5, 0.0, 0.0]],
           expression="cumprod(x, axis: 1)"),
    *unary("cumprod", lambda x: x.flip(2).cumprod(2).flip(2), CUBE, expression="cumprod(x, reverse: true)"),
    *unary("sort", lambda x: x.sort(1).values ** 2, CUBE, expression="sort(x, axis: 1) ** 2"),
    *unary("sort", lambda x: x.sort(-1, descending=True).values, CUBE, expression="sort(x, descending: true)", order=1),
    *unary("argsort", lambda x: x.argsort(1), CUBE, expression="argsort(x, axis: 1)", order=0),
    *unary("top_k", lambda x: x.topk(2, 1).values, CUBE, expression="r0, _ = top_k(x, k: 2, axis: 1)", order=1),
    *unary("top_k", lambda x: x.topk(2, 1).indices, CUBE, expression="_, r0 = top_k(x, k: 2, axis: 1)", order=0),

    # Linear algebra.
    Row("matmul", "x @ y", torch.matmul, (CUBE, spread(3, 1, 4, 2, start=9))),
    Row("matmul", "matmul(x, y, transpose_a: true, transpose_b: true)",
        lambda x, y: x.transpose(-1, -2) @ y.transpose(-1, -2), (CUBE, spread(2, 5, 3, start=9))),
    Row("matmul", "x @ y", torch.matmul, (CUBE, spread(4))), Row("matmul", "x @ y", torch.matmul, (spread(3), CUBE)),
    Row("linear", "linear(x, y, z)", lambda x, y, z: F.linear(x, y.T, z), (CUBE, spread(4, 5, start=9), spread(5))),
    Row("einsum", 'einsum(x, y, equation: "bij,bkj->bik")', lambda x, y: torch.einsum("bij,bkj->bik", x, y),
        (CUBE, spread(2, 5, 4, start=9))),
    Row("einsum", 'einsum(x, y, z, equation: "bij,jk,b->ki")', lambda x, y, z: torch.einsum("bij,jk,b->ki", x, y, z),
        (CUBE, spread(4, 2, start=9), spread(2))),
    Row("einsum", 'einsum(x, equation: "bii->b")', lambda x: torch.einsum("bii->b", x), (SQUARE,), 1),
    Row("outer", "outer(x, y)", torch.outer, (spread(3), spread(4))),
    Row("dot", "dot(x, y)", torch.dot, (spread(4), spread(4, start=9))),
    *unary("cholesky", torch.linalg.cholesky, SYMMETRIC),
    Row("solve", "solve(x, y)", torch.linalg.solve, (SQUARE, spread(2, 3, 2))),
    Row("solve", "solve(x, y)", torch.linalg.solve, (SQUARE[0], spread(3))),
    Row("triangular_solve", "triangular_solve(x, y)",
        lambda x, y: torch.linalg.solve_triangular(x, y, upper=False), (SQUARE, spread(2, 3, 2))),
    Row("triangular_solve", "triangular_solve(x, y, lower: false, transpose: true)",
        lambda x, y: torch.linalg.solve_triangular(x.mT, y, upper=False), (SQUARE, spread(2, 3, 2))),
    *unary("inverse", torch.linalg.inv, SQUARE), *unary("logdet", torch.logdet, SQUARE),

    # Softmax.
    *unary("softmax", lambda x: F.softmax(x, 1), CUBE, [WIDE], expression="softmax(x, axis: 1)"),
    *unary("softmax", lambda x: F.softmax(x, 0), CUBE, expression="softmax(x, axis: -3)"),
    *unary("log_softmax", lambda x: F.log_softmax(x, 1), CUBE, [WIDE], expression="log_softmax(x, axis: 1)"),

    # What else their attributes can say.
    *unary("gradient_clip", lambda x: x.clone(), ANY, expression="gradient_clip(x, limit: 0.1)", order=0),
    *unary("identity", lambda x: x.clone(), ANY, order=1),
    *unary("fill", lambda x: torch.full((2, 3), 0.5) * x, ANY, expression="fill(0.5, shape: [2, 3], dtype: f64) * x", order=1),
    *unary("literal", lambda x: torch.tensor([1.0, 2.0, 3.0]) * x, ANY, expression="[1.0, 2.0, 3.0] * x", order=1),
    *unary("zeros_like", lambda x: torch.zeros_like(x) + x, ANY, expression="zeros_like(x) + x", order=1),
    *unary("ones_like", lambda x: torch.ones_like(x) * x, ANY, expression="ones_like(x) * x", order=1),
    *unary("zeros", lambda x: torch.zeros(2, 3) + x, ANY, expression="zeros([2, 3], f64) + x", order=1),
    *unary("ones", lambda x: torch.ones(2, 3) * x, ANY, expression="ones(shape: shape(x), dtype: f64) * x", order=1),
    *unary("constant", lambda x: torch.full((3,), 0.5) * x, ANY,
           expression="constant(0.5, shape: [3], dtype: f64) * x", order=1),
    Row("accuracy", "accuracy(x, y)", lambda x, y: (x.argmax(-1) == y).double().mean(), (ANY, [0, 2]), 0),
    *unary("argmax", torch.argmax, CUBE, order=0),
    *unary("sum", lambda x: x.sum((1, 2), keepdim=True), CUBE, expression="sum(x, axis: [-1, 1], keepdims: true)", order=1),
    *unary("prod", lambda x: x.prod(0, keepdim=True), CUBE, expression="prod(x, axis: -3, keepdims: true)"),
    *unary("logsumexp", lambda x: x.logsumexp((0, 2)), CUBE, expression="logsumexp(x, axis: [0, -1])"),
    *unary("cumsum", lambda x: x.cumsum(0), CUBE, expression="cumsum(x, axis: -3)", order=1),
    *unary("conv", lambda x: F.conv2d(x, torch.ones(1, 4, 2, 3, dtype=x.dtype), padding="valid"), IMAGES,
           expression='conv(x, fill(1.0, shape: [1, 4, 2, 3], dtype: f64), padding: "valid")', order=1),
    Row("conv", "conv(x, y, padding: [1, 0, 2, 3])",
        lambda x, y: F.conv2d(F.pad(x, (0, 3, 1, 2)), y), (IMAGES, FILTERS)),
    Row("conv", 'conv(x, y, stride: 2, padding: "same")',
        lambda x, y: F.conv2d(F.pad(x, (0, 0, 1, 1)), y, stride=2), (IMAGES, FILTERS)),
    Row("conv", "conv(x, y, groups: 4)", lambda x, y: F.conv2d(x, y, groups=4), (IMAGES, spread(8, 1, 2, 3))),
    Row("conv_transpose", "conv_transpose(x, y, stride: 3)", lambda x, y: F.conv_transpose1d(x, y, stride=3),
        (spread(2, 3, 4), spread(3, 2, 5, start=5))),
    Row("conv_transpose", "conv_transpose(x, y, padding: 1)", lambda x, y: F.conv_transpose3d(x, y, padding=1),
        (spread(1, 2, 3, 2, 2), spread(2, 1, 2, 3, 3, start=5))),
    *unary("max_pool", lambda x: F.max_pool3d(x, 2, stride=1), [IMAGES], expression="max_pool(x, size: 2, stride: 1)"),
    *unary("avg_pool", lambda x: F.avg_pool1d(x, 2), CUBE, expression="avg_pool(x, size: 2)", order=1),
    *unary("avg_pool", lambda x: F.avg_pool3d(x, (1, 2, 3), stride=(2, 1, 1)), [IMAGES],
           expression="avg_pool(x, size: [1, 2, 3], stride: [2, 1, 1])", order=1),
    Row("attention", "attention(x, y, z, mask: u > 0)",
        lambda x, y, z, u: F.scaled_dot_product_attention(x, y, z, attn_mask=u > 0), (*ROWS_OF_WORDS, spread(4, 4)), 1),
    Row("layer_normalization", "layer_normalization(x, axis: [1, 2], epsilon: 0.01)",
        lambda x: F.layer_norm(x, (3, 4), eps=0.01), (CUBE,)),
    Row("einsum", 'einsum(x, y, equation: "bqhd,bkhd->bhqk")', lambda x, y: torch.einsum("bqhd,bkhd->bhqk", x, y),
        (spread(2, 3, 2, 4), spread(2, 5, 2, 4, start=9))),
    Row("einsum", 'einsum(x, y, equation: "...i,ij")', lambda x, y: torch.einsum("...i,ij", x, y), (CUBE, spread(4, 2))),
    *LAYERS,
]

START = [1.0, -2.0, 0.5]
LOSSES = {
    # Of the parameter w, in the language and here.
    "quartic": ("sum(w ** 4) / 4 + 0.1 * sum(w * [1.0, 2.0, 3.0])",
                lambda w: (w ** 4).sum() / 4 + 0.1 * (w * torch.tensor([1.0, 2.0, 3.0], dtype=w.dtype)).sum()),
    "plane": ("sum(w)", lambda w: w.sum()),
}

optim = torch.optim
rates = torch.optim.lr_scheduler


def sgd(w):
    return optim.SGD([w], lr=0.1)


def warmed(optimizer, following, steps):
    rise = rates.LinearLR(optimizer, start_factor=1 / steps, end_factor=1, total_iters=steps - 1)
    return rates.SequentialLR(optimizer, [rise, following], milestones=[steps])


TRAININGS = [
    Training("sgd", "sgd(lr: 0.02)", lambda w: optim.SGD([w], lr=0.02)),
    Training("momentum", "momentum(lr: 0.02)", lambda w: optim.SGD([w], lr=0.02, momentum=0.9)),
    Training("nesterov", "nesterov(lr: 0.02)", lambda w: optim.SGD([w], lr=0.02, momentum=0.9, nesterov=True)),
    Training("adam", "adam(lr: 0.05)", lambda w: optim.Adam([w], lr=0.05)),
    Training("adam", "adam", lambda w: optim.Adam([w])),
    Training("adamw", "adamw(lr: 0.05)", lambda w: optim.AdamW([w], lr=0.05)),
    Training("adamw", "adamw(weight_decay: 0.3)", lambda w: optim.AdamW([w], weight_decay=0.3)),
    Training("rmsprop", "rmsprop(lr: 0.02)", lambda w: optim.RMSprop([w], lr=0.02)),
    Training("rmsprop", "rmsprop", lambda w: optim.RMSprop([w])),
    Training("adagrad", "adagrad(lr: 0.1)", lambda w: optim.Adagrad([w], lr=0.1)),
    Training("adagrad", "adagrad", lambda w: optim.Adagrad([w])),
    Training("clip_norm", "sgd(lr: 0.1)", sgd, clip=1.5),
    Training("clip_norm", "adam(lr: 0.1)", lambda w: optim.Adam([w], lr=0.1), clip=0.5),
    Training("step_decay", "sgd(lr: step_decay(0.1, every: 12, rate: 0.5))", sgd,
             lambda o: rates.StepLR(o, 12, 0.5), loss="plane"),
    Training("step_decay", "sgd(lr: step_decay(0.1, every: 12, rate: 0.5, warmup: 6))", sgd,
             lambda o: warmed(o, rates.StepLR(o, 12, 0.5), 6), loss="plane"),
    Training("exponential", "sgd(lr: exponential(0.1, rate: 0.9))", sgd,
             lambda o: rates.ExponentialLR(o, 0.9), loss="plane"),
    Training("exponential", "sgd(lr: exponential(0.1, rate: 0.9, warmup: 6))", sgd,
             lambda o: warmed(o, rates.ExponentialLR(o, 0.9), 6), loss="plane"),
    Training("inverse_time", "sgd(lr: inverse_time(0.1, rate: 0.3, steps: 5))", sgd,
             lambda o: rates.LambdaLR(o, lambda t: 1 / (1 + 0.3 * t / 5)), loss="plane"),
    Training("inverse_time", "sgd(lr: inverse_time(0.1, rate: 0.3, steps: 5, warmup: 6))", sgd,
             lambda o: rates.LambdaLR(o, lambda t: (t + 1) / 6 if t < 6 else 1 / (1 + 0.3 * (t - 6) / 5)), loss="plane"),
    Training("cosine", "sgd(lr: cosine(0.1, steps: 50))", sgd,
             lambda o: rates.CosineAnnealingLR(o, 50), loss="plane"),
    Training("cosine", "sgd(lr: cosine(0.1, steps: 50, warmup: 8))", sgd,
             lambda o: warmed(o, rates.CosineAnnealingLR(o, 42), 8), loss="plane"),
    Training("cosine", "adamw(lr: cosine(0.05, steps: 40, warmup: 8))", lambda w: optim.AdamW([w], lr=0.05),
             lambda o: rates.LambdaLR(
                 o, lambda t: (t + 1) / 8 if t < 8 else 0.5 * (1 + math.cos(math.pi * min(1, (t - 8) / 32))))),
]
