//! Factorisations of matrices, one by one in a batch.

use crate::array::{Array, DType, Element};
use crate::map::{Float, map2};
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

/// The lower factor L of L·Lᵀ = a for each `[n, n]` of a batch. Only the lower triangle is read; the strict upper one of the
/// result is 0. (Golub and Van Loan, Matrix Computations, algorithm 4.2.1.)
///
/// ```
/// use cotangent_kernels::{linalg::cholesky, Array};
/// let l = cholesky(&Array::from_vec(vec![4.0, 2.0, 2.0, 5.0], [2, 2])).unwrap();
/// assert_eq!(l.to_vec::<f64>().unwrap(), [2.0, 0.0, 1.0, 2.0]);
/// ```
pub fn cholesky(a: &Array) -> Result<Array, NotPositiveDefinite> {
    match a.dtype() {
        DType::F32 => factor::<f32>(a),
        _ => factor::<f64>(a),
    }
}

fn factor<T: Float + Element>(a: &Array) -> Result<Array, NotPositiveDefinite> {
    let n = a.shape()[a.rank() - 1];
    let mut values = a.dense::<T>().into_owned();
    let zero = T::from_f64(0.0);
    for (matrix, l) in values.chunks_mut((n * n).max(1)).enumerate() {
        for j in 0..n {
            let mut pivot = l[j * n + j];
            for k in 0..j {
                pivot = pivot - l[j * n + k] * l[j * n + k];
            }
            // A NaN is not positive either.
            if !pivot.to_f64().is_finite() || pivot <= zero {
                return Err(NotPositiveDefinite { matrix, pivot: j });
            }
            let root = Float::sqrt(pivot);
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
    }
    Ok(Array::from_vec(values, a.shape()))
}

/// x of a·x = b, or of aᵀ·x = b, for each lower-triangular `[n, n]` and `[n, m]` of a batch. The strict upper triangle of `a` is not
/// read. A zero on the diagonal divides: infinities and NaN.
///
/// ```
/// use cotangent_kernels::{linalg::triangular_solve, Array};
/// let l = Array::from_vec(vec![2.0, 0.0, 1.0, 2.0], [2, 2]);
/// let x = triangular_solve(&l, &Array::from_vec(vec![2.0, 5.0], [2, 1]), false);
/// assert_eq!(x.to_vec::<f64>().unwrap(), [1.0, 2.0]);
/// ```
pub fn triangular_solve(a: &Array, b: &Array, transpose: bool) -> Array {
    match a.dtype() {
        DType::F32 => solve::<f32>(a, b, transpose),
        _ => solve::<f64>(a, b, transpose),
    }
}

fn solve<T: Float + Element>(a: &Array, b: &Array, transpose: bool) -> Array {
    let (n, m) = (b.shape()[b.rank() - 2], b.shape()[b.rank() - 1]);
    let matrices = a.dense::<T>();
    let mut values = b.dense::<T>().into_owned();
    for (x, l) in values.chunks_mut((n * m).max(1)).zip(matrices.chunks((n * n).max(1))) {
        for step in 0..n {
            let i = if transpose { n - 1 - step } else { step };
            let done = if transpose { i + 1..n } else { 0..i };
            for c in 0..m {
                let mut sum = x[i * m + c];
                for k in done.clone() {
                    let entry = if transpose { l[k * n + i] } else { l[i * n + k] };
                    sum = sum - entry * x[k * m + c];
                }
                x[i * m + c] = sum / l[i * n + i];
            }
        }
    }
    Array::from_vec(values, b.shape())
}

/// (a + aᵀ)/2 for each matrix `[…, n, n]` of floats.
///
/// ```
/// use cotangent_kernels::{linalg::symmetrised, Array};
/// let a = symmetrised(&Array::from_vec(vec![1.0, 2.0, 4.0, 1.0], [2, 2]));
/// assert_eq!(a.to_vec::<f64>().unwrap(), [1.0, 3.0, 3.0, 1.0]);
/// ```
pub fn symmetrised(a: &Array) -> Array {
    let mut axes: Vec<usize> = (0..a.rank()).collect();
    axes.swap(a.rank() - 1, a.rank() - 2);
    let transposed = a.permute(&axes);
    match a.dtype() {
        DType::F32 => map2(a, &transposed, |x: f32, y: f32| 0.5 * (x + y)),
        _ => map2(a, &transposed, |x: f64, y: f64| 0.5 * (x + y)),
    }
}
