//! The exponential and its relatives: `exp`, `exp2`, `expm1`, `sigmoid`, `softplus`, `silu`.
//!
//! `x = k·ln 2 + r` with `|r| ≤ ½ ln 2` (W. J. Cody and W. Waite, "Software Manual for the Elementary
//! Functions", 1980: `ln 2` in two parts, the first so short that `k` times it is exact), a polynomial for
//! `e^r`. `exp` and `exp2` add k to the exponent's bits, and select ∞ and 0 beyond the range of normal
//! results; so does `sigmoid`, for its negative argument. `silu` multiplies by `2^k` and a power of two that comes off last.
//! `expm1` multiplies by `2^k` in two factors, and clamps the argument to where the result is certainly ∞ or −1, so that no step
//! meets an infinity.

use super::arithmetic::{Arithmetic, fast_two_sum};
use super::format::{Format, polynomial};
use super::logarithm::{LogFormat, ln_1p_to_one};

/// A format with the constants and the polynomial of the exponential.
pub trait ExpFormat: Format {
    /// log₂ e.
    const LOG2_E: Self;
    /// ln 2 to so few bits that its product with an exponent is exact.
    const LN_2_HIGH: Self;
    /// ln 2 less [`LN_2_HIGH`](Self::LN_2_HIGH).
    const LN_2_LOW: Self;
    /// Beyond this magnitude `e^x` is ∞ or 0, and so is `x·e^x`.
    const EXP_LIMIT: Self;
    /// The largest number whose exponential is finite, and the smallest whose exponential is normal.
    const EXP_RANGE: (Self, Self);
    /// From the first on `2^x` is ∞, and below the second it is not normal.
    const EXP2_RANGE: (Self, Self);
    /// Below this `e^x − 1` rounds to −1.
    const EXPM1_LOW: Self;
    /// From here on down `x·e^x` rounds to −0, also among the subnormal numbers.
    const EXP_ZERO: Self;
    /// The inverse of a power of two that brings `e^x` from [`EXP_ZERO`](Self::EXP_ZERO) on into the normal numbers.
    const LOWER: Self;
    /// That power's exponent and the bias.
    const LIFTED_BIAS: Self;

    /// `(e^r − 1 − r)/r²` for `|r| ≤ ½ ln 2`.
    fn exp_polynomial<A: Arithmetic>(r: Self) -> Self;
    /// `2^r` for `|r| ≤ ½`.
    fn exp2_near_zero<A: Arithmetic>(r: Self) -> Self;
}

impl ExpFormat for f64 {
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800);
    const LN_2_LOW: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);
    const EXP_LIMIT: f64 = 1000.0;
    const EXP_RANGE: (f64, f64) = (709.782712893384, -708.3964185322641);
    const EXP2_RANGE: (f64, f64) = (1024.0, -1022.0);
    const EXPM1_LOW: f64 = -40.0;
    const EXP_ZERO: f64 = -754.0;
    const LOWER: f64 = 1.0 / (1_u128 << 100) as f64;
    const LIFTED_BIAS: f64 = 1023.0 + 100.0;

    /// Error of the exponential 2^-57.9.
    #[inline(always)]
    fn exp_polynomial<A: Arithmetic>(r: f64) -> f64 {
        const C: [f64; 10] = [
            0.5000000000000013,
            0.166666666666667,
            0.04166666666651058,
            0.008333333333307163,
            0.0013888888948303886,
            0.00019841269917557402,
            2.4801488578858694e-5,
            2.7557216087843828e-6,
            2.7631778598794867e-7,
            2.5117943346539935e-8,
        ];
        polynomial::<A, f64, _>(r, C)
    }

    /// Absolute error 2^-57.6.
    #[inline(always)]
    fn exp2_near_zero<A: Arithmetic>(r: f64) -> f64 {
        const C: [f64; 11] = [
            std::f64::consts::LN_2,
            0.24022650695910133,
            0.05550410866482298,
            0.009618129107593328,
            0.0013333558146151519,
            0.00015403530458083395,
            1.525273405031652e-5,
            1.3215434815434346e-6,
            1.0177979805535267e-7,
            7.0738603858875695e-9,
            4.4664304921183513e-10,
        ];
        A::mul_add(r, polynomial::<A, f64, _>(r, C), 1.0)
    }
}

impl ExpFormat for f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN_2_HIGH: f32 = f32::from_bits(0x3f31_7200);
    const LN_2_LOW: f32 = f32::from_bits(0x35bf_be8e);
    const EXP_LIMIT: f32 = 150.0;
    const EXP_RANGE: (f32, f32) = (88.72283, -87.33654);
    const EXP2_RANGE: (f32, f32) = (128.0, -126.0);
    const EXPM1_LOW: f32 = -20.0;
    const EXP_ZERO: f32 = -110.0;
    const LOWER: f32 = 1.0 / (1_u128 << 64) as f32;
    const LIFTED_BIAS: f32 = 127.0 + 64.0;

    /// Error of the exponential 2^-27.5.
    #[inline(always)]
    fn exp_polynomial<A: Arithmetic>(r: f32) -> f32 {
        const C: [f32; 5] = [0.49999985, 0.16666517, 0.04167, 0.008369135, 0.0013739683];
        polynomial::<A, f32, _>(r, C)
    }

    /// Absolute error 2^-28.1.
    #[inline(always)]
    fn exp2_near_zero<A: Arithmetic>(r: f32) -> f32 {
        const C: [f32; 6] =
            [std::f32::consts::LN_2, 0.2402265, 0.05550358, 0.009618076, 0.0013391643, 0.00015457191];
        A::mul_add(r, polynomial::<A, f32, _>(r, C), 1.0)
    }
}

/// `(k, r, low)` with `x + more = k·ln 2 + r + low`, for magnitudes up to [`ExpFormat::EXP_LIMIT`].
#[inline(always)]
pub(super) fn reduce<A: Arithmetic, F: ExpFormat>(x: F, more: F) -> (F, F, F) {
    let k = A::mul_add(x, F::LOG2_E, F::MAGIC) - F::MAGIC;
    let high = A::mul_add(-k, F::LN_2_HIGH, x);
    let rest = A::mul_add(-k, F::LN_2_LOW, more);
    let r = high + rest;
    (k, r, (high - r) + rest)
}

/// `e^(x + more)` as `((y, low), a, b)`: `(y + low)·a·b`, with y in [0.7, 1.42] and low below half its ulp.
#[inline(always)]
pub(super) fn exp_parts<A: Arithmetic, F: ExpFormat>(x: F, more: F) -> ((F, F), F, F) {
    let (k, r, low) = reduce::<A, F>(x.within(-F::EXP_LIMIT, F::EXP_LIMIT), more);
    let (high, rest) = fast_two_sum(F::ONE, r);
    let (a, b) = F::two_powers::<A>(k);
    (fast_two_sum(high, rest + (low + tail::<A, F>(r))), a, b)
}

/// `e^r − 1 − r` for `|r| ≤ ½ ln 2`.
#[inline(always)]
pub(super) fn tail<A: Arithmetic, F: ExpFormat>(r: F) -> F {
    (r * r) * F::exp_polynomial::<A>(r)
}

/// `(y, k + MAGIC)` with `e^x = (1 + y)·2^k` and `1 + y` between √½ and √2.
#[inline(always)]
pub(super) fn exp_less_one<A: Arithmetic, F: ExpFormat>(x: F) -> (F, F) {
    let magic = A::mul_add(x, F::LOG2_E, F::MAGIC);
    let k = magic - F::MAGIC;
    let r = A::mul_add(-k, F::LN_2_LOW, A::mul_add(-k, F::LN_2_HIGH, x));
    (A::mul_add(r * r, F::exp_polynomial::<A>(r), r), magic)
}

/// `e^x`, within 2 ulp; results below the smallest normal number are 0.
#[inline(always)]
pub fn exp<A: Arithmetic, F: ExpFormat>(x: F) -> F {
    let (less, magic) = exp_less_one::<A, F>(x);
    let y = (F::ONE + less).scaled_by_magic(magic);
    let (high, low) = F::EXP_RANGE;
    // ∞ or NaN times a positive number, or 0
    let outside = if x < low { F::ZERO } else { x * F::INFINITY };
    if (x >= low) & (x <= high) { y } else { outside }
}

/// `2^x`, within 2 ulp; results below the smallest normal number are 0.
#[inline(always)]
pub fn exp2<A: Arithmetic, F: ExpFormat>(x: F) -> F {
    let magic = x + F::MAGIC;
    let y = F::exp2_near_zero::<A>(x - (magic - F::MAGIC)).scaled_by_magic(magic);
    let (high, low) = F::EXP2_RANGE;
    let outside = if x < low { F::ZERO } else { x * F::INFINITY };
    if (x >= low) & (x < high) { y } else { outside }
}

/// `e^x − 1`, within 2 ulp, as `2^k·((1 − 2^−k) + r + (e^r − 1 − r))`.
#[inline(always)]
pub fn expm1<A: Arithmetic, F: ExpFormat>(x: F) -> F {
    let (k, r, low) = reduce::<A, F>(x.within(F::EXPM1_LOW, F::EXP_LIMIT), F::ZERO);
    // 1 − 2^−64 is 1 in both formats.
    let most = F::TWO * F::TWO * F::TWO * F::TWO * F::TWO * F::TWO;
    let inverse = F::power_of_two(-(if k > most { most } else { k }));
    let (high, rest) = fast_two_sum(F::ONE - inverse, r);
    let (a, b) = F::two_powers::<A>(k);
    let y = ((high + (rest + (low + tail::<A, F>(r)))) * a) * b;
    y.with_sign(x)
}

/// `1/(1 + e^−x)`, within 2 ulp, and 0 below the smallest normal number: for negative x `e^x/(1 + e^x)`.
#[inline(always)]
pub fn sigmoid<A: Arithmetic, F: ExpFormat>(x: F) -> F {
    let size = -x.magnitude();
    let (less, magic) = exp_less_one::<A, F>(size);
    let e = if size < F::EXP_RANGE.1 { F::ZERO } else { (F::ONE + less).scaled_by_magic(magic) };
    // NaN is neither.
    let above = if x >= F::ZERO { F::ONE } else { x };
    let num = if x < F::ZERO { e } else { above };
    let (den, lost) = fast_two_sum(F::ONE, e);
    let y = num / den;
    // The denominator is a little more than its rounding: 1/den is y, or 1 − y.
    let inverse = if x < F::ZERO { F::ONE - y } else { y };
    A::mul_add(-(y * lost), inverse, y)
}

/// `x/(1 + e^−x)`, within 4 ulp; −∞ gives −0.
#[inline(always)]
pub fn silu<A: Arithmetic, F: ExpFormat>(x: F) -> F {
    let size = -x.magnitude();
    let (less, magic) = exp_less_one::<A, F>(if size < F::EXP_ZERO { F::EXP_ZERO } else { size });
    // Lifted by a power of two, which comes off last: `x·e^x` is normal where `e^x` no longer is. Multiplied in, so that NaN stays NaN.
    let e = (F::ONE + less) * (magic + F::LIFTED_BIAS).exponent_from_magic();
    let (above, b) = if x < F::ZERO { (e, F::LOWER) } else { (F::ONE, F::ONE) };
    let q = above / A::mul_add(e, F::LOWER, F::ONE);
    let x = if x < -F::EXP_LIMIT { -F::EXP_LIMIT } else { x };
    (x * q) * b
}

/// `ln(1 + e^x)`, within 4 ulp, as `max(x, 0) + ln(1 + e^−|x|)`; 0 where `e^x` is no normal number.
#[inline(always)]
pub fn softplus<A: Arithmetic, F: ExpFormat + LogFormat>(x: F) -> F {
    let positive = if x < F::ZERO { F::ZERO } else { x };
    positive + ln_1p_to_one::<A, F>(exp::<A, F>(-x.magnitude()))
}
