//! Symbols: formulas as a number type, with derivatives by rule.
//!
//! `node.rs` holds the graph; every other file is one thing to do with it, a loop over
//! [`nodes`](Expr::nodes).

mod differentiate;
mod evaluate;
mod node;

pub use evaluate::{DomainError, EvalError};
pub use node::{Expr, Kind};

use std::fmt;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes", self.dag_size())
    }
}
