//! Differentiation without a graph of tensors: one scalar function, every engine.
//!
//! ```
//! use cotangent::number::{Dual, Expr, Real, Tape};
//! fn cube<R: Real>(x: &R) -> R {
//!     x.powi(3)
//! }
//! let tape = Tape::new();
//! let x = tape.var(2.0);
//! cube(&x).backward();
//! assert_eq!((x.grad(), cube(&Dual::variable(2.0)).derivative()), (12.0, 12.0));
//! assert_eq!(cube(&Expr::symbol("x")).differentiate("x").evaluate(&[("x", 2.0)]), Ok(12.0));
//! ```

mod arithmetic;
mod base;
mod closures;
mod complex;
mod dual;
mod expr;
pub mod function;
pub mod numeric;
pub(crate) mod operators;
mod probe;
mod real;
mod recurrence;
mod segments;
mod sum;
mod tape;
mod taylor;
mod var;

pub use arithmetic::Arithmetic;
pub use base::F32;
pub use closures::{
    Jacobian, Sweep, derivative, gradient, hessian, hvp, jacobian, jacobian_by_columns, jacobian_by_rows,
    nth_derivative, taylor, value_and_derivative, value_and_gradient,
};
pub use complex::{ComplexStep, NotAnalytic, complex_step};
pub use dual::Dual;
pub(crate) use expr::Program;
pub use expr::{DomainError, EvalError, Expr, Kind, Limited, ParseError, Parsed, ParsedList, caret};
pub(crate) use probe::Probe;
pub use real::{Real, Scalar};
pub use sum::{NeumaierSum, Summand, accurate_sum, compensated_sum};
pub use tape::{Operand, Record, Tape};
pub use taylor::Taylor;
pub use var::{Value, Var};
