//! Differentiation without a graph of tensors: one scalar function, every engine.

mod base;
mod closures;
mod complex;
mod dual;
mod expr;
pub mod function;
pub mod numeric;
mod operators;
mod real;
mod recurrence;
mod segments;
mod sum;
mod tape;
mod taylor;
mod var;

pub use base::F32;
pub use closures::{
    Jacobian, Sweep, derivative, gradient, hessian, hvp, jacobian, jacobian_by_columns, jacobian_by_rows,
    nth_derivative, taylor, value_and_derivative, value_and_gradient,
};
pub use complex::{ComplexStep, NotAnalytic, complex_step};
pub use dual::Dual;
pub use expr::{DomainError, EvalError, Expr, Kind, Limited, ParseError, Parsed, ParsedList, caret};
pub use real::{Arithmetic, Real, Scalar};
pub use sum::{NeumaierSum, Summand, compensated_sum};
pub use tape::{Operand, Record, Tape};
pub use taylor::Taylor;
pub use var::{Value, Var};
