//! Cotangent differentiates Rust functions, on stable Rust: forward, reverse, mixed, any order.
//!
//! Write a scalar function once over [`number::Real`] and every engine runs it: `f64`, [`number::Dual`] (forward mode),
//! [`number::Var`] on a [`number::Tape`] (reverse mode), [`number::Taylor`] (all derivatives up to an order) and
//! [`number::Expr`] (symbols).
//!
//! ```
//! use cotangent::number::{derivative, gradient};
//! use cotangent::prelude::*;
//!
//! fn wave<R: Real>(x: &R) -> R {
//!     x.square().sin()
//! }
//! let forward = derivative(|x| wave(x), 1.5);
//! let reverse = gradient(|x| wave(&x[0]), &[1.5])[0];
//! assert!((forward - -1.8845208).abs() < 1e-7);
//! assert!((forward - reverse).abs() < 1e-15);
//! ```
//!
//! The rooms, each importing only those before it: [`number`], [`core`](mod@core), [`transform`], [`op`], [`convert`], [`eager`],
//! [`optimise`], [`run`], [`api`], [`check`], [`view`].

// The derive macro writes `::cotangent::…`, also within this crate.
extern crate self as cotangent;

pub mod api;
pub mod check;
pub mod convert;
pub mod core;
pub mod eager;
pub mod number;
pub mod op;
pub mod optimise;
pub mod run;
pub mod transform;
pub mod view;

pub use cotangent_kernels::threads;

/// The README's code, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

pub mod prelude {
    //! What a program usually wants in scope: the numbers and their trait.
    //!
    //! ```
    //! use cotangent::prelude::*;
    //! assert_eq!(Dual::variable(3.0).square().derivative(), 6.0);
    //! ```

    pub use crate::api::{
        Function, Jit, cond, custom_jvp, custom_vjp, grad, hessian, hvp, jacobian, jacobian_forward,
        jacobian_reverse, jit, jvp, linearize, value_and_grad, value_and_grad_aux, vjp, vmap, vmap_axes,
    };
    pub use crate::core::{DType, Tensor, Tree, no_grad, trace_program};
    pub use crate::number::{Dual, Expr, F32, Real, Scalar, Tape, Taylor, Value, Var};
    pub use crate::op::{Key, PadMode, Reduction, manual_seed, s};
}
