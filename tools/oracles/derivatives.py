#!/usr/bin/env python3
"""Writes crates/cotangent/tests/tables/derivatives.txt: true values and derivatives, to third order, of every function.

Needs mpmath. The functions are written from their definitions, with no derivative rule in sight: derivatives are mpmath's
finite differences at 80 digits. Run from the repository root: python3 tools/oracles/derivatives.py
"""

from mpmath import mp, mpf

mp.dps = 80

half = mpf(1) / 2


def normal_cdf(x):
    return half * mp.erfc(-x / mp.sqrt(2))


def truth(condition):
    return mpf(1) if condition else mpf(0)


def trunc(x):
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def sign(x):
    return mpf((x > 0) - (x < 0))


# name: (function, points). All points are exact in f32.
UNARY = {
    "neg": (lambda x: -x, ["0.625", "-1.75"]),
    "recip": (lambda x: 1 / x, ["0.625", "-1.75"]),
    "square": (lambda x: x * x, ["0.625", "-1.75"]),
    "abs": (abs, ["0.625", "-1.75"]),
    "sqrt": (mp.sqrt, ["0.625", "3.75"]),
    "cbrt": (lambda x: sign(x) * mp.exp(mp.log(abs(x)) / 3), ["0.625", "-3.75"]),
    "powi -2": (lambda x: 1 / (x * x), ["0.625", "-1.75"]),
    "powi -1": (lambda x: 1 / x, ["0.625", "-1.75"]),
    "powi 0": (lambda x: mpf(1), ["0.625", "-1.75"]),
    "powi 1": (lambda x: x, ["0.625", "-1.75"]),
    "powi 2": (lambda x: x * x, ["0.625", "-1.75"]),
    "powi 3": (lambda x: x * x * x, ["0.625", "-1.75"]),
    "powi 7": (lambda x: x * x * x * x * x * x * x, ["0.625", "-1.75"]),
    "exp": (mp.exp, ["0.625", "-1.75"]),
    "exp2": (lambda x: mp.exp(x * mp.log(2)), ["0.625", "-1.75"]),
    "expm1": (lambda x: mp.exp(x) - 1, ["0.625", "-1.75"]),
    "ln": (mp.log, ["0.625", "3.75"]),
    "ln_1p": (lambda x: mp.log(1 + x), ["0.625", "-0.75"]),
    "log2": (lambda x: mp.log(x) / mp.log(2), ["0.625", "3.75"]),
    "log10": (lambda x: mp.log(x) / mp.log(10), ["0.625", "3.75"]),
    "sin": (mp.sin, ["0.625", "-4.75"]),
    "cos": (mp.cos, ["0.625", "-4.75"]),
    "tan": (mp.tan, ["0.625", "-4.25"]),
    "asin": (mp.asin, ["0.625", "-0.8125"]),
    "acos": (mp.acos, ["0.625", "-0.8125"]),
    "atan": (mp.atan, ["0.625", "-2.75"]),
    "sinh": (mp.sinh, ["0.625", "-1.75"]),
    "cosh": (mp.cosh, ["0.625", "-1.75"]),
    "tanh": (mp.tanh, ["0.625", "-1.75"]),
    "asinh": (mp.asinh, ["0.625", "-1.75"]),
    "acosh": (mp.acosh, ["1.625", "3.75"]),
    "atanh": (mp.atanh, ["0.625", "-0.8125"]),
    "relu": (lambda x: x if x > 0 else mpf(0), ["0.625", "-1.75"]),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), ["0.625", "-1.75"]),
    "softplus": (lambda x: mp.log(1 + mp.exp(x)), ["0.625", "-1.75"]),
    "silu": (lambda x: x / (1 + mp.exp(-x)), ["0.625", "-1.75"]),
    "gelu": (lambda x: x * normal_cdf(x), ["0.625", "-1.75"]),
    "erf": (mp.erf, ["0.625", "-1.25"]),
    "erfc": (mp.erfc, ["0.625", "-1.25"]),
    "lgamma": (lambda x: mp.log(abs(mp.gamma(x))), ["0.625", "-1.75"]),
    "digamma": (lambda x: mp.psi(0, x), ["0.625", "3.75"]),
    "polygamma 1": (lambda x: mp.zeta(2, x), ["0.625", "3.75"]),
    "polygamma 2": (lambda x: -2 * mp.zeta(3, x), ["0.625", "3.75"]),
    "polygamma 5": (lambda x: 120 * mp.zeta(6, x), ["0.625", "3.75"]),
    "floor": (mp.floor, ["0.625", "-1.75"]),
    "ceil": (mp.ceil, ["0.625", "-1.75"]),
    "round": (mp.nint, ["0.625", "-1.75"]),
    "trunc": (trunc, ["0.625", "-1.75"]),
    "sign": (sign, ["0.625", "-1.75"]),
}

BINARY = {
    "add": (lambda a, b: a + b, [("0.625", "-1.75"), ("2.5", "1.375")]),
    "sub": (lambda a, b: a - b, [("0.625", "-1.75"), ("2.5", "1.375")]),
    "mul": (lambda a, b: a * b, [("0.625", "-1.75"), ("2.5", "1.375")]),
    "div": (lambda a, b: a / b, [("0.625", "-1.75"), ("2.5", "1.375")]),
    "pow": (lambda a, b: mp.exp(b * mp.log(a)), [("0.625", "-1.75"), ("2.5", "1.375")]),
    "atan2": (lambda a, b: mp.atan2(a, b), [("0.625", "-1.75"), ("-2.5", "1.375")]),
    "hypot": (lambda a, b: mp.sqrt(a * a + b * b), [("0.625", "-1.75"), ("2.5", "1.375")]),
    "max": (lambda a, b: a if a > b else b, [("0.625", "-1.75"), ("1.375", "2.5")]),
    "min": (lambda a, b: a if a < b else b, [("0.625", "-1.75"), ("1.375", "2.5")]),
    "rem": (lambda a, b: a - b * trunc(a / b), [("6.625", "-1.75"), ("-5.75", "1.375")]),
    "greater": (lambda a, b: truth(a > b), [("0.625", "-1.75"), ("1.375", "2.5")]),
    "less": (lambda a, b: truth(a < b), [("0.625", "-1.75"), ("1.375", "2.5")]),
    "equal": (lambda a, b: truth(a == b), [("0.625", "-1.75"), ("1.375", "2.5")]),
    "scale": (lambda a, b: a * b, [("0.625", "-1.75"), ("2.5", "1.375")]),
}

ORDERS = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]


def number(x):
    # A difference quotient of a linear function leaves dust; no true derivative here is that small.
    return "0" if abs(x) < mpf(10) ** -15 else mp.nstr(x, 25)


def main():
    lines = [
        "# Written by tools/oracles/derivatives.py with mpmath; 25 digits.",
        "# name [parameter] | x | f, f', f'', f'''",
        "# name | a b | f, then in a, b, aa, ab, bb, aaa, aab, abb, bbb",
    ]
    for name, (f, points) in UNARY.items():
        for point in points:
            x = mpf(point)
            row = [f(x)] + [mp.diff(f, x, k, h=mpf(10) ** -15) for k in (1, 2, 3)]
            lines.append(f"{name} | {point} | {' '.join(map(number, row))}")
    for name, (f, points) in BINARY.items():
        for point in points:
            at = tuple(map(mpf, point))
            row = [f(*at)] + [mp.diff(f, at, orders, h=mpf(10) ** -15) for orders in ORDERS]
            lines.append(f"{name} | {' '.join(point)} | {' '.join(map(number, row))}")
    with open("crates/cotangent/tests/tables/derivatives.txt", "w", encoding="ascii") as table:
        table.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
