//! What is computed twice, computed once.

use super::editor::Editor;
use crate::core::{Atom, Atoms, Params, Prim, Program, Var};
use crate::number::function::{BinaryOp, UnaryOp};
use std::collections::HashMap;

/// An operation on operands: equal for equal results.
#[derive(PartialEq, Eq, Hash)]
enum Operation {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Other(String, Params),
}

impl Operation {
    fn of(prim: &Prim) -> Operation {
        match prim {
            Prim::Unary(op) => Operation::Unary(*op),
            Prim::Binary(op) => Operation::Binary(*op),
            Prim::Shared(primitive) => Operation::Other(primitive.name().to_string(), primitive.params()),
        }
    }
}

/// The program without equations that compute what an earlier one has computed: the same operation, with the same parameters, of the same
/// operands.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::cse;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| vec![x[0].sin() * x[0].sin()]);
/// assert_eq!((program.equations().len(), cse(&program).equations().len()), (3, 2));
/// ```
pub fn cse(program: &Program) -> Program {
    let (mut editor, mut places) = Editor::like(program);
    let mut seen: HashMap<(Operation, Atoms), Var> = HashMap::new();
    for equation in &program.equations {
        let inputs = places.all(program, &mut editor, &equation.inputs);
        let key = (Operation::of(&equation.prim), inputs);
        if let Some(&first) = seen.get(&key) {
            for (i, var) in equation.outputs().enumerate() {
                places.put(var, Atom::Var(Var(first.0 + i as u32)));
            }
            continue;
        }
        let first = Var(editor.program.types.len() as u32);
        editor.copy_with(program, &mut places, equation, equation.prim.clone(), key.1.clone());
        seen.insert(key, first);
    }
    editor.end(program, places, &program.outputs)
}
