//! Eigenvalues and eigenvectors of symmetric matrices.

use super::NoConvergence;
use super::batch::{
    Real, extents, is_finite, joined, magnitude, matrix, part, stretches, symmetric_part, with_last,
    with_scratch, write_rows,
};
use crate::array::{Array, DType};
use crate::map::Float;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, Par};

/// The eigenvalues, ascending, and the eigenvectors as the columns of an orthogonal matrix, of (a + aᵀ)/2 for each `[n, n]` of a batch. Of
/// each vector the entry of largest magnitude (the first, where some are about equal) is positive. (Golub and Van Loan, Matrix Computations, chapter 8.)
///
/// ```
/// use cotangent_kernels::{linalg::eigh, Array};
/// let (w, v) = eigh(&Array::from_vec(vec![2.0, 1.0, 1.0, 2.0], [2, 2])).unwrap();
/// let (w, v) = (w.to_vec::<f64>().unwrap(), v.to_vec::<f64>().unwrap());
/// assert!((w[0] - 1.0).abs() < 1e-15 && (w[1] - 3.0).abs() < 1e-15 && v[0] > 0.0 && v[2] < 0.0);
/// ```
pub fn eigh(a: &Array) -> Result<(Array, Array), NoConvergence> {
    let (w, v) = match a.dtype() {
        DType::F32 => batch::<f32>(a, true)?,
        _ => batch::<f64>(a, true)?,
    };
    Ok((w, v.expect("asked for")))
}

/// The eigenvalues alone.
///
/// ```
/// use cotangent_kernels::{linalg::eigvalsh, Array};
/// let w = eigvalsh(&Array::from_vec(vec![2.0, 0.0, 0.0, -1.0], [2, 2])).unwrap();
/// assert_eq!(w.to_vec::<f64>().unwrap(), [-1.0, 2.0]);
/// ```
pub fn eigvalsh(a: &Array) -> Result<Array, NoConvergence> {
    Ok(match a.dtype() {
        DType::F32 => batch::<f32>(a, false)?.0,
        _ => batch::<f64>(a, false)?.0,
    })
}

fn batch<T: Real>(a: &Array, vectors: bool) -> Result<(Array, Option<Array>), NoConvergence> {
    let (count, n, _) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, 10 * n * n * n + 4000, |range| {
        let (mut w, mut v) = (Vec::with_capacity(range.len() * n), Vec::new());
        for i in range {
            let room = vectors.then_some(&mut v);
            decompose(part(&values, n * n, i), n, &mut w, room).ok_or(NoConvergence { matrix: i })?;
        }
        Ok((w, v))
    });
    let (w, v): (Vec<_>, Vec<_>) = parts.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    let v = vectors.then(|| Array::from_vec(joined(v), a.shape().clone()));
    Ok((Array::from_vec(joined(w), with_last(a, &[n])), v))
}

fn decompose<T: Real>(a: &[T], n: usize, w: &mut Vec<T>, v: Option<&mut Vec<T>>) -> Option<()> {
    if n == 0 {
        return Some(());
    }
    let mut scaled = Vec::with_capacity(n * n);
    symmetric_part(a, n, &mut scaled);
    if !is_finite(&scaled) {
        w.extend(std::iter::repeat_n(T::from_f64(f64::NAN), n));
        v.into_iter().for_each(|v| v.extend(std::iter::repeat_n(T::from_f64(f64::NAN), n * n)));
        return Some(());
    }
    let scale = magnitude(&scaled);
    scaled.iter_mut().for_each(|x| *x /= scale);
    let matrix = matrix(&scaled, n, n);
    let wanted = if v.is_some() { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    let need = self_adjoint_evd_scratch::<T>(n, wanted, Par::Seq, Default::default());
    let mut values = faer::diag::Diag::zeros(n);
    let mut vectors = v.as_ref().map(|_| Mat::zeros(n, n));
    with_scratch(need, |stack| {
        let vectors = vectors.as_mut().map(|v| v.as_mut());
        self_adjoint_evd(matrix.as_ref(), values.as_mut(), vectors, Par::Seq, stack, Default::default())
    })
    .ok()?;
    w.extend((0..n).map(|i| values[i] * scale));
    if let (Some(v), Some(vectors)) = (v, vectors) {
        let start = v.len();
        v.resize(start + n * n, T::from_f64(0.0));
        write_rows(vectors.as_ref(), &mut v[start..]);
        for j in 0..n {
            if turned(&v[start..], n, n, j) {
                (0..n).for_each(|i| v[start + i * n + j] = -v[start + i * n + j]);
            }
        }
    }
    Some(())
}

/// Is the entry of largest magnitude in column `j` of an `[m, k]` matrix negative? Of entries that rounding may have made differ the first
/// decides.
pub(super) fn turned<T: Float>(v: &[T], m: usize, k: usize, j: usize) -> bool {
    let column = || (0..m).map(|i| v[i * k + j].to_f64());
    let largest = column().fold(0.0, |most: f64, x| most.max(x.abs()));
    column().find(|x| x.abs() >= 0.999 * largest).is_some_and(|x| x < 0.0)
}
