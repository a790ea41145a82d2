//! [`Cotangent`]: what has reached a value in a sweep.

use super::pullback::accumulate;
use crate::core::{Array, Error, Item, Tensor, is_plain, single};

/// The sum of the cotangents that have reached a value so far. Single numbers of rank 0 need no tensor around them.
#[derive(Clone, Default)]
pub(crate) enum Cotangent {
    /// None has.
    #[default]
    Zero,
    /// Of a number of rank 0, where nothing is to be seen of what happens to it.
    Number(Item),
    /// Any other.
    Tensor(Tensor),
}

impl Cotangent {
    /// As a number if it is one, and nothing that is done with it must be recorded or looked at.
    pub(crate) fn of(ct: Tensor) -> Cotangent {
        match ct.as_number().filter(|_| is_plain()) {
            Some(item) => Cotangent::Number(item),
            None => Cotangent::Tensor(ct),
        }
    }

    /// `self ← self + term`.
    #[inline(always)]
    pub(crate) fn add(&mut self, term: Cotangent) -> Result<(), Error> {
        match (&mut *self, &term) {
            (Cotangent::Number(sum), &Cotangent::Number(term)) => *sum = single::plus(*sum, term),
            (Cotangent::Zero, _) => *self = term,
            _ => return self.add_tensors(term),
        }
        Ok(())
    }

    #[inline(never)]
    fn add_tensors(&mut self, term: Cotangent) -> Result<(), Error> {
        let (mut sum, term) = (std::mem::take(self).into_tensor(), term.into_tensor());
        term.map_or(Ok(()), |term| accumulate(&mut sum, term))?;
        *self = sum.map_or(Cotangent::Zero, Cotangent::Tensor);
        Ok(())
    }

    /// The sum; `None` is a zero.
    pub(crate) fn into_tensor(self) -> Option<Tensor> {
        match self {
            Cotangent::Zero => None,
            Cotangent::Number(item) => Some(number(item)),
            Cotangent::Tensor(ct) => Some(ct),
        }
    }
}

fn number(item: Item) -> Tensor {
    Tensor::from(Array::fill(item, []))
}
