//! sin, cos and tan: at most 2 ulp for every argument, of both types.
//!
//! The remainder r + l modulo π/2 comes from [`super::reduction`]; sin and cos of it are each an unevaluated sum
//! of a large and a small part, added once at the end. A loop over blocks may call the `_near` texts, which have
//! no branch, when all its arguments are at most [`Reduce::MODERATE`] in magnitude.

use super::arithmetic::{Arithmetic, fast_two_sum};
use super::lane::Pair;
use super::reduction::{Reduce, Reduced, near};

/// The coefficients on |r| ≤ π/4 of sin(r) = r + r³·S(r²) and cos(r) = 1 − r²/2 + r⁴·C(r²).
pub trait Trigonometric: Reduce {
    /// P(z), z ≤ π²/16: S where `even`, else C. One polynomial for both, because choosing its coefficients costs less
    /// than evaluating both.
    fn polynomial<A: Arithmetic>(even: bool, z: Self) -> Self;
}

/// The first of each pair where `even`, else the second.
#[inline(always)]
fn choose<F: Copy, const N: usize>(even: bool, pairs: [Pair<F>; N]) -> [F; N] {
    pairs.map(|(sin, cos)| if even { sin } else { cos })
}

impl Trigonometric for f64 {
    /// sin to a relative error of 2^−57.9, cos to 2^−63.9.
    #[inline(always)]
    fn polynomial<A: Arithmetic>(even: bool, z: f64) -> f64 {
        A::horner(
            z,
            choose(
                even,
                [
                    (-0.1666666666666663, 0.041666666666666595),
                    (0.008333333333321924, -0.0013888888888873348),
                    (-0.0001984126982946496, 2.480158728900809e-5),
                    (2.755731358502397e-6, -2.755731421905481e-7),
                    (-2.5050742812777324e-8, 2.087570568855178e-9),
                    (1.5895974919455618e-10, -1.1358764799839056e-11),
                ],
            ),
        )
    }
}

impl Trigonometric for f32 {
    /// sin to a relative error of 2^−32.2, cos to 2^−36.7.
    #[inline(always)]
    fn polynomial<A: Arithmetic>(even: bool, z: f32) -> f32 {
        A::horner(
            z,
            choose(
                even,
                [
                    (-0.16666667, 0.041666668),
                    (0.008333372, -0.0013888972),
                    (-0.00019849911, 2.4818826e-5),
                    (2.800547e-6, -2.8574576e-7),
                ],
            ),
        )
    }
}

/// sin(r + l) as a sum of two for |r| ≤ π/4; the second is at most a ninth of the first.
#[inline(always)]
pub(super) fn sin_parts<A: Arithmetic, F: Trigonometric>((r, l): Pair<F>) -> Pair<F> {
    let z = r * r;
    (r, A::mul_add(r * z, F::polynomial::<A>(true, z), l * (F::ONE - F::HALF * z)))
}

/// cos(r + l) as a sum of two for |r| ≤ π/4.
#[inline(always)]
pub(super) fn cos_parts<A: Arithmetic, F: Trigonometric>((r, l): Pair<F>) -> Pair<F> {
    let z = r * r;
    let h = F::HALF * z;
    let w = F::ONE - h;
    (w, ((F::ONE - w) - h) + A::mul_add(z * z, F::polynomial::<A>(false, z), -(r * l)))
}

#[inline(always)]
fn reduce<A: Arithmetic, F: Trigonometric>(x: F) -> Reduced<F> {
    let a = x.magnitude();
    if a <= F::MODERATE { near::<A, F>(a) } else { a.far() }
}

/// sin(r + l) of a quadrant: ±sin or ±cos of the remainder, with one polynomial.
#[inline(always)]
fn turned<A: Arithmetic, F: Trigonometric>((r, l): Pair<F>, quadrant: u32) -> F {
    let even = quadrant & 1 == 0;
    let z = r * r;
    let h = F::HALF * z;
    let w = F::ONE - h;
    let (leading, factor) = if even { (r, r * z) } else { (w, z * z) };
    let rest = if even { l * w } else { ((F::ONE - w) - h) - r * l };
    let y = leading + A::mul_add(factor, F::polynomial::<A>(even, z), rest);
    if quadrant & 2 == 0 { y } else { -y }
}

#[inline(always)]
fn sin_reduced<A: Arithmetic, F: Trigonometric>(x: F, (r, quadrant): Reduced<F>) -> F {
    turned::<A, F>(r, quadrant).times_sign(x)
}

#[inline(always)]
fn cos_reduced<A: Arithmetic, F: Trigonometric>((r, quadrant): Reduced<F>) -> F {
    turned::<A, F>(r, quadrant.wrapping_add(1))
}

#[inline(always)]
fn sin_cos_reduced<A: Arithmetic, F: Trigonometric>(x: F, (r, quadrant): Reduced<F>) -> (F, F) {
    let (sin, cos) = (turned::<A, F>(r, 0), turned::<A, F>(r, 1));
    let (sin, cos) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, -sin) };
    let (sin, cos) = if quadrant & 2 == 0 { (sin, cos) } else { (-sin, -cos) };
    (sin.times_sign(x), cos)
}

#[inline(always)]
fn tan_reduced<A: Arithmetic, F: Trigonometric>(x: F, (r, quadrant): Reduced<F>) -> F {
    let sin = sin_parts::<A, F>(r);
    let sin = fast_two_sum(sin.0, sin.1);
    let cos = cos_parts::<A, F>(r);
    let cos = fast_two_sum(cos.0, cos.1);
    let even = quadrant & 1 == 0;
    let (num, den) = if even { (sin, cos) } else { ((-cos.0, -cos.1), sin) };
    let inverse = F::ONE / den.0;
    let q = num.0 * inverse;
    let (p, e) = A::two_product(q, den.0);
    let rest = (num.0 - p) - e + (num.1 - q * den.1);
    A::mul_add(rest, inverse, q).times_sign(x)
}

/// sin x: at most 2 ulp. sin ±0 = ±0; NaN at ±∞.
#[inline(always)]
pub fn sin<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    sin_reduced::<A, F>(x, reduce::<A, F>(x))
}

/// cos x: at most 2 ulp. NaN at ±∞.
#[inline(always)]
pub fn cos<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    cos_reduced::<A, F>(reduce::<A, F>(x))
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
    sin_reduced::<A, F>(x, near::<A, F>(x.magnitude()))
}

/// [`cos`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn cos_near<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    cos_reduced::<A, F>(near::<A, F>(x.magnitude()))
}

/// [`sin_cos`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn sin_cos_near<A: Arithmetic, F: Trigonometric>(x: F) -> (F, F) {
    sin_cos_reduced::<A, F>(x, near::<A, F>(x.magnitude()))
}

/// [`tan`] for |x| ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn tan_near<A: Arithmetic, F: Trigonometric>(x: F) -> F {
    tan_reduced::<A, F>(x, near::<A, F>(x.magnitude()))
}
