//! The trait that the kernels' functions are reached by.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use super::arithmetic::{Arithmetic, Native};
use super::vector::Lane;

/// A hardware floating-point number, `f32` or `f64`, with every elementwise function of the library.
///
/// ```
/// use cotangent_kernels::map::Float;
/// fn logistic<F: Float>(x: F) -> F {
///     let one = F::from_f64(1.0);
///     one / (one + (-x).exp())
/// }
/// assert!((logistic(0.5_f64) - 0.6224593312018546).abs() < 1e-15);
/// assert!((logistic(0.5_f32) - 0.622_459_3).abs() < 1e-6);
/// ```
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
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(<f32 as Float>::from_f64(0.1), 0.1_f32);
    /// ```
    fn from_f64(x: f64) -> Self;
    /// This number as an `f64`: exact.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::to_f64(1.5_f32), 1.5_f64);
    /// ```
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!(Float::is_finite(1.5_f64) && !Float::is_finite(f64::NAN));
    /// ```
    fn is_finite(self) -> bool;
    /// The magnitude.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::abs(-2.5_f64), 2.5);
    /// ```
    fn abs(self) -> Self;
    /// The square root, correctly rounded.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::sqrt(9.0_f64), 3.0);
    /// ```
    fn sqrt(self) -> Self;
    /// The cube root, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::cbrt(2.0_f64) - 1.259921049894873).abs() < 1e-15);
    /// ```
    fn cbrt(self) -> Self;
    /// `e^x`, within 2 ulp; 0 below the smallest normal number.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::exp(0.5_f64) - 1.648721270700128).abs() < 1e-15);
    /// ```
    fn exp(self) -> Self;
    /// `2^x`, within 2 ulp; 0 below the smallest normal number.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::exp2(0.5_f64) - 1.414213562373095).abs() < 1e-15);
    /// ```
    fn exp2(self) -> Self;
    /// `e^x − 1`, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::expm1(0.5_f64) - 0.6487212707001281).abs() < 1e-15);
    /// ```
    fn expm1(self) -> Self;
    /// The natural logarithm, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::ln(2.5_f64) - 0.9162907318741551).abs() < 1e-15);
    /// ```
    fn ln(self) -> Self;
    /// `ln(1 + x)`, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::ln_1p(0.5_f64) - 0.4054651081081644).abs() < 1e-15);
    /// ```
    fn ln_1p(self) -> Self;
    /// The logarithm to base 2, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::log2(2.5_f64) - 1.321928094887362).abs() < 1e-15);
    /// ```
    fn log2(self) -> Self;
    /// The logarithm to base 10, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::log10(2.5_f64) - 0.3979400086720376).abs() < 1e-15);
    /// ```
    fn log10(self) -> Self;
    /// sin x, at most 2 ulp for every x; sin ±0 = ±0.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::sin(0.5_f64) - 0.479425538604203).abs() < 1e-15);
    /// ```
    fn sin(self) -> Self;
    /// cos x, at most 2 ulp for every x.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::cos(0.5_f64) - 0.8775825618903727).abs() < 1e-15);
    /// ```
    fn cos(self) -> Self;
    /// (sin x, cos x), with one reduction of x.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// let (sin, cos) = Float::sin_cos(0.5_f64);
    /// assert!((sin - 0.479425538604203).abs() < 1e-15 && (cos - 0.8775825618903727).abs() < 1e-15);
    /// ```
    fn sin_cos(self) -> (Self, Self);
    /// tan x, at most 2 ulp for every x; tan ±0 = ±0.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::tan(0.5_f64) - 0.5463024898437905).abs() < 1e-15);
    /// ```
    fn tan(self) -> Self;
    /// The angle in [−π/2, π/2] whose sine is x, at most 2 ulp; NaN beyond ±1.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::asin(0.5_f64) - 0.5235987755982989).abs() < 1e-15);
    /// ```
    fn asin(self) -> Self;
    /// The angle in [0, π] whose cosine is x, at most 2 ulp; NaN beyond ±1.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::acos(0.5_f64) - 1.047197551196598).abs() < 1e-15);
    /// ```
    fn acos(self) -> Self;
    /// The angle in [−π/2, π/2] whose tangent is x, at most 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::atan(0.5_f64) - 0.4636476090008061).abs() < 1e-15);
    /// ```
    fn atan(self) -> Self;
    /// The hyperbolic sine, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::sinh(0.5_f64) - 0.5210953054937474).abs() < 1e-15);
    /// ```
    fn sinh(self) -> Self;
    /// The hyperbolic cosine, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::cosh(0.5_f64) - 1.127625965206381).abs() < 1e-15);
    /// ```
    fn cosh(self) -> Self;
    /// The hyperbolic tangent, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::tanh(0.5_f64) - 0.4621171572600098).abs() < 1e-15);
    /// ```
    fn tanh(self) -> Self;
    /// The inverse hyperbolic sine, within 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::asinh(0.5_f64) - 0.4812118250596034).abs() < 1e-15);
    /// ```
    fn asinh(self) -> Self;
    /// The inverse hyperbolic cosine, within 2 ulp; NaN below 1.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::acosh(1.5_f64) - 0.9624236501192069).abs() < 1e-15);
    /// ```
    fn acosh(self) -> Self;
    /// The inverse hyperbolic tangent, within 2 ulp; NaN beyond ±1.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::atanh(0.5_f64) - 0.5493061443340548).abs() < 1e-15);
    /// ```
    fn atanh(self) -> Self;
    /// `1/(1 + e^−x)`, within 2 ulp; 0 below the smallest normal number.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::sigmoid(0.5_f64) - 0.6224593312018546).abs() < 1e-15);
    /// ```
    fn sigmoid(self) -> Self;
    /// `ln(1 + e^x)`, within 4 ulp; 0 below the smallest normal number.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::softplus(0.5_f64) - 0.9740769841801067).abs() < 1e-15);
    /// ```
    fn softplus(self) -> Self;
    /// `x/(1 + e^−x)`, within 4 ulp; −∞ gives −0.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::silu(0.5_f64) - 0.3112296656009273).abs() < 1e-15);
    /// ```
    fn silu(self) -> Self;
    /// x·Φ(x), with the normal distribution function itself and no approximation of it, at most 4 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::gelu(0.5_f64) - 0.3457312306370066).abs() < 1e-15);
    /// ```
    fn gelu(self) -> Self;
    /// 2/√π·∫₀ˣ exp(−s²) ds, at most 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::erf(0.5_f64) - 0.5204998778130465).abs() < 1e-15);
    /// ```
    fn erf(self) -> Self;
    /// 1 − erf x without cancellation, at most 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::erfc(0.5_f64) - 0.4795001221869535).abs() < 1e-15);
    /// ```
    fn erfc(self) -> Self;
    /// log|Γ(x)|, at most 4 ulp of max(|result|, 1); +∞ at 0, −1, −2, …
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::lgamma(2.5_f64) - 0.2846828704729192).abs() < 1e-15);
    /// ```
    fn lgamma(self) -> Self;
    /// d/dx log Γ(x), at most 4 ulp of max(|result|, 1); NaN at 0, −1, −2, …
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::digamma(2.5_f64) - 0.7031566406452432).abs() < 1e-15);
    /// ```
    fn digamma(self) -> Self;
    /// The derivative of order `order` of digamma; `polygamma(0)` is digamma. At most 4 ulp of max(|result|, 1); at
    /// 0, −1, −2, … +∞ for odd orders and NaN for even ones.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::polygamma(2.5_f64, 1) - 0.4903577561002349).abs() < 1e-15);
    /// ```
    fn polygamma(self, order: u32) -> Self;
    /// The largest integer not above.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!((Float::floor(1.75_f64), Float::floor(-1.25_f64)), (1.0, -2.0));
    /// ```
    fn floor(self) -> Self;
    /// The smallest integer not below.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!((Float::ceil(1.25_f64), Float::ceil(-1.75_f64)), (2.0, -1.0));
    /// ```
    fn ceil(self) -> Self;
    /// Nearest integer, ties to even.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!((Float::round(2.5_f64), Float::round(3.5_f64)), (2.0, 4.0));
    /// ```
    fn round(self) -> Self;
    /// The integer part, towards zero.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!((Float::trunc(1.75_f64), Float::trunc(-1.75_f64)), (1.0, -1.0));
    /// ```
    fn trunc(self) -> Self;
    /// −1, 0 or 1; ±0 gives itself and NaN gives NaN.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::sign(-7.0_f64), -1.0);
    /// ```
    fn sign(self) -> Self;
    /// `x^n`, within 2 ulp; `x²` is `x·x`, and `x⁰` is 1.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::powi(2.0_f64, 10), 1024.0);
    /// ```
    fn powi(self, n: i32) -> Self;
    /// `x^exponent`, within 2 ulp, with the special cases of IEEE 754.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::pow(2.0_f64, 0.5) - 1.414213562373095).abs() < 1e-15);
    /// ```
    fn pow(self, exponent: Self) -> Self;
    /// The angle of the point (`x`, `self`), in [−π, π], at most 2 ulp.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert!((Float::atan2(1.0_f64, 2.0) - 0.4636476090008061).abs() < 1e-15);
    /// ```
    fn atan2(self, x: Self) -> Self;
    /// `√(x² + y²)`, within 2 ulp, without overflow on the way.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::hypot(3.0_f64, 4.0), 5.0);
    /// ```
    fn hypot(self, other: Self) -> Self;
    /// The larger of the two; NaN if either is.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::max(2.0_f64, 3.0), 3.0);
    /// assert!(Float::max(2.0_f64, f64::NAN).is_nan());
    /// ```
    fn max(self, other: Self) -> Self;
    /// The smaller of the two; NaN if either is.
    ///
    /// ```
    /// # use cotangent_kernels::map::Float;
    /// assert_eq!(Float::min(2.0_f64, 3.0), 2.0);
    /// assert!(Float::min(2.0_f64, f64::NAN).is_nan());
    /// ```
    fn min(self, other: Self) -> Self;
}

/// Long loops over few arguments: they are no vectors, so one copy serves all, also inside vector loops.
mod out_of_line {
    use super::super::gamma::{self, Gamma};
    use super::Native;

    pub fn lgamma<F: Gamma>(x: F) -> F {
        gamma::lgamma::<Native, F>(x)
    }
    pub fn digamma<F: Gamma>(x: F) -> F {
        gamma::digamma::<Native, F>(x)
    }
    pub fn polygamma<F: Gamma>(x: F, order: u32) -> F {
        gamma::polygamma::<Native, F>(order, x)
    }
}

/// The first of two texts of a function for arguments in reach, the second for all.
macro_rules! by_reach {
    ($NEAR:expr, super::$room:ident::{$near:ident, $any:ident}::<$A:ty, $t:ty>($x:expr)) => {{
        let x = $x;
        if $NEAR { super::$room::$near::<$A, $t>(x) } else { super::$room::$any::<$A, $t>(x) }
    }};
}

/// Writes the methods once for plain numbers and for those of vector loops: `$t` is the number inside, got and put by `$get` and `$put`; `$A`
/// its arithmetic; `$NEAR` says that arguments lie in reach. In plain code a copy of each text is enough; in a
/// vector loop each must be inlined.
macro_rules! float {
    (#[$inline:meta] [$($generics:tt)*] $Self:ty, $t:ident, $A:ty, $NEAR:expr, $get:expr, $put:expr) => {
        impl<$($generics)*> Float for $Self {
            #[$inline]
            fn from_f64(x: f64) -> Self {
                $put(x as $t)
            }
            #[$inline]
            fn to_f64(self) -> f64 {
                $get(self) as f64
            }
            #[$inline]
            fn is_finite(self) -> bool {
                $t::is_finite($get(self))
            }
            #[$inline]
            fn abs(self) -> Self {
                $put($t::abs($get(self)))
            }
            #[$inline]
            fn sqrt(self) -> Self {
                $put($t::sqrt($get(self)))
            }
            #[$inline]
            fn floor(self) -> Self {
                $put($t::floor($get(self)))
            }
            #[$inline]
            fn ceil(self) -> Self {
                $put($t::ceil($get(self)))
            }
            #[$inline]
            fn trunc(self) -> Self {
                $put($t::trunc($get(self)))
            }
            #[$inline]
            fn round(self) -> Self {
                $put($get(self).round_ties_even())
            }
            #[$inline]
            fn sign(self) -> Self {
                $put(super::rounding::sign($get(self)))
            }
            #[$inline]
            fn cbrt(self) -> Self {
                $put(super::power::cbrt::<$A, $t>($get(self)))
            }
            #[$inline]
            fn exp(self) -> Self {
                $put(super::exponential::exp::<$A, $t>($get(self)))
            }
            #[$inline]
            fn exp2(self) -> Self {
                $put(super::exponential::exp2::<$A, $t>($get(self)))
            }
            #[$inline]
            fn ln(self) -> Self {
                $put(by_reach!($NEAR, super::logarithm::{ln_near, ln}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn ln_1p(self) -> Self {
                $put(super::logarithm::ln_1p::<$A, $t>($get(self)))
            }
            #[$inline]
            fn log2(self) -> Self {
                $put(by_reach!($NEAR, super::logarithm::{log2_near, log2}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn log10(self) -> Self {
                $put(by_reach!($NEAR, super::logarithm::{log10_near, log10}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn sin(self) -> Self {
                $put(by_reach!($NEAR, super::trigonometric::{sin_near, sin}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn cos(self) -> Self {
                $put(by_reach!($NEAR, super::trigonometric::{cos_near, cos}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn sin_cos(self) -> (Self, Self) {
                let (sin, cos) =
                    by_reach!($NEAR, super::trigonometric::{sin_cos_near, sin_cos}::<$A, $t>($get(self)));
                ($put(sin), $put(cos))
            }
            #[$inline]
            fn tan(self) -> Self {
                $put(by_reach!($NEAR, super::trigonometric::{tan_near, tan}::<$A, $t>($get(self))))
            }
            #[$inline]
            fn asin(self) -> Self {
                $put(super::inverse_trigonometric::asin::<$A, $t>($get(self)))
            }
            #[$inline]
            fn acos(self) -> Self {
                $put(super::inverse_trigonometric::acos::<$A, $t>($get(self)))
            }
            #[$inline]
            fn atan(self) -> Self {
                $put(super::inverse_trigonometric::atan::<$A, $t>($get(self)))
            }
            #[$inline]
            fn sinh(self) -> Self {
                $put(super::hyperbolic::sinh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn cosh(self) -> Self {
                $put(super::hyperbolic::cosh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn tanh(self) -> Self {
                $put(super::hyperbolic::tanh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn asinh(self) -> Self {
                $put(super::hyperbolic::asinh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn acosh(self) -> Self {
                $put(super::hyperbolic::acosh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn atanh(self) -> Self {
                $put(super::hyperbolic::atanh::<$A, $t>($get(self)))
            }
            #[$inline]
            fn expm1(self) -> Self {
                $put(super::exponential::expm1::<$A, $t>($get(self)))
            }
            #[$inline]
            fn sigmoid(self) -> Self {
                $put(super::exponential::sigmoid::<$A, $t>($get(self)))
            }
            #[$inline]
            fn softplus(self) -> Self {
                $put(super::exponential::softplus::<$A, $t>($get(self)))
            }
            #[$inline]
            fn silu(self) -> Self {
                $put(super::exponential::silu::<$A, $t>($get(self)))
            }
            #[$inline]
            fn gelu(self) -> Self {
                $put(super::error_function::gelu::<$A, $t>($get(self)))
            }
            #[$inline]
            fn erf(self) -> Self {
                $put(super::error_function::erf::<$A, $t>($get(self)))
            }
            #[$inline]
            fn erfc(self) -> Self {
                $put(super::error_function::erfc::<$A, $t>($get(self)))
            }
            #[$inline]
            fn lgamma(self) -> Self {
                let x = $get(self);
                $put(if $NEAR { super::gamma::Gamma::lgamma_near::<$A>(x) } else { out_of_line::lgamma(x) })
            }
            #[$inline]
            fn digamma(self) -> Self {
                let x = $get(self);
                $put(if $NEAR { super::gamma::digamma_near::<$A, $t>(x) } else { out_of_line::digamma(x) })
            }
            #[$inline]
            fn polygamma(self, order: u32) -> Self {
                $put(out_of_line::polygamma($get(self), order))
            }
            #[$inline]
            fn powi(self, n: i32) -> Self {
                $put(super::power::powi::<$A, $t>($get(self), n))
            }
            #[$inline]
            fn pow(self, e: Self) -> Self {
                $put(super::power::pow::<$A, $t>($get(self), $get(e)))
            }
            #[$inline]
            fn atan2(self, x: Self) -> Self {
                $put(super::inverse_trigonometric::atan2::<$A, $t>($get(self), $get(x)))
            }
            #[$inline]
            fn hypot(self, o: Self) -> Self {
                $put(super::power::hypot::<$A, $t>($get(self), $get(o)))
            }
            #[$inline]
            fn max(self, o: Self) -> Self {
                $put(super::rounding::max($get(self), $get(o)))
            }
            #[$inline]
            fn min(self, o: Self) -> Self {
                $put(super::rounding::min($get(self), $get(o)))
            }
        }
    };
}

#[inline(always)]
fn same<T>(x: T) -> T {
    x
}

float!(#[inline] [] f32, f32, Native, false, same, same);
float!(#[inline] [] f64, f64, Native, false, same, same);
float!(#[inline(always)] [A: Arithmetic, const NEAR: bool] Lane<f32, A, NEAR>, f32, A, NEAR, Lane::get, Lane::new);
float!(#[inline(always)] [A: Arithmetic, const NEAR: bool] Lane<f64, A, NEAR>, f64, A, NEAR, Lane::get, Lane::new);
