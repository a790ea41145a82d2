#!/usr/bin/env python3
"""Numbers by JAX for convolution and pooling.

    python3 tools/oracles/tensors_conv.py             writes crates/cotangent/tests/tables/conv.txt
    python3 tools/oracles/tensors_conv.py --only X    prints the cases with X in their name

The format and the checks are those of table.py. Convolutions are `lax.conv_general_dilated`; a transposed one is what JAX
finds as the transpose of a convolution in its operand, so that no formula for its padding is written twice. Maxima of windows
are those of a stack of shifted slices: `lax.reduce_window` gives the derivative of a tie to the first, here it is shared. The
values of both are compared. Pooling is tried on sines, so that it has a second derivative. Cases of `special` hold NaN and
infinities, and have values only.

In a case `stride`, `low`, `high`, `dilation`, `base` and `window` have a word for each axis; `padding same` stands for low and
high.
"""

import itertools

from jax import lax
from table import INF, NAN, Table, jax, jnp, np, real, separate

table = Table("conv", __file__)
special, listed = table.special, table.listed


def case(name, *makers, **options):
    table.case(name, *makers, f32=True, **options)


def padding(p):
    return "SAME" if p.get("padding") == "same" else list(zip(p["low"], p["high"]))


@listed("conv_general")
def conv_general(x, p):
    return lax.conv_general_dilated(
        x[0],
        x[1],
        p["stride"],
        padding(p),
        lhs_dilation=p["base"],
        rhs_dilation=p["dilation"],
        feature_group_count=p["features"],
        batch_group_count=p["batches"],
    )


@listed("conv1d", "conv2d")
def conv(x, p):
    return lax.conv_general_dilated(
        x[0], x[1], p["stride"], padding(p), rhs_dilation=p["dilation"], feature_group_count=p["groups"]
    )


@listed("conv_transpose1d", "conv_transpose2d")
def conv_transpose(x, p):
    (y, w), lengths = x, []
    for i, n in enumerate(y.shape[2:]):
        reach = p["dilation"][i] * (w.shape[i + 2] - 1) + 1
        if p.get("padding") == "same":
            lengths.append(n * p["stride"][i])
        else:
            lengths.append((n - 1) * p["stride"][i] - p["low"][i] - p["high"][i] + reach + p["more"][i])
    shape = (y.shape[0], w.shape[1] * p["groups"], *lengths)
    back = jax.linear_transpose(lambda v: conv([v, w], p), jax.ShapeDtypeStruct(shape, y.dtype))
    return back(y)[0]


def windows(x, p, fill):
    """All taps of the windows over the last axes, along a new first axis."""
    n = len(p["window"])
    lead = [(0, 0, 0)] * (x.ndim - n)
    base = p.get("base", [1] * n)
    x = lax.pad(x, jnp.asarray(fill, x.dtype), lead + [(lo, hi, b - 1) for lo, hi, b in zip(p["low"], p["high"], base)])
    shape = x.shape[x.ndim - n :]
    reach = [(k - 1) * d + 1 for k, d in zip(p["window"], p["dilation"])]
    counts = [max(0, (m - r) // s + 1) for m, r, s in zip(shape, reach, p["stride"])]
    taps = []
    for tap in itertools.product(*map(range, p["window"])):
        start = [min(k * d, m) for k, d, m in zip(tap, p["dilation"], shape)]
        stop = [b + (c - 1) * s + 1 if c else b for c, s, b in zip(counts, p["stride"], start)]
        own = list(x.shape[: x.ndim - n])
        part = lax.slice(x, [0] * len(own) + start, own + stop, [1] * len(own) + list(p["stride"]))
        taps.append(part)
    return jnp.stack(taps)


def reduced(x, p, start, f):
    """By JAX's own operation, to compare with."""
    lead = [1] * (x.ndim - len(p["window"]))
    pads = [(0, 0)] * len(lead) + list(zip(p["low"], p["high"]))
    own = lambda key: tuple(lead + list(p[key]))
    base = tuple(lead + list(p.get("base", [1] * len(p["window"]))))
    return lax.reduce_window(x, jnp.asarray(start, x.dtype), f, own("window"), own("stride"), pads, base, own("dilation"))


def compared(y, x, p, start, f):
    if not isinstance(y, jax.core.Tracer):
        np.testing.assert_allclose(y, reduced(x, p, start, f), rtol=1e-12, atol=1e-12)
    return y


@listed("window_sum")
def window_sum(x, p):
    x = jnp.sin(x[0])
    return compared(jnp.sum(windows(x, p, 0), axis=0), x, p, 0, lax.add)


def largest(x, p):
    return compared(jnp.max(windows(x, p, -INF), axis=0), x, p, -INF, lax.max)


@listed("window_max", "max_pool1d", "max_pool2d")
def max_pool(x, p):
    return largest(jnp.sin(x[0]), p)


@listed("max_of")
def max_of(x, p):
    return largest(x[0], p)


@listed("avg_pool1d", "avg_pool2d")
def avg_pool(x, p):
    x = jnp.sin(x[0])
    sums = jnp.sum(windows(x, p, 0), axis=0)
    if p["count"] == "true":
        return sums / np.prod(p["window"])
    return sums / jnp.sum(windows(jnp.ones_like(x), p, 0), axis=0)


@listed("adaptive_avg_pool1d", "adaptive_avg_pool2d")
def adaptive(x, p):
    x = jnp.sin(x[0])
    for i, m in enumerate(p["size"]):
        n, axis = x.shape[i + 2], i + 2
        parts = [x.take(jnp.arange(j * n // m, -(-(j + 1) * n // m)), axis=axis).mean(axis=axis) for j in range(m)]
        x = jnp.stack(parts, axis=axis)
    return x


def options(n, **given):
    own = {"stride": [1] * n, "low": [0] * n, "high": [0] * n, "dilation": [1] * n}
    if given.get("padding") == "same":
        del own["low"], own["high"]
    return {**own, **given}


def general(label, x, w, **given):
    n = len(x) - 2
    case(f"conv_general/{label}", real(x), real(w), **{**options(n, base=[1] * n, features=1, batches=1), **given})


general("1d", [2, 3, 6], [2, 3, 3])
general("2d", [2, 2, 4, 5], [3, 2, 2, 3])
general("3d", [1, 2, 3, 3, 4], [2, 2, 2, 1, 2], stride=[1, 2, 1], low=[0, 1, 0], high=[1, 0, 0])
general("stride", [1, 2, 9], [2, 2, 2], stride=[3])
general("stride_leaves_some", [1, 1, 8], [1, 1, 3], stride=[4])
general("asymmetric", [1, 2, 4, 4], [1, 2, 3, 2], low=[0, 2], high=[1, 0])
general("negative_padding", [1, 1, 7], [2, 1, 2], low=[-2], high=[-1])
general("negative_and_stride", [1, 1, 6, 5], [1, 1, 2, 2], stride=[2, 1], low=[-1, 1], high=[2, -2])
general("dilated", [1, 2, 8], [2, 2, 3], dilation=[3])
general("dilated_2d", [1, 1, 6, 6], [1, 1, 3, 2], dilation=[2, 3], low=[1, 0], high=[0, 2])
general("base", [1, 2, 4], [2, 2, 3], base=[2])
general("base_and_stride", [1, 1, 5], [1, 1, 4], base=[3], stride=[2], low=[1], high=[2])
general("base_stride_dilated", [1, 1, 4, 3], [2, 1, 3, 2], base=[2, 3], stride=[3, 2], dilation=[2, 1], low=[2, -1], high=[0, 3])
general("everything", [2, 4, 5], [4, 2, 2], base=[2], stride=[3], dilation=[3], low=[3], high=[-1], features=2)
general("features", [1, 4, 5], [6, 2, 2], features=2)
general("depthwise", [2, 3, 4, 4], [6, 1, 2, 2], features=3, low=[1, 1], high=[1, 1])
general("batches", [4, 2, 5], [6, 2, 2], batches=2)
general("batches_2d", [6, 1, 3, 4], [3, 1, 2, 2], batches=3, stride=[1, 2], low=[1, 0], high=[0, 1])
general("many_features", [1, 3, 6], [19, 3, 3], low=[1], high=[1])
general("kernel_larger", [1, 2, 2], [3, 2, 4])
general("kernel_larger_padded", [1, 2, 2], [3, 2, 4], low=[1], high=[2])
general("beyond_both_ends", [1, 1, 3], [1, 1, 2], low=[4], high=[5], stride=[2])
general("no_examples", [0, 2, 4], [1, 2, 2])
general("no_channels", [2, 0, 4], [3, 0, 2])
general("no_features", [1, 2, 4], [0, 2, 2])
general("no_entries", [1, 2, 0], [2, 2, 2], low=[1], high=[2])
general("matrix_product", [2, 3], [4, 3])

for x, w, name in [([2, 4, 7], [4, 4, 3], "conv1d"), ([1, 4, 5, 6], [2, 4, 3, 2], "conv2d")]:
    n = len(x) - 2
    grouped = [w[0], 2, *w[2:]]
    for label, weight, given in [
        ("plain", w, {}),
        ("padded", w, dict(low=[1] * n, high=[1] * n)),
        ("stride_and_padding", w, dict(stride=[2, 3][:n], low=[2, 1][:n], high=[0, 2][:n])),
        ("same", w, dict(padding="same")),
        ("same_stride", w, dict(padding="same", stride=[2] * n)),
        ("same_dilated", w, dict(padding="same", dilation=[3, 2][:n])),
        ("groups", grouped, dict(groups=2)),
        ("groups_stride_same", grouped, dict(groups=2, stride=[2, 1][:n], padding="same")),
        ("depthwise", [4, 1, *w[2:]], dict(groups=4, dilation=[2, 1][:n], low=[1, 0][:n], high=[1, 0][:n])),
        ("pointwise", [3, 4, *[1] * n], {}),
    ]:
        case(f"{name}/{label}", real(x), real(weight), **options(n, **{"groups": 1, **given}))

for x, w, name in [([2, 4, 3], [4, 3, 3], "conv_transpose1d"), ([1, 4, 3, 2], [4, 2, 2, 3], "conv_transpose2d")]:
    n = len(x) - 2
    for label, weight, given in [
        ("plain", w, {}),
        ("stride", w, dict(stride=[2, 3][:n])),
        ("padded", w, dict(low=[1] * n, high=[0] * n)),
        ("output_padding", w, dict(stride=[3, 2][:n], low=[1] * n, high=[1] * n, more=[2, 1][:n])),
        ("dilated", w, dict(dilation=[2, 3][:n], stride=[2] * n)),
        ("groups", w, dict(groups=2, stride=[2, 1][:n])),
        ("same", w, dict(padding="same", stride=[2] * n)),
        ("same_wide_stride", [4, 1, *[2] * n], dict(padding="same", stride=[4, 3][:n])),
        ("everything", w, dict(groups=4, stride=[3, 2][:n], dilation=[1, 2][:n], low=[1, 2][:n], high=[0, 1][:n], more=[1, 1][:n])),
        ("no_examples", w, dict(stride=[2] * n)),
    ]:
        shape = [0, *x[1:]] if label == "no_examples" else x
        case(f"{name}/{label}", real(shape), real(weight), **options(n, **{"groups": 1, "more": [0] * n, **given}))


def window(name, label, shape, size, **given):
    case(f"{name}/{label}", separate(shape, 0.11), **options(len(size), window=size, **given))


for name in ["window_sum", "window_max"]:
    window(name, "1d", [7], [3])
    window(name, "2d", [2, 4, 5], [2, 3], stride=[2, 1])
    window(name, "3d", [3, 3, 4], [2, 2, 2], low=[1, 0, 0], high=[0, 0, 1])
    window(name, "padded", [2, 6], [3], stride=[2], low=[2], high=[1])
    window(name, "dilated", [9], [3], dilation=[2], stride=[2])
    window(name, "negative_padding", [8], [2], low=[-2], high=[-1], stride=[2])
    window(name, "too_large", [2, 3], [4])
    window(name, "empty", [0, 3], [2])
window("window_sum", "base", [2, 4], [3], base=[2], low=[1], high=[2])
window("window_sum", "base_and_stride", [5, 2], [3, 2], base=[3, 2], stride=[2, 3], low=[2, 1], high=[1, 2])
window("window_sum", "beside", [3], [2], low=[4], high=[3])

for n, name in [(1, "1d"), (2, "2d")]:
    shape = [2, 2, 7, 6][: n + 2]
    for kind in ["max", "avg"]:
        for label, size, given in [
            ("halves", [2] * n, dict(stride=[2] * n)),
            ("overlapping", [3, 2][:n], dict(stride=[1] * n)),
            ("padded", [3] * n, dict(stride=[2] * n, low=[1] * n, high=[1] * n)),
            ("asymmetric", [2, 3][:n], dict(stride=[2, 1][:n], low=[0, 2][:n], high=[1, 0][:n])),
            ("dilated", [2] * n, dict(dilation=[3, 2][:n])),
            ("no_examples", [2] * n, dict(stride=[2] * n)),
        ]:
            counts = [{}] if kind == "max" else [dict(count="true"), dict(count="false")]
            for count in counts:
                tag = "_not_counted" if count.get("count") == "false" else ""
                own = [0, *shape[1:]] if label == "no_examples" else shape
                window(f"{kind}_pool{name}", label + tag, own, size, **given, **count)
case("adaptive_avg_pool1d/thirds", real([2, 1, 7]), size=[3])
case("adaptive_avg_pool1d/more_than_there_are", real([1, 2, 3]), size=[5])
case("adaptive_avg_pool2d/uneven", real([1, 2, 5, 4]), size=[2, 3])
case("adaptive_avg_pool2d/one", real([2, 2, 3, 3]), size=[1, 1])

# Ties share; the point is a kink.
TIED = np.array([[1.0, 2.0, 2.0, 2.0, 0.5, 2.0, 1.0, 1.0]])
case("max_of/ties", TIED, smooth=False, **options(1, window=[3]))
case("max_of/ties_stride", TIED, smooth=False, **options(1, window=[2], stride=[2], low=[1], high=[1]))
case("max_of/ties_2d", np.array([[3.0, 3.0, 1.0], [3.0, 1.0, 1.0]]), smooth=False, **options(2, window=[2, 2]))
special("max_of/nan", np.array([1.0, NAN, 2.0, 3.0, INF, -INF]), **options(1, window=[2]))
special("max_of/minus_infinity", np.array([-INF, -INF, 1.0]), **options(1, window=[2]))
special("max_of/beside", np.array([1.0, 2.0]), **options(1, window=[2], low=[3], high=[2]))
special("conv1d/nan", np.array([[[1.0, NAN, 2.0, INF, 1.0]]]), np.array([[[2.0, 1.0]]]), **options(1, groups=1))

if __name__ == "__main__":
    table.main()
