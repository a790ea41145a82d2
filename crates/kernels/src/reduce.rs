//! Reductions over axes.

use crate::array::{Array, Element, Shape, with_dtype};

/// A number that can be summed and ordered.
trait Number: Element {
    fn plus(self, other: Self) -> Self;
    /// The larger; NaN if either is.
    fn larger(self, other: Self) -> Self;
}

macro_rules! number {
    ($($t:ty: $plus:expr, $larger:expr;)*) => {$(
        impl Number for $t {
            #[inline]
            fn plus(self, other: $t) -> $t {
                $plus(self, other)
            }
            #[inline]
            fn larger(self, other: $t) -> $t {
                $larger(self, other)
            }
        }
    )*};
}

number! {
    f32: |a, b| a + b, |a: f32, b: f32| if a.is_nan() || a > b { a } else { b };
    f64: |a, b| a + b, |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
    i32: i32::wrapping_add, i32::max;
    i64: i64::wrapping_add, i64::max;
    bool: |a, b| a | b, |a, b| a | b;
}

/// The array with the reduced axes last and in order, as rows to be reduced; and the shape of the result.
fn rows(a: &Array, axes: &[usize]) -> (Array, Shape, usize) {
    let kept: Vec<usize> = (0..a.rank()).filter(|axis| !axes.contains(axis)).collect();
    let shape = kept.iter().map(|&axis| a.shape()[axis]).collect::<Shape>();
    let length = axes.iter().map(|&axis| a.shape()[axis]).product();
    let order: Vec<usize> = kept.into_iter().chain(axes.iter().copied()).collect();
    (a.permute(&order), shape, length)
}

/// Entries that are added one after another; longer rows are halved.
const RUN: usize = 32;

/// The sum in halves of halves, so that its error grows with the logarithm of the length. The depth of the recursion is that logarithm.
fn pairwise<T: Number>(values: &[T]) -> T {
    if values.len() <= RUN {
        return values.iter().fold(T::default(), |sum, &x| sum.plus(x));
    }
    // A half that is a multiple of the run, whatever the length: the order depends on the length alone.
    let half = (values.len() / 2).next_multiple_of(RUN);
    pairwise(&values[..half]).plus(pairwise(&values[half..]))
}

/// Sums over axes. Pairwise: an error of about ε·log₂ n. Integers wrap; of bools it is `any`; of nothing it is 0.
///
/// ```
/// use cotangent_kernels::{reduce::sum, Array};
/// let x = Array::from_vec(vec![1, 2, 3, 4], [2, 2]);
/// assert_eq!(sum(&x, &[0]).to_vec::<i32>().unwrap(), [4, 6]);
/// ```
pub fn sum(a: &Array, axes: &[usize]) -> Array {
    if axes.is_empty() {
        return a.clone();
    }
    let (rows, shape, length) = rows(a, axes);
    let count = shape.size();
    with_dtype!(a.dtype(), T => {
        let values = rows.dense::<T>();
        let sums = (0..count).map(|i| pairwise(&values[i * length..(i + 1) * length])).collect();
        Array::from_vec::<T>(sums, shape)
    })
}

/// The largest over axes; NaN if one is. None if an axis of length 0 leaves nothing to choose from.
///
/// ```
/// use cotangent_kernels::{reduce::max, Array};
/// let x = Array::from_vec(vec![1, 5, 3, 4], [2, 2]);
/// assert_eq!(max(&x, &[1]).unwrap().to_vec::<i32>().unwrap(), [5, 4]);
/// ```
pub fn max(a: &Array, axes: &[usize]) -> Option<Array> {
    let (rows, shape, length) = rows(a, axes);
    let count = shape.size();
    if length == 0 && count > 0 {
        return None;
    }
    Some(with_dtype!(a.dtype(), T => {
        let values = rows.dense::<T>();
        let row = |i: usize| &values[i * length..(i + 1) * length];
        let largest = (0..count).map(|i| row(i).iter().copied().reduce(T::larger).expect("not empty")).collect();
        Array::from_vec::<T>(largest, shape)
    }))
}
