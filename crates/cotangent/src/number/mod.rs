//! Differentiation without a graph of tensors: one scalar function, every engine.

mod base;
mod dual;
pub mod function;
mod operators;
mod real;
mod tape;
mod var;

pub use base::F32;
pub use dual::Dual;
pub use real::{Real, Scalar};
pub use tape::{Operand, Record, Tape};
pub use var::{Value, Var};
