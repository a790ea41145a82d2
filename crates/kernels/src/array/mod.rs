//! Data: what kind of number, how many along each axis, and the numbers.

mod data;
mod dtype;
mod shape;
mod view;

pub use data::Array;
pub(crate) use dtype::{Buffer, with_dtype};
pub use dtype::{DType, Element, Item};
pub use shape::{Shape, Strides, Type};
