//! A stretch of a program, as a program.

use crate::core::{Atom, Equation, Program, Var};
use std::collections::HashMap;
use std::ops::Range;

/// The equations of a range that these outputs need, as a program; with the variables of the whole one that it reads, which are its inputs, in
/// order. It costs what the range does, however long the whole is.
pub(crate) fn part(program: &Program, range: Range<usize>, outputs: &[Atom]) -> (Program, Vec<Var>) {
    let equations = &program.equations[range];
    let mut wanted: HashMap<Var, bool> =
        outputs.iter().filter_map(Atom::var).map(|var| (var, true)).collect();
    let mut needed: Vec<&Equation> = Vec::new();
    for equation in equations.iter().rev() {
        if equation.outputs().any(|var| wanted.contains_key(&var)) {
            equation.input_vars().for_each(|var| _ = wanted.insert(var, true));
            needed.push(equation);
        }
    }
    needed.reverse();
    let made: HashMap<Var, ()> =
        needed.iter().flat_map(|equation| equation.outputs()).map(|var| (var, ())).collect();
    let mut inputs: Vec<Var> = wanted.into_keys().filter(|var| !made.contains_key(var)).collect();
    inputs.sort_unstable();
    let mut new = Program::default();
    let mut vars: HashMap<Var, Var> = HashMap::new();
    let mut constants: HashMap<u32, u32> = HashMap::new();
    for &var in &inputs {
        let input = new.new_input_var(program.var_type(var).clone());
        new.inputs.push(input);
        vars.insert(var, input);
    }
    let atom = |new: &mut Program,
                vars: &HashMap<Var, Var>,
                constants: &mut HashMap<u32, u32>,
                atom: Atom| match atom {
        Atom::Var(var) => Atom::Var(vars[&var]),
        Atom::Constant(i) => Atom::Constant(*constants.entry(i).or_insert_with(|| {
            new.constants.push(program.constants[i as usize].clone());
            new.constants.len() as u32 - 1
        })),
    };
    for equation in needed {
        let operands = equation.inputs.iter().map(|&x| atom(&mut new, &vars, &mut constants, x)).collect();
        let first = Var(new.types.len() as u32);
        for (i, var) in equation.outputs().enumerate() {
            new.types.push(program.var_type(var).clone());
            vars.insert(var, Var(first.0 + i as u32));
        }
        new.equations.push(Equation { inputs: operands, first, ..equation.clone() });
    }
    new.outputs = outputs.iter().map(|&x| atom(&mut new, &vars, &mut constants, x)).collect();
    (new, inputs)
}
