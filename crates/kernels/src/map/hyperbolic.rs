//! Hyperbolic functions and their inverses.
//!
//! With `|x| = k·ln 2 + r` and `q = 2^(−2k)`,
//! `2·sinh|x| = 2^k·((1 − q)·cosh r + (1 + q)·sinh r)` and
//! `2·cosh x = 2^k·((1 + q)·cosh r + (1 − q)·sinh r)`: an even and an odd polynomial give both functions, and
//! nothing cancels. The inverses are logarithms of sums that are kept to twice the precision, which
//! `f32` has in `f64`; its `atanh` needs none.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::exponential::{exp_less_one, reduce};
use super::format::{Format, polynomial};
use super::logarithm::{LogFormat, ln_pair, ln_scaled};

/// A format with the polynomials of the hyperbolic functions.
pub trait HyperbolicFormat: LogFormat {
    /// Beyond this magnitude the hyperbolic tangent rounds to ±1.
    const TANH_LIMIT: Self;
    /// ¾: from here on the exponential gives it more exactly.
    const TANH_PARTS: Self;
    /// Where `2^(−2k)` is lost beside 1.
    const MOST_DOUBLINGS: Self;

    /// `(cosh r − 1, sinh r − r)` for `|r| ≤ ½ ln 2`.
    fn cosh_sinh_tails<A: Arithmetic>(r: Self) -> (Self, Self);

    /// P(z) and Q(z) with `tanh a = a + a·z·P(z)/Q(z)` for `z = a²`, a up to ¾ (tools/oracles/coefficients_vector.py).
    fn tanh_quotient<A: Arithmetic>(z: Self) -> (Self, Self);

    /// [`asinh`] in this format.
    fn asinh_own<A: Arithmetic>(self) -> Self;
    /// [`acosh`] in this format.
    fn acosh_own<A: Arithmetic>(self) -> Self;
    /// [`atanh`] in this format.
    fn atanh_own<A: Arithmetic>(self) -> Self;
}

impl HyperbolicFormat for f64 {
    const TANH_LIMIT: f64 = 22.0;
    const TANH_PARTS: f64 = 0.75;
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

    /// tanh to a relative error of 2^-56.4.
    #[inline(always)]
    fn tanh_quotient<A: Arithmetic>(z: f64) -> (f64, f64) {
        const P: [f64; 3] = [-0.51781987063462, -0.03183214264858494, -0.0003088877090175794];
        const Q: [f64; 4] =
            [1.55345961190386, 0.7168802727072435, 0.036166263617039764, 0.00032027709437055206];
        (A::horner(z, P), A::horner(z, Q))
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
    const TANH_PARTS: f32 = 0.75;
    const MOST_DOUBLINGS: f32 = 16.0;

    /// Error of cosh 2^-33.1, of sinh 2^-34.1, relative.
    #[inline(always)]
    fn cosh_sinh_tails<A: Arithmetic>(r: f32) -> (f32, f32) {
        const EVEN: [f32; 3] = [0.5, 0.04166645, 0.0013936143];
        const ODD: [f32; 3] = [0.16666667, 0.008333192, 0.00019958406];
        let z = r * r;
        (z * polynomial::<A, f32, _>(z, EVEN), (z * r) * polynomial::<A, f32, _>(z, ODD))
    }

    /// tanh to a relative error of 2^-34.8.
    #[inline(always)]
    fn tanh_quotient<A: Arithmetic>(z: f32) -> (f32, f32) {
        const P: [f32; 2] = [-0.4800421, -0.021242984];
        const Q: [f32; 3] = [1.4401263, 0.63977945, 0.022748677];
        (A::horner(z, P), A::horner(z, Q))
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

/// The hyperbolic tangent, within 2 ulp: below ¾ a quotient of polynomials, above `1 − 2/(e^2x + 1)`, with one division for both.
#[inline(always)]
pub fn tanh<A: Arithmetic, F: HyperbolicFormat>(x: F) -> F {
    let size = x.magnitude();
    let size = if size > F::TANH_LIMIT { F::TANH_LIMIT } else { size };
    let z = size * size;
    let (p, q) = F::tanh_quotient::<A>(z);
    let (less, magic) = exp_less_one::<A, F>(size + size);
    let e = (F::ONE + less).scaled_by_magic(magic);
    // NaN is kept below alone.
    let above = size >= F::TANH_PARTS;
    let start = if above { F::ONE } else { size };
    let n = if above { -F::TWO } else { (size * z) * p };
    let d = if above { F::ONE + e } else { q };
    (start + n / d).with_sign(x)
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
