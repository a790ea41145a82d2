#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/linalg.txt: decompositions and what is made of them, by JAX.

    python3 tools/oracles/tensors_linalg.py     # from the repository root; --only TEXT prints some cases

The format, and what belongs to a case, are told in `table.py`. Signs of vectors are free, so the functions here do not depend on
them: a Q whose R has a positive diagonal, projectors, products, values. Cases with a label `ill…` are ill-conditioned matrices, which
the reader of the table compares less sharply. Special cases have values alone.

Left out, because JAX has no number there, or another convention:
- repeated eigenvalues and singular values (NaN in JAX): tests/linalg.rs has formulas for these;
- singular matrices in `solve` and `inv` (infinities in JAX, an error here), and second derivatives of `det` there;
- derivatives of `qr` of a wide matrix are those of its leading square and of Q'A.
"""

from table import Table, jax, jnp, np, real

table = Table("linalg", __file__)
case, special, FUNCTIONS = table.case, table.special, table.functions
la = jnp.linalg


def t(x):
    return jnp.swapaxes(x, -1, -2)


def triangular(x, p):
    return jax.lax.linalg.triangular_solve(
        x[0], x[1], left_side=p["left"] == 1, lower=p["lower"] == 1,
        transpose_a=p["transpose"] == 1, unit_diagonal=p["unit"] == 1,
    )


def solve(x, p):
    if x[1].ndim == 1:
        return la.solve(x[0], jnp.broadcast_to(x[1], (*x[0].shape[:-2], *x[1].shape))[..., None])[..., 0]
    return la.solve(x[0], x[1])


def spd(x):
    return x @ t(x) + jnp.eye(x.shape[-1])


def lu(a):
    k = min(a.shape[-2:])
    packed, _, rows = jax.lax.linalg.lu(a)
    lower = jnp.tril(packed[..., :, :k], -1) + jnp.eye(a.shape[-2], k)
    return lower, jnp.triu(packed[..., :k, :]), rows


def qr(a):
    k = min(a.shape[-2:])
    q, r = la.qr(a[..., :, :k])
    signs = jnp.sign(jnp.diagonal(r, axis1=-2, axis2=-1))
    q = q * jax.lax.stop_gradient(signs)[..., None, :]
    return q, jnp.triu(t(q) @ a)


def eigh_map(x, f):
    w, v = la.eigh(x)
    return (v * f(w)[..., None, :]) @ t(v)


def best_rank(x, p):
    u, s, vt = la.svd(x[0], full_matrices=False)
    k = p["k"]
    return (u[..., :, :k] * s[..., None, :k]) @ vt[..., :k, :]


def polar(x, p):
    u, s, vt = la.svd(x[0], full_matrices=False)
    return u @ vt


def projector(x, p):
    w, v = la.eigh(x[0])
    v = v[..., :, -p["k"]:]
    return v @ t(v)


def span(x, p):
    u, s, vt = la.svd(x[0], full_matrices=False)
    u = u[..., :, : p["k"]]
    return u @ t(u)


def svdvals(x):
    return la.svd(x, compute_uv=False, full_matrices=False)


FUNCTIONS.update(
    {
        "triangular": triangular,
        "solve": solve,
        "inv": lambda x, p: la.inv(x[0]),
        "cholesky_solve": lambda x, p: jax.scipy.linalg.cho_solve((la.cholesky(spd(x[0])), True), x[1]),
        "det": lambda x, p: la.det(x[0]),
        "slogdet_log": lambda x, p: la.slogdet(x[0])[1],
        "slogdet_sign": lambda x, p: la.slogdet(x[0])[0],
        "logdet": lambda x, p: la.slogdet(spd(x[0]))[1],
        "lu_lower": lambda x, p: lu(x[0])[0],
        "lu_upper": lambda x, p: lu(x[0])[1],
        "lu_rows": lambda x, p: lu(x[0])[2].astype(jnp.int64),
        "qr_q": lambda x, p: qr(x[0])[0],
        "qr_r": lambda x, p: qr(x[0])[1],
        "lstsq": lambda x, p: la.pinv(x[0]) @ x[1],
        "pinv": lambda x, p: la.pinv(x[0]),
        "eigvalsh": lambda x, p: la.eigvalsh(x[0]),
        "eigh_exp": lambda x, p: eigh_map(x[0], jnp.exp),
        "eigh_sqrt": lambda x, p: eigh_map(spd(x[0]), jnp.sqrt),
        "eigh_projector": projector,
        "svdvals": lambda x, p: svdvals(x[0]),
        "svd_best_rank": best_rank,
        "svd_polar": polar,
        "svd_span": span,
        "matrix_power": lambda x, p: la.matrix_power(x[0], p["n"]),
        "matrix_rank": lambda x, p: la.matrix_rank(x[0]).astype(jnp.int64),
        "nuclear_norm": lambda x, p: jnp.sum(svdvals(x[0]), -1),
        "spectral_norm": lambda x, p: jnp.max(svdvals(x[0]), -1),
        "condition_number": lambda x, p: svdvals(x[0])[..., 0] / svdvals(x[0])[..., -1],
        "trace": lambda x, p: jnp.trace(jnp.square(x[0]), axis1=-2, axis2=-1),
    }
)


def apart(shape, step=1.3, low=1.0):
    """Random entries and a growing diagonal: values well apart, well-conditioned."""

    def maker(rng):
        x = np.round(rng.uniform(-0.6, 0.6, size=shape), 4)
        m, n = shape[-2:]
        for i in range(min(m, n)):
            x[..., i, i] += low + step * i
        return x

    return maker


def turned(shape):
    """Rows that must be exchanged."""

    def maker(rng):
        x = np.round(rng.uniform(-0.5, 0.5, size=shape), 4)
        m, n = shape[-2:]
        for i in range(m):
            if (i + 1) % m < n:
                x[..., i, (i + 1) % m] += 3.0
        return x

    return maker


def hilbert(n):
    return np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])


SQUARES = {"one": (1, 1), "two": (2, 2), "three": (3, 3), "five": (5, 5), "batch": (2, 3, 3), "deep": (2, 1, 2, 2), "large": (20, 20)}
RECTANGLES = {"tall": (4, 2), "wide": (2, 4), "tall_batch": (2, 3, 2), "wide_batch": (2, 2, 3), "column": (3, 1), "row": (1, 3)}
SMALL = {label: shape for label, shape in SQUARES.items() if label != "large"}

for label, shape in SQUARES.items():
    n, batch, f32 = shape[-1], shape[:-2], label == "three"
    case(f"solve/{label}", turned(shape), real((*batch, n, 2)), f32=f32)
    case(f"det/{label}", apart(shape, 0.3 if n > 5 else 1.3), f32=f32)
    case(f"slogdet_log/{label}", turned(shape), f32=f32)
    special(f"slogdet_sign/{label}", turned(shape)(np.random.default_rng(3)), f32=False)
    case(f"inv/{label}", turned(shape), f32=f32)
for label, shape in SMALL.items():
    n, batch, f32 = shape[-1], shape[:-2], label == "three"
    case(f"solve/{label}_vector", apart(shape), real((n,)))
    case(f"logdet/{label}", real(shape), f32=f32)
    case(f"cholesky_solve/{label}", real(shape), real((*batch, n, 2)), f32=f32)
    case(f"eigvalsh/{label}", apart(shape), f32=f32)
    case(f"eigh_exp/{label}", apart(shape, 0.7), f32=f32)
    case(f"eigh_sqrt/{label}", apart(shape))
    case(f"matrix_power/{label}_3", real(shape, -1.0, 1.0), n=3)
    case(f"matrix_power/{label}_minus_2", apart(shape), n=-2)
    if n > 1:
        case(f"condition_number/{label}", apart(shape))
        case(f"eigh_projector/{label}", apart(shape), k=1, f32=f32)
case("eigh_projector/two_of_five", apart((5, 5)), k=2)
case("solve/shared", apart((2, 2)), real((3, 2, 1)))
case("solve/broadcast", apart((2, 1, 2, 2)), real((3, 2, 2)))
for label, shape in {**SMALL, **RECTANGLES}.items():
    f32 = label in ("three", "tall")
    m, n, batch = shape[-2], shape[-1], shape[:-2]
    case(f"lu_lower/{label}", turned(shape), f32=f32)
    case(f"lu_upper/{label}", turned(shape), f32=f32)
    special(f"lu_rows/{label}", turned(shape)(np.random.default_rng(5)), f32=False)
    case(f"qr_q/{label}", apart(shape), f32=f32)
    case(f"qr_r/{label}", apart(shape), f32=f32)
    case(f"pinv/{label}", apart(shape), f32=f32)
    case(f"lstsq/{label}", apart(shape), real((*batch, m, 2)), f32=f32)
    case(f"svdvals/{label}", apart(shape), f32=f32)
    case(f"svd_polar/{label}", apart(shape), f32=f32)
    case(f"nuclear_norm/{label}", apart(shape), f32=f32)
    case(f"spectral_norm/{label}", apart(shape), f32=f32)
    case(f"trace/{label}", real(shape))
    special(f"matrix_rank/{label}", apart(shape)(np.random.default_rng(7)), f32=False)
    if min(m, n) > 1:
        case(f"svd_best_rank/{label}", apart(shape), k=1, f32=f32)
        case(f"svd_span/{label}", apart(shape), k=1)
for bits in range(16):
    flags = dict(left=bits & 1, lower=bits >> 1 & 1, transpose=bits >> 2 & 1, unit=bits >> 3)
    case(f"triangular/{bits}", apart((3, 3)), real((3, 2) if flags["left"] else (2, 3)), f32=bits in (3, 12), **flags)
    case(f"triangular/batch_{bits}", apart((2, 2, 2)), real((2, 2, 2)), **flags)

# Ill-conditioned: 5e5 and 1e10 or so.
for n in [5, 7]:
    b = np.arange(1.0, n + 1)[:, None]
    case(f"solve/ill_{n}", hilbert(n), b, smooth=False)
    case(f"inv/ill_{n}", hilbert(n), smooth=False)
    case(f"slogdet_log/ill_{n}", hilbert(n), smooth=False)
    case(f"det/ill_{n}", hilbert(n), smooth=False)
    case(f"eigvalsh/ill_{n}", hilbert(n), smooth=False)
case("pinv/ill_tall", np.array([[1.0, 1.0], [1e-4, 0.0], [0.0, 1e-4]]), smooth=False)
special("matrix_rank/low", np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 2.0, 3.0]]), f32=False)
special("matrix_rank/zero", np.zeros((2, 3)), f32=False)
# Nothing.
for name in ["det", "slogdet_log", "inv", "eigvalsh", "trace"]:
    case(f"{name}/none", np.zeros((0, 3, 3)))
for name in ["qr_q", "qr_r", "svdvals", "svd_polar", "pinv", "nuclear_norm"]:
    case(f"{name}/none", np.zeros((0, 3, 2)))
case("solve/none", np.zeros((0, 2, 2)), np.zeros((0, 2, 1)))
case("solve/no_columns", apart((2, 2)), np.zeros((2, 0)))


if __name__ == "__main__":
    table.main()
