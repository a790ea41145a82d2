//! What depends on constants alone, computed once.

use super::editor::edit;
use crate::core::{Array, Atom, Equation, Program};
use crate::op::Where;
use smallvec::{SmallVec, smallvec};

/// Larger results are left to be computed: a program should not hold what takes no time to make again.
const MOST: usize = 1 << 16;

/// The program with the values of the equations that depend on constants alone, but for large ones. An equation that cannot be computed stays,
/// to fail when it is run. A choice by a constant that is the same everywhere is what it chooses.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::optimise::fold;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| vec![&x[0] * Tensor::from(2.0).exp()]);
/// assert_eq!((program.equations().len(), fold(program).equations().len()), (2, 1));
/// ```
pub fn fold(program: Program) -> Program {
    edit(program, |old, editor, _, equation| {
        if let Some(chosen) = chosen(equation, &editor.program) {
            return Some(smallvec![chosen]);
        }
        let constants = &editor.program.constants;
        let array = |atom: &Atom| match atom {
            Atom::Constant(i) => Some(&constants[*i as usize]),
            Atom::Var(_) => None,
        };
        let arrays: SmallVec<[&Array; 4]> = equation.inputs.iter().map(array).collect::<Option<_>>()?;
        if equation.outputs().any(|var| old.var_type(var).shape.size() > MOST) {
            return None;
        }
        let values = equation.prim.eval(&arrays).ok()?;
        drop(arrays);
        Some(values.iter().map(|value| editor.constant(value)).collect())
    })
}

pub(super) fn applies(program: &Program) -> bool {
    program
        .equations
        .iter()
        .any(|equation| equation.input_vars().next().is_none() || chosen(equation, program).is_some())
}

/// What a choice is between, if a constant says so for all entries.
fn chosen(equation: &Equation, program: &Program) -> Option<Atom> {
    equation.prim.downcast::<Where>()?;
    let inputs = &equation.inputs;
    let Atom::Constant(i) = inputs[0] else { return None };
    let holds = program.constants[i as usize].as_fill()?.to_f64() != 0.0;
    Some(if holds { inputs[1] } else { inputs[2] })
}
