//! Equations with a triangular matrix.

use super::batch::{Real, extents, joined, matrix, part, stretches, write_rows};
use crate::array::{Array, DType};
use crate::map::Float;
use faer::Par;
use faer::linalg::triangular_solve as large;

/// Which triangle of the matrix counts, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Triangle {
    /// What is above the diagonal counts as 0; else what is below.
    pub lower: bool,
    /// Solve with the transposed matrix.
    pub transpose: bool,
    /// The diagonal counts as 1.
    pub unit: bool,
}

impl Triangle {
    /// The lower triangle with its diagonal.
    pub const LOWER: Triangle = Triangle { lower: true, transpose: false, unit: false };
    /// The upper triangle with its diagonal.
    pub const UPPER: Triangle = Triangle { lower: false, transpose: false, unit: false };

    /// To solve with the transposed matrix.
    ///
    /// ```
    /// use cotangent_kernels::linalg::Triangle;
    /// assert_eq!(Triangle::LOWER.transposed().transposed(), Triangle::LOWER);
    /// ```
    #[must_use]
    pub fn transposed(self) -> Triangle {
        Triangle { transpose: !self.transpose, ..self }
    }
    /// With ones on the diagonal, whatever stands there.
    ///
    /// ```
    /// assert!(cotangent_kernels::linalg::Triangle::LOWER.unit_diagonal().unit);
    /// ```
    #[must_use]
    pub fn unit_diagonal(self) -> Triangle {
        Triangle { unit: true, ..self }
    }
}

/// The largest matrix for plain loops.
const SMALL: usize = 16;

/// x of a·x = b, or of aᵀ·x = b, for each triangular `[n, n]` and `[n, m]` of a batch. What does not count is not read. A zero on the diagonal
/// divides: infinities and NaN.
///
/// ```
/// use cotangent_kernels::{linalg::{triangular_solve, Triangle}, Array};
/// let l = Array::from_vec(vec![2.0, 9.0, 1.0, 2.0], [2, 2]);
/// let x = triangular_solve(&l, &Array::from_vec(vec![2.0, 5.0], [2, 1]), Triangle::LOWER);
/// assert_eq!(x.to_vec::<f64>().unwrap(), [1.0, 2.0]);
/// ```
pub fn triangular_solve(a: &Array, b: &Array, triangle: Triangle) -> Array {
    match a.dtype() {
        DType::F32 => batch::<f32>(a, b, triangle),
        _ => batch::<f64>(a, b, triangle),
    }
}

fn batch<T: Real>(a: &Array, b: &Array, triangle: Triangle) -> Array {
    let (count, n, m) = extents(b);
    let (matrices, right) = (a.dense::<T>(), b.dense::<T>());
    let parts = stretches(count, n * n * m + 8 * n * (n + m), |range| {
        let mut x = right[range.start * n * m..range.end * n * m].to_vec();
        for (x, i) in x.chunks_mut((n * m).max(1)).zip(range) {
            solve(part(&matrices, n * n, i), x, n, m, triangle);
        }
        x
    });
    Array::from_vec(joined(parts), b.shape().clone())
}

/// In place, for one matrix.
pub(super) fn solve<T: Real>(a: &[T], x: &mut [T], n: usize, m: usize, triangle: Triangle) {
    if n <= SMALL || m == 1 {
        return substitute(a, x, n, m, triangle);
    }
    let a = matrix(a, n, n);
    let a = if triangle.transpose { a.as_ref().transpose() } else { a.as_ref() };
    let mut b = matrix(x, n, m);
    match (triangle.lower != triangle.transpose, triangle.unit) {
        (true, false) => large::solve_lower_triangular_in_place(a, b.as_mut(), Par::Seq),
        (true, true) => large::solve_unit_lower_triangular_in_place(a, b.as_mut(), Par::Seq),
        (false, false) => large::solve_upper_triangular_in_place(a, b.as_mut(), Par::Seq),
        (false, true) => large::solve_unit_upper_triangular_in_place(a, b.as_mut(), Par::Seq),
    }
    write_rows(b.as_ref(), x);
}

fn substitute<T: Float>(a: &[T], x: &mut [T], n: usize, m: usize, triangle: Triangle) {
    let down = triangle.lower != triangle.transpose;
    for step in 0..n {
        let i = if down { step } else { n - 1 - step };
        if m == 1 && !triangle.transpose {
            let done = if down { 0..i } else { i + 1..n };
            let rest = dot(&a[i * n..][done.clone()], &x[done]);
            x[i] = x[i] - rest;
        }
        if !triangle.unit {
            let pivot = a[i * n + i];
            x[i * m..][..m].iter_mut().for_each(|x| *x = *x / pivot);
        }
        if m == 1 && !triangle.transpose {
            continue;
        }
        // What is known is taken out of the rows that are not.
        let (above, rest) = x.split_at_mut(i * m);
        let (own, below) = rest.split_at_mut(m);
        let (others, first) = if down { (below, i + 1) } else { (above, 0) };
        for (k, row) in others.chunks_mut(m.max(1)).enumerate() {
            let k = first + k;
            let entry = if triangle.transpose { a[i * n + k] } else { a[k * n + i] };
            row.iter_mut().zip(&*own).for_each(|(x, own)| *x = *x - entry * *own);
        }
    }
}

/// Σ a·b in eight sums, which the processor adds at once.
fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let mut sums = [T::from_f64(0.0); 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a8.remainder().iter().zip(b8.remainder());
    let last = rest.fold(T::from_f64(0.0), |sum, (a, b)| sum + *a * *b);
    for (a, b) in a8.zip(b8) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum = *sum + *a * *b);
    }
    sums.into_iter().fold(last, |all, sum| all + sum)
}
