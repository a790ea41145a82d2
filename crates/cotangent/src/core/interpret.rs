//! The one loop that runs over a program's equations.

use super::apply::check_values;
use super::error::Error;
use super::primitive::{Arrays, Tensors};
use super::program::{Atom, Equation, Program};
use super::table::Table;
use super::tensor::Tensor;
use cotangent_kernels::{Array, Type};
use smallvec::SmallVec;

/// Do these tensors fit the program's inputs?
pub(crate) fn check_inputs(program: &Program, inputs: &[Tensor]) -> Result<(), Error> {
    let expected = program.input_types();
    let types: Vec<&Type> = inputs.iter().map(Tensor::ty).collect();
    if expected.iter().eq(types.iter().copied()) {
        return Ok(());
    }
    let list = |types: &mut dyn Iterator<Item = String>| types.collect::<Vec<_>>().join(", ");
    Err(Error::new("program")
        .expected(format!("inputs ({})", list(&mut expected.iter().map(Type::to_string))))
        .got(format!("({})", list(&mut types.iter().map(|ty| ty.to_string()))))
        .help("a program is for the types it was traced with: trace the function again for others"))
}

/// The values of a program at arrays: each primitive's evaluation, and nothing recorded anywhere.
pub fn evaluate(program: &Program, inputs: &[&Array]) -> Result<Arrays, Error> {
    let inputs: Vec<Tensor> = inputs.iter().map(|&array| Tensor::from(array.clone())).collect();
    let outputs = interpret(program, &inputs, |equation, x| {
        let x: SmallVec<[&Array; 4]> = x.iter().map(|x| x.as_array().expect("evaluated")).collect();
        let outputs = equation.prim.eval(&x).map_err(|error| error.at(equation.place))?;
        check_values(&equation.prim, &x, &outputs, equation.place)?;
        Ok(outputs.into_iter().map(Tensor::from).collect())
    })?;
    Ok(outputs.iter().map(|y| y.as_array().expect("evaluated").clone()).collect())
}

/// Runs `step` on each equation that an output depends on, in order, with its operands' values; forgets a value after its last
/// use.
pub fn interpret(
    program: &Program,
    inputs: &[Tensor],
    mut step: impl FnMut(&Equation, &[&Tensor]) -> Result<Tensors, Error>,
) -> Result<Vec<Tensor>, Error> {
    let constants: Vec<Tensor> = program.constants.iter().cloned().map(Tensor::from).collect();
    let uses = last_uses(program);
    let mut values: Table<Option<Tensor>> = Table::new(program.types.len());
    for (&var, input) in program.inputs.iter().zip(inputs) {
        *values.at(var) = Some(input.clone());
    }
    for (i, equation) in program.equations.iter().enumerate() {
        if !uses.needed[i] {
            continue;
        }
        let value = |atom: Atom| match atom {
            Atom::Var(var) => values.get(var).and_then(Option::as_ref).expect("assigned before use"),
            Atom::Constant(index) => &constants[index as usize],
        };
        // Nearly all have one operand or two.
        let outputs = match equation.inputs[..] {
            [x] => step(equation, &[value(x)])?,
            [a, b] => step(equation, &[value(a), value(b)])?,
            ref inputs => step(equation, &inputs.iter().map(|&x| value(x)).collect::<Vec<_>>())?,
        };
        for (var, output) in equation.outputs().zip(outputs) {
            if uses.last[var.index()] > i as u32 {
                *values.at(var) = Some(output);
            }
        }
        for var in equation.input_vars() {
            if uses.last[var.index()] == i as u32 {
                values.take(var);
            }
        }
    }
    let output = |&atom: &Atom| match atom {
        Atom::Var(var) => values.get(var).cloned().flatten().expect("assigned before use"),
        Atom::Constant(index) => constants[index as usize].clone(),
    };
    Ok(program.outputs.iter().map(output).collect())
}

/// Which equations an output depends on, and where each variable is read last.
pub(crate) struct Uses {
    pub needed: Vec<bool>,
    /// The index of the last equation that reads the variable; `u32::MAX` for outputs; 0 for what is never read (nothing
    /// is read by equation 0 that must outlive it otherwise).
    pub last: Vec<u32>,
}

pub(crate) fn last_uses(program: &Program) -> Uses {
    let mut last = vec![0; program.types.len()];
    let mut read = vec![false; program.types.len()];
    for &atom in &program.outputs {
        if let Atom::Var(var) = atom {
            last[var.index()] = u32::MAX;
            read[var.index()] = true;
        }
    }
    let mut needed = vec![false; program.equations.len()];
    for (i, equation) in program.equations.iter().enumerate().rev() {
        if equation.outputs().any(|var| read[var.index()]) {
            needed[i] = true;
            for var in equation.input_vars() {
                if !std::mem::replace(&mut read[var.index()], true) {
                    last[var.index()] = i as u32;
                }
            }
        }
    }
    Uses { needed, last }
}
