"""Whole programs: what is measured of each, and what was promised of it."""

from dataclasses import dataclass
from typing import Callable

import in_jax
import in_torch
from contest import shown
from rows import integers, normal, uniform


@dataclass
class Promise:
    text: str
    # The time over what was promised, of the nanoseconds of each contestant: 1 or less is held.
    over: Callable


def best(times):
    return min(times[name] for name in ("torch", "compile", "jax") if name in times)


def as_fast(factor):
    return Promise(f"{factor} times as fast as the best peer", lambda t: factor * t["jit"] / best(t))


def within(factor):
    return Promise(f"within {factor} of the best peer", lambda t: t["jit"] / best(t) / factor)


def over_jax(factor):
    text = "faster than jax.jit" if factor == 1 else f"{factor} times as fast as jax.jit"
    return Promise(text, lambda t: factor * t["jit"] / t["jax"])


def at_most(ns, what):
    return Promise(f"at most {shown(ns)} {what}", lambda t: t["jit"] / ns)


@dataclass
class Workload:
    # How it is called in tables, and its name in `src/peers/`.
    title: str
    name: str
    inputs: list
    torch: Callable
    jax: Callable
    dtype: str = "float32"
    promise: Promise | None = None
    # Times are of one of so many operations.
    operations: int = 1
    # Some `torch.compile` only after minutes.
    compiled: bool = True
    # What another machine, an AVX-512 core, needed by hand or at the peak of its arithmetic.
    limit: str = ""


def number(value):
    return lambda r, dtype: r.uniform(value, value, ()).astype(dtype)


def scaled(*shape):
    """Weights as they are initialised: by the root of what they sum over."""
    return lambda r, dtype: (r.standard_normal(shape) / shape[0] ** 0.5).astype(dtype)


def dense(n, m):
    # Adam moves by as much where the gradient is zero but for rounding, as that of the keys' bias is: beside a bias it is nothing.
    return [scaled(n, m), uniform(-0.1, 0.1, m)]


MLP = [*dense(784, 512), *dense(512, 256), *dense(256, 10)]
LENET = [normal(64, 1, 28, 28), integers(0, 10, 64), normal(8, 1, 5, 5), normal(8), normal(16, 8, 5, 5), normal(16)]
LENET += [uniform(-0.1, 0.1, 256, 10), normal(10)]


def norm(width):
    return [uniform(0.9, 1.1, width), uniform(-0.1, 0.1, width)]


def gpt(layers, width, length, batch, vocabulary):
    indices = integers(0, vocabulary, batch, length)
    block = [*norm(width), *dense(width, 3 * width), *dense(width, width)]
    block += [*norm(width), *dense(width, 4 * width), *dense(4 * width, width)]
    return [indices, indices, scaled(vocabulary, width), scaled(length, width), *block * layers, *norm(width), scaled(width, vocabulary)]


def chain(links, dtype, in_jax_as, **more):
    inputs = [number(0.5), number(1.0), number(1 / 8192)]
    title = f"W1 y ← tanh(y·a + c), {links} links, with gradient"
    torch = in_torch.chain(links)
    # Minutes in torch.compile.
    return Workload(title, f"chain {links}", inputs, torch, in_jax_as(links), dtype, compiled=False, **more)


def bumps(n, **more):
    title = f"W2 Σ sin x · exp(−x²) + tanh x, n = {n:,}, with gradient"
    return Workload(title, "bumps", [uniform(-3, 3, n)], in_torch.bumps, in_jax.bumps, **more)


def mlp(batch, **more):
    inputs = [normal(batch, 784), integers(0, 10, batch), *MLP]
    return Workload(f"W3 MLP step, batch {batch}", "mlp", inputs, in_torch.mlp, in_jax.mlp, **more)


def workloads():
    f64 = dict(dtype="float64")
    each = dict(operations=3000, promise=at_most(10, "an operation"), limit="12.8 ns")
    for dtype in ("float32", "float64"):
        yield chain(1000, dtype, in_jax.chain_scan, **each)
    tiny = dict(promise=at_most(300, "a call"))
    yield Workload("x·2 + 1 of a number", "tiny", [number(1.5)], in_torch.tiny, in_jax.tiny, **tiny)
    yield bumps(1_000, promise=as_fast(3), limit="1.2 µs")
    yield bumps(100_000, promise=as_fast(3), limit="100 µs")
    yield bumps(100_000, promise=as_fast(3), **f64)
    yield bumps(10_000_000, promise=as_fast(2), limit="18.3 ms")
    for batch, limit in ((32, "0.7 ms"), (128, "1.7 ms"), (1024, "10.7 ms")):
        yield mlp(batch, promise=within(1.3), limit=limit)
    inputs = [*LENET]
    yield Workload("W6 LeNet, batch 64, with gradients", "lenet", inputs, in_torch.lenet, in_jax.lenet, limit="0.45 ms")
    product = dict(promise=over_jax(2), limit="1.1 µs", **f64)
    inputs = [normal(1000), normal(1000)]
    title = "W5 Rosenbrock, n = 1000, Hessian times vector"
    yield Workload(title, "rosenbrock hvp", inputs, in_torch.rosenbrock_product, in_jax.rosenbrock_product, **product)
    whole = dict(promise=over_jax(1), **f64)
    title = "W5 Rosenbrock, n = 100, Hessian"
    yield Workload(title, "rosenbrock hessian", [normal(100)], in_torch.rosenbrock_hessian, in_jax.rosenbrock_hessian, **whole)
    inputs = [normal(128, 784), integers(0, 10, 128), *MLP, *(scaled(*s) for s in ((784, 512), (512,), (512, 256), (256,), (256, 10), (10,)))]
    title = "W5 MLP's loss, batch 128, Hessian times vector"
    yield Workload(title, "mlp hvp", inputs, in_torch.mlp_product, in_jax.mlp_product)
    inputs = [normal(500, 16, 32), scaled(32, 32), *dense(32, 32)]
    title = "W8 RNN, 500 steps, hidden 32, batch 16, with gradients"
    yield Workload(title, "rnn", inputs, in_torch.rnn, in_jax.rnn, compiled=False, limit="0.41 ms")
    inputs = gpt(4, 128, 128, 8, 65)
    yield Workload("W4 GPT step, 4 layers, batch 8", "gpt", inputs, in_torch.gpt, in_jax.gpt, limit="24 ms")


def large():
    """What memory is measured of."""
    yield Workload("W9 GPT step, 4 layers, batch 32", "gpt", gpt(4, 128, 128, 32, 65), in_torch.gpt, in_jax.gpt)


def cold():
    """What the first call is measured of."""
    yield Workload("x·2 + 1 of a number", "tiny", [number(1.5)], in_torch.tiny, in_jax.tiny)
    yield bumps(1_000, promise=at_most(1_000_000, "beyond one run"))
    yield bumps(100_000, promise=at_most(1_000_000, "beyond one run"))
    yield mlp(128, promise=at_most(10_000_000, "beyond one run"))
    for links in (100, 1000):
        yield chain(links, "float32", in_jax.chain)
    yield from (w for w in workloads() if w.name in ("lenet", "mlp hvp", "rnn", "gpt"))
