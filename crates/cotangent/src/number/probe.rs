//! [`Probe`]: a number that remembers nothing but which arguments it came from.

use super::Real;
use super::function::{Binary, Unary};
use super::operators::operators;

/// Running a rule on probes tells which of its arguments the result depends on, so no rule needs to declare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe(pub u8);

impl Real for Probe {
    #[inline(always)]
    fn lift(&self, _literal: f64) -> Probe {
        Probe(0)
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        false
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        true
    }
    #[inline(always)]
    fn unary<U: Unary>(&self, _op: U) -> Probe {
        *self
    }
    #[inline(always)]
    fn binary<B: Binary>(&self, _op: B, right: &Probe) -> Probe {
        Probe(self.0 | right.0)
    }
    #[inline(always)]
    fn binary_right<B: Binary>(&self, _op: B, _right: f64) -> Probe {
        *self
    }
    #[inline(always)]
    fn binary_left<B: Binary>(&self, _op: B, _left: f64) -> Probe {
        *self
    }
    #[inline(always)]
    fn select(&self, then: &Probe, otherwise: &Probe) -> Probe {
        Probe(self.0 | then.0 | otherwise.0)
    }
}

operators!([] Probe);
