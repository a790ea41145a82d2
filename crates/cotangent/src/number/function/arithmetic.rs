//! The field operations.

use super::{Binary, Constant, Domain, IntoPartial, Unary};
use crate::number::Real;
use cotangent_kernels::map::Float;

/// −x.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(2.0).neg().derivative(), -1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neg;

impl Unary for Neg {
    const NAME: &'static str = "neg";
    const LIGHT: bool = true;
    const LATEX: &'static str = "-#";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        -x
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(-1.0)
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// 1/x.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(4.0).recip().derivative(), -0.0625);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Recip;

impl Unary for Recip {
    const NAME: &'static str = "recip";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\frac{1}{#}";
    const DIVIDES: bool = true;
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        F::from_f64(1.0) / x
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        -y.square()
    }
    fn domain(self) -> Domain {
        Domain::between(0.3, 3.0)
    }
}

/// a + b.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// assert_eq!(a.add(&b).tangent(), &[1.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Add;

impl Binary for Add {
    const NAME: &'static str = "add";
    const LIGHT: bool = true;
    const LATEX: &'static str = "#1 + #2";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a + b
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(1.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(1.0)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// a − b.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// assert_eq!(a.sub(&b).tangent(), &[1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sub;

impl Binary for Sub {
    const NAME: &'static str = "sub";
    const LIGHT: bool = true;
    const LATEX: &'static str = "#1 - #2";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a - b
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(1.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(-1.0)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// a · b.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// assert_eq!(a.mul(&b).tangent(), &[2.0, 3.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mul;

impl Binary for Mul {
    const NAME: &'static str = "mul";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"#1 \, #2";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a * b
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        b.clone()
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        a.clone()
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// a / b.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// assert_eq!(a.div(&b).tangent(), &[0.5, -0.75]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Div;

impl Binary for Div {
    const NAME: &'static str = "div";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\frac{#1}{#2}";
    const DIVIDES: bool = true;
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a / b
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        b.recip()
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, b: &R, y: &R) -> impl IntoPartial<R> {
        -(b.recip() * y)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0), Domain::between(0.3, 3.0)]
    }
}

/// a · b, where a zero wins: ±0 if either is, whatever the other. What the chain rule multiplies with, and its own derivative. Where the
/// product is a number it is that number, a zero's sign included, so that by a finite number other than 0 this is [`Mul`].
///
/// ```
/// use cotangent::number::function::{Binary, Scale};
/// assert_eq!((Scale.f(2.0, 3.0), Scale.f(0.0, f64::INFINITY)), (6.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale;

impl Binary for Scale {
    const NAME: &'static str = "scale";
    const LATEX: &'static str = r"#1\, #2";
    const GUESSES: bool = true;
    #[inline(always)]
    fn guess<F: Float>(self, a: F, b: F) -> F {
        a * b
    }
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        let (zero, product) = (F::from_f64(0.0), a * b);
        #[allow(clippy::eq_op)] // is it NaN?
        if (product != product) & ((a == zero) | (b == zero)) { zero } else { product }
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        b.clone()
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        a.clone()
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0), Domain::between(-3.0, 3.0)]
    }
}
