//! How `a·b + c` is evaluated, as a type, so that one text of a function serves machines with and without
//! fused multiply-add.
//!
//! Every polynomial of this room is written once, `#[inline(always)]` and generic over [`Arithmetic`]. The
//! scalar functions instantiate it with [`Native`]; a vector loop inside a `#[target_feature(enable = "fma")]`
//! function instantiates the same text with [`Fused`].

use std::ops::{Add, Mul, Neg, Sub};

/// What a polynomial needs from `f32` or `f64`: the ring operations and the two ways to multiply and add.
pub trait Base:
    Copy + Neg<Output = Self> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self>
{
    /// 2^⌈p/2⌉ + 1 for a significand of p bits: Veltkamp's splitting constant.
    const SPLITTER: Self;
    /// `self·b + c` rounded once. Slow where the hardware has no such instruction.
    fn fused(self, b: Self, c: Self) -> Self;
}

impl Base for f32 {
    const SPLITTER: f32 = 4097.0;
    #[inline(always)]
    fn fused(self, b: f32, c: f32) -> f32 {
        self.mul_add(b, c)
    }
}

impl Base for f64 {
    const SPLITTER: f64 = 134_217_729.0;
    #[inline(always)]
    fn fused(self, b: f64, c: f64) -> f64 {
        self.mul_add(b, c)
    }
}

/// A way to evaluate `a·b + c`, and the exact product that error-free transformations need.
pub trait Arithmetic: Copy + std::fmt::Debug + Send + Sync + 'static {
    /// Is [`mul_add`](Self::mul_add) rounded once?
    const FUSED: bool;
    /// `a·b + c`.
    fn mul_add<F: Base>(a: F, b: F, c: F) -> F;
    /// `(p, e)` with `p = fl(a·b)` and `p + e = a·b` exactly, barring overflow and underflow.
    fn two_product<F: Base>(a: F, b: F) -> (F, F);

    /// The polynomial with these coefficients, lowest degree first, by Horner's rule.
    #[inline(always)]
    fn horner<F: Base, const N: usize>(x: F, coefficients: [F; N]) -> F {
        let mut sum = coefficients[N - 1];
        for i in (0..N - 1).rev() {
            sum = Self::mul_add(sum, x, coefficients[i]);
        }
        sum
    }
}

/// One rounding: for code compiled with a fused multiply-add instruction.
#[derive(Clone, Copy, Debug)]
pub struct Fused;

/// Two roundings: for baseline code, where a fused multiply-add would be a library call.
#[derive(Clone, Copy, Debug)]
pub struct Separate;

/// The arithmetic of the target this crate is compiled for.
#[cfg(target_feature = "fma")]
pub type Native = Fused;
/// The arithmetic of the target this crate is compiled for.
#[cfg(not(target_feature = "fma"))]
pub type Native = Separate;

impl Arithmetic for Fused {
    const FUSED: bool = true;
    #[inline(always)]
    fn mul_add<F: Base>(a: F, b: F, c: F) -> F {
        a.fused(b, c)
    }
    #[inline(always)]
    fn two_product<F: Base>(a: F, b: F) -> (F, F) {
        let p = a * b;
        (p, a.fused(b, -p))
    }
}

impl Arithmetic for Separate {
    const FUSED: bool = false;
    #[inline(always)]
    fn mul_add<F: Base>(a: F, b: F, c: F) -> F {
        a * b + c
    }
    /// T. J. Dekker, "A floating-point technique for extending the available precision", 1971.
    #[inline(always)]
    fn two_product<F: Base>(a: F, b: F) -> (F, F) {
        let p = a * b;
        let (ah, al) = split(a);
        let (bh, bl) = split(b);
        (p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)
    }
}

#[inline(always)]
fn split<F: Base>(a: F) -> (F, F) {
    let c = F::SPLITTER * a;
    let high = c - (c - a);
    (high, a - high)
}

/// `(s, e)` with `s = fl(a + b)` and `s + e = a + b` exactly (Knuth's two-sum).
#[inline(always)]
pub fn two_sum<F: Base>(a: F, b: F) -> (F, F) {
    let s = a + b;
    let bb = s - a;
    (s, (a - (s - bb)) + (b - bb))
}

/// [`two_sum`] for `|a| ≥ |b|` or `a = 0`: three operations instead of six.
#[inline(always)]
pub fn fast_two_sum<F: Base>(a: F, b: F) -> (F, F) {
    let s = a + b;
    (s, b - (s - a))
}
