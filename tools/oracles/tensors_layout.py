#!/usr/bin/env python3
"""Numbers by JAX for layout and indexing: ranges, windows, parts written, entries moved, repeated and made.

    python3 tools/oracles/tensors_layout.py             writes crates/cotangent/tests/tables/layout.txt
    python3 tools/oracles/tensors_layout.py --only X    prints the cases with X in their name

The format and the checks are those of table.py. What only moves numbers is tried on squares (and values that are written
on sines), so that there is a second derivative. Cases of `special` hold NaN and infinities, and have values only.

What is named in a case by `at` is one word for each axis: an integer, a range start:stop:step with its parts left out as in
Python, or T, the last input, a tensor of indices.

Where an index comes several times JAX leaves the order of `set` open, and has no derivative of `multiply`: both are written
here as a loop over the updates.
"""

from jax import lax
from table import INF, NAN, Table, jax, jnp, np, off_zero, real, whole
from tensors_functions import FUNCTIONS as OTHERS

table = Table("layout", __file__)
case, special = table.case, table.special


def picks(words, x):
    def one(word):
        if word == "T":
            return x[-1]
        if ":" not in word:
            return int(word)
        parts = [int(part) if part else None for part in word.split(":")]
        return slice(*parts)

    return tuple(one(word) for word in words)


def reader(x, p):
    return jnp.square(x[0])[picks(p["at"], x)]


def one_by_one(step):
    def f(x, p):
        # Of each entry that is written its place in the flattened operand.
        places = jnp.arange(x[0].size).reshape(x[0].shape)[picks(p["at"], x)]
        v = jnp.broadcast_to(jnp.sin(x[1]), places.shape).reshape(-1)
        y, places = jnp.square(x[0]).reshape(-1), places.reshape(-1)
        for j in range(places.size):
            y = y.at[places[j]].set(step(y[places[j]], v[j]))
        return y.reshape(x[0].shape)

    return f


def at(method):
    return lambda x, p: getattr(jnp.square(x[0]).at[picks(p["at"], x)], method)(jnp.sin(x[1]))


def put_along_axis(x, p):
    shape, axis = x[2].shape, p["axis"] % x[2].ndim
    v = jnp.broadcast_to(jnp.sin(x[1]), shape)
    y = jnp.square(x[0])
    for j in np.ndindex(shape):
        y = y.at[(*j[:axis], x[2][j], *j[axis + 1 :])].set(v[j])
    return y


def widths(p):
    return list(zip(p["low"], p["high"]))


def pad_with(x, p, value=None):
    """lax.pad takes negative widths."""
    value = jnp.sin(x[1]) if value is None else value
    return lax.pad(jnp.square(x[0]), value, [(low, high, 0) for low, high in widths(p)])


def pad_mode(x, p):
    x = jnp.square(x[0])
    for axis, (low, high) in enumerate(widths(p)):
        x = lax.slice_in_dim(x, max(0, -low), x.shape[axis] - max(0, -high), axis=axis)
    return jnp.pad(x, [(max(0, low), max(0, high)) for low, high in widths(p)], mode=p["mode"])


def parts(arrays):
    """All parts in one vector, each with its own factor."""
    return jnp.concatenate([x.reshape(-1) * (i + 1) for i, x in enumerate(arrays)])


def diag_embed(x, p):
    y = jnp.square(x[0])
    return jnp.vectorize(lambda v: jnp.diag(v, p["offset"]), signature="(n)->(m,m)")(y) if y.size else jnp.zeros((0, 0))


def times(x, made):
    """What is made of nothing, times an operand."""
    return jnp.square(x[0]) * made


table.functions |= {
    "read": reader,
    "at.set": one_by_one(lambda old, new: new),
    "at.add": at("add"),
    "at.mul": one_by_one(lambda old, new: old * new),
    "at.max": at("max"),
    "at.min": at("min"),
    "put_along_axis": put_along_axis,
    "dynamic_slice": lambda x, p: lax.dynamic_slice(jnp.square(x[0]), list(x[1]), p["sizes"]),
    "dynamic_update_slice": lambda x, p: lax.dynamic_update_slice(jnp.square(x[0]), jnp.sin(x[1]), list(x[2])),
    "flip": lambda x, p: jnp.flip(jnp.square(x[0]), p["axes"]),
    "expand_dims": lambda x, p: jnp.expand_dims(jnp.square(x[0]), p["axes"]),
    "split": lambda x, p: parts(jnp.split(jnp.square(x[0]), p["count"], p["axis"])),
    "split_at": lambda x, p: parts(jnp.split(jnp.square(x[0]), p["positions"], p["axis"])),
    "unstack": lambda x, p: parts(jnp.unstack(jnp.square(x[0]), axis=p["axis"])),
    "roll": lambda x, p: jnp.roll(jnp.square(x[0]), p["shift"], p["axis"]),
    "tile": lambda x, p: jnp.tile(jnp.square(x[0]), p["counts"]),
    "repeat": lambda x, p: jnp.repeat(jnp.square(x[0]), p["count"], p["axis"]),
    "repeat_each": lambda x, p: jnp.repeat(jnp.square(x[0]), np.array(p["counts"], int), p["axis"]),
    "crop": lambda x, p: pad_with(x, p, 0.0),
    "pad_with": pad_with,
    "pad_mode": pad_mode,
    "meshgrid": lambda x, p: parts(jnp.meshgrid(*map(jnp.square, x), indexing="ij")),
    "diag": lambda x, p: jnp.diag(jnp.square(x[0]), p["offset"]),
    "diagonal": lambda x, p: jnp.diagonal(jnp.square(x[0]), p["offset"], -2, -1),
    "diag_embed": diag_embed,
    "tril": lambda x, p: jnp.tril(jnp.square(x[0]), p["offset"]),
    "triu": lambda x, p: jnp.triu(jnp.square(x[0]), p["offset"]),
    "one_hot": lambda x, p: jax.nn.one_hot(x[1], p["n"], dtype=jnp.float64) * jnp.square(x[0]),
    "linspace": lambda x, p: times(x, jnp.linspace(p["start"], p["stop"], p["n"])),
    "arange_step": lambda x, p: times(x, jnp.arange(p["start"], p["stop"], p["step"])),
    "arange_whole": lambda x, p: times(x, jnp.arange(p["start"], p["stop"], p["step"])),
    "eye_offset": lambda x, p: times(x, jnp.eye(p["rows"], p["columns"], p["offset"])),
    "take": OTHERS["take"],
    "take_along_axis": OTHERS["take_along_axis"],
    "squeeze_axes": lambda x, p: jnp.squeeze(jnp.square(x[0]), tuple(p["axes"])),
    # Compositions of these: what users write
    "windows": lambda x, p: jnp.stack([jnp.sum(jnp.sin(lax.dynamic_slice(x[0], [i], [3])) * x[1]) for i in x[2]]),
    "cache": lambda x, p: lax.dynamic_update_slice(x[0], jnp.tanh(x[1] @ x[2]), [2, 0]) @ x[2].T,
    "histogram": lambda x, p: jnp.zeros(p["n"]).at[x[1]].add(jnp.exp(x[0])) ** 2,
    "segment_product": lambda x, p: jnp.stack([jnp.prod(jnp.where(x[1] == k, jnp.sin(x[0]), 1.0)) for k in range(p["n"])]),
    "causal": lambda x, p: jax.nn.softmax(jnp.where(jnp.tril(jnp.ones_like(x[0])) > 0, x[0], -1e30), axis=-1),
    "differences": lambda x, p: jnp.sum((x[0][1:] - x[0][:-1]) ** 2) + jnp.sum(x[0][::-2] * jnp.sin(x[0][::2])),
    "laplacian": lambda x, p: sum(jnp.roll(x[0], s, a) for s in (1, -1) for a in (0, 1)) * jnp.sin(x[0]) - 4 * x[0] ** 2,
    "reflected_blur": lambda x, p: jnp.convolve(jnp.pad(x[0], 2, mode="reflect"), x[1], mode="valid") ** 2,
    "rotate": lambda x, p: jnp.rot90(x[0]) * jnp.sin(x[0].T),
    "one_hot_loss": lambda x, p: -jnp.sum(jax.nn.log_softmax(x[0], axis=-1) * jax.nn.one_hot(x[1], x[0].shape[-1], dtype=jnp.float64)),
}  # fmt: skip


# Ranges and entries
for label, shape, at_, f32 in [
    ("inner", (5,), ["1:-1"], True), ("from_the_end", (6,), ["-4:-1"], False), ("steps", (7,), ["1::2"], True),
    ("backwards", (5,), ["::-1"], True), ("backwards_steps", (8,), ["-2:1:-3"], False), ("backwards_end", (6,), ["4::-2"], False),
    ("backwards_to", (6,), [":2:-1"], False), ("matrix", (4, 5), ["1:3", "::2"], True), ("mixed", (4, 5), ["-1", "::-2"], False),
    ("column", (3, 4), [":", "-2"], True), ("cube", (3, 4, 5), ["::-1", "1", "1:-1:2"], False), ("single", (3,), ["-3"], False),
    ("all", (2, 2), [":"], False), ("empty_range", (4,), ["2:2"], False), ("of_empty", (0, 3), ["::-1", "1:"], False),
    ("entry", (2, 3), ["1", "-1"], False), ("one", (1,), ["::-5"], False),
]:  # fmt: skip
    case(f"read/{label}", real(shape), at=at_, f32=f32)
for label, shape, at_, i, f32 in [
    ("tensor", (4, 2), ["T"], [3, -1, 0, 3], True), ("tensor_matrix", (4,), ["T"], [[1, 1], [-4, 2]], False),
    ("tensor_column", (2, 3), [":", "T"], [2, 2, 0, -1], True), ("tensor_and_integer", (2, 3, 2), ["1", "T"], [2, 0, 2], False),
    ("tensor_and_range", (3, 4), ["1:", "T"], [0, 0, -1], False), ("tensor_scalar", (3, 2), ["T"], -2, False),
    ("tensor_none", (3, 2), ["T"], [], False),
]:  # fmt: skip
    case(f"read/{label}", real(shape), whole(i), at=at_, f32=f32)

# Parts written. The values of x² and sin v never tie.
for method in ["at.set", "at.add", "at.mul", "at.max", "at.min"]:
    wide = method in ("at.set", "at.mul")
    case(f"{method}/integer", real((4,)), real(()), at=["-1"], f32=wide)
    case(f"{method}/row", real((3, 2)), real((2,)), at=["1"])
    case(f"{method}/range", real((5,)), real((3,)), at=["1:-1"], f32=not wide)
    case(f"{method}/broadcast", real((2, 4)), real(()), at=[":", "1:3"])
    case(f"{method}/steps", real((6,)), real((3,)), at=["::-2"])
    case(f"{method}/mixed", real((3, 4)), real((2,)), at=["1", "1:3"])
    case(f"{method}/tensor", real((4, 2)), real((3, 2)), whole([2, 0, -1]), at=["T"])
    case(f"{method}/column", real((2, 3)), real((2, 2)), whole([2, 0]), at=[":", "T"])
    case(f"{method}/integer_and_tensor", real((2, 4)), real((2,)), whole([3, 1]), at=["1", "T"])
    case(f"{method}/none", real((3, 2)), real((0, 2)), whole([]), at=["T"])
for method in ["at.set", "at.add", "at.mul"]:
    case(f"{method}/repeated", real((4,)), real((5,)), whole([2, 0, 2, -2, 2]), at=["T"], f32=True)
    case(f"{method}/repeated_rows", real((3, 2)), real((4, 2)), whole([1, 1, 0, 1]), at=["T"], f32=True)
    case(f"{method}/repeated_matrix", real((3,)), real((2, 2)), whole([[2, 2], [2, 0]]), at=["T"])
    case(f"{method}/repeated_columns", real((2, 3)), real((2, 4)), whole([1, 1, 1, -1]), at=[":", "T"])
for method in ["at.max", "at.min"]:
    case(f"{method}/repeated", real((4,), 0.1, 1.1), real((5,), -1.3, 1.3), whole([2, 0, 2, -2, 2]), at=["T"], f32=True)
    case(f"{method}/repeated_rows", real((3, 2), 0.1, 1.1), real((4, 2), -1.3, 1.3), whole([1, 1, 0, 1]), at=["T"])
case("at.mul/zero_among", real((3,)), np.array([1.2, 0.0, -0.7, 0.4]), whole([1, 1, 1, 0]), at=["T"], f32=True)
case("at.mul/zeros_among", real((2,)), np.array([0.0, 1.1, 0.0, 0.9]), whole([0, 0, 0, 1]), at=["T"])
case("at.mul/zero_operand", np.array([0.0, 1.5]), real((3,)), whole([0, 0, 1]), at=["T"])
V = float(np.sin(0.75))
TIED = np.array([np.sqrt(V), 0.25, 1.5])
case("at.max/tied_updates", np.array([0.25, 0.3, 0.1]), np.array([0.75, 0.75, 0.5, 0.75]), whole([0, 0, 1, 0]), at=["T"], smooth=False)
case("at.min/tied_updates", np.array([1.25, 0.3, 1.1]), np.array([0.75, 0.75, 0.5, 0.75]), whole([0, 0, 1, 0]), at=["T"], smooth=False)
case("put_along_axis/vector", real((4,)), real((3,)), whole([1, 3, 1]), axis=0, f32=True)
case("put_along_axis/rows", real((2, 3)), real((2, 2)), whole([[0, -1], [1, 1]]), axis=-1)
case("put_along_axis/columns", real((3, 2)), real((2, 2)), whole([[2, 0], [2, 1]]), axis=0, f32=True)
case("put_along_axis/number", real((2, 2, 3)), real(()), whole([[[2], [0]], [[1], [1]]]), axis=2)

# Windows
for label, shape, starts, sizes, f32 in [
    ("vector", (6,), [2], [3], True), ("clamped", (6,), [5], [3], False), ("before", (6,), [-9], [2], False),
    ("from_the_end", (6,), [-3], [2], False), ("matrix", (4, 5), [1, 2], [2, 3], True), ("matrix_clamped", (4, 5), [3, -2], [2, 4], False),
    ("cube", (2, 3, 4), [1, 0, 2], [1, 3, 2], False), ("whole", (3,), [7], [3], False), ("nothing", (3, 2), [1, 0], [0, 2], False),
    ("scalar", (), [], [], False),
]:  # fmt: skip
    case(f"dynamic_slice/{label}", real(shape), whole(starts), sizes=sizes, f32=f32)
    case(f"dynamic_update_slice/{label}", real(shape), real(tuple(sizes)), whole(starts), f32=f32)

# Entries in other places
for label, shape, axes in [("vector", (4,), [0]), ("rows", (3, 2), [0]), ("last", (2, 3), [-1]), ("both", (2, 3), [0, 1]), ("outer", (2, 2, 3), [2, 0]), ("empty", (0, 2), [0]), ("none", (), [])]:
    case(f"flip/{label}", real(shape), axes=axes, f32=label == "both")
for label, shape, axes in [("ends", (2, 3), [0, -1]), ("scalar", (), [0, 1]), ("middle", (2, 2), [1, 3])]:
    case(f"expand_dims/{label}", real(shape), axes=axes)
case("squeeze_axes/ends", real((1, 2, 1)), axes=[0, -1])
case("split/vector", real((6,)), count=3, axis=0, f32=True)
case("split/columns", real((2, 4)), count=2, axis=-1)
case("split_at/vector", real((5,)), positions=[1, 3], axis=0, f32=True)
case("split_at/columns", real((2, 4)), positions=[0, 1, 1, 4], axis=1)
case("unstack/rows", real((2, 3)), axis=0)
case("unstack/last", real((2, 3)), axis=-1)
for label, shape, shift, axis in [("vector", (5,), 2, 0), ("back", (5,), -1, 0), ("round", (3,), 7, 0), ("last", (2, 3), -4, -1), ("rows", (3, 2), 1, 0), ("empty", (0, 2), 3, 0)]:
    case(f"roll/{label}", real(shape), shift=shift, axis=axis, f32=label == "last")
for label, shape, counts in [("vector", (3,), [2]), ("matrix", (2, 3), [2, 2]), ("fewer", (2, 2), [3]), ("more", (2,), [2, 3]), ("scalar", (), [2]), ("none", (2,), [0]), ("cube", (1, 2, 2), [2, 1, 2])]:
    case(f"tile/{label}", real(shape), counts=counts, f32=label == "matrix")
for label, shape, count, axis in [("vector", (3,), 2, 0), ("rows", (2, 2), 3, 0), ("last", (2, 3), 2, -1), ("none", (2,), 0, 0)]:
    case(f"repeat/{label}", real(shape), count=count, axis=axis, f32=label == "last")
case("repeat_each/vector", real((3,)), counts=[2, 0, 3], axis=0, f32=True)
case("repeat_each/last", real((2, 2)), counts=[1, 3], axis=-1)
for label, shape, low, high in [
    ("vector", (3,), [1], [2]), ("negative", (5,), [-1], [-2]), ("mixed", (2, 4), [1, -3], [-1, 2]), ("empty", (0, 2), [1, 0], [1, 1]),
]:  # fmt: skip
    case(f"crop/{label}", real(shape), low=low, high=high, f32=label == "mixed")
    case(f"pad_with/{label}", real(shape), real(()), low=low, high=high, f32=label == "mixed")
for mode in ["edge", "reflect", "symmetric", "wrap"]:
    case(f"pad_mode/{mode}", real((4,)), low=[2], high=[3], mode=mode, f32=True)
    case(f"pad_mode/{mode}_far", real((3,)), low=[7], high=[5], mode=mode)
    case(f"pad_mode/{mode}_matrix", real((2, 3)), low=[1, -1], high=[0, 2], mode=mode)
case("meshgrid/two", real((2,)), real((3,)), f32=True)
case("meshgrid/three", real((2,)), real((1,)), real((3,)))

# Matrices
for label, shape, offset in [("square", (3, 3), 0), ("above", (3, 4), 2), ("below", (4, 2), -2), ("outside", (2, 2), 3), ("batch", (2, 3, 3), 1), ("wide", (2, 5), -1)]:
    case(f"diagonal/{label}", real(shape), offset=offset, f32=label == "batch")
    case(f"tril/{label}", real(shape), offset=offset, f32=label == "above")
    case(f"triu/{label}", real(shape), offset=offset, f32=label == "below")
for label, shape, offset in [("vector", (3,), 0), ("vector_above", (2,), 1), ("matrix", (3, 3), 0), ("matrix_below", (3, 2), -1)]:
    case(f"diag/{label}", real(shape), offset=offset, f32=label == "vector")
case("diag_embed/batch", real((2, 3)), offset=-1, f32=True)
case("diag_embed/cube", real((2, 1, 2)), offset=2)
case("one_hot/vector", real((4,)), whole([3, 0, 1, 1]), n=4, f32=True)
case("one_hot/outside", real((3,)), whole([3, -1, 2]), n=3)
case("one_hot/matrix", real((2,)), whole([[0, 1], [1, 1]]), n=2)
case("linspace/five", real((5,)), start=-1.0, stop=2.5, n=5, f32=True)
case("linspace/down", real((3,)), start=2.0, stop=-2.0, n=3)
case("linspace/one", real((1,)), start=2.0, stop=-2.0, n=1)
case("linspace/long", real((49,)), start=0.1, stop=0.7, n=49)
case("arange_step/quarters", real((4,)), start=1.0, stop=2.0, step=0.25)
case("arange_step/down", real((3,)), start=0.3, stop=-0.55, step=-0.3)
case("arange_whole/three", real((3,)), start=2, stop=9, step=3)
case("arange_whole/down", real((4,)), start=2, stop=-9, step=-3)
case("eye_offset/wide", real((2, 4)), rows=2, columns=4, offset=1, f32=True)
case("eye_offset/tall", real((4, 2)), rows=4, columns=2, offset=-1)
case("eye_offset/outside", real((2, 2)), rows=2, columns=2, offset=5)
case("take/second_last", real((2, 3, 2)), whole([[2, -1], [0, -3]]), axis=-2)
case("take/one_of_one", real((1, 2)), whole([0, -1, 0]), axis=0)
case("take_along_axis/second_last", real((2, 3, 2)), whole([[[0, -1]], [[2, 1]]]), axis=-2)
case("take_along_axis/empty", real((0, 3)), np.zeros((0, 2), np.int64), axis=-1)

# What users write
case("windows/three", real((7,)), real((3,)), whole([0, 3, 6]), f32=True)
case("cache/step", real((5, 3)), real((2, 2)), real((2, 3)))
case("histogram/six", real((6,)), whole([2, 0, 2, 2, 1, 0]), n=4, f32=True)
case("segment_product/six", off_zero((6,)), whole([2, 0, 2, 2, 1, 0]), n=4)
case("segment_product/zero", np.array([0.5, 0.0, 1.2, -0.7, 0.0, 0.9]), whole([0, 0, 0, 1, 2, 2]), n=3)
case("causal/four", real((4, 4)), f32=True)
case("differences/seven", real((7,)))
case("laplacian/torus", real((3, 4)), f32=True)
case("reflected_blur/six", real((6,)), real((5,)))
case("rotate/matrix", real((3, 2)))
case("one_hot_loss/batch", real((3, 4)), whole([3, 0, 1]))

special("tril/special", np.array([[1.0, NAN], [INF, -INF]]), offset=0)
special("triu/special", np.array([[1.0, -2.0, INF], [NAN, INF, 3.0]]), offset=1)
special("flip/special", np.array([NAN, 1.0, -INF]), axes=[0])
special("pad_with/special", np.array([NAN, 1.0]), np.array(0.5), low=[1], high=[1])
special("at.set/special", np.array([NAN, INF, 1.0]), np.array([0.5, INF, 2.0]), whole([0, 0, 1]), at=["T"])
special("at.max/special", np.array([NAN, 0.1, 0.1, INF]), np.array([0.5, NAN, 0.7, 2.0]), whole([0, 1, 2, 3]), at=["T"])
special("at.min/special", np.array([NAN, 0.1, 0.1, INF]), np.array([0.5, NAN, -0.7, 2.0]), whole([0, 1, 2, 3]), at=["T"])
special("at.mul/special", np.array([NAN, 0.0, INF]), np.array([0.5, 1.5, 0.25]), whole([0, 1, 2]), at=["T"])
special("roll/special", np.array([NAN, 1.0, -INF]), shift=1, axis=0)
special("diag/special", np.array([NAN, 1.0]), offset=0)
special("dynamic_update_slice/special", np.array([NAN, INF, 1.0]), np.array([0.5]), whole([0]))

if __name__ == "__main__":
    table.main()
