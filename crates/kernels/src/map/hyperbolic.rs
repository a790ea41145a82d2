//! Hyperbolic functions and their inverses.
//!
//! With `|x| = k·ln 2 + r` and `q = 2^(−2k)`,
//! `2·sinh|x| = 2^k·((1 − q)·cosh r + (1 + q)·sinh r)` and
//! `2·cosh x = 2^k·((1 + q)·cosh r + (1 − q)·sinh r)`: an even and an odd polynomial give both functions, and
//! nothing cancels. The inverses are logarithms of sums that are kept to twice the precision, which
//! `f32` has in `f64`; its `atanh` needs none.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::exponential::{exp_less_one, reduce, tail as exponential_tail};
use super::format::{Format, polynomial};
use super::logarithm::{LogFormat, ln_pair, ln_scaled};

/// A format with the polynomials of the hyperbolic functions.
pub trait HyperbolicFormat: LogFormat {
    /// Beyond this magnitude the hyperbolic tangent rounds to ±1.
    const TANH_LIMIT: Self;
    /// `(a, b)` with `a − b·d` within 18 % of `1/d` for d in [0.7, 2.42].
    const RECIPROCAL: (Self, Self);
    /// Where `2^(−2k)` is lost beside 1.
    const MOST_DOUBLINGS: Self;

    /// `(cosh r − 1, sinh r − r)` for `|r| ≤ ½ ln 2`.
    fn cosh_sinh_tails<A: Arithmetic>(r: Self) -> (Self, Self);

    /// [`tanh`] in this format.
    fn tanh_own<A: Arithmetic>(self) -> Self;
    /// [`asinh`] in this format.
    fn asinh_own<A: Arithmetic>(self) -> Self;
    /// [`acosh`] in this format.
    fn acosh_own<A: Arithmetic>(self) -> Self;
    /// [`atanh`] in this format.
    fn atanh_own<A: Arithmetic>(self) -> Self;
}

impl HyperbolicFormat for f64 {
    const TANH_LIMIT: f64 = 22.0;
    const RECIPROCAL: (f64, f64) = (1.5118, 0.4845);
    const MOST_DOUBLINGS: f64 = 32.0;

    /// Error of cosh 2^-70, of sinh 2^-61.6, relative.
    #[inline(always)]
    fn cosh_sinh_tails<A: Arithmetic>(r: f64) -> (f64, f64) {
        const EVEN: [f64; 6] = [
            0.5,
            0.041666666666666685,
            0.001388888888887325,
            2.4801587349325933e-5,
            2.7557251669720017e-7,
            2.0921828243433656e-9,
        ];
        const ODD: [f64; 5] = [
            0.16666666666666677,
            0.008333333333321388,
            0.00019841269886814022,
            2.7557243448034374e-6,
            2.5109324783781057e-8,
        ];
        let z = r * r;
        (z * polynomial::<A, f64, _>(z, EVEN), (z * r) * polynomial::<A, f64, _>(z, ODD))
    }

    #[inline(always)]
    fn tanh_own<A: Arithmetic>(self) -> f64 {
        tanh_in_parts::<A, f64>(self)
    }
    #[inline(always)]
    fn asinh_own<A: Arithmetic>(self) -> f64 {
        wide_asinh::<A>(self)
    }
    #[inline(always)]
    fn acosh_own<A: Arithmetic>(self) -> f64 {
        wide_acosh::<A>(self)
    }
    #[inline(always)]
    fn atanh_own<A: Arithmetic>(self) -> f64 {
        wide_atanh::<A>(self)
    }
}

impl HyperbolicFormat for f32 {
    const TANH_LIMIT: f32 = 10.0;
    const RECIPROCAL: (f32, f32) = (1.5118, 0.4845);
    const MOST_DOUBLINGS: f32 = 16.0;

    /// Error of cosh 2^-33.1, of sinh 2^-34.1, relative.
    #[inline(always)]
    fn cosh_sinh_tails<A: Arithmetic>(r: f32) -> (f32, f32) {
        const EVEN: [f32; 3] = [0.5, 0.04166645, 0.0013936143];
        const ODD: [f32; 3] = [0.16666667, 0.008333192, 0.00019958406];
        let z = r * r;
        (z * polynomial::<A, f32, _>(z, EVEN), (z * r) * polynomial::<A, f32, _>(z, ODD))
    }

    /// A polynomial below ¾, relative error 2^-26.8; above, 1 − 2/(e^2x + 1), of which the quotient is at most 0.37.
    #[inline(always)]
    fn tanh_own<A: Arithmetic>(self) -> f32 {
        const C: [f32; 6] = [-0.3333333, 0.13333179, -0.053935852, 0.021615319, -0.007933808, 0.0019095024];
        let size = self.magnitude();
        let size = if size > Self::TANH_LIMIT { Self::TANH_LIMIT } else { size };
        let z = size * size;
        let below = A::mul_add(size * z, polynomial::<A, f32, _>(z, C), size);
        let (less, magic) = exp_less_one::<A, f32>(size + size);
        let above = 1.0 - 2.0 / ((1.0 + less).scaled_by_magic(magic) + 1.0);
        // NaN is kept by the polynomial alone.
        (if size >= 0.75 { above } else { below }).with_sign(self)
    }
    #[inline(always)]
    fn asinh_own<A: Arithmetic>(self) -> f32 {
        wide_asinh::<A>(f64::from(self)) as f32
    }
    #[inline(always)]
    fn acosh_own<A: Arithmetic>(self) -> f32 {
        wide_acosh::<A>(f64::from(self)) as f32
    }
    /// A polynomial below ½, relative error 2^-27.5; above, half the logarithm of (1 + x)/(1 − x).
    #[inline(always)]
    fn atanh_own<A: Arithmetic>(self) -> f32 {
        const C: [f32; 6] = [0.3333333, 0.20000473, 0.1426398, 0.11469875, 0.064934894, 0.1575178];
        let size = self.abs();
        let z = size * size;
        let below = A::mul_add(size * z, polynomial::<A, f32, _>(z, C), size);
        // Above ½ the difference is exact, and the logarithm at least ln 3.
        let (k, m) = ((1.0 + size) / (1.0 - size)).split_normal();
        let above = 0.5 * ln_scaled::<A, f32>(k, m - 1.0);
        let above = if size < 1.0 { above } else { f32::INFINITY };
        let above = if size <= 1.0 { above } else { f32::NAN };
        (if size < 0.5 { below } else { above }).with_sign(self)
    }
}

/// `(k, (s, e), (c, d))` with `2·sinh x = 2^k·(s + e)` and `2·cosh x = 2^k·(c + d)`, for `x ≥ 0`.
#[inline(always)]
#[allow(clippy::type_complexity)] // three pairs have no better name
fn sinh_cosh_parts<A: Arithmetic, F: HyperbolicFormat>(x: F) -> (F, (F, F), (F, F)) {
    let (k, r, low) = reduce::<A, F>(x, F::ZERO);
    let doublings = if k > F::MOST_DOUBLINGS { F::MOST_DOUBLINGS } else { k };
    let q = F::power_of_two(-(doublings + doublings));
    let (less, less_low) = fast_two_sum(F::ONE, -q);
    let (more, more_low) = fast_two_sum(F::ONE, q);
    let (even, odd) = F::cosh_sinh_tails::<A>(r);
    let odd = odd + low;
    // less·(1 + even) + more·(r + odd) and the converse, the leading 1 ∓ q + r without rounding
    let (s, e) = fast_two_sum(less, r);
    let e = A::mul_add(q, r, A::mul_add(less, even, A::mul_add(more, odd, e + less_low)));
    let (c, d) = fast_two_sum(more, r);
    let d = A::mul_add(-q, r, A::mul_add(more, even, A::mul_add(less, odd, d + more_low)));
    (k, (s, e), (c, d))
}

/// `(e^x − e^−x)/2`, within 2 ulp.
#[inline(always)]
pub fn sinh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    let (k, (s, e), _) = sinh_cosh_parts::<A, F>(x.magnitude().within(F::ZERO, F::EXP_LIMIT));
    let (a, b) = F::two_powers::<A>(k - F::ONE);
    (((s + e) * a) * b).with_sign(x)
}

/// `(e^x + e^−x)/2`, within 2 ulp.
#[inline(always)]
pub fn cosh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    let (k, _, (c, d)) = sinh_cosh_parts::<A, F>(x.magnitude().within(F::ZERO, F::EXP_LIMIT));
    let (a, b) = F::two_powers::<A>(k - F::ONE);
    ((c + d) * a) * b
}

/// The hyperbolic tangent, within 2 ulp.
#[inline(always)]
pub fn tanh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    x.tanh_own::<A>()
}

/// With `2|x| = k·ln 2 + r` and `q = 2^−k` it is `((1 − q) + (e^r − 1))/((1 + q) + (e^r − 1))`. The quotient
/// `n/d` of the rounded sums is corrected to first order in what the rounding of them lost.
#[inline(always)]
fn tanh_in_parts<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    let size = x.magnitude().within(F::ZERO, F::TANH_LIMIT);
    let (k, r, low) = reduce::<A, F>(size + size, F::ZERO);
    let q = F::power_of_two(-k);
    let tail = low + exponential_tail::<A, F>(r);
    let (less, less_low) = fast_two_sum(F::ONE, -q);
    let (more, more_low) = fast_two_sum(F::ONE, q);
    let (n, n_low) = fast_two_sum(less, r);
    let (n, n_low) = fast_two_sum(n, (n_low + less_low) + tail);
    let (d, d_low) = fast_two_sum(more, r);
    let (d, d_low) = fast_two_sum(d, (d_low + more_low) + tail);
    let t = n / d;
    let (c0, c1) = F::RECIPROCAL;
    let inverse = A::mul_add(-c1, d, c0);
    A::mul_add(A::mul_add(-t, d_low, n_low), inverse, t).with_sign(x)
}

/// The inverse of `sinh`, `ln(x + √(x² + 1))`, within 2 ulp.
#[inline(always)]
pub fn asinh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    x.asinh_own::<A>()
}

/// The inverse of `cosh`, `ln(x + √(x² − 1))`, within 2 ulp; NaN below 1.
#[inline(always)]
pub fn acosh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    x.acosh_own::<A>()
}

/// The inverse of `tanh`, `½ ln((1 + x)/(1 − x))`, within 2 ulp; ±∞ at ±1, NaN beyond.
#[inline(always)]
pub fn atanh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    x.atanh_own::<A>()
}

/// From here on `√(x² ± 1)` is x to twice the precision that matters.
const HUGE: f64 = 268_435_456.0;

/// `√(x² + one)` as a sum, for `one = ±1` and `1 ≤ x² + … ` not negative, x below [`HUGE`].
#[inline(always)]
fn root_of_square_and<A: Arithmetic>(x: f64, one: f64) -> (f64, f64) {
    let (square, error) = A::two_product(x, x);
    let (sum, rest) = two_sum(square, one);
    let root = sum.sqrt();
    let (back, less) = A::two_product(root, root);
    let correction = (((sum - back) - less) + (rest + error)) / (root + root);
    (root, if root > 0.0 { correction } else { 0.0 })
}

/// `ln(x + root + correction)`, or `ln 2x` from [`HUGE`] on.
#[inline(always)]
fn ln_of_sum<A: Arithmetic>(x: f64, (root, correction): (f64, f64)) -> f64 {
    let (high, low) = two_sum(x, root);
    let huge = x > HUGE;
    let y = ln_pair::<A, f64>(if huge { x } else { high }, if huge { 0.0 } else { low + correction });
    if huge { y + std::f64::consts::LN_2 } else { y }
}

#[inline(always)]
fn wide_asinh<A: Arithmetic>(x: f64) -> f64 {
    let size = x.abs();
    let y = ln_of_sum::<A>(size, root_of_square_and::<A>(size, 1.0));
    let y = if size < f64::INFINITY { y } else { size };
    if size < f64::SMALL { x } else { y.with_sign(x) }
}

#[inline(always)]
fn wide_acosh<A: Arithmetic>(x: f64) -> f64 {
    let y = ln_of_sum::<A>(x, root_of_square_and::<A>(x, -1.0));
    let y = if x < f64::INFINITY { y } else { x };
    if x < 1.0 { f64::NAN } else { y }
}

#[inline(always)]
fn wide_atanh<A: Arithmetic>(x: f64) -> f64 {
    let size = x.abs();
    // q + rest = 2|x|/(1 − |x|), so that 1 + q + rest = (1 + |x|)/(1 − |x|)
    let twice = size + size;
    let (divisor, low) = fast_two_sum(1.0, -size);
    let q = twice / divisor;
    let (back, less) = A::two_product(q, divisor);
    let rest = (((twice - back) - less) - q * low) / divisor;
    let (high, low) = two_sum(1.0, q);
    let y = 0.5 * ln_pair::<A, f64>(high, low + rest);
    let y = if size < 1.0 { y } else { f64::INFINITY };
    let y = if size <= 1.0 { y } else { f64::NAN };
    if size < f64::SMALL { x } else { y.with_sign(x) }
}
