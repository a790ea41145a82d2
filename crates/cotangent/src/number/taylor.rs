//! Truncated Taylor series: all derivatives of a function of one number, up to an order, at once.

use super::function::{Binary, BinaryOp, IntoPartial, Partial, Powi, Unary, UnaryOp};
use super::operators::{comparisons, operators};
use super::recurrence::Recurrence;
use super::{Real, Scalar};
use std::array;
use std::fmt;
use std::marker::PhantomData;

/// The series y(t) = Σ yₖ tᵏ up to order `K`, with the true coefficients yₖ = y⁽ᵏ⁾(0)/k!. Operations cost O(K²).
///
/// Products and quotients are convolutions. For every other function the rule that gives its first derivative is read
/// as a differential equation, y′ = f′(x, y) x′, and solved coefficient by coefficient (`recurrence.rs`); where the
/// chain of rules never closes (the gamma family, by Hölder's theorem of 1887; powers at 0) the cost is O(K³).
///
/// ```
/// use cotangent::number::{Real, Taylor};
/// let y = Taylor::<f64, 4>::variable(0.0).exp();
/// assert_eq!([0, 1, 2, 3, 4].map(|k| y.coefficient(k)), [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0]);
/// assert!((y.derivative(4) - 1.0).abs() < 1e-15);
/// ```
///
/// Source: R. E. Moore, *Interval Analysis*, 1966; A. Griewank and A. Walther, *Evaluating Derivatives*, chapter 13.
#[derive(Clone, Copy)]
pub struct Taylor<'brand, T, const K: usize> {
    value: T,
    /// The coefficients of orders 1 to K.
    higher: [T; K],
    brand: PhantomData<fn(&'brand ()) -> &'brand ()>,
}

impl<T: Scalar, const K: usize> Taylor<'static, T, K> {
    /// The variable of differentiation: value + t.
    ///
    /// ```
    /// # use cotangent::number::Taylor;
    /// assert_eq!(Taylor::<f64, 2>::variable(5.0).coefficient(1), 1.0);
    /// ```
    pub fn variable(value: T) -> Self {
        Taylor::seeded(value)
    }
}

impl<'brand, T: Scalar, const K: usize> Taylor<'brand, T, K> {
    /// A series with these coefficients of orders 1 to K.
    ///
    /// ```
    /// # use cotangent::number::{Real, Taylor};
    /// let y = Taylor::new(1.0, [2.0, 3.0]).square(); // (1 + 2t + 3t²)²
    /// assert_eq!((y.coefficient(1), y.coefficient(2)), (4.0, 10.0));
    /// ```
    pub fn new(value: T, higher: [T; K]) -> Self {
        Taylor { value, higher, brand: PhantomData }
    }

    /// A number that does not depend on the variable.
    ///
    /// ```
    /// # use cotangent::number::Taylor;
    /// assert_eq!(Taylor::<f64, 2>::constant(5.0).derivative(1), 0.0);
    /// ```
    pub fn constant(value: T) -> Self {
        let higher = array::from_fn(|_| value.zero());
        Taylor::new(value, higher)
    }

    /// The value, y₀.
    ///
    /// ```
    /// # use cotangent::number::Taylor;
    /// assert_eq!(Taylor::<f64, 2>::variable(5.0).value(), 5.0);
    /// ```
    pub fn value(&self) -> T {
        self.value.clone()
    }

    /// The coefficient of tᵏ. Those above the order K of the series are not known, and asking for one is an error.
    ///
    /// # Panics
    /// If k > K.
    ///
    /// ```
    /// # use cotangent::number::{Real, Taylor};
    /// assert_eq!(Taylor::<f64, 3>::variable(0.0).sin().coefficient(3), -1.0 / 6.0);
    /// ```
    pub fn coefficient(&self, k: usize) -> T {
        assert!(k <= K, "Taylor: coefficient {k} of a series of order {K}; give the series a higher order");
        self.at(k).clone()
    }

    /// The derivative of order k, which is k! times the coefficient.
    ///
    /// # Panics
    /// If k > K.
    ///
    /// ```
    /// # use cotangent::number::{Real, Taylor};
    /// assert_eq!(Taylor::<f64, 3>::variable(2.0).powi(3).derivative(2), 12.0);
    /// ```
    pub fn derivative(&self, k: usize) -> T {
        // Factor by factor: k! alone is infinite above 170, where the derivative need not be.
        (1..=k).fold(self.coefficient(k), |product, i| product * i as f64)
    }

    /// A variable of any brand.
    pub(crate) fn seeded(value: T) -> Self {
        let higher = array::from_fn(|i| value.lift(if i == 0 { 1.0 } else { 0.0 }));
        Taylor::new(value, higher)
    }

    /// The same series for use outside the closure it was made in.
    pub(crate) fn unbranded(self) -> Taylor<'static, T, K> {
        Taylor::new(self.value, self.higher)
    }

    pub(super) fn at(&self, k: usize) -> &T {
        if k == 0 { &self.value } else { &self.higher[k - 1] }
    }

    /// The series whose coefficients above the value are computed in order, each from those before it.
    pub(super) fn solve(value: T, mut coefficient: impl FnMut(usize, &Self) -> T) -> Self {
        let mut y = Taylor::constant(value);
        for k in 1..=K {
            y.higher[k - 1] = coefficient(k, &y);
        }
        y
    }

    /// Each coefficient above the value by itself.
    fn map_higher(&self, value: T, f: impl Fn(&T) -> T) -> Self {
        Taylor::new(value, array::from_fn(|i| f(&self.higher[i])))
    }

    fn product(&self, other: &Self, value: T) -> Self {
        Self::solve(value, |k, _| convolution(k, |j| self.at(j), |j| other.at(j)))
    }

    /// y b = a gives b₀ yₖ = aₖ − Σ_{j<k} yⱼ b_{k−j}.
    fn quotient(&self, other: &Self, value: T) -> Self {
        Self::solve(value, |k, y| {
            let known = (0..k).fold(self.at(k).clone(), |rest, j| rest - Real::mul(y.at(j), other.at(k - j)));
            known / other.at(0)
        })
    }

    /// xⁿ by repeated squaring: defined at x₀ = 0, unlike the differential equation x y′ = n y x′.
    fn product_power(&self, n: u32, value: T) -> Self {
        let mut power = self.one();
        let mut square = self.clone();
        let mut bits = n;
        while bits > 0 {
            if bits & 1 == 1 {
                power = Real::mul(&power, &square);
            }
            bits >>= 1;
            if bits > 0 {
                square = square.square();
            }
        }
        power.value = value;
        power
    }

    /// aᵇ where a₀ ≠ 0: with l = ln a and w = b l, y′ = w′ y. Only the higher coefficients of l are real for a negative
    /// base, and only they are needed while b is a constant.
    fn power(&self, exponent: &Self, value: T) -> Self {
        let (a, b) = (self, exponent);
        let l = Self::solve(a.value.ln(), |k, l| {
            Real::sub(a.at(k), &integral(k, 1..k, |j| l.at(j), |j| a.at(j))) / a.at(0)
        });
        let w = Self::solve(value.clone(), |k, _| {
            let constant_base = Partial::Of(l.value()).scale(b.at(k));
            (0..k).fold(constant_base, |sum, j| sum + Real::mul(b.at(j), l.at(k - j)))
        });
        Self::solve(value, |k, y| integral(k, 1..k + 1, |j| w.at(j), |j| y.at(j)))
    }

    fn run<const ARGUMENTS: usize>(recurrence: &Recurrence, arguments: [&Self; ARGUMENTS]) -> Self {
        let value = |i: usize, k: usize| arguments[i].at(k).clone();
        let y = recurrence.solve::<T>(K, &value);
        let mut y = y.into_iter();
        let first = y.next().unwrap_or_else(|| arguments[0].value.zero());
        let zero = first.zero();
        Taylor::new(first, array::from_fn(|_| y.next().unwrap_or_else(|| zero.clone())))
    }
}

/// Up to this power products are used, which are exact where a polynomial has no more derivatives; in higher ones their
/// errors add up.
const EXACT: i32 = 32;

/// The coefficient of tᵏ, k > 0, in a product. A zero coefficient keeps an infinite one out, as a zero tangent does.
fn convolution<'a, T: Scalar + 'a>(k: usize, a: impl Fn(usize) -> &'a T, b: impl Fn(usize) -> &'a T) -> T {
    let term = |j: usize| Partial::Of(a(j).clone()).scale(b(k - j));
    (1..=k).fold(term(0), |sum, j| sum + term(j))
}

/// The terms `range` of the coefficient of tᵏ in ∫ x′ d: Σ j xⱼ d_{k−j} / k.
pub(super) fn integral<'a, T: Scalar + 'a>(
    k: usize,
    range: std::ops::Range<usize>,
    x: impl Fn(usize) -> &'a T,
    d: impl Fn(usize) -> &'a T,
) -> T {
    // A zero coefficient of x keeps an infinite one of d out, as a zero tangent does.
    let term = |j: usize| Partial::Of(d(k - j).clone()).scale(x(j)) * j as f64;
    range.fold(x(0).zero(), |sum, j| sum + term(j)) / k as f64
}

impl<'brand, T: Scalar, const K: usize> Real for Taylor<'brand, T, K> {
    fn lift(&self, literal: f64) -> Self {
        Taylor::constant(self.value.lift(literal))
    }
    fn is_zero(&self) -> bool {
        self.value.is_zero() && self.higher.iter().all(T::is_zero)
    }
    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.higher.iter().all(T::is_finite)
    }
    fn unary<U: Unary>(&self, op: U) -> Self {
        let value = self.value.unary(op);
        if let Partial::Constant(c) = op.df(&self.value, &value).into_partial() {
            return self.map_higher(value, |t| Partial::Constant(c).scale(t));
        }
        match op.into() {
            UnaryOp::Square(_) => self.product(self, value),
            UnaryOp::Recip(_) => self.one().quotient(self, value),
            UnaryOp::Powi(Powi(n)) if n > 0 && n <= EXACT => self.product_power(n.unsigned_abs(), value),
            UnaryOp::Powi(Powi(n)) if self.primal() != 0.0 => self.power(&self.lift(n.into()), value),
            op => Taylor::run(&Recurrence::of_unary(op, K), [self]),
        }
    }
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self {
        let (a, b) = (&self.value, &right.value);
        let value = a.binary(op, b);
        let partials = (op.da(a, b, &value).into_partial(), op.db(a, b, &value).into_partial());
        if let (Partial::Constant(da), Partial::Constant(db)) = partials {
            let left = self.map_higher(value, |t| Partial::Constant(da).scale(t));
            return Taylor::new(
                left.value(),
                array::from_fn(|i| {
                    Real::add(&left.higher[i], &Partial::Constant(db).scale(&right.higher[i]))
                }),
            );
        }
        match op.into() {
            BinaryOp::Mul(_) => self.product(right, value),
            BinaryOp::Div(_) => self.quotient(right, value),
            BinaryOp::Pow(_) if a.primal() != 0.0 => self.power(right, value),
            op => Taylor::run(&Recurrence::of_binary(op, K), [self, right]),
        }
    }
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self {
        self.binary(op, &self.lift(right))
    }
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        self.lift(left).binary(op, self)
    }
    fn select(&self, then: &Self, otherwise: &Self) -> Self {
        if self.primal() != 0.0 { then.clone() } else { otherwise.clone() }
    }
}

impl<'brand, T: Scalar, const K: usize> Scalar for Taylor<'brand, T, K> {
    fn primal(&self) -> f64 {
        self.value.primal()
    }
}

operators!(['brand, T: Scalar, const K: usize] Taylor<'brand, T, K>);
comparisons!(['brand, T: Scalar, const K: usize] Taylor<'brand, T, K>);

impl<T: fmt::Debug, const K: usize> fmt::Debug for Taylor<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Taylor({:?}, {:?})", self.value, self.higher)
    }
}

/// `y₀ + y₁ t + y₂ t^2 + …`.
impl<T: fmt::Display, const K: usize> fmt::Display for Taylor<'_, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)?;
        for (i, c) in self.higher.iter().enumerate() {
            f.write_str(" + ")?;
            c.fmt(f)?;
            match i {
                0 => f.write_str(" t")?,
                _ => write!(f, " t^{}", i + 1)?,
            }
        }
        Ok(())
    }
}
