//! Elementwise maths: the numbers behind every engine.
//!
//! [`Float`] is implemented by `f32` and `f64` and has one method per function. The functions' texts are in
//! the modules, generic over the format ([`format::Format`]) and over the way to multiply and add
//! ([`arithmetic::Arithmetic`]), branch-free and inlined, for loops to vectorise.

pub mod arithmetic;
pub mod exponential;
mod float;
pub mod format;
pub mod hyperbolic;
pub mod logarithm;
pub mod power;
pub mod rounding;

pub use float::Float;
