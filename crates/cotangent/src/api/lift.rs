//! From a function of trees to a function of flat lists of tensors, and back; what all the entry points share.

use crate::core::{
    Closed, Error, Kind, Place, Program, Tensor, Tree, at_place, grad_enabled, leaves, raise, trace_inputs,
    with_leaves,
};
use crate::op::Call;

/// A traced function, with all tensors that its program takes: the arguments' leaves, then what it captured.
pub(super) struct Lifted<B> {
    pub program: Program,
    pub inputs: Vec<Tensor>,
    /// How many of the inputs are arguments.
    pub arguments: usize,
    /// What the function returned: a pattern for its structure.
    pub pattern: B,
}

/// Traces a function at its arguments. `place` is the user's line.
pub(super) fn lift<A: Tree, B: Tree>(
    name: &'static str,
    place: Place,
    f: impl FnOnce(&A) -> B,
    args: &A,
) -> Lifted<B> {
    let mut inputs: Vec<Tensor> = leaves(args).into_iter().cloned().collect();
    let arguments = inputs.len();
    let behind: Vec<_> = inputs.iter().map(|x| (x.ty().clone(), Some(x.clone()))).collect();
    let f = |inputs| f(&with_leaves(args, inputs));
    let traced = trace_inputs(Kind::Transform(name), place, behind, f, |output| leaves(output));
    let (Closed { program, captures, .. }, pattern) = traced.unwrap_or_else(|error| raise(error));
    inputs.extend(captures);
    Lifted { program, inputs, arguments, pattern }
}

/// Runs an interpreter of a program on tensors, at the user's line. If one of them has a node of the eager graph, the whole is recorded
/// first, so that it becomes one node.
pub(super) fn run(
    place: Place,
    inputs: &[Tensor],
    f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>, Error>,
) -> Vec<Tensor> {
    at_place(Some(place), || {
        if grad_enabled() && inputs.iter().any(Tensor::has_node) {
            return Call::trace(inputs, f);
        }
        f(inputs).unwrap_or_else(|error| raise(error))
    })
}

/// A copy of a tree, for types without `Clone`.
pub(super) fn copy<T: Tree>(tree: &T) -> T {
    tree.map(&mut Tensor::clone)
}
