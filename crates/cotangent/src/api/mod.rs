//! What users call: functions of functions. Each is short, made of traces and the transformations of
//! [`transform`](crate::transform).
//!
//! ```
//! # let (x0, v) = (cotangent::core::Tensor::from([0.5, 1.5]), cotangent::core::Tensor::from([1.0, 0.0]));
//! # let batch = cotangent::core::Tensor::from([[0.5, 1.5], [1.5, 0.5]]);
//! # let (xs, ys) = (cotangent::core::Tensor::from([[1.0, 2.0]]), cotangent::core::Tensor::from([[0.5]]));
//! # let tape = cotangent::number::Tape::new();
//! use cotangent::prelude::*;
//!
//! // as the seed of this project writes it
//! let x = Tensor::from(2.0).requires_grad();
//! let y = Tensor::from(3.0).requires_grad();
//! let z = &x * &y + x.powi(2);
//! z.backward();
//! assert_eq!(x.grad().unwrap().item::<f64>(), 7.0);
//!
//! // functions to functions
//! let f = |x: &Tensor| (x * x).sin().sum();
//! let g = grad(f)(&x0);
//! let (y, dy) = jvp(f, &x0, &v);
//! let hv = jvp(grad(f), &x0, &v).1;              // forward over reverse
//! let h = hessian(f)(&x0);
//! let per_example = vmap(grad(f))(&batch);
//! let fast = jit(grad(f));                       // any order, compiled
//! let program = trace_program(&[x0.ty().clone()], |x| vec![grad(f)(&x[0])]);
//! println!("{program}");
//! # assert_eq!(program.to_string().lines().next(), Some("program(a: f64[2]) {"));
//! # assert_eq!(program.eval(&[x0.clone()]).unwrap()[0].to_vec::<f64>(), g.to_vec::<f64>());
//! # assert_eq!(h.index(0).to_vec::<f64>(), hv.to_vec::<f64>());
//! # assert_eq!(per_example.index(0).to_vec::<f64>(), g.to_vec::<f64>());
//! # assert_eq!(fast(&x0).to_vec::<f64>(), g.to_vec::<f64>());
//! # assert_eq!(dy.item::<f64>(), g.index(0).item::<f64>());
//! # let _ = y;
//!
//! // your own structs
//! #[derive(Tree, Clone)]
//! struct Mlp { w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor }
//! # impl Mlp {
//! #     fn loss(&self, xs: &Tensor, ys: &Tensor) -> Tensor {
//! #         let hidden = (xs.matmul(&self.w1) + &self.b1).tanh();
//! #         (hidden.matmul(&self.w2) + &self.b2 - ys).square().mean()
//! #     }
//! # }
//! # let mlp = Mlp {
//! #     w1: Tensor::from([[0.1, 0.2], [0.3, 0.4]]), b1: Tensor::from([0.0, 0.1]),
//! #     w2: Tensor::from([[0.5], [-0.5]]), b2: Tensor::from([0.2]),
//! # };
//! let (loss, grads): (Tensor, Mlp) = value_and_grad(|m: &Mlp| m.loss(&xs, &ys))(&mlp);
//! # assert_eq!(grads.w1.shape().to_string(), "[2,2]");
//! # let _ = loss;
//!
//! // one scalar function, every engine
//! fn wave<R: Real>(x: &R) -> R { x.square().sin() }
//! wave(&1.5_f64); wave(&Dual::variable(1.5)); wave(&tape.var(1.5)); wave(&Expr::symbol("x")); wave(&Tensor::from(1.5));
//! ```

mod cond;
mod custom;
mod derivative;
mod function;
mod jacobian;
mod jit;
mod lift;
mod traces;
mod vmap;

pub use cond::cond;
pub use custom::{custom_jvp, custom_vjp};
pub use derivative::{grad, hvp, jvp, linearize, value_and_grad, value_and_grad_aux, vjp};
pub use function::{Context, Function};
pub use jacobian::{JacobianOf, hessian, jacobian, jacobian_forward, jacobian_reverse};
pub use jit::{Jit, Stats, jit};
pub use vmap::{vmap, vmap_axes};
