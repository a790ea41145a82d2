//! Hyperbolic functions and their inverses.

use super::trigonometric::one_minus_square;
use super::{Domain, IntoPartial, Sub, Unary};
use crate::number::Real;
use cotangent_kernels::map::Float;

/// Hyperbolic sine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).sinh().derivative() - 1.127625965206381).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sinh;

impl Unary for Sinh {
    const NAME: &'static str = "sinh";
    const LATEX: &'static str = r"\sinh\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.sinh()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.cosh()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Hyperbolic cosine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).cosh().derivative() - 0.5210953054937474).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cosh;

impl Unary for Cosh {
    const NAME: &'static str = "cosh";
    const LATEX: &'static str = r"\cosh\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.cosh()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.sinh()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Hyperbolic tangent.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).tanh().derivative() - 0.7864477329659274).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "tanh";
    const LATEX: &'static str = r"\tanh\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.tanh()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.square().binary_left(Sub, 1.0)
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Inverse hyperbolic sine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).asinh().derivative() - 0.8944271909999159).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asinh;

impl Unary for Asinh {
    const NAME: &'static str = "asinh";
    const LATEX: &'static str = r"\operatorname{arsinh}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.asinh()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.hypot(&x.one()).recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Inverse hyperbolic cosine, of x ≥ 1.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(1.5).acosh().derivative() - 0.8944271909999159).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Acosh;

impl Unary for Acosh {
    const NAME: &'static str = "acosh";
    const LATEX: &'static str = r"\operatorname{arcosh}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.acosh()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        ((x.clone() - 1.0).sqrt() * (x.clone() + 1.0).sqrt()).recip()
    }
    fn domain(self) -> Domain {
        Domain::between(1.2, 5.0)
    }
}

/// Inverse hyperbolic tangent, of |x| < 1.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).atanh().derivative() - 1.333333333333333).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atanh;

impl Unary for Atanh {
    const NAME: &'static str = "atanh";
    const LATEX: &'static str = r"\operatorname{artanh}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.atanh()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        one_minus_square(x).recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-0.9, 0.9)
    }
}
