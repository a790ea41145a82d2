//! Differentiation without a graph of tensors: one scalar function, every engine.

mod base;
mod closures;
mod dual;
pub mod function;
mod operators;
mod real;
mod recurrence;
mod tape;
mod taylor;
mod var;

pub use base::F32;
pub use closures::{
    Jacobian, Sweep, derivative, gradient, hessian, hvp, jacobian, jacobian_by_columns, jacobian_by_rows,
    nth_derivative, taylor, value_and_derivative, value_and_gradient,
};
pub use dual::Dual;
pub use real::{Real, Scalar};
pub use taylor::Taylor;
pub use tape::{Operand, Record, Tape};
pub use var::{Value, Var};
