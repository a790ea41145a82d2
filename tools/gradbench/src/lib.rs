//! Cotangent as a tool of [GradBench](https://github.com/gradbench/gradbench): messages in, derivatives out.
//!
//! [`eval`] says what an evaluation is, [`evals`] has one file for each, [`protocol`] talks, [`recorded`] checks answers against those of the
//! reference tool, [`report`] measures.

pub mod answer;
pub mod eval;
pub mod evals;
pub mod protocol;
pub mod recorded;
pub mod report;
pub mod table;
pub mod timing;
