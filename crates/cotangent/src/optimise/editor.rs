//! [`Editor`]: a new program, made while an old one is walked.

use crate::core::{Array, Atom, Atoms, Equation, Prim, Program, Type, Var, VarTypes};
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;
use std::collections::HashMap;

/// A program in the making. Its variables are numbered afresh, and constants that are equal at sight are one.
pub(super) struct Editor {
    pub program: Program,
    constants: HashMap<Known, u32, FxBuildHasher>,
}

/// A constant, told from others at sight: by its number, or by where it lies.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Known {
    Fill(Type, u64),
    Buffer(Type, usize),
}

impl Known {
    pub fn of(array: &Array) -> Option<Known> {
        match (array.as_fill(), array.buffer_id()) {
            (Some(item), _) => Some(Known::Fill(array.ty().clone(), item.bits())),
            (None, Some(id)) if array.is_dense() => Some(Known::Buffer(array.ty().clone(), id)),
            _ => None,
        }
    }
}

/// What stands for the outputs of an equation that is left out.
pub(super) type Outputs = SmallVec<[Atom; 1]>;

/// Where an old program's variables and constants are in the new one.
pub(super) struct Places {
    vars: Map,
    constants: Map,
}

/// From numbers to operands.
enum Map {
    /// For nearly all numbers there are.
    Dense(Vec<Option<Atom>>),
    /// The same, with those that are there, to be forgotten again.
    Forgetting(Vec<Option<Atom>>, Vec<u32>),
    /// For a few.
    Sparse(HashMap<u32, Atom>),
}

impl Map {
    #[inline]
    fn get(&self, i: u32) -> Option<Atom> {
        match self {
            Map::Dense(atoms) | Map::Forgetting(atoms, _) => atoms[i as usize],
            Map::Sparse(atoms) => atoms.get(&i).copied(),
        }
    }
    #[inline]
    fn put(&mut self, i: u32, atom: Atom) {
        match self {
            Map::Dense(atoms) => atoms[i as usize] = Some(atom),
            Map::Forgetting(atoms, there) => {
                atoms[i as usize] = Some(atom);
                there.push(i);
            }
            Map::Sparse(atoms) => _ = atoms.insert(i, atom),
        }
    }
    fn forget(&mut self) {
        match self {
            Map::Dense(atoms) => atoms.fill(None),
            Map::Forgetting(atoms, there) => there.drain(..).for_each(|i| atoms[i as usize] = None),
            Map::Sparse(atoms) => atoms.clear(),
        }
    }
}

impl Places {
    fn each(old: &Program, map: fn(Vec<Option<Atom>>) -> Map) -> Places {
        Places { vars: map(vec![None; old.types.len()]), constants: map(vec![None; old.constants.len()]) }
    }

    /// For all of a program.
    pub fn of(old: &Program) -> Places {
        Places::each(old, Map::Dense)
    }

    /// For one part of a program after the other: each costs what the part does.
    pub fn of_parts(old: &Program) -> Places {
        Places::each(old, |atoms| Map::Forgetting(atoms, Vec::new()))
    }

    /// For a small part of a program: it costs what the part does, however long the whole is.
    pub fn of_part() -> Places {
        let none = || Map::Sparse(HashMap::new());
        Places { vars: none(), constants: none() }
    }

    /// Nothing is anywhere any more.
    pub fn forget(&mut self) {
        self.vars.forget();
        self.constants.forget();
    }

    pub fn put(&mut self, var: Var, atom: Atom) {
        self.vars.put(var.0, atom);
    }

    pub fn has(&self, var: Var) -> bool {
        self.vars.get(var.0).is_some()
    }

    /// An operand of the old program in the new one.
    pub fn get(&mut self, old: &Program, editor: &mut Editor, atom: Atom) -> Atom {
        match atom {
            Atom::Var(var) => self.vars.get(var.0).expect("assigned before it is read"),
            Atom::Constant(i) => self.constants.get(i).unwrap_or_else(|| {
                let new = editor.constant(&old.constants[i as usize]);
                self.constants.put(i, new);
                new
            }),
        }
    }

    pub fn all(&mut self, old: &Program, editor: &mut Editor, atoms: &[Atom]) -> Atoms {
        atoms.iter().map(|&atom| self.get(old, editor, atom)).collect()
    }
}

impl Editor {
    pub fn new() -> Editor {
        Editor { program: Program::default(), constants: HashMap::default() }
    }

    /// With the inputs of another program.
    pub fn like(old: &Program) -> (Editor, Places) {
        let (mut editor, mut places) = (Editor::new(), Places::of(old));
        editor.program.types = VarTypes::like(&old.types);
        for &var in &old.inputs {
            editor.input(old, &mut places, var);
        }
        (editor, places)
    }

    /// An input for a variable of the old program.
    pub fn input(&mut self, old: &Program, places: &mut Places, var: Var) {
        let input = self.program.new_input_var(old.var_type(var));
        self.program.inputs.push(input);
        places.put(var, Atom::Var(input));
    }

    pub fn constant(&mut self, array: &Array) -> Atom {
        let next = self.program.constants.len() as u32;
        let index = Known::of(array).map_or(next, |known| *self.constants.entry(known).or_insert(next));
        if index == next {
            self.program.constants.push(array.clone());
        }
        Atom::Constant(index)
    }

    /// An equation like another one, of these operands and with outputs of these types. Its first output.
    pub fn equation<'t>(
        &mut self,
        prim: Prim,
        inputs: Atoms,
        types: impl IntoIterator<Item = &'t Type>,
        like: &Equation,
    ) -> Var {
        let first = Var(self.program.types.len() as u32);
        types.into_iter().for_each(|ty| _ = self.program.types.push(ty));
        let count = self.program.types.len() as u32 - first.0;
        self.program.equations.push(Equation { prim, inputs, first, count, place: like.place });
        first
    }

    /// The same equation, of the operands where they are now.
    pub fn copy(&mut self, old: &Program, places: &mut Places, equation: &Equation) {
        let inputs = places.all(old, self, &equation.inputs);
        self.copy_with(old, places, equation, equation.prim.clone(), inputs);
    }

    /// Another primitive with the outputs of an equation.
    pub fn copy_with(
        &mut self,
        old: &Program,
        places: &mut Places,
        equation: &Equation,
        prim: Prim,
        inputs: Atoms,
    ) {
        let types = equation.outputs().map(|var| old.var_type(var));
        let first = self.equation(prim, inputs, types, equation);
        for (i, var) in equation.outputs().enumerate() {
            places.put(var, Atom::Var(Var(first.0 + i as u32)));
        }
    }

    /// The program with the outputs of the old one.
    pub fn end(self, old: &Program, mut places: Places) -> Program {
        self.end_with(old, &mut places, &old.outputs)
    }

    /// The program with these outputs of the old one.
    pub fn end_with(mut self, old: &Program, places: &mut Places, outputs: &[Atom]) -> Program {
        self.program.outputs = places.all(old, &mut self, outputs).into_vec();
        self.program
    }
}

/// A program, of whose equations each is kept, or left out where other operands stand for its outputs. An equation is shown with its operands
/// where they are in the new program, after the program it was in, which has no equations now, and those that are kept before it; it may be
/// changed. They are not copied, but stay where they lie: memory that nothing has touched yet is what costs most in long programs.
pub(super) fn edit(
    mut old: Program,
    mut others: impl FnMut(&Program, &mut Editor, &[Equation], &mut Equation) -> Option<Outputs>,
) -> Program {
    let mut equations = std::mem::take(&mut old.equations);
    let (mut editor, mut places) = Editor::like(&old);
    let mut kept = 0;
    for i in 0..equations.len() {
        let (before, rest) = equations.split_at_mut(i);
        let equation = &mut rest[0];
        for atom in &mut equation.inputs {
            *atom = places.get(&old, &mut editor, *atom);
        }
        match others(&old, &mut editor, &before[..kept], equation) {
            Some(atoms) => equation.outputs().zip(atoms).for_each(|(var, atom)| places.put(var, atom)),
            None => {
                let first = Var(editor.program.types.len() as u32);
                for var in equation.outputs() {
                    places.put(var, Atom::Var(editor.program.types.push_like(&old.types, var)));
                }
                equation.first = first;
                equations.swap(kept, i);
                kept += 1;
            }
        }
    }
    equations.truncate(kept);
    editor.program.equations = equations;
    editor.end(&old, places)
}
