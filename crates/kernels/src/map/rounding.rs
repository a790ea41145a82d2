//! Roundings, signs and extremes: exact, so there is nothing to approximate, only conventions to keep.

use super::arithmetic::Arithmetic;
use super::format::Format;

/// −1, 0 or 1; ±0 gives itself and NaN gives NaN.
#[inline(always)]
pub fn sign<F: Format>(x: F) -> F {
    if x == F::ZERO || is_nan(x) { x } else { F::ONE.with_sign(x) }
}

/// The larger of the two; NaN if either is. Of +0 and −0 it is +0.
#[inline(always)]
pub fn max<F: Format>(x: F, y: F) -> F {
    // Equal numbers have the same bits, but for the sign of zeros.
    let equal = x.bits_of_both(y);
    let larger = if x > y { x } else { y };
    let larger = if x == y { equal } else { larger };
    if is_nan(x) { x } else { larger }
}

/// The smaller of the two; NaN if either is. Of +0 and −0 it is −0.
#[inline(always)]
pub fn min<F: Format>(x: F, y: F) -> F {
    let equal = x.bits_of_either(y);
    let smaller = if x < y { x } else { y };
    let smaller = if x == y { equal } else { smaller };
    if is_nan(x) { x } else { smaller }
}

#[inline(always)]
fn is_nan<F: Format>(x: F) -> bool {
    x.partial_cmp(&x).is_none()
}

/// a − b·trunc(a/b) for |a/b| < 2^29, with the sign of a, exact.
///
/// The rounded quotient may be one too large; the difference is exact, as it has no more bits than a remainder, if the multiple of b is: by a
/// fused multiplication, or because b is an `f32`.
#[inline(always)]
pub fn remainder_near<A: Arithmetic>(a: f64, b: f64) -> f64 {
    let (size, b) = (a.abs(), b.abs());
    let turns = (size / b).trunc();
    let r = A::mul_add(-turns, b, size);
    (if r < 0.0 { r + b } else { r }).copysign(a)
}
