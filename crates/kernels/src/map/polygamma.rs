//! ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹·n!·Σ 1/(x + k)ⁿ⁺¹ for n ≥ 1, by Hurwitz's zeta function in sums of two numbers.
//!
//! For x > 0: ζ(s, q), some terms directly and the rest by Euler and Maclaurin. For x < 0 the sum over all
//! integers, less the part beyond: with p the distance to the nearest pole and a = −x,
//! Σ = ±ζ(s, p) ± ζ(s, 1 − p) ± ζ(s, 1 + a). These cancel near the zeros of even n, so they carry 2^−100.

use super::arithmetic::{Arithmetic, Separate, two_sum};
use super::gamma::ln;
use super::lane::{Lane, Pair, add, divide, multiply, negate};

/// (high + low)·2^exponent, for values beyond the range of `f64`.
#[derive(Clone, Copy)]
struct Scaled {
    value: Pair<f64>,
    exponent: i64,
}

const ONE: Pair<f64> = (1.0, 0.0);

/// 2^k for −1022 ≤ k ≤ 1023.
fn power_of_two(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

impl Scaled {
    fn new(value: Pair<f64>) -> Scaled {
        Scaled { value, exponent: 0 }.normal()
    }

    /// The same with the value's magnitude from 1 to 2, if it is not zero. For normal numbers.
    fn normal(self) -> Scaled {
        let Scaled { value, exponent } = self;
        if value.0 == 0.0 {
            return self;
        }
        let e = ((value.0.to_bits() >> 52) & 0x7ff) as i64 - 1023;
        // Two steps, because 2^−e may be subnormal.
        let (a, b) = (power_of_two(-(e / 2)), power_of_two(-(e - e / 2)));
        Scaled { value: (value.0 * a * b, value.1 * a * b), exponent: exponent + e }
    }

    fn times(self, other: Scaled) -> Scaled {
        let value = multiply::<Separate, f64>(self.value, other.value);
        Scaled { value, exponent: self.exponent + other.exponent }.normal()
    }

    fn over(self, other: Scaled) -> Scaled {
        let value = divide::<Separate, f64>(self.value, other.value);
        Scaled { value, exponent: self.exponent - other.exponent }.normal()
    }

    /// This to the power n, by squaring.
    fn power(self, mut n: u32) -> Scaled {
        let (mut base, mut result) = (self, Scaled::new(ONE));
        loop {
            if n & 1 == 1 {
                result = result.times(base);
            }
            n >>= 1;
            if n == 0 {
                return result;
            }
            base = base.times(base);
        }
    }

    fn plus(self, other: Scaled) -> Scaled {
        if self.value.0 == 0.0 {
            return other;
        }
        if other.value.0 == 0.0 {
            return self;
        }
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let shift = small.exponent - large.exponent;
        if shift < -220 {
            return large;
        }
        let unit = power_of_two(shift);
        let value = add(large.value, (small.value.0 * unit, small.value.1 * unit));
        Scaled { value, exponent: large.exponent }.normal()
    }

    fn signed(self, negative: bool) -> Scaled {
        if negative { Scaled { value: negate(self.value), ..self } } else { self }
    }

    /// Rounded, with gradual underflow.
    fn to_f64(self) -> f64 {
        let y = self.value.0 + self.value.1;
        let e = self.exponent.clamp(-2200, 2200);
        let half = (e / 2).clamp(-1000, 1000);
        let rest = e - half;
        let (a, b) = (rest.clamp(-1000, 1000), rest - rest.clamp(-1000, 1000));
        y * power_of_two(half) * power_of_two(a) * power_of_two(b.clamp(-1000, 1000))
    }
}

/// x to the power n of a number below 1 whose power is not far below 2^−110.
fn power(x: Pair<f64>, n: u32) -> Pair<f64> {
    let Scaled { value, exponent } = Scaled::new(x).power(n);
    let unit = power_of_two(exponent.max(-1000));
    (value.0 * unit, value.1 * unit)
}

/// How exactly to sum: Euler and Maclaurin's terms, from what y = shift + slope·s on, and the relative size of a term
/// that no longer counts.
struct Effort {
    terms: usize,
    shift: f64,
    slope: f64,
    negligible: f64,
}

/// Good to 2^−60.
const SINGLE: Effort = Effort { terms: 10, shift: 10.0, slope: 1.15, negligible: 4.0e-19 };
/// Good to 2^−104.
const DOUBLE: Effort = Effort { terms: 20, shift: 15.0, slope: 1.0, negligible: 1.0e-32 };

/// qˢ·ζ(s, q) = Σ (q/(q + k))ˢ for s ≥ 2 and 0 < q < 2^100.
fn relative_zeta(s: u32, q: Pair<f64>, effort: &Effort) -> Pair<f64> {
    let order = f64::from(s);
    let enough = effort.shift + effort.slope * order;
    let mut sum = (0.0, 0.0);
    let mut k = 0.0;
    let mut y = q;
    while y.0 < enough {
        if k > 0.0 {
            let ratio = divide::<Separate, f64>(q, y);
            // The terms from this one on are at most (y/(s − 1) + 1) times this one.
            let size = order * ln::<Separate>(ratio).0;
            if size < (effort.negligible / (y.0 / (order - 1.0) + 1.0)).ln() {
                return sum;
            }
            sum = add(sum, power(ratio, s));
        } else {
            sum = ONE;
        }
        k += 1.0;
        y = add(q, (k, 0.0));
    }
    // y⁻ˢ·(y/(s−1) + 1/2 + Σ B₂ₖ/(2k)!·s(s+1)…(s+2k−2)/y²ᵏ⁻¹)
    let mut rest = add(divide::<Separate, f64>(y, (order - 1.0, 0.0)), (0.5, 0.0));
    let inverse = divide::<Separate, f64>(ONE, y);
    let square = multiply::<Separate, f64>(inverse, inverse);
    let mut factor = multiply::<Separate, f64>(inverse, (order, 0.0));
    for (i, &bernoulli) in BERNOULLI[..effort.terms].iter().enumerate() {
        rest = add(rest, multiply::<Separate, f64>(bernoulli, factor));
        let j = order + (2 * i + 1) as f64;
        factor = multiply::<Separate, f64>(multiply::<Separate, f64>(factor, square), (j * (j + 1.0), 0.0));
    }
    if k == 0.0 {
        return rest;
    }
    let ratio = divide::<Separate, f64>(q, y);
    if order * ln::<Separate>(ratio).0 < -200.0 {
        return sum;
    }
    add(sum, multiply::<Separate, f64>(rest, power(ratio, s)))
}

/// (s−1)!·ζ(s, q).
fn zeta(s: u32, q: Pair<f64>, factorial: Scaled, effort: &Effort) -> Scaled {
    if q.0 > 1.0e30 {
        // ζ = q^(1−s)/(s−1)
        return factorial.over(Scaled::new((f64::from(s - 1), 0.0))).over(Scaled::new(q).power(s - 1));
    }
    factorial.over(normal_power(q, s)).times(Scaled::new(relative_zeta(s, q, effort)))
}

/// qˢ for a q that may be subnormal.
fn normal_power(q: Pair<f64>, s: u32) -> Scaled {
    if q.0 < 1.0e-200 {
        let unit = power_of_two(600);
        let mut scaled = Scaled::new((q.0 * unit, q.1 * unit));
        scaled.exponent -= 600;
        return scaled.power(s);
    }
    Scaled::new(q).power(s)
}

/// (s−1)!·(ζ(s, p) − ζ(s, 1−p)) for 0 < p ≤ 1/2 and s ≥ 14, to 2^−98 of itself however near p is to 1/2.
///
/// With u = p + j and v = 1 − p + j: u⁻ˢ − v⁻ˢ = u⁻ˢ·(1 − ρ)(1 + ρ + … + ρˢ⁻¹), ρ = u/v, 1 − ρ = (1 − 2p)/v.
fn zeta_difference(s: u32, p: f64, factorial: Scaled) -> Scaled {
    let gap = (1.0 - 2.0 * p, 0.0);
    let gap = if p < 0.25 { two_sum(1.0, -2.0 * p) } else { gap };
    let mut sum = (0.0, 0.0);
    for j in 0..200 {
        let u = two_sum(p, f64::from(j));
        let v = add(two_sum(1.0, -p), (f64::from(j), 0.0));
        let leading = divide::<Separate, f64>((p, 0.0), u);
        if f64::from(s) * ln::<Separate>(leading).0 < -76.0 {
            break;
        }
        let ratio = divide::<Separate, f64>(u, v);
        let mut series = ONE;
        for _ in 1..s {
            series = add(multiply::<Separate, f64>(series, ratio), ONE);
        }
        let term = multiply::<Separate, f64>(divide::<Separate, f64>(gap, v), series);
        sum = add(sum, multiply::<Separate, f64>(term, power(leading, s)));
    }
    factorial.over(normal_power((p, 0.0), s)).times(Scaled::new(sum))
}

/// n!
fn factorial(n: u32) -> Scaled {
    let mut product = Scaled::new(ONE);
    for k in 2..=n {
        product = product.times(Scaled::new((f64::from(k), 0.0)));
    }
    product
}

/// ψ⁽ⁿ⁾(x), n ≥ 1; see [`super::gamma::polygamma`].
#[inline(never)]
pub(super) fn polygamma_f64<A: Arithmetic>(n: u32, x: f64) -> f64 {
    let odd = n & 1 == 1;
    let sign = if odd { 1.0 } else { -1.0 };
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return 0.0 * sign;
    }
    let r = x - x.round_ties_even();
    if x <= 0.0 && r == 0.0 {
        return if odd { f64::INFINITY } else { f64::NAN };
    }
    if n >= 1 << 16 {
        let q = if x > 0.0 { x } else { r };
        return sign * if odd { 1.0 } else { 1.0_f64.times_sign(q) } * far_order::<A>(n, q.abs());
    }
    let (s, factorial) = (n + 1, factorial(n));
    if x > 0.0 {
        return sign * zeta(s, (x, 0.0), factorial, &SINGLE).to_f64();
    }
    let (p, a) = (r.abs(), -x);
    let beyond = zeta(s, two_sum(1.0, a), factorial, &DOUBLE);
    let both = if !odd && s >= 14 {
        zeta_difference(s, p, factorial)
    } else {
        let near = zeta(s, (p, 0.0), factorial, &DOUBLE);
        near.plus(zeta(s, two_sum(1.0, -p), factorial, &DOUBLE).signed(!odd))
    };
    // s even: ζ(p) + ζ(1−p) − ζ(1+a); s odd: ±(ζ(p) − ζ(1−p)) + ζ(1+a), negative if the pole is to the right.
    let total = if odd { both.plus(beyond.signed(true)) } else { both.signed(r < 0.0).plus(beyond) };
    sign * total.to_f64()
}

/// n!·ζ(n+1, q) through logarithms, for orders beyond all use.
fn far_order<A: Arithmetic>(n: u32, q: f64) -> f64 {
    let s = f64::from(n) + 1.0;
    let log = super::gamma::lgamma::<A, f64>(s) - s * ln::<A>((q, 0.0)).0;
    // Σ (q/(q+k))ˢ, close to a geometric series.
    (log - (-(-s * (1.0 / q).ln_1p()).exp_m1()).ln()).exp()
}

/// B₂ₖ/(2k)! for k from 1.
static BERNOULLI: [Pair<f64>; 20] = [
    (0.08333333333333333, 4.625929269271485e-18),
    (-0.001388888888888889, 5.300543954373577e-20),
    (3.306878306878307e-5, -2.2300719288557665e-21),
    (-8.267195767195768e-7, 3.457597454003665e-23),
    (2.08767569878681e-8, -1.2073450591132599e-24),
    (-5.284190138687493e-10, 3.517096671929869e-27),
    (1.3382536530684679e-11, -2.828354019907999e-29),
    (-3.3896802963225827e-13, -1.4986928409964295e-29),
    (8.586062056277845e-15, -6.05252374381974e-31),
    (-2.174868698558062e-16, 4.961617782549996e-33),
    (5.5090028283602295e-18, -1.49827152194499e-35),
    (-1.3954464685812522e-19, -1.0350590497256251e-35),
    (3.534707039629467e-21, 1.894231142684204e-37),
    (-8.953517427037546e-23, -5.728752743153026e-39),
    (2.267952452337683e-24, 1.3043458462619563e-40),
    (-5.744790668872202e-26, 1.663242973708004e-43),
    (1.455172475614865e-27, -5.613265715443096e-44),
    (-3.6859949406653103e-29, 1.0778256413554197e-45),
    (9.336734257095045e-31, -3.9347970210731877e-47),
    (-2.36502241570063e-32, 2.0347170931532494e-49),
];
