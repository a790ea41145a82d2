//! A program as one operation.

use super::linear_call::LinearCall;
use super::registry::Entry;
use crate::core::{
    Array, Arrays, Derivative, Error, Linearized, Param, Params, Prim, Primitive, Program, ProgramRef,
    Staged, Tensor, Tensors, Type, Types, apply, check_inputs, evaluate, raise, trace_program,
};
use crate::transform;
use std::sync::Arc;

/// `y… = program(x…)`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The program.
    pub program: Arc<Program>,
}

impl Call {
    /// Records a function of these tensors, and applies it as one operation.
    #[track_caller]
    pub fn trace(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>, Error>) -> Vec<Tensor> {
        let types: Vec<Type> = inputs.iter().map(|x| x.ty().clone()).collect();
        let program = trace_program(&types, |x| f(x).unwrap_or_else(|error| raise(error)));
        let call = Call { program: Arc::new(program) };
        apply(Prim::new(call), &inputs.iter().collect::<Vec<_>>()).into_vec()
    }
}

/// The outputs of a program on inputs of these types.
pub(super) fn infer(name: &str, program: &Program, inputs: &[&Type]) -> Result<Types, Error> {
    let expected = program.input_types();
    if !expected.iter().eq(inputs.iter().copied()) {
        let list = |types: &[&Type]| types.iter().map(|ty| ty.to_string()).collect::<Vec<_>>().join(", ");
        return Err(Error::new(name)
            .expected(format!("({})", list(&expected.iter().collect::<Vec<_>>())))
            .got(format!("({})", list(inputs))));
    }
    Ok(program.output_types().into())
}

impl Primitive for Call {
    fn name(&self) -> &str {
        "call"
    }
    fn params(&self) -> Params {
        vec![("program", Param::Program(ProgramRef(self.program.clone())))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        infer("call", &self.program, inputs)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        evaluate(&self.program, inputs)
    }
    fn body(&self) -> Option<Arc<Program>> {
        Some(self.program.clone())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Staged(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let (y, batched) =
            transform::vmap(&self.program, x, mapped, size).unwrap_or_else(|error| raise(error));
        all_batched(y, &batched, size)
    }
}

/// Outputs that are the same for each example, repeated.
pub(super) fn all_batched(y: Vec<Tensor>, batched: &[bool], size: usize) -> Tensors {
    let repeat = |(y, &batched): (Tensor, &bool)| {
        let shape: Vec<usize> = std::iter::once(size).chain(y.shape().iter().copied()).collect();
        if batched { y } else { y.broadcast_to(shape) }
    };
    y.into_iter().zip(batched).map(repeat).collect()
}

impl Staged for Call {
    fn linearize(&self, x: &[Tensor], active: &[bool]) -> Result<Linearized, Error> {
        check_inputs(&self.program, x)?;
        let (y, linear) = transform::linearize(&self.program, x, active)?;
        let map = LinearCall::of(linear.program, linear.residuals.len(), &y);
        Ok(Linearized { y, residuals: linear.residuals, map: Prim::new(map) })
    }
    fn keeps_residuals(&self) -> bool {
        false
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "call",
    parse: |given| Some(Prim::new(Call { program: given.program("program")? })),
    samples: Vec::new,
};
