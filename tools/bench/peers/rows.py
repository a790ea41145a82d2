"""What is compared with eager PyTorch, row by row."""

from dataclasses import dataclass, field
from typing import Callable

import torch
import torch.nn.functional as F

N = 1_000_000


# What the inputs are drawn from: functions of a generator.


def uniform(low, high, *shape):
    return lambda r, dtype: r.uniform(low, high, shape or (N,)).astype(dtype)


def normal(*shape):
    return lambda r, dtype: r.standard_normal(shape or (N,)).astype(dtype)


def integers(low, high, *shape):
    return lambda r, dtype: r.integers(low, high, shape or (N,))


def bools(*shape):
    return lambda r, dtype: r.integers(0, 2, shape or (N,)).astype(bool)


@dataclass
class Row:
    # Its name in `src/peers/`, what PyTorch calls, and the inputs.
    name: str
    peer: Callable | None
    inputs: list
    # Relative and absolute difference allowed, in units of the dtype's epsilon.
    tolerance: tuple = (16, 16)
    dtypes: tuple = ("float32", "float64")
    title: str | None = None
    # Without an autograd graph, unless it is asked for.
    grad: bool = False
    exact: bool = field(default=False)


def unary(name, f, low=-3.0, high=3.0, **more):
    return Row(name, f, [uniform(low, high)], **more)


def binary(name, f, low=-3.0, high=3.0, low2=None, high2=None, **more):
    second = uniform(low if low2 is None else low2, high if high2 is None else high2)
    return Row(name, f, [uniform(low, high), second], **more)


def elementwise():
    yield from (
        binary("add", torch.add),
        Row("add a number", lambda x: x + 0.5, [uniform(-3, 3)]),
        Row("mul a number", lambda x: x * 1.5, [uniform(-3, 3)]),
        Row("add a row", torch.add, [normal(1000, 1000), normal(1000)]),
        Row("add a column", torch.add, [normal(1000, 1000), normal(1000, 1)]),
        binary("sub", torch.sub),
        binary("mul", torch.mul),
        binary("div", torch.div, low2=0.5),
        unary("neg", torch.neg),
        unary("abs", torch.abs),
        unary("sign", torch.sign),
        unary("floor", torch.floor),
        unary("ceil", torch.ceil),
        unary("round", torch.round),
        unary("trunc", torch.trunc),
        unary("square", torch.square),
        unary("powi 3", lambda x: x**3),
        unary("sqrt", torch.sqrt, 0.0, 10.0),
        unary("recip", torch.reciprocal, 0.5, 10.0),
        unary("rsqrt", torch.rsqrt, 0.5, 10.0),
        unary("exp", torch.exp, -10.0, 10.0),
        unary("exp2", torch.exp2, -10.0, 10.0),
        unary("expm1", torch.expm1),
        unary("ln", torch.log, 1e-3, 1e3),
        unary("ln_1p", torch.log1p, -0.9, 10.0),
        unary("log2", torch.log2, 1e-3, 1e3),
        unary("log10", torch.log10, 1e-3, 1e3),
        unary("sin", torch.sin, -10.0, 10.0),
        unary("cos", torch.cos, -10.0, 10.0),
        unary("tan", torch.tan, -10.0, 10.0, tolerance=(32, 32)),
        unary("asin", torch.asin, -1.0, 1.0),
        unary("acos", torch.acos, -1.0, 1.0),
        unary("atan", torch.atan, -10.0, 10.0),
        unary("sinh", torch.sinh),
        unary("cosh", torch.cosh),
        unary("tanh", torch.tanh),
        unary("asinh", torch.asinh),
        unary("acosh", torch.acosh, 1.0, 10.0, tolerance=(64, 64)),
        unary("atanh", torch.atanh, -0.99, 0.99, tolerance=(64, 64)),
        unary("relu", torch.relu),
        unary("sigmoid", torch.sigmoid),
        unary("softplus", F.softplus),
        unary("silu", F.silu),
        unary("gelu", F.gelu, tolerance=(256, 64)),
        unary("erf", torch.erf),
        unary("erfc", torch.erfc, tolerance=(256, 16)),
        unary("lgamma", torch.lgamma, 0.5, 20.0, tolerance=(64, 64)),
        unary("digamma", torch.digamma, 0.5, 20.0, tolerance=(256, 64)),
        binary("pow", torch.pow, 0.1, 3.0, -3.0, 3.0),
        binary("atan2", torch.atan2),
        binary("hypot", torch.hypot),
        binary("fmod", torch.fmod, -10.0, 10.0, 0.5, 3.0),
        binary("maximum", torch.maximum),
        binary("minimum", torch.minimum),
        binary("greater", torch.gt),
        binary("equal", torch.eq),
        Row("select", torch.where, [bools(), uniform(-3, 3), uniform(-3, 3)]),
        unary("clamp", lambda x: x.clamp(-0.5, 0.5)),
        unary("convert", lambda x: x.to(torch.float64 if x.dtype == torch.float32 else torch.float32)),
    )


SQUARE = normal(1000, 1000)


def whole():
    def row(name, f, *inputs, **more):
        return Row(name, f, list(inputs or [SQUARE]), **more)

    sums = dict(tolerance=(64, 4096))
    yield from (
        row("sum", torch.sum, **sums),
        row("sum axis 0", lambda x: x.sum(0), **sums),
        row("sum axis 1", lambda x: x.sum(1), **sums),
        row("mean", torch.mean, **sums),
        row("max", torch.max),
        row("max axis 0", lambda x: x.amax(0)),
        row("max axis 1", lambda x: x.amax(1)),
        row("argmax", torch.argmax),
        row("argmax axis 0", lambda x: x.argmax(0)),
        row("argmax axis 1", lambda x: x.argmax(1)),
        row("prod", torch.prod, uniform(0.999, 1.001, 1000, 1000), tolerance=(1e5, 0)),
        row("prod axis 1", lambda x: x.prod(1), uniform(0.9, 1.1, 1000, 1000), tolerance=(4096, 0)),
        row("var", lambda x: x.var(unbiased=False), **sums),
        row("var axis 1", lambda x: x.var(1, unbiased=False), **sums),
        row("norm", torch.linalg.vector_norm, tolerance=(128, 0)),
        row("norm axis 1", lambda x: torch.linalg.vector_norm(x, dim=1), **sums),
        row("logsumexp axis 0", lambda x: x.logsumexp(0), **sums),
        row("logsumexp axis 1", lambda x: x.logsumexp(1), **sums),
        row("softmax axis 0", lambda x: x.softmax(0), tolerance=(64, 1)),
        row("softmax axis 1", lambda x: x.softmax(1), tolerance=(64, 1)),
        row("softmax 32", lambda x: x.softmax(1), normal(31250, 32), tolerance=(64, 1), title="softmax of 31250×32, axis 1"),
        row("log_softmax axis 1", lambda x: x.log_softmax(1), tolerance=(64, 16)),
        row("layer_norm", lambda x, w, b: F.layer_norm(x, (1000,), w, b), SQUARE, normal(1000), normal(1000), tolerance=(64, 64)),
        row("layer_norm bare", lambda x: F.layer_norm(x, (1000,)), tolerance=(64, 64), title="layer_norm without weight and bias"),
        row("cumsum", lambda x: x.cumsum(0), normal(N), tolerance=(0, 1e5)),
        row("cumsum axis 0", lambda x: x.cumsum(0), tolerance=(0, 1e5)),
        row("cumsum axis 1", lambda x: x.cumsum(1), tolerance=(0, 1e5)),
        row("cumprod axis 1", lambda x: x.cumprod(1), uniform(0.9, 1.1, 1000, 1000), tolerance=(4096, 0)),
        row("sort", lambda x: x.sort()[0], normal(N), title="sort, with places"),
        row("sort axis 1", lambda x: x.sort(1)[0], title="sort axis 1, with places"),
        row("top_k 10 axis 1", lambda x: x.topk(10, 1)[0]),
        row("transpose", lambda x: x.t().contiguous()),
        row("permute 2 0 1", lambda x: x.permute(2, 0, 1).contiguous(), normal(100, 100, 100)),
        row("permute 0 2 1 3", lambda x: x.permute(0, 2, 1, 3).contiguous(), normal(8, 125, 8, 125)),
        row("concat axis 0", lambda *x: torch.cat(x, 0), normal(500, 1000), normal(500, 1000)),
        row("concat axis 1", lambda *x: torch.cat(x, 1), normal(1000, 500), normal(1000, 500)),
        row("slice", lambda x: x[:, 100:900].contiguous()),
        row("flip axis 1", lambda x: x.flip(1)),
        row("gather entries", lambda x, i: x[i], normal(N), integers(0, N)),
        row("gather rows", lambda x, i: x[i], SQUARE, integers(0, 1000, 1000)),
        row("take_along_axis 1", lambda x, i: x.gather(1, i), SQUARE, integers(0, 1000, 1000, 1000)),
        row("scatter_add entries", lambda x, i: torch.zeros_like(x).index_add_(0, i, x), normal(N), integers(0, N), tolerance=(16, 64)),
        row("scatter_add rows", lambda x, i: torch.zeros_like(x).index_add_(0, i, x), SQUARE, integers(0, 1000, 1000), tolerance=(16, 64)),
    )


def gradients(f, which):
    """The value of f with its gradients, as a user of autograd gets them."""

    def run(*inputs):
        x = list(inputs)
        for i in which:
            x[i] = x[i].detach().requires_grad_()
        y = f(*x)
        y.backward()
        return [y.detach(), *(x[i].grad for i in which)]

    return run


def bumps(x):
    return (torch.sin(x) * torch.exp(-(x**2)) + torch.tanh(x)).sum()


def lenet(x, labels, k1, b1, k2, b2, w, b):
    x = F.max_pool2d(F.relu(F.conv2d(x, k1, b1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, k2, b2)), 2)
    return F.cross_entropy(x.flatten(1) @ w + b, labels)


def models():
    f32, both = ("float32",), ("float32", "float64")
    for n in (1_000, 100_000, 10_000_000):
        for name, title in (("bumps", "`backward()`"), ("bumps, transformed", "`value_and_grad(f)(&x)`")):
            yield Row(
                name,
                gradients(bumps, [0]),
                [uniform(-3, 3, n)],
                tolerance=(64, 64),
                dtypes=f32 if n > N else both,
                title=f"sum(sin x · exp(−x²) + tanh x), n = {n:,}, {title}",
                grad=True,
            )
    image, first, second = normal(64, 1, 28, 28), normal(8, 1, 5, 5), normal(16, 8, 5, 5)
    parameters = [first, normal(8), second, normal(16), uniform(-0.1, 0.1, 256, 10), normal(10)]
    inputs = [image, integers(0, 10, 64), *parameters]
    yield Row("lenet", gradients(lenet, range(2, 8)), inputs, (4096, 4096), f32, "LeNet step, 64 images", True)
    for title, x, kernel, y in (
        ("first", image, first, normal(64, 8, 24, 24)),
        ("second", normal(64, 8, 12, 12), second, normal(64, 16, 8, 8)),
    ):
        loss = lambda x, k, ct: (F.conv2d(x, k) * ct).sum()
        more = dict(tolerance=(1024, 1 << 14), dtypes=f32)
        yield Row("conv", F.conv2d, [x, kernel], title=f"its {title} convolution", **more)
        name = "conv, both gradients"
        yield Row(name, gradients(loss, [0, 1]), [x, kernel, y], title=f"its {title} convolution, with both gradients", grad=True, **more)
    name = "conv, gradient of the kernel"
    loss = lambda x, k, ct: (F.conv2d(x, k) * ct).sum()
    yield Row(name, gradients(loss, [1]), [image, first, normal(64, 8, 24, 24)], title="its first convolution, with the gradient of the kernel", grad=True, **more)
    yield Row("max_pool", lambda x: F.max_pool2d(x, 2), [normal(64, 8, 24, 24)], title="its first pool", dtypes=f32)


LARGE = 10_000_000


def threads():
    """What waits for memory at two sizes: one that the last cache holds, and one that it does not."""
    image, first, second = normal(64, 1, 28, 28), normal(8, 1, 5, 5), normal(16, 8, 5, 5)
    parameters = [first, normal(8), second, normal(16), uniform(-0.1, 0.1, 256, 10), normal(10)]
    wide = [normal(256, 8, 12, 12), second]

    def row(name, inputs, title=None):
        return Row(name, None, inputs, dtypes=("float32",), title=title)

    for size, text in ((N, "1e6"), (LARGE, "1e7")):
        large, rows = uniform(-3, 3, size), normal(size // 1000, 1000)

        def sized(name, *inputs):
            return row(name, list(inputs), f"{name}, {text}")

        yield sized("limit: copy", large)
        yield sized("limit: copy past the caches", large)
        yield sized("limit: triad", large, large)
        yield sized("limit: read", large)
        for name in ("add", "mul", "div"):
            yield sized(name, large, large)
        yield sized("add a row", rows, normal(1000))
        for name in ("neg", "exp", "sin", "tanh", "gelu"):
            yield sized(name, large)
        for name in ("sum", "sum axis 0", "sum axis 1", "max", "var axis 1", "softmax axis 0", "softmax axis 1", "layer_norm bare", "cumsum axis 1"):
            yield sized(name, rows)
        yield sized("transpose", rows)
        yield sized("gather rows", rows, integers(0, size // 1000, size // 1000))
    large, rows = uniform(-3, 3, LARGE), normal(10_000, 1000)
    yield row("lgamma", [uniform(0.5, 20, LARGE)], "lgamma, 1e7")
    yield row("sort axis 1", [rows], "sort axis 1, 1e7")
    yield row("permute 2 0 1", [normal(200, 250, 200)], "permute 2 0 1, 1e7")
    yield row("gather entries", [large, integers(0, LARGE, LARGE)], "gather entries, 1e7")
    yield row("scatter_add entries", [large, integers(0, N, LARGE)], "scatter_add of 1e7 entries to 1e6")
    yield row("bumps", [large], "sum(sin x · exp(−x²) + tanh x), n = 1e7, with its gradient")
    yield row("conv", wide, "the second convolution of LeNet, 256 images")
    yield row("conv, both gradients", wide + [normal(256, 16, 8, 8)], "the same with both gradients")
    yield row("lenet", [normal(256, 1, 28, 28), integers(0, 10, 256), *parameters], "LeNet step, 256 images")
