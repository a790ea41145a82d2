//! [`Readers`]: who reads each variable.

use crate::core::{Program, Var};

/// For each variable which equations read it, in order: all in one list.
pub(super) struct Readers {
    /// Where the list of each variable ends; it begins where that of the one before ends.
    ends: Vec<u32>,
    list: Vec<u32>,
}

impl Readers {
    pub fn of(program: &Program) -> Readers {
        let read = || {
            (0..)
                .zip(&program.equations)
                .flat_map(|(i, equation)| equation.input_vars().map(move |var| (i, var)))
        };
        let mut ends = vec![0_u32; program.types.len()];
        read().for_each(|(_, var)| ends[var.index()] += 1);
        let mut count = 0;
        for end in &mut ends {
            count += std::mem::replace(end, count);
        }
        // Each is where its list begins now, and moves on to where it ends.
        let mut list = vec![0; count as usize];
        for (i, var) in read() {
            let end = &mut ends[var.index()];
            list[*end as usize] = i;
            *end += 1;
        }
        Readers { ends, list }
    }

    pub fn of_var(&self, var: Var) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let start = var.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        self.list[start as usize..self.ends[var.index()] as usize].iter().map(|&i| i as usize)
    }
}
