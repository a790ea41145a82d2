//! Activation functions of neural networks.

use super::domain::flat;
use super::{Domain, IntoPartial, Kink, Sub, Unary};
use crate::number::Real;
use cotangent_kernels::map::Float;

const FRAC_1_SQRT_2PI: f64 = 0.398_942_280_401_432_7;

/// max(x, 0); its derivative at 0 is declared 0. NaN stays NaN.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(2.0).relu().derivative(), 1.0);
/// assert_eq!(Dual::variable(-2.0).relu().derivative(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relu;

impl Unary for Relu {
    const NAME: &'static str = "relu";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\operatorname{relu}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.max(F::from_f64(0.0))
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.greater(&x.zero())
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(0.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// 1/(1 + e⁻ˣ).
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).sigmoid().derivative() - 0.2350037122015945).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const LATEX: &'static str = r"\sigma\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.sigmoid()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.clone() * y.binary_left(Sub, 1.0)
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// ln(1 + eˣ).
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).softplus().derivative() - 0.6224593312018546).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Softplus;

impl Unary for Softplus {
    const NAME: &'static str = "softplus";
    const LATEX: &'static str = r"\operatorname{softplus}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.softplus()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.sigmoid()
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// x·σ(x), also called swish.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).silu().derivative() - 0.7399611873026518).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Silu;

impl Unary for Silu {
    const NAME: &'static str = "silu";
    const LATEX: &'static str = r"\operatorname{silu}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.silu()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, y: &R) -> impl IntoPartial<R> {
        let s = x.sigmoid();
        y.clone() * s.binary_left(Sub, 1.0) + s
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// x·Φ(x) with the exact normal distribution function Φ, not its tanh approximation.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(0.5).gelu().derivative() - 0.8674951246561628).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gelu;

impl Unary for Gelu {
    const NAME: &'static str = "gelu";
    const LATEX: &'static str = r"\operatorname{gelu}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.gelu()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        let cumulative = (x.clone() * -std::f64::consts::FRAC_1_SQRT_2).erfc() * 0.5;
        let density = (x.square() * -0.5).exp() * FRAC_1_SQRT_2PI;
        cumulative + density * x
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}
