//! Reverse mode: values, and then cotangents backwards.

use super::cotangent::Cotangent;
use super::pullback::pullback;
use crate::core::{
    Array, Atom, Derivative, Error, Item, Place, Prim, Program, Table, Tensor, Tensors, Type, Var, at_place,
    interpret, is_plain, single, try_apply,
};
use smallvec::SmallVec;

/// One equation, run, with what its pullback reads.
struct Step {
    prim: Prim,
    /// Where each operand's cotangent goes.
    targets: Targets,
    at: At,
    place: Option<Place>,
}

type Targets = SmallVec<[Option<Var>; 2]>;

/// The values at which an equation was run; those that no pullback reads are zeros of their type.
enum At {
    /// An elementwise function of single numbers, that gave this variable. The second number is idle for a function of one.
    Numbers { x: [Item; 2], y: Item, output: Var },
    /// Any other.
    Tensors(Box<Values>),
}

struct Values {
    x: SmallVec<[Tensor; 2]>,
    y: Tensors,
    /// The variables of the outputs.
    outputs: SmallVec<[Var; 1]>,
}

/// The pullback of a program at a point; it can be called again and again.
pub struct Pullback {
    steps: Vec<Step>,
    var_count: usize,
    inputs: Vec<Var>,
    wanted: Vec<bool>,
    outputs: Vec<Atom>,
    /// The outputs'.
    types: Vec<Type>,
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
    let numbers = is_plain();
    let outputs = interpret(program, inputs, |equation, x| {
        let mut targets = Targets::new();
        for atom in &equation.inputs {
            targets.push(atom.var().filter(|var| active[var.index()]));
        }
        let zero = matches!(equation.prim.derivative(), Derivative::Zero);
        if zero || targets.iter().all(Option::is_none) {
            return at_place(equation.place, || try_apply(equation.prim.clone(), x));
        }
        equation.outputs().for_each(|var| active[var.index()] = program.var_type(var).dtype.is_float());
        let place = equation.place;
        if numbers && let Some((x, y)) = single::value(&equation.prim, x) {
            let at = At::Numbers { x, y, output: equation.first };
            steps.push(Step { prim: equation.prim.clone(), targets, at, place });
            return Ok(Tensors::from_buf([Tensor::from(Array::fill(y, []))]));
        }
        if let Derivative::Staged(rule) = equation.prim.derivative() {
            let x: Vec<Tensor> = x.iter().map(|&x| x.clone()).collect();
            let mask: Vec<bool> = targets.iter().map(Option::is_some).collect();
            let linearized = at_place(place, || rule.linearize(&x, &mask))?;
            let none = vec![None; linearized.residuals.len()].into_iter();
            let floats: Vec<_> =
                equation.outputs().zip(&linearized.y).filter(|(_, y)| y.dtype().is_float()).collect();
            let tangents = x.iter().zip(&mask).filter(|(_, m)| **m).map(|(x, _)| x.zeros_like());
            let at = Values {
                outputs: floats.iter().map(|(var, _)| *var).collect(),
                y: floats.iter().map(|(_, y)| y.zeros_like()).collect(),
                x: linearized.residuals.into_iter().chain(tangents).collect(),
            };
            let targets = none.chain(targets.iter().filter(|target| target.is_some()).copied()).collect();
            steps.push(Step { prim: linearized.map, targets, at: At::Tensors(Box::new(at)), place });
            return Ok(linearized.y.into());
        }
        let y = at_place(place, || try_apply(equation.prim.clone(), x))?;
        let kept = equation.prim.kept(targets.iter().map(Option::is_some));
        let keep = |kept: bool, x: &Tensor| if kept { x.clone() } else { x.zeros_like() };
        let at = Values {
            x: x.iter().enumerate().map(|(i, x)| keep(kept.x(i), x)).collect(),
            y: y.iter().map(|y| keep(kept.y, y)).collect(),
            outputs: equation.outputs().collect(),
        };
        steps.push(Step { prim: equation.prim.clone(), targets, at: At::Tensors(Box::new(at)), place });
        Ok(y)
    })?;
    let pullback = Pullback {
        steps,
        var_count: program.var_count(),
        inputs: program.inputs().to_vec(),
        wanted: program.inputs().iter().map(|var| active[var.index()]).collect(),
        outputs: program.outputs().to_vec(),
        types: program.output_types(),
    };
    Ok((outputs, pullback))
}

impl Pullback {
    /// The inputs' cotangents, from the outputs'. `None` is a known zero, in and out.
    pub fn call(&self, ct: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>, Error> {
        let mut cts: Table<Cotangent> = Table::new(self.var_count);
        for (i, (atom, ct)) in self.outputs.iter().zip(ct).enumerate() {
            if let (Some(var), Some(ct)) = (atom.var(), ct) {
                if ct.ty() != &self.types[i] {
                    let error =
                        Error::new("pullback").expected(format!("a cotangent of type {}", self.types[i]));
                    return Err(error
                        .got(ct.ty().to_string())
                        .help("a cotangent has the type of its output"));
                }
                cts.at(var).add(Cotangent::of(ct.clone()))?;
            }
        }
        for step in self.steps.iter().rev() {
            match &step.at {
                At::Numbers { x, y, output } => match cts.take(*output) {
                    Cotangent::Zero => {}
                    Cotangent::Number(ct) => {
                        for (i, target) in step.targets.iter().enumerate() {
                            if let Some(var) = target
                                && let Some(ct) = single::pull(&step.prim, i, *x, *y, ct)
                            {
                                cts.at(*var).add(Cotangent::Number(ct))?;
                            }
                        }
                    }
                    Cotangent::Tensor(ct) => {
                        let number = |&x: &Item| Tensor::from(Array::fill(x, []));
                        let x: SmallVec<[Tensor; 2]> = x[..step.targets.len()].iter().map(number).collect();
                        step.pull(&x, &[number(y)], &mut [Some(ct)], &mut cts)?;
                    }
                },
                At::Tensors(values) => {
                    let take = |var: &Var| cts.take(*var).into_tensor();
                    let mut ct: SmallVec<[Option<Tensor>; 1]> = values.outputs.iter().map(take).collect();
                    if ct.iter().any(Option::is_some) {
                        step.pull(&values.x, &values.y, &mut ct, &mut cts)?;
                    }
                }
            }
        }
        let mut ct = |(var, wanted): (&Var, &bool)| match wanted {
            true => cts.take(*var).into_tensor(),
            false => None,
        };
        Ok(self.inputs.iter().zip(&self.wanted).map(&mut ct).collect())
    }
}

impl Step {
    /// Passes the outputs' cotangents on to the operands'.
    fn pull(
        &self,
        x: &[Tensor],
        y: &[Tensor],
        ct: &mut [Option<Tensor>],
        cts: &mut Table<Cotangent>,
    ) -> Result<(), Error> {
        let wanted: SmallVec<[bool; 4]> = self.targets.iter().map(Option::is_some).collect();
        let found = at_place(self.place, || pullback(&self.prim, x, y, ct, &wanted))?;
        for (target, ct) in self.targets.iter().zip(found) {
            if let (Some(var), Some(ct)) = (target, ct) {
                cts.at(*var).add(Cotangent::of(ct))?;
            }
        }
        Ok(())
    }
}
