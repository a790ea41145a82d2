//! Powers and roots.

use super::{Binary, Domain, IntoPartial, Partial, Unary};
use crate::number::Real;
use cotangent_kernels::map::Float;

/// x².
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(3.0).square().derivative(), 6.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Square;

impl Unary for Square {
    const NAME: &'static str = "square";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"{#}^{2}";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x * x
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.clone() * 2.0
    }
    fn domain(self) -> Domain {
        Domain::between(-3.0, 3.0)
    }
}

/// Square root; its derivative at 0 is infinite.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.0).sqrt().derivative() - 0.3535533905932738).abs() < 1e-14);
/// assert_eq!(Dual::variable(0.0).sqrt().derivative(), f64::INFINITY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sqrt;

impl Unary for Sqrt {
    const NAME: &'static str = "sqrt";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\sqrt{#}";
    const DIVIDES: bool = true;
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.sqrt()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        (y.clone() + 0.0).recip() * 0.5 // √−0 is −0, and its slope +∞
    }
    fn domain(self) -> Domain {
        Domain::between(0.1, 5.0)
    }
}

/// Cube root; its derivative at 0 is infinite.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert!((Dual::variable(2.0).cbrt().derivative() - 0.2099868416491455).abs() < 1e-14);
/// assert_eq!(Dual::variable(0.0).cbrt().derivative(), f64::INFINITY);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cbrt;

impl Unary for Cbrt {
    const NAME: &'static str = "cbrt";
    const LATEX: &'static str = r"\sqrt[3]{#}";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.cbrt()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, y: &R) -> impl IntoPartial<R> {
        y.square().recip() / 3.0
    }
    fn domain(self) -> Domain {
        Domain::between(0.1, 5.0)
    }
}

/// xⁿ for an integer n; x⁰ is 1 everywhere.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(2.0).powi(5).derivative(), 80.0); // 5·2⁴
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Powi(pub i32);

impl Unary for Powi {
    const NAME: &'static str = "powi";
    const LATEX: &'static str = r"{#}^{n}";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.powi(self.0)
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        match self.0 {
            0 => Partial::Constant(0.0),
            1 => Partial::Constant(1.0),
            // A formula may name any exponent, and there is none below the lowest.
            i32::MIN => Partial::Of(x.powf(f64::from(i32::MIN) - 1.0) * f64::from(i32::MIN)),
            n => Partial::Of(x.powi(n - 1) * f64::from(n)),
        }
    }
    fn domain(self) -> Domain {
        Domain::between(0.3, 3.0)
    }
}

/// aᵇ for real b. The derivative in b is declared 0 at a = 0, and the one in a at (0, 0).
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(2.0, [1.0, 0.0]), Dual::new(3.0, [0.0, 1.0]));
/// let [da, db] = *a.pow(&b).tangent();
/// assert!((da - 12.0).abs() < 1e-14 && (db - 5.545177444479562).abs() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pow;

impl Binary for Pow {
    const NAME: &'static str = "pow";
    const LATEX: &'static str = r"{#1}^{#2}";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a.pow(b)
    }
    #[inline(always)]
    fn da<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        // At b = 0 alone the formula holds, and its own derivative in b, 1/a, must not be lost to a branch.
        let origin = b.equal(&b.zero()).select(&a.equal(&a.zero()), &b.zero());
        origin.select(&b.zero(), &(a.pow(&(b.clone() - 1.0)) * b))
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, _b: &R, y: &R) -> impl IntoPartial<R> {
        a.equal(&a.zero()).select(&a.zero(), &(a.ln() * y))
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(0.3, 3.0), Domain::between(-3.0, 3.0)]
    }
}

/// √(a² + b²) without overflow; its derivative at (0, 0) is declared 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(4.0, [0.0, 1.0]));
/// assert_eq!(a.hypot(&b).tangent(), &[0.6, 0.8]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hypot;

impl Binary for Hypot {
    const NAME: &'static str = "hypot";
    const LATEX: &'static str = r"\sqrt{{#1}^{2} + {#2}^{2}}";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a.hypot(b)
    }
    #[inline(always)]
    fn da<R: Real>(self, a: &R, _b: &R, y: &R) -> impl IntoPartial<R> {
        y.equal(&y.zero()).select(&y.zero(), &(a.clone() / y))
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, b: &R, y: &R) -> impl IntoPartial<R> {
        y.equal(&y.zero()).select(&y.zero(), &(b.clone() / y))
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}
