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
    pub const fn between(low: f64, high: f64) -> Domain {
        Domain { low, high, kinks: &[] }
    }

    /// With these kinks.
    pub const fn kinks(self, kinks: &'static [Kink]) -> Domain {
        Domain { kinks, ..self }
    }
}
