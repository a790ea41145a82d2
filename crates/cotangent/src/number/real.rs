//! [`Real`]: what a generic scalar function may do with its argument.

use super::arithmetic::Arithmetic;
use super::function::{self, Binary, Unary};
use std::fmt::Debug;
use std::ops::Neg;

/// A number of some engine: `f64`, [`F32`](super::F32), a [`Dual`](super::Dual), a [`Taylor`](super::Taylor)
/// series, a [`Var`](super::Var) on a tape, or a symbolic [`Expr`](super::Expr).
///
/// Write a function once over `R: Real` and every engine can run and differentiate it. Methods take `&self`;
/// operators take values, references on the right, and plain literals on the right:
///
/// ```
/// use cotangent::number::{Dual, Real};
/// fn wave<R: Real>(x: &R) -> R {
///     x.square().sin() * 2.0
/// }
/// let y = wave(&Dual::variable(1.5));
/// assert!((y.derivative() - 2.0 * 3.0 * (2.25_f64).cos()).abs() < 1e-14);
/// ```
///
/// An engine gives eight methods: [`lift`](Real::lift), [`is_zero`](Real::is_zero),
/// [`is_finite`](Real::is_finite), [`unary`](Real::unary), [`binary`](Real::binary) with its two literal forms,
/// and [`select`](Real::select). All others are provided by them.
pub trait Real:
    Clone + Debug + Neg<Output = Self> + Arithmetic<Self> + for<'a> Arithmetic<&'a Self> + Arithmetic<f64>
{
    /// This literal as a number of `self`'s kind (its dtype, its tape), with no dependence on anything.
    ///
    /// ```
    /// # use cotangent::number::{Dual, Real};
    /// assert_eq!(Dual::variable(1.5).lift(2.0).derivative(), 0.0);
    /// ```
    fn lift(&self, literal: f64) -> Self;

    /// Is this known to be exactly zero, tangents and all?
    ///
    /// ```
    /// # use cotangent::number::{Dual, Real};
    /// assert!(0.0_f64.is_zero());
    /// assert!(!Dual::variable(0.0).is_zero()); // its tangent is 1
    /// ```
    fn is_zero(&self) -> bool;

    /// Is this finite, tangents and all? A symbol is.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!(!Real::is_finite(&f64::NAN));
    /// ```
    fn is_finite(&self) -> bool;

    /// Does a product with it need no care: is it finite and not zero? Of a [`Dual`](super::Dual) the value alone is asked, for the products
    /// of its tangents take care of themselves.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!([2.0, 0.0, -0.0, f64::INFINITY, f64::NAN].map(|x| x.is_regular()), [true, false, false, false, false]);
    /// ```
    #[inline(always)]
    fn is_regular(&self) -> bool {
        self.is_finite() && !self.is_zero()
    }

    /// A function of this number.
    ///
    /// ```
    /// # use cotangent::number::{function::Exp, Real};
    /// assert!((0.5_f64.unary(Exp) - 1.648721270700128).abs() < 1e-15);
    /// ```
    fn unary<U: Unary>(&self, op: U) -> Self;

    /// A function of this number and another.
    ///
    /// ```
    /// # use cotangent::number::{function::Sub, Real};
    /// assert_eq!(3.0_f64.binary(Sub, &1.0), 2.0);
    /// ```
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self;

    /// A function of this number and a literal.
    ///
    /// ```
    /// # use cotangent::number::{function::Sub, Real};
    /// assert_eq!(3.0_f64.binary_right(Sub, 1.0), 2.0);
    /// ```
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self;

    /// A function of a literal and this number.
    ///
    /// ```
    /// # use cotangent::number::{function::Sub, Real};
    /// assert_eq!(3.0_f64.binary_left(Sub, 1.0), -2.0);
    /// ```
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self;

    /// `then` where this is not zero, `otherwise` where it is. Only the chosen branch's derivative counts, so the
    /// other may be infinite or NaN.
    ///
    /// ```
    /// # use cotangent::number::{Dual, Real};
    /// let x = Dual::variable(0.0);
    /// let y = x.greater(&x.zero()).select(&x.sqrt(), &x.zero());
    /// assert_eq!(y.derivative(), 0.0); // though sqrt'(0) is infinite
    /// ```
    fn select(&self, then: &Self, otherwise: &Self) -> Self;

    /// The constant 0 of this number's kind.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(7.0_f64.zero(), 0.0);
    /// ```
    #[inline(always)]
    fn zero(&self) -> Self {
        self.lift(0.0)
    }

    /// The constant 1 of this number's kind.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(7.0_f64.one(), 1.0);
    /// ```
    #[inline(always)]
    fn one(&self) -> Self {
        self.lift(1.0)
    }

    /// −x, by reference.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::neg(&4.0_f64), -4.0);
    /// ```
    #[inline(always)]
    fn neg(&self) -> Self {
        self.unary(function::Neg)
    }

    /// 1/x.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::recip(&4.0_f64), 0.25);
    /// ```
    #[inline(always)]
    fn recip(&self) -> Self {
        self.unary(function::Recip)
    }

    /// x².
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::square(&3.0_f64), 9.0);
    /// ```
    #[inline(always)]
    fn square(&self) -> Self {
        self.unary(function::Square)
    }

    /// |x|; its derivative at 0 is 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::abs(&-2.5_f64), 2.5);
    /// ```
    #[inline(always)]
    fn abs(&self) -> Self {
        self.unary(function::Abs)
    }

    /// Square root.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::sqrt(&9.0_f64), 3.0);
    /// ```
    #[inline(always)]
    fn sqrt(&self) -> Self {
        self.unary(function::Sqrt)
    }

    /// Cube root.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::cbrt(&27.0_f64), 3.0);
    /// ```
    #[inline(always)]
    fn cbrt(&self) -> Self {
        self.unary(function::Cbrt)
    }

    /// eˣ.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::exp(&0.5_f64) - 1.648721270700128).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn exp(&self) -> Self {
        self.unary(function::Exp)
    }

    /// 2ˣ.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::exp2(&0.5_f64) - 1.414213562373095).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn exp2(&self) -> Self {
        self.unary(function::Exp2)
    }

    /// eˣ − 1, accurate near 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::expm1(&0.5_f64) - 0.6487212707001281).abs() < 1e-15);
    /// assert_eq!(Real::expm1(&1e-20_f64), 1e-20);
    /// ```
    #[inline(always)]
    fn expm1(&self) -> Self {
        self.unary(function::Expm1)
    }

    /// Natural logarithm.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::ln(&2.5_f64) - 0.9162907318741551).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn ln(&self) -> Self {
        self.unary(function::Ln)
    }

    /// ln(1 + x), accurate near 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::ln_1p(&0.5_f64) - 0.4054651081081644).abs() < 1e-15);
    /// assert_eq!(Real::ln_1p(&1e-20_f64), 1e-20);
    /// ```
    #[inline(always)]
    fn ln_1p(&self) -> Self {
        self.unary(function::Ln1p)
    }

    /// Logarithm to base 2.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::log2(&2.5_f64) - 1.321928094887362).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn log2(&self) -> Self {
        self.unary(function::Log2)
    }

    /// Logarithm to base 10.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::log10(&2.5_f64) - 0.3979400086720376).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn log10(&self) -> Self {
        self.unary(function::Log10)
    }

    /// Sine of radians.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::sin(&0.5_f64) - 0.479425538604203).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn sin(&self) -> Self {
        self.unary(function::Sin)
    }

    /// Cosine of radians.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::cos(&0.5_f64) - 0.8775825618903727).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn cos(&self) -> Self {
        self.unary(function::Cos)
    }

    /// Tangent of radians.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::tan(&0.5_f64) - 0.5463024898437905).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn tan(&self) -> Self {
        self.unary(function::Tan)
    }

    /// Inverse sine, in [−π/2, π/2].
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::asin(&0.5_f64) - 0.5235987755982989).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn asin(&self) -> Self {
        self.unary(function::Asin)
    }

    /// Inverse cosine, in [0, π].
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::acos(&0.5_f64) - 1.047197551196598).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn acos(&self) -> Self {
        self.unary(function::Acos)
    }

    /// Inverse tangent, in (−π/2, π/2).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::atan(&0.5_f64) - 0.4636476090008061).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn atan(&self) -> Self {
        self.unary(function::Atan)
    }

    /// Hyperbolic sine.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::sinh(&0.5_f64) - 0.5210953054937474).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn sinh(&self) -> Self {
        self.unary(function::Sinh)
    }

    /// Hyperbolic cosine.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::cosh(&0.5_f64) - 1.127625965206381).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn cosh(&self) -> Self {
        self.unary(function::Cosh)
    }

    /// Hyperbolic tangent.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::tanh(&0.5_f64) - 0.4621171572600098).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn tanh(&self) -> Self {
        self.unary(function::Tanh)
    }

    /// Inverse hyperbolic sine.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::asinh(&0.5_f64) - 0.4812118250596034).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn asinh(&self) -> Self {
        self.unary(function::Asinh)
    }

    /// Inverse hyperbolic cosine.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::acosh(&1.5_f64) - 0.9624236501192069).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn acosh(&self) -> Self {
        self.unary(function::Acosh)
    }

    /// Inverse hyperbolic tangent.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::atanh(&0.5_f64) - 0.5493061443340548).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn atanh(&self) -> Self {
        self.unary(function::Atanh)
    }

    /// max(x, 0); its derivative at 0 is 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::relu(&2.5_f64), Real::relu(&-2.5_f64)), (2.5, 0.0));
    /// ```
    #[inline(always)]
    fn relu(&self) -> Self {
        self.unary(function::Relu)
    }

    /// 1/(1 + e⁻ˣ).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::sigmoid(&0.5_f64) - 0.6224593312018546).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn sigmoid(&self) -> Self {
        self.unary(function::Sigmoid)
    }

    /// ln(1 + eˣ).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::softplus(&0.5_f64) - 0.9740769841801067).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn softplus(&self) -> Self {
        self.unary(function::Softplus)
    }

    /// x·σ(x), also called swish.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::silu(&0.5_f64) - 0.3112296656009273).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn silu(&self) -> Self {
        self.unary(function::Silu)
    }

    /// x·Φ(x), with the exact normal distribution function.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::gelu(&0.5_f64) - 0.3457312306370066).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn gelu(&self) -> Self {
        self.unary(function::Gelu)
    }

    /// 2/√π ∫₀ˣ e^(−t²) dt.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::erf(&0.5_f64) - 0.5204998778130465).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn erf(&self) -> Self {
        self.unary(function::Erf)
    }

    /// 1 − erf(x), accurate for large x.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::erfc(&0.5_f64) - 0.4795001221869535).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn erfc(&self) -> Self {
        self.unary(function::Erfc)
    }

    /// ln|Γ(x)|.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::lgamma(&2.5_f64) - 0.2846828704729192).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn lgamma(&self) -> Self {
        self.unary(function::Lgamma)
    }

    /// Γ′(x)/Γ(x).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::digamma(&2.5_f64) - 0.7031566406452432).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn digamma(&self) -> Self {
        self.unary(function::Digamma)
    }

    /// The largest integer not above x.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::floor(&1.75_f64), Real::floor(&-1.25_f64)), (1.0, -2.0));
    /// ```
    #[inline(always)]
    fn floor(&self) -> Self {
        self.unary(function::Floor)
    }

    /// The smallest integer not below x.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::ceil(&1.25_f64), Real::ceil(&-1.75_f64)), (2.0, -1.0));
    /// ```
    #[inline(always)]
    fn ceil(&self) -> Self {
        self.unary(function::Ceil)
    }

    /// The nearest integer, ties to even (as in NumPy, JAX and PyTorch; `f64::round` rounds ties away from 0).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::round(&2.5_f64), Real::round(&3.5_f64)), (2.0, 4.0));
    /// ```
    #[inline(always)]
    fn round(&self) -> Self {
        self.unary(function::Round)
    }

    /// The integer part, rounded towards 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::trunc(&1.75_f64), Real::trunc(&-1.75_f64)), (1.0, -1.0));
    /// ```
    #[inline(always)]
    fn trunc(&self) -> Self {
        self.unary(function::Trunc)
    }

    /// −1, 0 or 1.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::sign(&-7.0_f64), -1.0);
    /// ```
    #[inline(always)]
    fn sign(&self) -> Self {
        self.unary(function::Sign)
    }

    /// xⁿ for an integer n.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::powi(&2.0_f64, 10), 1024.0);
    /// ```
    #[inline(always)]
    fn powi(&self, n: i32) -> Self {
        self.unary(function::Powi(n))
    }

    /// The derivative of order `n` of [`digamma`](Real::digamma).
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// let pi = std::f64::consts::PI;
    /// assert!((Real::polygamma(&1.0_f64, 1) - pi * pi / 6.0).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn polygamma(&self, n: u32) -> Self {
        self.unary(function::Polygamma(n))
    }

    /// x to a constant power.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::powf(&4.0_f64, 1.5), 8.0);
    /// ```
    #[inline(always)]
    fn powf(&self, exponent: f64) -> Self {
        self.binary_right(function::Pow, exponent)
    }

    /// a + b, by reference.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::add(&2.0_f64, &3.0), 5.0);
    /// ```
    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        self.binary(function::Add, other)
    }

    /// a − b, by reference.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::sub(&2.0_f64, &3.0), -1.0);
    /// ```
    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        self.binary(function::Sub, other)
    }

    /// a · b, by reference.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::mul(&2.0_f64, &3.0), 6.0);
    /// ```
    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        self.binary(function::Mul, other)
    }

    /// a / b, by reference.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::div(&3.0_f64, &2.0), 1.5);
    /// ```
    #[inline(always)]
    fn div(&self, other: &Self) -> Self {
        self.binary(function::Div, other)
    }

    /// a · b, where a zero wins: ±0 if either is, whatever the other.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::scale(&2.0_f64, &3.0), Real::scale(&0.0_f64, &f64::INFINITY)), (6.0, 0.0));
    /// ```
    #[inline(always)]
    fn scale(&self, other: &Self) -> Self {
        self.binary(function::Scale, other)
    }

    /// aᵇ. The derivative in b is 0 at a = 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::pow(&2.0_f64, &10.0), 1024.0);
    /// ```
    #[inline(always)]
    fn pow(&self, other: &Self) -> Self {
        self.binary(function::Pow, other)
    }

    /// The angle of the point (b, a), in (−π, π].
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert!((Real::atan2(&1.0_f64, &2.0) - 0.4636476090008061).abs() < 1e-15);
    /// ```
    #[inline(always)]
    fn atan2(&self, other: &Self) -> Self {
        self.binary(function::Atan2, other)
    }

    /// √(a² + b²) without overflow; its derivative at (0, 0) is 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::hypot(&3.0_f64, &4.0), 5.0);
    /// ```
    #[inline(always)]
    fn hypot(&self, other: &Self) -> Self {
        self.binary(function::Hypot, other)
    }

    /// The larger; a tie shares its derivative equally. NaN if either is.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::max(&2.0_f64, &3.0), 3.0);
    /// ```
    #[inline(always)]
    fn max(&self, other: &Self) -> Self {
        self.binary(function::Max, other)
    }

    /// The smaller; a tie shares its derivative equally. NaN if either is.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::min(&2.0_f64, &3.0), 2.0);
    /// ```
    #[inline(always)]
    fn min(&self, other: &Self) -> Self {
        self.binary(function::Min, other)
    }

    /// a − b·trunc(a/b), as `%`: it has the sign of a.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!(Real::rem(&-7.0_f64, &3.0), -1.0);
    /// ```
    #[inline(always)]
    fn rem(&self, other: &Self) -> Self {
        self.binary(function::Rem, other)
    }

    /// 1 where a > b, else 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::greater(&3.0_f64, &2.0), Real::greater(&2.0_f64, &3.0)), (1.0, 0.0));
    /// ```
    #[inline(always)]
    fn greater(&self, other: &Self) -> Self {
        self.binary(function::Greater, other)
    }

    /// 1 where a < b, else 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::less(&2.0_f64, &3.0), Real::less(&3.0_f64, &2.0)), (1.0, 0.0));
    /// ```
    #[inline(always)]
    fn less(&self, other: &Self) -> Self {
        self.binary(function::Less, other)
    }

    /// 1 where a = b, else 0.
    ///
    /// ```
    /// # use cotangent::number::Real;
    /// assert_eq!((Real::equal(&2.0_f64, &2.0), Real::equal(&2.0_f64, &3.0)), (1.0, 0.0));
    /// ```
    #[inline(always)]
    fn equal(&self, other: &Self) -> Self {
        self.binary(function::Equal, other)
    }
}

/// A number with a concrete value behind it, so that ordinary `if`, `while` and comparisons work on it: every
/// engine but the symbolic one. Comparisons look at the value alone.
///
/// ```
/// use cotangent::number::{Dual, Scalar};
/// fn steps<R: Scalar>(x: &R) -> R {
///     let mut y = x.clone();
///     while y < 100.0 {
///         y = y.square();
///     }
///     y
/// }
/// assert_eq!(steps(&Dual::variable(2.0)).derivative(), 8.0 * 2.0_f64.powi(7)); // x⁸
/// ```
pub trait Scalar: Real + PartialOrd + PartialOrd<f64> {
    /// The value as an `f64`, without tangents.
    ///
    /// ```
    /// # use cotangent::number::{Dual, Scalar};
    /// assert_eq!(Dual::variable(1.5).primal(), 1.5);
    /// ```
    fn primal(&self) -> f64;
}
