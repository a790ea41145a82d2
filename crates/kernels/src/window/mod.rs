//! Windows that slide over the last axes: [`convolution`], sums and maxima of windows.
//!
//! [`Window`] says where the windows of one axis lie. What an axis leaves of it is a list of phases without gaps, and a plane (all
//! axes that windows slide over) a list of straight runs, which the loops follow.

mod conv;
mod direct;
mod geometry;
mod reduce;
mod tile;

pub use conv::{Groups, convolution};
pub use geometry::Window;
pub use reduce::{max, pick, share, sum, ties};
