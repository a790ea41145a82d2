"""True values for crates/kernels/tests/special.rs, by mpmath.

Run:  python3 kernels_special.py > ../../crates/kernels/tests/tables/special.txt
`seed N` as arguments draws other random points (some 30 seconds); `bits` prints the bits of 2/pi.

A line is `name dtype input [input | order] value`: inputs are the hexadecimal bits of the number, an order is a
decimal integer, and the value has 26 significant digits, or is nan, inf, -inf, 0 or -0 (the sign of a zero counts).
"""
import math, random, struct, sys
import mpmath as mp
from mpmath import mpf

random.seed(20)
DIGITS = 26


def bits64(x): return struct.unpack("<Q", struct.pack("<d", x))[0]
def from64(b): return struct.unpack("<d", struct.pack("<Q", b))[0]
def bits32(x): return struct.unpack("<I", struct.pack("<f", x))[0]
def from32(b): return struct.unpack("<f", struct.pack("<I", b))[0]


def round_to(dtype, x):
    if dtype == "f64": return float(x)
    try: return from32(bits32(float(x)))
    except OverflowError: return math.copysign(math.inf, x)


LIMITS = {"f64": (mpf(2) ** 1024 - mpf(2) ** 970, mpf(2) ** -1075), "f32": (mpf(2) ** 128 - mpf(2) ** 103, mpf(2) ** -150)}


def text(dtype, v):
    """The value as text; what rounds to infinity is written so."""
    if isinstance(v, str): return v
    largest, smallest = LIMITS[dtype]
    if mp.isnan(v): return "nan"
    if v == 0: return "0"
    if abs(v) >= largest: return "inf" if v > 0 else "-inf"
    if abs(v) < smallest: return "0" if v > 0 else "-0"
    return mp.nstr(v, DIGITS, strip_zeros=False, min_fixed=1, max_fixed=0)


def emit(name, dtype, xs, f):
    bits, width = (bits64, 16) if dtype == "f64" else (bits32, 8)
    seen = set()
    for x in xs:
        args = x if isinstance(x, tuple) else (x,)
        fields = tuple(str(a) if isinstance(a, int) else format(bits(a), "0%dx" % width) for a in args)
        if fields in seen: continue
        seen.add(fields)
        v = f(*args)
        if v is None: continue
        print(name, dtype, *fields, text(dtype, v))


def either(*values): return random.choice(values)
def signed(x): return x if random.random() < 0.5 else -x


def log_uniform(dtype, low, high, n, sign=True):
    out = []
    for _ in range(n):
        x = round_to(dtype, 2.0 ** random.uniform(low, high) if high < 1023 else math.ldexp(1 + random.random(), int(random.uniform(low, high))))
        out.append(signed(x) if sign else x)
    return out


def uniform(dtype, low, high, n): return [round_to(dtype, random.uniform(low, high)) for _ in range(n)]


def step(dtype, x, k):
    """The k-th neighbour of x, away from zero for positive k."""
    if dtype == "f64": return from64(bits64(x) + k)
    return from32(bits32(x) + k)


def near(dtype, centre, n, closest):
    """Points close to a centre, on both sides, down to neighbours."""
    c = round_to(dtype, centre)
    out = [c]
    if c != 0: out += [step(dtype, c, k) for k in (1, -1, 2, -2, 3, -3)]
    out += [round_to(dtype, c + signed(2.0 ** random.uniform(closest, -1))) for _ in range(n)]
    return out


def subnormals(dtype):
    tiny = from64(1) if dtype == "f64" else from32(1)
    normal = 2.0 ** (-1022 if dtype == "f64" else -126)
    xs = [tiny, 3 * tiny, normal, normal - tiny, normal + tiny, normal * 2] + [round_to(dtype, normal * random.random()) for _ in range(8)]
    return [s * x for x in xs for s in (1, -1)]


def biggest(dtype): return from64(0x7FEFFFFFFFFFFFFF) if dtype == "f64" else from32(0x7F7FFFFF)


def special(f, zero="0", negative_zero="-0", inf="nan", negative_inf="nan"):
    """f with its values at NaN, the zeros and the infinities given."""
    def g(x):
        if math.isnan(x): return "nan"
        if math.isinf(x): return inf if x > 0 else negative_inf
        if x == 0: return negative_zero if math.copysign(1, x) < 0 else zero
        return f(mpf(x))
    return g


SPECIALS = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5]


def trigonometric(dtype):
    top, p = (1023, 53) if dtype == "f64" else (127, 24)
    xs = SPECIALS + subnormals(dtype) + [biggest(dtype), -biggest(dtype), 1e300 if dtype == "f64" else round_to("f32", 1e30)]
    if dtype == "f64":
        worst = math.ldexp(6381956970095103, 797)
        xs += [worst, -worst, step(dtype, worst, 1), step(dtype, worst, -1)]
    xs += uniform(dtype, -1, 1, 60) + uniform(dtype, -7, 7, 120) + uniform(dtype, -100, 100, 80)
    xs += log_uniform(dtype, -40, 30, 100) + log_uniform(dtype, 10, top, 120)
    for k in list(range(1, 24)) + [int(2 ** random.uniform(5, 60)) for _ in range(50)]:
        with mp.workdps(400): c = mp.pi / 2 * k
        c = round_to(dtype, c)
        xs += [signed(step(dtype, c, j)) for j in (0, either(1, -1))]
        if k < 8: xs += [round_to(dtype, c / 2)] + near(dtype, c, 3, -p)
    with mp.workdps(400):
        for _ in range(40):  # close to a multiple of pi/2 with any exponent: a continued fraction's convergents
            e = random.randint(20, top - p)
            ratio, a, b = mp.pi / 2 / mpf(2) ** e, (0, 1), (1, 0)
            r = ratio
            while True:
                q = int(mp.floor(r)); a, b = (a[1], q * a[1] + a[0]), (b[1], q * b[1] + b[0])
                if a[1] >= 2 ** p: break
                last = a[1]
                if r == q: break
                r = 1 / (r - q)
            if last.bit_length() >= p - 3: xs.append(math.ldexp(last, e))
    big = lambda f: lambda x: f_at(f, x)
    def f_at(f, x):
        with mp.workdps(400): return +f(x)
    emit("sin", dtype, xs, special(big(mp.sin)))
    emit("cos", dtype, xs, special(big(mp.cos), "1.0", "1.0"))
    emit("tan", dtype, xs, special(big(mp.tan)))


def inverse(dtype):
    p = 53 if dtype == "f64" else 24
    base = SPECIALS + subnormals(dtype)
    xs = base + uniform(dtype, -1, 1, 250) + log_uniform(dtype, -40, 0, 60)
    xs += [s * (1 - 2.0 ** random.uniform(-p, -1)) for s in (1, -1) for _ in range(50)]
    xs += [s * step(dtype, 1.0, -k) for s in (1, -1) for k in (1, 2, 3)] + near(dtype, 0.5, 10, -p) + near(dtype, -0.5, 10, -p)
    xs += [1.5, -1.5, step(dtype, 1.0, 1), biggest(dtype)]
    xs = [round_to(dtype, x) for x in xs]
    clip = lambda f: (lambda x: "nan" if abs(x) > 1 else f(x))
    emit("asin", dtype, xs, special(clip(mp.asin)))
    half = mp.nstr(mp.pi / 2, DIGITS, min_fixed=1, max_fixed=0)
    emit("acos", dtype, xs, special(clip(mp.acos), half, half))
    xs = base + uniform(dtype, -3, 3, 200) + log_uniform(dtype, -40, 60, 150) + log_uniform(dtype, -3, 4, 100) + [biggest(dtype), -biggest(dtype)]
    for c in (math.sqrt(2) - 1, math.sqrt(2) + 1): xs += near(dtype, c, 10, -p) + near(dtype, -c, 10, -p)
    emit("atan", dtype, xs, special(mp.atan, inf=half, negative_inf="-" + half))
    # atan2(y, x)
    top = 1023 if dtype == "f64" else 127
    pairs = [(a, b) for a in SPECIALS[:7] + [biggest(dtype), subnormals(dtype)[0]] for b in SPECIALS[:7] + [biggest(dtype), -biggest(dtype), subnormals(dtype)[0], subnormals(dtype)[1]]]
    pairs += list(zip(uniform(dtype, -3, 3, 150), uniform(dtype, -3, 3, 150)))
    pairs += list(zip(log_uniform(dtype, -top, top, 150), log_uniform(dtype, -top, top, 150)))
    pairs += [(round_to(dtype, y * 2.0 ** random.uniform(-30, 30)), y) for y in log_uniform(dtype, 40 - top, top - 40, 150)]
    pairs += [(step(dtype, y, random.randint(-5, 5)), signed(y)) for y in log_uniform(dtype, 1 - top, top - 1, 40)]
    def atan2(y, x):
        if math.isnan(x) or math.isnan(y): return "nan"
        v = math.atan2(y, x)
        if v == 0 and (y == 0 or math.isinf(x)): return "-0" if math.copysign(1, v) < 0 else "0"
        if math.isinf(x) or math.isinf(y) or x == 0 or y == 0:
            quarters = round(v / (math.pi / 4)); return mp.pi * quarters / 4
        v = mp.atan2(mpf(y), mpf(x))
        return v
    emit("atan2", dtype, pairs, atan2)


def error(dtype):
    p, end = (53, 27.3) if dtype == "f64" else (24, 10.1)
    base = SPECIALS + subnormals(dtype) + [biggest(dtype), -biggest(dtype)]
    xs = base + uniform(dtype, -6, 6, 250) + log_uniform(dtype, -60, 3, 150) + uniform(dtype, -1.1, 1.1, 60) + near(dtype, 1.0, 10, -p) + near(dtype, -1.0, 10, -p)
    emit("erf", dtype, xs, special(mp.erf, inf="1.0", negative_inf="-1.0"))
    xs = base + uniform(dtype, 0, end, 400) + uniform(dtype, -6, 1.2, 120) + log_uniform(dtype, -60, 3, 60) + near(dtype, 1.0, 10, -p) + near(dtype, 0.7, 20, -p) + uniform(dtype, 0.4, 1.0, 60)
    xs += uniform(dtype, end - 1.3, end, 40) + uniform(dtype, end, end + 3, 10)
    emit("erfc", dtype, xs, special(lambda x: mp.erfc(max(min(x, mpf(100)), mpf(-100))), "1.0", "1.0", "0", "2.0"))
    end *= math.sqrt(2)
    xs = base + uniform(dtype, -end, 0, 350) + uniform(dtype, -3, 3, 150) + uniform(dtype, 0, end, 60) + log_uniform(dtype, -60, 6, 80) + uniform(dtype, -end, 2 - end, 30)
    xs += uniform(dtype, -1.5, -0.6, 60)
    for c in (0.7 * math.sqrt(2), -0.7 * math.sqrt(2)): xs += near(dtype, c, 10, -p)
    emit("gelu", dtype, xs, special(lambda x: x * mp.erfc(max(min(-x / mp.sqrt(2), mpf(100)), mpf(-100))) / 2, inf="inf", negative_inf="-0"))


def gamma(dtype):
    top, p = (1023, 53) if dtype == "f64" else (127, 24)
    base = SPECIALS + subnormals(dtype) + [biggest(dtype), -biggest(dtype)]
    pole = lambda x: x <= 0 and x == mp.floor(x)
    def lgamma(x):
        if pole(x): return "inf"
        if x > 0: return mp.loggamma(x)
        if abs(x) < 1e-18: return -mp.log(abs(x)) - mp.euler * x
        return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)
    zeros = [-2.4570247382208006, -2.7476826467274127, -3.1435808883499798, -3.955294284858598, -4.039361839740537, -4.991544640560048, -5.008218168429,
             -5.998607480080876, -6.001385294453, -7.999975, -8.0000248]
    xs = base + uniform(dtype, 0, 20, 150) + uniform(dtype, -30, 0, 150) + log_uniform(dtype, -60, 60, 120) + log_uniform(dtype, 3, top, 60, False) + log_uniform(dtype, -top, 0, 20)
    for c in (1.0, 2.0, 9.0): xs += near(dtype, c, 12, -p)
    for c in zeros: xs += near(dtype, c, 4, -p)
    for k in (1, 2, 3, 10, 50, 100, 1000): xs += [v for v in near(dtype, -k, 4, -p)]
    xs += uniform(dtype, -2000, -30, 60)
    if dtype == "f64": xs += [2.5563481638716905e305, 2.5563481638716905e305 * 1.0001, 1e305]
    emit("lgamma", dtype, xs, special(lgamma, "inf", "inf", "inf", "inf"))

    def digamma(x):
        if pole(x): return "nan"
        if abs(x) < 1e-18: return -1 / x - mp.euler
        if x > 0: return mp.digamma(x)
        return mp.digamma(1 - x) - mp.pi * mp.cospi(x) / mp.sinpi(x)
    zero = 1.4616321449683623
    xs = base + uniform(dtype, 0, 20, 150) + uniform(dtype, -30, 0, 150) + log_uniform(dtype, -60, 40, 120) + log_uniform(dtype, 3, top, 60, False) + log_uniform(dtype, -top, 0, 20)
    for c in (zero, 1.0, 2.0, 9.0, -0.504083008264455, -1.573498473162390, -2.610720868444144, -10.7, -100.84, -1000.88): xs += near(dtype, c, 8, -p)
    for k in (1, 2, 3, 10, 50, 100, 1000): xs += near(dtype, -k, 3, -p)
    xs += uniform(dtype, -2000, -30, 60)
    emit("digamma", dtype, xs, special(digamma, "nan", "nan", "inf", "nan"))


def polygamma(dtype):
    def hurwitz(s, q):  # Euler and Maclaurin, q > 0, at the working precision
        total, n = mpf(0), 0
        target = mp.mp.dps
        while q + n < target + s: total += (q + n) ** -s; n += 1
        y = q + n
        total += y ** (1 - s) / (s - 1) + y ** -s / 2
        term = s * y ** (-s - 1)
        k = 1
        while True:
            add = mp.bernoulli(2 * k) / mp.factorial(2 * k) * term
            total += add
            if abs(add) < abs(total) * mpf(10) ** (-target): return total
            term *= (s + 2 * k - 1) * (s + 2 * k) / y ** 2
            k += 1
            assert k < 10 * target

    def value(order, x):
        if math.isnan(x): return "nan"
        if order == 0:
            return None
        if math.isinf(x): return ("0" if order % 2 else "-0") if x > 0 else "nan"
        odd = order % 2 == 1
        if x <= 0 and x == math.floor(x): return "inf" if odd else "nan"
        with mp.workdps(60 + (order if x < 0 else 0)):
            x, s = mpf(x), order + 1
            sign = 1 if odd else -1
            if abs(x) < mpf(2) ** -400 and order * mp.log10(abs(x)) < -800: return sign * mp.factorial(order) * x ** -s
            if x > 0:
                if x > 1e6 * (order + 10): z = (x ** (1 - s) / (s - 1) + x ** -s / 2 + s * x ** (-s - 1) / 12 - s * (s + 1) * (s + 2) * x ** (-s - 3) / 720)
                else: z = hurwitz(s, x)
            else:
                r = x - mp.nint(x)
                q, opposite = (r, 1 - r) if r > 0 else (1 + r, -r)
                z = hurwitz(s, q) + (-1) ** s * (hurwitz(s, opposite) - hurwitz_far(s, 1 - x))
            return sign * mp.factorial(order) * z

    def hurwitz_far(s, q):
        if q > 1e6 * (s + 10): return q ** (1 - s) / (s - 1) + q ** -s / 2 + s * q ** (-s - 1) / 12 - s * (s + 1) * (s + 2) * q ** (-s - 3) / 720
        return hurwitz(s, q)

    p = 53 if dtype == "f64" else 24
    pairs = []
    for order in list(range(1, 13)) + [20, 33, 45, 60]:
        few = 1 if order <= 4 else 0
        xs = [0.0, math.inf, -math.inf, math.nan, 1.0, 0.5, -0.5, -1.0, 2.0, -1.5]
        xs += uniform(dtype, 0, 20, 8 + 14 * few) + uniform(dtype, -10, 0, 8 + 14 * few) + log_uniform(dtype, -20, 20, 6 + 8 * few)
        xs += uniform(dtype, 20, 150, 4) + near(dtype, -0.5, 2, -p)[:4] + near(dtype, -3.5, 2, -p) + near(dtype, -2.0, 2, -20)
        xs += uniform(dtype, -300, -10, 3) + log_uniform(dtype, -300, 300, 3)
        pairs += [(order, x) for x in xs]
    for order in (100, 150, 170, 171, 200, 300):
        pairs += [(order, x) for x in uniform(dtype, 0.5, order, 5) + uniform(dtype, -8, 0, 2) + [round_to(dtype, order / 2.5)]]
    emit("polygamma", dtype, pairs, lambda order, x: value(order, x))


if sys.argv[1:] == ["bits"]:  # the table of reduction.rs
    mp.mp.prec = 1600
    words = int(mp.floor(2 / mp.pi * mpf(2) ** (64 * 21)))
    print(", ".join("0x%016x" % (words >> 64 * i & 2 ** 64 - 1) for i in reversed(range(22))))
    sys.exit()

if len(sys.argv) == 3 and sys.argv[1] == "seed": random.seed(int(sys.argv[2]))  # other points than the committed ones

mp.mp.dps = 60
for dtype in ("f64", "f32"):
    for family in (trigonometric, inverse, error, gamma, polygamma):
        family(dtype)
