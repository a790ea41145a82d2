//! [`VarTypes`]: the type of each variable of a program.

use super::program::Var;
use cotangent_kernels::Type;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// So few types are told apart by looking through them.
const FEW: usize = 8;

/// The type of each variable, as a number: programs have many variables and few types.
#[derive(Clone, Debug, Default)]
pub(crate) struct VarTypes {
    numbers: Vec<u32>,
    types: Vec<Type>,
    /// The number of each type, once there are more than a few.
    known: HashMap<Type, u32>,
}

impl VarTypes {
    /// No variables yet, of types that are mostly those of other ones.
    pub fn like(other: &VarTypes) -> VarTypes {
        let numbers = Vec::with_capacity(other.numbers.len());
        VarTypes { numbers, types: other.types.clone(), known: other.known.clone() }
    }

    /// How many variables there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    #[inline]
    pub fn get(&self, var: Var) -> &Type {
        &self.types[self.numbers[var.index()] as usize]
    }

    /// One more variable.
    #[inline]
    pub fn push(&mut self, ty: &Type) -> Var {
        let var = Var(self.numbers.len() as u32);
        let number = match self.numbers.last() {
            Some(&last) if self.types[last as usize] == *ty => last,
            _ => self.number(ty),
        };
        self.numbers.push(number);
        var
    }

    /// One more variable, of the type of one of those that these are [`like`](VarTypes::like).
    #[inline]
    pub fn push_like(&mut self, other: &VarTypes, var: Var) -> Var {
        let new = Var(self.numbers.len() as u32);
        self.numbers.push(other.numbers[var.index()]);
        new
    }

    fn number(&mut self, ty: &Type) -> u32 {
        let found = match self.types.len() {
            0..=FEW => self.types.iter().position(|own| own == ty).map(|i| i as u32),
            _ => self.known.get(ty).copied(),
        };
        found.unwrap_or_else(|| {
            self.types.push(ty.clone());
            if self.types.len() > FEW {
                let first = self.known.len();
                self.known.extend(self.types[first..].iter().cloned().zip(first as u32..));
            }
            self.types.len() as u32 - 1
        })
    }
}

/// With the same types found in the same order.
impl PartialEq for VarTypes {
    fn eq(&self, other: &VarTypes) -> bool {
        (&self.numbers, &self.types) == (&other.numbers, &other.types)
    }
}

impl Hash for VarTypes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.numbers, &self.types).hash(state);
    }
}
