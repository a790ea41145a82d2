//! [`Editor`]: a new program, made while an old one is walked.

use crate::core::{Array, Atom, Atoms, Equation, Prim, Program, Type, Var};
use std::collections::HashMap;

/// A program in the making. Its variables are numbered afresh, constants that are equal at sight are one, and those that nothing reads are not
/// there.
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
pub(super) struct Places<'p> {
    old: &'p Program,
    vars: Vec<Option<Atom>>,
    constants: Vec<Option<Atom>>,
}

impl<'p> Places<'p> {
    /// Of a program none of whose variables is anywhere yet.
    pub fn new(old: &'p Program) -> Places<'p> {
        Places { old, vars: vec![None; old.types.len()], constants: vec![None; old.constants.len()] }
    }

    pub fn put(&mut self, var: Var, atom: Atom) {
        self.vars[var.index()] = Some(atom);
    }

    /// An operand of the old program in the new one.
    pub fn get(&mut self, editor: &mut Editor, atom: Atom) -> Atom {
        match atom {
            Atom::Var(var) => self.vars[var.index()].expect("assigned before it is read"),
            Atom::Constant(i) => {
                let constants = &self.old.constants;
                *self.constants[i as usize].get_or_insert_with(|| editor.constant(&constants[i as usize]))
            }
        }
    }

    pub fn all(&mut self, editor: &mut Editor, atoms: &[Atom]) -> Atoms {
        atoms.iter().map(|&atom| self.get(editor, atom)).collect()
    }
}

impl Editor {
    pub fn new() -> Editor {
        Editor { program: Program::default(), constants: HashMap::new() }
    }

    /// With the inputs of another program.
    pub fn like<'p>(old: &'p Program) -> (Editor, Places<'p>) {
        let (mut editor, mut places) = (Editor::new(), Places::new(old));
        for &var in &old.inputs {
            let input = editor.input(old.var_type(var).clone());
            places.put(var, Atom::Var(input));
        }
        (editor, places)
    }

    fn var(&mut self, ty: Type) -> Var {
        let var = Var(self.program.types.len() as u32);
        self.program.types.push(ty);
        var
    }

    pub fn input(&mut self, ty: Type) -> Var {
        let var = self.var(ty);
        self.program.inputs.push(var);
        var
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
    pub fn copy(&mut self, places: &mut Places, equation: &Equation) {
        let inputs = places.all(self, &equation.inputs);
        self.copy_with(places, equation, equation.prim.clone(), inputs);
    }

    /// Another primitive with the outputs of an equation.
    pub fn copy_with(&mut self, places: &mut Places, equation: &Equation, prim: Prim, inputs: Atoms) {
        let types: Vec<Type> = equation.outputs().map(|var| places.old.var_type(var).clone()).collect();
        let first = self.equation(prim, inputs, types, equation);
        for (i, var) in equation.outputs().enumerate() {
            places.put(var, Atom::Var(Var(first.0 + i as u32)));
        }
    }

    /// The program with the outputs of the old one.
    pub fn end(mut self, mut places: Places) -> Program {
        let outputs = &places.old.outputs;
        self.program.outputs = places.all(&mut self, outputs).into_vec();
        self.program
    }
}
