#!/usr/bin/env python3
"""Coefficients of the polynomials that only loops of vectors use (crates/kernels/src/map), from mpmath.

    python tools/oracles/coefficients_vector.py

Each is the interpolation at Chebyshev's points, whose error is within a small factor of the least possible one; printed with log2 of its
largest relative error, times the weight where one is given.
"""

import numpy
from mpmath import mp, mpf

mp.dps = 60


def chebyshev(f, low, high, n):
    """The coefficients, lowest degree first, of the polynomial that agrees with f at n points."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    points = [mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    values = [f(middle + half * p) for p in points]
    weights = [2 / mpf(n) * sum(v * mp.cos(mp.pi * j * (2 * k + 1) / (2 * n)) for k, v in enumerate(values)) for j in range(n)]
    weights[0] /= 2
    # From Chebyshev's polynomials of (x − middle)/half to powers of x.
    def times(p, q):
        r = [mpf(0)] * (len(p) + len(q) - 1)
        for i, a in enumerate(p):
            for j, b in enumerate(q):
                r[i + j] += a * b
        return r
    argument = [-middle / half, 1 / half]
    before, now = [mpf(1)], argument
    total = [mpf(0)] * n
    for j in range(n):
        basis = before if j == 0 else now
        for i, c in enumerate(basis):
            total[i] += weights[j] * c
        if j >= 1:
            twice = times([2 * c for c in argument], now)
            padded = before + [mpf(0)] * (len(twice) - len(before))
            before, now = now, [a - b for a, b in zip(twice, padded)]
    return total


def report(name, f, low, high, n, weight=lambda x: 1, rounded=float):
    c = [rounded(c) for c in chebyshev(f, low, high, n)]
    worst = mpf(0)
    for i in range(801):
        x = mpf(low) + (mpf(high) - low) * (i + mpf(1) / 7) / 802
        y = f(x)
        worst = max(worst, abs((mp.polyval([mpf(a) for a in c[::-1]], x) - y) / y * weight(x)))
    print(f"{name}  log2(error) = {float(mp.log(worst, 2)):.1f}")
    for a in c:
        print(f"    {shown(a, rounded)},")


def single(c):
    return float(numpy.float32(float(c)))


def shown(c, rounded):
    """As few digits as say which number of its type it is."""
    return str(numpy.float32(c)) if rounded is single else repr(c)


def sin_polynomial(z):
    r = mp.sqrt(z)
    return (mp.sin(r) - r) / r**3


HALF_TURN = (mp.pi / 2) ** 2
sin_weight = lambda z: sin_polynomial(z) * z / (mp.sin(mp.sqrt(z)) / mp.sqrt(z))
report("HALF_TURN_32: (sin r − r)/r³ in r², |r| ≤ π/2, in f64", sin_polynomial, mpf(10) ** -10, HALF_TURN, 5, sin_weight)

report("LGAMMA: lgamma(2 + s)/s, 0 ≤ s ≤ 1", lambda s: mp.loggamma(2 + s) / s, mpf(10) ** -20, 1, 19)
report("LGAMMA_32: the same, in f64", lambda s: mp.loggamma(2 + s) / s, mpf(10) ** -20, 1, 10)
report("DIGAMMA: ψ(2 + s), 0 ≤ s ≤ 1", lambda s: mp.digamma(2 + s), mpf(10) ** -20, 1, 19)

K = 2
scaled = lambda u: mp.erfc(1 / u - K) * mp.exp((1 / u - K) ** 2) / u
report("ERFC_32: exp(x²)·erfc(x)/u, u = 1/(x + 2), 0 ≤ x ≤ 11.2, in f64", scaled, 1 / (mpf("11.2") + K), mpf(1) / K, 12)
tail = lambda r: (mp.exp(r) - 1 - r) / r**2
half = mp.log(2) / 2
report("EXP_32: (eʳ − 1 − r)/r², |r| ≤ ½ ln 2, in f64", tail, -half, half, 6, lambda r: tail(r) * r**2 / mp.exp(r))

log = lambda z: (2 * mp.atanh(mp.sqrt(z)) - 2 * mp.sqrt(z)) / mp.sqrt(z) ** 3
report("LN_32: (ln((1 + s)/(1 − s)) − 2s)/s³ in s², s ≤ √2 − 1 over √2 + 1, in f64", log, mpf(10) ** -20, mpf("0.02944"), 5, lambda z: log(z) * z / 2)

CENTRE = 3
scaled = lambda x: (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)
place = lambda t: CENTRE * (1 + t) / (1 - t)
start = scaled(mpf(CENTRE))
print(f"SCALED_ERFC: {numpy.float32(float(start))} + {numpy.float32(float(start - mpf(single(start))))}")
slope = lambda t: (scaled(place(t)) - start) / t
ends = [(mpf(x) - CENTRE) / (mpf(x) + CENTRE) for x in ("0.7", "10.1")]
report("SCALED_ERFC_32: (f − f(3))/t, t = (x − 3)/(x + 3), 0.7 ≤ x ≤ 10.1", slope, *ends, 9, lambda t: slope(t) * t / scaled(place(t)), single)

exponent = lambda a: -mp.log(mp.erfc(a)) / a
report(
    "ERF_32: −ln erfc(a)/a, 1 ≤ a ≤ 4",
    exponent,
    mpf("0.999"),
    mpf("3.95"),
    8,
    lambda a: exponent(a) * a * mp.erfc(a) / mp.erf(a),
    single,
)

atan = lambda z: (mp.atan(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
report("ATAN_32: (atan t − t)/t³ in t², t ≤ 1", atan, mpf(10) ** -10, 1, 11, lambda z: atan(z) * z / (mp.atan(mp.sqrt(z)) / mp.sqrt(z)), single)

atanh = lambda z: (mp.atanh(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
report("ATANH_32: (atanh a − a)/a³ in a², a ≤ ½", atanh, mpf(10) ** -10, mpf("0.25"), 6, lambda z: atanh(z) * z / (mp.atanh(mp.sqrt(z)) / mp.sqrt(z)), single)


def rational(name, f, weight, high, p, q, rounded=float, only=None):
    """N and D of degrees p and q, with N(0) = f(0)·D(0) exactly, of the quotient nearest to f on [0, high] in error times weight(x, f(x)): least
    squares whose weights follow the errors (C. Lawson, 1961), with the D of the round before divided out. Of the common factors from 1 to 2
    the one is taken whose rounded coefficients spoil least, or the one of this number."""
    points, rounds, centre = 14 * (p + q + 1), 60, 2
    x = [(1 - mp.cos(mp.pi * (k + mpf(1) / 2) / points)) / 2 * (high / (high + centre)) for k in range(points)]
    x = [centre * t / (1 - t) for t in x]
    y, start = [f(a) for a in x], f(mpf(0))
    scale = [weight(a, b) for a, b in zip(x, y)]
    system = [[a**i for i in range(1, p + 1)] + [-b * a**i for i in range(1, q + 1)] for a, b in zip(x, y)]
    error = lambda top, bottom: [abs(mp.polyval(top[::-1], a) / mp.polyval(bottom[::-1], a) - b) * c for a, b, c in zip(x, y, scale)]
    weights, denominator, best = [mpf(1)] * points, [mpf(1)] * points, (mpf("inf"),)
    for _ in range(rounds):
        w = [mp.sqrt(a) * b / c for a, b, c in zip(weights, scale, denominator)]
        rows = mp.matrix([[a * b for a in row] for row, b in zip(system, w)])
        solution = mp.lu_solve(rows.T * rows, rows.T * mp.matrix([(a - start) * b for a, b in zip(y, w)]))
        top, bottom = [start, *solution[:p]], [mpf(1), *solution[p:]]
        denominator = [abs(mp.polyval(bottom[::-1], a)) for a in x]
        errors = error(top, bottom)
        best = min(best, (max(errors), top, bottom), key=lambda found: found[0])
        weights = [a * (e / max(errors) + mpf(10) ** -4) for a, e in zip(weights, errors)]
    tried = []
    # A polynomial's denominator is 1.
    factors = [1 + mpf(k) / 150 + mpf(1) / 7919 for k in (range(150) if only is None else [only])]
    for factor in factors if q else [mpf(1)]:
        top, bottom = ([mpf(rounded(c * factor)) for c in part] for part in best[1:])
        top[0] = mpf(rounded(start * bottom[0]))
        tried.append((max(error(top, bottom)), top, bottom))
    least, top, bottom = min(tried, key=lambda found: found[0])
    print(f"{name}  log2(error) = {float(mp.log(least, 2)):.1f}")
    for part in (top, bottom):
        print("   ", ", ".join(shown(rounded(c), rounded) for c in part))


def gelu(name, high, p, q, rounded, only=None):
    """A power of two is taken out of exp(−a²/2) by the rounded ln 2; what that multiplies it by, which is exp(a²·less) but for less than a
    rounding, is divided out here."""
    root_tau = mpf(rounded(mp.sqrt(2 * mp.pi)))
    less = (mpf(rounded(mp.log(2))) / mp.log(2) - 1) / 2
    scaled_tail = lambda a: mp.exp(a * a * (mpf(1) / 2 - less)) * mp.ncdf(-a)
    rational(name, lambda a: 1 / scaled_tail(a) - root_tau * a, lambda a, y: 1 / (root_tau * a + y), mpf(high), p, q, rounded, only)


# With this factor the sum of all roundings was the smallest, with products fused and not: 3.9 ulp, of others up to 4.3.
gelu("GELU_32: exp(−a²/2)/Φ(−a) − √2π·a, 0 ≤ a ≤ 14.6", "14.6", 4, 4, single, 66)
gelu("GELU_64: the same, 0 ≤ a ≤ 38.7", "38.7", 9, 10, float)

above = lambda t: -mp.log(mp.erfc(t + 1)) / (t + 1)
rational("ERF_64: −ln erfc(1 + t)/(1 + t), 0 ≤ t ≤ 4.95", above, lambda t, y: (t + 1) * mp.erfc(t + 1) / mp.erf(t + 1), mpf("4.95"), 17, 0)

report("ATAN_64: (atan t − t)/t³ in t², t ≤ ½", atan, mpf(10) ** -20, mpf("0.25"), 13, lambda z: atan(z) * z / (mp.atan(mp.sqrt(z)) / mp.sqrt(z)))
report("HALF_ANGLE_64: 1/(2 + f), √½ ≤ 1 + f ≤ √2", lambda f: 1 / (2 + f), mp.sqrt(mpf(1) / 2) - 1, mp.sqrt(2) - 1, 4)

tan = lambda z: (mp.tan(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3 if z else mpf(1) / 3
tan_weight = lambda z, y: max(z, mpf(10) ** -6) / (mp.tan(mp.sqrt(z)) / mp.sqrt(z))
rational("TAN_64: (tan r − r)/r³ in r², |r| ≤ π/4", tan, tan_weight, (mp.pi / 4) ** 2 * mpf("1.0001"), 2, 4, float)
rational("TAN_32: the same", tan, tan_weight, (mp.pi / 4) ** 2 * mpf("1.0001"), 1, 2, single)

tanh = lambda z: (mp.tanh(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3 if z else -mpf(1) / 3
tanh_weight = lambda z, y: max(z, mpf(10) ** -6) / (mp.tanh(mp.sqrt(z)) / mp.sqrt(z)) if z else mpf(10) ** -6
rational("TANH_64: (tanh a − a)/a³ in a², a ≤ ¾", tanh, tanh_weight, mpf("0.75") ** 2 * mpf("1.0001"), 2, 3, float)
rational("TANH_32: the same", tanh, tanh_weight, mpf("0.75") ** 2 * mpf("1.0001"), 1, 2, single)
