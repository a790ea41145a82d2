//! Trigonometric functions, in radians, and their inverses.

use super::{Binary, Domain, IntoPartial, Sub, Unary};
use crate::number::Real;
use cotangent_kernels::map::{Float, Reach};

/// Sine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).sin().derivative() - 0.8775825618903727).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sin;

impl Unary for Sin {
    const NAME: &'static str = "sin";
    const LATEX: &'static str = r"\sin\left(#\right)";
    const REACH: Reach = Reach::Moderate;
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.sin()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.cos()
    }
    fn domain(self) -> Domain {
        Domain::between(-6.0, 6.0)
    }
}

/// Cosine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).cos().derivative() + 0.479425538604203).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cos;

impl Unary for Cos {
    const NAME: &'static str = "cos";
    const LATEX: &'static str = r"\cos\left(#\right)";
    const REACH: Reach = Reach::Moderate;
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.cos()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        -x.sin()
    }
    fn domain(self) -> Domain {
        Domain::between(-6.0, 6.0)
    }
}

/// Tangent.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).tan().derivative() - 1.298446410409525).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tan;

impl Unary for Tan {
    const NAME: &'static str = "tan";
    const LATEX: &'static str = r"\tan\left(#\right)";
    const REACH: Reach = Reach::Moderate;
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.tan()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.square() + 1.0
    }
    fn domain(self) -> Domain {
        Domain::between(-1.3, 1.3)
    }
}

/// Inverse sine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).asin().derivative() - 1.154700538379252).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asin;

impl Unary for Asin {
    const NAME: &'static str = "asin";
    const LATEX: &'static str = r"\arcsin\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.asin()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        one_minus_square(x).sqrt().recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-0.9, 0.9)
    }
}

/// Inverse cosine.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).acos().derivative() + 1.154700538379252).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Acos;

impl Unary for Acos {
    const NAME: &'static str = "acos";
    const LATEX: &'static str = r"\arccos\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.acos()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        -one_minus_square(x).sqrt().recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-0.9, 0.9)
    }
}

/// Inverse tangent.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).atan().derivative() - 0.8).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atan;

impl Unary for Atan {
    const NAME: &'static str = "atan";
    const LATEX: &'static str = r"\arctan\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.atan()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        (x.square() + 1.0).recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// The angle of the point (b, a), in (−π, π].
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(1.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// let [da, db] = *a.atan2(&b).tangent();
/// assert!((da - 0.4).abs() < 1e-15 && (db + 0.2).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Atan2;

impl Binary for Atan2 {
    const NAME: &'static str = "atan2";
    const LATEX: &'static str = r"\operatorname{atan2}\left(#1, #2\right)";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a.atan2(b)
    }
    #[inline(always)]
    fn da<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        let r = a.hypot(b);
        b.clone() / &r / &r
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        let r = a.hypot(b);
        -(a.clone() / &r / &r)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0), Domain::between(0.3, 3.0)]
    }
}

/// 1 − x² as (1 − x)(1 + x), which keeps its precision where x² is near 1.
#[inline(always)]
pub(super) fn one_minus_square<R: Real>(x: &R) -> R {
    x.binary_left(Sub, 1.0) * (x.clone() + 1.0)
}
