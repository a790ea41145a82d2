//! What the texts of the special functions need from `f32` and `f64` beyond the ring operations.

use std::ops::Div;

use super::arithmetic::{Arithmetic, Base, fast_two_sum, two_sum};

/// A number whose bits the texts may look at. Every method compiles to one or two vector instructions.
pub trait Lane: Base + Div<Output = Self> + PartialOrd + 'static {
    /// 0.
    const ZERO: Self;
    /// 1/2.
    const HALF: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// Not a number.
    const NAN: Self;
    /// 1.5·2^(p−1): adding it to a small number rounds that to an integer, ties to even, which then stands in
    /// the low bits of the sum.
    const ROUNDER: Self;
    /// |x|.
    fn magnitude(self) -> Self;
    /// √x, correctly rounded.
    fn root(self) -> Self;
    /// `self` negated if `other` has its sign bit set.
    fn times_sign(self, other: Self) -> Self;
    /// `self`, or `other` where the lowest bit of `k` is set: by masks, for a bit that no branch predictor can guess.
    fn or_if_odd(self, other: Self, k: u32) -> Self;
    /// `self` negated if `k` has the bit of weight 2 set.
    fn negated_by_twos(self, k: u32) -> Self;
    /// The low 32 bits of the representation: the integer in `k + ROUNDER`, modulo 2^p.
    fn low_bits(self) -> u32;
    /// 2^k from `k + ROUNDER`, for a k whose power is a normal number.
    fn power_of_two(self) -> Self;
}

macro_rules! lane {
    ($t:ident, $bits:ident, $rounder:expr, $bias:expr, $significand:expr) => {
        impl Lane for $t {
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const NAN: Self = $t::NAN;
            const ROUNDER: Self = $rounder;
            #[inline(always)]
            fn magnitude(self) -> Self {
                $t::abs(self)
            }
            #[inline(always)]
            fn root(self) -> Self {
                $t::sqrt(self)
            }
            #[inline(always)]
            fn times_sign(self, other: Self) -> Self {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                $t::from_bits(self.to_bits() ^ (other.to_bits() & SIGN))
            }
            #[inline(always)]
            fn or_if_odd(self, other: Self, k: u32) -> Self {
                let mask = $bits::from(k & 1).wrapping_neg();
                $t::from_bits((self.to_bits() & !mask) | (other.to_bits() & mask))
            }
            #[inline(always)]
            fn negated_by_twos(self, k: u32) -> Self {
                $t::from_bits(self.to_bits() ^ ($bits::from(k & 2) << ($bits::BITS - 2)))
            }
            #[inline(always)]
            fn low_bits(self) -> u32 {
                self.to_bits() as u32
            }
            #[inline(always)]
            fn power_of_two(self) -> Self {
                $t::from_bits(self.to_bits().wrapping_add($bias) << $significand)
            }
        }
    };
}
lane!(f32, u32, 12_582_912.0, 127, 23);
lane!(f64, u64, 6_755_399_441_055_744.0, 1023, 52);

/// The unevaluated sum of two numbers, the second much smaller than the first: twice the working precision.
pub type Pair<F> = (F, F);

/// a + b, relative error about 2^(2−2p) (Dekker's and Knuth's double-length addition).
#[inline(always)]
pub fn add<F: Base>(a: Pair<F>, b: Pair<F>) -> Pair<F> {
    let (high, low) = two_sum(a.0, b.0);
    let (next, rest) = two_sum(a.1, b.1);
    let (high, low) = fast_two_sum(high, low + next);
    fast_two_sum(high, low + rest)
}

/// a·b, relative error about 2^(3−2p).
#[inline(always)]
pub fn multiply<A: Arithmetic, F: Base>(a: Pair<F>, b: Pair<F>) -> Pair<F> {
    let (high, low) = A::two_product(a.0, b.0);
    fast_two_sum(high, low + A::mul_add(a.0, b.1, a.1 * b.0))
}

/// a/b, relative error about 2^(3−2p): a quotient and its remainder's quotient.
#[inline(always)]
pub fn divide<A: Arithmetic, F: Lane>(a: Pair<F>, b: Pair<F>) -> Pair<F> {
    let q = a.0 / b.0;
    let (high, low) = A::two_product(q, b.0);
    let rest = (a.0 - high) - low + (a.1 - q * b.1);
    fast_two_sum(q, rest / b.0)
}

/// −a.
#[inline(always)]
pub fn negate<F: Base>(a: Pair<F>) -> Pair<F> {
    (-a.0, -a.1)
}

/// The polynomial with these coefficients, lowest degree first: Horner's rule in x² over pairs, which halves the chain of
/// dependent operations for one more multiplication.
#[inline(always)]
pub fn paired<A: Arithmetic, F: Base, const N: usize>(x: F, coefficients: [F; N]) -> F {
    let square = x * x;
    let last = coefficients[N - 1];
    let mut sum = if N % 2 == 1 { last } else { A::mul_add(last, x, coefficients[N - 2]) };
    for k in (0..(N - 1) / 2).rev() {
        sum = A::mul_add(sum, square, A::mul_add(coefficients[2 * k + 1], x, coefficients[2 * k]));
    }
    sum
}
