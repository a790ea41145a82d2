//! Exponentials and logarithms.

use super::{Domain, IntoPartial, Unary};
use crate::number::Real;
use cotangent_kernels::map::{Float, Reach};

/// eˣ.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).exp().derivative() - 1.648721270700128).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exp;

impl Unary for Exp {
    const NAME: &'static str = "exp";
    const LATEX: &'static str = r"e^{#}";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.exp()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.clone()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// 2ˣ.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).exp2().derivative() - 0.9802581434685472).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exp2;

impl Unary for Exp2 {
    const NAME: &'static str = "exp2";
    const LATEX: &'static str = r"2^{#}";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.exp2()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.clone() * std::f64::consts::LN_2
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// eˣ − 1, accurate near 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).expm1().derivative() - 1.648721270700128).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expm1;

impl Unary for Expm1 {
    const NAME: &'static str = "expm1";
    const LATEX: &'static str = r"\operatorname{expm1}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.expm1()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.exp()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Natural logarithm.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).ln().derivative() - 0.4).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ln;

impl Unary for Ln {
    const NAME: &'static str = "ln";
    const REACH: Reach = Reach::Normal;
    const LATEX: &'static str = r"\ln\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.ln()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.recip()
    }
    fn domain(self) -> Domain {
        Domain::between(0.1, 5.0)
    }
}

/// ln(1 + x), accurate near 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).ln_1p().derivative() - 0.6666666666666667).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ln1p;

impl Unary for Ln1p {
    const NAME: &'static str = "ln_1p";
    const LATEX: &'static str = r"\ln\left(1 + #\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.ln_1p()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        (x.clone() + 1.0).recip()
    }
    fn domain(self) -> Domain {
        Domain::between(-0.8, 3.0)
    }
}

/// Logarithm to base 2.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).log2().derivative() - 0.5770780163555854).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Log2;

impl Unary for Log2 {
    const NAME: &'static str = "log2";
    const REACH: Reach = Reach::Normal;
    const LATEX: &'static str = r"\log_2\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.log2()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.recip() * std::f64::consts::LOG2_E
    }
    fn domain(self) -> Domain {
        Domain::between(0.1, 5.0)
    }
}

/// Logarithm to base 10.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).log10().derivative() - 0.1737177927613007).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Log10;

impl Unary for Log10 {
    const NAME: &'static str = "log10";
    const REACH: Reach = Reach::Normal;
    const LATEX: &'static str = r"\log_{10}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.log10()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.recip() * std::f64::consts::LOG10_E
    }
    fn domain(self) -> Domain {
        Domain::between(0.1, 5.0)
    }
}
