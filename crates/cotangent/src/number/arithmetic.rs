//! [`Arithmetic`]: the operators that a number has.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Sub, SubAssign};

/// The four operations and their assigning forms with one kind of right operand. A name for what [`Real`](super::Real) asks three times;
/// every type that has the operators has it.
///
/// ```
/// use cotangent::number::Real;
/// fn mean<R: Real>(x: &[R]) -> R {
///     let mut sum = x[0].clone();
///     for x in &x[1..] {
///         sum += x;
///     }
///     sum / x.len() as f64
/// }
/// assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
/// ```
pub trait Arithmetic<Right>:
    Sized
    + Add<Right, Output = Self>
    + Sub<Right, Output = Self>
    + Mul<Right, Output = Self>
    + Div<Right, Output = Self>
    + AddAssign<Right>
    + SubAssign<Right>
    + MulAssign<Right>
    + DivAssign<Right>
{
}

impl<T, Right> Arithmetic<Right> for T where
    T: Add<Right, Output = T>
        + Sub<Right, Output = T>
        + Mul<Right, Output = T>
        + Div<Right, Output = T>
        + AddAssign<Right>
        + SubAssign<Right>
        + MulAssign<Right>
        + DivAssign<Right>
{
}
