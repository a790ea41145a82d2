//! Transformations of programs. Each is one loop over the equations, an interpreter that uses tensor operations: on concrete
//! tensors it runs, on traced ones it records, so a trace of a transformation is the transformed program and
//! transformations nest without end.
//!
//! This room knows the kinds of [`Derivative`](crate::core::Derivative), not the operations.

mod cotangent;
mod dce;
mod jvp;
mod linearize;
mod pullback;
mod transpose;
mod vjp;
mod vmap;

pub(crate) use cotangent::Cotangent;
pub use dce::dce;
pub use jvp::{jvp, jvp_primitive};
pub use linearize::{Linear, linearize, linearize_by};
pub use pullback::{accumulate, pullback};
pub use transpose::transpose;
pub use vjp::{Pullback, vjp};
pub use vmap::{batch_primitive, vmap};
