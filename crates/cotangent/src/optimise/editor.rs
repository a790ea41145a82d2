//! [`Editor`]: a new program, made while an old one is walked.

use crate::core::{Array, Atom, Atoms, Equation, Prim, Program, Type, Var};
use std::collections::HashMap;

/// A program in the making. Its variables are numbered afresh, and constants that are equal at sight are one.
pub(super) struct Editor {
    pub program: Program,
    constants: HashMap<Known, u32>,
}

/// A constant, told from others at sight: by its number, or by where it lies.
#[derive(PartialEq, Eq, Hash)]
enum Known {
    Fill(Type, u64),
    Buffer(Type, usize),
}

/// Where an old program's variables and constants are in the new one.
pub(super) struct Places {
    vars: Map,
    constants: Map,
}

/// From numbers to operands: for nearly all numbers there are, or for a few.
enum Map {
    Dense(Vec<Option<Atom>>),
    Sparse(HashMap<u32, Atom>),
}

impl Map {
    fn get(&self, i: u32) -> Option<Atom> {
        match self {
            Map::Dense(atoms) => atoms[i as usize],
            Map::Sparse(atoms) => atoms.get(&i).copied(),
        }
    }
    fn put(&mut self, i: u32, atom: Atom) {
        match self {
            Map::Dense(atoms) => atoms[i as usize] = Some(atom),
            Map::Sparse(atoms) => _ = atoms.insert(i, atom),
        }
    }
}

impl Places {
    /// For all of a program.
    pub fn of(old: &Program) -> Places {
        let none = |count: usize| Map::Dense(vec![None; count]);
        Places { vars: none(old.types.len()), constants: none(old.constants.len()) }
    }

    /// For a small part of a program: it costs what the part does, however long the whole is.
    pub fn of_part() -> Places {
        let none = || Map::Sparse(HashMap::new());
        Places { vars: none(), constants: none() }
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
        Editor { program: Program::default(), constants: HashMap::new() }
    }

    /// With the inputs of another program.
    pub fn like(old: &Program) -> (Editor, Places) {
        let (mut editor, mut places) = (Editor::new(), Places::of(old));
        for &var in &old.inputs {
            editor.input(old, &mut places, var);
        }
        (editor, places)
    }

    /// An input for a variable of the old program.
    pub fn input(&mut self, old: &Program, places: &mut Places, var: Var) {
        let input = self.program.new_input_var(old.var_type(var).clone());
        self.program.inputs.push(input);
        places.put(var, Atom::Var(input));
    }

    pub fn constant(&mut self, array: &Array) -> Atom {
        let known = match (array.as_fill(), array.buffer_id()) {
            (Some(item), _) => Some(Known::Fill(array.ty().clone(), item.bits())),
            (None, Some(id)) if array.is_dense() => Some(Known::Buffer(array.ty().clone(), id)),
            _ => None,
        };
        let next = self.program.constants.len() as u32;
        let index = known.map_or(next, |known| *self.constants.entry(known).or_insert(next));
        if index == next {
            self.program.constants.push(array.clone());
        }
        Atom::Constant(index)
    }

    /// An equation like another one, of these operands and with outputs of these types. Its first output.
    pub fn equation(
        &mut self,
        prim: Prim,
        inputs: Atoms,
        types: impl IntoIterator<Item = Type>,
        like: &Equation,
    ) -> Var {
        let first = Var(self.program.types.len() as u32);
        self.program.types.extend(types);
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
        let types = equation.outputs().map(|var| old.var_type(var).clone());
        let first = self.equation(prim, inputs, types, equation);
        for (i, var) in equation.outputs().enumerate() {
            places.put(var, Atom::Var(Var(first.0 + i as u32)));
        }
    }

    /// The program with these outputs of the old one.
    pub fn end(mut self, old: &Program, mut places: Places, outputs: &[Atom]) -> Program {
        self.program.outputs = places.all(old, &mut self, outputs).into_vec();
        self.program
    }
}
