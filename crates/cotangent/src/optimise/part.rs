//! A stretch of a program, as a program.

use super::editor::{Editor, Places};
use crate::core::{Atom, Equation, Program, Var};
use std::collections::BTreeSet;
use std::ops::Range;

/// The equations of a range that these outputs need, as a program; with the variables of the whole one that it reads, which are its inputs, in
/// order. It costs what the range does, however long the whole is.
pub(crate) fn part(program: &Program, range: Range<usize>, outputs: &[Atom]) -> (Program, Vec<Var>) {
    let mut reads: BTreeSet<Var> = outputs.iter().filter_map(Atom::var).collect();
    let mut needed: Vec<&Equation> = Vec::new();
    for equation in program.equations[range].iter().rev() {
        // What it makes is no input, and whoever reads it has been seen.
        if equation.outputs().filter(|var| reads.remove(var)).count() > 0 {
            reads.extend(equation.input_vars());
            needed.push(equation);
        }
    }
    let (mut editor, mut places) = (Editor::new(), Places::of_part());
    for &var in &reads {
        editor.input(program, &mut places, var);
    }
    for equation in needed.into_iter().rev() {
        editor.copy(program, &mut places, equation);
    }
    (editor.end_with(program, &mut places, outputs), reads.into_iter().collect())
}
