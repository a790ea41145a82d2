//! Linear algebra, matrix by matrix in a batch `[…, m, n]`: small matrices by plain loops, large ones by `faer`.
//!
//! `faer` always runs on one thread, on its own copy of the matrix, and batches are shared out by shape alone, so the bits do not depend on
//! the number of threads. A matrix with a NaN or an infinity has results of NaN only; `cholesky` refuses it.

mod batch;
mod cholesky;
mod cofactor;
mod eigh;
mod lu;
mod pinv;
mod qr;
mod svd;
mod triangular;

pub use cholesky::{NotPositiveDefinite, cholesky};
pub use cofactor::cofactor;
pub use eigh::{eigh, eigvalsh};
pub use lu::{Singular, det, lu, lu_solve, slogdet};
pub use pinv::pinv;
pub use qr::qr;
pub use svd::{svd, svdvals};
pub use triangular::{Triangle, triangular_solve};

use std::fmt;

/// A decomposition by iteration that did not come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoConvergence {
    /// Which matrix of the batch.
    pub matrix: usize,
}

impl fmt::Display for NoConvergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the iteration for matrix {} does not converge", self.matrix)
    }
}

impl std::error::Error for NoConvergence {}
