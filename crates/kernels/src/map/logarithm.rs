//! Logarithms: `ln`, `ln_1p`, `log2`, `log10`.
//!
//! `x = 2^k·m` with m in [√½, √2) and `f = m − 1`; `ln x = k·ln 2 + f + (ln(1 + f) − f)`, of which `f` and
//! the leading part of `k·ln 2` are exact, and the rest is small enough for its rounding not to matter.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::exponential::ExpFormat;
use super::format::{Format, polynomial};

/// A format with the constants and the polynomial of the logarithm.
pub trait LogFormat: ExpFormat {
    /// log₂ e to half the format's precision.
    const LOG2_E_HIGH: Self;
    /// log₂ e less [`LOG2_E_HIGH`](Self::LOG2_E_HIGH).
    const LOG2_E_LOW: Self;
    /// log₁₀ e to half the format's precision.
    const LOG10_E_HIGH: Self;
    /// log₁₀ e less [`LOG10_E_HIGH`](Self::LOG10_E_HIGH).
    const LOG10_E_LOW: Self;
    /// log₁₀ 2 to so few bits that its product with an exponent is exact.
    const LOG10_2_HIGH: Self;
    /// log₁₀ 2 less [`LOG10_2_HIGH`](Self::LOG10_2_HIGH).
    const LOG10_2_LOW: Self;
    /// √2 − 1.
    const ROOT_2_LESS_1: Self;
    /// The largest k whose `2^−k` is a normal number.
    const LARGEST_EXPONENT: Self;

    /// `ln(1 + f) − f` for `√½ ≤ 1 + f < √2`.
    fn log_tail<A: Arithmetic>(f: Self) -> Self;
}

impl LogFormat for f64 {
    const LOG2_E_HIGH: f64 = f64::from_bits(0x3ff7_1547_6000_0000);
    const LOG2_E_LOW: f64 = f64::from_bits(0x3e54_ae0b_f85d_df44);
    const LOG10_E_HIGH: f64 = f64::from_bits(0x3fdb_cb7b_1000_0000);
    const LOG10_E_LOW: f64 = f64::from_bits(0x3e34_9b94_38ca_9aae);
    const ROOT_2_LESS_1: f64 = f64::from_bits(0x3fda_8279_99fc_ef32);
    const LOG10_2_HIGH: f64 = f64::from_bits(0x3fd3_4413_509f_7800);
    const LOG10_2_LOW: f64 = f64::from_bits(0x3d1f_ef31_1f12_b358);
    const LARGEST_EXPONENT: f64 = 1022.0;

    /// With `s = f/(2 + f)`, `ln(1 + f) = 2s + s·z·g(z)` for `z = s²`, relative error 2^-59.5; and
    /// `2s = f − s·f`, so `ln(1 + f) − f = s·(z·g(z) − f)`, rearranged to be small in exact terms:
    /// `s·f = ½f² − s·½f²`.
    #[inline(always)]
    fn log_tail<A: Arithmetic>(f: f64) -> f64 {
        const C: [f64; 7] = [
            0.6666666666666734,
            0.39999999999417063,
            0.28571428741887983,
            0.22222198622096181,
            0.18183561883738053,
            0.15314110872090342,
            0.14795365137219535,
        ];
        let s = f / (2.0 + f);
        let z = s * s;
        let half_square = 0.5 * f * f;
        A::mul_add(s, A::mul_add(z, polynomial::<A, f64, _>(z, C), half_square), -half_square)
    }
}

impl LogFormat for f32 {
    const LOG2_E_HIGH: f32 = f32::from_bits(0x3fb8_a000);
    const LOG2_E_LOW: f32 = f32::from_bits(0x39a3_b296);
    const LOG10_E_HIGH: f32 = f32::from_bits(0x3ede_5000);
    const LOG10_E_LOW: f32 = f32::from_bits(0x38bd_8a93);
    const ROOT_2_LESS_1: f32 = f32::from_bits(0x3ed4_13cd);
    const LOG10_2_HIGH: f32 = f32::from_bits(0x3e9a_2000);
    const LOG10_2_LOW: f32 = f32::from_bits(0x369a_84fc);
    const LARGEST_EXPONENT: f32 = 126.0;

    /// `−½f² + f³·q(f)`; the logarithm's absolute error 2^-28.8, relative 2^-28.2 and, below 0.8, 2^-26.
    #[inline(always)]
    fn log_tail<A: Arithmetic>(f: f32) -> f32 {
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
        let square = f * f;
        A::mul_add(square * f, polynomial::<A, f32, _>(f, C), -0.5 * square)
    }
}

/// `ln(high + low)` for a positive finite sum, `|low|` at most half an ulp of `high`, which is normal.
#[inline(always)]
pub(super) fn ln_pair<A: Arithmetic, F: LogFormat>(high: F, low: F) -> F {
    let (k, m) = high.split_normal();
    let inverse = F::power_of_two(-(if k > F::LARGEST_EXPONENT { F::LARGEST_EXPONENT } else { k }));
    let (f, low) = fast_two_sum(m - F::ONE, low * inverse);
    ln_scaled::<A, F>(k, f, low)
}

/// `k·ln 2 + ln(1 + f + low)`.
#[inline(always)]
pub(super) fn ln_scaled<A: Arithmetic, F: LogFormat>(k: F, f: F, low: F) -> F {
    let small = F::log_tail::<A>(f) + A::mul_add(k, F::LN_2_LOW, low);
    A::mul_add(k, F::LN_2_HIGH, f + small)
}

/// `ln(1 + z)` for z in [0, 1].
#[inline(always)]
pub(super) fn ln_1p_to_one<A: Arithmetic, F: LogFormat>(z: F) -> F {
    let half = F::HALF * (z - F::ONE);
    let (k, f) = if z > F::ROOT_2_LESS_1 { (F::ONE, half) } else { (F::ZERO, z) };
    ln_scaled::<A, F>(k, f, F::ZERO)
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
    let (k, m) = x.split_exponent();
    at_the_ends(x, ln_scaled::<A, F>(k, m - F::ONE, F::ZERO))
}

/// `ln(1 + x)`, within 2 ulp; −∞ at −1, NaN below.
#[inline(always)]
pub fn ln_1p<A: Arithmetic, F: LogFormat>(x: F) -> F {
    let (high, low) = two_sum(F::ONE, x);
    at_the_ends(high, ln_pair::<A, F>(high, low)).with_sign(x)
}

/// `k·(a + b) + (c + d)·ln m` where `x = 2^k·m`; `k·a` is exact, and c half as long as a number may be.
#[inline(always)]
fn log_to_base<A: Arithmetic, F: LogFormat>(x: F, (a, b): (F, F), (c, d): (F, F)) -> F {
    let (k, m) = x.split_exponent();
    let f = m - F::ONE;
    let upper = f.upper();
    let rest = (f - upper) + F::log_tail::<A>(f);
    let small = A::mul_add(rest, c, A::mul_add(upper + rest, d, k * b));
    let (high, low) = fast_two_sum(k * a, upper * c);
    at_the_ends(x, high + (low + small))
}

/// The logarithm to base 2, within 2 ulp, exact at powers of two; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log2<A: Arithmetic, F: LogFormat>(x: F) -> F {
    log_to_base::<A, F>(x, (F::ONE, F::ZERO), (F::LOG2_E_HIGH, F::LOG2_E_LOW))
}

/// The logarithm to base 10, within 2 ulp, exact at powers of ten; −∞ at ±0, NaN below.
#[inline(always)]
pub fn log10<A: Arithmetic, F: LogFormat>(x: F) -> F {
    log_to_base::<A, F>(x, (F::LOG10_2_HIGH, F::LOG10_2_LOW), (F::LOG10_E_HIGH, F::LOG10_E_LOW))
}
