//! What is computed twice, computed once.

use super::editor::Editor;
use crate::core::{Atom, Atoms, Params, Prim, Program, Var};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

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
    // The new program's equations by a hash of what they are: two of them may have the same.
    let mut seen: HashMap<u64, SmallVec<[u32; 1]>> = HashMap::with_capacity(program.equations.len());
    for equation in &program.equations {
        let inputs = places.all(program, &mut editor, &equation.inputs);
        let params = params(&equation.prim);
        let alike = seen.entry(hash(&equation.prim, &params, &inputs)).or_default();
        let same = |&&i: &&u32| {
            let other = &editor.program.equations[i as usize];
            other.inputs == inputs && is_same(&equation.prim, &params, &other.prim)
        };
        if let Some(&i) = alike.iter().find(same) {
            let first = editor.program.equations[i as usize].first;
            for (i, var) in equation.outputs().enumerate() {
                places.put(var, Atom::Var(Var(first.0 + i as u32)));
            }
            continue;
        }
        alike.push(editor.program.equations.len() as u32);
        editor.copy_with(program, &mut places, equation, equation.prim.clone(), inputs);
    }
    editor.end(program, places, &program.outputs)
}

/// The parameters of a primitive that is not told by its value alone.
fn params(prim: &Prim) -> Params {
    match prim {
        Prim::Unary(_) | Prim::Binary(_) => Params::new(),
        Prim::Shared(primitive) => primitive.params(),
    }
}

fn hash(prim: &Prim, params: &Params, inputs: &Atoms) -> u64 {
    let mut hasher = DefaultHasher::new();
    match prim {
        Prim::Unary(op) => op.hash(&mut hasher),
        Prim::Binary(op) => op.hash(&mut hasher),
        Prim::Shared(primitive) => (primitive.name(), params).hash(&mut hasher),
    }
    inputs.hash(&mut hasher);
    hasher.finish()
}

fn is_same(prim: &Prim, own: &Params, other: &Prim) -> bool {
    match (prim, other) {
        (Prim::Unary(a), Prim::Unary(b)) => a == b,
        (Prim::Binary(a), Prim::Binary(b)) => a == b,
        (Prim::Shared(a), Prim::Shared(b)) => a.name() == b.name() && *own == params(other),
        _ => false,
    }
}
