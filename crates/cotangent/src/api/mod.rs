//! What users call: functions of functions. Each is short, made of traces and the transformations of
//! [`transform`](crate::transform).
//!
//! ```
//! use cotangent::prelude::*;
//! let f = |x: &Tensor| (x * x).sin().sum();
//! let x = Tensor::from([0.5, 1.5]);
//! let hv = jvp(grad(f), &x, &Tensor::from([1.0, 0.0])).1; // forward over reverse
//! assert!((hv.to_vec::<f64>()[0] - 1.6905).abs() < 1e-4);
//! ```

mod cond;
mod custom;
mod derivative;
mod function;
mod jacobian;
mod lift;
mod vmap;

pub use cond::cond;
pub use custom::{custom_jvp, custom_vjp};
pub use derivative::{grad, hvp, jvp, linearize, value_and_grad, value_and_grad_aux, vjp};
pub use function::{Context, Function};
pub use jacobian::{JacobianOf, hessian, jacobian, jacobian_forward, jacobian_reverse};
pub use vmap::{vmap, vmap_axes};
