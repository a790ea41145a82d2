//! Singular values and vectors.

use super::NoConvergence;
use super::batch::{
    Real, extents, is_finite, joined, magnitude, matrix, part, stretches, with_last, with_scratch,
};
use super::eigh::turned;
use crate::array::{Array, DType};
use faer::diag::Diag;
use faer::linalg::svd::{ComputeSvdVectors, svd as decompose, svd_scratch};
use faer::{Mat, Par};

/// U `[…, m, k]`, the singular values `[…, k]`, descending, and Vᵀ `[…, k, n]` of a = U·diag(s)·Vᵀ for each `[m, n]` of a batch; k is the smaller
/// of m and n. Of each column of U the entry of largest magnitude (the first, where some are about equal) is positive. (Golub and Van
/// Loan, Matrix Computations, section 8.6.)
///
/// ```
/// use cotangent_kernels::{linalg::svd, Array};
/// let (u, s, vt) = svd(&Array::from_vec(vec![0.0, -2.0, 1.0, 0.0], [2, 2])).unwrap();
/// assert_eq!(s.to_vec::<f64>().unwrap(), [2.0, 1.0]);
/// assert_eq!(vt.to_vec::<f64>().unwrap()[1], -1.0);
/// ```
pub fn svd(a: &Array) -> Result<(Array, Array, Array), NoConvergence> {
    match a.dtype() {
        DType::F32 => batch::<f32>(a, true),
        _ => batch::<f64>(a, true),
    }
}

/// The singular values alone.
///
/// ```
/// use cotangent_kernels::{linalg::svdvals, Array};
/// let s = svdvals(&Array::from_vec(vec![3.0, 0.0, 4.0, 0.0], [2, 2])).unwrap().to_vec::<f64>().unwrap();
/// assert!((s[0] - 5.0).abs() < 1e-15 && s[1] == 0.0);
/// ```
pub fn svdvals(a: &Array) -> Result<Array, NoConvergence> {
    Ok(match a.dtype() {
        DType::F32 => batch::<f32>(a, false)?.1,
        _ => batch::<f64>(a, false)?.1,
    })
}

/// U, the values and Vᵀ, row by row; without vectors U and Vᵀ are left empty.
pub(super) struct Parts<T> {
    pub u: Vec<T>,
    pub s: Vec<T>,
    pub vt: Vec<T>,
}

fn batch<T: Real>(a: &Array, vectors: bool) -> Result<(Array, Array, Array), NoConvergence> {
    let (count, m, n) = extents(a);
    let k = m.min(n);
    let values = a.dense::<T>();
    let parts = stretches(count, 20 * m * n * k + 4000, |range| {
        let mut all = Parts { u: Vec::new(), s: Vec::with_capacity(range.len() * k), vt: Vec::new() };
        for i in range {
            let found = one(part(&values, m * n, i), m, n, vectors).ok_or(NoConvergence { matrix: i })?;
            all.u.extend(found.u);
            all.s.extend(found.s);
            all.vt.extend(found.vt);
        }
        Ok(all)
    });
    let parts: Vec<Parts<T>> = parts.into_iter().collect::<Result<_, _>>()?;
    let (mut u, mut s, mut vt) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        u.push(part.u);
        s.push(part.s);
        vt.push(part.vt);
    }
    // Without vectors there are none to shape.
    let shaped = |parts: Vec<Vec<T>>, last: [usize; 2]| match vectors {
        true => Array::from_vec(joined(parts), with_last(a, &last)),
        false => Array::from_vec(Vec::<T>::new(), [0]),
    };
    let s = Array::from_vec(joined(s), with_last(a, &[k]));
    Ok((shaped(u, [m, k]), s, shaped(vt, [k, n])))
}

/// Of one matrix; none if the iteration does not converge.
pub(super) fn one<T: Real>(a: &[T], m: usize, n: usize, vectors: bool) -> Option<Parts<T>> {
    let k = m.min(n);
    let filled = |count: usize, x: f64| vec![T::from_f64(x); count];
    let sizes = if vectors { (m * k, k * n) } else { (0, 0) };
    if k == 0 || !is_finite(a) {
        let nan = f64::NAN;
        return Some(Parts { u: filled(sizes.0, nan), s: filled(k, nan), vt: filled(sizes.1, nan) });
    }
    let scale = magnitude(a);
    let scaled: Vec<T> = a.iter().map(|x| *x / scale).collect();
    let a = matrix(&scaled, m, n);
    let wanted = if vectors { ComputeSvdVectors::Thin } else { ComputeSvdVectors::No };
    let need = svd_scratch::<T>(m, n, wanted, wanted, Par::Seq, Default::default());
    let mut s = Diag::zeros(k);
    let (mut u, mut v) =
        if vectors { (Some(Mat::zeros(m, k)), Some(Mat::zeros(n, k))) } else { (None, None) };
    with_scratch(need, |stack| {
        let (u, v) = (u.as_mut().map(|u| u.as_mut()), v.as_mut().map(|v| v.as_mut()));
        decompose(a.as_ref(), s.as_mut(), u, v, Par::Seq, stack, Default::default())
    })
    .ok()?;
    let s = (0..k).map(|i| s[i] * scale).collect();
    let (Some(u), Some(v)) = (u, v) else { return Some(Parts { u: Vec::new(), s, vt: Vec::new() }) };
    let mut left: Vec<T> = (0..m * k).map(|at| u[(at / k, at % k)]).collect();
    let mut right: Vec<T> = (0..k * n).map(|at| v[(at % n, at / n)]).collect();
    for j in (0..k).filter(|&j| turned(&left, m, k, j)).collect::<Vec<_>>() {
        (0..m).for_each(|i| left[i * k + j] = -left[i * k + j]);
        right[j * n..][..n].iter_mut().for_each(|x| *x = -*x);
    }
    Some(Parts { u: left, s, vt: right })
}
