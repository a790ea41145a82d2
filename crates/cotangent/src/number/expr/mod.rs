//! Symbols: formulas as a number type, with derivatives by rule.
//!
//! `node.rs` holds the graph; every other file is one thing to do with it, a loop over
//! [`nodes`](Expr::nodes). Text is read by `token.rs` and `parse.rs` with the words of `names.rs`, and written by
//! `print.rs`, `latex.rs` and `rust.rs`. `simplify.rs` collects sums and products into the terms of `term.rs`.

mod differentiate;
mod error;
mod evaluate;
mod guard;
mod latex;
mod names;
mod node;
mod parse;
mod print;
mod program;
mod rust;
mod simplify;
mod term;
mod token;

pub use error::{ParseError, caret};
pub use evaluate::{DomainError, EvalError};
pub use node::{Expr, Kind};
pub use parse::{Parsed, ParsedList};
pub use print::Limited;
pub(crate) use program::Program;
