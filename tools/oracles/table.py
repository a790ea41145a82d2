"""What the scripts tensors*.py share: cases of functions, their values and derivatives by JAX, and the table that tests read.

Nothing here knows Cotangent's rules: the functions are written once more, in each script, with JAX's own operations.
What belongs to a case: inputs x, a cotangent ct shaped like the output, a tangent v shaped like the float
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

A script makes a `Table`, names functions and cases, and ends with `table.main()`: without arguments it writes the table, `--list`
prints the cases, `--only TEXT` prints those with this in their name. Any JAX of 2024 or later will do, on the CPU.
"""

import argparse
import os
import sys
import zlib
from dataclasses import dataclass, field

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np

NAMES = {"float64": "f64", "float32": "f32", "int64": "i64", "int32": "i32", "bool": "bool"}
NAN, INF = float("nan"), float("inf")


@dataclass
class Case:
    """A function at a point. An input is an array, or a function of a random generator, so that a case's numbers depend on its
    name alone. `f32` adds the same case in f32, with other numbers; `smooth=False` says that the point is at a declared kink;
    `special` that values alone count, for there are NaN or infinities."""

    name: str
    makers: list
    params: dict = field(default_factory=dict)
    f32: bool = False
    smooth: bool = True
    special: bool = False

    @property
    def function(self):
        return self.name.split("/")[0]

    def inputs(self, rng):
        return [np.asarray(maker(rng) if callable(maker) else maker) for maker in self.makers]


def real(shape, low=-2.0, high=2.0):
    return lambda rng: np.asarray(np.round(rng.uniform(low, high, size=shape), 4))


def separate(shape, step=0.37):
    """Distinct numbers around 0, at least step/2 apart and away from whole and half ones: for sort, max, floor."""

    def maker(rng):
        n = int(np.prod(shape))
        x = (np.arange(n) - n / 2 + rng.uniform(0.3, 0.6, size=n)) * step
        return np.asarray(np.round(rng.permutation(x), 4)).reshape(shape)

    return maker


def off_steps(shape):
    """Neither near a whole number nor near a half."""

    def maker(rng):
        x = rng.integers(-3, 3, size=shape) + rng.choice([0.1, 0.6], size=shape) + rng.uniform(0, 0.3, size=shape)
        return np.asarray(np.round(x, 4))

    return maker


def off_zero(shape, high=2.0):
    def maker(rng):
        return np.asarray(np.round(rng.choice([-1, 1], size=shape) * rng.uniform(0.2, high, size=shape), 4))

    return maker


def positive(shape, low=0.3, high=3.0):
    return real(shape, low, high)


def spread(n, batch=()):
    """Symmetric positive definite when symmetrised, eigenvalues about n."""

    def maker(rng):
        return np.round(rng.uniform(-1, 1, size=(*batch, n, n)) + 1.5 * n * np.eye(n), 4)

    return maker


def whole(values):
    return np.asarray(values, dtype=np.int64)


def truths(values):
    return np.asarray(values, dtype=bool)


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


class Table:
    """The cases of one file under crates/cotangent/tests/tables, and the functions that they are cases of."""

    def __init__(self, name, script):
        self.name, self.script = name, os.path.basename(script)
        self.cases, self.functions = [], {}

    def listed(self, *names):
        """Marks a function of (inputs, parameters) as the one with these names."""

        def add(f):
            self.functions.update(dict.fromkeys(names, f))
            return f

        return add

    def case(self, name, *makers, f32=False, smooth=True, **params):
        self.cases.append(Case(name, list(makers), params, f32, smooth))

    def special(self, name, *makers, f32=True, **params):
        self.cases.append(Case(name, list(makers), params, f32, special=True))

    def values(self, case, f32):
        """A case without derivatives. In f32 it is computed in f32, for its infinities are its own."""
        xs = case.inputs(np.random.default_rng(0))
        if f32:
            xs = [x.astype(np.float32) if is_float(x) else x for x in xs]
        out = self.functions[case.function]([jnp.asarray(x) for x in xs], case.params)
        return xs, {"out": [np.asarray(out)]}

    def derivatives(self, case, f32):
        """Everything that the table says of a case, in f64."""
        rng = np.random.default_rng(zlib.crc32(f"{case.name} {f32}".encode()))
        xs = [np.asarray(x) for x in case.inputs(rng)]
        if f32:
            xs = [x.astype(np.float32) if is_float(x) else x for x in xs]
        wide = [x.astype(np.float64) if is_float(x) else x for x in xs]
        floats = [i for i, x in enumerate(wide) if is_float(x)]
        function = self.functions[case.function]

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

    def text_of(self, case, f32):
        xs, rows = (self.values if case.special else self.derivatives)(case, f32)
        text = f"case {case.name}{'/f32' if f32 else ''}\n"
        for key, value in case.params.items():
            words = value if isinstance(value, (list, tuple)) else [value]
            text += " ".join(["param", key, *map(str, words)]) + "\n"
        text += "".join(array_line("in", x) for x in xs)
        for word, arrays in rows.items():
            text += "".join(array_line(word, np.asarray(x)) for x in arrays)
        return text + "end\n"

    def main(self):
        arguments = argparse.ArgumentParser()
        arguments.add_argument("--list", action="store_true")
        arguments.add_argument("--only", default="", help="cases with this in their name, printed")
        arguments = arguments.parse_args()
        names = [case.name for case in self.cases]
        assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
        unused = set(self.functions) - {case.function for case in self.cases}
        assert not unused, f"no case for {unused}"
        if arguments.list:
            print("\n".join(names))
            return
        cases, wrong = [], []
        for case in (case for case in self.cases if arguments.only in case.name):
            floats = any(is_float(x) for x in case.inputs(np.random.default_rng(0)))
            for f32 in [False, True] if case.f32 and floats else [False]:
                try:
                    cases.append(self.text_of(case, f32))
                except Exception as error:  # all of them are wanted in one run
                    wrong.append(f"{case.name}: {type(error).__name__} {error}")
        if wrong:
            sys.exit("\n".join(wrong))
        if arguments.only:
            print("".join(cases), end="")
            return
        head = f"# Written by tools/oracles/{self.script} with JAX; {len(cases)} cases. tools/oracles/table.py explains the numbers.\n"
        head += "# case NAME/LABEL, then lines: param KEY WORDS | in, out, ct, v, tangent, grad, hvp DTYPE [SHAPE] NUMBERS | end\n"
        head += "# grad is of <ct, out>; tangent and hvp are the derivatives of out and of grad along v.\n"
        with open(f"crates/cotangent/tests/tables/{self.name}.txt", "w") as file:
            file.write(head + "".join(cases))
        print(f"{len(cases)} cases of {len(self.functions)} functions")


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
