//! What is computed twice, computed once.

use super::editor::edit;
use crate::core::{Atom, Equation, Params, Prim, Program};
use rustc_hash::{FxBuildHasher, FxHasher};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher};

/// The program without equations that compute what an earlier one has computed: the same operation, with the same parameters, of the same
/// operands.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::cse;
/// let program = trace_program(&[Type::new(DType::F64, [])], |x| vec![x[0].sin() * x[0].sin()]);
/// assert_eq!((program.equations().len(), cse(program).equations().len()), (3, 2));
/// ```
pub fn cse(program: Program) -> Program {
    let mut known = Known(HashMap::with_capacity_and_hasher(program.equations.len(), FxBuildHasher));
    edit(program, |_, _, before, equation| {
        let own = &*equation;
        let alike = |i: usize| is_alike(own, &before[i]);
        let mut hasher = FxHasher::default();
        write(own, &mut hasher);
        let hash = hasher.finish();
        let first = known.find(hash, before.len(), alike)?;
        let same = if let Prim::Shared(primitive) = &own.prim {
            // Parameters take time to tell: nothing has asked for those of the first one before.
            let with = |params: &Params| FxBuildHasher.hash_one((hash, params));
            let (params, of_first) = (primitive.params(), params(&before[first]));
            known.find(with(&of_first), first, |i| i == first);
            known.find(with(&params), before.len(), |i| alike(i) && self::params(&before[i]) == params)?
        } else {
            first
        };
        Some(before[same].outputs().map(Atom::Var).collect())
    })
}

/// Equations, by a hash of what they are. One whose hash is another one's is by the next number that is free.
struct Known(HashMap<u32, u32, FxBuildHasher>);

impl Known {
    /// The equation with this hash that is wanted. If there is none, this one is known from now on.
    fn find(&mut self, hash: u64, own: usize, is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let mut key = (hash >> 32) as u32;
        loop {
            match self.0.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(own as u32);
                    return None;
                }
                Entry::Occupied(found) if is_wanted(*found.get() as usize) => {
                    return Some(*found.get() as usize);
                }
                Entry::Occupied(_) => key = key.wrapping_add(1),
            }
        }
    }
}

/// The parameters of a primitive that is not told by its value alone.
fn params(equation: &Equation) -> Params {
    match &equation.prim {
        Prim::Unary(_) | Prim::Binary(_) => Params::new(),
        Prim::Shared(primitive) => primitive.params(),
    }
}

/// All but the parameters.
pub(super) fn write(equation: &Equation, hasher: &mut FxHasher) {
    match &equation.prim {
        Prim::Unary(op) => op.hash(hasher),
        Prim::Binary(op) => op.hash(hasher),
        Prim::Shared(primitive) => primitive.name().hash(hasher),
    }
    equation.inputs.hash(hasher);
}

/// Do these compute the same?
pub(super) fn is_same(equation: &Equation, other: &Equation) -> bool {
    is_alike(equation, other) && params(equation) == params(other)
}

/// Are all but the parameters the same?
fn is_alike(equation: &Equation, other: &Equation) -> bool {
    let is_same = match (&equation.prim, &other.prim) {
        (Prim::Unary(a), Prim::Unary(b)) => a == b,
        (Prim::Binary(a), Prim::Binary(b)) => a == b,
        (Prim::Shared(a), Prim::Shared(b)) => a.name() == b.name(),
        _ => false,
    };
    is_same && equation.inputs == other.inputs
}
