//! Elementwise maths: the numbers behind every engine.
//!
//! [`Float`] is implemented by `f32` and `f64` and has one method per function. The functions' texts are in
//! the modules, generic over the format ([`format::Format`]) and over the way to multiply and add
//! ([`arithmetic::Arithmetic`]), branch-free and inlined, for loops to vectorise.

pub mod arithmetic;
pub mod error_function;
pub mod exponential;
mod float;
pub mod format;
pub mod gamma;
pub mod hyperbolic;
pub mod inverse_trigonometric;
pub mod lane;
pub mod logarithm;
mod polygamma;
pub mod power;
pub mod reduction;
pub mod rounding;
pub mod trigonometric;

pub use float::Float;
