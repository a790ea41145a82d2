//! Elementwise maths: the numbers behind every engine.
//!
//! [`Float`] is implemented by `f32` and `f64` and has one method per function.

pub mod arithmetic;
mod float;

pub use float::Float;
