//! Whole rows in few passes: softmax and its kin, standardised rows, norms and compensated sums.
//!
//! Rows are worked on in blocks that stay in the first-level cache, by loops that are compiled for each kind of vectors. Sums run in lanes
//! that are added in the end, so their order depends on the length alone.

mod exponentials;
mod fold;
mod norm;
mod standardize;

pub use exponentials::{log_softmax, logsumexp, softmax};
pub(crate) use fold::{fold, sum};
pub use norm::{norm2, sum_compensated};
pub use standardize::{layer_norm, standardize};

// Numbers that rows are made of.
use crate::map::LaneFloat as Entry;

/// Entries of a block.
const BLOCK: usize = 1024;
/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 15;

/// Entries of as many whole rows as one thread takes at a time.
fn several_rows(length: usize) -> usize {
    (CHUNK / length).max(1) * length
}
