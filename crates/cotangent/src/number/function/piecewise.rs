//! Functions with kinks and jumps, and comparisons. Comparisons give 1 for true and 0 for false.

use super::domain::flat;
use super::{Binary, Constant, Domain, IntoPartial, Kink, Unary};
use crate::number::Real;
use cotangent_kernels::map::{Float, Reach};

/// |x|; its derivative at 0 is declared 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// assert_eq!(Dual::variable(-2.5).abs().derivative(), -1.0);
/// assert_eq!(Dual::variable(0.0).abs().derivative(), 0.0); // declared
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Abs;

impl Unary for Abs {
    const NAME: &'static str = "abs";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\left|#\right|";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.abs()
    }
    #[inline(always)]
    fn df<R: Real>(self, x: &R, _y: &R) -> impl IntoPartial<R> {
        x.sign()
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(0.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// The largest integer not above x.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let y = Dual::variable(-1.25).floor();
/// assert_eq!((y.value(), y.derivative()), (-2.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Floor;

impl Unary for Floor {
    const NAME: &'static str = "floor";
    const LATEX: &'static str = r"\left\lfloor #\right\rfloor";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.floor()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(-2.0), flat(-1.0), flat(0.0), flat(1.0), flat(2.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// The smallest integer not below x.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let y = Dual::variable(1.25).ceil();
/// assert_eq!((y.value(), y.derivative()), (2.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ceil;

impl Unary for Ceil {
    const NAME: &'static str = "ceil";
    const LATEX: &'static str = r"\left\lceil #\right\rceil";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.ceil()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(-2.0), flat(-1.0), flat(0.0), flat(1.0), flat(2.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// The nearest integer, ties to even.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let y = Dual::variable(3.5).round();
/// assert_eq!((y.value(), y.derivative()), (4.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Round;

impl Unary for Round {
    const NAME: &'static str = "round";
    const LATEX: &'static str = r"\operatorname{round}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.round()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(-2.5), flat(-1.5), flat(-0.5), flat(0.5), flat(1.5), flat(2.5)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// The integer part, rounded towards 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let y = Dual::variable(-1.75).trunc();
/// assert_eq!((y.value(), y.derivative()), (-1.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trunc;

impl Unary for Trunc {
    const NAME: &'static str = "trunc";
    const LATEX: &'static str = r"\operatorname{trunc}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.trunc()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(-2.0), flat(-1.0), flat(1.0), flat(2.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// −1, 0 or 1.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let y = Dual::variable(-7.0).sign();
/// assert_eq!((y.value(), y.derivative()), (-1.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sign;

impl Unary for Sign {
    const NAME: &'static str = "sign";
    const LATEX: &'static str = r"\operatorname{sign}\left(#\right)";
    #[inline(always)]
    fn f<F: Float>(self, x: F) -> F {
        x.sign()
    }
    #[inline(always)]
    fn df<R: Real>(self, _x: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> Domain {
        const KINKS: &[Kink] = &[flat(0.0)];
        Domain::between(-3.0, 3.0).kinks(KINKS)
    }
}

/// The larger; at a tie each argument has half the derivative. NaN if either is.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(4.0, [0.0, 1.0]));
/// assert_eq!(a.max(&b).tangent(), &[0.0, 1.0]);
/// assert_eq!(a.max(&(b - 1.0)).tangent(), &[0.5, 0.5]); // a tie
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Max;

impl Binary for Max {
    const NAME: &'static str = "max";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\max\left(#1, #2\right)";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a.max(b)
    }
    #[inline(always)]
    fn da<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        a.greater(b) + a.equal(b) * 0.5
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        b.greater(a) + a.equal(b) * 0.5
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// The smaller; at a tie each argument has half the derivative. NaN if either is.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(4.0, [0.0, 1.0]));
/// assert_eq!(a.min(&b).tangent(), &[1.0, 0.0]);
/// assert_eq!(a.min(&(b - 1.0)).tangent(), &[0.5, 0.5]); // a tie
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Min;

impl Binary for Min {
    const NAME: &'static str = "min";
    const LIGHT: bool = true;
    const LATEX: &'static str = r"\min\left(#1, #2\right)";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a.min(b)
    }
    #[inline(always)]
    fn da<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        a.less(b) + a.equal(b) * 0.5
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, b: &R, _y: &R) -> impl IntoPartial<R> {
        b.less(a) + a.equal(b) * 0.5
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// The remainder a − b·trunc(a/b), as Rust's `%`: it has the sign of a.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(7.0, [1.0, 0.0]), Dual::new(3.0, [0.0, 1.0]));
/// assert_eq!(a.rem(&b).tangent(), &[1.0, -2.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rem;

impl Binary for Rem {
    const NAME: &'static str = "rem";
    const REACH: Reach = Reach::Quotient;
    const LATEX: &'static str = r"#1 \bmod #2";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        a % b
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(1.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, a: &R, b: &R, y: &R) -> impl IntoPartial<R> {
        // a/b may round up to the next integer, as 1/0.1 does; (a − y)/b is one but for rounding.
        -((a.clone() - y) / b).round()
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0), Domain::between(0.3, 3.0)]
    }
}

/// 1 where a > b, else 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(3.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// let y = a.greater(&b);
/// assert_eq!((y.value(), y.tangent()), (1.0, &[0.0, 0.0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Greater;

impl Binary for Greater {
    const NAME: &'static str = "greater";
    const LATEX: &'static str = r"\left[#1 > #2\right]";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        truth(a > b)
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// 1 where a < b, else 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(2.0, [1.0, 0.0]), Dual::new(3.0, [0.0, 1.0]));
/// let y = a.less(&b);
/// assert_eq!((y.value(), y.tangent()), (1.0, &[0.0, 0.0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Less;

impl Binary for Less {
    const NAME: &'static str = "less";
    const LATEX: &'static str = r"\left[#1 < #2\right]";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        truth(a < b)
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

/// 1 where a = b, else 0.
///
/// ```
/// # use cotangent::number::{Dual, Real};
/// let (a, b) = (Dual::new(2.0, [1.0, 0.0]), Dual::new(2.0, [0.0, 1.0]));
/// let y = a.equal(&b);
/// assert_eq!((y.value(), y.tangent()), (1.0, &[0.0, 0.0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Equal;

impl Binary for Equal {
    const NAME: &'static str = "equal";
    const LATEX: &'static str = r"\left[#1 = #2\right]";
    #[inline(always)]
    fn f<F: Float>(self, a: F, b: F) -> F {
        truth(a == b)
    }
    #[inline(always)]
    fn da<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    #[inline(always)]
    fn db<R: Real>(self, _a: &R, _b: &R, _y: &R) -> impl IntoPartial<R> {
        Constant(0.0)
    }
    fn domain(self) -> [Domain; 2] {
        [Domain::between(-3.0, 3.0); 2]
    }
}

#[inline(always)]
fn truth<F: Float>(condition: bool) -> F {
    F::from_f64(if condition { 1.0 } else { 0.0 })
}
