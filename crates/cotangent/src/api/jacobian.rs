//! All first derivatives, or all second ones.

use super::derivative::gradient;
use super::lift::{lift, run};
use crate::core::{
    Blocks, Error, FromBlocks, Place, Program, Structure, Tensor, Tree, Type, leaves, place, raise,
    trace_program,
};
use crate::transform;

/// How a Jacobian is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sweep {
    /// A column at a time: one pass for each input entry.
    Forward,
    /// A row at a time: one pass for each output entry.
    Reverse,
    /// Whichever needs fewer passes.
    Fewer,
}

/// The type of a Jacobian from `A` to `B`: a tensor if both are, else [`Blocks`].
pub type JacobianOf<A, B> = <A as Tree>::Blocked<<B as Tree>::Blocked<Tensor>>;

/// All derivatives ∂yᵢ/∂xⱼ: of a tensor by a tensor a tensor of shape `[output…, input…]`, of trees [`Blocks`]. Forward mode if there are
/// no more input entries than output entries, else reverse mode; all passes at once, batched.
///
/// ```
/// use cotangent::prelude::*;
/// let j = jacobian(|x: &Tensor| x.square())(&Tensor::from([1.0, 2.0]));
/// assert_eq!(j.to_vec::<f64>(), [2.0, 0.0, 0.0, 4.0]);
/// ```
#[track_caller]
pub fn jacobian<A: Tree, B: Tree>(f: impl Fn(&A) -> B) -> impl Fn(&A) -> JacobianOf<A, B> {
    let place = place();
    move |x| FromBlocks::from_blocks(blocks("jacobian", place, Sweep::Fewer, &f, x))
}

/// [`jacobian`] in forward mode, whatever the shapes.
///
/// ```
/// use cotangent::prelude::*;
/// let j = jacobian_forward(|x: &Tensor| x.sum())(&Tensor::from([1.0, 2.0]));
/// assert_eq!(j.to_vec::<f64>(), [1.0, 1.0]);
/// ```
#[track_caller]
pub fn jacobian_forward<A: Tree, B: Tree>(f: impl Fn(&A) -> B) -> impl Fn(&A) -> JacobianOf<A, B> {
    let place = place();
    move |x| FromBlocks::from_blocks(blocks("jacobian_forward", place, Sweep::Forward, &f, x))
}

/// [`jacobian`] in reverse mode, whatever the shapes.
///
/// ```
/// use cotangent::prelude::*;
/// let j = jacobian_reverse(|x: &Tensor| x.square())(&Tensor::from(3.0));
/// assert_eq!(j.item::<f64>(), 6.0);
/// ```
#[track_caller]
pub fn jacobian_reverse<A: Tree, B: Tree>(f: impl Fn(&A) -> B) -> impl Fn(&A) -> JacobianOf<A, B> {
    let place = place();
    move |x| FromBlocks::from_blocks(blocks("jacobian_reverse", place, Sweep::Reverse, &f, x))
}

/// All second derivatives of a function whose value is one float: for a tensor a tensor of shape `[x…, x…]`, for a tree
/// [`Blocks`]. Forward over reverse: about one gradient for each entry of `x`, all at once.
///
/// ```
/// use cotangent::prelude::*;
/// let h = hessian(|x: &Tensor| x.powi(3).sum())(&Tensor::from([1.0, 2.0]));
/// assert_eq!(h.to_vec::<f64>(), [6.0, 0.0, 0.0, 12.0]);
/// ```
#[track_caller]
pub fn hessian<A: Tree>(f: impl Fn(&A) -> Tensor) -> impl Fn(&A) -> JacobianOf<A, A> {
    let place = place();
    let gradient = gradient("hessian", place, f);
    move |x| FromBlocks::from_blocks(blocks("hessian", place, Sweep::Forward, &gradient, x))
}

/// The float leaves of a tree: their paths and types.
fn floats<T: Tree>(tree: &T) -> (Vec<String>, Vec<Type>) {
    let structure = Structure::of(tree);
    let leaves = structure.paths().into_iter().zip(leaves(tree)).filter(|(_, x)| x.dtype().is_float());
    leaves.map(|(path, x)| (path.to_string(), x.ty().clone())).unzip()
}

/// For each type a batch of directions, such that together they are the rows of an identity matrix.
fn basis(types: &[Type]) -> (Vec<Tensor>, usize) {
    let total: usize = types.iter().map(|ty| ty.shape.size()).sum();
    let mut start = 0;
    let directions = types.iter().map(|ty| {
        let size = ty.shape.size();
        let one = Tensor::eye::<f64>(size).to(ty.dtype);
        let rows = one.pad(&[(start as isize, (total - start - size) as isize), (0, 0)]);
        start += size;
        rows.reshape(std::iter::once(total).chain(ty.shape.iter().copied()).collect::<Vec<_>>())
    });
    (directions.collect(), total)
}

fn blocks<A: Tree, B: Tree>(
    name: &'static str,
    place: Place,
    sweep: Sweep,
    f: &impl Fn(&A) -> B,
    x: &A,
) -> Blocks {
    let lifted = lift(name, place, f, x);
    let (in_paths, in_types) = floats(x);
    let (out_paths, out_types) = floats(&lifted.pattern);
    if in_types.is_empty() || out_types.is_empty() {
        let side = if in_types.is_empty() { "argument" } else { "value" };
        let error = Error::new(name).expected("a function of floats to floats");
        let help = "only floats have derivatives: convert with `.to(DType::F64)`";
        raise(error.got(format!("no floats in the {side}")).help(help).at(Some(place)))
    }
    let size = |types: &[Type]| types.iter().map(|ty| ty.shape.size()).sum::<usize>();
    let forward = match sweep {
        Sweep::Forward => true,
        Sweep::Reverse => false,
        Sweep::Fewer => size(&in_types) <= size(&out_types),
    };
    let active: Vec<bool> =
        lifted.inputs.iter().enumerate().map(|(i, x)| i < lifted.arguments && x.dtype().is_float()).collect();
    let flat = run(place, &lifted.inputs, |inputs| {
        let (y, linear) = transform::linearize(&lifted.program, inputs, &active)?;
        let float: Vec<bool> = y.iter().map(|y| y.dtype().is_float()).collect();
        let residuals = linear.residuals;
        let (program, (directions, count)) = match forward {
            true => (only(linear.program, &float), basis(&in_types)),
            false => {
                (transposed(&only(linear.program, &float), residuals.len(), &out_types), basis(&out_types))
            }
        };
        let mapped: Vec<bool> =
            (0..residuals.len() + directions.len()).map(|i| i >= residuals.len()).collect();
        let inputs: Vec<Tensor> = residuals.into_iter().chain(directions).collect();
        let (found, mapped) = transform::vmap(&program, &inputs, &mapped, count)?;
        let found: Vec<Tensor> = found
            .into_iter()
            .zip(mapped)
            .map(|(t, mapped)| {
                let shape: Vec<usize> = std::iter::once(count).chain(t.shape().iter().copied()).collect();
                if mapped { t } else { t.broadcast_to(shape) }
            })
            .collect();
        Ok(arrange(&found, &in_types, &out_types, forward))
    });
    Blocks::new(out_paths, in_paths, flat, out_types.iter().map(|ty| ty.shape.rank()).collect())
}

/// The program with the outputs that are floats alone.
fn only(mut program: Program, float: &[bool]) -> Program {
    let mut float = float.iter();
    program.outputs.retain(|_| float.next() == Some(&true));
    program
}

/// From residuals and the outputs' cotangents to the inputs'.
fn transposed(linear: &Program, residuals: usize, out_types: &[Type]) -> Program {
    let input_types = linear.input_types();
    let types: Vec<Type> = input_types[..residuals].iter().chain(out_types).cloned().collect();
    trace_program(&types, |x| {
        let (given, ct) = x.split_at(residuals);
        let missing = input_types[residuals..].iter().map(|_| None);
        let inputs: Vec<Option<Tensor>> = given.iter().cloned().map(Some).chain(missing).collect();
        let ct: Vec<Option<Tensor>> = ct.iter().cloned().map(Some).collect();
        let cts = transform::transpose(linear, &inputs, &ct).unwrap_or_else(|error| raise(error));
        let zeros = |(ct, ty): (Option<Tensor>, &Type)| ct.unwrap_or_else(|| Tensor::zeros_of(ty));
        cts.into_iter().zip(&input_types).skip(residuals).map(zeros).collect()
    })
}

/// Blocks `[output…, input…]`, row by row, from batches whose first axis runs over all entries of one side.
fn arrange(found: &[Tensor], in_types: &[Type], out_types: &[Type], forward: bool) -> Vec<Tensor> {
    let mut blocks = Vec::new();
    for (j, out) in out_types.iter().enumerate() {
        for (i, input) in in_types.iter().enumerate() {
            let (batch, side, index) =
                if forward { (&found[j], in_types, i) } else { (&found[i], out_types, j) };
            let start: usize = side[..index].iter().map(|ty| ty.shape.size()).sum();
            let part = batch.slice_axis(0, start..start + side[index].shape.size());
            let shape: Vec<usize> = out.shape.iter().chain(input.shape.iter()).copied().collect();
            // In forward mode the input's entries come first.
            let part = if forward { part.reshape([input.shape.size(), out.shape.size()]).t() } else { part };
            blocks.push(part.reshape(shape));
        }
    }
    blocks
}
