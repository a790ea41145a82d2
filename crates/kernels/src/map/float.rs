//! The trait that the kernels' functions are reached by.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

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
    fn is_finite(self) -> bool;
    fn abs(self) -> Self;
    fn sqrt(self) -> Self;
    fn cbrt(self) -> Self;
    fn exp(self) -> Self;
    fn exp2(self) -> Self;
    fn expm1(self) -> Self;
    fn ln(self) -> Self;
    fn ln_1p(self) -> Self;
    fn log2(self) -> Self;
    fn log10(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tan(self) -> Self;
    fn asin(self) -> Self;
    fn acos(self) -> Self;
    fn atan(self) -> Self;
    fn sinh(self) -> Self;
    fn cosh(self) -> Self;
    fn tanh(self) -> Self;
    fn asinh(self) -> Self;
    fn acosh(self) -> Self;
    fn atanh(self) -> Self;
    fn sigmoid(self) -> Self;
    fn softplus(self) -> Self;
    fn silu(self) -> Self;
    fn gelu(self) -> Self;
    fn erf(self) -> Self;
    fn erfc(self) -> Self;
    fn lgamma(self) -> Self;
    fn digamma(self) -> Self;
    /// The derivative of order `order` of digamma; `polygamma(0)` is digamma.
    fn polygamma(self, order: u32) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    /// Nearest integer, ties to even.
    fn round(self) -> Self;
    fn trunc(self) -> Self;
    /// −1, 0 or 1; ±0 gives itself and NaN gives NaN.
    fn sign(self) -> Self;
    fn powi(self, n: i32) -> Self;
    fn pow(self, exponent: Self) -> Self;
    /// The angle of the point (`x`, `self`).
    fn atan2(self, x: Self) -> Self;
    fn hypot(self, other: Self) -> Self;
    /// The larger of the two; NaN if either is.
    fn max(self, other: Self) -> Self;
    /// The smaller of the two; NaN if either is.
    fn min(self, other: Self) -> Self;
}

macro_rules! provisional {
    ($t:ident) => {
        impl Float for $t {
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline]
            fn cbrt(self) -> Self {
                $t::cbrt(self)
            }
            #[inline]
            fn exp(self) -> Self {
                $t::exp(self)
            }
            #[inline]
            fn exp2(self) -> Self {
                $t::exp2(self)
            }
            #[inline]
            fn ln(self) -> Self {
                $t::ln(self)
            }
            #[inline]
            fn ln_1p(self) -> Self {
                $t::ln_1p(self)
            }
            #[inline]
            fn log2(self) -> Self {
                $t::log2(self)
            }
            #[inline]
            fn log10(self) -> Self {
                $t::log10(self)
            }
            #[inline]
            fn sin(self) -> Self {
                $t::sin(self)
            }
            #[inline]
            fn cos(self) -> Self {
                $t::cos(self)
            }
            #[inline]
            fn tan(self) -> Self {
                $t::tan(self)
            }
            #[inline]
            fn asin(self) -> Self {
                $t::asin(self)
            }
            #[inline]
            fn acos(self) -> Self {
                $t::acos(self)
            }
            #[inline]
            fn atan(self) -> Self {
                $t::atan(self)
            }
            #[inline]
            fn sinh(self) -> Self {
                $t::sinh(self)
            }
            #[inline]
            fn cosh(self) -> Self {
                $t::cosh(self)
            }
            #[inline]
            fn tanh(self) -> Self {
                $t::tanh(self)
            }
            #[inline]
            fn asinh(self) -> Self {
                $t::asinh(self)
            }
            #[inline]
            fn acosh(self) -> Self {
                $t::acosh(self)
            }
            #[inline]
            fn atanh(self) -> Self {
                $t::atanh(self)
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
            fn expm1(self) -> Self {
                self.exp_m1()
            }
            fn round(self) -> Self {
                self.round_ties_even()
            }
            fn sign(self) -> Self {
                if self == 0.0 || self.is_nan() { self } else { self.signum() }
            }
            fn sigmoid(self) -> Self {
                1.0 / (1.0 + (-self).exp())
            }
            fn softplus(self) -> Self {
                $t::max(self, 0.0) + (-self.abs()).exp().ln_1p()
            }
            fn silu(self) -> Self {
                self / (1.0 + (-self).exp())
            }
            fn gelu(self) -> Self {
                0.5 * self * Float::erfc(-self * std::f64::consts::FRAC_1_SQRT_2 as $t)
            }
            fn erf(self) -> Self {
                libm::erf(self as f64) as $t
            }
            fn erfc(self) -> Self {
                libm::erfc(self as f64) as $t
            }
            fn lgamma(self) -> Self {
                libm::lgamma(self as f64) as $t
            }
            fn digamma(self) -> Self {
                Float::polygamma(self, 0)
            }
            fn polygamma(self, order: u32) -> Self {
                let mut x = self as f64;
                let n = order as i32;
                let mut sum = 0.0;
                let fact = |k: i32| (1..=k).map(|i| i as f64).product::<f64>();
                let sg = if n % 2 == 0 { -1.0 } else { 1.0 };
                while x < 20.0 {
                    sum += sg * fact(n) / x.powi(n + 1);
                    x += 1.0;
                }
                let b =
                    [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
                let mut s = if n == 0 {
                    x.ln() - 0.5 / x
                } else {
                    sg * (fact(n - 1) / x.powi(n) + fact(n) / (2.0 * x.powi(n + 1)))
                };
                for (k, b) in b.iter().enumerate() {
                    let k2 = 2 * (k as i32 + 1);
                    s += sg * b * (if n == 0 { 1.0 / k2 as f64 } else { fact(k2 + n - 1) / fact(k2) })
                        / x.powi(k2 + n);
                }
                (s + sum) as $t
            }
            #[inline]
            fn powi(self, n: i32) -> Self {
                $t::powi(self, n)
            }
            fn pow(self, e: Self) -> Self {
                self.powf(e)
            }
            fn atan2(self, x: Self) -> Self {
                $t::atan2(self, x)
            }
            fn hypot(self, o: Self) -> Self {
                $t::hypot(self, o)
            }
            #[inline]
            fn max(self, o: Self) -> Self {
                if self.is_nan() || self > o { self } else { o }
            }
            #[inline]
            fn min(self, o: Self) -> Self {
                if self.is_nan() || self < o { self } else { o }
            }
        }
    };
}
provisional!(f32);
provisional!(f64);
