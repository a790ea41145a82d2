//! A linear map that depends on residuals, as one operation: what is left of a primitive that was differentiated while it ran.

use super::call::{all_batched, infer};
use super::registry::Entry;
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Program, ProgramRef, Tensor,
    Tensors, Transpose, Type, Types, apply, evaluate, raise, trace_program,
};
use crate::transform;
use std::sync::Arc;

/// How the map is known.
#[derive(Clone, Debug)]
enum Rule {
    /// By itself: a program of the residuals and the tangents, linear in these.
    Forward(Arc<Program>),
    /// By its transpose: a program of the residuals and the cotangents of the outputs, that gives those of the tangents. The
    /// value, wanted in forward mode alone, is the transpose of that, made by the first who wants it.
    Backward(Arc<Program>),
}

/// `ty… = map(residuals…, t…)`, linear in `t`.
#[derive(Clone, Debug)]
pub struct LinearCall {
    rule: Rule,
    residuals: usize,
    tangents: Vec<Type>,
    outputs: Vec<Type>,
    /// Who made it, for messages.
    origin: &'static str,
}

impl LinearCall {
    /// The map of a program of `residuals` residuals and then tangents. Its outputs are those of the program that belong to floats of `y`.
    pub(crate) fn of(mut program: Program, residuals: usize, y: &[Tensor]) -> LinearCall {
        let mut float = y.iter().map(|y| y.dtype().is_float());
        program.outputs.retain(|_| float.next() == Some(true));
        let tangents = program.input_types().split_off(residuals);
        let outputs = program.output_types();
        LinearCall { rule: Rule::Forward(Arc::new(program)), residuals, tangents, outputs, origin: "call" }
    }

    /// The map whose transpose is a program of `residuals` residuals and then cotangents.
    pub(crate) fn with_transpose(
        origin: &'static str,
        backward: Arc<Program>,
        residuals: usize,
        tangents: Vec<Type>,
    ) -> LinearCall {
        let outputs = backward.input_types().split_off(residuals);
        LinearCall { rule: Rule::Backward(backward), residuals, tangents, outputs, origin }
    }

    /// The map itself as a program.
    fn forward(&self) -> Result<Arc<Program>, Error> {
        let backward = match &self.rule {
            Rule::Forward(program) => return Ok(program.clone()),
            Rule::Backward(program) => program,
        };
        let residual_types = &backward.input_types()[..self.residuals];
        let types: Vec<Type> = residual_types.iter().chain(&self.tangents).cloned().collect();
        let mut failed = None;
        let program = trace_program(&types, |inputs| {
            let (residuals, t) = inputs.split_at(self.residuals);
            let given = residuals.iter().cloned().map(Some);
            let inputs: Vec<Option<Tensor>> = given.chain(self.outputs.iter().map(|_| None)).collect();
            let t: Vec<Option<Tensor>> = t.iter().cloned().map(Some).collect();
            match transform::transpose(backward, &inputs, &t) {
                Ok(cts) => {
                    let cts = cts.into_iter().skip(self.residuals).zip(&self.outputs);
                    cts.map(|(ct, ty)| ct.unwrap_or_else(|| Tensor::zeros_of(ty))).collect()
                }
                Err(error) => {
                    failed = Some(error);
                    self.outputs.iter().map(Tensor::zeros_of).collect()
                }
            }
        });
        match failed {
            None => Ok(Arc::new(program)),
            Some(error) => Err(Error::new(self.origin)
                .expected("a backward rule that is linear in its cotangent, to go forward through it")
                .got(format!("one with `{}`, which is not", error.operation()))
                .help("forward mode needs `custom_jvp`; or make the rule linear in the cotangent")
                .at(error.place())),
        }
    }
}

impl Primitive for LinearCall {
    fn name(&self) -> &str {
        "linear_call"
    }
    fn params(&self) -> Params {
        let (name, program) = match &self.rule {
            Rule::Forward(program) => ("forward", program),
            Rule::Backward(program) => ("backward", program),
        };
        vec![
            ("residuals", Param::Int(self.residuals as i64)),
            (name, Param::Program(ProgramRef(program.clone()))),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        match &self.rule {
            Rule::Forward(program) => infer("linear_call", program, inputs),
            Rule::Backward(program) => {
                let residuals = &program.input_types()[..self.residuals];
                if !residuals.iter().chain(&self.tangents).eq(inputs.iter().copied()) {
                    let got: Vec<String> = inputs.iter().map(|ty| ty.to_string()).collect();
                    return Err(Error::new("linear_call")
                        .expected("its residuals and tangents")
                        .got(got.join(", ")));
                }
                Ok(self.outputs.clone().into())
            }
        }
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        evaluate(&*self.forward()?, inputs)
    }
    fn body(&self) -> Option<Arc<Program>> {
        self.forward().ok()
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        if let Rule::Forward(program) = &self.rule {
            let (y, batched) = transform::vmap(program, x, mapped, size).unwrap_or_else(|error| raise(error));
            return all_batched(y, &batched, size);
        }
        // The override stays: everything is mapped, so that its cotangents are too.
        let Rule::Backward(backward) = &self.rule else { unreachable!("the other rule returned") };
        let x = crate::core::batch_elementwise(x, mapped, size);
        let backward = Arc::new(batched_program(backward, size));
        let tangents = self.tangents.iter().map(|ty| batched_type(ty, size)).collect();
        let map = LinearCall::with_transpose(self.origin, backward, self.residuals, tangents);
        apply(Prim::new(map), &x.iter().collect::<Vec<_>>())
    }
}

/// A type with a batch axis first.
pub(super) fn batched_type(ty: &Type, size: usize) -> Type {
    let shape: Vec<usize> = std::iter::once(size).chain(ty.shape.iter().copied()).collect();
    Type::new(ty.dtype, shape)
}

/// A program for batches, all of whose inputs and outputs are mapped.
pub(super) fn batched_program(program: &Program, size: usize) -> Program {
    let types: Vec<Type> = program.input_types().iter().map(|ty| batched_type(ty, size)).collect();
    trace_program(&types, |x| {
        let (y, batched) =
            transform::vmap(program, x, &vec![true; x.len()], size).unwrap_or_else(|error| raise(error));
        all_batched(y, &batched, size).into_vec()
    })
}

impl Jvp for LinearCall {
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let mut sum: Vec<Option<Tensor>> = vec![None; self.outputs.len()];
        let mut add = |terms: Vec<Option<Tensor>>| {
            for (sum, term) in sum.iter_mut().zip(terms) {
                if let Some(term) = term {
                    transform::accumulate(sum, term).unwrap_or_else(|error| raise(error));
                }
            }
        };
        let (residuals, tangents) = t.split_at(self.residuals);
        // Linear in the tangents: the same map.
        if tangents.iter().any(Option::is_some) {
            let of = |(x, t): (&Tensor, &Option<Tensor>)| t.clone().unwrap_or_else(|| x.zeros_like());
            let moved = x[self.residuals..].iter().zip(tangents).map(of);
            let operands: Vec<Tensor> = x[..self.residuals].iter().cloned().chain(moved).collect();
            let y = apply(Prim::new(self.clone()), &operands.iter().collect::<Vec<_>>());
            add(y.into_iter().map(Some).collect());
        }
        // In the residuals it is whatever it is.
        if residuals.iter().any(Option::is_some) {
            let program = self.forward().unwrap_or_else(|error| raise(error));
            let t: Vec<Option<Tensor>> =
                residuals.iter().cloned().chain(tangents.iter().map(|_| None)).collect();
            add(transform::jvp(&program, x, &t).unwrap_or_else(|error| raise(error)).1);
        }
        sum
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        Some(self)
    }
    fn reusable(&self) -> bool {
        false
    }
}

impl Transpose for LinearCall {
    fn linear(&self, i: usize) -> bool {
        i >= self.residuals
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let residuals = &x[..self.residuals];
        match &self.rule {
            Rule::Forward(program) => {
                let given = residuals.iter().cloned().map(Some);
                let inputs: Vec<Option<Tensor>> = given.chain(self.tangents.iter().map(|_| None)).collect();
                transform::transpose(program, &inputs, ct).unwrap_or_else(|error| raise(error))
            }
            Rule::Backward(program) => {
                let zeros =
                    |(ct, ty): (&Option<Tensor>, &Type)| ct.clone().unwrap_or_else(|| Tensor::zeros_of(ty));
                let ct = ct.iter().zip(&self.outputs).map(zeros);
                let inputs: Vec<Tensor> = residuals.iter().cloned().chain(ct).collect();
                let cts = program.eval(&inputs).unwrap_or_else(|error| raise(error));
                residuals.iter().map(|_| None).chain(cts.into_iter().map(Some)).collect()
            }
        }
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "linear_call",
    parse: |given| {
        let residuals = given.size("residuals")?;
        let fits = |program: &Arc<Program>| residuals <= program.inputs().len();
        let map = if let Some(backward) = given.program("backward") {
            // It gives the cotangents of the tangents, which have their types.
            let tangents = backward.output_types();
            fits(&backward)
                .then(|| LinearCall::with_transpose("custom_vjp", backward, residuals, tangents))?
        } else {
            let program = given.program("forward").filter(fits)?;
            let tangents = program.input_types().split_off(residuals);
            let outputs = program.output_types();
            LinearCall { rule: Rule::Forward(program), residuals, tangents, outputs, origin: "call" }
        };
        Some(Prim::new(map))
    },
    samples: Vec::new,
};
