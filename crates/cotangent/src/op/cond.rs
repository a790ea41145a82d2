//! A choice between two programs, of which one runs.

use super::call::{all_batched, infer};
use super::registry::Entry;
use crate::core::{
    Array, Arrays, Closed, DType, Derivative, Error, Kind, Linearized, Param, Params, Prim, Primitive,
    Program, ProgramRef, Staged, Tensor, Tensors, Transpose, Type, Types, apply, evaluate, place, raise,
    trace_inputs, trace_program,
};
use crate::transform;
use std::sync::Arc;

/// `y… = p ? then(x…) : otherwise(x…)`. Only the chosen program runs.
///
/// Differentiated, it gives `y` with the residuals of the branch that ran (zeros stand for the other's), and the derivative is a
/// `cond` again, of the branches' linear maps.
#[derive(Clone, Debug)]
pub struct Cond {
    /// What runs if the predicate is true.
    pub then: Arc<Program>,
    /// What runs if it is not.
    pub otherwise: Arc<Program>,
    /// If this is the linear half of another `cond`: how many of the operands are residuals. It is linear in the rest.
    pub residuals: Option<usize>,
}

impl Cond {
    fn apply(
        then: Program,
        otherwise: Program,
        residuals: Option<usize>,
        p: &Tensor,
        x: &[Tensor],
    ) -> Vec<Tensor> {
        let prim = Prim::new(Cond { then: Arc::new(then), otherwise: Arc::new(otherwise), residuals });
        let operands: Vec<&Tensor> = std::iter::once(p).chain(x).collect();
        apply(prim, &operands).into_vec()
    }
}

impl Primitive for Cond {
    fn name(&self) -> &str {
        "cond"
    }
    fn params(&self) -> Params {
        let mut params = vec![
            ("then", Param::Program(ProgramRef(self.then.clone()))),
            ("otherwise", Param::Program(ProgramRef(self.otherwise.clone()))),
        ];
        if let Some(count) = self.residuals {
            params.push(("residuals", Param::Int(count as i64)));
        }
        params
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let Some((p, x)) = inputs.split_first() else {
            return Err(Error::new("cond").expected("a predicate").got("no operands"));
        };
        if p.dtype != DType::Bool || p.shape.rank() != 0 {
            let help = "compare two numbers, or reduce with `.to(DType::I64).sum().greater(0)`; entry by entry there is `select`";
            return Err(Error::new("cond").expected("one bool to choose by").got(p.to_string()).help(help));
        }
        let (then, otherwise) = (infer("cond", &self.then, x)?, infer("cond", &self.otherwise, x)?);
        if then != otherwise {
            let list = |types: &Types| types.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
            let got = format!("({}) and ({})", list(&then), list(&otherwise));
            let help = "the first branch's types stand left: convert with `.to(…)`, or broadcast";
            return Err(Error::new("cond").expected("branches with results of one type").got(got).help(help));
        }
        Ok(then)
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let chosen = if truth(inputs[0]) { &self.then } else { &self.otherwise };
        evaluate(chosen, &inputs[1..])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Staged(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let (p, x) = x.split_first().expect("a predicate");
        if mapped[0] {
            // Each example chooses: both run, and the results are chosen from.
            let run = |program: &Program| {
                let (y, batched) =
                    transform::vmap(program, x, &mapped[1..], size).unwrap_or_else(|error| raise(error));
                all_batched(y, &batched, size)
            };
            let (then, otherwise) = (run(&self.then), run(&self.otherwise));
            let choose = |(a, b): (&Tensor, &Tensor)| {
                let shape: Vec<usize> = (0..a.rank()).map(|axis| if axis == 0 { size } else { 1 }).collect();
                p.reshape(shape).select(a, b)
            };
            return then.iter().zip(&otherwise).map(choose).collect();
        }
        let types: Vec<Type> = x.iter().map(|x| x.ty().clone()).collect();
        let branch = |program: &Program| {
            trace_program(&types, |x| {
                let (y, batched) =
                    transform::vmap(program, x, &mapped[1..], size).unwrap_or_else(|error| raise(error));
                all_batched(y, &batched, size).into_vec()
            })
        };
        Cond::apply(branch(&self.then), branch(&self.otherwise), self.residuals, p, x).into()
    }
}

fn truth(p: &Array) -> bool {
    p.first().is_some_and(|item| item.to_f64() != 0.0)
}

/// A branch split in two: a program that gives the values and what its derivative needs, and the derivative.
struct Split {
    forward: Program,
    residuals: Vec<Type>,
    linear: Program,
}

fn split(program: &Program, types: &[Type], active: &[bool]) -> Result<Split, Error> {
    let mut linear = None;
    let inputs = types.iter().map(|ty| (ty.clone(), None));
    let (Closed { program: forward, captures, .. }, outputs) = trace_inputs(
        Kind::Body("cond"),
        place(),
        inputs,
        |x| {
            let (mut y, map) = transform::linearize(program, &x, active).unwrap_or_else(|error| raise(error));
            y.extend(map.residuals.iter().cloned());
            linear = Some(map);
            y
        },
        |y| y.iter().collect(),
    )?;
    debug_assert!(captures.is_empty(), "a branch stands alone");
    let linear = linear.expect("traced");
    let residuals =
        outputs[outputs.len() - linear.residuals.len()..].iter().map(|r| r.ty().clone()).collect();
    Ok(Split { forward, residuals, linear: linear.program })
}

impl Staged for Cond {
    fn linearize(&self, x: &[Tensor], active: &[bool]) -> Result<Linearized, Error> {
        let (p, x) = x.split_first().expect("a predicate");
        let active = &active[1..];
        let types: Vec<Type> = x.iter().map(|x| x.ty().clone()).collect();
        let (a, b) = (split(&self.then, &types, active)?, split(&self.otherwise, &types, active)?);
        let count = self.then.outputs().len();
        // Each branch gives its own residuals and zeros for the other's, so that both have the same results.
        let forward = |split: &Split, first: bool| {
            trace_program(&types, |x| {
                let mut y = split.forward.eval(x).unwrap_or_else(|error| raise(error));
                let own = y.split_off(count);
                let zeros = |types: &[Type]| types.iter().map(Tensor::zeros_of).collect::<Vec<_>>();
                let (left, right) =
                    if first { (own, zeros(&b.residuals)) } else { (zeros(&a.residuals), own) };
                y.into_iter().chain(left).chain(right).collect()
            })
        };
        let mut y = Cond::apply(forward(&a, true), forward(&b, false), None, p, x);
        let mut residuals = y.split_off(count);
        residuals.insert(0, p.clone());
        let float: Vec<bool> = y.iter().map(|y| y.dtype().is_float()).collect();
        let tangents = x.iter().zip(active).filter(|(_, active)| **active).map(|(x, _)| x.ty().clone());
        let all: Vec<Type> = a.residuals.iter().chain(&b.residuals).cloned().chain(tangents).collect();
        let linear = |split: &Split, range: std::ops::Range<usize>| {
            trace_program(&all, |inputs| {
                let t = &inputs[a.residuals.len() + b.residuals.len()..];
                let operands: Vec<Tensor> = inputs[range].iter().chain(t).cloned().collect();
                let t = split.linear.eval(&operands).unwrap_or_else(|error| raise(error));
                t.into_iter().zip(&float).filter(|(_, float)| **float).map(|(t, _)| t).collect()
            })
        };
        let middle = a.residuals.len();
        let map = Cond {
            then: Arc::new(linear(&a, 0..middle)),
            otherwise: Arc::new(linear(&b, middle..middle + b.residuals.len())),
            residuals: Some(residuals.len()),
        };
        Ok(Linearized { y, residuals, map: Prim::new(map) })
    }
    fn keeps_residuals(&self) -> bool {
        // Going forward is a `cond` again: it would ask for its own residuals, and so on.
        false
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        self.residuals.is_some().then_some(self)
    }
}

impl Transpose for Cond {
    fn linear(&self, i: usize) -> bool {
        self.residuals.is_some_and(|count| i >= count)
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let count = self.residuals.expect("asked of linear ones");
        let (residuals, t) = x.split_at(count);
        let given: Vec<Type> = residuals[1..].iter().map(|x| x.ty().clone()).collect();
        let ct: Vec<Tensor> = ct
            .iter()
            .zip(self.then.output_types())
            .map(|(ct, ty)| ct.clone().unwrap_or_else(|| Tensor::zeros_of(&ty)))
            .collect();
        let types: Vec<Type> = given.iter().cloned().chain(ct.iter().map(|ct| ct.ty().clone())).collect();
        let branch = |program: &Program| {
            trace_program(&types, |inputs| {
                let (residuals, ct) = inputs.split_at(given.len());
                let inputs: Vec<Option<Tensor>> =
                    residuals.iter().cloned().map(Some).chain(t.iter().map(|_| None)).collect();
                let ct: Vec<Option<Tensor>> = ct.iter().cloned().map(Some).collect();
                let cts = transform::transpose(program, &inputs, &ct).unwrap_or_else(|error| raise(error));
                let cts = cts.into_iter().skip(given.len()).zip(t);
                cts.map(|(ct, t)| ct.unwrap_or_else(|| t.zeros_like())).collect()
            })
        };
        let (then, otherwise) = (branch(&self.then), branch(&self.otherwise));
        let operands: Vec<Tensor> = residuals[1..].iter().chain(&ct).cloned().collect();
        // Linear in the cotangents: so that it can be transposed back.
        let cts = Cond::apply(then, otherwise, Some(count), &residuals[0], &operands);
        residuals.iter().map(|_| None).chain(cts.into_iter().map(Some)).collect()
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "cond",
    parse: |given| {
        let (then, otherwise) = (given.program("then")?, given.program("otherwise")?);
        let residuals = match given.get("residuals") {
            Some(_) => Some(given.size("residuals")?),
            None => None,
        };
        // The predicate is one of the residuals.
        let fits = residuals.is_none_or(|count| (1..=then.inputs().len() + 1).contains(&count));
        fits.then(|| Prim::new(Cond { then, otherwise, residuals }))
    },
    samples: Vec::new,
};
