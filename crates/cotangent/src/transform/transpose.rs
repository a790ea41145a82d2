//! The transpose of what is linear.

use super::pullback::accumulate;
use crate::core::{Atom, Derivative, Equation, Error, Linearity, Program, Tensor, at_place, try_apply};
use smallvec::SmallVec;

/// Transposes a program that is linear in some of its inputs, those given as `None`: from the outputs' cotangents to these
/// inputs'. The result has an entry for each input; `None` is a known zero, and stands for the inputs that were given.
///
/// Equations that do not depend on the linear inputs are evaluated; the others are passed once, backwards.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::transform::transpose;
/// let scalar = Type::new(DType::F64, []);
/// let program = trace_program(&[scalar.clone(), scalar], |x| vec![x[0].sin() * &x[1]]);
/// let ct = transpose(&program, &[Some(Tensor::from(0.5)), None], &[Some(Tensor::from(2.0))]).unwrap();
/// assert_eq!(ct[1].as_ref().unwrap().item::<f64>(), 2.0 * 0.479425538604203);
/// ```
pub fn transpose(
    program: &Program,
    inputs: &[Option<Tensor>],
    ct: &[Option<Tensor>],
) -> Result<Vec<Option<Tensor>>, Error> {
    let mut linear = vec![false; program.var_count()];
    let mut values: Vec<Option<Tensor>> = vec![None; program.var_count()];
    for (&var, input) in program.inputs().iter().zip(inputs) {
        linear[var.index()] = input.is_none();
        values[var.index()] = input.clone();
    }
    let constants: Vec<Tensor> = program.constants().iter().cloned().map(Tensor::from).collect();
    let mut read = vec![false; program.var_count()];
    for var in
        program.outputs().iter().zip(ct).filter(|(_, ct)| ct.is_some()).filter_map(|(atom, _)| atom.var())
    {
        read[var.index()] = true;
    }
    let mut needed = vec![false; program.equations().len()];
    for (i, equation) in program.equations().iter().enumerate().rev() {
        if equation.outputs().any(|var| read[var.index()]) {
            needed[i] = true;
            equation.input_vars().for_each(|var| read[var.index()] = true);
        }
    }
    let value = |values: &[Option<Tensor>], atom: Atom| match atom {
        Atom::Constant(index) => constants[index as usize].clone(),
        Atom::Var(var) => {
            let zeros = || {
                let ty = program.var_type(var);
                Tensor::zeros_of(ty)
            };
            values[var.index()].clone().unwrap_or_else(zeros)
        }
    };
    for (i, equation) in program.equations().iter().enumerate() {
        if equation.input_vars().any(|var| linear[var.index()]) {
            equation.outputs().for_each(|var| linear[var.index()] = true);
        } else if needed[i] {
            let x: SmallVec<[Tensor; 4]> = equation.inputs.iter().map(|&atom| value(&values, atom)).collect();
            let x: SmallVec<[&Tensor; 4]> = x.iter().collect();
            let y = at_place(equation.place, || try_apply(equation.prim.clone(), &x))?;
            for (var, y) in equation.outputs().zip(y) {
                values[var.index()] = Some(y);
            }
        }
    }
    let mut cts: Vec<Option<Tensor>> = vec![None; program.var_count()];
    for (atom, ct) in program.outputs().iter().zip(ct) {
        if let (Some(var), Some(ct)) = (atom.var(), ct)
            && linear[var.index()]
        {
            accumulate(&mut cts[var.index()], ct.clone())?;
        }
    }
    for (i, equation) in program.equations().iter().enumerate().rev() {
        if !needed[i] || !linear[equation.first.index()] {
            continue;
        }
        let mut ct: Vec<Option<Tensor>> = equation.outputs().map(|var| cts[var.index()].take()).collect();
        if ct.iter().all(Option::is_none) {
            continue;
        }
        let x: Vec<Tensor> = equation.inputs.iter().map(|&atom| value(&values, atom)).collect();
        let wanted: Vec<bool> =
            equation.inputs.iter().map(|atom| atom.var().is_some_and(|var| linear[var.index()])).collect();
        let found = at_place(equation.place, || {
            let y: Vec<Tensor> =
                equation.outputs().map(|var| Tensor::zeros_of(program.var_type(var))).collect();
            transpose_equation(equation, &x, &y, &mut ct, &wanted)
        })?;
        for (atom, ct) in equation.inputs.iter().zip(found) {
            if let (Some(var), Some(ct)) = (atom.var(), ct) {
                accumulate(&mut cts[var.index()], ct)?;
            }
        }
    }
    Ok(program
        .inputs()
        .iter()
        .map(|var| if linear[var.index()] { cts[var.index()].take() } else { None })
        .collect())
}

fn transpose_equation(
    equation: &Equation,
    x: &[Tensor],
    y: &[Tensor],
    ct: &mut [Option<Tensor>],
    wanted: &[bool],
) -> Result<super::pullback::Cotangents, Error> {
    let count = wanted.iter().filter(|&&wanted| wanted).count();
    // An operand of a sum that is not marked must be zero, or the map is affine, not linear.
    let zero =
        |i: usize| x[i].as_array().and_then(|array| array.as_fill()).is_some_and(|item| item.to_f64() == 0.0);
    let jointly = |linear: &dyn Fn(usize) -> bool| {
        (0..x.len()).all(|i| if wanted[i] { linear(i) } else { !linear(i) || zero(i) })
    };
    let linear = match equation.prim.derivative() {
        Derivative::Zero => true,
        Derivative::Elementwise(rule) => match rule.linearity() {
            Linearity::No => false,
            Linearity::Jointly => jointly(&|_| true),
            Linearity::Each => count == 1,
            Linearity::First => count == 1 && wanted[0],
        },
        Derivative::Linear(rule) => jointly(&|i| rule.linear(i)),
        Derivative::Bilinear(_) => count == 1,
        Derivative::General(rule) => {
            rule.transposed().is_some_and(|rule| (0..x.len()).all(|i| !wanted[i] || rule.linear(i)))
        }
        Derivative::Staged(rule) => {
            rule.transposed().is_some_and(|rule| (0..x.len()).all(|i| !wanted[i] || rule.linear(i)))
        }
    };
    if !linear {
        return Err(Error::new(equation.prim.name())
            .expected("an operation that is linear in its tangent, to transpose it")
            .got("one that is not")
            .help("a rule for tangents must be linear in them: take the values it needs from `x` and `y`")
            .at(equation.place));
    }
    super::pullback::pullback(&equation.prim, x, y, ct, wanted)
}
