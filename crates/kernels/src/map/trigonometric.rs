//! sin, cos and tan: at most 2 ulp for every argument, of both types.
//!
//! The remainder r + l modulo π/2 comes from [`super::reduction`]; sin and cos of it are each an unevaluated sum
//! of a large and a small part, added once at the end. With fused operations, whose few roundings leave room, cos is
//! rounded twice, and tan is one quotient, rounded once. A loop over blocks may call the `_near` texts, which have no
//! branch, when all its arguments are at most [`Reduce::MODERATE`] in magnitude.

use super::arithmetic::{Arithmetic, fast_two_sum};
use super::format::polynomial;
use super::lane::Pair;
use super::reduction::{Reduce, Reduced, near};
use super::wide;

/// The polynomials on |r| ≤ π/4 of sin(r) = r + r³·S(r²) and cos(r) = 1 − r²/2 + r⁴·C(r²).
pub trait Trigonometric: Reduce {
    /// S(z), z ≤ π²/16.
    fn sin_polynomial<A: Arithmetic>(z: Self) -> Self;
    /// C(z), z ≤ π²/16.
    fn cos_polynomial<A: Arithmetic>(z: Self) -> Self;
    /// P(z) and Q(z) with tan(r) = r + r³·P(r²)/Q(r²), z ≤ π²/16.
    fn tan_quotient<A: Arithmetic>(z: Self) -> (Self, Self);
    /// [`sin_near`] of this type.
    fn sin_near_own<A: Arithmetic>(self) -> Self;
    /// [`cos_near`] of this type.
    fn cos_near_own<A: Arithmetic>(self) -> Self;
    /// [`sin_cos_near`] of this type.
    fn sin_cos_near_own<A: Arithmetic>(self) -> (Self, Self);
    /// [`tan_near`] of this type.
    fn tan_near_own<A: Arithmetic>(self) -> Self;
}

impl Trigonometric for f64 {
    /// sin to a relative error of 2^−57.9.
    #[inline(always)]
    fn sin_polynomial<A: Arithmetic>(z: f64) -> f64 {
        polynomial::<A, _, _>(
            z,
            [
                -0.1666666666666663,
                0.008333333333321924,
                -0.0001984126982946496,
                2.755731358502397e-6,
                -2.5050742812777324e-8,
                1.5895974919455618e-10,
            ],
        )
    }
    /// cos to a relative error of 2^−63.9.
    #[inline(always)]
    fn cos_polynomial<A: Arithmetic>(z: f64) -> f64 {
        polynomial::<A, _, _>(
            z,
            [
                0.041666666666666595,
                -0.0013888888888873348,
                2.480158728900809e-5,
                -2.755731421905481e-7,
                2.087570568855178e-9,
                -1.1358764799839056e-11,
            ],
        )
    }
    /// tan to a relative error of 2^−64.3.
    #[inline(always)]
    fn tan_quotient<A: Arithmetic>(z: f64) -> (f64, f64) {
        const P: [f64; 3] = [0.5889309817457311, -0.037831484900411654, 0.0004293889897551523];
        const Q: [f64; 5] = [
            1.7667929452371933,
            -0.8202116327961121,
            0.04332062895406529,
            -0.000448656647097425,
            -3.2774306516338775e-8,
        ];
        (A::horner(z, P), A::horner(z, Q))
    }
    #[inline(always)]
    fn sin_near_own<A: Arithmetic>(self) -> f64 {
        sin_cos_near::<A, f64>(self).0
    }
    #[inline(always)]
    fn cos_near_own<A: Arithmetic>(self) -> f64 {
        sin_cos_near::<A, f64>(self).1
    }
    #[inline(always)]
    fn sin_cos_near_own<A: Arithmetic>(self) -> (f64, f64) {
        sin_cos_reduced::<A, f64>(self, near::<A, f64>(self.abs()))
    }
    #[inline(always)]
    fn tan_near_own<A: Arithmetic>(self) -> f64 {
        tan_reduced::<A, f64>(self, near::<A, f64>(self.abs()))
    }
}

impl Trigonometric for f32 {
    /// sin to a relative error of 2^−32.2.
    #[inline(always)]
    fn sin_polynomial<A: Arithmetic>(z: f32) -> f32 {
        polynomial::<A, _, _>(z, [-0.16666667, 0.008333372, -0.00019849911, 2.800547e-6])
    }
    /// cos to a relative error of 2^−36.7.
    #[inline(always)]
    fn cos_polynomial<A: Arithmetic>(z: f32) -> f32 {
        polynomial::<A, _, _>(z, [0.041666668, -0.0013888972, 2.4818826e-5, -2.8574576e-7])
    }
    /// tan to a relative error of 2^−33.9.
    #[inline(always)]
    fn tan_quotient<A: Arithmetic>(z: f32) -> (f32, f32) {
        (A::horner(z, [0.6133754, -0.027393358]), A::horner(z, [1.8401263, -0.8182306, 0.029367357]))
    }
    #[inline(always)]
    fn sin_near_own<A: Arithmetic>(self) -> f32 {
        if A::FUSED { sin_cos_near::<A, f32>(self).0 } else { wide::sin::<A>(self) }
    }
    #[inline(always)]
    fn cos_near_own<A: Arithmetic>(self) -> f32 {
        if A::FUSED { sin_cos_near::<A, f32>(self).1 } else { wide::cos::<A>(self) }
    }
    #[inline(always)]
    fn sin_cos_near_own<A: Arithmetic>(self) -> (f32, f32) {
        match A::FUSED {
            true => sin_cos_reduced::<A, f32>(self, near::<A, f32>(self.abs())),
            false => (wide::sin::<A>(self), wide::cos::<A>(self)),
        }
    }
    #[inline(always)]
    fn tan_near_own<A: Arithmetic>(self) -> f32 {
        match A::FUSED {
            true => tan_reduced::<A, f32>(self, near::<A, f32>(self.abs())),
            false => wide::tan::<A>(self),
        }
    }
}

/// sin(r + l) as a sum of two for |r| ≤ π/4; the second is at most a ninth of the first.
#[inline(always)]
pub(super) fn sin_parts<A: Arithmetic, F: Trigonometric>((r, l): Pair<F>) -> Pair<F> {
    let z = r * r;
    (r, A::mul_add(r * z, F::sin_polynomial::<A>(z), l * (F::ONE - F::HALF * z)))
}

/// cos(r + l) as a sum of two for |r| ≤ π/4.
#[inline(always)]
pub(super) fn cos_parts<A: Arithmetic, F: Trigonometric>((r, l): Pair<F>) -> Pair<F> {
    let z = r * r;
    let h = F::HALF * z;
    let w = F::ONE - h;
    (w, ((F::ONE - w) - h) + A::mul_add(z * z, F::cos_polynomial::<A>(z), -(r * l)))
}

#[inline(always)]
fn reduce<A: Arithmetic, F: Trigonometric>(x: F) -> Reduced<F> {
    let a = x.magnitude();
    if a <= F::MODERATE { near::<A, F>(a) } else { a.far() }
}

#[inline(always)]
fn sin_cos_reduced<A: Arithmetic, F: Trigonometric>(x: F, (r, k): Reduced<F>) -> (F, F) {
    let (sin, cos) = if A::FUSED {
        let (r, l) = r;
        let z = r * r;
        // l is at most half an ulp of r but where r is tiny: for cos it is nothing, and for sin l·cos r is l.
        let sin = r + A::mul_add(r * z, F::sin_polynomial::<A>(z), l);
        (sin, A::mul_add(z, A::mul_add(z, F::cos_polynomial::<A>(z), -F::HALF), F::ONE))
    } else {
        let (sin, cos) = (sin_parts::<A, F>(r), cos_parts::<A, F>(r));
        (sin.0 + sin.1, cos.0 + cos.1)
    };
    // cos is negative in the second and third quarters.
    let turned_cos = cos.or_if_odd(sin, k).negated_by_twos(k ^ (k << 1));
    (sin.or_if_odd(cos, k).negated_by_twos(k).times_sign(x), turned_cos)
}

#[inline(always)]
fn tan_reduced<A: Arithmetic, F: Trigonometric>(x: F, (r, quadrant): Reduced<F>) -> F {
    if A::FUSED {
        let (r, l) = r;
        let z = r * r;
        let (p, q) = F::tan_quotient::<A>(z);
        // tan(r + l) = tan r + l·(1 + tan² r), where tan² r is about 3/2 r². Of q's error a fifth is left, for q is in both.
        let l = l * A::mul_add(z, F::ONE + F::HALF, F::ONE);
        let small = A::mul_add(l, q, (r * z) * p);
        let n = A::mul_add(r, q, small);
        let lost = small - A::mul_add(-r, q, n);
        // n/q, or −q/n; then what is left of it, and what n has lost.
        let (num, den) = (n.or_if_odd(-q, quadrant), q.or_if_odd(n, quadrant));
        let inverse = F::ONE / den;
        let y = num * inverse;
        let rest = A::mul_add(lost, F::ONE.or_if_odd(-y, quadrant), A::mul_add(-y, den, num));
        return A::mul_add(rest, inverse, y).times_sign(x);
    }
    let sin = sin_parts::<A, F>(r);
    let sin = fast_two_sum(sin.0, sin.1);
    let cos = cos_parts::<A, F>(r);
    let cos = fast_two_sum(cos.0, cos.1);
    // sin/cos, or −cos/sin.
    let num = (sin.0.or_if_odd(-cos.0, quadrant), sin.1.or_if_odd(-cos.1, quadrant));
    let den = (cos.0.or_if_odd(sin.0, quadrant), cos.1.or_if_odd(sin.1, quadrant));
    let inverse = F::ONE / den.0;
    let q = num.0 * inverse;
    let (p, e) = A::two_product(q, den.0);
    let rest = (num.0 - p) - e + (num.1 - q * den.1);
    A::mul_add(rest, inverse, q).times_sign(x)
}

/// sin x: at most 2 ulp. sin ±0 = ±0; NaN at ±∞.
#[inline(always)]
pub fn sin<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    sin_cos_reduced::<A, F>(x, reduce::<A, F>(x)).0
}

/// cos x: at most 2 ulp. NaN at ±∞.
#[inline(always)]
pub fn cos<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    sin_cos_reduced::<A, F>(x, reduce::<A, F>(x)).1
}

/// (sin x, cos x), with one reduction.
#[inline(always)]
pub fn sin_cos<A: Arithmetic, F: Trigonometric>(x: F) -> (F, F) {
    sin_cos_reduced::<A, F>(x, reduce::<A, F>(x))
}

/// tan x: at most 2 ulp. tan ±0 = ±0; NaN at ±∞.
#[inline(always)]
pub fn tan<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    tan_reduced::<A, F>(x, reduce::<A, F>(x))
}

/// [`sin`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn sin_near<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    x.sin_near_own::<A>()
}

/// [`cos`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn cos_near<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    x.cos_near_own::<A>()
}

/// [`sin_cos`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn sin_cos_near<A: Arithmetic, F: Trigonometric>(x: F) -> (F, F) {
    x.sin_cos_near_own::<A>()
}

/// [`tan`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn tan_near<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    x.tan_near_own::<A>()
}
