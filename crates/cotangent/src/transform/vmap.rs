//! Batching: one program for many examples.

use crate::core::{Atom, Error, Prim, Program, Tensor, Tensors, at_place, interpret, try_apply};
use smallvec::SmallVec;

/// Runs a program on batches: an input marked `mapped` has the batch as its first axis, of length `size`. Gives the outputs, and
/// which of them are mapped; one that is not is the same for every example.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::transform::vmap;
/// let sum = trace_program(&[Type::new(DType::F64, [2])], |x| vec![x[0].sum()]);
/// let (y, mapped) = vmap(&sum, &[Tensor::from([[1.0, 2.0], [3.0, 4.0]])], &[true], 2).unwrap();
/// assert_eq!((y[0].to_vec::<f64>(), mapped[0]), (vec![3.0, 7.0], true));
/// ```
pub fn vmap(
    program: &Program,
    inputs: &[Tensor],
    mapped: &[bool],
    size: usize,
) -> Result<(Vec<Tensor>, Vec<bool>), Error> {
    let mut batched = vec![false; program.var_count()];
    for (&var, &mapped) in program.inputs().iter().zip(mapped) {
        batched[var.index()] = mapped;
    }
    let outputs = interpret(program, inputs, |equation, x| {
        let mapped: SmallVec<[bool; 4]> =
            equation.inputs.iter().map(|atom| atom.var().is_some_and(|var| batched[var.index()])).collect();
        if mapped.iter().any(|&mapped| mapped) {
            equation.outputs().for_each(|var| batched[var.index()] = true);
        }
        at_place(equation.place, || batch_primitive(&equation.prim, x, &mapped, size))
    })?;
    let mapped = |atom: &Atom| atom.var().is_some_and(|var| batched[var.index()]);
    Ok((outputs, program.outputs().iter().map(mapped).collect()))
}

/// One primitive on batches. If no operand is mapped the outputs are not; else all are.
pub fn batch_primitive(prim: &Prim, x: &[&Tensor], mapped: &[bool], size: usize) -> Result<Tensors, Error> {
    if mapped.iter().all(|&mapped| !mapped) {
        return try_apply(prim.clone(), x);
    }
    let x: SmallVec<[Tensor; 4]> = x.iter().map(|&x| x.clone()).collect();
    Ok(prim.batch(&x, mapped, size))
}
