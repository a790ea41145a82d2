//! asin, acos, atan and atan2: at most 2 ulp, of both types.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::format::polynomial;
use super::lane::{Lane, Pair};

/// The constants and polynomials of a type.
pub trait InverseTrigonometric: Lane {
    /// π/2 as a sum of two.
    const HALF_PI: Pair<Self>;
    /// P(z) with asin(s) = s + s³·P(s²), 0 ≤ s ≤ 1/2.
    fn asin_polynomial<A: Arithmetic>(z: Self) -> Self;
    /// The arctangent of this type.
    fn atan_own<A: Arithmetic>(self) -> Self;
    /// The angle, from 0 to π, of (x, |y|), then with the sign of y.
    fn atan2_of<A: Arithmetic>(self, x: Self) -> Self;
}

impl InverseTrigonometric for f64 {
    const HALF_PI: Pair<f64> = (std::f64::consts::FRAC_PI_2, 6.123233995736766e-17);
    /// asin to a relative error of 2^−59.9.
    #[inline(always)]
    fn asin_polynomial<A: Arithmetic>(z: f64) -> f64 {
        polynomial::<A, _, _>(
            z,
            [
                0.1666666666666676,
                0.07499999999970867,
                0.04464285717455937,
                0.030381942709939633,
                0.02237221493396157,
                0.017351612884631256,
                0.013980810970887027,
                0.011398984896272694,
                0.010779871830333692,
                0.0037077637006988576,
                0.02170432508662787,
                -0.020994858200106117,
                0.0326261112898754,
            ],
        )
    }
    /// One of atan(a), π/4 + atan((a−1)/(a+1)), π/2 + atan(−1/a) for a = |x| up to ½, up to 2 and beyond. Its argument t is at most ½ and
    /// rounded once or, where it is at most ⅓, twice.
    #[inline(always)]
    fn atan_own<A: Arithmetic>(self) -> f64 {
        /// P(z) with atan(t) = t + t³·P(t²), |t| ≤ ½, to a relative error of atan of 2^−57.6.
        const C: [f64; 13] = [
            -0.3333333333333333,
            0.19999999999999488,
            -0.14285714285599188,
            0.11111111100917376,
            -0.09090908620322523,
            0.07692294712540285,
            -0.06666435677235948,
            0.05879578429582425,
            -0.05240099507994713,
            0.04628024868570153,
            -0.03806653672057366,
            0.025006503566489507,
            -0.009215792047089858,
        ];
        let a = self.abs();
        let (flat, steep) = (a < 0.5, a > 2.0);
        let (num, den) = if steep { (-1.0, a) } else { (a - 1.0, a + 1.0) };
        let t = if flat { a } else { num / den };
        let base = if steep { Self::HALF_PI } else { QUARTER_PI };
        let (high, low) = if flat { (0.0, 0.0) } else { base };
        let z = t * t;
        (high + (t + A::mul_add(t * z, polynomial::<A, f64, _>(z, C), low))).times_sign(self)
    }
    #[inline(always)]
    fn atan2_of<A: Arithmetic>(self, x: f64) -> f64 {
        let (a, b) = (self.abs(), x.abs());
        if a.is_nan() || b.is_nan() {
            return f64::NAN;
        }
        let largest = if a > b { a } else { b };
        let (a, b) = if largest == 0.0 {
            (0.0, 1.0)
        } else if largest == f64::INFINITY {
            (f64::from(u8::from(a == largest)), f64::from(u8::from(b == largest)))
        } else {
            // Scale by a power of two that brings the larger near 1.
            let exponent = (largest.to_bits() >> 52).clamp(1, 2045);
            let scale = f64::from_bits((2046 - exponent) << 52);
            (a * scale, b * scale)
        };
        let (high, low) = angle::<A>(a, b);
        let angle = if x.is_sign_negative() {
            let (pi, rest) = (2.0 * Self::HALF_PI.0, 2.0 * Self::HALF_PI.1);
            let (high, error) = fast_two_sum(pi, -high);
            high + (error + (rest - low))
        } else {
            high + low
        };
        angle.times_sign(self)
    }
}

impl InverseTrigonometric for f32 {
    const HALF_PI: Pair<f32> = (std::f32::consts::FRAC_PI_2, -4.371139e-8);
    /// asin to a relative error of 2^−27.6.
    #[inline(always)]
    fn asin_polynomial<A: Arithmetic>(z: f32) -> f32 {
        polynomial::<A, _, _>(z, [0.16666752, 0.0749531, 0.04546902, 0.024185503, 0.042157013])
    }
    #[inline(always)]
    fn atan_own<A: Arithmetic>(self) -> f32 {
        let a = self.abs();
        let steep = a > 1.0;
        let p = arc::<A>(if steep { 1.0 / a } else { a });
        (if steep { (Self::HALF_PI.0 - p) + Self::HALF_PI.1 } else { p }).times_sign(self)
    }
    #[inline(always)]
    fn atan2_of<A: Arithmetic>(self, x: f32) -> f32 {
        let (a, b) = (self.abs(), x.abs());
        let steep = a > b;
        let (least, most) = if steep { (b, a) } else { (a, b) };
        // Two zeros, two infinities.
        let t = if least == most { 1.0 } else { least / most };
        let p = arc::<A>(if most == 0.0 { 0.0 } else { t });
        let left = x.is_sign_negative();
        let (from, rest) = if steep { Self::HALF_PI } else { (2.0 * Self::HALF_PI.0, 2.0 * Self::HALF_PI.1) };
        let turned = (from - if steep & left { -p } else { p }) + rest;
        let angle = if steep | left { turned } else { p };
        (if a.is_nan() | b.is_nan() { f32::NAN } else { angle }).times_sign(self)
    }
}

/// atan t for t from 0 to 1, to a relative error of 2^−25.4 before it is rounded.
#[inline(always)]
fn arc<A: Arithmetic>(t: f32) -> f32 {
    const C: [f32; 11] = [
        -0.33333334,
        0.1999999,
        -0.14285319,
        0.11104707,
        -0.09036742,
        0.07417497,
        -0.05760716,
        0.038327444,
        -0.01926108,
        0.0062072547,
        -0.00093629945,
    ];
    let z = t * t;
    // Near 1 even and odd powers would cancel.
    A::mul_add(t * z, A::horner(z, C), t)
}

/// What asin and acos share, for a = |x|: whether a > 1/2, then (s, c) with asin(s) = s + c, where s is a
/// itself or √((1−a)/2), so that asin(a) = π/2 − 2(s + c) above 1/2.
#[inline(always)]
fn asin_parts<A: Arithmetic, F: InverseTrigonometric>(a: F) -> (bool, F, F) {
    let large = a > F::HALF;
    // Exact, if it is large.
    let half = A::mul_add(a, -F::HALF, F::HALF);
    let (z, s) = if large { (half, half.square_root()) } else { (a * a, a) };
    (large, s, (s * z) * F::asin_polynomial::<A>(z))
}

/// asin x: at most 2 ulp. asin ±0 = ±0; NaN beyond ±1.
#[inline(always)]
pub fn asin<A: Arithmetic, F: InverseTrigonometric>(x: F) -> F {
    let (large, s, c) = asin_parts::<A, F>(x.magnitude());
    let (high, error) = fast_two_sum(F::HALF_PI.0, -(s + s));
    let y = if large { high + (error + (F::HALF_PI.1 - (c + c))) } else { s + c };
    y.times_sign(x)
}

/// acos x: at most 2 ulp; NaN beyond ±1.
#[inline(always)]
pub fn acos<A: Arithmetic, F: InverseTrigonometric>(x: F) -> F {
    let (large, s, c) = asin_parts::<A, F>(x.magnitude());
    let (s, c) = (s.times_sign(x), c.times_sign(x));
    // π/2 − asin(x); or 2 asin(s'), taken from 0 for positive x and from π for negative x.
    let from = if x < F::ZERO { (F::TWO * F::HALF_PI.0, F::TWO * F::HALF_PI.1) } else { (F::ZERO, F::ZERO) };
    let (from, s, c) = if large { (from, -(s + s), -(c + c)) } else { (F::HALF_PI, s, c) };
    let (high, error) = fast_two_sum(from.0, -s);
    high + (error + (from.1 - c))
}

/// π/4 as a sum of two.
const QUARTER_PI: Pair<f64> = (std::f64::consts::FRAC_PI_4, 3.061616997868383e-17);
/// tan(π/8) and tan(3π/8), roughly.
const EIGHTHS: (f64, f64) = (0.4142135, 2.4142136);
/// A number whose arctangent is π/2, small enough for exact products.
const STEEP: f64 = (1_u64 << 60) as f64;

/// P(z) with atan(t) = t + t³·P(t²), |t| ≤ tan(π/8), to a relative error of atan of 2^−59.4.
#[inline(always)]
fn atan_polynomial<A: Arithmetic>(z: f64) -> f64 {
    const C: [f64; 11] = [
        -0.333333333333332,
        0.1999999999995369,
        -0.14285714280202147,
        0.11111110783640755,
        -0.09090897762034506,
        0.07692060292843655,
        -0.06663105046707299,
        0.05847897710337761,
        -0.05039348496787374,
        0.03806583360922586,
        -0.017908783426187316,
    ];
    polynomial::<A, _, _>(z, C)
}

/// The angle from 0 to π/2 of the point (b, a), both at least 0 and not both 0, as a sum of two.
///
/// One of atan(a/b), π/4 + atan((a−b)/(a+b)), π/2 + atan(−b/a), with the quotient to twice the precision.
#[inline(always)]
fn angle<A: Arithmetic>(a: f64, b: f64) -> Pair<f64> {
    let (flat, steep) = (a <= EIGHTHS.0 * b, a > EIGHTHS.1 * b);
    let (difference, sum) = (two_sum(a, -b), two_sum(a, b));
    let num = if flat {
        (a, 0.0)
    } else if steep {
        (-b, 0.0)
    } else {
        difference
    };
    let den = if flat {
        (b, 0.0)
    } else if steep {
        (a, 0.0)
    } else {
        sum
    };
    let base = if flat {
        (0.0, 0.0)
    } else if steep {
        f64::HALF_PI
    } else {
        QUARTER_PI
    };
    let t = num.0 / den.0;
    let (p, e) = A::two_product(t, den.0);
    let low = ((num.0 - p) - e + (num.1 - t * den.1)) / den.0;
    // Far below 1 the remainder may underflow, and is not needed.
    let low = if t.abs() * STEEP < 1.0 { 0.0 } else { low };
    let z = t * t;
    let (high, error) = fast_two_sum(base.0, t);
    (high, error + (base.1 + A::mul_add(t * z, atan_polynomial::<A>(z), low)))
}

/// atan x: at most 2 ulp. atan ±0 = ±0, atan ±∞ = ±π/2.
#[inline(always)]
pub fn atan<A: Arithmetic, F: InverseTrigonometric>(x: F) -> F {
    x.atan_own::<A>()
}

/// The angle of the point (`x`, `y`), in [−π, π]: at most 2 ulp, with the special values of IEEE 754 for zeros
/// (a zero x with its sign) and infinities.
#[inline(always)]
pub fn atan2<A: Arithmetic, F: InverseTrigonometric>(y: F, x: F) -> F {
    y.atan2_of::<A>(x)
}
