//! The inverse of matrices that have none.

use super::NoConvergence;
use super::batch::{Real, extents, joined, matrix, part, stretches, with_last, write_rows};
use super::svd::one;
use crate::array::{Array, DType};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

/// The pseudoinverse (Moore and Penrose) of each `[m, n]` of a batch: singular values of at most `cutoff` times the largest count as 0. (Golub
/// and Van Loan, Matrix Computations, section 5.5.2.)
///
/// ```
/// use cotangent_kernels::{linalg::pinv, Array};
/// let p = pinv(&Array::from_vec(vec![2.0, 0.0, 0.0, 0.0], [2, 2]), 1e-10).unwrap();
/// assert_eq!(p.to_vec::<f64>().unwrap(), [0.5, 0.0, 0.0, 0.0]);
/// ```
pub fn pinv(a: &Array, cutoff: f64) -> Result<Array, NoConvergence> {
    match a.dtype() {
        DType::F32 => batch::<f32>(a, cutoff),
        _ => batch::<f64>(a, cutoff),
    }
}

fn batch<T: Real>(a: &Array, cutoff: f64) -> Result<Array, NoConvergence> {
    let (count, m, n) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, 20 * m * n * m.min(n) + 4000, |range| {
        let mut all = vec![T::from_f64(0.0); range.len() * m * n];
        for (out, i) in all.chunks_mut((m * n).max(1)).zip(range) {
            invert(part(&values, m * n, i), m, n, cutoff, out).ok_or(NoConvergence { matrix: i })?;
        }
        Ok(all)
    });
    let parts: Vec<Vec<T>> = parts.into_iter().collect::<Result<_, _>>()?;
    Ok(Array::from_vec(joined(parts), with_last(a, &[n, m])))
}

fn invert<T: Real>(a: &[T], m: usize, n: usize, cutoff: f64, out: &mut [T]) -> Option<()> {
    let k = m.min(n);
    let mut found = one(a, m, n, true)?;
    let least = found.s.first().map_or(0.0, |s| s.to_f64() * cutoff);
    for (s, row) in found.s.iter().zip(found.vt.chunks_mut(n.max(1))) {
        // A NaN is not below: it goes on.
        let dropped = s.to_f64() <= least;
        row.iter_mut().for_each(|x| *x = if dropped { T::from_f64(0.0) } else { *x / *s });
    }
    let (u, vt) = (matrix(&found.u, m, k), matrix(&found.vt, k, n));
    let mut product = Mat::zeros(n, m);
    let (left, right) = (vt.as_ref().transpose(), u.as_ref().transpose());
    matmul(product.as_mut(), Accum::Replace, left, right, T::from_f64(1.0), Par::Seq);
    write_rows(product.as_ref(), out);
    Some(())
}
