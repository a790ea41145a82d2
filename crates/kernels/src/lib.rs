//! Data and loops for Cotangent. This crate knows numbers and shapes; it knows no derivatives.
//!
//! [`mod@array`] holds data; each other room is a class of computations on it: [`map`] entry by entry, [`reduce`] over axes,
//! [`contract`] products summed up, [`layout`] entries in other places, [`gather`] entries named by indices, [`scatter`] updates of them, [`dynamic`] windows,
//! [`sort`], [`random`], and behind the feature `linalg` the decompositions of matrices.
//!
//! The functions are inner doors: their callers have checked types and shapes, and a wrong one is a panic that says so.
//!
//! ```
//! use cotangent_kernels::{map, reduce, Array};
//! use cotangent_kernels::map::Float;
//! let x = Array::from_vec(vec![0.0, 0.5], [2]);
//! let y = reduce::sum(&map::map1(&x, |x: f64| x.tanh()), &[0]);
//! assert!((y.first().unwrap().to_f64() - 0.4621171572600098).abs() < 1e-15);
//! ```

pub mod array;
pub mod contract;
pub mod dynamic;
pub mod gather;
mod lanes;
pub mod layout;
#[cfg(feature = "linalg")]
pub mod linalg;
mod lines;
pub mod map;
pub mod random;
pub mod reduce;
pub mod rows;
pub mod scan;
pub mod scatter;
pub mod select;
pub mod simd;
pub mod sort;
mod stream;
pub mod threads;
mod vector;
pub mod window;

pub use array::{Array, DType, Element, Item, Shape, Strides, Type};
