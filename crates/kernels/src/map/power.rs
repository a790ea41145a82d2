//! Powers and roots: `pow`, `powi`, `cbrt`, `hypot`.

use super::arithmetic::{Arithmetic, fast_two_sum};
use super::exponential::{ExpFormat, exp_parts};
use super::format::{Format, polynomial};
use super::logarithm::LogFormat;
use super::wide;

/// A format with powers and roots of its own; those of `f32` are computed in `f64` and rounded.
pub trait PowerFormat: LogFormat {
    /// [`pow`] in this format.
    fn pow_own<A: Arithmetic>(self, exponent: Self) -> Self;
    /// [`powi`] in this format, but for the exponents from −1 to 3.
    fn powi_own<A: Arithmetic>(self, n: i32) -> Self;
    /// [`cbrt`] in this format.
    fn cbrt_own<A: Arithmetic>(self) -> Self;
    /// [`hypot`] in this format.
    fn hypot_own<A: Arithmetic>(self, other: Self) -> Self;
}

impl PowerFormat for f64 {
    #[inline(always)]
    fn pow_own<A: Arithmetic>(self, exponent: f64) -> f64 {
        let size = self.abs();
        let (high, low) = ln_wide::<A>(size);
        let high = if size > 0.0 { high } else { -f64::INFINITY };
        let high = if size < f64::INFINITY { high } else { size };
        // The product to twice the precision, where it is small enough to matter.
        let product = exponent * high;
        let (near, error) = if A::FUSED {
            (product, A::mul_add(exponent, low, A::two_product(exponent, high).1))
        } else {
            let (short, upper) = (exponent.upper(), high.upper());
            let rest = A::mul_add(exponent - short, upper, exponent * ((high - upper) + low));
            fast_two_sum(short * upper, rest)
        };
        let (product, error) = if product.abs() < f64::EXP_LIMIT { (near, error) } else { (product, 0.0) };
        let ((y, _), a, b) = exp_parts::<A, f64>(product, error);
        signed_power(self, exponent, (y * a) * b)
    }

    #[inline(always)]
    fn powi_own<A: Arithmetic>(self, n: i32) -> f64 {
        power_by_squaring::<A>(self, n).unwrap_or_else(|| self.pow_own::<A>(f64::from(n)))
    }

    #[inline(always)]
    fn cbrt_own<A: Arithmetic>(self) -> f64 {
        // Relative error 2^-23.6 on [0.905, 1.105].
        const C: [f64; 5] = [
            1.8725930358164584,
            -1.871531561715046,
            1.6012634962566341,
            -0.7449749712353056,
            0.14264998595461748,
        ];
        let size = self.abs();
        let subnormal = size < f64::MIN_POSITIVE;
        // 2^54 and 2^-18
        let x = if subnormal { size * 18_014_398_509_481_984.0 } else { size };
        let back = if subnormal { 1.0 / 262_144.0 } else { 1.0 };
        // A third of the exponent and, roughly, of the fraction: off by at most a tenth in the cube
        // (W. Kahan, "Computing a real cube root", 1991).
        let seed = f64::from_bits(u64::from((x.to_bits() >> 32) as u32 / 3 + 715_094_163) << 32);
        let t = seed * polynomial::<A, f64, _>((seed * seed) * (seed / x), C);
        // To 26 bits, so that its square is exact; then one step of Halley's method.
        let t = f64::from_bits((t.to_bits() + (1 << 26)) & !((1 << 27) - 1));
        let r = x / (t * t);
        let y = A::mul_add(t, (r - t) / (t + t + r), t) * back;
        // ±0, ±∞ and NaN are their own cube roots.
        if size > 0.0 && size < f64::INFINITY { y.copysign(self) } else { self }
    }

    #[inline(always)]
    fn hypot_own<A: Arithmetic>(self, other: f64) -> f64 {
        const UP: f64 = f64::from_bits((1023 + 600) << 52);
        const DOWN: f64 = f64::from_bits((1023 - 600) << 52);
        let (a, b) = (self.abs(), other.abs());
        let large = if a > b { a } else { b };
        let (scale, back) = if large > f64::from_bits((1023 + 500) << 52) {
            (DOWN, UP)
        } else if large < f64::from_bits((1023 - 400) << 52) {
            (UP, DOWN)
        } else {
            (1.0, 1.0)
        };
        let (x, y) = (a * scale, b * scale);
        let root = A::mul_add(x, x, y * y).sqrt() * back;
        if a == f64::INFINITY || b == f64::INFINITY { f64::INFINITY } else { root }
    }
}

impl PowerFormat for f32 {
    #[inline(always)]
    fn pow_own<A: Arithmetic>(self, exponent: f32) -> f32 {
        let size = wide::pow::<A>(self, exponent);
        signed_power(f64::from(self), f64::from(exponent), size) as f32
    }

    /// By squaring in `f64`, where the error stays below n·2^-52; [`pow`] for huge n.
    #[inline(always)]
    fn powi_own<A: Arithmetic>(self, n: i32) -> f32 {
        let mut rest = n.unsigned_abs();
        let mut square = f64::from(self);
        if rest > 1 << 20 {
            return square.pow_own::<A>(f64::from(n)) as f32;
        }
        let mut y = 1.0;
        while rest > 0 {
            if rest & 1 == 1 {
                y *= square;
            }
            square *= square;
            rest >>= 1;
        }
        (if n < 0 { 1.0 / y } else { y }) as f32
    }

    #[inline(always)]
    fn cbrt_own<A: Arithmetic>(self) -> f32 {
        f64::from(self).cbrt_own::<A>() as f32
    }

    #[inline(always)]
    fn hypot_own<A: Arithmetic>(self, other: f32) -> f32 {
        let (a, b) = (self.abs(), other.abs());
        let (x, y) = (f64::from(a), f64::from(b));
        let root = A::mul_add(x, x, y * y).sqrt() as f32;
        if a == f32::INFINITY || b == f32::INFINITY { f32::INFINITY } else { root }
    }
}

/// `x^exponent`, within 2 ulp, with the special cases of IEEE 754 and C99 (Annex F): 1 for an exponent 0 or
/// base 1 even with NaN, NaN for a negative finite base with a fractional exponent.
#[inline(always)]
pub fn pow<A: Arithmetic, F: PowerFormat>(x: F, exponent: F) -> F {
    x.pow_own::<A>(exponent)
}

/// `x^n`, within 2 ulp; `x²` is `x·x`, and `x⁰` is 1.
#[inline(always)]
pub fn powi<A: Arithmetic, F: PowerFormat>(x: F, n: i32) -> F {
    match n {
        0 => F::ONE,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        -1 => F::ONE / x,
        _ => x.powi_own::<A>(n),
    }
}

/// The cube root, within 2 ulp.
#[inline(always)]
pub fn cbrt<A: Arithmetic, F: PowerFormat>(x: F) -> F {
    x.cbrt_own::<A>()
}

/// `√(x² + y²)`, within 2 ulp, without overflow on the way; ∞ if either is infinite, even beside NaN.
#[inline(always)]
pub fn hypot<A: Arithmetic, F: PowerFormat>(x: F, y: F) -> F {
    x.hypot_own::<A>(y)
}

/// `|x|^exponent`, given as `size`, with the sign of `x^exponent` and the special cases that do not follow
/// from `e^(exponent·ln|x|)`.
#[inline(always)]
fn signed_power(x: f64, exponent: f64, size: f64) -> f64 {
    let y = exponent.abs();
    let shifted = y + f64::INTEGERS;
    let small = y < f64::INTEGERS;
    let integer = !small || shifted - f64::INTEGERS == y;
    let last_bit = if small { shifted.to_bits() } else { y.to_bits() } & 1 == 1;
    let odd = integer && last_bit && y < 2.0 * f64::INTEGERS;
    let size = if x.abs() == 1.0 { 1.0 } else { size };
    let negative = x < 0.0 && x > -f64::INFINITY;
    let power = if negative && !integer { f64::NAN } else { size };
    let power = if x.is_nan() || exponent.is_nan() { f64::NAN } else { power };
    let power = if odd { power.copysign(x) } else { power };
    if exponent == 0.0 || x == 1.0 { 1.0 } else { power }
}

/// `ln x` as a sum, to about 2^-64 of itself, for positive finite x.
///
/// With `s = f/(2 + f)`, `ln(1 + f) = 2s + s·z·(⅔ + z·Q(z))`, `z = s²`. All but Q is kept to twice the precision.
#[inline(always)]
fn ln_wide<A: Arithmetic>(x: f64) -> (f64, f64) {
    // ln(1 + f) has relative error 2^-73.5.
    const Q: [f64; 8] = [
        0.3999999999999998,
        0.2857142857144381,
        0.22222222217801538,
        0.18181818842336234,
        0.1538455854752576,
        0.13336259859164576,
        0.11675874320521595,
        0.11980986962343082,
    ];
    let (k, m) = x.split_exponent();
    let f = m - 1.0;
    let inverse = 1.0 / (2.0 + f);
    let s = f * inverse;
    // Q bears a rounded argument, and is the longest to wait for.
    let z = s * s;
    let q = z * polynomial::<A, f64, _>(z, Q);
    let (sum, low) =
        if A::FUSED { ln_1p_fused::<A>(f, inverse, s, z, q) } else { ln_1p_split::<A>(f, inverse, s, q) };
    let (high, rest) = fast_two_sum(k * f64::LN_2_HIGH, sum);
    fast_two_sum(high, rest + A::mul_add(k, f64::LN_2_LOW, low))
}

/// ⅔ as a sum.
const TWO_THIRDS: (f64, f64) = (2.0 / 3.0, f64::from_bits(0x3c85_5555_5555_5555));

/// `2s + s³·(⅔ + q)` as a sum, with products whose errors a fused operation gives.
#[inline(always)]
fn ln_1p_fused<A: Arithmetic>(f: f64, inverse: f64, s: f64, z: f64, q: f64) -> (f64, f64) {
    let (d, d_low) = fast_two_sum(2.0, f);
    let s_low = A::mul_add(-s, d_low, A::mul_add(-s, d, f)) * inverse;
    let z_low = A::mul_add(s + s, s_low, A::mul_add(s, s, -z));
    let (c, c_low) = fast_two_sum(TWO_THIRDS.0, q);
    let c_low = c_low + TWO_THIRDS.1;
    let (p, p_low) = A::two_product(z, c);
    let p_low = A::mul_add(z_low, c, A::mul_add(z, c_low, p_low));
    let (w, w_low) = A::two_product(s, p);
    let w_low = A::mul_add(s_low, p, A::mul_add(s, p_low, w_low));
    let (sum, low) = fast_two_sum(s + s, w);
    (sum, low + (w_low + (s_low + s_low)))
}

/// The same with sums whose first part is so short that products of two such are exact (Dekker 1971).
#[inline(always)]
fn ln_1p_split<A: Arithmetic>(f: f64, inverse: f64, s: f64, q: f64) -> (f64, f64) {
    let c = TWO_THIRDS.0 + q;
    let c_high = c.upper();
    let c_low = (TWO_THIRDS.0 - c_high) + (q + TWO_THIRDS.1);
    // 2 + f = d + d_low and s = s_high + s_low
    let d = (2.0 + f).upper();
    let d_low = f - (d - 2.0);
    let s_high = s.upper();
    let s_low = ((f - s_high * d) - s_high * d_low) * inverse;
    let s = s_high + s_low;
    let square = s_high * s_high;
    let square_low = s_low * (s_high + s);
    let z_high = square.upper();
    let z_low = (square - z_high) + square_low;
    let p = z_high * c_high;
    let p_low = A::mul_add(z_high, c_low, z_low * c);
    let p_high = (p + p_low).upper();
    let p_low = (p - p_high) + p_low;
    let w_low = A::mul_add(s, p_low, A::mul_add(s_low, p_high, s_low + s_low));
    let (sum, low) = fast_two_sum(s_high + s_high, s_high * p_high);
    (sum, low + w_low)
}

/// `x^n` by squaring, each power on the way a sum of two numbers; none for huge n or a power near the
/// range's ends.
#[inline(always)]
fn power_by_squaring<A: Arithmetic>(x: f64, n: i32) -> Option<f64> {
    let mut rest = n.unsigned_abs();
    if rest > 255 {
        return None;
    }
    if n == -2 {
        let square = x * x;
        return within_range(square).then_some(1.0 / square);
    }
    let mut square = (x, 0.0);
    while rest & 1 == 0 && rest > 2 {
        square = product::<A>(square, square);
        rest >>= 1;
    }
    // x^n is square^rest, and then y·square^rest.
    let mut y = square;
    rest -= 1;
    while rest & (rest - 1) != 0 {
        if rest & 1 == 1 {
            y = product::<A>(y, square);
        }
        square = product::<A>(square, square);
        rest >>= 1;
    }
    while rest > 1 {
        square = product::<A>(square, square);
        rest >>= 1;
    }
    let (a, b) = (y.0, square.0);
    if n > 0 {
        let y = a * b + A::mul_add(a, square.1, y.1 * b);
        return within_range(y).then_some(y);
    }
    let (y, low) = product::<A>(y, square);
    let inverse = 1.0 / y;
    let (back, error) = A::two_product(inverse, y);
    let residual = ((1.0 - back) - error) - inverse * low;
    within_range(y).then_some(A::mul_add(inverse, residual, inverse))
}

/// Far enough from overflow and underflow for every step of [`power_by_squaring`] to have been exact.
#[inline(always)]
fn within_range(x: f64) -> bool {
    x.abs() > 1e-270 && x.abs() < 1e300
}

/// The product of two sums, normalised.
#[inline(always)]
fn product<A: Arithmetic>((a, a_low): (f64, f64), (b, b_low): (f64, f64)) -> (f64, f64) {
    let (p, e) = A::two_product(a, b);
    fast_two_sum(p, A::mul_add(a, b_low, A::mul_add(a_low, b, e)))
}
