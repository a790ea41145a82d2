//! Data and loops for Cotangent. This crate knows numbers (and, later, shapes); it knows no derivatives.
//!
//! For now there is one room, [`map`]: the elementwise functions, in plain Rust, for `f32` and `f64`.

pub mod map;
