//! Forward mode: values and tangents, side by side.

use super::pullback::tangents;
use crate::core::{
    Derivative, Error, Prim, Program, Tensor, Tensors, interpret, scale, try_apply, try_apply1,
};
use crate::number::Real;
use crate::number::function::{Add, BinaryOp, Partial};
use smallvec::SmallVec;
use std::collections::HashMap;

/// Runs a program on inputs and their tangents; `None` is a known zero, in and out.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::transform::jvp;
/// let square = trace_program(&[Type::new(DType::F64, [])], |x| vec![&x[0] * &x[0]]);
/// let (y, t) = jvp(&square, &[Tensor::from(3.0)], &[Some(Tensor::from(1.0))]).unwrap();
/// assert_eq!((y[0].item::<f64>(), t[0].as_ref().unwrap().item::<f64>()), (9.0, 6.0));
/// ```
pub fn jvp(
    program: &Program,
    inputs: &[Tensor],
    tangents: &[Option<Tensor>],
) -> Result<(Vec<Tensor>, Vec<Option<Tensor>>), Error> {
    let mut t = HashMap::new();
    for (&var, tangent) in program.inputs().iter().zip(tangents) {
        if let Some(tangent) = tangent {
            t.insert(var, tangent.clone());
        }
    }
    let outputs = interpret(program, inputs, |equation, x| {
        crate::core::at_place(equation.place, || {
            let tx = equation.look_up(&t);
            let x: Vec<Tensor> = x.iter().map(|&x| x.clone()).collect();
            let (y, ty) = jvp_primitive(&equation.prim, &x, &tx)?;
            t.extend(equation.outputs().zip(ty).filter_map(|(var, t)| Some((var, t?))));
            Ok(y)
        })
    })?;
    let tangents =
        program.outputs().iter().map(|atom| atom.var().and_then(|var| t.get(&var).cloned())).collect();
    Ok((outputs, tangents))
}

/// One primitive with tangents.
pub fn jvp_primitive(
    prim: &Prim,
    x: &[Tensor],
    t: &[Option<Tensor>],
) -> Result<(Tensors, Vec<Option<Tensor>>), Error> {
    let references: SmallVec<[&Tensor; 4]> = x.iter().collect();
    if t.iter().all(Option::is_none) {
        let y = try_apply(prim.clone(), &references)?;
        let none = vec![None; y.len()];
        return Ok((y, none));
    }
    if let Derivative::Staged(rule) = prim.derivative() {
        let active: Vec<bool> = t.iter().map(Option::is_some).collect();
        let linearized = rule.linearize(x, &active)?;
        let operands: Vec<&Tensor> = linearized.residuals.iter().chain(t.iter().flatten()).collect();
        let mut tangents = try_apply(linearized.map, &operands)?.into_iter();
        let ty =
            linearized.y.iter().map(|y| if y.dtype().is_float() { tangents.next() } else { None }).collect();
        return Ok((linearized.y.into(), ty));
    }
    let y = try_apply(prim.clone(), &references)?;
    let ty = tangents(prim, || rule(prim, x, &y, t))?;
    Ok((y, ty))
}

/// The tangents of the outputs, by the primitive's rule.
fn rule(prim: &Prim, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>, Error> {
    Ok(match prim.derivative() {
        Derivative::Zero => vec![None; y.len()],
        Derivative::Elementwise(rule) => {
            let mut sum = None;
            for (i, t) in t.iter().enumerate() {
                if let Some(t) = t {
                    add_to(&mut sum, times(t, rule.partial(i, x, &y[0]))?)?;
                }
            }
            vec![sum]
        }
        Derivative::Linear(rule) => {
            let operand = |(i, (x, t)): (usize, (&Tensor, &Option<Tensor>))| match t {
                _ if !rule.linear(i) => x.clone(),
                Some(t) => t.clone(),
                None => x.zeros_like(),
            };
            let operands: Vec<Tensor> = x.iter().zip(t).enumerate().map(operand).collect();
            let ty = try_apply(prim.clone(), &operands.iter().collect::<Vec<_>>())?;
            ty.into_iter().map(Some).collect()
        }
        Derivative::Bilinear(_) => {
            let mut sum = None;
            for (i, t) in t.iter().enumerate() {
                if let Some(t) = t {
                    let mut operands: SmallVec<[&Tensor; 4]> = x.iter().collect();
                    operands[i] = t;
                    add_to(&mut sum, try_apply(prim.clone(), &operands)?.pop())?;
                }
            }
            vec![sum]
        }
        Derivative::General(rule) => rule.jvp(x, y, t),
        Derivative::Staged(_) => unreachable!("differentiated while it ran"),
    })
}

/// A tangent or cotangent times a partial, where a zero wins; nothing if the partial is zero everywhere.
pub(super) fn times(t: &Tensor, partial: Partial<Tensor>) -> Result<Option<Tensor>, Error> {
    Ok(match partial {
        Partial::Constant(0.0) => None,
        Partial::Constant(1.0) => Some(t.clone()),
        Partial::Constant(-1.0) => Some(-t),
        Partial::Constant(c) => Some(scale(t, &t.lift(c))),
        Partial::Of(p) => Some(scale(t, &p)),
    })
}

/// `sum += term`, where nothing is zero; in the sum's own buffer if nobody else has it.
pub(super) fn add_to(sum: &mut Option<Tensor>, term: Option<Tensor>) -> Result<(), Error> {
    let Some(term) = term else { return Ok(()) };
    *sum = Some(match sum.take() {
        None => term,
        Some(mut sum) => {
            if sum.assign_in_place(BinaryOp::Add(Add), &term) {
                sum
            } else {
                try_apply1(BinaryOp::Add(Add), &[&sum, &term])?
            }
        }
    });
    Ok(())
}
