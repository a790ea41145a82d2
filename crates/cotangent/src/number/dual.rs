//! Forward mode: a value and N tangents, moved along together.

use super::function::{Binary, IntoPartial, Partial, Unary};
use super::operators::{comparisons, operators};
use super::{Real, Scalar};
use std::array;
use std::fmt;
use std::marker::PhantomData;

/// A value and its tangents in `N` directions: y + Σ tᵢ εᵢ with εᵢεⱼ = 0. One evaluation of a function carries
/// all `N` directional derivatives along. Duals nest: `Dual<Dual<f64, 1>, 1>` has second derivatives.
///
/// The lifetime is a brand. [`derivative`](super::derivative) and its kin give the closure duals of a brand of its
/// own, so the variable of one derivative cannot meet another's by accident; a dual made by hand is `'static`.
///
/// ```
/// use cotangent::number::{Dual, Real};
/// let x = Dual::variable(1.5);
/// let y = x.square().sin();
/// assert_eq!(y.value(), 2.25_f64.sin());
/// assert!((y.derivative() - 3.0 * 2.25_f64.cos()).abs() < 1e-14); // 2x cos x²
/// ```
///
/// Source: W. K. Clifford, "Preliminary sketch of biquaternions", 1873; R. E. Wengert, 1964.
#[derive(Clone, Copy)]
pub struct Dual<'brand, T, const N: usize = 1> {
    value: T,
    tangent: [T; N],
    brand: PhantomData<fn(&'brand ()) -> &'brand ()>,
}

impl Dual<'static, f64, 1> {
    /// The variable of differentiation, with tangent 1.
    ///
    /// ```
    /// # use cotangent::number::Dual;
    /// assert_eq!(Dual::variable(2.0).derivative(), 1.0);
    /// ```
    #[inline(always)]
    pub fn variable<T: Real>(value: T) -> Dual<'static, T, 1> {
        Dual::seeded(value)
    }
}

impl<'brand, T: Real> Dual<'brand, T, 1> {
    /// The tangent of a dual that has one direction.
    ///
    /// ```
    /// # use cotangent::number::{Dual, Real};
    /// assert_eq!(Dual::variable(3.0).square().derivative(), 6.0);
    /// ```
    #[inline(always)]
    pub fn derivative(&self) -> T {
        self.tangent[0].clone()
    }

    /// A variable with tangent 1, of any brand.
    #[inline(always)]
    pub(crate) fn seeded(value: T) -> Self {
        let tangent = [value.one()];
        Dual::new(value, tangent)
    }
}

impl<'brand, T: Real, const N: usize> Dual<'brand, T, N> {
    /// A value with these tangents.
    ///
    /// ```
    /// # use cotangent::number::Dual;
    /// let y = Dual::new(2.0, [1.0, 0.0]) * Dual::new(3.0, [0.0, 1.0]);
    /// assert_eq!(y.tangent(), &[3.0, 2.0]);
    /// ```
    #[inline(always)]
    pub fn new(value: T, tangent: [T; N]) -> Self {
        Dual { value, tangent, brand: PhantomData }
    }

    /// A number that does not depend on the variables: every tangent is zero. In nested derivatives this is how a
    /// number of the outer level enters the inner one.
    ///
    /// ```
    /// # use cotangent::number::Dual;
    /// assert_eq!(Dual::<f64, 2>::constant(5.0).tangent(), &[0.0, 0.0]);
    /// ```
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        let tangent = array::from_fn(|_| value.zero());
        Dual::new(value, tangent)
    }

    /// The value.
    ///
    /// ```
    /// # use cotangent::number::Dual;
    /// assert_eq!(Dual::variable(2.0).value(), 2.0);
    /// ```
    #[inline(always)]
    pub fn value(&self) -> T {
        self.value.clone()
    }

    /// The tangents, one a direction.
    ///
    /// ```
    /// # use cotangent::number::Dual;
    /// assert_eq!(Dual::variable(2.0).tangent(), &[1.0]);
    /// ```
    #[inline(always)]
    pub fn tangent(&self) -> &[T; N] {
        &self.tangent
    }

    /// The value with tangents scaled by one partial.
    #[inline(always)]
    fn chain(value: T, partial: &Partial<T>, tangent: &[T; N]) -> Self {
        Dual::new(value, scaled(partial, tangent))
    }
}

/// Every tangent times one partial. What the partial is, is asked once, so that the loop over the lanes has no branch and vectorises.
#[inline(always)]
fn scaled<T: Real, const N: usize>(partial: &Partial<T>, tangent: &[T; N]) -> [T; N] {
    match partial {
        Partial::Constant(1.0) => tangent.clone(),
        Partial::Constant(-1.0) => lanes(tangent, Real::neg),
        Partial::Of(p) if p.is_regular() => lanes(tangent, |t| Real::mul(t, p)),
        _ => lanes(tangent, |t| partial.scale(t)),
    }
}

/// The function of every tangent. A plain loop, for `array::from_fn` is not inlined around nested duals.
#[inline(always)]
fn lanes<T: Real, const N: usize>(x: &[T; N], f: impl Fn(&T) -> T) -> [T; N] {
    let mut y = x.clone();
    for (y, x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
    y
}

impl<'brand, T: Real, const N: usize> Real for Dual<'brand, T, N> {
    #[inline(always)]
    fn lift(&self, literal: f64) -> Self {
        Dual::constant(self.value.lift(literal))
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.value.is_zero() && self.tangent.iter().all(T::is_zero)
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.tangent.iter().all(T::is_finite)
    }
    /// That of the value: where products of tangents need care, they take it themselves.
    #[inline(always)]
    fn is_regular(&self) -> bool {
        self.value.is_regular()
    }
    #[inline(always)]
    fn unary<U: Unary>(&self, op: U) -> Self {
        let y = self.value.unary(op);
        let partial = op.df(&self.value, &y).into_partial();
        Dual::chain(y, &partial, &self.tangent)
    }
    #[inline(always)]
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self {
        let (a, b) = (&self.value, &right.value);
        let y = a.binary(op, b);
        let da = op.da(a, b, &y).into_partial();
        let db = op.db(a, b, &y).into_partial();
        let mut tangent = scaled(&da, &self.tangent);
        for (a, b) in tangent.iter_mut().zip(&scaled(&db, &right.tangent)) {
            *a = Real::add(a, b);
        }
        Dual::new(y, tangent)
    }
    #[inline(always)]
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self {
        let y = self.value.binary_right(op, right);
        let partial = op.da(&self.value, &self.value.lift(right), &y).into_partial();
        Dual::chain(y, &partial, &self.tangent)
    }
    #[inline(always)]
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        let y = self.value.binary_left(op, left);
        let partial = op.db(&self.value.lift(left), &self.value, &y).into_partial();
        Dual::chain(y, &partial, &self.tangent)
    }
    #[inline(always)]
    fn select(&self, then: &Self, otherwise: &Self) -> Self {
        Dual::new(
            self.value.select(&then.value, &otherwise.value),
            array::from_fn(|i| self.value.select(&then.tangent[i], &otherwise.tangent[i])),
        )
    }
}

impl<'brand, T: Scalar, const N: usize> Scalar for Dual<'brand, T, N> {
    #[inline(always)]
    fn primal(&self) -> f64 {
        self.value.primal()
    }
}

operators!(['brand, T: Real, const N: usize] Dual<'brand, T, N>);
comparisons!(['brand, T: Scalar, const N: usize] Dual<'brand, T, N>);

impl<T: fmt::Debug, const N: usize> fmt::Debug for Dual<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dual({:?}, {:?})", self.value, self.tangent)
    }
}

/// `value + [t₁, t₂, …]ε`.
impl<T: fmt::Display, const N: usize> fmt::Display for Dual<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        f.write_str(" + [")?;
        for (i, t) in self.tangent.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            t.fmt(f)?;
        }
        f.write_str("]ε")
    }
}
