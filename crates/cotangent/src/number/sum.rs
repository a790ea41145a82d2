//! Compensated summation.

use super::Real;
use std::ops::{Add, Neg, Sub};

/// A number that [`NeumaierSum`] can add up: `f32`, `f64`, [`F32`](super::F32).
///
/// ```
/// # use cotangent::number::{F32, compensated_sum};
/// assert_eq!(compensated_sum([F32(1.0), F32(1e20), F32(-1e20)]), F32(1.0));
/// ```
pub trait Summand:
    Copy + Default + PartialOrd + Add<Output = Self> + Sub<Output = Self> + Neg<Output = Self>
{
}

impl<T> Summand for T where
    T: Copy + Default + PartialOrd + Add<Output = T> + Sub<Output = T> + Neg<Output = T>
{
}

/// A running sum that keeps what each addition rounds away and gives it back at the end. For n summands the error is
/// about one rounding of the result plus n·ε²·Σ|xᵢ|, where a plain loop's is up to n·ε·Σ|xᵢ|.
///
/// Kahan's older algorithm subtracts the correction from the next summand and loses it when that summand is larger
/// than the sum so far; Neumaier's asks which of the two is larger, and so also gets `1 + 1e100 + 1 − 1e100` right,
/// where Kahan's gives 0.
///
/// ```
/// use cotangent::number::NeumaierSum;
/// let mut sum = NeumaierSum::new();
/// for x in [1.0, 1e100, 1.0, -1e100] {
///     sum.add(x);
/// }
/// assert_eq!(sum.total(), 2.0); // a plain loop gives 0
/// ```
///
/// Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974,
/// algorithm IV; W. Kahan, "Further remarks on reducing truncation errors", CACM 8, 1965.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NeumaierSum<T> {
    sum: T,
    /// What the additions so far have rounded away.
    lost: T,
}

impl<T: Summand> NeumaierSum<T> {
    /// An empty sum, 0.
    ///
    /// ```
    /// # use cotangent::number::NeumaierSum;
    /// assert_eq!(NeumaierSum::<f64>::new().total(), 0.0);
    /// ```
    pub fn new() -> Self {
        NeumaierSum::default()
    }

    /// Adds one number.
    ///
    /// ```
    /// # use cotangent::number::NeumaierSum;
    /// let mut sum = NeumaierSum::new();
    /// sum.add(16_777_216_f32);
    /// sum.add(1.0);
    /// sum.add(1.0);
    /// assert_eq!(sum.total(), 16_777_218.0); // a plain f32 loop stays at 16777216
    /// ```
    #[inline]
    pub fn add(&mut self, x: T) {
        let sum = self.sum + x;
        self.lost = self.lost
            + if magnitude(self.sum) >= magnitude(x) { (self.sum - sum) + x } else { (x - sum) + self.sum };
        self.sum = sum;
    }

    /// The sum of all numbers added so far.
    ///
    /// ```
    /// # use cotangent::number::NeumaierSum;
    /// assert_eq!([0.1; 10].into_iter().collect::<NeumaierSum<f64>>().total(), 1.0);
    /// ```
    pub fn total(&self) -> T {
        // After an overflow the correction is ∞ − ∞; the sum itself is right.
        if self.sum + -self.sum == T::default() { self.sum + self.lost } else { self.sum }
    }
}

fn magnitude<T: Summand>(x: T) -> T {
    if x < T::default() { -x } else { x }
}

impl<T: Summand> Extend<T> for NeumaierSum<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, numbers: I) {
        for x in numbers {
            self.add(x);
        }
    }
}

impl<T: Summand> FromIterator<T> for NeumaierSum<T> {
    fn from_iter<I: IntoIterator<Item = T>>(numbers: I) -> Self {
        let mut sum = NeumaierSum::new();
        sum.extend(numbers);
        sum
    }
}

/// The compensated sum of these numbers; see [`NeumaierSum`].
///
/// ```
/// use cotangent::number::compensated_sum;
/// assert_eq!(compensated_sum([1.0, 1e100, 1.0, -1e100]), 2.0);
/// assert_eq!([1.0, 1e100, 1.0, -1e100].iter().sum::<f64>(), 0.0);
/// ```
pub fn compensated_sum<T: Summand>(numbers: impl IntoIterator<Item = T>) -> T {
    numbers.into_iter().collect::<NeumaierSum<T>>().total()
}

/// The compensated sum of numbers of any engine, with the derivative flowing through; `None` of no numbers. For plain
/// numbers [`compensated_sum`] is faster.
///
/// What an addition rounds away is found without a comparison, so that symbols can be added too.
///
/// ```
/// use cotangent::number::{F32, accurate_sum, gradient};
/// assert_eq!(accurate_sum([F32(1e8), F32(1.0), F32(-1e8)]), Some(F32(1.0))); // a plain loop gives 0
/// assert_eq!(gradient(|x| accurate_sum(x.iter().copied()).unwrap(), &[1e100, 1.0, -1e100]), [1.0; 3]);
/// ```
///
/// Source: D. E. Knuth, "The Art of Computer Programming", volume 2, section 4.2.2, theorem B.
pub fn accurate_sum<R: Real>(numbers: impl IntoIterator<Item = R>) -> Option<R> {
    let mut numbers = numbers.into_iter();
    let mut sum = numbers.next()?;
    let mut lost = sum.zero();
    for x in numbers {
        let total = sum.clone() + &x;
        let of_x = total.clone() - &sum;
        let of_sum = total.clone() - &of_x;
        lost += (sum - of_sum) + (x - of_x);
        sum = total;
    }
    // After an overflow the correction is ∞ − ∞; the sum itself is right.
    let corrected = sum.clone() + lost;
    Some(if corrected.is_finite() { corrected } else { sum })
}
