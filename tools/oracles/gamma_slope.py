#!/usr/bin/env python3
"""True values of dy/da at the same probability, y the logarithm of a number of the gamma distribution of shape a, and of
its derivatives in a at the same y, by mpmath with 60 digits: crates/kernels/tests/tables/gamma_slope.txt.

A line is: a y, then the derivatives of order 0 to 3. The points are quantiles of the distribution.
"""

import mpmath as mp

mp.mp.dps = 60
TABLE = "crates/kernels/tests/tables/gamma_slope.txt"
SHAPES = ["1e-6", "1e-3", "0.1", "0.5", "0.9", "1", "1.5", "3", "10", "40", "63.5", "64.5", "80", "150", "256", "1000", "30000"]
NORMAL = ["-6", "-3", "-1", "-0.1", "0.1", "1", "3", "6"]


def series(f, a, n):
    """Coefficients of f(a + d) by interpolation: f is analytic, and the digits are many."""
    h = a / 10**5
    points = [a + h * k for k in range(-(n + 3), n + 4)]
    values = [f(p) for p in points]
    return taylor(points, values, a, n)


def taylor(points, values, a, n):
    table = list(values)
    for depth in range(1, len(points)):
        for i in range(len(points) - 1, depth - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (points[i] - points[i - depth])
    coefficients = [mp.mpf(0)] * len(points)
    for i in range(len(points) - 1, -1, -1):
        shifted = [mp.mpf(0)] + coefficients[:-1]
        coefficients = [s - (points[i] - a) * c for s, c in zip(shifted, coefficients)]
        coefficients[0] += table[i]
    return coefficients[: n + 1]


def divide(p, q):
    out = []
    for k in range(len(p)):
        out.append((p[k] - sum(out[i] * q[k - i] for i in range(k))) / q[0])
    return out


def lower(a, x):
    """The lower incomplete gamma function over x^a e^-x."""
    term = total = 1 / a
    n = 1
    while term > total * mp.mpf(10) ** -58:
        term *= x / (a + n)
        total += term
        n += 1
    return total


def slopes(a, y):
    x = mp.exp(y)
    density = lambda a: mp.exp(a * y - x - mp.loggamma(a))
    cdf = lambda a: lower(a, x) * density(a)
    f = series(cdf, a, 5)
    h = series(density, a, 4)
    g = divide([-(k + 1) * f[k + 1] for k in range(4)], h[:4])
    return [g[k] * mp.factorial(k) for k in range(4)]


def quantile(a, z):
    """About the quantile: where exactly does not matter."""
    if a < 1:
        u = mp.ncdf(z)
        return (mp.log(u) + mp.loggamma(a + 1)) / a if u < 0.9 else mp.log(1 + z)
    return mp.log(a) + 3 * mp.log(max(1 - 1 / (9 * a) + z / (3 * mp.sqrt(a)), mp.mpf("0.01")))


def main():
    lines = []
    for shape in SHAPES:
        for z in NORMAL:
            a = mp.mpf(float(shape))
            y = mp.mpf(float(quantile(a, mp.mpf(z))))
            if y < -1e5:
                continue
            values = " ".join(mp.nstr(v, 17) for v in slopes(a, y))
            lines.append(f"{float(a)!r} {float(y)!r} {values}\n")
    with open(TABLE, "w") as file:
        file.write("# Written by tools/oracles/gamma_slope.py with mpmath.\n" + "".join(lines))
    print(len(lines), "points")


if __name__ == "__main__":
    main()
