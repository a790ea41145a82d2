//! Entries named by indices.

use crate::array::{Array, DType, Element, Shape, with_dtype};
use std::fmt;

/// An index that no entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexError {
    /// The index.
    pub index: i64,
    /// How many entries there are.
    pub size: usize,
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {} of an axis of length {}", self.index, self.size)
    }
}

impl std::error::Error for IndexError {}

/// Indices as positions; negative ones count from the end.
fn positions(indices: &Array, size: usize) -> Result<Vec<usize>, IndexError> {
    let indices: Vec<i64> = match indices.dtype() {
        DType::I32 => indices.dense::<i32>().iter().map(|&i| i.into()).collect(),
        _ => indices.dense::<i64>().into_owned(),
    };
    let position = |index: i64| {
        let found = if index < 0 { index + size as i64 } else { index };
        usize::try_from(found).ok().filter(|&found| found < size).ok_or(IndexError { index, size })
    };
    indices.into_iter().map(position).collect()
}

/// Sizes of the batch, of the indices in each, and of a row.
fn sizes(batch: &[usize], indices: &[usize], rest: &[usize]) -> (usize, usize, usize) {
    (batch.iter().product(), indices.iter().product(), rest.iter().product())
}

/// Rows of `operand` (`[batch…, n, rest…]`) named by `indices` (`[batch…, k…]`, `i32` or `i64`): `[batch…, k…, rest…]`.
///
/// ```
/// use cotangent_kernels::{gather::gather, Array};
/// let x = Array::from_vec(vec![10, 20, 30], [3]);
/// let y = gather(&x, &Array::from_vec(vec![2_i64, 0, -1], [3]), 0).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [30, 10, 30]);
/// ```
pub fn gather(operand: &Array, indices: &Array, batch: usize) -> Result<Array, IndexError> {
    let (own, picked) = (operand.shape(), indices.shape());
    let n = own[batch];
    let (count, k, row) = sizes(&own[..batch], &picked[batch..], &own[batch + 1..]);
    let shape: Shape = picked.iter().chain(&own[batch + 1..]).copied().collect();
    let positions = positions(indices, n)?;
    Ok(with_dtype!(operand.dtype(), T => {
        let values = operand.dense::<T>();
        let mut out = Vec::<T>::with_capacity(shape.size());
        for b in 0..count {
            for &i in &positions[b * k..(b + 1) * k] {
                let start = (b * n + i) * row;
                out.extend_from_slice(&values[start..start + row]);
            }
        }
        Array::from_vec(out, shape)
    }))
}

trait Add: Element {
    fn plus(self, other: Self) -> Self;
}
macro_rules! add {
    ($($t:ty: $plus:expr;)*) => {$(
        impl Add for $t {
            #[inline]
            fn plus(self, other: $t) -> $t {
                $plus(self, other)
            }
        }
    )*};
}
add! {
    f32: |a, b| a + b;
    f64: |a, b| a + b;
    i32: i32::wrapping_add;
    i64: i64::wrapping_add;
    bool: |a, b| a | b;
}

/// Zeros `[batch…, n, rest…]`, to whose rows named by `indices` (`[batch…, k…]`) those of `updates` (`[batch…, k…, rest…]`) are
/// added, in order.
///
/// ```
/// use cotangent_kernels::{gather::scatter_add, Array};
/// let y = scatter_add(&Array::from_vec(vec![1, 2, 3], [3]), &Array::from_vec(vec![1_i64, 1, 0], [3]), 0, 2).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [3, 3]);
/// ```
pub fn scatter_add(updates: &Array, indices: &Array, batch: usize, n: usize) -> Result<Array, IndexError> {
    let picked = indices.shape();
    let rest = &updates.shape()[picked.rank()..];
    let (count, k, row) = sizes(&picked[..batch], &picked[batch..], rest);
    let shape: Shape = picked[..batch].iter().chain([&n]).chain(rest).copied().collect();
    let positions = positions(indices, n)?;
    Ok(with_dtype!(updates.dtype(), T => {
        let values = updates.dense::<T>();
        let mut out = vec![T::default(); shape.size()];
        for b in 0..count {
            for (j, &i) in positions[b * k..(b + 1) * k].iter().enumerate() {
                let (to, from) = ((b * n + i) * row, (b * k + j) * row);
                for (y, &x) in out[to..to + row].iter_mut().zip(&values[from..from + row]) {
                    *y = y.plus(x);
                }
            }
        }
        Array::from_vec(out, shape)
    }))
}
