//! Elementwise maths: the numbers behind every engine.
//!
//! [`Float`] is implemented by `f32` and `f64` and has one method per function. The functions' texts are in
//! the modules, generic over the format (`format::Format`) and over the way to multiply and add
//! (`arithmetic::Arithmetic`), branch-free and inlined, for loops to vectorise.
//!
//! ```
//! use cotangent_kernels::map::Float;
//! assert!((Float::erf(0.5_f64) - 0.5204998778130465).abs() < 1e-15);
//! ```

// The door is `Float`. The texts behind it are public, though not documented, so that the tests can run each of them
// with both arithmetics, `Fused` and `Separate`, whichever one this machine's `Float` uses.
#[doc(hidden)]
pub mod arithmetic;
mod broadcast;
#[doc(hidden)]
pub mod error_function;
#[doc(hidden)]
pub mod exponential;
mod float;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod gamma;
mod gamma_slope;
#[doc(hidden)]
pub mod hyperbolic;
#[doc(hidden)]
pub mod inverse_trigonometric;
#[doc(hidden)]
pub mod lane;
#[doc(hidden)]
pub mod logarithm;
mod loops;
mod polygamma;
#[doc(hidden)]
pub mod power;
#[doc(hidden)]
pub mod reduction;
mod region;
#[doc(hidden)]
pub mod rounding;
#[doc(hidden)]
pub mod trigonometric;
mod vector;
mod wide;

pub use broadcast::broadcast;
pub use float::Float;
pub use gamma_slope::{ORDERS as GAMMA_SLOPE_ORDERS, gamma_slope};
pub use loops::{convert, map1, map2, map3, select};
pub use region::{Blocks, Columns, Frame, Made, RowFold, Source, region};
pub use vector::{
    Kernel, Lane, LaneFloat, Reach, Rewrite, Write, blocks, blocks_in_place, run, run_in_place, sin_cos,
    stretches,
};
