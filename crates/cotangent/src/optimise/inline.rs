//! Calls replaced by what they call.

use super::editor::{Editor, Places};
use crate::core::{Atom, Program, Var};

/// The program with the equations of every [body](crate::core::Primitive::body) in the place of the one that has it: of calls, custom rules and
/// linear maps. Their rules for derivatives are gone: this is for programs that are only to be run.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::op::Call;
/// use cotangent::optimise::inline;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| Call::trace(x, |x| Ok(vec![x[0].sin().exp()])));
/// assert_eq!((program.equations().len(), inline(&program).equations().len()), (1, 2));
/// ```
pub fn inline(program: &Program) -> Program {
    let mut program = program.clone();
    // A body may have calls in it: once more for each level.
    while program.equations.iter().any(|equation| equation.prim.body().is_some()) {
        program = inline_one_level(&program);
    }
    program
}

fn inline_one_level(program: &Program) -> Program {
    let (mut editor, mut places) = Editor::like(program);
    for equation in &program.equations {
        let Some(body) = equation.prim.body() else {
            editor.copy(&mut places, equation);
            continue;
        };
        let inputs = places.all(&mut editor, &equation.inputs);
        let mut inner = Places::new(&body);
        body.inputs.iter().zip(inputs).for_each(|(&var, atom)| inner.put(var, atom));
        for own in &body.equations {
            editor.copy(&mut inner, own);
            let last = editor.program.equations.last_mut().expect("just copied");
            last.place = last.place.or(equation.place);
        }
        let outputs: Vec<Atom> = body.outputs.iter().map(|&atom| inner.get(&mut editor, atom)).collect();
        // There may be more: a custom rule's residuals.
        for (var, atom) in (equation.first.0..equation.first.0 + equation.count).map(Var).zip(outputs) {
            places.put(var, atom);
        }
    }
    editor.end(places)
}
