//! The heart: tensors, primitives, programs, and the one door between them, [`apply`].
//!
//! A [`Tensor`] is concrete (an array, perhaps with a node of the eager graph) or traced (a variable of a
//! [`Builder`]). A [`Primitive`] is an operation: its type rule, its evaluation, what kind of map it is
//! ([`Derivative`]), how it batches. [`apply`] evaluates a primitive, adds an eager node, or records an
//! [`Equation`], as the operands ask for it. A closed builder leaves a [`Program`].
//!
//! ```
//! use cotangent::core::{trace_program, Tensor, Type, DType};
//! let program = trace_program(&[Type::new(DType::F64, [2])], |x| vec![&x[0] * &x[0]]);
//! assert_eq!(program.equations().len(), 1);
//! let y = program.eval(&[Tensor::from([2.0, 3.0])]).unwrap();
//! assert_eq!(y[0].to_vec::<f64>(), [4.0, 9.0]);
//! ```

mod apply;
mod blocks;
mod builder;
mod construct;
mod elementwise;
mod error;
mod force;
mod interpret;
mod loops;
mod mode;
mod node;
mod params;
mod primitive;
mod print;
mod program;
mod quick;
mod signature;
pub(crate) mod single;
mod table;
mod tensor;
mod tree;
mod types;

pub(crate) use apply::try_apply1;
pub use apply::{apply, apply1, try_apply};
pub use blocks::{Blocks, FromBlocks};
pub(crate) use builder::trace_inputs;
pub use builder::{Builder, Closed, Guard, Kind, trace, trace_program, try_trace};
pub use construct::{IntoTensor, Nested};
pub use cotangent_derive::Tree;
pub use cotangent_kernels::{Array, DType, Element, Item, Shape, Type};
pub use elementwise::scale;
pub(crate) use elementwise::{batch_elementwise, different, operands};
pub(crate) use error::caught;
pub use error::{Error, Place, raise};
pub(crate) use interpret::check_inputs;
pub(crate) use interpret::last_uses;
pub use interpret::{evaluate, interpret};
pub(crate) use loops::{
    Spare, binary_block, binary_number, is_light, number_block, unary_block, unary_number,
};
pub use mode::{Anomaly, anomaly, at_place, grad_enabled, no_grad, with_grad};
pub(crate) use mode::{anomaly_kind, body, guarding, in_body, in_trace, is_plain, outside, place};
pub use node::{Edge, Node, Recorded};
pub(crate) use node::{Kept, Watch};
pub use params::{Param, Params, ProgramRef};
pub use primitive::{
    Arrays, Derivative, Jvp, Linearity, Linearized, Partials, Prim, Primitive, Reads, Staged, Tensors,
    Transpose, TransposeEach, Types,
};
pub use print::WithPlaces;
pub(crate) use program::producer;
pub use program::{Atom, Atoms, Equation, Program, Var};
pub(crate) use quick::{in_one_loop, unrecorded};
pub use signature::Signature;
pub(crate) use table::Table;
pub(crate) use tensor::Repr;
pub use tensor::Tensor;
pub use tree::{Fixed, Step, Structure, Tree, Visitor, zip_map};
pub(crate) use tree::{leaves, with_leaves};
pub(crate) use types::VarTypes;
