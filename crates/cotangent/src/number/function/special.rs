//! The error function and the gamma family.

use super::{Domain, IntoPartial, Unary};
use crate::number::Real;
use cotangent_kernels::map::{Float, Reach};

/// 2/√π ∫₀ˣ e^(−t²) dt.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).erf().derivative() - 0.8787825789354448).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Erf;

impl Unary for Erf {
    const NAME: &'static str = "erf";
    const LATEX: &'static str = r"\operatorname{erf}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.erf()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        (-x.square()).exp() * std::f64::consts::FRAC_2_SQRT_PI
    }
    fn domain(self) -> Domain {
        Domain::between(-2.0, 2.0)
    }
}

/// 1 − erf(x), accurate where erf is near 1.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).erfc().derivative() + 0.8787825789354448).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Erfc;

impl Unary for Erfc {
    const NAME: &'static str = "erfc";
    const LATEX: &'static str = r"\operatorname{erfc}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.erfc()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        (-x.square()).exp() * -std::f64::consts::FRAC_2_SQRT_PI
    }
    fn domain(self) -> Domain {
        Domain::between(-2.0, 2.0)
    }
}

/// ln|Γ(x)|.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).lgamma().derivative() - 0.7031566406452432).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lgamma;

impl Unary for Lgamma {
    const NAME: &'static str = "lgamma";
    const REACH: Reach = Reach::Positive;
    const LATEX: &'static str = r"\ln\Gamma\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.lgamma()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.digamma()
    }
    fn domain(self) -> Domain {
        Domain::between(0.3, 6.0)
    }
}

/// Γ′(x)/Γ(x).
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).digamma().derivative() - 0.4903577561002349).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digamma;

impl Unary for Digamma {
    const NAME: &'static str = "digamma";
    const REACH: Reach = Reach::Positive;
    const LATEX: &'static str = r"\psi\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.digamma()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.polygamma(1)
    }
    fn domain(self) -> Domain {
        Domain::between(0.3, 6.0)
    }
}

/// The n-th derivative of digamma.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.5).polygamma(1).derivative() + 0.2362040516417274).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Polygamma(pub u32);

impl Unary for Polygamma {
    const NAME: &'static str = "polygamma";
    const LATEX: &'static str = r"\psi^{(n)}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.polygamma(self.0)
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.polygamma(self.0.saturating_add(1)) // infinite or 0 long before it saturates
    }
    fn domain(self) -> Domain {
        Domain::between(0.5, 6.0)
    }
}
