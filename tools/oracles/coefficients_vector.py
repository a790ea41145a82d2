#!/usr/bin/env python3
"""Coefficients of the polynomials that only loops of vectors use (crates/kernels/src/map), from mpmath.

    python tools/oracles/coefficients_vector.py

Each is the interpolation at Chebyshev's points, whose error is within a small factor of the least possible one; printed with log2 of its
largest relative error, times the weight where one is given.
"""

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
        print(f"    {a!r},")


def single(c):
    import numpy

    return float(str(numpy.float32(float(c))))


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

tanh = lambda z: (mp.tanh(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
top = mpf("0.75") ** 2
report("TANH_32: (tanh a − a)/a³ in a², a ≤ 0.75", tanh, mpf(10) ** -10, top, 6, lambda z: tanh(z) * z / (mp.tanh(mp.sqrt(z)) / mp.sqrt(z)), single)

atan = lambda z: (mp.atan(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
report("ATAN_32: (atan t − t)/t³ in t², t ≤ 1", atan, mpf(10) ** -10, 1, 11, lambda z: atan(z) * z / (mp.atan(mp.sqrt(z)) / mp.sqrt(z)), single)

atanh = lambda z: (mp.atanh(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
report("ATANH_32: (atanh a − a)/a³ in a², a ≤ ½", atanh, mpf(10) ** -10, mpf("0.25"), 6, lambda z: atanh(z) * z / (mp.atanh(mp.sqrt(z)) / mp.sqrt(z)), single)


def rational(name, f, high, p, q):
    """Numerator and denominator, of degrees p and q, of the quotient nearest to f on [0, high] in relative error: least squares whose
    weights follow the errors (C. Lawson, 1961), with the denominator of the round before divided out. The last coefficient below is 1."""
    import numpy

    points = 1200
    x = float(high) * ((1 - numpy.cos(numpy.pi * (numpy.arange(points) + 0.5) / points)) / 2) ** 1.5
    y = numpy.array([float(f(mpf(v))) for v in x])
    scale = 4.0
    above, below = (numpy.vander(x / scale, n + 1, increasing=True) for n in (p, q))
    system = numpy.concatenate([above, -y[:, None] * below[:, 1:]], axis=1)
    weights, denominator, best = numpy.ones(points), numpy.ones(points), (1.0, None)
    for _ in range(400):
        w = numpy.sqrt(weights) / (y * denominator)
        solution = numpy.linalg.lstsq(system * w[:, None], y * w, rcond=None)[0]
        denominator = numpy.abs(1 + below[:, 1:] @ solution[p + 1 :])
        error = numpy.abs(above @ solution[: p + 1] / denominator / y - 1)
        best = min(best, (error.max(), list(solution)), key=lambda pair: pair[0])
        weights = weights * numpy.sqrt(error / error.max() + 1e-3)
        weights /= weights.mean()
    print(f"{name}  log2(error) = {float(mp.log(best[0], 2)):.1f}")
    top = best[1][: p + 1] / scale ** numpy.arange(p + 1)
    bottom = [1, *best[1][p + 1 :]] / scale ** numpy.arange(q + 1)
    for part in (top, bottom):
        print("   ", ", ".join(f"{single(c / bottom[-1])!r}" for c in part))


rational("GELU_32: exp(a²/2)·Φ(−a), 0 ≤ a ≤ 13.6", lambda a: mp.exp(a * a / 2) * mp.ncdf(-a), mpf("13.6"), 4, 5)
