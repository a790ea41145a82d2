//! A choice of which one side runs.

use crate::core::{
    Closed, Error, Kind, Place, Prim, Program, Structure, Tensor, Tree, Type, apply, leaves, place, raise,
    trace_inputs, with_leaves,
};
use crate::op::Cond;
use std::sync::Arc;

/// `then(x)` if the predicate (one bool) is true, else `otherwise(x)`; only that one is evaluated. Both give results of one
/// structure and the same types.
///
/// Ordinary `if` on the value of a tensor works wherever the value is known. `cond` works also where it is not, as in a program
/// that is kept; under `vmap` with a mapped predicate both sides run and the results are chosen from.
///
/// ```
/// use cotangent::prelude::*;
/// let f = |x: &Tensor| cond(&x.greater(0.0), |x: &Tensor| x.sqrt(), |x: &Tensor| x * 0.0, x);
/// assert_eq!(grad(f)(&Tensor::from(4.0)).item::<f64>(), 0.25);
/// assert_eq!(grad(f)(&Tensor::from(-4.0)).item::<f64>(), 0.0);
/// ```
#[track_caller]
pub fn cond<A: Tree, B: Tree>(
    predicate: &Tensor,
    then: impl FnOnce(&A) -> B,
    otherwise: impl FnOnce(&A) -> B,
    x: &A,
) -> B {
    let place = place();
    let (mut first, pattern) = body(place, then, x);
    let (mut second, other) = body(place, otherwise, x);
    if let Some(difference) = Structure::of(&pattern).difference(&Structure::of(&other)) {
        let error = Error::new("cond").expected("branches with results of one structure").got(difference);
        raise(error.help("left is the first branch, right the second").at(Some(place)))
    }
    // What either branch captures is an operand of both.
    let types = |captures: &[Tensor]| captures.iter().map(|x| x.ty().clone()).collect::<Vec<Type>>();
    let count = leaves(x).len();
    first.program.add_unused_inputs(count + first.captures.len(), &types(&second.captures));
    second.program.add_unused_inputs(count, &types(&first.captures));
    let prim = Prim::new(Cond {
        then: Arc::new(first.program),
        otherwise: Arc::new(second.program),
        residuals: None,
    });
    let operands: Vec<&Tensor> =
        std::iter::once(predicate).chain(leaves(x)).chain(&first.captures).chain(&second.captures).collect();
    with_leaves(&pattern, apply(prim, &operands).into_vec())
}

fn body<A: Tree, B: Tree>(place: Place, f: impl FnOnce(&A) -> B, x: &A) -> (Closed, B) {
    let inputs: Vec<_> = leaves(x).into_iter().map(|x| (x.ty().clone(), None)).collect();
    trace_inputs(Kind::Body("cond"), place, inputs, |inputs| f(&with_leaves(x, inputs)), |y| leaves(y))
        .unwrap_or_else(|error| raise(error))
}

impl Program {
    /// Inputs that nothing reads, from this position on.
    fn add_unused_inputs(&mut self, position: usize, types: &[Type]) {
        for (i, ty) in types.iter().enumerate() {
            let var = self.new_input_var(ty);
            self.inputs.insert(position + i, var);
        }
    }
}
