//! A variable on a tape.

use super::function::{Binary, Unary};
use super::operators::{comparisons, operators};
use super::{Real, Scalar, Tape};
use std::fmt;
use std::marker::PhantomData;

/// A number whose operations are recorded on a [`Tape`]. It is `Copy` where the number it holds is, and has the usual
/// operators.
///
/// ```
/// use cotangent::number::{Real, Tape};
/// // the neuron of micrograd: relu(w1*x1 + w2*x2 + b)
/// let tape = Tape::new();
/// let [w1, w2, b] = [0.5, -0.5, 0.6].map(|v| tape.var(v));
/// let neuron = (w1 * 1.0 + w2 * 2.0 + b).relu();
/// neuron.backward();
/// assert_eq!([w1.grad(), w2.grad(), b.grad()], [1.0, 2.0, 1.0]);
/// ```
#[derive(Clone, Copy)]
pub struct Var<'t, T = f64> {
    pub(super) value: T,
    pub(super) index: u32,
    pub(super) tape: &'t Tape<T>,
    /// Makes the lifetime invariant, so that a closure's variables are of a brand of their own.
    pub(super) brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// The `Value` of micrograd and of many a course: a [`Var`] over `f64`.
///
/// ```
/// use cotangent::number::{Tape, Value};
/// fn double<'t>(x: Value<'t>) -> Value<'t> {
///     x + x
/// }
/// assert_eq!(double(Tape::new().var(2.0)).value(), 4.0);
/// ```
pub type Value<'t> = Var<'t, f64>;

impl<'t, T: Scalar> Var<'t, T> {
    /// The value.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// assert_eq!(Tape::new().var(2.0).value(), 2.0);
    /// ```
    #[inline(always)]
    pub fn value(&self) -> T {
        self.value.clone()
    }

    /// The sum of what every `backward` call since the last zeroing has brought here: ∂root/∂self.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// (x * 3.0).backward();
    /// (x * 4.0).backward();
    /// assert_eq!(x.grad(), 7.0);
    /// ```
    pub fn grad(&self) -> T {
        self.tape.gradient_of(self)
    }

    /// Adds the derivatives of this number to the gradient of every number it was computed from. Backward of a number
    /// that depends on no variable does nothing.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// x.powi(3).backward();
    /// assert_eq!(x.grad(), 12.0);
    /// ```
    pub fn backward(&self) {
        self.backward_with(self.value.one());
    }

    /// [`backward`](Var::backward) with this cotangent in place of 1.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// (x * 3.0).backward_with(0.5);
    /// assert_eq!(x.grad(), 1.5);
    /// ```
    pub fn backward_with(&self, ct: T) {
        self.tape.backward_from(self, ct);
    }

    /// Sets this gradient to zero; see [`Tape::zero_grad`] for all at once.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// x.backward();
    /// x.zero_grad();
    /// assert_eq!(x.grad(), 0.0);
    /// ```
    pub fn zero_grad(&self) {
        self.tape.zero_gradient_of(self);
    }

    /// Names this number in graph views.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0).label("x");
    /// assert_eq!(tape.records()[0].label.as_deref(), Some("x"));
    /// # let _ = x;
    /// ```
    pub fn label(self, name: &str) -> Self {
        self.tape.set_label(self.index, name);
        self
    }

    /// The same value, through which no gradient flows.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// (x.powi(2).detach() * x).backward();
    /// assert_eq!(x.grad(), 4.0); // only from the direct x
    /// ```
    pub fn detach(&self) -> Self {
        self.tape.constant(self.value.clone())
    }

    /// A constant beside this variable. In nested derivatives this is how a number of the outer level enters the inner
    /// one.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// assert_eq!(tape.var(2.0).constant(5.0).value(), 5.0);
    /// ```
    pub fn constant(&self, value: T) -> Self {
        self.tape.constant(value)
    }

    /// Where this number is recorded, if it depends on a variable: its index among
    /// [`Tape::records`].
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// assert_eq!(tape.var(2.0).index(), Some(0));
    /// assert_eq!(tape.constant(2.0).index(), None);
    /// ```
    pub fn index(&self) -> Option<usize> {
        (self.index != u32::MAX).then_some(self.index as usize)
    }

    /// The tape it is recorded on.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let y = tape.var(3.0).square();
    /// assert_eq!(y.tape().len(), 2);
    /// ```
    pub fn tape(&self) -> &'t Tape<T> {
        self.tape
    }
}

impl<'t, T: Scalar> Real for Var<'t, T> {
    #[inline(always)]
    fn lift(&self, literal: f64) -> Self {
        self.tape.constant(self.value.lift(literal))
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.index == u32::MAX && self.value.is_zero()
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        self.value.is_finite()
    }
    #[inline(always)]
    fn unary<U: Unary>(&self, op: U) -> Self {
        self.tape.unary(op, self)
    }
    #[inline(always)]
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self {
        self.tape.binary(op, self, right)
    }
    #[inline(always)]
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self {
        self.tape.constant_right(op, self, &self.value.lift(right))
    }
    #[inline(always)]
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        self.tape.constant_left(op, &self.value.lift(left), self)
    }
    #[inline(always)]
    fn select(&self, then: &Self, otherwise: &Self) -> Self {
        if self.primal() != 0.0 { then.clone() } else { otherwise.clone() }
    }
}

impl<'t, T: Scalar> Scalar for Var<'t, T> {
    #[inline(always)]
    fn primal(&self) -> f64 {
        self.value.primal()
    }
}

operators!(['t, T: Scalar] Var<'t, T>);
comparisons!(['t, T: Scalar] Var<'t, T>);

/// The seed's `Value(data=2.0000, grad=7.0000)`; `{:.2}` sets the digits.
impl<T: Scalar + fmt::Display> fmt::Display for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(4);
        write!(f, "Value(data={:.digits$}, grad={:.digits$})", self.value, self.grad())
    }
}

impl<T: Scalar> fmt::Debug for Var<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index() {
            Some(index) => write!(f, "Var({:?}, #{index})", self.value),
            None => write!(f, "Var({:?}, constant)", self.value),
        }
    }
}
