//! [`Program`]: flat, typed, single assignment. What tracing makes and transformations take.

use super::error::{Error, Place};
use super::interpret::{self, interpret};
use super::primitive::Prim;
use super::tensor::Tensor;
use super::types::VarTypes;
use cotangent_kernels::{Array, Type};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::fmt;

/// A variable: assigned once, by being an input or the output of an equation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Var(pub u32);

impl Var {
    /// As an index into tables with an entry for each variable.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// `a`, `b`, … `z`, `aa`, …
impl fmt::Display for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = SmallVec::<[u8; 8]>::new();
        let mut n = self.0 + 1;
        while n > 0 {
            n -= 1;
            letters.push(b'a' + (n % 26) as u8);
            n /= 26;
        }
        letters.iter().rev().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}

/// An operand: a variable or one of the program's constants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Atom {
    /// A variable.
    Var(Var),
    /// An entry of [`Program::constants`].
    Constant(u32),
}

impl Atom {
    /// The variable, if it is one.
    #[inline]
    pub fn var(&self) -> Option<Var> {
        match self {
            Atom::Var(var) => Some(*var),
            Atom::Constant(_) => None,
        }
    }
}

/// Operands of an equation.
pub type Atoms = SmallVec<[Atom; 3]>;

/// `outputs = prim inputs`.
#[derive(Clone, Debug)]
pub struct Equation {
    /// The operation.
    pub prim: Prim,
    /// Its operands.
    pub inputs: Atoms,
    /// Its first output; the others follow it.
    pub first: Var,
    /// How many outputs.
    pub count: u32,
    /// The user's line.
    pub place: Option<Place>,
}

impl Equation {
    /// The variables it assigns.
    #[inline]
    pub fn outputs(&self) -> impl Iterator<Item = Var> + use<> {
        (self.first.0..self.first.0 + self.count).map(Var)
    }

    /// The variables among its operands.
    #[inline]
    pub fn input_vars(&self) -> impl Iterator<Item = Var> + '_ {
        self.inputs.iter().filter_map(Atom::var)
    }

    /// For each operand what a table of variables says of it.
    pub(crate) fn look_up<T: Clone>(&self, table: &HashMap<Var, T>) -> Vec<Option<T>> {
        self.inputs.iter().map(|atom| atom.var().and_then(|var| table.get(&var).cloned())).collect()
    }
}

/// Which of these equations assigns a variable.
pub(crate) fn producer(equations: &[Equation], var: Var) -> Option<usize> {
    let assigns = |equation: &Equation| var.0.wrapping_sub(equation.first.0) < equation.count;
    // Where each has one output, and none has been left out, it is where its number says.
    let likely = var.0.checked_sub(equations.first()?.first.0)? as usize;
    if equations.get(likely).is_some_and(assigns) {
        return Some(likely);
    }
    // Outputs are numbered in order.
    let i = equations.partition_point(|equation| equation.first <= var).checked_sub(1)?;
    assigns(&equations[i]).then_some(i)
}

/// A function as data: inputs, equations in order, outputs.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub(crate) types: VarTypes,
    pub(crate) inputs: Vec<Var>,
    pub(crate) constants: Vec<Array>,
    pub(crate) equations: Vec<Equation>,
    pub(crate) outputs: Vec<Atom>,
}

impl Program {
    /// The inputs, in order.
    pub fn inputs(&self) -> &[Var] {
        &self.inputs
    }
    /// The equations, each after those it reads.
    pub fn equations(&self) -> &[Equation] {
        &self.equations
    }
    /// The outputs, in order.
    pub fn outputs(&self) -> &[Atom] {
        &self.outputs
    }
    /// The arrays that equations and outputs refer to.
    pub fn constants(&self) -> &[Array] {
        &self.constants
    }
    /// One more than the largest variable.
    pub fn var_count(&self) -> usize {
        self.types.len()
    }
    /// A variable's type.
    pub fn var_type(&self, var: Var) -> &Type {
        self.types.get(var)
    }
    /// An operand's type.
    pub fn atom_type(&self, atom: Atom) -> &Type {
        match atom {
            Atom::Var(var) => self.var_type(var),
            Atom::Constant(index) => self.constants[index as usize].ty(),
        }
    }
    /// The inputs' types.
    pub fn input_types(&self) -> Vec<Type> {
        self.inputs.iter().map(|&var| self.var_type(var).clone()).collect()
    }
    /// The outputs' types.
    pub fn output_types(&self) -> Vec<Type> {
        self.outputs.iter().map(|&atom| self.atom_type(atom).clone()).collect()
    }

    /// Checks that each variable is assigned once, before it is read, and that every equation has the types that its type
    /// rule says.
    pub fn check(&self) -> Result<(), Error> {
        let mut assigned = vec![false; self.types.len()];
        for &var in &self.inputs {
            assigned[var.index()] = true;
        }
        for equation in &self.equations {
            let error = || Error::new(equation.prim.name()).at(equation.place);
            if let Some(var) = equation.input_vars().find(|var| !assigned[var.index()]) {
                return Err(error().got(format!("{var}, which is not assigned yet")));
            }
            let inputs: Vec<&Type> = equation.inputs.iter().map(|&atom| self.atom_type(atom)).collect();
            let types = equation.prim.infer(&inputs).map_err(|e| e.at(equation.place))?;
            if types.len() != equation.count as usize {
                return Err(error()
                    .expected(format!("{} outputs", types.len()))
                    .got(equation.count.to_string()));
            }
            for (var, ty) in equation.outputs().zip(&types) {
                if self.var_type(var) != ty {
                    return Err(error().expected(ty.to_string()).got(self.var_type(var).to_string()));
                }
                if std::mem::replace(&mut assigned[var.index()], true) {
                    return Err(error().got(format!("{var}, which is assigned already")));
                }
            }
        }
        for &atom in &self.outputs {
            if let Atom::Var(var) = atom
                && !assigned[var.index()]
            {
                return Err(Error::new("return").got(format!("{var}, which is not assigned")));
            }
        }
        Ok(())
    }

    /// The program without the equations that no output depends on.
    pub(crate) fn without_dead_code(mut self) -> Program {
        let mut needed = interpret::last_uses(&self).needed.into_iter();
        self.equations.retain(|_| needed.next() == Some(true));
        self
    }

    /// For each output: does it depend on one of these inputs (by position)?
    pub(crate) fn depends(&self, on: std::ops::Range<usize>) -> Vec<bool> {
        let mut reached = vec![false; self.types.len()];
        self.inputs[on].iter().for_each(|var| reached[var.index()] = true);
        for equation in &self.equations {
            if equation.input_vars().any(|var| reached[var.index()]) {
                equation.outputs().for_each(|var| reached[var.index()] = true);
            }
        }
        self.outputs.iter().map(|atom| atom.var().is_some_and(|var| reached[var.index()])).collect()
    }

    /// The equation that assigns a variable; none for inputs.
    pub(crate) fn producer(&self, var: Var) -> Option<usize> {
        producer(&self.equations, var)
    }

    /// A variable that no equation assigns.
    pub(crate) fn new_input_var(&mut self, ty: &Type) -> Var {
        self.types.push(ty)
    }

    /// The program with its first `count` inputs after the others.
    pub(crate) fn with_last_inputs_first(mut self, count: usize) -> Program {
        self.inputs.rotate_left(count);
        self
    }

    /// Runs the program on these inputs: the plain interpreter, and the oracle for every faster way.
    ///
    /// Through [`apply`](super::apply), so that concrete inputs give values and traced ones record.
    #[track_caller]
    pub fn eval(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        interpret::check_inputs(self, inputs)?;
        interpret(self, inputs, |equation, x| {
            super::apply::try_apply_at(equation.prim.clone(), x, equation.place)
        })
    }
}
