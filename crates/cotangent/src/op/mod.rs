//! All knowledge about operations: a file for each primitive or tight family, with its type rule, evaluation, derivative,
//! batching, samples for the laws, and its public method.
//!
//! [`entries`] lists the primitives, [`compositions`] the named functions made of them; parsing, the laws and the coverage table
//! read these lists.

mod activation;
mod arrange;
mod at;
mod broadcast;
mod calculus;
mod call;
mod cholesky;
mod compare;
mod composed;
mod concat;
mod cond;
mod convert;
mod custom;
mod diagonal;
mod dot;
mod dynamic;
mod einsum;
mod extreme;
mod flip;
mod functions;
mod gather;
mod layout;
mod linear_call;
mod loss;
mod normalize;
mod operators;
mod parse;
mod random;
mod reader;
mod real;
mod reduce;
mod registry;
mod scatter;
mod scatter_mul_add;
mod select;
mod slice;
mod sort;
mod span;
mod special;
mod stop_gradient;

pub use arrange::PadMode;
pub use at::At;
pub use broadcast::Broadcast;
pub use call::Call;
pub use cholesky::{Cholesky, TriangularSolve};
pub use compare::{Comparable, Compare, Logical, Order};
pub use composed::{Case, Composition, compositions};
pub use concat::Concat;
pub use cond::Cond;
pub use convert::Convert;
pub use custom::{CustomJvp, CustomVjp};
pub use dot::DotGeneral;
pub use dynamic::{DynamicSlice, DynamicUpdateSlice, Starts};
pub use extreme::Max;
pub use flip::Rev;
pub use gather::{Gather, ScatterAdd};
pub use layout::{Permute, Reshape};
pub use linear_call::LinearCall;
pub use loss::Reduction;
pub use operators::{Number, Operand};
pub use parse::ParseError;
pub use random::{Key, RandomBits, RandomSplit};
pub use reduce::{Axes, Sum};
pub use registry::{Entry, Given, Sample, entries, parse, samples};
pub use scatter::{ScatterMax, ScatterSet};
pub use scatter_mul_add::ScatterMulAdd;
pub use select::Where;
pub use slice::{Pad, Slice};
pub use sort::Sort;
pub use span::{Index, Pick, Picks, Span, s};
pub use stop_gradient::StopGradient;
