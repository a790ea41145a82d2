//! The numbers at the bottom of every nest: `f64` as it is, and `f32` inside [`F32`].

use super::function::{Binary, Unary};
use super::operators::{comparisons, operators};
use super::{Real, Scalar};
use cotangent_kernels::map::Float;
use std::fmt;

impl Real for f64 {
    #[inline(always)]
    fn lift(&self, literal: f64) -> f64 {
        literal
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        *self == 0.0
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        f64::is_finite(*self)
    }
    #[inline(always)]
    fn is_regular(&self) -> bool {
        // Without the sign: zero wraps round to the top, where the infinity and the NaNs are.
        (self.to_bits() << 1).wrapping_sub(1) < (f64::INFINITY.to_bits() << 1) - 1
    }
    #[inline(always)]
    fn unary<U: Unary>(&self, op: U) -> f64 {
        op.f(*self)
    }
    #[inline(always)]
    fn binary<B: Binary>(&self, op: B, right: &f64) -> f64 {
        op.f(*self, *right)
    }
    #[inline(always)]
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> f64 {
        op.f(*self, right)
    }
    #[inline(always)]
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> f64 {
        op.f(left, *self)
    }
    #[inline(always)]
    fn select(&self, then: &f64, otherwise: &f64) -> f64 {
        if *self != 0.0 { *then } else { *otherwise }
    }
}

impl Scalar for f64 {
    #[inline(always)]
    fn primal(&self) -> f64 {
        *self
    }
}

/// An `f32` that every engine can hold. Generic code multiplies by plain literals (`x * 2.0`), which are `f64`;
/// the standard library has no `f32 * f64` and a library may not add one, so the number needs a type of its own.
///
/// ```
/// use cotangent::number::{Dual, F32, Real};
/// let y = Dual::variable(F32(0.5)).sin() * 2.0;
/// assert_eq!(y.value(), F32(0.5_f32.sin()) * 2.0);
/// ```
#[derive(Clone, Copy, Default)]
#[repr(transparent)]
pub struct F32(
    /// The number itself.
    pub f32,
);

impl Real for F32 {
    #[inline(always)]
    fn lift(&self, literal: f64) -> F32 {
        F32(literal as f32)
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.0 == 0.0
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        self.0.is_finite()
    }
    #[inline(always)]
    fn unary<U: Unary>(&self, op: U) -> F32 {
        F32(op.f(self.0))
    }
    #[inline(always)]
    fn binary<B: Binary>(&self, op: B, right: &F32) -> F32 {
        F32(op.f(self.0, right.0))
    }
    #[inline(always)]
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> F32 {
        F32(op.f(self.0, right as f32))
    }
    #[inline(always)]
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> F32 {
        F32(op.f(left as f32, self.0))
    }
    #[inline(always)]
    fn select(&self, then: &F32, otherwise: &F32) -> F32 {
        if self.0 != 0.0 { *then } else { *otherwise }
    }
}

impl Scalar for F32 {
    #[inline(always)]
    fn primal(&self) -> f64 {
        self.0.to_f64()
    }
}

impl From<f32> for F32 {
    fn from(x: f32) -> F32 {
        F32(x)
    }
}

impl fmt::Debug for F32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for F32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

operators!([] F32);
comparisons!([] F32);
