//! Gauss's elimination with row exchanges, and what follows from it.

use super::batch::{
    Real, extents, is_finite, joined, matrix, part, stretches, with_last, with_scratch, write_rows,
};
use super::triangular::{Triangle, solve};
use crate::array::{Array, DType};
use crate::map::Float;
use faer::Par;
use faer::linalg::lu::partial_pivoting::factor::{lu_in_place, lu_in_place_scratch};
use std::fmt;

/// A matrix that has no inverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Singular {
    /// Which matrix of the batch.
    pub matrix: usize,
    /// The pivot that is zero.
    pub pivot: usize,
}

impl fmt::Display for Singular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "matrix {} is singular: pivot {} is zero", self.matrix, self.pivot)
    }
}

impl std::error::Error for Singular {}

/// The largest matrix for plain loops.
const SMALL: usize = 16;

/// L and U in one matrix (the ones on L's diagonal left out), the row that each step exchanged its own with, and the rows in their new
/// order: `a[rows] = L·U`, for each `[m, n]` of a batch. The latter two are `i64[…, min(m, n)]` and `i64[…, m]`. The pivot of a step is
/// the entry of largest magnitude, the first of these. (Golub and Van Loan, Matrix Computations, algorithm 3.4.1.)
///
/// ```
/// use cotangent_kernels::{linalg::lu, Array};
/// let (packed, exchanged, rows) = lu(&Array::from_vec(vec![1.0, 2.0, 4.0, 4.0], [2, 2]));
/// assert_eq!(packed.to_vec::<f64>().unwrap(), [4.0, 4.0, 0.25, 1.0]);
/// assert_eq!(exchanged.to_vec::<i64>().unwrap(), [1, 1]);
/// assert_eq!(rows.to_vec::<i64>().unwrap(), [1, 0]);
/// ```
pub fn lu(a: &Array) -> (Array, Array, Array) {
    match a.dtype() {
        DType::F32 => batch::<f32>(a),
        _ => batch::<f64>(a),
    }
}

fn batch<T: Real>(a: &Array) -> (Array, Array, Array) {
    let (count, m, n) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, m * n * m.min(n) + 8 * m * n, |range| {
        let mut packed = values[range.start * m * n..range.end * m * n].to_vec();
        let mut exchanged = Vec::with_capacity(range.len() * m.min(n));
        let mut rows = Vec::with_capacity(range.len() * m);
        for i in 0..range.len() {
            factor(&mut packed[i * m * n..][..m * n], m, n, &mut exchanged, &mut rows);
        }
        (packed, exchanged, rows)
    });
    let (mut packed, mut exchanged, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        packed.push(part.0);
        exchanged.push(part.1);
        rows.push(part.2);
    }
    (
        Array::from_vec(joined(packed), a.shape().clone()),
        Array::from_vec(joined(exchanged), with_last(a, &[m.min(n)])),
        Array::from_vec(joined(rows), with_last(a, &[m])),
    )
}

/// In place, for one matrix; what is found of exchanges and rows is added to these.
pub(super) fn factor<T: Real>(
    a: &mut [T],
    m: usize,
    n: usize,
    exchanged: &mut Vec<i64>,
    rows: &mut Vec<i64>,
) {
    let (first, start) = (rows.len(), exchanged.len());
    rows.extend(0..m as i64);
    if !is_finite(a) {
        a.fill(T::from_f64(f64::NAN));
        exchanged.extend(0..m.min(n) as i64);
    } else if m.min(n) > SMALL && large(a, m, n, &mut rows[first..]) {
        // The exchanges that lead to this order.
        let (mut standing, mut place): (Vec<i64>, Vec<usize>) = ((0..m as i64).collect(), (0..m).collect());
        for i in 0..m.min(n) {
            let other = place[rows[first + i] as usize];
            place[standing[i] as usize] = other;
            standing.swap(i, other);
            exchanged.push(other as i64);
        }
    } else {
        eliminate(a, m, n, exchanged);
        for (i, &other) in exchanged[start..].iter().enumerate() {
            rows[first..].swap(i, other as usize);
        }
    }
}

fn eliminate<T: Float>(a: &mut [T], m: usize, n: usize, exchanged: &mut Vec<i64>) {
    let zero = T::from_f64(0.0);
    for j in 0..m.min(n) {
        let mut best = j;
        for i in j + 1..m {
            if a[i * n + j].abs() > a[best * n + j].abs() {
                best = i;
            }
        }
        exchanged.push(best as i64);
        if best != j {
            let (upper, lower) = a.split_at_mut(best * n);
            upper[j * n..][..n].swap_with_slice(&mut lower[..n]);
        }
        if a[j * n + j] == zero {
            continue;
        }
        let (upper, lower) = a.split_at_mut((j + 1) * n);
        let own = &upper[j * n..];
        for row in lower.chunks_mut(n) {
            let factor = row[j] / own[j];
            row[j] = factor;
            row[j + 1..].iter_mut().zip(&own[j + 1..]).for_each(|(x, own)| *x = *x - factor * *own);
        }
    }
}

/// By `faer`, which divides by a pivot that is zero: then nothing is done, and this is false.
fn large<T: Real>(a: &mut [T], m: usize, n: usize, rows: &mut [i64]) -> bool {
    let mut copy = matrix(a, m, n);
    let (mut order, mut inverse) = (vec![0_usize; m], vec![0_usize; m]);
    let need = lu_in_place_scratch::<usize, T>(m, n, Par::Seq, Default::default());
    with_scratch(need, |stack| {
        lu_in_place(copy.as_mut(), &mut order, &mut inverse, Par::Seq, stack, Default::default());
    });
    let usable = (0..m.min(n)).all(|i| copy[(i, i)].is_finite() && copy[(i, i)] != T::from_f64(0.0));
    if usable {
        write_rows(copy.as_ref(), a);
        rows.iter_mut().zip(order).for_each(|(row, from)| *row = from as i64);
    }
    usable
}

/// x of a·x = b, or of aᵀ·x = b, from what [`lu`] gave of `a`.
///
/// ```
/// use cotangent_kernels::{linalg::{lu, lu_solve}, Array};
/// let (packed, _, rows) = lu(&Array::from_vec(vec![1.0, 2.0, 4.0, 4.0], [2, 2]));
/// let x = lu_solve(&packed, &rows, &Array::from_vec(vec![5.0, 12.0], [2, 1]), false).unwrap();
/// assert_eq!(x.to_vec::<f64>().unwrap(), [1.0, 2.0]);
/// ```
pub fn lu_solve(packed: &Array, rows: &Array, b: &Array, transpose: bool) -> Result<Array, Singular> {
    match packed.dtype() {
        DType::F32 => solve_batch::<f32>(packed, rows, b, transpose),
        _ => solve_batch::<f64>(packed, rows, b, transpose),
    }
}

fn solve_batch<T: Real>(packed: &Array, rows: &Array, b: &Array, transpose: bool) -> Result<Array, Singular> {
    let (count, n, m) = extents(b);
    let (factors, rows, right) = (packed.dense::<T>(), rows.dense::<i64>(), b.dense::<T>());
    let parts = stretches(count, 2 * n * n * m + 8 * n * (n + m), |range| {
        let mut x = right[range.start * n * m..range.end * n * m].to_vec();
        let mut moved = x.clone();
        for (k, i) in range.enumerate() {
            let factors = part(&factors, n * n, i);
            if let Some(pivot) = (0..n).find(|&p| factors[p * n + p] == T::from_f64(0.0)) {
                return Err(Singular { matrix: i, pivot });
            }
            let (x, moved) = (&mut x[k * n * m..][..n * m], &mut moved[k * n * m..][..n * m]);
            solve_factored(factors, part(&rows, n, i), x, moved, (n, m), transpose);
        }
        Ok(x)
    });
    let parts: Vec<Vec<T>> = parts.into_iter().collect::<Result<_, _>>()?;
    Ok(Array::from_vec(joined(parts), b.shape().clone()))
}

/// In place, for one matrix without zero pivots; `moved` is room for a copy.
pub(super) fn solve_factored<T: Real>(
    factors: &[T],
    rows: &[i64],
    x: &mut [T],
    moved: &mut [T],
    (n, m): (usize, usize),
    transpose: bool,
) {
    let lower = Triangle { transpose, ..Triangle::LOWER.unit_diagonal() };
    let upper = Triangle { transpose, ..Triangle::UPPER };
    if transpose {
        solve(factors, x, n, m, upper);
        solve(factors, x, n, m, lower);
        moved.copy_from_slice(x);
        for (row, from) in rows.iter().zip(moved.chunks(m.max(1))) {
            x[*row as usize * m..][..m].copy_from_slice(from);
        }
    } else {
        moved.copy_from_slice(x);
        for (row, to) in rows.iter().zip(x.chunks_mut(m.max(1))) {
            to.copy_from_slice(&moved[*row as usize * m..][..m]);
        }
        solve(factors, x, n, m, lower);
        solve(factors, x, n, m, upper);
    }
}

/// The determinant of each `[n, n]` of a batch. Only the result can overflow or underflow, nothing on the way to it.
///
/// ```
/// use cotangent_kernels::{linalg::det, Array};
/// let y = det(&Array::from_vec(vec![1.0, 2.0, 4.0, 4.0], [2, 2]));
/// assert_eq!(y.to_vec::<f64>().unwrap(), [-4.0]);
/// ```
pub fn det(a: &Array) -> Array {
    match a.dtype() {
        DType::F32 => det_batch::<f32>(a),
        _ => det_batch::<f64>(a),
    }
}

fn det_batch<T: Real>(a: &Array) -> Array {
    let (count, n, _) = extents(a);
    let values = a.dense::<T>();
    let parts = stretches(count, n * n * n + 8 * n * n, |range| {
        let (mut exchanged, mut rows) = (Vec::new(), Vec::new());
        let one = |i| {
            let mut a = part(&values, n * n, i).to_vec();
            exchanged.clear();
            rows.clear();
            factor(&mut a, n, n, &mut exchanged, &mut rows);
            T::from_f64(det_factored(&a, n, &exchanged))
        };
        range.map(one).collect::<Vec<T>>()
    });
    Array::from_vec(joined(parts), with_last(a, &[]))
}

/// The sign of each determinant (0 of a singular matrix) and ln of its magnitude, from what [`lu`] gave.
///
/// ```
/// use cotangent_kernels::{linalg::{lu, slogdet}, Array};
/// let (packed, exchanged, _) = lu(&Array::from_vec(vec![1e-200, 0.0, 0.0, -1e-200], [2, 2]));
/// let (sign, log) = slogdet(&packed, &exchanged);
/// assert_eq!(sign.to_vec::<f64>().unwrap(), [-1.0]);
/// assert!((log.first().unwrap().to_f64() + 400.0 * 10f64.ln()).abs() < 1e-12);
/// ```
pub fn slogdet(packed: &Array, exchanged: &Array) -> (Array, Array) {
    match packed.dtype() {
        DType::F32 => slogdet_batch::<f32>(packed, exchanged),
        _ => slogdet_batch::<f64>(packed, exchanged),
    }
}

fn slogdet_batch<T: Real>(packed: &Array, exchanged: &Array) -> (Array, Array) {
    let (count, n, _) = extents(packed);
    let (factors, exchanged) = (packed.dense::<T>(), exchanged.dense::<i64>());
    let (mut signs, mut logs) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for i in 0..count {
        let (factors, exchanged) = (part(&factors, n * n, i), part(&exchanged, n, i));
        let pivots = || (0..n).map(|i| factors[i * n + i].to_f64());
        let sign = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
        signs.push(T::from_f64(pivots().map(sign).product::<f64>() * parity(exchanged)));
        logs.push(T::from_f64(pivots().map(|x| Float::ln(x.abs())).sum()));
    }
    let shape = with_last(packed, &[]);
    (Array::from_vec(signs, shape.clone()), Array::from_vec(logs, shape))
}

/// −1 if the number of exchanges is odd, else 1.
fn parity(exchanged: &[i64]) -> f64 {
    let odd = exchanged.iter().enumerate().filter(|&(i, &other)| i != other as usize).count() % 2 == 1;
    if odd { -1.0 } else { 1.0 }
}

/// The product of the pivots, with the sign of the exchanges.
pub(super) fn det_factored<T: Float>(factors: &[T], n: usize, exchanged: &[i64]) -> f64 {
    product((0..n).map(|i| factors[i * n + i].to_f64())) * parity(exchanged)
}

/// A product whose partial products neither overflow nor underflow.
pub(super) fn product(factors: impl Iterator<Item = f64>) -> f64 {
    let (mut all, mut exponent) = (1.0, 0_i64);
    let mut take = |x: f64| {
        // The exponent by its bits; subnormal numbers count as their smallest.
        let own = ((x.to_bits() >> 52 & 0x7ff) as i64 - 1023).clamp(-1022, 1022);
        exponent += own;
        x * f64::from_bits(((1023 - own) as u64) << 52)
    };
    for x in factors {
        let x = take(x);
        all = take(all * x);
    }
    // Two steps, for one factor cannot say all that is left.
    let half = (exponent / 2).clamp(-1000, 1000);
    let rest = (exponent - half).clamp(-1000, 1000);
    let power = |e: i64| f64::from_bits(((e + 1023) as u64) << 52);
    all * power(half) * power(rest)
}
