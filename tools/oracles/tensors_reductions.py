#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/reductions.txt: reductions, scans and rows normalised, by JAX.

    python3 tools/oracles/tensors_reductions.py     # from the repository root; --only TEXT prints some cases

The format, and what belongs to a case, are told in `table.py`. Functions that are linear, or that only choose entries, get
squares, so that there is a second derivative. Cases with a label `special…` have values alone: NaN, infinities, nothing to
reduce.

Left out, because JAX means something else there than docs/conventions.md, or has nothing to say:
- derivatives of `std` and `norm` at zero (NaN in JAX, 0 here), of `logsumexp` where all is −inf or one is +inf (NaN in JAX);
- `softmax` and `log_softmax` at +inf: NaN in JAX, here the entries of +inf share equally;
- ties of cummax and cummin in derivatives: JAX shares them pairwise, here the first that the scan meets has all.
"""

from jax import lax
from table import INF, NAN, Table, jax, jnp, np, off_zero, real, separate, truths, whole

table = Table("reductions", __file__)
case, special, FUNCTIONS = table.case, table.special, table.functions


def axes_of(p):
    return tuple(p["axes"])


def norm(x, p):
    order, axes = float(p["order"]), axes_of(p)
    size = jnp.abs(x)
    if order == np.inf:
        return jnp.max(size, axes) if x.size else jnp.zeros(jnp.sum(x, axes).shape)
    if order == -np.inf:
        return jnp.min(size, axes)
    if order == 0:
        return jnp.sum(x != 0, axes).astype(x.dtype)
    if order == 1:
        return jnp.sum(size, axes)
    return jnp.power(jnp.sum(jnp.power(size, order), axes), 1.0 / order)


def standardize(x, p):
    axes, epsilon = axes_of(p), float(p["epsilon"])
    mean, var = jnp.mean(x, axes, keepdims=True), jnp.var(x, axes, keepdims=True)
    return (x - mean) / jnp.sqrt(var + epsilon)


def recurrence(x, p):
    a, b = (jnp.moveaxis(z, p["axis"], 0) for z in x)
    rows, y = [], jnp.zeros_like(b[0])
    for a, b in zip(a, b):
        y = a * y + b
        rows.append(y)
    return jnp.moveaxis(jnp.stack(rows), 0, p["axis"])


def top_k(x, p):
    y, i = lax.top_k(jnp.moveaxis(x, p["axis"], -1), p["k"])
    return jnp.moveaxis(y, -1, p["axis"]), jnp.moveaxis(i, -1, p["axis"]).astype(jnp.int64)


square = jnp.square
SCANS = {
    "cumsum": lambda x, axis, reverse: lax.cumsum(square(x), axis=axis, reverse=reverse),
    "cumprod": lax.cumprod,
    "cummax": lambda x, axis, reverse: square(lax.cummax(x, axis=axis, reverse=reverse)),
    "cummin": lambda x, axis, reverse: square(lax.cummin(x, axis=axis, reverse=reverse)),
    "cumlogsumexp": lax.cumlogsumexp,
}
for name, f in SCANS.items():
    for suffix, reverse in [("", False), ("_reverse", True)]:
        FUNCTIONS[name + suffix] = lambda x, p, f=f, r=reverse: f(x[0], axis=p["axis"] % x[0].ndim, reverse=r)
FUNCTIONS.update(
    {
        "prod": lambda x, p: jnp.prod(x[0]),
        "prod_axes": lambda x, p: jnp.prod(x[0], axes_of(p)),
        "prod_keep": lambda x, p: jnp.prod(x[0], axes_of(p), keepdims=True),
        "min": lambda x, p: square(jnp.min(x[0])),
        "min_axes": lambda x, p: square(jnp.min(x[0], axes_of(p))),
        "min_keep": lambda x, p: square(jnp.min(x[0], axes_of(p), keepdims=True)),
        "max_axes": lambda x, p: jnp.max(x[0], axes_of(p)),
        "mean_axes": lambda x, p: jnp.mean(x[0], axes_of(p)),
        "sum_axes": lambda x, p: jnp.sum(x[0], axes_of(p)),
        "sum_compensated": lambda x, p: jnp.sum(square(x[0])),
        "sum_compensated_axes": lambda x, p: jnp.sum(square(x[0]), axes_of(p)),
        "any": lambda x, p: jnp.any(x[0]),
        "any_axes": lambda x, p: jnp.any(x[0], axes_of(p)),
        "all": lambda x, p: jnp.all(x[0]),
        "all_axes": lambda x, p: jnp.all(x[0], axes_of(p)),
        "argmax": lambda x, p: jnp.argmax(x[0]).astype(jnp.int64),
        "argmin": lambda x, p: jnp.argmin(x[0]).astype(jnp.int64),
        "argmax_axis": lambda x, p: jnp.argmax(x[0], p["axis"]).astype(jnp.int64),
        "argmin_axis": lambda x, p: jnp.argmin(x[0], p["axis"]).astype(jnp.int64),
        "var_axes": lambda x, p: jnp.var(x[0], axes_of(p), ddof=p["ddof"]),
        "std_axes": lambda x, p: jnp.std(x[0], axes_of(p), ddof=p["ddof"]),
        "norm_axes": lambda x, p: norm(x[0], p),
        "logsumexp_all": lambda x, p: jax.nn.logsumexp(x[0]),
        "logsumexp_axes": lambda x, p: jax.nn.logsumexp(x[0], axes_of(p)),
        "logsumexp_keep": lambda x, p: jax.nn.logsumexp(x[0], axes_of(p), keepdims=True),
        "softmax_axes": lambda x, p: jax.nn.softmax(x[0], axes_of(p)),
        "log_softmax_axes": lambda x, p: jax.nn.log_softmax(x[0], axes_of(p)),
        "standardize": lambda x, p: standardize(x[0], p),
        "layer_norm_axes": lambda x, p: standardize(x[0], p) * x[1] + x[2],
        "linear_recurrence": recurrence,
        "sort_descending": lambda x, p: square(jnp.sort(x[0], axis=p["axis"], descending=True)),
        "argsort_descending": lambda x, p: jnp.argsort(x[0], axis=p["axis"], stable=True, descending=True),
        "argsort": lambda x, p: jnp.argsort(x[0], axis=p["axis"], stable=True),
        "top_k": lambda x, p: square(top_k(x[0], p)[0]),
        "top_k_indices": lambda x, p: top_k(x[0], p)[1],
        "median_axes": lambda x, p: square(jnp.median(x[0], axes_of(p))),
        "quantile_axes": lambda x, p: square(jnp.quantile(x[0], p["q"], axes_of(p))),
    }
)

LINES = {
    "vector": ((5,), 0),
    "rows": ((2, 4), -1),
    "columns": ((3, 2), 0),
    "middle": ((2, 3, 2), -2),
    "one": ((1,), 0),
    "empty": ((0,), 0),
    "no_rows": ((0, 3), 1),
}
for name in SCANS:
    for suffix in ["", "_reverse"]:
        for label, (shape, axis) in LINES.items():
            point = separate if name in ("cummax", "cummin") else off_zero
            case(f"{name}{suffix}/{label}", point(shape), axis=axis, f32=label == "rows")
for suffix in ["", "_reverse"]:
    case(f"cumprod{suffix}/zero", np.array([1.5, 0.0, -2.0, 0.5]), axis=0)
    case(f"cumprod{suffix}/zeros", np.array([[0.5, 0.0, -1.5, 0.0, 2.0], [0.0, 0.0, 0.0, 1.0, -1.0]]), axis=1)
    case(f"cumlogsumexp{suffix}/far", np.array([900.0, -900.0, 901.0, 900.5]), axis=0)

AXES = {
    "scalar": ((), []),
    "vector": ((5,), [0]),
    "rows": ((2, 4), [-1]),
    "columns": ((3, 2), [0]),
    "outer": ((2, 3, 2), [0, -1]),
    "last_two": ((2, 2, 3), [1, 2]),
    "none": ((2, 2), []),
    "no_rows": ((0, 3), [1]),
}
EMPTY = {"nothing": ((0,), [0]), "nothing_each": ((2, 0), [1])}
for name, point, more in [
    ("prod_axes", off_zero, EMPTY),
    ("sum_compensated_axes", off_zero, EMPTY),
    ("min_axes", separate, {}),
    ("logsumexp_axes", real, {}),
    ("softmax_axes", real, EMPTY),
    ("log_softmax_axes", real, EMPTY),
    ("median_axes", separate, {}),
]:
    for label, (shape, axes) in {**AXES, **more}.items():
        if name == "median_axes" and label in ("none", "scalar", "no_rows"):
            continue  # JAX asks for an axis with an entry
        case(f"{name}/{label}", point(shape), axes=axes, f32=label in ("rows", "outer"))
for name, point in [("prod", off_zero), ("min", separate), ("sum_compensated", real), ("logsumexp_all", real)]:
    case(f"{name}/matrix", point((2, 3)), f32=True)
    case(f"{name}/scalar", point(()))
for name, point in [("prod_keep", off_zero), ("min_keep", separate), ("logsumexp_keep", real)]:
    case(f"{name}/rows", point((2, 3)), axes=[-1])
case("prod/zero", np.array([1.5, 0.0, -2.0]))
case("prod/zeros", np.array([1.5, 0.0, -2.0, 0.0]))
case("prod/all_zero", np.zeros(3))
case("prod_axes/zeros", np.array([[0.5, 0.0, 3.0], [0.0, 0.0, 2.0], [1.0, 2.0, 3.0]]), axes=[1])
for ddof in [0, 1]:
    for label in ["vector", "rows", "columns", "outer"]:
        shape, axes = AXES[label]
        case(f"var_axes/{label}_{ddof}", real(shape), axes=axes, ddof=ddof, f32=label == "rows")
        case(f"std_axes/{label}_{ddof}", real(shape), axes=axes, ddof=ddof, f32=label == "outer")
case("var_axes/far", np.array([1e6 + 1.5, 1e6 + 2.0, 1e6 - 1.0]), axes=[0], ddof=0, smooth=False)
for order in ["0.5", "1", "1.5", "2", "3", "inf", "-inf", "0"]:
    for label in ["vector", "rows", "outer", "no_rows"]:
        shape, axes = AXES[label]
        # Of different sizes, so that none is as large as another.
        point = lambda rng, s=shape: np.abs(separate(s, 0.29)(rng)) + 0.3 + np.arange(np.prod(s)).reshape(s) * 1e-3
        case(f"norm_axes/{label}_{order}", point, axes=axes, order=order, f32=label == "rows")
    case(f"norm_axes/signs_{order}", np.array([1.5, -2.5, 0.5, -0.75]), axes=[0], order=order)
case("logsumexp_axes/far", np.array([[1000.0, 999.5], [-1000.0, -1001.5]]), axes=[1])
case("softmax_axes/far", np.array([[1000.0, 999.5], [-1000.0, -1001.5]]), axes=[1])
case("softmax_axes/long", real((2, 70)), axes=[1], f32=True)
case("softmax_axes/long_columns", real((70, 2)), axes=[0], f32=True)
case("log_softmax_axes/far", np.array([[1000.0, 999.5], [-1000.0, -1001.5]]), axes=[1])
for label in ["vector", "rows", "columns", "outer", "last_two", "no_rows"]:
    shape, axes = AXES[label]
    case(f"standardize/{label}", real(shape), axes=axes, epsilon="1e-2", f32=label == "rows")
case("standardize/no_epsilon", real((2, 4)), axes=[-1], epsilon="0")
case("layer_norm_axes/rows", real((3, 4)), real((4,)), real((4,)), axes=[-1], epsilon="1e-5", f32=True)
case("layer_norm_axes/last_two", real((2, 2, 3)), real((2, 3)), real(()), axes=[-2, -1], epsilon="0.1")
for label in ["vector", "rows", "columns", "middle", "one"]:
    shape, axis = LINES[label]
    case(f"linear_recurrence/{label}", real(shape), real(shape), axis=axis, f32=label == "rows")
for label in ["vector", "rows", "columns", "middle", "empty", "no_rows"]:
    shape, axis = LINES[label]
    case(f"sort_descending/{label}", separate(shape), axis=axis, f32=label == "rows")
    case(f"argsort_descending/{label}", separate(shape), axis=axis)
for label, k in [("vector", 3), ("vector", 0), ("vector", 5), ("rows", 2), ("columns", 1), ("middle", 2), ("no_rows", 2)]:
    shape, axis = LINES[label]
    case(f"top_k/{label}_{k}", separate(shape), axis=axis, k=k, f32=label == "rows")
    case(f"top_k_indices/{label}_{k}", separate(shape), axis=axis, k=k)
for q in [0.0, 0.3, 0.5, 0.9, 1.0]:
    case(f"quantile_axes/vector_{q}", separate((6,)), axes=[0], q=q, f32=q == 0.3)
    case(f"quantile_axes/outer_{q}", separate((2, 3, 2)), axes=[0, 2], q=q)
for label, values in [
    ("vector", [True, False, True]),
    ("matrix", [[True, True, False], [True, True, True], [False, False, False]]),
]:
    for name in ["any", "all"]:
        case(f"{name}/{label}", truths(values))
        case(f"{name}_axes/{label}", truths(values), axes=[-1])
for name in ["any", "all"]:
    case(f"{name}/nothing", truths([]))
    case(f"{name}/scalar", truths(True))
    case(f"{name}_axes/nothing_each", truths([]).reshape(2, 0), axes=[1])
    case(f"{name}_axes/no_rows", truths([]).reshape(0, 2), axes=[-1])
    case(f"{name}_axes/none", truths([[True, False]]), axes=[])
for name in ["argmax", "argmin"]:
    case(f"{name}/matrix", separate((3, 4)))
    case(f"{name}/scalar", real(()))
    case(f"{name}/ties", np.array([[2.0, 1.0, 2.0], [1.0, 0.0, 0.0]]))
    case(f"{name}/nan", np.array([1.0, NAN, 5.0, NAN, -INF]))
    case(f"{name}_axis/rows", separate((3, 4)), axis=-1)
    case(f"{name}_axis/columns", separate((3, 4)), axis=0)
    case(f"{name}_axis/ties", whole([[4, 7, 7, 1, 1], [0, 0, 0, 0, 0]]), axis=1)
    case(f"{name}_axis/nan_columns", np.array([[1.0, NAN, 5.0], [NAN, NAN, INF], [2.0, 3.0, NAN]]), axis=0)
    case(f"{name}_axis/infinite", np.array([[INF, -INF, INF, -INF]]), axis=1)
    case(f"{name}_axis/long", separate((2, 50)), axis=1)
    case(f"{name}_axis/no_rows", np.zeros((0, 3)), axis=1)

# Values alone.
SPECIAL = np.array([[1.0, NAN, 2.0], [INF, 1.0, -1.0], [-INF, 0.5, -INF], [-INF, -INF, -INF], [INF, -INF, 0.0]])
for name in ["prod_axes", "min_axes", "max_axes", "mean_axes", "sum_axes", "sum_compensated_axes", "logsumexp_axes", "median_axes"]:
    special(f"{name}/special", SPECIAL, axes=[1], f32=False)
    special(f"{name}/special_columns", SPECIAL, axes=[0], f32=False)
for name in SCANS:
    special(f"{name}/special", SPECIAL, axis=1, f32=False)
    special(f"{name}_reverse/special", SPECIAL, axis=0, f32=False)
ZEROS = np.array([[-0.0, 0.0, -0.0], [0.0, -0.0, 1.0], [-1.0, -0.0, 0.0]])
for name in ["prod_axes", "min_axes", "max_axes", "mean_axes", "sum_axes", "logsumexp_axes", "median_axes", "softmax_axes"]:
    special(f"{name}/special_zeros", ZEROS, axes=[-1], f32=False)
for name in SCANS:
    special(f"{name}/special_zeros", ZEROS, axis=0, f32=False)
for name in ["argmax_axis", "argmin_axis", "argsort", "argsort_descending", "sort_descending"]:
    special(f"{name}/special_zeros", ZEROS, axis=-2, f32=False)
NOT_PLUS = np.array([[1.0, NAN, 2.0], [-INF, 0.5, -INF], [-INF, -INF, -INF], [NAN, NAN, NAN], [-INF, NAN, -INF]])
for name in ["softmax_axes", "log_softmax_axes"]:
    special(f"{name}/special", NOT_PLUS, axes=[1], f32=False)
    special(f"{name}/special_columns", NOT_PLUS.T.copy(), axes=[0], f32=False)
for order in ["1", "2", "3", "inf", "0"]:
    special(f"norm_axes/special_{order}", SPECIAL, axes=[1], order=order, f32=False)
    special(f"norm_axes/special_zero_{order}", np.zeros((2, 3)), axes=[1], order=order, f32=False)
    special(f"norm_axes/special_nothing_{order}", np.zeros((2, 0)), axes=[1], order=order, f32=False)
for ddof in [0, 1, 2]:
    special(f"var_axes/special_{ddof}", np.array([[1.0, NAN], [INF, 2.0], [3.0, 3.0]]), axes=[1], ddof=ddof, f32=False)
    special(f"std_axes/special_one_{ddof}", np.array([[2.5], [-1.0]]), axes=[1], ddof=ddof, f32=False)
    special(f"var_axes/special_nothing_{ddof}", np.zeros((2, 0)), axes=[1], ddof=ddof, f32=False)
for name in ["sum_axes", "mean_axes", "logsumexp_axes"]:
    special(f"{name}/special_nothing", np.zeros((2, 0)), axes=[1], f32=False)
special("argsort/special", np.array([2.0, NAN, -INF, NAN, INF, 2.0]), axis=0, f32=False)
special("top_k/special", np.array([2.0, NAN, -INF, NAN, INF, 2.0]), axis=0, k=4, f32=False)
special("top_k_indices/special", np.array([2.0, NAN, -INF, NAN, INF, 2.0]), axis=0, k=6, f32=False)
case("top_k_indices/ties", np.array([[2.0, 3.0, 2.0, 3.0, 1.0]]), axis=1, k=4)
case("argsort_descending/ties", np.array([3.0, 1.5, 3.0, 0.5, 1.5]), axis=0)
special("quantile_axes/special", np.array([[1.0, NAN, 2.0], [INF, 1.0, -1.0]]), axes=[1], q=0.25, f32=False)
special("standardize/special", np.array([[1.0, NAN, 2.0], [3.0, 3.0, 3.0]]), axes=[1], epsilon="0.5", f32=False)
case("cumsum/whole", whole([[4, -1, 3], [2, -1, 2]]), axis=1)
case("prod_axes/whole", whole([[4, -1, 3], [2, -1, 2]]), axes=[1])
case("min_axes/whole", whole([[4, -1, 3], [2, -1, 2]]), axes=[0])

if __name__ == "__main__":
    table.main()
