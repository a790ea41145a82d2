//! [`rewrite`]: the walk of a pass that replaces single equations by simpler ones.

use super::editor::edit;
use crate::core::{Array, Atom, Atoms, Equation, Item, Prim, Program, Type, producer};
use crate::number::function::{BinaryOp, Mul};
use smallvec::smallvec;

/// What an equation is besides itself.
pub(super) enum Simpler {
    /// One of its operands, or an operand of an operand.
    Is(Atom),
    /// Another operation.
    By(Prim, Atoms),
    /// The product of an operand and a number.
    Times(Atom, f64),
}

/// An equation with one output, and what is before it.
pub(super) struct Seen<'a> {
    /// The variables and constants.
    pub program: &'a Program,
    before: &'a [Equation],
    pub prim: &'a Prim,
    pub inputs: &'a Atoms,
    pub ty: &'a Type,
    /// Of the new program's variables, those that are surely read once; none where that does not matter yet.
    single: Option<&'a [bool]>,
}

impl Seen<'_> {
    /// The equation that an operand comes from.
    pub fn origin(&self, atom: Atom) -> Option<&Equation> {
        Some(&self.before[producer(self.before, atom.var()?)?])
    }

    /// This operand, if it is of the type wanted.
    pub fn same(&self, atom: Atom) -> Option<Simpler> {
        (self.program.atom_type(atom) == self.ty).then_some(Simpler::Is(atom))
    }

    /// Does nobody else read this operand? Else what it comes from would be computed twice.
    pub fn is_single(&self, atom: Atom) -> bool {
        let Some(single) = self.single else { return true };
        atom.var().and_then(|var| single.get(var.index())).is_some_and(|&single| single)
    }
}

/// May [`rewrite`] change anything?
pub(super) fn rewrites(program: &Program, simpler: impl Fn(&Seen) -> Option<Simpler>) -> bool {
    program.equations.iter().filter(|equation| equation.count == 1).any(|equation| {
        let (prim, inputs, ty) = (&equation.prim, &equation.inputs, program.var_type(equation.first));
        simpler(&Seen { program, before: &program.equations, prim, inputs, ty, single: None }).is_some()
    })
}

/// The program with simpler equations, as long as there are any.
pub(super) fn rewrite(program: Program, simpler: impl Fn(&Seen) -> Option<Simpler>) -> Program {
    // None, one, or more.
    let mut readers = vec![0_u8; program.types.len()];
    let read = program.equations.iter().flat_map(|equation| equation.input_vars());
    for var in read.chain(program.outputs.iter().filter_map(Atom::var)) {
        readers[var.index()] = readers[var.index()].saturating_add(1);
    }
    let mut single: Vec<bool> = Vec::with_capacity(program.types.len());
    edit(program, |old, editor, before, equation| {
        if equation.count != 1 {
            return None;
        }
        let (ty, is_single) = (old.var_type(equation.first), readers[equation.first.index()] == 1);
        // What it became may be simpler still; it comes nearer to the inputs each time.
        loop {
            let (program, prim, inputs) = (&editor.program, &equation.prim, &equation.inputs);
            let seen = Seen { program, before, prim, inputs, ty, single: Some(&single) };
            match simpler(&seen) {
                None => {
                    single.resize(program.types.len(), false);
                    single.push(is_single);
                    return None;
                }
                Some(Simpler::Is(atom)) => {
                    // Whoever reads the equation reads this instead.
                    if !is_single {
                        share(&mut single, atom);
                    }
                    return Some(smallvec![atom]);
                }
                Some(simpler) => {
                    // An operand of an operand is read by both, if the one between them stays.
                    let between = inputs.iter().all(|&atom| seen.is_single(atom));
                    let (prim, operands) = match simpler {
                        Simpler::By(prim, operands) => (prim, operands),
                        Simpler::Times(x, c) => {
                            let number = Array::fill(Item::from_f64(ty.dtype, c), ty.shape.clone());
                            (BinaryOp::from(Mul).into(), smallvec![x, editor.constant(&number)])
                        }
                        Simpler::Is(_) => unreachable!("matched above"),
                    };
                    let new = operands.iter().filter(|atom| !between && !inputs.contains(atom));
                    new.for_each(|&atom| share(&mut single, atom));
                    (equation.prim, equation.inputs) = (prim, operands);
                }
            }
        }
    })
}

/// More than one equation may read this now.
fn share(single: &mut [bool], atom: Atom) {
    if let Some(single) = atom.var().and_then(|var| single.get_mut(var.index())) {
        *single = false;
    }
}
