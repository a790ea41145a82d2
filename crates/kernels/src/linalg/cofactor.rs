//! The gradient of the determinant.

use super::NoConvergence;
use super::batch::{Real, extents, joined, matrix, part, stretches, write_rows};
use super::lu::{det_factored, factor, product, solve_factored};
use super::svd::one;
use crate::array::{Array, DType};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

/// The cofactors of each `[n, n]` of a batch: entry (i, j) is (−1)^(i+j) times the determinant of what is left without row i and column j. They
/// exist whether or not the matrix has an inverse.
///
/// ```
/// use cotangent_kernels::{linalg::cofactor, Array};
/// let c = cofactor(&Array::from_vec(vec![1.0, 2.0, 2.0, 4.0], [2, 2])).unwrap().to_vec::<f64>().unwrap();
/// assert!(c.iter().zip([4.0, -2.0, -2.0, 1.0]).all(|(c, exact)| (c - exact).abs() < 1e-14));
/// ```
pub fn cofactor(a: &Array) -> Result<Array, NoConvergence> {
    match a.dtype() {
        DType::F32 => batch::<f32>(a),
        _ => batch::<f64>(a),
    }
}

fn batch<T: Real>(a: &Array) -> Result<Array, NoConvergence> {
    let (count, n, _) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, 3 * n * n * n + 8 * n * n, |range| {
        let mut all = vec![T::from_f64(0.0); range.len() * n * n];
        for (out, i) in all.chunks_mut((n * n).max(1)).zip(range) {
            cofactors(part(&values, n * n, i), n, out).ok_or(NoConvergence { matrix: i })?;
        }
        Ok(all)
    });
    let parts: Vec<Vec<T>> = parts.into_iter().collect::<Result<_, _>>()?;
    Ok(Array::from_vec(joined(parts), a.shape().clone()))
}

fn cofactors<T: Real>(a: &[T], n: usize, out: &mut [T]) -> Option<()> {
    // Of few entries nothing need be computed, and so nothing is rounded: second derivatives by differences see one unit in the last place.
    let exact = match *a {
        [_] => Some(&[T::from_f64(1.0)][..]),
        [a, b, c, d] => Some(&[d, -c, -b, a][..]),
        _ => None,
    };
    if let Some(exact) = exact.filter(|_| a.iter().all(|x| x.to_f64().is_finite())) {
        out.copy_from_slice(exact);
        return Some(());
    }
    let mut factors = a.to_vec();
    let (mut exchanged, mut rows) = (Vec::new(), Vec::new());
    factor(&mut factors, n, n, &mut exchanged, &mut rows);
    let pivots = || (0..n).map(|i| factors[i * n + i].to_f64().abs());
    let (least, most) = (pivots().fold(f64::INFINITY, f64::min), pivots().fold(0.0, f64::max));
    let det = det_factored(&factors, n, &exchanged);
    // Far from singular matrices it is det·A⁻ᵀ. (A NaN goes this way too.)
    let near = if size_of::<T>() == 4 { 1e-3 } else { 1e-8 };
    if !(least <= near * most || det == 0.0 || det.is_infinite()) {
        (0..n).for_each(|i| out[i * n + i] = T::from_f64(1.0));
        let mut moved = vec![T::from_f64(0.0); n * n];
        solve_factored(&factors, &rows, out, &mut moved, (n, n), true);
        out.iter_mut().for_each(|x| *x = T::from_f64(x.to_f64() * det));
        return Some(());
    }
    // Of U·diag(s)·Vᵀ they are det(U)·det(V)·U·diag(the products of the other s)·Vᵀ.
    let mut found = one(a, n, n, true)?;
    let sign = |q: &[T]| {
        let (mut q, mut exchanged) = (q.to_vec(), Vec::new());
        factor(&mut q, n, n, &mut exchanged, &mut Vec::new());
        det_factored(&q, n, &exchanged).signum()
    };
    let sign = sign(&found.u) * sign(&found.vt);
    let s: Vec<f64> = found.s.iter().map(|s| s.to_f64()).collect();
    for (i, row) in found.vt.chunks_mut(n).enumerate() {
        let others = s.iter().enumerate().filter(|&(j, _)| j != i).map(|(_, s)| *s);
        let factor = T::from_f64(sign * product(others));
        row.iter_mut().for_each(|x| *x *= factor);
    }
    let (u, vt) = (matrix(&found.u, n, n), matrix(&found.vt, n, n));
    let mut all = Mat::zeros(n, n);
    matmul(all.as_mut(), Accum::Replace, u.as_ref(), vt.as_ref(), T::from_f64(1.0), Par::Seq);
    write_rows(all.as_ref(), out);
    Some(())
}
