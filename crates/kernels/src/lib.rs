//! Data and loops for Cotangent. This crate knows numbers (and, later, shapes); it knows no derivatives.
//!
//! For now there is one room, [`map`]: the elementwise functions, in plain Rust, for `f32` and `f64`.
//!
//! ```
//! use cotangent_kernels::map::Float;
//! assert!((Float::tanh(0.5_f64) - 0.4621171572600098).abs() < 1e-15);
//! ```

pub mod map;
