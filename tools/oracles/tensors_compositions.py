#!/usr/bin/env python3
"""Numbers by JAX for the compositions: losses, activations, norms, functions with special values.

    python tools/oracles/tensors_compositions.py            writes crates/cotangent/tests/tables/compositions.txt
    python tools/oracles/tensors_compositions.py --only X   prints the cases with X in their name

The format and the checks are those of table.py. Cases of `special` hold NaN, infinities or signed zeros; they have
values only, for there JAX differentiates by other conventions (docs/conventions.md) or through a 0 times infinity.
"""

from jax import lax
from jax.scipy import special as jsp
from table import INF, NAN, Table, jax, jnp, np, off_zero, positive, real, separate, truths, whole

table = Table("compositions", __file__)
case, special, FUNCTIONS = table.case, table.special, table.functions


def reduced(x, p):
    return {"mean": jnp.mean, "sum": jnp.sum, "none": lambda x: x}[p["reduction"]](x)


def huber(x, t, delta):
    d = jnp.abs(x - t)
    return jnp.where(d <= delta, 0.5 * d * d, delta * (d - 0.5 * delta))


def cross_entropy(x, target, smoothing=0.0):
    if not jnp.issubdtype(target.dtype, jnp.floating):
        target = jax.nn.one_hot(target, x.shape[-1], dtype=x.dtype)
    target = (1 - smoothing) * target + smoothing / x.shape[-1]
    return -jnp.sum(target * jax.nn.log_softmax(x, axis=-1), axis=-1)


def nll(x, target):
    if not jnp.issubdtype(target.dtype, jnp.floating):
        target = jax.nn.one_hot(target, x.shape[-1], dtype=x.dtype)
    return -jnp.sum(target * x, axis=-1)


def normalize(x, p, axes):
    return x / jnp.linalg.norm(x, ord=p, axis=axes, keepdims=True)


def clip_by_norm(x, most):
    norm = jnp.sqrt(jnp.sum(x * x))
    return jnp.where(norm > most, x * (most / norm), x)


def remainder_euclid(a, b):
    return jnp.remainder(a, jnp.abs(b))


def standardized(x, axes, epsilon):
    axes = tuple(axes)
    return (x - jnp.mean(x, axes, keepdims=True)) / jnp.sqrt(jnp.var(x, axes, keepdims=True) + epsilon)


def channels(x, weight, bias):
    shape = (-1,) + (1,) * (x.ndim - 2)
    return x * weight.reshape(shape) + bias.reshape(shape)


FUNCTIONS.update(
    {
        "leaky_relu": lambda x, p: jax.nn.leaky_relu(x[0], p["slope"]),
        "prelu": lambda x, p: jnp.where(x[0] > 0, x[0], x[0] * x[1]),
        "elu": lambda x, p: jax.nn.elu(x[0], p["alpha"]),
        "selu": lambda x, p: jax.nn.selu(x[0]),
        "celu": lambda x, p: jax.nn.celu(x[0], p["alpha"]),
        "hard_tanh": lambda x, p: jax.nn.hard_tanh(x[0]),
        "relu6": lambda x, p: jax.nn.relu6(x[0]),
        "hard_sigmoid": lambda x, p: jax.nn.hard_sigmoid(x[0]),
        "hard_swish": lambda x, p: jax.nn.hard_swish(x[0]),
        "mish": lambda x, p: jax.nn.mish(x[0]),
        "log_sigmoid": lambda x, p: jax.nn.log_sigmoid(x[0]),
        "softsign": lambda x, p: jax.nn.soft_sign(x[0]),
        "gelu_tanh": lambda x, p: jax.nn.gelu(x[0], approximate=True),
        "glu": lambda x, p: jax.nn.glu(x[0], axis=p["axis"]),
        "mse_loss": lambda x, p: reduced(jnp.square(x[0] - x[1]), p),
        "l1_loss": lambda x, p: reduced(jnp.abs(x[0] - x[1]), p),
        "huber_loss": lambda x, p: reduced(huber(x[0], x[1], p["delta"]), p),
        "smooth_l1_loss": lambda x, p: reduced(huber(x[0], x[1], p["beta"]) / p["beta"], p),
        "cross_entropy": lambda x, p: reduced(cross_entropy(x[0], x[1]), p),
        "cross_entropy_smoothed": lambda x, p: reduced(cross_entropy(x[0], x[1], p["smoothing"]), p),
        "nll_loss": lambda x, p: reduced(nll(x[0], x[1]), p),
        "binary_cross_entropy": lambda x, p: reduced(
            -jsp.xlogy(x[1], x[0]) - jsp.xlog1py(1 - x[1], -x[0]), p
        ),
        "binary_cross_entropy_with_logits": lambda x, p: reduced(
            -x[1] * jax.nn.log_sigmoid(x[0]) - (1 - x[1]) * jax.nn.log_sigmoid(-x[0]), p
        ),
        "kl_div": lambda x, p: reduced(jsp.xlogy(x[1], x[1]) - x[1] * x[0], p),
        "rms_norm": lambda x, p: x[0] * lax.rsqrt(jnp.mean(x[0] ** 2, tuple(p["axes"]), keepdims=True) + p["epsilon"]),
        "normalize": lambda x, p: normalize(x[0], p["p"], p["axis"]),
        "normalize_largest": lambda x, p: normalize(x[0], jnp.inf, p["axis"]),
        "normalize_all": lambda x, p: x[0] / jnp.sqrt(jnp.sum(x[0] ** 2)),
        "cosine_similarity_axis": lambda x, p: jnp.sum(
            normalize(x[0], 2, p["axis"]) * normalize(x[1], 2, p["axis"]), p["axis"]
        ),
        "clip_by_norm": lambda x, p: clip_by_norm(x[0], p["most"]),
        "isnan": lambda x, p: jnp.isnan(x[0]),
        "isinf": lambda x, p: jnp.isinf(x[0]),
        "isfinite": lambda x, p: jnp.isfinite(x[0]),
        "nan_to_num": lambda x, p: jnp.nan_to_num(x[0]),
        "nan_to_num_with": lambda x, p: jnp.nan_to_num(x[0], nan=p["nan"], posinf=p["high"], neginf=p["low"]),
        "clamp": lambda x, p: jnp.clip(x[0], p["low"], p["high"]),
        "clamp_tensors": lambda x, p: jnp.minimum(jnp.maximum(x[0], x[1]), x[2]),
        "lerp": lambda x, p: x[0] * (1 - p["weight"]) + x[1] * p["weight"],
        "lerp_tensor": lambda x, p: x[0] * (1 - x[2]) + x[1] * x[2],
        "sinc": lambda x, p: jnp.sinc(x[0]),
        # As SciPy and PyTorch, and other than JAX: 0 times NaN is NaN.
        "xlogy": lambda x, p: jnp.where(jnp.isnan(x[1]), jnp.nan, jsp.xlogy(x[0], x[1])),
        "xlog1py": lambda x, p: jnp.where(jnp.isnan(x[1]), jnp.nan, jsp.xlog1py(x[0], x[1])),
        "logaddexp": lambda x, p: jnp.logaddexp(x[0], x[1]),
        "logit": lambda x, p: jsp.logit(x[0]),
        "rsqrt": lambda x, p: lax.rsqrt(x[0]),
        "heaviside": lambda x, p: jnp.heaviside(x[0], p["at_zero"]),
        "heaviside_tensor": lambda x, p: jnp.where(x[0] == 0, x[1], jnp.heaviside(lax.stop_gradient(x[0]), 0.0)),
        "signbit": lambda x, p: jnp.signbit(x[0]),
        "copysign": lambda x, p: jnp.where(jnp.signbit(x[1]), -jnp.abs(x[0]), jnp.abs(x[0])),
        "remainder": lambda x, p: jnp.remainder(x[0], x[1]),
        "rem_euclid": lambda x, p: remainder_euclid(x[0], x[1]),
        "floor_divide": lambda x, p: jnp.floor_divide(lax.stop_gradient(x[0]), lax.stop_gradient(x[1])),
        "div_euclid": lambda x, p: jnp.floor_divide(*map(lax.stop_gradient, (x[0], jnp.abs(x[1]))))
        * jnp.sign(lax.stop_gradient(x[1])),
        "cross": lambda x, p: jnp.cross(x[0], x[1], axis=p["axis"]),
        "diff": lambda x, p: jnp.diff(jnp.square(x[0]), p["n"], axis=p["axis"]),
        "trapezoid": lambda x, p: jnp.trapezoid(jnp.square(x[0]), dx=p["dx"], axis=p["axis"]),
        "swapaxes": lambda x, p: jnp.swapaxes(jnp.square(x[0]), p["a"], p["b"]),
        "moveaxis": lambda x, p: jnp.moveaxis(jnp.square(x[0]), p["from"], p["to"]),
        "count_nonzero": lambda x, p: jnp.count_nonzero(x[0]),
        "count_nonzero_axes": lambda x, p: jnp.count_nonzero(x[0], axis=tuple(p["axes"])),
        "searchsorted": lambda x, p: jnp.searchsorted(x[0], x[1], side=p["side"]).astype(np.int64),
        "batch_norm_weighted": lambda x, p: channels(standardized(x[0], [0, *range(2, x[0].ndim)], p["epsilon"]), x[1], x[2]),
        "group_norm": lambda x, p: channels(
            standardized(x[0].reshape(x[0].shape[0], p["groups"], -1), [2], p["epsilon"]).reshape(x[0].shape), x[1], x[2]
        ),
        "trapezoid_at": lambda x, p: jnp.trapezoid(jnp.square(x[0]), x[1], axis=p["axis"]),
    }
)

WILD = np.array([NAN, INF, -INF, 0.0, -0.0, 1.0, -2.5])
ANY = np.array([a for a in [NAN, INF, -INF, 0.0, -0.0, 1.5] for _ in range(6)])
OTHER = np.array([NAN, INF, -INF, 0.0, -0.0, 1.5] * 6)

# Activations
WIDE = np.array([-60.0, -9.5, -3.7, -1.2, 0.4, 2.2, 4.6, 7.3, 80.0])
for name, params in [
    ("elu", {"alpha": 1.3}), ("selu", {}), ("celu", {"alpha": 0.7}), ("hard_tanh", {}), ("relu6", {}),
    ("hard_sigmoid", {}), ("hard_swish", {}), ("mish", {}), ("log_sigmoid", {}), ("softsign", {}), ("gelu_tanh", {}),
    ("leaky_relu", {"slope": 0.2}),
]:  # fmt: skip
    case(f"{name}/matrix", off_zero((2, 3)), f32=True, **params)
    case(f"{name}/wide", WIDE, **params)
    case(f"{name}/scalar", off_zero(()), **params)
for name, params in [("elu", {"alpha": 1.0}), ("mish", {}), ("hard_swish", {})]:
    case(f"{name}/empty", real((0, 2)), **params)
for name, params in [("hard_tanh", {}), ("relu6", {}), ("log_sigmoid", {}), ("leaky_relu", {"slope": 0.2})]:
    special(f"{name}/special", WILD, **params)
special("elu/special", WILD, alpha=1.0)
case("prelu/channels", off_zero((2, 3, 2)), positive((3, 1), 0.1, 0.4), f32=True)
case("glu/last", real((2, 4)), axis=-1, f32=True)
case("glu/first", real((4, 1, 3)), axis=0)
case("glu/empty", real((0,)), axis=0)

# Losses
SHAPES = {"none": (2, 3), "mean": (4,), "sum": (2, 1, 2)}
for reduction, shape in SHAPES.items():
    r = {"reduction": reduction}
    f32 = reduction == "mean"
    case(f"mse_loss/{reduction}", real(shape), real(shape), f32=f32, **r)
    case(f"l1_loss/{reduction}", positive(shape), real(shape, -2, 0.2), f32=f32, **r)
    case(f"huber_loss/{reduction}", real(shape, -3, 3), real(shape), delta=1.2, f32=f32, **r)
    case(f"smooth_l1_loss/{reduction}", real(shape, -3, 3), real(shape), beta=0.6, f32=f32, **r)
    case(f"binary_cross_entropy/{reduction}", real(shape, 0.1, 0.9), real(shape, 0, 1), f32=f32, **r)
    case(f"binary_cross_entropy_with_logits/{reduction}", real(shape, -9, 9), real(shape, 0, 1), f32=f32, **r)
    case(f"kl_div/{reduction}", real(shape, -3, -0.1), real(shape, 0.1, 0.9), f32=f32, **r)
    case(f"cross_entropy/{reduction}", real((*shape, 4), -3, 3), whole(np.arange(np.prod(shape)).reshape(shape) % 4), f32=f32, **r)
    case(f"cross_entropy/{reduction}_probabilities", real((*shape, 4), -3, 3), real((*shape, 4), 0, 0.5), **r)
    case(f"cross_entropy_smoothed/{reduction}", real((*shape, 4)), whole(np.arange(np.prod(shape)).reshape(shape) % 3), smoothing=0.2, f32=f32, **r)
    case(f"nll_loss/{reduction}", real((*shape, 3), -3, -0.1), whole(np.arange(np.prod(shape)).reshape(shape) % 3), f32=f32, **r)
case("mse_loss/broadcast", real((2, 3)), real((3,)), reduction="mean")
case("mse_loss/numbers", real(()), real(()), reduction="mean")
case("mse_loss/empty", real((0, 2)), real((0, 2)), reduction="sum")
case("cross_entropy/one_example", real((5,)), whole(3), reduction="mean")
case("cross_entropy/one_class", real((3, 1)), whole([0, 0, 0]), reduction="sum")
case("cross_entropy/empty", real((0, 3)), np.zeros(0, np.int64), reduction="sum")
case("cross_entropy/far", np.array([[1000.0, 0.0, -1000.0], [30.0, 0.0, 31.0]]), whole([0, 1]), reduction="mean", f32=True)
case("cross_entropy_smoothed/probabilities", real((2, 3)), real((2, 3), 0, 0.6), smoothing=0.3, reduction="mean")
case("nll_loss/probabilities", real((2, 3)), real((2, 3), 0, 0.6), reduction="sum")
special("mse_loss/special", WILD, np.ones(7), reduction="none")
special("mse_loss/no_examples", np.zeros(0), np.zeros(0), reduction="mean")
special("binary_cross_entropy/ends", np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0]), reduction="none")
special("kl_div/no_probability", np.array([-1.0, -2.0]), np.array([0.0, 1.0]), reduction="none")

# Norms
case("rms_norm/last", real((2, 4)), axes=[-1], epsilon=1e-3, f32=True)
case("rms_norm/two_axes", real((2, 3, 2)), axes=[0, 2], epsilon=1e-5)
case("normalize/2", real((2, 3)), p=2, axis=-1, f32=True)
case("normalize/1", off_zero((2, 3)), p=1, axis=0)
case("normalize/3", off_zero((4,)), p=3, axis=0)
case("normalize/empty", real((0, 3)), p=2, axis=-1)
case("normalize_largest/last", separate((2, 3)), axis=-1)
case("normalize_all/matrix", real((2, 3)))
case("cosine_similarity_axis/last", real((2, 3)), real((2, 3)), axis=-1, f32=True)
case("cosine_similarity_axis/broadcast", real((4, 1, 3)), real((2, 3)), axis=-1)
case("clip_by_norm/over", real((2, 3), 1, 2), most=0.7, f32=True)
case("clip_by_norm/under", real((2, 3)), most=70.0)

# Finite or not
for name in ["isnan", "isinf", "isfinite", "nan_to_num", "signbit"]:
    special(f"{name}/special", WILD)
special("isnan/matrix", WILD[:6].reshape(2, 3))
special("isnan/integers", whole([1, 2]))
special("isinf/integers", whole([1, 2]))
special("isfinite/integers", whole([1, 2]))
special("nan_to_num_with/special", WILD, nan=0.5, high=2.0, low=-3.0)
case("nan_to_num/finite", real((2, 3)))
special("clamp/special", WILD, low=-2.0, high=0.5)
special("clamp/crossed", WILD, low=0.5, high=-2.0)
special("clamp/integers", whole([-5, 0, 5]), low=-2, high=3)
case("clamp/matrix", separate((2, 4)), low=-0.8, high=0.9, f32=True)
case("clamp/at_bounds", np.array([-1.0, 0.3, 2.0, 3.0]), low=-1.0, high=2.0, smooth=False)
case("clamp/empty", real((0,)), low=-1.0, high=2.0)
case("clamp_tensors/broadcast", separate((2, 3)), real((3,), -0.8, -0.4), real((2, 1), 0.3, 0.6))
case("lerp/number", real((2, 3)), real((3,)), weight=0.3, f32=True)
case("lerp_tensor/broadcast", real((2, 3)), real((2, 3)), real((2, 1), 0, 1))
case("sinc/matrix", real((2, 3), -4, 4), f32=True)
case("sinc/around_zero", np.array([0.0, 0.2, 0.39, 0.41, -0.4, -1.0]))
case("sinc/scalar", real(()))
special("xlogy/special", ANY, OTHER)
special("xlog1py/special", ANY, OTHER)
special("logaddexp/special", ANY, OTHER)
case("xlogy/broadcast", real((2, 3)), positive((3,)), f32=True)
case("xlogy/zero", np.array([0.0, 1.0]), np.array([2.0, 3.0]))
case("xlog1py/matrix", real((2, 3)), real((2, 3), -0.6, 2.0), f32=True)
case("logaddexp/broadcast", real((2, 3)), real((2, 1)), f32=True)
case("logaddexp/far", np.array([1000.0, -1000.0, 800.0, 3.0]), np.array([-1000.0, -1001.0, 800.0, 3.5]))
case("logit/matrix", real((2, 3), 0.05, 0.95), f32=True)
special("logit/special", np.array([0.0, 1.0, -0.5, 1.5, NAN, 0.5]))
case("rsqrt/matrix", positive((2, 3)), f32=True)
special("rsqrt/special", np.array([0.0, INF, NAN, -1.0]))
special("heaviside/special", WILD, at_zero=0.5)
case("heaviside_tensor/at_zero", np.array([-1.0, 0.0, 2.0]), np.array([0.3, 0.4, 0.5]), smooth=False)
special("copysign/special", ANY, OTHER)
case("copysign/matrix", off_zero((2, 3)), off_zero((3,)), f32=True)

# Division with rounding
case("remainder/positive", real((2, 3), -5, 5), positive((3,), 0.7, 1.9), f32=True)
case("remainder/negative", real((2, 3), -5, 5), real((2, 3), -1.9, -0.7))
case("rem_euclid/negative", real((2, 3), -5, 5), real((2, 3), -1.9, -0.7), f32=True)
case("floor_divide/negative", real((2, 3), -5, 5), real((2, 3), -1.9, -0.7))
case("div_euclid/negative", real((2, 3), -5, 5), real((2, 3), -1.9, -0.7))
INTEGERS = whole([-7, -6, -1, 0, 5, 7]), whole([3, -3, 2, -5, -4, 7])
for name in ["remainder", "rem_euclid", "floor_divide", "div_euclid"]:
    special(f"{name}/integers", *INTEGERS)
special("remainder/special", np.array([NAN, INF, 1.0, 1.0, 0.0, -1.0]), np.array([1.0, 1.0, 0.0, NAN, 2.0, INF]))
special("floor_divide/by_zero", np.array([1.0, -1.0, 0.0]), np.array([0.0, 0.0, 0.0]))
special("floor_divide/tenths", np.array([1.0, 6.0, -0.3]), np.array([0.1, 0.1, 0.1]))

# Along axes
case("cross/last", real((2, 3)), real((3,)), axis=-1, f32=True)
case("cross/first", real((3, 2)), real((3, 2)), axis=0)
case("diff/twice", real((2, 5)), n=2, axis=-1, f32=True)
case("diff/one", real((1,)), n=1, axis=0)
case("diff/first", real((3, 2)), n=1, axis=0)
special("diff/integers", whole([4, 1, 9, -3]), n=1, axis=0)
case("trapezoid/last", real((2, 5)), dx=0.3, axis=-1, f32=True)
case("trapezoid/one", real((1,)), dx=0.3, axis=0)
case("trapezoid/first", real((3, 2)), dx=-2.0, axis=0)
case("trapezoid_at/same", real((2, 4)), real((2, 4)), axis=-1)
case("trapezoid_at/shared", real((3, 2)), real((3,)), axis=0, f32=True)

# Axes, counts, channels
case("swapaxes/ends", real((2, 3, 2)), a=0, b=-1, f32=True)
case("swapaxes/same", real((2, 3)), a=1, b=1)
case("swapaxes/nothing", real((2, 0)), a=-2, b=-1)
case("moveaxis/last", real((2, 3, 4)), **{"from": 0, "to": -1}, f32=True)
case("moveaxis/first", real((2, 3, 4)), **{"from": 2, "to": 0})
special("count_nonzero/special", np.array([0.0, -0.0, NAN, INF, 2.0]))
special("count_nonzero/scalar", np.array(0.0))
special("count_nonzero_axes/rows", np.array([[0.0, 1.0, -0.0], [2.0, -INF, NAN]]), axes=[-1])
special("count_nonzero_axes/whole", whole([[4, 0], [0, 0]]), axes=[0])
special("count_nonzero_axes/bools", truths([[True, False], [True, True]]), axes=[0, 1])
special("count_nonzero_axes/nothing", np.zeros((2, 0)), axes=[1])
SORTED = np.array([-INF, -1.5, 0.0, 0.0, 2.0, 2.0, 2.0, 7.0, INF])
WANTED = np.array([[-INF, -2.0, -1.5, -0.0], [0.0, 1.0, 2.0, 3.0], [7.0, 8.0, INF, NAN]])
for side in ["left", "right"]:
    special(f"searchsorted/{side}", SORTED, WANTED, side=side)
    special(f"searchsorted/{side}_nan_last", np.array([1.0, 2.0, NAN, NAN]), np.array([0.0, 2.0, INF, NAN]), side=side)
    special(f"searchsorted/{side}_one", np.array([2.0]), np.array([1.0, 2.0, 3.0]), side=side)
    special(f"searchsorted/{side}_of_nothing", np.zeros(0), np.array(1.0), side=side)
    special(f"searchsorted/{side}_whole", whole([1, 2, 2, 5]), whole([0, 1, 2, 3, 5, 6]), side=side)
case("batch_norm_weighted/features", real((4, 3)), real((3,)), real((3,)), epsilon=0.01, f32=True)
case("batch_norm_weighted/images", real((2, 3, 2, 2)), real((3,)), real((3,)), epsilon=1e-5)
case("batch_norm_weighted/one", real((1, 2, 3)), real((2,)), real((2,)), epsilon=0.1)
case("batch_norm_weighted/no_channels", real((2, 0)), real((0,)), real((0,)), epsilon=0.1)
case("group_norm/features", real((3, 4)), real((4,)), real((4,)), groups=2, epsilon=0.01, f32=True)
case("group_norm/images", real((2, 4, 2, 3)), real((4,)), real((4,)), groups=2, epsilon=1e-5)
case("group_norm/whole", real((2, 3, 2)), real((3,)), real((3,)), groups=1, epsilon=1e-3)
case("group_norm/instances", real((2, 3, 4)), real((3,)), real((3,)), groups=3, epsilon=1e-3)

if __name__ == "__main__":
    table.main()
