//! [`Table`]: what is known of variables while a program is walked.

use super::program::Var;

/// A value for each variable, of which few are there at a time: memory for those alone. A value that is not there is the default.
pub(crate) struct Table<T> {
    /// Where the variable's value is, plus 1; 0 is nowhere.
    place: Vec<u32>,
    values: Vec<T>,
    free: Vec<u32>,
}

impl<T: Default> Table<T> {
    /// For so many variables, none of which has a value.
    pub(crate) fn new(var_count: usize) -> Table<T> {
        Table { place: vec![0; var_count], values: Vec::new(), free: Vec::new() }
    }

    /// The value, if it is there.
    #[inline]
    pub(crate) fn get(&self, var: Var) -> Option<&T> {
        self.place[var.index()].checked_sub(1).map(|i| &self.values[i as usize])
    }

    /// The value, to be changed.
    #[inline]
    pub(crate) fn at(&mut self, var: Var) -> &mut T {
        let place = &mut self.place[var.index()];
        if *place == 0 {
            *place = self.free.pop().unwrap_or_else(|| {
                self.values.push(T::default());
                self.values.len() as u32
            });
        }
        &mut self.values[*place as usize - 1]
    }

    /// The value, which is there no longer.
    #[inline]
    pub(crate) fn take(&mut self, var: Var) -> T {
        match std::mem::take(&mut self.place[var.index()]) {
            0 => T::default(),
            place => {
                self.free.push(place);
                std::mem::take(&mut self.values[place as usize - 1])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_and_go_and_places_are_used_again() {
        let mut table: Table<Option<u32>> = Table::new(1000);
        for i in 0..1000 {
            *table.at(Var(i)) = Some(i);
            if i >= 2 {
                assert_eq!(table.take(Var(i - 2)), Some(i - 2));
                assert_eq!(table.get(Var(i - 2)), None);
            }
            assert_eq!(table.get(Var(i)), Some(&Some(i)));
        }
        assert_eq!((table.values.len(), table.take(Var(0)), table.take(Var(999))), (3, None, Some(999)));
    }
}
