//! Reverse mode: values, and then cotangents backwards.

use super::pullback::{accumulate, pullback};
use crate::core::{
    Atom, Derivative, Error, Place, Prim, Program, Tensor, Tensors, Var, at_place, interpret, try_apply,
};
use smallvec::SmallVec;

/// One equation, run, with what its pullback reads.
struct Step {
    prim: Prim,
    x: SmallVec<[Tensor; 2]>,
    y: Tensors,
    /// Where each operand's cotangent goes.
    targets: SmallVec<[Option<Var>; 2]>,
    /// The variables of the outputs.
    outputs: SmallVec<[Var; 1]>,
    place: Option<Place>,
}

/// The pullback of a program at a point; it can be called again and again.
pub struct Pullback {
    steps: Vec<Step>,
    var_count: usize,
    inputs: Vec<Var>,
    wanted: Vec<bool>,
    outputs: Vec<Atom>,
}

/// Runs a program, and gives with its outputs the pullback to the inputs marked `wanted`.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::transform::vjp;
/// let square = trace_program(&[Type::new(DType::F64, [])], |x| vec![&x[0] * &x[0]]);
/// let (y, pullback) = vjp(&square, &[Tensor::from(3.0)], &[true]).unwrap();
/// let ct = pullback.call(&[Some(Tensor::from(1.0))]).unwrap();
/// assert_eq!((y[0].item::<f64>(), ct[0].as_ref().unwrap().item::<f64>()), (9.0, 6.0));
/// ```
pub fn vjp(program: &Program, inputs: &[Tensor], wanted: &[bool]) -> Result<(Vec<Tensor>, Pullback), Error> {
    let mut active = vec![false; program.var_count()];
    for (&var, &wanted) in program.inputs().iter().zip(wanted) {
        active[var.index()] = wanted && program.var_type(var).dtype.is_float();
    }
    let mut steps = Vec::with_capacity(program.equations().len());
    let outputs = interpret(program, inputs, |equation, x| {
        let targets: SmallVec<[Option<Var>; 2]> =
            equation.inputs.iter().map(|atom| atom.var().filter(|var| active[var.index()])).collect();
        let zero = matches!(equation.prim.derivative(), Derivative::Zero);
        if zero || targets.iter().all(Option::is_none) {
            return at_place(equation.place, || try_apply(equation.prim.clone(), x));
        }
        equation.outputs().for_each(|var| active[var.index()] = program.var_type(var).dtype.is_float());
        if let Derivative::Staged(rule) = equation.prim.derivative() {
            let x: Vec<Tensor> = x.iter().map(|&x| x.clone()).collect();
            let mask: Vec<bool> = targets.iter().map(Option::is_some).collect();
            let linearized = at_place(equation.place, || rule.linearize(&x, &mask))?;
            let none = linearized.residuals.iter().map(|_| None);
            let floats: Vec<_> =
                equation.outputs().zip(&linearized.y).filter(|(_, y)| y.dtype().is_float()).collect();
            steps.push(Step {
                targets: none.chain(targets.iter().filter(|target| target.is_some()).copied()).collect(),
                outputs: floats.iter().map(|(var, _)| *var).collect(),
                y: floats.iter().map(|(_, y)| y.zeros_like()).collect(),
                x: linearized
                    .residuals
                    .into_iter()
                    .chain(x.iter().zip(&mask).filter(|(_, m)| **m).map(|(x, _)| x.zeros_like()))
                    .collect(),
                prim: linearized.map,
                place: equation.place,
            });
            return Ok(linearized.y.into());
        }
        let y = at_place(equation.place, || try_apply(equation.prim.clone(), x))?;
        let kept = equation.prim.kept(targets.iter().map(Option::is_some));
        steps.push(Step {
            x: x.iter()
                .enumerate()
                .map(|(i, &x)| if kept.x(i) { x.clone() } else { x.zeros_like() })
                .collect(),
            y: y.iter().map(|y| if kept.y { y.clone() } else { y.zeros_like() }).collect(),
            targets,
            outputs: equation.outputs().collect(),
            prim: equation.prim.clone(),
            place: equation.place,
        });
        Ok(y)
    })?;
    let pullback = Pullback {
        steps,
        var_count: program.var_count(),
        inputs: program.inputs().to_vec(),
        wanted: program.inputs().iter().map(|var| active[var.index()]).collect(),
        outputs: program.outputs().to_vec(),
    };
    Ok((outputs, pullback))
}

impl Pullback {
    /// The inputs' cotangents, from the outputs'. `None` is a known zero, in and out.
    pub fn call(&self, ct: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>, Error> {
        let mut cts: Vec<Option<Tensor>> = vec![None; self.var_count];
        for (atom, ct) in self.outputs.iter().zip(ct) {
            if let (Some(var), Some(ct)) = (atom.var(), ct) {
                accumulate(&mut cts[var.index()], ct.clone())?;
            }
        }
        for step in self.steps.iter().rev() {
            let mut ct: SmallVec<[Option<Tensor>; 1]> =
                step.outputs.iter().map(|var| cts[var.index()].take()).collect();
            if ct.iter().all(Option::is_none) {
                continue;
            }
            let wanted: SmallVec<[bool; 4]> = step.targets.iter().map(Option::is_some).collect();
            let found = at_place(step.place, || pullback(&step.prim, &step.x, &step.y, &mut ct, &wanted))?;
            for (target, ct) in step.targets.iter().zip(found) {
                if let (Some(var), Some(ct)) = (target, ct) {
                    accumulate(&mut cts[var.index()], ct)?;
                }
            }
        }
        let ct = |(var, wanted): (&Var, &bool)| if *wanted { cts[var.index()].take() } else { None };
        Ok(self.inputs.iter().zip(&self.wanted).map(ct).collect())
    }
}
