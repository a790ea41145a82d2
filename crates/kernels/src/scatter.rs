//! Rows named by indices, replaced, multiplied or made larger by updates, one update after another.

use crate::array::{Array, Element, with_dtype};
use crate::gather::{IndexError, positions};

/// Where in the operand the row of each update begins, and how long a row is.
fn targets(x: &Array, indices: &Array, batch: usize) -> Result<(Vec<usize>, usize), IndexError> {
    let n = x.shape()[batch];
    let row = x.shape()[batch + 1..].iter().product();
    let k = indices.shape()[batch..].iter().product::<usize>().max(1);
    let positions = positions(indices, n)?;
    Ok((positions.into_iter().enumerate().map(|(j, i)| (j / k * n + i) * row).collect(), row))
}

/// The operand (`[batch…, n, rest…]`) with the rows that `indices` (`[batch…, k…]`) name replaced by those of the updates
/// (`[batch…, k…, rest…]`), in order: the last one stays.
///
/// ```
/// use cotangent_kernels::{scatter::scatter_set, Array};
/// let x = Array::from_vec(vec![1, 2, 3], [3]);
/// let y = scatter_set(&x, &Array::from_vec(vec![7, 8], [2]), &Array::from_vec(vec![0_i64, 0], [2]), 0).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [8, 2, 3]);
/// ```
pub fn scatter_set(x: &Array, updates: &Array, indices: &Array, batch: usize) -> Result<Array, IndexError> {
    let (targets, row) = targets(x, indices, batch)?;
    Ok(with_dtype!(x.dtype(), T => {
        let mut out = x.dense::<T>().into_owned();
        let updates = updates.dense::<T>();
        if row == 1 {
            targets.into_iter().zip(updates.iter()).for_each(|(to, &value)| out[to] = value);
        } else {
            for (j, to) in targets.into_iter().enumerate() {
                out[to..to + row].copy_from_slice(&updates[j * row..(j + 1) * row]);
            }
        }
        Array::from_vec(out, x.shape())
    }))
}

trait Number: Element {
    fn larger(self, other: Self) -> Self;
    /// `self · a + b`
    fn mul_add(self, a: Self, b: Self) -> Self;
    fn is_zero(self) -> bool {
        self == Self::default()
    }
}
macro_rules! number {
    ($($t:ty: $larger:expr, $mul_add:expr;)*) => {$(
        impl Number for $t {
            #[inline]
            fn larger(self, other: $t) -> $t {
                $larger(self, other)
            }
            #[inline]
            fn mul_add(self, a: $t, b: $t) -> $t {
                $mul_add(self, a, b)
            }
        }
    )*};
}
number! {
    f32: |a: f32, b: f32| if a.is_nan() || a > b { a } else { b }, |x, a, b| x * a + b;
    f64: |a: f64, b: f64| if a.is_nan() || a > b { a } else { b }, |x, a, b| x * a + b;
    i32: i32::max, |x: i32, a: i32, b: i32| x.wrapping_mul(a).wrapping_add(b);
    i64: i64::max, |x: i64, a: i64, b: i64| x.wrapping_mul(a).wrapping_add(b);
    bool: |a, b| a | b, |x, a, b| x & a | b;
}

/// The operand with the rows that `indices` name at least as large as those of the updates, entry by entry; NaN if one is. Shapes as
/// for [`scatter_set`].
///
/// ```
/// use cotangent_kernels::{scatter::scatter_max, Array};
/// let x = Array::from_vec(vec![1, 2, 3], [3]);
/// let y = scatter_max(&x, &Array::from_vec(vec![7, 1], [2]), &Array::from_vec(vec![0_i64, 2], [2]), 0).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [7, 2, 3]);
/// ```
pub fn scatter_max(x: &Array, updates: &Array, indices: &Array, batch: usize) -> Result<Array, IndexError> {
    let (targets, row) = targets(x, indices, batch)?;
    Ok(with_dtype!(x.dtype(), T => {
        let mut out = x.dense::<T>().into_owned();
        let updates = updates.dense::<T>();
        for (j, to) in targets.into_iter().enumerate() {
            for (y, &u) in out[to..to + row].iter_mut().zip(&updates[j * row..(j + 1) * row]) {
                *y = y.larger(u);
            }
        }
        Array::from_vec(out, x.shape())
    }))
}

/// How [`scatter_mul_add`] goes through its updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// From the last update of each example to the first.
    pub reverse: bool,
    /// A product with a zero is zero, also with an infinity or NaN.
    pub zero_wins: bool,
}

/// One update after another, `row ← row · a + b` for the row that its index names; `a` and `b` have a row for each index. Gives the
/// rows after all updates, and for each update its row as it was just before. Shapes as for [`scatter_set`].
///
/// ```
/// use cotangent_kernels::{scatter::{scatter_mul_add, Steps}, Array};
/// let (x, a, b) = (Array::from_vec(vec![1, 2], [2]), Array::from_vec(vec![3, 4], [2]), Array::from_vec(vec![0, 1], [2]));
/// let steps = Steps { reverse: false, zero_wins: false };
/// let (y, before) = scatter_mul_add(&x, &a, &b, &Array::from_vec(vec![1_i64, 1], [2]), 0, steps).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 25]);
/// assert_eq!(before.to_vec::<i32>().unwrap(), [2, 6]);
/// ```
pub fn scatter_mul_add(
    x: &Array,
    a: &Array,
    b: &Array,
    indices: &Array,
    batch: usize,
    steps: Steps,
) -> Result<(Array, Array), IndexError> {
    let (targets, row) = targets(x, indices, batch)?;
    Ok(with_dtype!(x.dtype(), T => {
        let mut out = x.dense::<T>().into_owned();
        let mut before = vec![T::default(); targets.len() * row];
        let (factors, terms) = (a.dense::<T>(), b.dense::<T>());
        let mut step = |j: usize, to: usize| {
            for (i, y) in out[to..to + row].iter_mut().enumerate() {
                let from = j * row + i;
                before[from] = *y;
                let (a, b) = (factors[from], terms[from]);
                let zero = steps.zero_wins && (a.is_zero() || y.is_zero());
                *y = if zero { b } else { y.mul_add(a, b) };
            }
        };
        let targets = targets.into_iter().enumerate();
        if steps.reverse {
            targets.rev().for_each(|(j, to)| step(j, to));
        } else {
            targets.for_each(|(j, to)| step(j, to));
        }
        (Array::from_vec(out, x.shape()), Array::from_vec(before, a.shape()))
    }))
}
