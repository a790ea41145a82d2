//! What depends on constants alone, computed once.

use super::editor::Editor;
use crate::core::{Array, Atom, Equation, Program};
use crate::op::Where;
use smallvec::SmallVec;

/// Larger results are left to be computed: a program should not hold what takes no time to make again.
const MOST: usize = 1 << 16;

/// The program with the values of the equations that depend on constants alone, but for large ones. An equation that cannot be computed stays,
/// to fail when it is run. A choice by a constant that is the same everywhere is what it chooses.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::optimise::fold;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| vec![&x[0] * Tensor::from(2.0).exp()]);
/// assert_eq!((program.equations().len(), fold(&program).equations().len()), (2, 1));
/// ```
pub fn fold(program: &Program) -> Program {
    let (mut editor, mut places) = Editor::like(program);
    for equation in &program.equations {
        let inputs = places.all(program, &mut editor, &equation.inputs);
        if let Some(chosen) = chosen(equation, &inputs, &editor.program) {
            places.put(equation.first, chosen);
            continue;
        }
        let constants = &editor.program.constants;
        let arrays: Option<SmallVec<[&Array; 4]>> = inputs
            .iter()
            .map(|atom| match atom {
                Atom::Constant(i) => Some(&constants[*i as usize]),
                Atom::Var(_) => None,
            })
            .collect();
        let small = equation.outputs().all(|var| program.var_type(var).shape.size() <= MOST);
        let values = arrays.filter(|_| small).and_then(|arrays| equation.prim.eval(&arrays).ok());
        match values {
            None => editor.copy_with(program, &mut places, equation, equation.prim.clone(), inputs),
            Some(values) => {
                for (var, value) in equation.outputs().zip(values) {
                    let constant = editor.constant(&value);
                    places.put(var, constant);
                }
            }
        }
    }
    editor.end(program, places, &program.outputs)
}

pub(super) fn applies(program: &Program) -> bool {
    program.equations.iter().any(|equation| {
        equation.input_vars().next().is_none() || chosen(equation, &equation.inputs, program).is_some()
    })
}

/// What a choice is between, if a constant says so for all entries.
fn chosen(equation: &Equation, inputs: &[Atom], program: &Program) -> Option<Atom> {
    equation.prim.downcast::<Where>()?;
    let Atom::Constant(i) = inputs[0] else { return None };
    let holds = program.constants[i as usize].as_fill()?.to_f64() != 0.0;
    Some(if holds { inputs[1] } else { inputs[2] })
}
