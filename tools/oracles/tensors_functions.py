"""The functions of tensors.py, in JAX's own words: name -> f(inputs, parameters)."""

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import special

FUNCTIONS = {}


def listed(name):
    def add(f):
        FUNCTIONS[name] = f
        return f

    return add


UNARY = {
    "neg": lambda x: -x,
    "recip": lambda x: 1.0 / x,
    "square": jnp.square,
    "abs": jnp.abs,
    "sqrt": jnp.sqrt,
    "cbrt": jnp.cbrt,
    "exp": jnp.exp,
    "exp2": jnp.exp2,
    "expm1": jnp.expm1,
    "ln": jnp.log,
    "ln_1p": jnp.log1p,
    "log2": jnp.log2,
    "log10": jnp.log10,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "tanh": jnp.tanh,
    "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh,
    "atanh": jnp.arctanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "erf": special.erf,
    "erfc": special.erfc,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "floor": jnp.floor,
    "ceil": jnp.ceil,
    "round": jnp.round,
    "trunc": jnp.trunc,
    "sign": jnp.sign,
}
BINARY = {
    "add": jnp.add,
    "sub": jnp.subtract,
    "mul": jnp.multiply,
    "div": jnp.divide,
    "rem": jnp.fmod,
    "pow": jnp.power,
    "atan2": jnp.arctan2,
    "hypot": lambda a, b: jnp.sqrt(a * a + b * b),
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
}
COMPARISONS = {
    "greater": jnp.greater,
    "greater_equal": jnp.greater_equal,
    "less": jnp.less,
    "less_equal": jnp.less_equal,
    "equal": jnp.equal,
    "not_equal": jnp.not_equal,
    "logical_and": jnp.logical_and,
    "logical_or": jnp.logical_or,
}
for name, f in UNARY.items():
    FUNCTIONS[name] = lambda x, p, f=f: f(x[0])
for name, f in {**BINARY, **COMPARISONS}.items():
    FUNCTIONS[name] = lambda x, p, f=f: f(x[0], x[1])
# A Rust scalar beside a tensor, on either side.
for name in ["add", "sub", "mul", "div"]:
    FUNCTIONS[f"{name}_scalar"] = lambda x, p, f=BINARY[name]: f(x[0], p["scalar"])
    FUNCTIONS[f"scalar_{name}"] = lambda x, p, f=BINARY[name]: f(p["scalar"], x[0])

FUNCTIONS.update(
    {
        "logical_not": lambda x, p: jnp.logical_not(x[0]),
        "powi": lambda x, p: lax.integer_pow(x[0], p["n"]),
        "powf": lambda x, p: jnp.power(x[0], p["exponent"]),
        "polygamma": lambda x, p: special.polygamma(p["n"], x[0]),
        # cond.select(a, b), which broadcasts
        "select": lambda x, p: jnp.where(x[0], x[1], x[2]),
        "stop_gradient": lambda x, p: lax.stop_gradient(x[0]) * x[0],
        # Reductions
        "sum": lambda x, p: jnp.sum(x[0]),
        "mean": lambda x, p: jnp.mean(x[0]),
        "max": lambda x, p: jnp.max(x[0]),
        "sum_axes": lambda x, p: jnp.sum(x[0], tuple(p["axes"])),
        "mean_axes": lambda x, p: jnp.mean(x[0], tuple(p["axes"])),
        "max_axes": lambda x, p: jnp.max(x[0], tuple(p["axes"])),
        "sum_keep": lambda x, p: jnp.sum(x[0], tuple(p["axes"]), keepdims=True),
        "max_keep": lambda x, p: jnp.max(x[0], tuple(p["axes"]), keepdims=True),
        # Layout. In those that only move numbers the square makes a second derivative.
        "reshape": lambda x, p: jnp.square(x[0]).reshape(p["shape"]),
        "flatten": lambda x, p: jnp.square(x[0]).reshape(-1),
        "permute": lambda x, p: jnp.transpose(jnp.square(x[0]), p["axes"]),
        "t": lambda x, p: jnp.swapaxes(jnp.square(x[0]), -1, -2),
        "broadcast_to": lambda x, p: jnp.broadcast_to(jnp.square(x[0]), p["shape"]),
        "squeeze": lambda x, p: jnp.squeeze(jnp.square(x[0]), p["axis"]),
        "unsqueeze": lambda x, p: jnp.expand_dims(jnp.square(x[0]), p["axis"]),
        "index": lambda x, p: jnp.square(x[0])[p["i"]],
        "slice": lambda x, p: lax.slice(jnp.square(x[0]), p["start"], p["limit"], p["step"]),
        "slice_axis": lambda x, p: lax.slice_in_dim(jnp.square(x[0]), p["start"], p["limit"], axis=p["axis"]),
        "pad": lambda x, p: lax.pad(jnp.square(x[0]), 0.0, list(zip(p["low"], p["high"], p["interior"]))),
        "concat": lambda x, p: jnp.concatenate([jnp.sin(x) for x in x], p["axis"]),
        "stack": lambda x, p: jnp.stack([jnp.sin(x) for x in x], p["axis"]),
        # Indexing; negative indices count from the end
        "take": lambda x, p: jnp.take(jnp.square(x[0]), x[1], axis=p["axis"]),
        "take_along_axis": lambda x, p: jnp.take_along_axis(jnp.square(x[0]), x[1], axis=p["axis"]),
        "scatter_add": lambda x, p: jnp.zeros((p["n"],) + x[0].shape[x[1].ndim :]).at[x[1]].add(jnp.square(x[0])),
        # Contraction
        "matmul": lambda x, p: jnp.matmul(x[0], x[1]),
        "dot": lambda x, p: jnp.dot(x[0], x[1]),
        "einsum": lambda x, p: jnp.einsum(p["spec"], *x),
        # Sorting
        "sort": lambda x, p: jnp.sort(jnp.square(x[0]), axis=p["axis"]),
        "argsort": lambda x, p: jnp.argsort(x[0], axis=p["axis"], stable=True),
    }
)


def symmetric(a):
    return (a + jnp.swapaxes(a, -1, -2)) / 2


@listed("cholesky")
def cholesky(x, p):
    """Of (a + a')/2."""
    return jnp.linalg.cholesky(symmetric(x[0]))


@listed("cholesky_gram")
def cholesky_gram(x, p):
    """Of a a' + 1."""
    return jnp.linalg.cholesky(x[0] @ jnp.swapaxes(x[0], -1, -2) + jnp.eye(x[0].shape[-2]))


@listed("cond")
def cond(x, p):
    """sum(x) > 0 ? sin(x) y : x + y³"""
    return lax.cond(jnp.sum(x[0]) > 0, lambda x, y: jnp.sin(x) * y, lambda x, y: x + y**3, *x)


@listed("cond_nested")
def cond_nested(x, p):
    """x[0] > 0 ? (x[1] > 0 ? x² : exp(x)) : tanh(x)"""
    inner = lambda x: lax.cond(x[1] > 0, lambda x: x * x, jnp.exp, x)
    return lax.cond(x[0][0] > 0, inner, jnp.tanh, x[0])


# Compositions


@listed("logsumexp")
def logsumexp(x, p):
    return special.logsumexp(x[0], axis=p["axis"])


@listed("softmax")
def softmax(x, p):
    return jax.nn.softmax(x[0], axis=p["axis"])


@listed("softmax_cross_entropy")
def softmax_cross_entropy(x, p):
    """The mean over rows, labels as integers."""
    picked = jnp.take_along_axis(jax.nn.log_softmax(x[0], axis=-1), x[1][:, None], axis=-1)
    return -jnp.mean(picked)


@listed("layer_norm")
def layer_norm(x, p):
    x, gain, bias = x
    mean = jnp.mean(x, -1, keepdims=True)
    variance = jnp.var(x, -1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * gain + bias


@listed("batch_norm")
def batch_norm(x, p):
    mean, variance = jnp.mean(x[0], 0), jnp.var(x[0], 0)
    return (x[0] - mean) / jnp.sqrt(variance + 1e-3)


@listed("mlp_tanh")
def mlp_tanh(x, p):
    """mse of tanh(x w1 + b1) w2 + b2 against y"""
    x, y, w1, b1, w2, b2 = x
    return jnp.mean((jnp.tanh(x @ w1 + b1) @ w2 + b2 - y) ** 2)


@listed("mlp_relu")
def mlp_relu(x, p):
    x, y, w1, b1, w2, b2 = x
    return jnp.mean((jax.nn.relu(x @ w1 + b1) @ w2 + b2 - y) ** 2)


@listed("attention")
def attention(x, p):
    """Heads of softmax(q k' / sqrt(d)) v, indices b h q d."""
    q, k, v = x
    weights = jax.nn.softmax(jnp.einsum("bhqd,bhkd->bhqk", q, k) / q.shape[-1] ** 0.5, axis=-1)
    return jnp.einsum("bhqk,bhkd->bhqd", weights, v)


@listed("horner")
def horner(x, p):
    """A polynomial whose coefficients are the second input, the highest first."""
    return jnp.polyval(x[1], x[0])


@listed("power_sum")
def power_sum(x, p):
    """x + x² + ... + xⁿ"""
    return sum(x[0] ** k for k in range(1, p["n"] + 1))


@listed("sine_loop")
def sine_loop(x, p):
    """y <- sin(y) x + y, n times, from y = x."""
    return lax.fori_loop(0, p["n"], lambda _, y: jnp.sin(y) * x[0] + y, x[0])


@listed("log_determinant")
def log_determinant(x, p):
    """ln det of a a' + 1: twice the sum of the logarithms on the diagonal of the Cholesky factor, in Rust."""
    return jnp.linalg.slogdet(x[0] @ x[0].T + jnp.eye(x[0].shape[0]))[1]


@listed("straight_through")
def straight_through(x, p):
    """Rounds, with the derivative of the identity; the square makes it curved."""
    return jnp.square(x[0] + lax.stop_gradient(jnp.round(x[0]) - x[0]))


@listed("rosenbrock")
def rosenbrock(x, p):
    x = x[0]
    return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


@listed("squared_distances")
def squared_distances(x, p):
    """Between every row of a and every row of b."""
    return jnp.sum((x[0][:, None, :] - x[1][None, :, :]) ** 2, -1)


@listed("mixture")
def mixture(x, p):
    """-ln of a mixture of Gaussians: points [n,d], means [k,d], log weights [k], one log scale"""
    points, means, weights, scale = x
    distance = squared_distances([points, means], {}) * jnp.exp(-2 * scale)
    logits = jax.nn.log_softmax(weights) - 0.5 * distance - points.shape[1] * scale
    return -jnp.sum(special.logsumexp(logits, axis=1))


@listed("quadratic_form")
def quadratic_form(x, p):
    """x' A x over x' x"""
    return x[0] @ x[1] @ x[0] / (x[0] @ x[0])


@listed("convolution")
def convolution(x, p):
    """The valid part of a one-dimensional correlation"""
    return jnp.correlate(x[0], x[1], mode="valid")


@listed("embedding")
def embedding(x, p):
    """The mean of rows picked from a table, projected: tanh(mean(table[i]) w)"""
    table, indices, w = x
    return jnp.tanh(jnp.mean(table[indices], axis=1) @ w)


@listed("messages")
def messages(x, p):
    """One round on a graph: sums over edges i -> j of tanh(x[i] w)"""
    nodes, sources, targets, w = x
    return jax.ops.segment_sum(jnp.tanh(nodes @ w)[sources], targets, nodes.shape[0])


@listed("huber")
def huber(x, p):
    """|x| < 1 ? x²/2 : |x| - 1/2"""
    return jnp.where(jnp.abs(x[0]) < 1, 0.5 * x[0] ** 2, jnp.abs(x[0]) - 0.5)


@listed("recurrent")
def recurrent(x, p):
    """h <- tanh(x_t w + h u) over the rows of x [t,n]; the last h"""
    rows, w, u = x
    h = jnp.zeros(u.shape[0])
    for row in rows:
        h = jnp.tanh(row @ w + h @ u)
    return h


@listed("logistic")
def logistic(x, p):
    """mean softplus(-y (x w)) + |w|²/10, labels y in {-1, 1} not differentiated"""
    points, labels, w = x
    return jnp.mean(jax.nn.softplus(-(points @ w) * labels)) + 0.1 * jnp.sum(w * w)


@listed("entropy")
def entropy(x, p):
    logits = jax.nn.log_softmax(x[0], axis=-1)
    return -jnp.sum(jnp.exp(logits) * logits, axis=-1)


@listed("cosine_similarity")
def cosine_similarity(x, p):
    a, b = x
    return jnp.sum(a * b, -1) / (jnp.linalg.norm(a, axis=-1) * jnp.linalg.norm(b, axis=-1))


@listed("trimmed_mean")
def trimmed_mean(x, p):
    """The mean of sin without its smallest and its largest entry"""
    return jnp.mean(jnp.sort(jnp.sin(x[0]))[1:-1])


@listed("power_iteration")
def power_iteration(x, p):
    """Rayleigh's quotient after three steps with the symmetric part of a"""
    a, v = symmetric(x[0]), x[1]
    for _ in range(3):
        v = a @ v
        v = v / jnp.sqrt(v @ v)
    return v @ a @ v
