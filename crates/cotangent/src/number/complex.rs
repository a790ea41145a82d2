//! Derivatives by one complex evaluation.

use super::Real;
use super::function::{Binary, BinaryOp, Unary, UnaryOp};
use super::numeric::Estimate;
use super::operators::operators;
use num_complex::Complex64;
use std::f64::consts::{LN_2, LOG2_E, LOG10_E};
use std::fmt;

/// The imaginary step, 2⁻³³² ≈ 1.1e-100: its square vanishes beside any number, and dividing by it is exact.
const STEP: f64 = f64::from_bits((1023 - 332) << 52);

/// A complex number x + ih that goes through a function to find its derivative: f(x + ih) = f(x) + ihf′(x) + O(h²), so
/// f′(x) = Im f(x + ih)/h. Nothing is subtracted, so h can be so small that the O(h²) is nothing at all.
///
/// The arithmetic is truly complex; no derivative rule of the library is used, which makes this engine an independent
/// witness. It serves the functions that are analytic as written. Anything else marks the number, and its
/// [`derivative`](ComplexStep::derivative) is then [`NotAnalytic`].
///
/// ```
/// use cotangent::number::{ComplexStep, Real};
/// let y = ComplexStep::variable(1.5).square().sin();
/// assert!((y.derivative().unwrap() - 3.0 * 2.25_f64.cos()).abs() < 1e-15);
/// let y = ComplexStep::variable(1.5).abs();
/// assert_eq!(y.derivative().unwrap_err().function, "abs");
/// ```
///
/// Source: J. N. Lyness and C. B. Moler, "Numerical differentiation of analytic functions", SIAM J. Numer. Anal. 4,
/// 1967; W. Squire and G. Trapp, SIAM Review 40, 1998. The formulas for complex functions that are accurate for small
/// imaginary parts are W. Kahan's, "Branch cuts for complex elementary functions", 1987.
#[derive(Clone, Copy, Debug)]
pub struct ComplexStep {
    z: Complex64,
    step: f64,
    /// Does it depend on the variable? What does not may go through any function.
    varies: bool,
    /// The first function on the way here that is not analytic.
    outside: Option<&'static str>,
}

/// A function that a complex step cannot go through, met by [`complex_step`].
///
/// ```
/// use cotangent::number::{Real, complex_step};
/// let error = complex_step(|x| x.relu() + 1.0, 2.0).unwrap_err();
/// assert_eq!(error.function, "relu");
/// assert!(error.to_string().contains("relu is outside of what a complex step can differentiate"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnalytic {
    /// The function's name.
    pub function: &'static str,
}

impl NotAnalytic {
    /// Why it is outside, and what to use in its place.
    fn reason_and_advice(&self) -> (&'static str, &'static str) {
        match self.function {
            "erf" | "erfc" | "gelu" | "lgamma" | "digamma" | "polygamma" => (
                "it is analytic, but the library has its values on the real line only",
                "use `derivative` (forward mode) or `numeric::richardson`",
            ),
            "hypot" => (
                "it is written with absolute values, which have no complex derivative",
                "write (a² + b²).sqrt(), or use `derivative` (forward mode) or `numeric::richardson`",
            ),
            "atan2" => (
                "it looks at the signs of its arguments, and complex numbers have none",
                "write (a / b).atan() where b > 0, or use `derivative` (forward mode) or `numeric::richardson`",
            ),
            "greater" | "less" | "equal" | "select" => (
                "complex numbers are not ordered, so a condition on the variable cannot be decided",
                "use `derivative` (forward mode), or differentiate the branch you are in by itself",
            ),
            _ => (
                "it has a kink or a jump, and no complex derivative there",
                "use `derivative` (forward mode), or `numeric::richardson` away from the kink",
            ),
        }
    }
}

impl fmt::Display for NotAnalytic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reason, advice) = self.reason_and_advice();
        write!(
            f,
            "{} is outside of what a complex step can differentiate: {reason}; {advice}. Inside are + - * /, powers \
             and roots, exp, expm1, exp2, ln, ln_1p, log2, log10, the trigonometric and hyperbolic functions and their \
             inverses, sigmoid, softplus and silu",
            self.function
        )
    }
}

impl std::error::Error for NotAnalytic {}

/// The derivative of an analytic function at `x` from one complex evaluation, to the precision of the function itself.
///
/// The error is estimated as ε·|f′|. The derivative is NaN where f is, and one below about 1e-208 comes out as 0.
///
/// # Errors
/// [`NotAnalytic`] where `f` goes through a function that is not analytic.
///
/// ```
/// use cotangent::number::{Real, complex_step};
/// let d = complex_step(|x| x.exp() / x.sqrt(), 1.5).unwrap();
/// // e^x (x − 1/2) x^(−3/2)
/// assert!((d.derivative - 1.5_f64.exp() * 1.5_f64.powf(-1.5)).abs() < 1e-15);
/// assert_eq!(d.evaluations, 1);
/// ```
pub fn complex_step(f: impl FnOnce(&ComplexStep) -> ComplexStep, x: f64) -> Result<Estimate, NotAnalytic> {
    let variable = ComplexStep::variable(x);
    let derivative = f(&variable).derivative()?;
    Ok(Estimate { derivative, error: derivative.abs() * f64::EPSILON, step: variable.step, evaluations: 1 })
}

impl ComplexStep {
    /// The variable of differentiation, x + ih.
    ///
    /// h is 2⁻³³² ≈ 1e-100, and smaller beside an x that is itself so small.
    ///
    /// ```
    /// # use cotangent::number::ComplexStep;
    /// assert_eq!(ComplexStep::variable(2.0).derivative(), Ok(1.0));
    /// ```
    pub fn variable(x: f64) -> Self {
        // Below 1e-60 or so the step would no longer be negligible beside x.
        let step = if x == 0.0 || x.abs() > 1e-60 { STEP } else { x.abs() * 2_f64.powi(-100) };
        ComplexStep { z: Complex64::new(x, step), step, varies: true, outside: None }
    }

    /// A number that does not depend on the variable.
    ///
    /// ```
    /// # use cotangent::number::ComplexStep;
    /// assert_eq!(ComplexStep::constant(2.0).derivative(), Ok(0.0));
    /// ```
    pub fn constant(value: f64) -> Self {
        ComplexStep { z: Complex64::new(value, 0.0), step: STEP, varies: false, outside: None }
    }

    /// The value: the real part.
    ///
    /// ```
    /// # use cotangent::number::{ComplexStep, Real};
    /// assert_eq!(ComplexStep::variable(3.0).square().value(), 9.0);
    /// ```
    pub fn value(&self) -> f64 {
        self.z.re
    }

    /// The derivative: the imaginary part by the step.
    ///
    /// # Errors
    /// [`NotAnalytic`] if a function on the way here is not.
    ///
    /// ```
    /// # use cotangent::number::{ComplexStep, Real};
    /// assert_eq!(ComplexStep::variable(3.0).square().derivative(), Ok(6.0));
    /// ```
    pub fn derivative(&self) -> Result<f64, NotAnalytic> {
        match self.outside {
            Some(function) => Err(NotAnalytic { function }),
            None => Ok(self.z.im / self.step),
        }
    }

    /// The result of an operation on `self` and `other`.
    fn joined(&self, other: &Self, z: Option<Complex64>, name: &'static str) -> Self {
        let outside = self.outside.or(other.outside).or(if z.is_none() { Some(name) } else { None });
        ComplexStep {
            z: z.unwrap_or(NAN),
            step: if self.varies { self.step } else { other.step },
            varies: self.varies || other.varies,
            outside,
        }
    }
}

const NAN: Complex64 = Complex64::new(f64::NAN, f64::NAN);

impl Real for ComplexStep {
    fn lift(&self, literal: f64) -> Self {
        ComplexStep::constant(literal)
    }
    fn is_zero(&self) -> bool {
        self.z == Complex64::ZERO
    }
    fn is_finite(&self) -> bool {
        self.z.is_finite()
    }
    fn unary<U: Unary>(&self, op: U) -> Self {
        let real = op.f(self.z.re);
        let z = if self.varies {
            unary(op.into(), self.z).map(|z| on_the_line(z, real))
        } else {
            Some(Complex64::new(real, 0.0))
        };
        self.joined(self, z, U::NAME)
    }
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self {
        let real = op.f(self.z.re, right.z.re);
        let z = if self.varies || right.varies {
            binary(op.into(), self.z, right).map(|z| on_the_line(z, real))
        } else {
            Some(Complex64::new(real, 0.0))
        };
        self.joined(right, z, B::NAME)
    }
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self {
        self.binary(op, &ComplexStep::constant(right))
    }
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        ComplexStep::constant(left).binary(op, self)
    }
    fn select(&self, then: &Self, otherwise: &Self) -> Self {
        if self.varies || self.outside.is_some() {
            return self.joined(self, None, "select");
        }
        if self.z.re != 0.0 { *then } else { *otherwise }
    }
}

operators!([] ComplexStep);

/// A complex value, given what the real function is below it. Where that is undefined, the principal branch would go
/// on into the plane; where it is infinite, one step off the pole is merely huge.
fn on_the_line(z: Complex64, real: f64) -> Complex64 {
    if real.is_nan() {
        NAN
    } else if real.is_infinite() && z.im != 0.0 {
        Complex64::new(real, f64::INFINITY.copysign(z.im))
    } else {
        z
    }
}

/// An analytic function of one complex number, `None` for the others.
fn unary(op: UnaryOp, z: Complex64) -> Option<Complex64> {
    use UnaryOp as U;
    let (a, b) = (z.re, z.im);
    let one = Complex64::ONE;
    Some(match op {
        U::Neg(_) => -z,
        U::Recip(_) => divide(one, z),
        U::Square(_) => z * z,
        U::Sqrt(_) => branch_point(z).unwrap_or_else(|| sqrt(z)),
        // The real cube root of a negative number is negative, the principal one is not real.
        U::Cbrt(_) if a < 0.0 => -cbrt(-z),
        U::Cbrt(_) => branch_point(z).unwrap_or_else(|| cbrt(z)),
        U::Powi(n) => powi(z, n.0),
        U::Exp(_) => polar(a.exp(), b),
        U::Exp2(_) => polar(a.exp2(), b * LN_2),
        U::Expm1(_) => {
            let half = (0.5 * b).sin();
            Complex64::new(a.exp_m1() * b.cos() - 2.0 * half * half, a.exp() * b.sin())
        }
        U::Ln(_) => Complex64::new(modulus(z).ln(), arg(z)),
        U::Log2(_) => Complex64::new(modulus(z).log2(), arg(z) * LOG2_E),
        U::Log10(_) => Complex64::new(modulus(z).log10(), arg(z) * LOG10_E),
        U::Ln1p(_) => ln_1p(z),
        U::Sin(_) => sin(z),
        U::Cos(_) => cos(z),
        U::Tan(_) => divide(sin(z), cos(z)),
        U::Asin(_) => asin(z),
        U::Acos(_) => {
            let (p, q) = (sqrt(one - z), sqrt(one + z));
            Complex64::new(2.0 * p.re.atan2(q.re), (q.conj() * p).im.asinh())
        }
        // atan z = −i artanh iz, arsinh z = −i arcsin iz.
        U::Atan(_) => over_i(atanh(Complex64::new(-b, a))),
        U::Sinh(_) => Complex64::new(a.sinh() * b.cos(), a.cosh() * b.sin()),
        U::Cosh(_) => Complex64::new(a.cosh() * b.cos(), a.sinh() * b.sin()),
        U::Tanh(_) => tanh(z),
        U::Asinh(_) => over_i(asin(Complex64::new(-b, a))),
        U::Acosh(_) => {
            let (p, q) = (sqrt(z - one), sqrt(z + one));
            Complex64::new((p.conj() * q).re.asinh(), 2.0 * p.im.atan2(q.re))
        }
        U::Atanh(_) => atanh(z),
        U::Sigmoid(_) => sigmoid(z),
        U::Softplus(_) if a >= 0.0 => z + ln_1p(polar((-a).exp(), -b)),
        U::Softplus(_) => ln_1p(polar(a.exp(), b)),
        U::Silu(_) => z * sigmoid(z),
        U::Abs(_)
        | U::Relu(_)
        | U::Gelu(_)
        | U::Erf(_)
        | U::Erfc(_)
        | U::Lgamma(_)
        | U::Digamma(_)
        | U::Polygamma(_)
        | U::Floor(_)
        | U::Ceil(_)
        | U::Round(_)
        | U::Trunc(_)
        | U::Sign(_) => return None,
    })
}

/// An analytic function of two complex numbers, `None` for the others.
fn binary(op: BinaryOp, a: Complex64, right: &ComplexStep) -> Option<Complex64> {
    use BinaryOp as B;
    let b = right.z;
    Some(match op {
        B::Add(_) => a + b,
        B::Sub(_) => a - b,
        B::Mul(_) | B::Scale(_) => a * b,
        B::Div(_) => divide(a, b),
        B::Pow(_) => pow(a, b, right.varies),
        B::Atan2(_)
        | B::Hypot(_)
        | B::Max(_)
        | B::Min(_)
        | B::Rem(_)
        | B::Greater(_)
        | B::Less(_)
        | B::Equal(_) => return None,
    })
}

/// The root of a number on the imaginary axis: on the real line its slope at 0 is infinite, while one step into the
/// plane it is merely huge.
fn branch_point(z: Complex64) -> Option<Complex64> {
    (z.re == 0.0 && z.im != 0.0).then(|| Complex64::new(0.0, f64::INFINITY.copysign(z.im)))
}

fn modulus(z: Complex64) -> f64 {
    z.re.hypot(z.im)
}

fn arg(z: Complex64) -> f64 {
    z.im.atan2(z.re)
}

/// r·e^(iθ).
fn polar(r: f64, angle: f64) -> Complex64 {
    Complex64::new(r * angle.cos(), r * angle.sin())
}

fn over_i(z: Complex64) -> Complex64 {
    Complex64::new(z.im, -z.re)
}

/// Division that does not overflow where the quotient does not. Source: R. L. Smith, CACM 5, 1962.
fn divide(n: Complex64, d: Complex64) -> Complex64 {
    if d.re.abs() >= d.im.abs() {
        let r = d.im / d.re;
        let scale = d.re + d.im * r;
        Complex64::new((n.re + n.im * r) / scale, (n.im - n.re * r) / scale)
    } else {
        let r = d.re / d.im;
        let scale = d.re * r + d.im;
        Complex64::new((n.re * r + n.im) / scale, (n.im * r - n.re) / scale)
    }
}

fn sqrt(z: Complex64) -> Complex64 {
    if z == Complex64::ZERO {
        return z;
    }
    let t = (0.5 * (z.re.abs() + modulus(z))).sqrt();
    let small = z.im.abs() / (2.0 * t);
    if z.re >= 0.0 {
        Complex64::new(t, small.copysign(z.im))
    } else {
        Complex64::new(small, t.copysign(z.im))
    }
}

fn cbrt(z: Complex64) -> Complex64 {
    polar(modulus(z).cbrt(), arg(z) / 3.0)
}

/// By repeated squaring, which keeps the digits that polar form loses for large n.
fn powi(z: Complex64, n: i32) -> Complex64 {
    let mut power = Complex64::ONE;
    let mut square = z;
    let mut bits = n.unsigned_abs();
    while bits > 0 {
        if bits & 1 == 1 {
            power *= square;
        }
        bits >>= 1;
        if bits > 0 {
            square *= square;
        }
    }
    if n < 0 { divide(Complex64::ONE, power) } else { power }
}

/// aᵇ = |a|^Re b · e^(−arg a · Im b), at the angle arg a · Re b + ln|a| · Im b.
fn pow(a: Complex64, b: Complex64, exponent_varies: bool) -> Complex64 {
    let whole = b.re == b.re.trunc() && b.re.abs() <= f64::from(i32::MAX);
    if !exponent_varies && whole {
        return powi(a, b.re as i32);
    }
    if a.re < 0.0 {
        // On the real line a negative base has whole powers only, and no derivative in the exponent.
        return NAN;
    }
    if a == Complex64::ZERO {
        return Complex64::new(0.0_f64.powf(b.re), 0.0);
    }
    if let (true, Some(edge)) = (b.re > 0.0 && b.re < 1.0, branch_point(a)) {
        return edge;
    }
    let (r, angle) = (modulus(a), arg(a));
    polar(r.powf(b.re) * (-angle * b.im).exp(), angle * b.re + r.ln() * b.im)
}

fn ln_1p(z: Complex64) -> Complex64 {
    let (a, b) = (z.re, z.im);
    // |1 + z|² − 1 without the 1; where z is far from 0 there is nothing to lose.
    let re = if a.abs() < 0.5 { 0.5 * (a * (2.0 + a) + b * b).ln_1p() } else { (1.0 + a).hypot(b).ln() };
    Complex64::new(re, b.atan2(1.0 + a))
}

fn sin(z: Complex64) -> Complex64 {
    Complex64::new(z.re.sin() * z.im.cosh(), z.re.cos() * z.im.sinh())
}

fn cos(z: Complex64) -> Complex64 {
    Complex64::new(z.re.cos() * z.im.cosh(), -z.re.sin() * z.im.sinh())
}

fn asin(z: Complex64) -> Complex64 {
    let (p, q) = (sqrt(Complex64::ONE - z), sqrt(Complex64::ONE + z));
    Complex64::new(z.re.atan2((p * q).re), (p.conj() * q).im.asinh())
}

fn tanh(z: Complex64) -> Complex64 {
    let (a, b) = (z.re, z.im);
    if a.abs() > 20.0 {
        // sinh² would overflow long before tanh tells itself from ±1.
        return Complex64::new(1.0_f64.copysign(a), 4.0 * b.sin() * b.cos() * (-2.0 * a.abs()).exp());
    }
    let (t, s) = (b.tan(), a.sinh());
    let beta = 1.0 + t * t;
    let rho = (1.0 + s * s).sqrt();
    Complex64::new(beta * rho * s, t) / (1.0 + beta * s * s)
}

fn atanh(z: Complex64) -> Complex64 {
    let (a, b) = (z.re, z.im);
    if a < 0.0 {
        // Odd; for a ≥ 0 the logarithm's argument does not come near 0.
        return -atanh(-z);
    }
    let re = 0.25 * (4.0 * a / ((1.0 - a) * (1.0 - a) + b * b)).ln_1p();
    Complex64::new(re, 0.5 * (2.0 * b).atan2((1.0 - a) * (1.0 + a) - b * b))
}

/// The exponential that does not overflow: e^(−z) on the right, e^z on the left.
fn sigmoid(z: Complex64) -> Complex64 {
    let one = Complex64::ONE;
    if z.re >= 0.0 {
        divide(one, one + polar((-z.re).exp(), -z.im))
    } else {
        let e = polar(z.re.exp(), z.im);
        divide(e, one + e)
    }
}
