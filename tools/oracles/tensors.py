#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/tensors.txt: values, gradients and second derivatives of tensor functions, by JAX.

    pip install jax                         # any version of 2024 or later, on the CPU
    python3 tools/oracles/tensors.py        # from the repository root; --list prints the cases, --only TEXT picks some

Nothing here knows Cotangent's rules: the functions are written once more, in `tensors_functions.py`, with JAX's own
operations. What belongs to a case: inputs x, a cotangent ct shaped like the output, a tangent v shaped like the float
inputs, all random and not uniform, and then f(x), its derivative along v, the gradient of <ct, f(x)>, and the derivative
along v of that gradient (a Hessian-vector product).

The format: lines of words; lines that begin with # are comments. A case is

    case NAME/LABEL                     NAME is the function
    param KEY WORD ...                  as many as the function needs: integers, numbers, or one word of text
    in DTYPE [2,3] NUMBER ...           one line for each input; numbers in row-major order; [] has one, [0] none
    out DTYPE [2] NUMBER ...
    ct DTYPE [2] NUMBER ...             these are missing where the output is of integers or bools
    v DTYPE [2,3] NUMBER ...            one line for each float input, in order; so for grad and hvp
    tangent DTYPE [2] NUMBER ...
    grad DTYPE [2,3] NUMBER ...
    hvp DTYPE [2,3] NUMBER ...
    end

Numbers are Rust's as well as Python's: the shortest that read back as the same number; bools are true and false. The
numbers of f32 cases are exact in f32 and computed in f64, so they are the true results, rounded once.

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

import argparse
import os
import sys
import zlib

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tensors_cases import CASES
from tensors_functions import FUNCTIONS

TABLE = "crates/cotangent/tests/tables/tensors.txt"
NAMES = {"float64": "f64", "float32": "f32", "int64": "i64", "int32": "i32", "bool": "bool"}


def number(x):
    if isinstance(x, (np.bool_, bool)):
        return "true" if x else "false"
    if isinstance(x, (np.integer, int)):
        return str(int(x))
    if isinstance(x, np.float32):
        return np.format_float_scientific(x, trim="0") if abs(x) >= 1e16 or 0 < abs(x) < 1e-4 else str(x)
    return repr(float(x))


def array_line(word, x):
    shape = ",".join(str(n) for n in x.shape)
    numbers = "".join(f" {number(n)}" for n in x.reshape(-1))
    return f"{word} {NAMES[x.dtype.name]} [{shape}]{numbers}\n"


def is_float(x):
    return x.dtype.name.startswith("float")


def random_like(rng, x):
    """Away from zero, so that no part of a derivative goes unseen; three decimals, to keep the table small."""
    sign = rng.choice([-1.0, 1.0], size=x.shape)
    return np.asarray(np.round(sign * rng.uniform(0.3, 1.7, size=x.shape), 3))


def derivatives(case, f32):
    """Everything that the table says of a case, in f64."""
    rng = np.random.default_rng(zlib.crc32(f"{case.name} {f32}".encode()))
    xs = [np.asarray(x) for x in case.inputs(rng)]
    if f32:
        xs = [x.astype(np.float32) if is_float(x) else x for x in xs]
    wide = [x.astype(np.float64) if is_float(x) else x for x in xs]
    floats = [i for i, x in enumerate(wide) if is_float(x)]
    function = FUNCTIONS[case.function]

    def f(*chosen):
        full = [jnp.asarray(x) for x in wide]
        for i, x in zip(floats, chosen):
            full[i] = x
        return function(full, case.params)

    at = [jnp.asarray(wide[i]) for i in floats]
    out = np.asarray(f(*at))
    if not is_float(out):
        return xs, {"out": [out]}
    narrow = (lambda x: np.asarray(x, np.float32)) if f32 else np.asarray
    ct = narrow(random_like(rng, out)).astype(np.float64)
    v = [narrow(random_like(rng, x)).astype(np.float64) for x in at]

    def gradient(*chosen):
        return jax.grad(lambda xs: jnp.sum(jnp.asarray(ct) * f(*xs)))(list(chosen))

    @jax.jit
    def both(at, v):
        tangent = jax.jvp(f, at, v)[1]
        grad, hvp = jax.jvp(gradient, at, v)
        return tangent, grad, hvp

    tangent, grad, hvp = both(tuple(at), tuple(map(jnp.asarray, v)))
    verify(case, f, gradient, at, ct, v, tangent, grad, hvp)
    hvp = without_noise(hvp, [*grad, ct], v)
    rows = {"out": [out], "ct": [ct], "v": v, "tangent": [tangent], "grad": grad, "hvp": hvp}
    return xs, {word: [narrow(x) for x in arrays] for word, arrays in rows.items()}


def without_noise(hvp, first, v):
    """Where second derivatives are 0, JAX may have cancelled terms of first order: that is no number to compare with."""
    size = max((float(np.max(np.abs(x), initial=0.0)) for x in first), default=0.0)
    size *= max((float(np.max(np.abs(x), initial=0.0)) for x in v), default=0.0)
    return [np.zeros_like(x) if np.all(np.abs(x) < 1e-15 * size) else np.asarray(x) for x in map(np.asarray, hvp)]


def verify(case, f, gradient, at, ct, v, tangent, grad, hvp):
    """JAX is checked too: all finite, <ct, tangent> = <grad, v>, and where the case is smooth the differences agree."""
    for x in [tangent, *grad, *hvp]:
        assert np.all(np.isfinite(x)), f"{case.name}: not finite"
    forward = float(np.sum(ct * np.asarray(tangent)))
    products = [np.sum(np.asarray(g) * w) for g, w in zip(grad, v)]
    scale = 1e-30 + sum(float(np.sum(np.abs(np.asarray(g) * w))) for g, w in zip(grad, v))
    assert abs(forward - sum(products)) <= 1e-11 * scale + 1e-13, f"{case.name}: <ct, Jv> is not <J'ct, v>"
    if not case.smooth:
        return
    h = 1e-4
    sides = [[x + s * h * w for x, w in zip(at, v)] for s in (-1, 1)]
    values = [np.asarray(f(*side)) for side in sides]
    close(case, "tangent", (values[1] - values[0]) / (2 * h), tangent)
    low, high = (jax.jit(gradient)(*side) for side in sides)
    for a, b, claim in zip(low, high, hvp):
        close(case, "hvp", (np.asarray(b) - np.asarray(a)) / (2 * h), claim)


def close(case, what, seen, claim):
    claim = np.asarray(claim)
    if claim.size == 0:
        return
    worst, scale = np.max(np.abs(seen - claim)), np.max(np.abs(claim))
    assert worst <= 1e-5 * (scale + 1.0), f"{case.name}: {what} by differences {seen}, by JAX {claim}"


def text_of(case, f32):
    xs, rows = derivatives(case, f32)
    text = f"case {case.name}{'/f32' if f32 else ''}\n"
    for key, value in case.params.items():
        words = value if isinstance(value, (list, tuple)) else [value]
        text += " ".join(["param", key, *map(str, words)]) + "\n"
    text += "".join(array_line("in", x) for x in xs)
    for word, arrays in rows.items():
        text += "".join(array_line(word, np.asarray(x)) for x in arrays)
    return text + "end\n"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--only", default="", help="cases with this in their name, printed")
    arguments = arguments.parse_args()
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    unused = set(FUNCTIONS) - {case.function for case in CASES}
    assert not unused, f"no case for {unused}"
    if arguments.list:
        print("\n".join(names))
        return
    picked = [(c, f32) for c in CASES for f32 in (False, True) if arguments.only in c.name and (c.f32 or not f32)]
    cases, wrong = [], []
    for case, f32 in picked:
        try:
            cases.append(text_of(case, f32))
        except Exception as error:  # all of them are wanted in one run
            wrong.append(f"{case.name}: {error}")
    if wrong:
        sys.exit("\n".join(wrong))
    if arguments.only:
        print("".join(cases), end="")
        return
    head = f"# Written by tools/oracles/tensors.py with JAX; {len(cases)} cases. The script explains the numbers.\n"
    head += "# case NAME/LABEL, then lines: param KEY WORDS | in, out, ct, v, tangent, grad, hvp DTYPE [SHAPE] NUMBERS | end\n"
    head += "# grad is of <ct, out>; tangent and hvp are the derivatives of out and of grad along v.\n"
    with open(TABLE, "w") as file:
        file.write(head + "".join(cases))
    print(f"{len(cases)} cases of {len(FUNCTIONS)} functions")


if __name__ == "__main__":
    main()
