//! The trait that the kernels' functions are reached by.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use super::arithmetic::Native;

/// A hardware floating-point number, `f32` or `f64`, with every elementwise function of the library.
pub trait Float:
    Copy
    + Debug
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
{
    /// The nearest number of this type to an `f64`.
    fn from_f64(x: f64) -> Self;
    /// This number as an `f64`: exact.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// The magnitude.
    fn abs(self) -> Self;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The cube root, within 2 ulp.
    fn cbrt(self) -> Self;
    /// `e^x`, within 2 ulp; 0 below the smallest normal number.
    fn exp(self) -> Self;
    /// `2^x`, within 2 ulp; 0 below the smallest normal number.
    fn exp2(self) -> Self;
    /// `e^x − 1`, within 2 ulp.
    fn expm1(self) -> Self;
    /// The natural logarithm, within 2 ulp.
    fn ln(self) -> Self;
    /// `ln(1 + x)`, within 2 ulp.
    fn ln_1p(self) -> Self;
    /// The logarithm to base 2, within 2 ulp.
    fn log2(self) -> Self;
    /// The logarithm to base 10, within 2 ulp.
    fn log10(self) -> Self;
    /// sin x, at most 2 ulp for every x; sin ±0 = ±0.
    fn sin(self) -> Self;
    /// cos x, at most 2 ulp for every x.
    fn cos(self) -> Self;
    /// (sin x, cos x), with one reduction of x.
    fn sin_cos(self) -> (Self, Self);
    /// tan x, at most 2 ulp for every x; tan ±0 = ±0.
    fn tan(self) -> Self;
    /// The angle in [−π/2, π/2] whose sine is x, at most 2 ulp; NaN beyond ±1.
    fn asin(self) -> Self;
    /// The angle in [0, π] whose cosine is x, at most 2 ulp; NaN beyond ±1.
    fn acos(self) -> Self;
    /// The angle in [−π/2, π/2] whose tangent is x, at most 2 ulp.
    fn atan(self) -> Self;
    /// The hyperbolic sine, within 2 ulp.
    fn sinh(self) -> Self;
    /// The hyperbolic cosine, within 2 ulp.
    fn cosh(self) -> Self;
    /// The hyperbolic tangent, within 2 ulp.
    fn tanh(self) -> Self;
    /// The inverse hyperbolic sine, within 2 ulp.
    fn asinh(self) -> Self;
    /// The inverse hyperbolic cosine, within 2 ulp; NaN below 1.
    fn acosh(self) -> Self;
    /// The inverse hyperbolic tangent, within 2 ulp; NaN beyond ±1.
    fn atanh(self) -> Self;
    /// `1/(1 + e^−x)`, within 2 ulp.
    fn sigmoid(self) -> Self;
    /// `ln(1 + e^x)`, within 4 ulp; 0 below the smallest normal number.
    fn softplus(self) -> Self;
    /// `x/(1 + e^−x)`, within 4 ulp; −∞ gives −0.
    fn silu(self) -> Self;
    /// x·Φ(x), with the normal distribution function itself and no approximation of it, at most 4 ulp.
    fn gelu(self) -> Self;
    /// 2/√π·∫₀ˣ exp(−s²) ds, at most 2 ulp.
    fn erf(self) -> Self;
    /// 1 − erf x without cancellation, at most 2 ulp.
    fn erfc(self) -> Self;
    /// log|Γ(x)|, at most 4 ulp of max(|result|, 1); +∞ at 0, −1, −2, …
    fn lgamma(self) -> Self;
    /// d/dx log Γ(x), at most 4 ulp of max(|result|, 1); NaN at 0, −1, −2, …
    fn digamma(self) -> Self;
    /// The derivative of order `order` of digamma; `polygamma(0)` is digamma. At most 4 ulp of max(|result|, 1); at
    /// 0, −1, −2, … +∞ for odd orders and NaN for even ones.
    fn polygamma(self, order: u32) -> Self;
    /// The largest integer not above.
    fn floor(self) -> Self;
    /// The smallest integer not below.
    fn ceil(self) -> Self;
    /// Nearest integer, ties to even.
    fn round(self) -> Self;
    /// The integer part, towards zero.
    fn trunc(self) -> Self;
    /// −1, 0 or 1; ±0 gives itself and NaN gives NaN.
    fn sign(self) -> Self;
    /// `x^n`, within 2 ulp; `x²` is `x·x`, and `x⁰` is 1.
    fn powi(self, n: i32) -> Self;
    /// `x^exponent`, within 2 ulp, with the special cases of IEEE 754.
    fn pow(self, exponent: Self) -> Self;
    /// The angle of the point (`x`, `self`), in [−π, π], at most 2 ulp.
    fn atan2(self, x: Self) -> Self;
    /// `√(x² + y²)`, within 2 ulp, without overflow on the way.
    fn hypot(self, other: Self) -> Self;
    /// The larger of the two; NaN if either is.
    fn max(self, other: Self) -> Self;
    /// The smaller of the two; NaN if either is.
    fn min(self, other: Self) -> Self;
}

macro_rules! provisional {
    ($t:ident) => {
        impl Float for $t {
            #[inline]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline]
            fn cbrt(self) -> Self {
                super::power::cbrt::<Native, $t>(self)
            }
            #[inline]
            fn exp(self) -> Self {
                super::exponential::exp::<Native, $t>(self)
            }
            #[inline]
            fn exp2(self) -> Self {
                super::exponential::exp2::<Native, $t>(self)
            }
            #[inline]
            fn ln(self) -> Self {
                super::logarithm::ln::<Native, $t>(self)
            }
            #[inline]
            fn ln_1p(self) -> Self {
                super::logarithm::ln_1p::<Native, $t>(self)
            }
            #[inline]
            fn log2(self) -> Self {
                super::logarithm::log2::<Native, $t>(self)
            }
            #[inline]
            fn log10(self) -> Self {
                super::logarithm::log10::<Native, $t>(self)
            }
            #[inline]
            fn sin(self) -> Self {
                super::trigonometric::sin::<Native, $t>(self)
            }
            #[inline]
            fn cos(self) -> Self {
                super::trigonometric::cos::<Native, $t>(self)
            }
            #[inline]
            fn sin_cos(self) -> (Self, Self) {
                super::trigonometric::sin_cos::<Native, $t>(self)
            }
            #[inline]
            fn tan(self) -> Self {
                super::trigonometric::tan::<Native, $t>(self)
            }
            #[inline]
            fn asin(self) -> Self {
                super::inverse_trigonometric::asin::<Native, $t>(self)
            }
            #[inline]
            fn acos(self) -> Self {
                super::inverse_trigonometric::acos::<Native, $t>(self)
            }
            #[inline]
            fn atan(self) -> Self {
                super::inverse_trigonometric::atan::<Native, $t>(self)
            }
            #[inline]
            fn sinh(self) -> Self {
                super::hyperbolic::sinh::<Native, $t>(self)
            }
            #[inline]
            fn cosh(self) -> Self {
                super::hyperbolic::cosh::<Native, $t>(self)
            }
            #[inline]
            fn tanh(self) -> Self {
                super::hyperbolic::tanh::<Native, $t>(self)
            }
            #[inline]
            fn asinh(self) -> Self {
                super::hyperbolic::asinh::<Native, $t>(self)
            }
            #[inline]
            fn acosh(self) -> Self {
                super::hyperbolic::acosh::<Native, $t>(self)
            }
            #[inline]
            fn atanh(self) -> Self {
                super::hyperbolic::atanh::<Native, $t>(self)
            }
            #[inline]
            fn floor(self) -> Self {
                $t::floor(self)
            }
            #[inline]
            fn ceil(self) -> Self {
                $t::ceil(self)
            }
            #[inline]
            fn trunc(self) -> Self {
                $t::trunc(self)
            }
            #[inline]
            fn abs(self) -> Self {
                $t::abs(self)
            }
            #[inline]
            fn expm1(self) -> Self {
                super::exponential::expm1::<Native, $t>(self)
            }
            #[inline]
            fn round(self) -> Self {
                self.round_ties_even()
            }
            #[inline]
            fn sign(self) -> Self {
                super::rounding::sign(self)
            }
            #[inline]
            fn sigmoid(self) -> Self {
                super::exponential::sigmoid::<Native, $t>(self)
            }
            #[inline]
            fn softplus(self) -> Self {
                super::exponential::softplus::<Native, $t>(self)
            }
            #[inline]
            fn silu(self) -> Self {
                super::exponential::silu::<Native, $t>(self)
            }
            #[inline]
            fn gelu(self) -> Self {
                super::error_function::gelu::<Native, $t>(self)
            }
            #[inline]
            fn erf(self) -> Self {
                super::error_function::erf::<Native, $t>(self)
            }
            #[inline]
            fn erfc(self) -> Self {
                super::error_function::erfc::<Native, $t>(self)
            }
            fn lgamma(self) -> Self {
                super::gamma::lgamma::<Native, $t>(self)
            }
            fn digamma(self) -> Self {
                super::gamma::digamma::<Native, $t>(self)
            }
            fn polygamma(self, order: u32) -> Self {
                super::gamma::polygamma::<Native, $t>(order, self)
            }
            #[inline]
            fn powi(self, n: i32) -> Self {
                super::power::powi::<Native, $t>(self, n)
            }
            #[inline]
            fn pow(self, e: Self) -> Self {
                super::power::pow::<Native, $t>(self, e)
            }
            #[inline]
            fn atan2(self, x: Self) -> Self {
                super::inverse_trigonometric::atan2::<Native, $t>(self, x)
            }
            #[inline]
            fn hypot(self, o: Self) -> Self {
                super::power::hypot::<Native, $t>(self, o)
            }
            #[inline]
            fn max(self, o: Self) -> Self {
                super::rounding::max(self, o)
            }
            #[inline]
            fn min(self, o: Self) -> Self {
                super::rounding::min(self, o)
            }
        }
    };
}
provisional!(f32);
provisional!(f64);
