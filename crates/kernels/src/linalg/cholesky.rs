//! Cholesky's factor.

use super::batch::{Real, extents, joined, matrix, part, stretches, symmetric_part, with_scratch};
use crate::array::{Array, DType};
use crate::map::Float;
use faer::Par;
use faer::linalg::cholesky::llt::factor::{LltError, cholesky_in_place, cholesky_in_place_scratch};
use std::fmt;

/// A matrix whose Cholesky factor does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// Which matrix of the batch.
    pub matrix: usize,
    /// The row at which what should be positive is not.
    pub pivot: usize,
}

impl fmt::Display for NotPositiveDefinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pivot {} of matrix {} is not positive", self.pivot, self.matrix)
    }
}

impl std::error::Error for NotPositiveDefinite {}

/// The largest matrix for plain loops.
const SMALL: usize = 16;

/// The lower factor L of L·Lᵀ = (a + aᵀ)/2 for each `[n, n]` of a batch; 0 above the diagonal. (Golub and Van Loan, Matrix Computations,
/// algorithm 4.2.1.)
///
/// ```
/// use cotangent_kernels::{linalg::cholesky, Array};
/// let l = cholesky(&Array::from_vec(vec![4.0, 2.0, 2.0, 5.0], [2, 2])).unwrap();
/// assert_eq!(l.to_vec::<f64>().unwrap(), [2.0, 0.0, 1.0, 2.0]);
/// ```
pub fn cholesky(a: &Array) -> Result<Array, NotPositiveDefinite> {
    match a.dtype() {
        DType::F32 => batch::<f32>(a),
        _ => batch::<f64>(a),
    }
}

fn batch<T: Real>(a: &Array) -> Result<Array, NotPositiveDefinite> {
    let (count, n, _) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, n * n * n / 3 + 8 * n * n, |range| {
        let mut factors = Vec::with_capacity(range.len() * n * n);
        for i in range {
            let start = factors.len();
            symmetric_part(part(&values, n * n, i), n, &mut factors);
            let l = &mut factors[start..];
            let done = if n <= SMALL { small(l, n) } else { large(l, n) };
            done.map_err(|pivot| NotPositiveDefinite { matrix: i, pivot })?;
        }
        Ok(factors)
    });
    let parts: Vec<Vec<T>> = parts.into_iter().collect::<Result<_, _>>()?;
    Ok(Array::from_vec(joined(parts), a.shape().clone()))
}

/// In place; the error is the pivot that is not positive, which a NaN is not either.
fn small<T: Float>(l: &mut [T], n: usize) -> Result<(), usize> {
    let zero = T::from_f64(0.0);
    for j in 0..n {
        let mut pivot = l[j * n + j];
        for k in 0..j {
            pivot = pivot - l[j * n + k] * l[j * n + k];
        }
        if !pivot.is_finite() || pivot <= zero {
            return Err(j);
        }
        let root = pivot.sqrt();
        l[j * n + j] = root;
        for i in j + 1..n {
            let mut sum = l[i * n + j];
            for k in 0..j {
                sum = sum - l[i * n + k] * l[j * n + k];
            }
            l[i * n + j] = sum / root;
            l[j * n + i] = zero;
        }
    }
    Ok(())
}

fn large<T: Real>(l: &mut [T], n: usize) -> Result<(), usize> {
    let mut a = matrix(l, n, n);
    let need = cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default());
    let done = with_scratch(need, |stack| {
        cholesky_in_place(a.as_mut(), Default::default(), Par::Seq, stack, Default::default())
    });
    done.map_err(|LltError::NonPositivePivot { index }| index)?;
    for (i, row) in l.chunks_mut(n).enumerate() {
        row.iter_mut().enumerate().for_each(|(j, x)| *x = if j <= i { a[(i, j)] } else { T::from_f64(0.0) });
    }
    match (0..n).find(|&i| !Float::is_finite(l[i * n + i])) {
        Some(pivot) => Err(pivot),
        None => Ok(()),
    }
}
