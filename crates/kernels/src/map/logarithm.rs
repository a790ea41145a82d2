//! Logarithms: `ln`, `ln_1p`, `log2`, `log10`.
//!
//! `x = 2^k·m` with m in [√½, √2) and `f = m − 1`; `ln x = k·ln 2 + f + (ln(1 + f) − f)`, of which `f` and
//! the leading part of `k·ln 2` are exact, and the rest is small enough for its rounding not to matter. To another base
//! ln m is multiplied by a constant.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::exponential::ExpFormat;
use super::format::{Format, polynomial};
use super::lane::Pair;

/// The logarithms of 2, as a sum of two numbers, and of e to a base. The first for 2 has so few bits that its product with an exponent is exact.
#[derive(Clone, Copy)]
pub struct Base<F> {
    of_2: Pair<F>,
    of_e: F,
}

/// A format with the constants and the polynomial of the logarithm.
pub trait LogFormat: ExpFormat {
    /// What base 2 is made of.
    const BASE_2: Base<Self>;
    /// What base 10 is made of.
    const BASE_10: Base<Self>;
    /// √2 − 1.
    const ROOT_2_LESS_1: Self;
    /// The largest k whose `2^−k` is a normal number.
    const LARGEST_EXPONENT: Self;

    /// Two numbers whose product is `ln(1 + f) − f`, for `√½ ≤ 1 + f < √2`.
    fn log_tail<A: Arithmetic>(f: Self) -> (Self, Self);
}

impl LogFormat for f64 {
    const BASE_2: Base<f64> = Base { of_2: (1.0, 0.0), of_e: std::f64::consts::LOG2_E };
    const BASE_10: Base<f64> = Base {
        of_2: (f64::from_bits(0x3fd3_4413_509f_7800), f64::from_bits(0x3d1f_ef31_1f12_b358)),
        of_e: std::f64::consts::LOG10_E,
    };
    const ROOT_2_LESS_1: f64 = f64::from_bits(0x3fda_8279_99fc_ef32);
    const LARGEST_EXPONENT: f64 = 1022.0;

    /// With `s = f/(2 + f)`, `ln(1 + f) = 2s + s·z·g(z)` for `z = s²`, relative error 2^-59.5; and
    /// `2s = f − s·f`, so `ln(1 + f) − f = s·(z·g(z) − f)`.
    #[inline(always)]
    fn log_tail<A: Arithmetic>(f: f64) -> (f64, f64) {
        const C: [f64; 7] = [
            0.6666666666666734,
            0.39999999999417063,
            0.28571428741887983,
            0.22222198622096181,
            0.18183561883738053,
            0.15314110872090342,
            0.14795365137219535,
        ];
        let s = if A::FUSED { half_angle::<A>(f) } else { f / (2.0 + f) };
        let z = s * s;
        (s, A::mul_add(z, polynomial::<A, f64, _>(z, C), -f))
    }
}

impl LogFormat for f32 {
    const BASE_2: Base<f32> = Base { of_2: (1.0, 0.0), of_e: std::f32::consts::LOG2_E };
    const BASE_10: Base<f32> = Base {
        of_2: (f32::from_bits(0x3e9a_2000), f32::from_bits(0x369a_84fc)),
        of_e: std::f32::consts::LOG10_E,
    };
    const ROOT_2_LESS_1: f32 = f32::from_bits(0x3ed4_13cd);
    const LARGEST_EXPONENT: f32 = 126.0;

    /// `f²·(−½ + f·q(f))`; the logarithm's absolute error 2^-28.8, relative 2^-28.2 and, below 0.8, 2^-26.
    #[inline(always)]
    fn log_tail<A: Arithmetic>(f: f32) -> (f32, f32) {
        const C: [f32; 8] = [
            0.3333343,
            -0.250011,
            0.19996692,
            -0.16612083,
            0.14265887,
            -0.13310605,
            0.12476766,
            -0.069745675,
        ];
        (f * f, A::mul_add(f, polynomial::<A, f32, _>(f, C), -0.5))
    }
}

/// `f/(2 + f)`, which is `tanh(½·ln(1 + f))`, for `√½ ≤ 1 + f < √2`, to 2^-51 and without a division, for which loops would wait: with a
/// polynomial `r = (1 − e)/(2 + f)`, as `f·r·(1 + e + e² + e³)`.
#[inline(always)]
fn half_angle<A: Arithmetic>(f: f64) -> f64 {
    const C: [f64; 4] =
        [0.49995695710714283, -0.2503862000360889, 0.12813332718831894, -0.057135022977269107];
    let r = A::mul_add(f * f, A::mul_add(f, C[3], C[2]), A::mul_add(f, C[1], C[0]));
    let e = A::mul_add(-(2.0 + f), r, 1.0);
    let first = f * r;
    A::mul_add(first, A::mul_add(A::mul_add(e, e, e), e, e), first)
}

/// `ln(high + low)` for a positive finite sum, `|low|` at most half an ulp of `high`, which is normal.
#[inline(always)]
pub(super) fn ln_pair<A: Arithmetic, F: LogFormat>(high: F, low: F) -> F {
    let (k, m) = high.split_normal();
    let inverse = F::power_of_two(-(if k > F::LARGEST_EXPONENT { F::LARGEST_EXPONENT } else { k }));
    let (f, low) = fast_two_sum(m - F::ONE, low * inverse);
    A::mul_add(k, F::LN_2_HIGH, f + (small_terms::<A, F>(k, f) + low))
}

/// `k·ln 2 + ln(1 + f)`.
#[inline(always)]
pub(super) fn ln_scaled<A: Arithmetic, F: LogFormat>(k: F, f: F) -> F {
    A::mul_add(k, F::LN_2_HIGH, f + small_terms::<A, F>(k, f))
}

/// `k·ln 2 + ln(1 + f)` less `k·`[`LN_2_HIGH`](ExpFormat::LN_2_HIGH)` + f`.
#[inline(always)]
fn small_terms<A: Arithmetic, F: LogFormat>(k: F, f: F) -> F {
    let (a, b) = F::log_tail::<A>(f);
    A::mul_add(a, b, k * F::LN_2_LOW)
}

/// `ln(1 + z)` for z in [0, 1].
#[inline(always)]
pub(super) fn ln_1p_to_one<A: Arithmetic, F: LogFormat>(z: F) -> F {
    let half = F::HALF * (z - F::ONE);
    let (k, f) = if z > F::ROOT_2_LESS_1 { (F::ONE, half) } else { (F::ZERO, z) };
    ln_scaled::<A, F>(k, f)
}

/// The value `y` of a logarithm at `x`, corrected at 0, at ∞, at NaN and below 0.
#[inline(always)]
fn at_the_ends<F: Format>(x: F, y: F) -> F {
    let end = if x < F::ZERO { F::NAN } else { x };
    let end = if x == F::ZERO { -F::INFINITY } else { end };
    if (x > F::ZERO) & (x < F::INFINITY) { y } else { end }
}

/// The natural logarithm, within 2 ulp; −∞ at ±0, NaN below.
#[inline(always)]
pub fn ln<A: Arithmetic, F: LogFormat>(x: F) -> F {
    at_the_ends(x, ln_split::<A, F>(x.split_exponent()))
}

/// [`ln`] of a positive normal number.
#[inline(always)]
pub fn ln_near<A: Arithmetic, F: LogFormat>(x: F) -> F {
    ln_split::<A, F>(x.split_normal())
}

/// `ln(2^k·m)`.
#[inline(always)]
fn ln_split<A: Arithmetic, F: LogFormat>((k, m): (F, F)) -> F {
    ln_scaled::<A, F>(k, m - F::ONE)
}

/// `ln(1 + x)`, within 2 ulp; −∞ at −1, NaN below.
#[inline(always)]
pub fn ln_1p<A: Arithmetic, F: LogFormat>(x: F) -> F {
    let (high, low) = two_sum(F::ONE, x);
    at_the_ends(high, ln_pair::<A, F>(high, low)).with_sign(x)
}

/// The logarithm of `2^k·m` to a base.
#[inline(always)]
fn log_split<A: Arithmetic, F: LogFormat>((k, m): (F, F), base: Base<F>) -> F {
    let (f, (two, two_low), e) = (m - F::ONE, base.of_2, base.of_e);
    let (a, b) = F::log_tail::<A>(f);
    let small = (a * b) * e;
    let small = if two_low == F::ZERO { small } else { A::mul_add(k, two_low, small) };
    // What comes to f·e has often another sign, so that an error of f·e would be large beside the sum.
    let log = if A::FUSED {
        A::mul_add(f, e, small)
    } else {
        let (high, low) = A::two_product(f, e);
        high + (low + small)
    };
    A::mul_add(k, two, log)
}

/// The logarithm to base 2, within 2 ulp, exact at powers of two; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log2<A: Arithmetic, F: LogFormat>(x: F) -> F {
    at_the_ends(x, log_split::<A, F>(x.split_exponent(), F::BASE_2))
}

/// [`log2`] of a positive normal number.
#[inline(always)]
pub fn log2_near<A: Arithmetic, F: LogFormat>(x: F) -> F {
    log_split::<A, F>(x.split_normal(), F::BASE_2)
}

/// The logarithm to base 10, within 2 ulp, exact at powers of ten; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log10<A: Arithmetic, F: LogFormat>(x: F) -> F {
    at_the_ends(x, log_split::<A, F>(x.split_exponent(), F::BASE_10))
}

/// [`log10`] of a positive normal number.
#[inline(always)]
pub fn log10_near<A: Arithmetic, F: LogFormat>(x: F) -> F {
    log_split::<A, F>(x.split_normal(), F::BASE_10)
}
