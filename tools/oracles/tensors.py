#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/tensors.txt: values, gradients and second derivatives of tensor functions, by JAX.

    pip install jax                         # any version of 2024 or later, on the CPU
    python3 tools/oracles/tensors.py        # from the repository root; --list prints the cases, --only TEXT picks some

The functions are in tensors_functions.py, the cases here; what a case holds is told in table.py.

Left out, because JAX means something else there than docs/conventions.md:
- `x > 0 ? sqrt(x) : 0` at 0, and everything where 0 times infinity counts: JAX gives NaN, here zeros win;
- `hypot` at (0, 0): NaN in JAX, 0 here; `abs` at 0: 1 in JAX, 0 here and in PyTorch;
- `cholesky` of a free matrix: JAX symmetrises its input, others read the lower triangle, and the gradients differ. Here
  the matrix is always symmetrised first, or a Gram matrix, so that the gradient does not depend on it;
- `floor`, `round` and `rem` at their jumps, where no difference quotient can check the case.
Kept, because both agree: relu'(0) = 0, pow at a = 0, ties of max, maximum and minimum shared equally. At these, and
where stop_gradient makes the derivative another one on purpose, the check by differences that every other case passes
here is off (`smooth=False`).
"""

from table import Table, np, off_steps, off_zero, positive, real, separate, spread, truths, whole
from tensors_functions import FUNCTIONS

table = Table("tensors", __file__)
table.functions.update(FUNCTIONS)
case = table.case


# Elementwise functions of one tensor: where each is smooth.
DOMAINS = {
    "recip": off_zero, "abs": off_zero, "cbrt": off_zero, "relu": off_zero, "sign": off_zero,
    "floor": off_steps, "ceil": off_steps, "round": off_steps, "trunc": off_steps,
    "sqrt": positive, "ln": positive, "log2": positive, "log10": positive,
    "lgamma": positive, "digamma": positive,
    "ln_1p": lambda s: real(s, -0.6, 2.0), "tan": lambda s: real(s, -1.2, 1.2),
    "asin": lambda s: real(s, -0.8, 0.8), "acos": lambda s: real(s, -0.8, 0.8), "atanh": lambda s: real(s, -0.8, 0.8),
    "acosh": lambda s: real(s, 1.3, 4.0),
}  # fmt: skip
EVERYWHERE = """neg square exp exp2 expm1 sin cos atan sinh cosh tanh asinh sigmoid softplus silu gelu erf erfc""".split()
SHAPES = {"scalar": (), "empty": (0,), "one": (1,), "vector": (5,), "matrix": (2, 3)}
WIDE = ("vector",)

for name in sorted([*DOMAINS, *EVERYWHERE]):
    for label, shape in SHAPES.items():
        case(f"{name}/{label}", DOMAINS.get(name, real)(shape), f32=label in WIDE)
for n in [-2, -1, 0, 1, 2, 3, 7]:
    case(f"powi/{n}", off_zero((2, 3)), n=n, f32=n in (-2, 3))
for exponent in [-0.5, 1.5, 3.25]:
    case(f"powf/{exponent}", positive((5,)), exponent=exponent, f32=exponent == 1.5)
for n in [0, 1, 2, 3]:
    case(f"polygamma/{n}", positive((4,), 0.6, 4.0), n=n)
case("lgamma/negative", np.array([-0.7, -1.3, -2.45]))
case("digamma/negative", np.array([-0.7, -1.3, -2.45]))
case("sigmoid/far", np.array([-40.0, -12.5, 4.5]))
case("softplus/far", np.array([-30.0, -9.5, 4.5, 50.0]))
case("tanh/far", np.array([-9.0, 2.5, 5.25]))
case("sin/far", np.array([100.3, -4321.7]))
case("exp/wide", np.array([-20.0, -3.5, 9.25]))
case("relu/kink", np.array([-1.5, 0.0, 2.5]), smooth=False)
case("sign/kink", np.array([-1.5, 0.0, 2.5]), smooth=False)

# Elementwise functions of two tensors, with broadcasting.
PAIRS = {
    "same": ((2, 3), (2, 3)),
    "row": ((2, 3), (3,)),
    "outer": ((2, 1), (1, 3)),
    "scalar_left": ((), (4,)),
    "scalar_right": ((2, 2), ()),
    "scalars": ((), ()),
    "empty": ((0,), (1,)),
    "empty_rows": ((2, 0), (2, 1)),
    "ranks": ((2, 3, 1), (1, 4)),
}
POINTS = {
    "add": (real, real),
    "sub": (real, real),
    "mul": (real, real),
    "div": (real, off_zero),
    "pow": (positive, real),
    "atan2": (off_zero, off_zero),
    "hypot": (off_zero, off_zero),
}
for name, (left, right) in POINTS.items():
    for label, (a, b) in PAIRS.items():
        case(f"{name}/{label}", left(a), right(b), f32=label == "row")
# No ties and no jumps: the left has whole numbers of tenths, the right has not.
TENTHS = lambda s: lambda rng: np.asarray(np.round(rng.integers(-20, 20, size=s) / 10, 1))
SHIFTED = lambda s: lambda rng: np.asarray(np.round(rng.integers(-20, 20, size=s) / 10 + 0.05, 2))
for name in ["maximum", "minimum"]:
    for label, (a, b) in PAIRS.items():
        case(f"{name}/{label}", TENTHS(a), SHIFTED(b), f32=label == "row")
    case(f"{name}/ties", np.array([1.5, -2.0, 0.25]), np.array([1.5, -2.0, 0.75]), smooth=False)
    case(f"{name}/tied_row", np.array([[1.5, -2.0], [0.5, 3.0]]), np.array([1.5, -2.0]), smooth=False)
case("rem/same", np.array([5.3, -5.3, 7.9, -0.4]), np.array([2.1, 2.1, -3.2, 1.7]), f32=True)
case("rem/row", np.array([[5.3, -5.3], [8.8, 1.2]]), np.array([2.1, -1.3]))
case("rem/scalar_right", np.array([6.5, -7.25, 0.5]), np.array(1.4))
case("pow/zero_base", np.array([0.0, 1.5]), np.array([3.0, 2.5]), smooth=False)
for name in ["add", "sub", "mul", "div"]:
    for label, shape in [("matrix", (2, 3)), ("scalar", ())]:
        case(f"{name}_scalar/{label}", off_zero(shape), scalar=2.5)
        case(f"scalar_{name}/{label}", off_zero(shape), scalar=-1.5, f32=label == "matrix")
case("mul/same_tensor_shape_one", real((1, 1)), real((2, 3)))
LEFT, RIGHT = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]]), np.array([1.0, 0.5, 3.5])
for name in ["greater", "greater_equal", "less", "less_equal", "equal", "not_equal"]:
    case(f"{name}/row", LEFT, RIGHT)
    case(f"{name}/whole", whole([3, -1, 4]), whole([[3], [4]]))
for name in ["logical_and", "logical_or"]:
    case(f"{name}/row", truths([[True, False], [False, True]]), truths([True, False]))
case("logical_not/matrix", truths([[True, False], [False, False]]))
case("select/same", truths([True, False, True]), real((3,)), real((3,)), f32=True)
case("select/rows", truths([[True], [False]]), real((2, 3)), real((3,)))
case("select/scalar_condition", truths(True), real((2, 2)), real((2, 2)))
case("select/scalar_branch", truths([[True, False], [False, True]]), real((2, 2)), real(()))
case("select/empty", truths([]), real((0,)), real((1,)))
case("stop_gradient/vector", real((3,)), smooth=False)

# Reductions
for name in ["sum", "mean", "max"]:
    for label, shape in [("scalar", ()), ("one", (1,)), ("vector", (5,)), ("cube", (2, 3, 2))]:
        case(f"{name}/{label}", separate(shape), f32=label == "cube")
case("sum/empty", real((0,)))
case("sum/empty_rows", real((3, 0)))
for name in ["sum_axes", "mean_axes", "max_axes", "sum_keep", "max_keep"]:
    for axes in [[0], [1], [-1], [0, 2], [-3, -2], [0, 1, 2]]:
        label = "_".join(map(str, axes))
        case(f"{name}/{label}", separate((2, 3, 2)), axes=axes, f32=axes == [0, 2])
    case(f"{name}/long", separate((2, 40), 0.05), axes=[1], f32=True)
case("sum_axes/none", real((2, 2)), axes=[])
case("sum_axes/empty", real((2, 0, 3)), axes=[1])
case("sum_keep/empty", real((0, 3)), axes=[0])
case("max/ties", np.array([2.0, 5.0, -1.0, 5.0]), smooth=False)
case("max_axes/ties", np.array([[2.0, 2.0, 1.0], [3.0, 0.5, 3.0], [4.0, 4.0, 4.0]]), axes=[1], smooth=False)
case("max_keep/ties", np.array([[2.0, 2.0, 1.0], [3.0, 2.0, 3.0]]), axes=[0], smooth=False)

# Layout
for label, a, shape in [
    ("matrix", (2, 3), [3, 2]),
    ("to_vector", (2, 3), [6]),
    ("to_cube", (12,), [2, 3, 2]),
    ("to_scalar", (1, 1), []),
    ("from_scalar", (), [1, 1]),
    ("empty", (0, 3), [3, 0]),
]:
    case(f"reshape/{label}", real(a), shape=shape)
case("flatten/cube", real((2, 1, 3)))
case("flatten/scalar", real(()))
for label, a, axes in [
    ("matrix", (2, 3), [1, 0]),
    ("cycle", (2, 3, 2), [2, 0, 1]),
    ("swap", (2, 3, 4), [0, 2, 1]),
    ("four", (2, 1, 3, 2), [3, 1, 0, 2]),
    ("same", (3,), [0]),
    ("empty", (2, 0), [1, 0]),
]:
    case(f"permute/{label}", real(a), axes=axes, f32=label == "cycle")
case("t/matrix", real((2, 3)))
case("t/batch", real((2, 3, 2)))
for label, a, shape in [
    ("scalar", (), [2, 3]),
    ("row", (3,), [2, 3]),
    ("column", (2, 1), [2, 3]),
    ("new_axes", (1, 2), [3, 4, 2]),
    ("same", (2,), [2]),
    ("to_empty", (1,), [0]),
]:
    case(f"broadcast_to/{label}", real(a), shape=shape)
for label, a, axis in [("front", (1, 3), 0), ("last", (2, 3, 1), -1), ("middle", (2, 1, 2), 1)]:
    case(f"squeeze/{label}", real(a), axis=axis)
for label, a, axis in [("front", (3,), 0), ("last", (2, 3), -1), ("middle", (2, 2), 1), ("scalar", (), 0)]:
    case(f"unsqueeze/{label}", real(a), axis=axis)
case("index/vector", real((4,)), i=2)
case("index/matrix", real((3, 2)), i=1)
for label, a, start, limit, step in [
    ("inner", (5,), [1], [4], [1]),
    ("steps", (7,), [1], [7], [2]),
    ("matrix", (3, 4), [1, 0], [3, 3], [1, 1]),
    ("matrix_steps", (4, 5), [0, 1], [4, 5], [2, 3]),
    ("cube", (2, 3, 4), [0, 1, 2], [2, 2, 4], [1, 1, 1]),
    ("empty", (3, 2), [1, 0], [1, 2], [1, 1]),
]:
    case(f"slice/{label}", real(a), start=start, limit=limit, step=step)
case("slice_axis/rows", real((4, 2)), axis=0, start=1, limit=3)
case("slice_axis/last", real((2, 3, 4)), axis=2, start=2, limit=4)
for label, a, low, high, interior in [
    ("vector", (3,), [1], [2], [0]),
    ("matrix", (2, 3), [0, 1], [2, 0], [0, 0]),
    ("interior", (3,), [0], [1], [2]),
    ("interior_matrix", (2, 3), [1, 0], [0, 2], [1, 1]),
    ("empty", (0,), [2], [1], [0]),
]:
    case(f"pad/{label}", real(a), low=low, high=high, interior=interior)
for label, shapes, axis in [
    ("vectors", [(2,), (3,)], 0),
    ("rows", [(1, 3), (2, 3)], 0),
    ("columns", [(2, 1), (2, 3), (2, 2)], 1),
    ("last", [(2, 1, 2), (2, 1, 1)], -1),
    ("with_empty", [(0,), (2,), (1,)], 0),
    ("alone", [(2, 2)], 1),
]:
    case(f"concat/{label}", *map(real, shapes), axis=axis, f32=label == "columns")
for label, shape, axis in [("scalars", (), 0), ("vectors", (3,), 0), ("columns", (3,), 1), ("last", (2, 2), -1)]:
    case(f"stack/{label}", real(shape), real(shape), real(shape), axis=axis)

# Indexing, with repeated and negative indices
case("take/vector", real((4,)), whole([2, 0, 2, 3, 2]), axis=0, f32=True)
case("take/rows", real((4, 2)), whole([3, 3, 1]), axis=0)
case("take/columns", real((2, 3)), whole([1, 1, 0, 2]), axis=1)
case("take/last_matrix", real((2, 3)), whole([[1, 1], [0, 2]]), axis=-1)
case("take/middle", real((2, 3, 2)), whole([2, 0, 2]), axis=1)
case("take/from_the_end", real((4, 2)), whole([-1, 0, -4]), axis=0)
case("take/scalar_index", real((3, 2)), whole(1), axis=0)
case("take/none", real((3, 2)), whole([]), axis=0)
case("take_along_axis/rows", real((3, 2)), whole([[2, 0], [2, 1]]), axis=0)
case("take_along_axis/columns", real((2, 4)), whole([[3, 3, 1], [0, 2, 0]]), axis=1, f32=True)
case("take_along_axis/last", real((2, 2, 3)), whole([[[2], [0]], [[1], [1]]]), axis=-1)
case("take_along_axis/vector", real((4,)), whole([1, 1, 3]), axis=0)
case("scatter_add/vector", real((5,)), whole([2, 0, 2, 3, 2]), n=4, f32=True)
case("scatter_add/rows", real((3, 2)), whole([1, 1, 0]), n=3)
case("scatter_add/matrix_of_indices", real((2, 2)), whole([[1, 1], [0, 1]]), n=2)
case("scatter_add/blocks", real((2, 2, 3)), whole([2, 2]), n=4)
case("scatter_add/from_the_end", real((3,)), whole([-1, 0, -1]), n=3)
case("scatter_add/none", real((0, 2)), whole([]), n=3)

# Contraction
for label, a, b in [
    ("vectors", (4,), (4,)),
    ("matrix_vector", (2, 3), (3,)),
    ("vector_matrix", (3,), (3, 2)),
    ("matrices", (2, 3), (3, 4)),
    ("one", (1, 1), (1, 1)),
    ("batch", (2, 2, 3), (2, 3, 2)),
    ("batch_broadcast", (2, 2, 3), (3, 4)),
    ("batch_broadcast_left", (2, 3), (3, 3, 2)),
    ("batches_outer", (2, 1, 2, 3), (3, 3, 2)),
    ("batch_vector", (2, 2, 3), (3,)),
    ("vector_batch", (2,), (3, 2, 2)),
    ("nothing_to_sum", (2, 0), (0, 3)),
    ("no_rows", (0, 2), (2, 3)),
    ("long", (2, 65), (65, 3)),
]:
    case(f"matmul/{label}", real(a), real(b), f32=label in ("matrices", "batch", "long"))
case("dot/vectors", real((5,)), real((5,)), f32=True)
case("dot/empty", real((0,)), real((0,)))
for label, spec, *shapes in [
    ("trace", "ii->", (3, 3)),
    ("diagonal", "ii->i", (3, 3)),
    ("batch_diagonal", "bii->bi", (2, 3, 3)),
    ("transpose", "ij->ji", (2, 3)),
    ("sum", "ij->", (2, 3)),
    ("rows", "ij->i", (2, 3)),
    ("inner", "i,i->", (4,), (4,)),
    ("outer", "i,j->ij", (2,), (3,)),
    ("hadamard", "ij,ij->ij", (2, 3), (2, 3)),
    ("scale", ",ij->ij", (), (2, 2)),
    ("matrix_vector", "ij,j->i", (2, 3), (3,)),
    ("matmul", "ij,jk->ik", (2, 3), (3, 2)),
    ("matmul_transposed", "ij,kj->ki", (2, 3), (4, 3)),
    ("batch", "bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("batch_permuted", "bij,kjb->ikb", (2, 2, 3), (2, 3, 2)),
    ("double", "ijk,kjl->il", (2, 3, 2), (2, 3, 2)),
    ("frobenius", "ij,ij->", (2, 3), (2, 3)),
    ("summed_alone", "ij,k->i", (2, 3), (2,)),
    ("chain", "ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
    ("bilinear", "i,ij,j->", (2,), (2, 3), (3,)),
    ("attention", "bhqd,bhkd->bhqk", (1, 2, 2, 3), (1, 2, 3, 3)),
    ("trace_of_product", "ij,ji->", (2, 3), (3, 2)),
    ("diagonal_times", "ii,i->i", (3, 3), (3,)),
]:
    case(f"einsum/{label}", *map(real, shapes), spec=spec, f32=label in ("batch", "chain", "trace"))
case("cholesky/one", np.array([[4.2]]))
case("cholesky/matrix", spread(3), f32=True)
case("cholesky/batch", spread(3, (2,)))
case("cholesky/batches", spread(2, (2, 2)))
case("cholesky_gram/wide", real((2, 3)))
case("cholesky_gram/four", real((4, 4)), f32=True)
for label, shape, axis in [("vector", (6,), 0), ("rows", (2, 4), 1), ("columns", (3, 2), 0), ("last", (2, 2, 3), -1), ("empty", (0,), 0)]:
    # positive, so that the squares have the order of the numbers
    case(f"sort/{label}", lambda rng, s=shape: np.asarray(separate(s, 0.21)(rng)) + 4.0, axis=axis, f32=label == "rows")
case("sort/ties", np.array([3.0, 1.5, 3.0, 0.5]), axis=0, smooth=False)
case("argsort/rows", separate((2, 4)), axis=1)
case("argsort/ties", np.array([3.0, 1.5, 3.0, 0.5, 1.5]), axis=0)
case("argsort/whole", whole([[4, -1], [2, -1], [4, 7]]), axis=0)
case("cond/then", positive((3,)), real((3,)), f32=True)
case("cond/otherwise", lambda rng: -positive((2, 2))(rng), real((2, 2)))
case("cond_nested/then_then", np.array([0.7, 1.2, -0.4]))
case("cond_nested/then_otherwise", np.array([0.7, -1.2, 0.9]))
case("cond_nested/otherwise", np.array([-0.7, 1.2, 0.9]))

# Compositions
case("logsumexp/vector", real((5,)), axis=0, f32=True)
case("logsumexp/rows", real((3, 4)), axis=-1)
case("logsumexp/far", np.array([[1000.0, 999.5], [-1000.0, -1001.5]]), axis=1)
case("softmax/rows", real((2, 4)), axis=-1, f32=True)
case("softmax/columns", real((3, 2)), axis=0)
case("softmax_cross_entropy/batch", real((4, 3)), whole([2, 0, 0, 1]), f32=True)
case("softmax_cross_entropy/one", real((1, 5)), whole([3]))
case("layer_norm/matrix", real((3, 4)), real((4,)), real((4,)), f32=True)
case("layer_norm/cube", real((2, 2, 3)), real((3,)), real((3,)))
case("batch_norm/matrix", real((5, 3)))
NETWORK = [real((4, 3)), real((4, 1)), real((3, 5)), real((5,)), real((5, 1)), real((1,))]
case("mlp_tanh/small", *NETWORK, f32=True)
case("mlp_relu/small", *NETWORK)
case("attention/heads", real((2, 2, 3, 4)), real((2, 2, 3, 4)), real((2, 2, 3, 4)), f32=True)
case("attention/one_query", real((1, 1, 1, 2)), real((1, 1, 4, 2)), real((1, 1, 4, 2)))
case("horner/scalar", real(()), real((5,)))
case("horner/matrix", real((2, 3), -1.0, 1.0), real((4,)), f32=True)
case("power_sum/vector", real((3,), -1.0, 1.0), n=12)
case("sine_loop/few", real((3,), -1.0, 1.0), n=5, f32=True)
case("sine_loop/many", real((2,), -0.5, 0.5), n=30)
case("log_determinant/three", real((3, 3)), f32=True)
case("log_determinant/wide", real((2, 5)))
case("straight_through/vector", off_steps((4,)), f32=True, smooth=False)
case("rosenbrock/six", real((6,)), f32=True)
case("squared_distances/rows", real((3, 2)), real((4, 2)))
case("mixture/two", real((5, 2)), real((3, 2)), real((3,)), real((), -0.3, 0.3), f32=True)
case("quadratic_form/three", off_zero((3,)), real((3, 3)))
case("convolution/valid", real((7,)), real((3,)), f32=True)
case("embedding/repeated", real((4, 3)), whole([[1, 1, 3], [0, 2, 0]]), real((3, 2)))
case("messages/graph", real((4, 2)), whole([0, 1, 1, 3, 2]), whole([1, 2, 0, 0, 2]), real((2, 3)))
case("huber/both", np.array([-2.5, -0.4, 0.3, 1.75]), f32=True)
case("recurrent/four_steps", real((4, 2)), real((2, 3)), real((3, 3)), f32=True)
case("logistic/six", real((6, 3)), whole([1, -1, -1, 1, -1, 1]), real((3,)), f32=True)
case("entropy/rows", real((2, 4)))
case("cosine_similarity/rows", real((3, 4)), real((3, 4)), f32=True)
case("cosine_similarity/broadcast", real((3, 4)), real((4,)))
case("trimmed_mean/seven", separate((7,), 0.2))
case("power_iteration/three", spread(3), off_zero((3,)), f32=True)

if __name__ == "__main__":
    table.main()
