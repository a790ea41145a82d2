//! Linear algebra of matrices `[…, m, n]`, batch by batch: a file for each family. Few primitives have rules (`cholesky`,
//! `triangular_solve`, `lu`, `lu_solve`, `slogdet`, `det`, `cofactor`, `qr`, `eigh`, `svd`, `pinv`); the rest is composed of them.
//!
//! What the rules mean where values repeat or matrices are singular is told in docs/conventions.md and docs/limitations.md.

mod cholesky;
mod det;
mod eigh;
mod lu;
mod norms;
mod pinv;
mod qr;
mod solve;
mod svd;
mod triangular;

pub use cholesky::Cholesky;
pub use cotangent_kernels::linalg::Triangle;
pub use det::{Cofactor, Det, Slogdet};
pub use eigh::{Eigh, Eigvalsh};
pub use lu::Lu;
pub use pinv::Pinv;
pub use qr::Qr;
pub use solve::LuSolve;
pub use svd::{Svd, Svdvals};
pub use triangular::TriangularSolve;

use super::composed::Composition;
use super::registry::{Entry, draw};
use crate::core::{DType, Error, Shape, Tensor, Type, different, place, raise};
use cotangent_kernels::linalg::NoConvergence;

/// A batch of square matrices of floats; their length.
fn square(name: &str, x: &Type) -> Result<usize, Error> {
    match &x.shape[..] {
        &[.., m, n] if m == n && x.dtype.is_float() => Ok(n),
        _ => Err(Error::new(name).expected("square matrices of floats, […, n, n]").got(x.to_string())),
    }
}

/// A batch of matrices of floats; their lengths.
fn matrices(name: &str, x: &Type) -> Result<(usize, usize), Error> {
    match &x.shape[..] {
        &[.., m, n] if x.dtype.is_float() => Ok((m, n)),
        _ => Err(Error::new(name).expected("matrices of floats, […, m, n]").got(x.to_string())),
    }
}

/// A check that a method makes itself, where no primitive would, or with a poorer text.
#[track_caller]
fn checked<T>(result: Result<T, Error>) -> T {
    match result {
        Ok(found) => found,
        Err(error) => raise(error.at(Some(place()))),
    }
}

/// The type of the same batch with other last axes.
fn with_last(x: &Type, dtype: DType, last: &[usize]) -> Type {
    let shape: Shape = x.shape[..x.shape.rank() - 2].iter().chain(last).copied().collect();
    Type::new(dtype, shape)
}

fn not_converged(name: &str, failure: NoConvergence) -> Error {
    let error = Error::new(name).expected("an iteration that converges");
    error.got(format!("one that does not (matrix {})", failure.matrix))
}

/// Matrices and right sides with the same leading axes; a vector on the right is made a column, and the flag tells it.
#[track_caller]
fn sides(name: &str, a: &Tensor, b: &Tensor) -> (Tensor, Tensor, bool) {
    let n = checked(square(name, a.ty()));
    if a.dtype() != b.dtype() {
        checked(Err(different(name, a.ty(), b.ty())))
    }
    let vector = b.rank() == 1;
    let column = if vector { b.unsqueeze(-1) } else { b.clone() };
    let lead = |x: &Tensor| Shape::from(&x.shape()[..x.rank() - 2]);
    let fits = column.rank() >= 2 && column.shape()[column.rank() - 2] == n;
    let Some(batch) = fits.then(|| lead(a).broadcast(&lead(&column))).flatten() else {
        let expected =
            format!("a right side {}[{n}] or {}[…, {n}, m] that fits {}", a.dtype(), a.dtype(), a.ty());
        return checked(Err(Error::new(name).expected(expected).got(b.ty().to_string())));
    };
    let wide = |x: &Tensor| {
        let last = &x.shape()[x.rank() - 2..];
        x.broadcast_to(batch.iter().chain(last).copied().collect::<Shape>())
    };
    (wide(a), wide(&column), vector)
}

/// `solve` on right sides `[size, …, n, m]` for matrices `[…, n, n]` that are the same for all: the examples are columns side by side.
#[track_caller]
fn side_by_side(b: &Tensor, solve: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let rank = b.rank();
    let axes: Vec<usize> = (1..rank - 1).chain([0, rank - 1]).collect();
    let columns = b.permuted(&axes);
    let (lead, last) = columns.shape().split_at(rank - 2);
    let flat: Shape = lead.iter().copied().chain([last.iter().product()]).collect();
    let x = solve(&columns.reshape(flat)).reshape(columns.shape().clone());
    let back: Vec<usize> = std::iter::once(rank - 2).chain(0..rank - 2).chain([rank - 1]).collect();
    x.permuted(&back)
}

/// The symmetric part, (x + xᵀ)/2.
fn symmetric(x: &Tensor) -> Tensor {
    (x + x.t()) * 0.5
}

/// What two values that should be equal may differ by, relative to the largest: rounding in a decomposition of length `n`.
fn tolerance(dtype: DType, n: usize) -> f64 {
    let epsilon = if dtype == DType::F32 { f32::EPSILON.into() } else { f64::EPSILON };
    8.0 * n as f64 * epsilon
}

/// The largest magnitude of each row of values `[…, k]`, as `[…, 1]`, times [`tolerance`]: a constant.
fn least(values: &Tensor, n: usize) -> Tensor {
    values.stop_gradient().abs().max_keep(-1) * tolerance(values.dtype(), n)
}

/// 1/x, and 0 where the magnitude of x is at most `least`.
fn inverse_above(x: &Tensor, least: &Tensor) -> Tensor {
    let negligible = x.abs().less_equal(&least.broadcast_to(x.shape().clone()));
    negligible.select(&x.zeros_like(), &(1.0 / negligible.select(&x.ones_like(), x)))
}

/// `[…, k, k]` with entry (i, j) = 1/(vⱼ − vᵢ), and 0 where the two are equal up to rounding.
fn inverse_gaps(values: &Tensor, n: usize) -> Tensor {
    let gaps = values.unsqueeze(-2) - values.unsqueeze(-1);
    if gaps.size() == 0 {
        return gaps;
    }
    inverse_above(&gaps, &least(values, n).unsqueeze(-1))
}

/// A well-conditioned matrix: random entries, and a large diagonal.
fn sample(shape: &[usize], seed: u64) -> Tensor {
    let n = shape[shape.len() - 1];
    draw(shape, -0.5, 0.5, seed) + Tensor::eye::<f64>(n) * 3.0
}

/// A matrix whose singular values, and for a symmetric one the eigenvalues, are well apart: random entries, and a growing diagonal.
fn spread(shape: &[usize], seed: u64) -> Tensor {
    let (m, n) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let diagonal = |at: usize| if at / n == at % n { (at / n) as f64 * 1.5 + 1.0 } else { 0.0 };
    let diagonal = Tensor::from_vec((0..m * n).map(diagonal).collect(), [m, n]);
    draw(shape, -0.4, 0.4, seed) + diagonal
}

/// The shapes on which functions of square matrices are tried.
const SQUARES: [&[usize]; 5] = [&[1, 1], &[3, 3], &[2, 2, 2], &[0, 2, 2], &[0, 0]];
/// The shapes on which functions of any matrices are tried: square, tall, wide, batches, nothing.
const RECTANGLES: [&[usize]; 8] =
    [&[1, 1], &[3, 3], &[4, 2], &[2, 4], &[2, 3, 2], &[2, 2, 3], &[0, 2, 2], &[3, 0]];

pub(super) fn entries() -> Vec<Entry> {
    vec![
        cholesky::ENTRY,
        triangular::ENTRY,
        lu::ENTRY,
        solve::ENTRY,
        det::DET,
        det::COFACTOR,
        det::SLOGDET,
        qr::ENTRY,
        eigh::EIGH,
        eigh::EIGVALSH,
        svd::SVD,
        svd::SVDVALS,
        pinv::ENTRY,
    ]
}

pub(super) fn rows() -> Vec<Composition> {
    let mut all = vec![lu::ROW];
    all.extend(triangular::ROWS);
    all.extend(solve::ROWS);
    all.extend(det::ROWS);
    all.extend(pinv::ROWS);
    all.extend(norms::ROWS);
    all
}
