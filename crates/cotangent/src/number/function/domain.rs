//! Where a function may be tested, and what happens at its kinks.

/// Where a function is defined and smooth: an interval to draw test points from, and the kinks inside it.
///
/// ```
/// use cotangent::number::function::{Abs, Unary};
/// let domain = Abs.domain();
/// assert_eq!((domain.low, domain.high), (-3.0, 3.0));
/// assert_eq!(domain.kinks[0].derivative, 0.0); // |x|'(0) = 0
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// Test points lie above this.
    pub low: f64,
    /// Test points lie below this.
    pub high: f64,
    /// Where the derivative jumps or the function does, with the convention there.
    pub kinks: &'static [Kink],
}

/// A point where a function has no derivative, and the one that this library declares.
///
/// ```
/// use cotangent::number::{Dual, Real, function::{Kink, Relu, Unary}};
/// assert_eq!(Relu.domain().kinks, [Kink { at: 0.0, derivative: 0.0 }]);
/// assert_eq!(Dual::variable(0.0).relu().derivative(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kink {
    /// The argument.
    pub at: f64,
    /// The declared derivative there.
    pub derivative: f64,
}

/// The kink of a piecewise-constant function, or of one whose declared derivative is zero.
pub(super) const fn flat(at: f64) -> Kink {
    Kink { at, derivative: 0.0 }
}

impl Domain {
    /// The interval between two numbers, without kinks.
    ///
    /// ```
    /// # use cotangent::number::function::Domain;
    /// let positive = Domain::between(0.1, 5.0);
    /// assert_eq!((positive.low, positive.high, positive.kinks.len()), (0.1, 5.0, 0));
    /// ```
    pub const fn between(low: f64, high: f64) -> Domain {
        Domain { low, high, kinks: &[] }
    }

    /// With these kinks.
    ///
    /// ```
    /// # use cotangent::number::function::{Domain, Kink};
    /// let domain = Domain::between(-3.0, 3.0).kinks(&[Kink { at: 1.0, derivative: 0.5 }]);
    /// assert_eq!(domain.kinks[0].derivative, 0.5);
    /// ```
    pub const fn kinks(self, kinks: &'static [Kink]) -> Domain {
        Domain { kinks, ..self }
    }
}
