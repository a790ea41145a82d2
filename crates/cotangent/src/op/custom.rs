//! Functions with a derivative rule of the user's.

use super::call::infer;
use super::linear_call::{LinearCall, batched_program};
use super::registry::Entry;
use crate::core::{
    Array, Arrays, Derivative, Error, Linearized, Param, Params, Prim, Primitive, Program, ProgramRef,
    Staged, Tensor, Tensors, Type, Types, apply, batch_elementwise, evaluate, raise, trace_program,
};
use crate::transform;
use std::sync::Arc;

/// A function with a rule for its tangents: `f(x…) = y…` and `rule(x…, t…) = y…, ty…`.
#[derive(Clone, Debug)]
pub struct CustomJvp {
    /// The function.
    pub f: Arc<Program>,
    /// The rule; a tangent for each input, and for each output.
    pub rule: Arc<Program>,
}

impl Primitive for CustomJvp {
    fn name(&self) -> &str {
        "custom_jvp"
    }
    fn params(&self) -> Params {
        vec![
            ("f", Param::Program(ProgramRef(self.f.clone()))),
            ("rule", Param::Program(ProgramRef(self.rule.clone()))),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        infer("custom_jvp", &self.f, inputs)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        evaluate(&self.f, inputs)
    }
    fn body(&self) -> Option<Arc<Program>> {
        Some(self.f.clone())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Staged(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        // Everything is mapped, so that the rule's tangents are too.
        let x = batch_elementwise(x, mapped, size);
        let batched = CustomJvp {
            f: Arc::new(batched_program(&self.f, size)),
            rule: Arc::new(batched_program(&self.rule, size)),
        };
        apply(Prim::new(batched), &x.iter().collect::<Vec<_>>())
    }
}

impl Staged for CustomJvp {
    fn linearize(&self, x: &[Tensor], active: &[bool]) -> Result<Linearized, Error> {
        let (y, linear) = transform::linearize_by(x, active, |t| {
            let t = x.iter().zip(t).map(|(x, t)| t.clone().unwrap_or_else(|| x.zeros_like()));
            let mut y = self.rule.eval(&x.iter().cloned().chain(t).collect::<Vec<_>>())?;
            let ty = y.split_off(self.f.outputs().len());
            Ok((y, ty.into_iter().map(Some).collect()))
        })?;
        let map = LinearCall::of(linear.program, linear.residuals.len(), &y);
        Ok(Linearized { y, residuals: linear.residuals, map: Prim::new(map) })
    }
    fn keeps_residuals(&self) -> bool {
        true
    }
}

/// A function with a rule for its cotangents: `forward(x…) = y…, residuals…` and `backward(residuals…, ct…) = ctx…`.
#[derive(Clone, Debug)]
pub struct CustomVjp {
    /// The function; its outputs, then the residuals.
    pub forward: Arc<Program>,
    /// A cotangent for each output gives one for each input.
    pub backward: Arc<Program>,
    /// How many outputs.
    pub outputs: usize,
}

impl Primitive for CustomVjp {
    fn name(&self) -> &str {
        "custom_vjp"
    }
    fn params(&self) -> Params {
        vec![
            ("outputs", Param::Int(self.outputs as i64)),
            ("forward", Param::Program(ProgramRef(self.forward.clone()))),
            ("backward", Param::Program(ProgramRef(self.backward.clone()))),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let mut types = infer("custom_vjp", &self.forward, inputs)?;
        types.truncate(self.outputs);
        Ok(types)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let mut arrays = evaluate(&self.forward, inputs)?;
        arrays.truncate(self.outputs);
        Ok(arrays)
    }
    fn body(&self) -> Option<Arc<Program>> {
        Some(self.forward.clone())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Staged(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        let batched = CustomVjp {
            forward: Arc::new(batched_program(&self.forward, size)),
            backward: Arc::new(batched_program(&self.backward, size)),
            outputs: self.outputs,
        };
        apply(Prim::new(batched), &x.iter().collect::<Vec<_>>())
    }
}

impl Staged for CustomVjp {
    fn linearize(&self, x: &[Tensor], active: &[bool]) -> Result<Linearized, Error> {
        let mut y = self.forward.eval(x)?;
        let residuals = y.split_off(self.outputs);
        // The rule for the active inputs and the outputs that can have a cotangent.
        let residual_types = residuals.iter().map(|x| x.ty().clone());
        let ct_types = y.iter().map(|y| y.ty().clone()).filter(|ty| ty.dtype.is_float());
        let types: Vec<Type> = residual_types.chain(ct_types).collect();
        let backward = trace_program(&types, |inputs| {
            let (residuals, ct) = inputs.split_at(residuals.len());
            let mut ct = ct.iter().cloned();
            let ct = y.iter().map(|y| {
                if y.dtype().is_float() { ct.next() } else { None }.unwrap_or_else(|| y.zeros_like())
            });
            let operands: Vec<Tensor> = residuals.iter().cloned().chain(ct.collect::<Vec<_>>()).collect();
            let cts = self.backward.eval(&operands).unwrap_or_else(|error| raise(error));
            cts.into_iter().zip(active).filter(|(_, active)| **active).map(|(ct, _)| ct).collect()
        });
        let tangents =
            x.iter().zip(active).filter(|(_, active)| **active).map(|(x, _)| x.ty().clone()).collect();
        let map = LinearCall::with_transpose("custom_vjp", Arc::new(backward), residuals.len(), tangents);
        Ok(Linearized { y, residuals, map: Prim::new(map) })
    }
    fn keeps_residuals(&self) -> bool {
        true
    }
}

pub(super) const JVP: Entry = Entry {
    name: "custom_jvp",
    parse: |given| {
        let (f, rule) = (given.program("f")?, given.program("rule")?);
        let twice = |types: Vec<Type>| [types.clone(), types].concat();
        let fits =
            rule.input_types() == twice(f.input_types()) && rule.output_types() == twice(f.output_types());
        fits.then(|| Prim::new(CustomJvp { f, rule }))
    },
    samples: Vec::new,
};

pub(super) const VJP: Entry = Entry {
    name: "custom_vjp",
    parse: |given| {
        let (forward, backward) = (given.program("forward")?, given.program("backward")?);
        let outputs = given.size("outputs").filter(|&count| count <= forward.outputs().len())?;
        // The rule is given the residuals, then the cotangents.
        let mut read = forward.output_types();
        read.rotate_left(outputs);
        // What stands for an integer's cotangent is never read.
        let (cts, x) = (backward.output_types(), forward.input_types());
        let gives = cts.len() == x.len() && cts.iter().zip(&x).all(|(ct, x)| !x.dtype.is_float() || ct == x);
        let fits = backward.input_types() == read && gives;
        fits.then(|| Prim::new(CustomVjp { forward, backward, outputs }))
    },
    samples: Vec::new,
};
