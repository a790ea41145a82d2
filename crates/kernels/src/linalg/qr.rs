//! Householder's QR decomposition.

use super::batch::{
    Real, extents, is_finite, joined, magnitude, matrix, part, stretches, with_last, with_scratch,
};
use crate::array::{Array, DType};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size};
use faer::{Conj, Mat, Par};

/// Q `[…, m, k]` with orthonormal columns and R `[…, k, n]`, upper triangular with no negative number on its diagonal, of a = Q·R for
/// each `[m, n]` of a batch; k is the smaller of m and n. (Golub and Van Loan, Matrix Computations, section 5.2.)
///
/// ```
/// use cotangent_kernels::{linalg::qr, Array};
/// let (q, r) = qr(&Array::from_vec(vec![-3.0, 4.0], [2, 1]));
/// assert!((r.first().unwrap().to_f64() - 5.0).abs() < 1e-15);
/// assert!((q.first().unwrap().to_f64() + 0.6).abs() < 1e-15);
/// ```
pub fn qr(a: &Array) -> (Array, Array) {
    match a.dtype() {
        DType::F32 => batch::<f32>(a),
        _ => batch::<f64>(a),
    }
}

fn batch<T: Real>(a: &Array) -> (Array, Array) {
    let (count, m, n) = extents(a);
    let k = m.min(n);
    let values = a.dense::<T>();
    let parts = stretches(count, 4 * m * n * k + 2000, |range| {
        let (mut q, mut r) =
            (Vec::with_capacity(range.len() * m * k), Vec::with_capacity(range.len() * k * n));
        range.for_each(|i| factor(part(&values, m * n, i), m, n, &mut q, &mut r));
        (q, r)
    });
    let (q, r): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    (Array::from_vec(joined(q), with_last(a, &[m, k])), Array::from_vec(joined(r), with_last(a, &[k, n])))
}

fn factor<T: Real>(a: &[T], m: usize, n: usize, q: &mut Vec<T>, r: &mut Vec<T>) {
    let (k, zero) = (m.min(n), T::from_f64(0.0));
    if !is_finite(a) {
        q.extend(std::iter::repeat_n(T::from_f64(f64::NAN), m * k));
        r.extend(std::iter::repeat_n(T::from_f64(f64::NAN), k * n));
        return;
    }
    if k == 0 {
        return;
    }
    let scale = magnitude(a);
    let scaled: Vec<T> = a.iter().map(|x| *x / scale).collect();
    let mut packed = matrix(&scaled, m, n);
    let block = recommended_block_size::<T>(m, n);
    let mut coefficients = Mat::zeros(block, k);
    let need = qr_in_place_scratch::<T>(m, n, block, Par::Seq, Default::default());
    let need = need.or(apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(m, block, k));
    let mut basis = Mat::from_fn(m, k, |i, j| T::from_f64(if i == j { 1.0 } else { 0.0 }));
    with_scratch(need, |stack| {
        qr_in_place(packed.as_mut(), coefficients.as_mut(), Par::Seq, stack, Default::default());
        apply_block_householder_sequence_on_the_left_in_place_with_conj(
            packed.as_ref().subcols(0, k),
            coefficients.as_ref(),
            Conj::No,
            basis.as_mut(),
            Par::Seq,
            stack,
        );
    });
    let turned: Vec<bool> = (0..k).map(|i| packed[(i, i)] < zero).collect();
    let turn = |turned: bool, x: T| if turned { -x } else { x };
    q.extend((0..m * k).map(|at| turn(turned[at % k], basis[(at / k, at % k)])));
    let entry = |i: usize, j: usize| if j < i { zero } else { turn(turned[i], packed[(i, j)]) * scale };
    r.extend((0..k * n).map(|at| entry(at / n, at % n)));
}
