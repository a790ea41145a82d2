//! Calls replaced by what they call.

use super::editor::{Editor, Places};
use crate::core::{Place, Program};
use std::sync::Arc;

/// A program whose equations are being written into the new one.
struct Open {
    program: Arc<Program>,
    next: usize,
    places: Places,
    /// The line of the equation whose body it is.
    place: Option<Place>,
}

/// The program with the equations of every [body](crate::core::Primitive::body) in the place of the one that has it: of calls, custom rules and
/// linear maps, and of those in them. Their rules for derivatives are gone: this is for programs that are only to be run.
///
/// ```
/// use cotangent::core::{trace_program, DType, Tensor, Type};
/// use cotangent::op::Call;
/// use cotangent::optimise::inline;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| Call::trace(x, |x| Ok(vec![x[0].sin().exp()])));
/// assert_eq!((program.equations().len(), inline(program).equations().len()), (1, 2));
/// ```
pub fn inline(program: Program) -> Program {
    let (mut editor, places) = Editor::like(&program);
    let mut within = vec![Open { program: Arc::new(program), next: 0, places, place: None }];
    loop {
        let open = within.last_mut().expect("the outermost returns");
        let program = open.program.clone();
        let Some(equation) = program.equations.get(open.next) else {
            let mut done = within.pop().expect("just seen");
            let Some(outer) = within.last_mut() else {
                return editor.end(&program, done.places);
            };
            let outputs = done.places.all(&program, &mut editor, &program.outputs);
            // There may be more of them than the equation has: a custom rule's residuals.
            let outputs_of = outer.program.equations[outer.next - 1].outputs();
            outputs_of.zip(outputs).for_each(|(var, atom)| outer.places.put(var, atom));
            continue;
        };
        open.next += 1;
        let place = equation.place.or(open.place);
        match equation.prim.body() {
            None => {
                editor.copy(&program, &mut open.places, equation);
                editor.program.equations.last_mut().expect("just copied").place = place;
            }
            Some(body) => {
                let inputs = open.places.all(&program, &mut editor, &equation.inputs);
                let mut places = Places::of(&body);
                body.inputs.iter().zip(inputs).for_each(|(&var, atom)| places.put(var, atom));
                within.push(Open { program: body, next: 0, places, place });
            }
        }
    }
}

pub(super) fn applies(program: &Program) -> bool {
    program.equations.iter().any(|equation| equation.prim.body().is_some())
}
