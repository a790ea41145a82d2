//! Data: what kind of number, how many along each axis, and the numbers.

pub(crate) mod copy;
mod data;
mod dtype;
mod shape;
pub(crate) mod store;
pub(crate) mod turn;
mod view;

pub(crate) use copy::{Scattered, Window};
pub use data::Array;
pub(crate) use data::Entries;
pub(crate) use dtype::{Buffer, with_dtype};
pub use dtype::{DType, Element, Item};
pub use shape::{Shape, Strides, Type};
pub(crate) use store::Store;
pub use store::{pooled_bytes, set_pool_limit};
