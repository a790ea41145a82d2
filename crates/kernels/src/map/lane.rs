//! Choosing by bits, and arithmetic on sums of two numbers, for the trigonometric and special functions.

use super::arithmetic::{Arithmetic, Base, fast_two_sum, two_sum};
use super::format::Format;

/// What choosing by a quadrant needs of the bits, besides [`Format`].
pub trait Lane: Format + 'static {
    /// `self` negated if `other` has its sign bit set.
    fn times_sign(self, other: Self) -> Self;
    /// `self`, or `other` where the lowest bit of `k` is set: by masks, for a bit that no branch predictor can guess.
    fn or_if_odd(self, other: Self, k: u32) -> Self;
    /// `self` negated if `k` has the bit of weight 2 set.
    fn negated_by_twos(self, k: u32) -> Self;
    /// The low 32 bits of the representation: the integer k of `k + MAGIC`, modulo 2^p.
    fn low_bits(self) -> u32;
}

macro_rules! lane {
    ($t:ident, $bits:ident) => {
        impl Lane for $t {
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
        }
    };
}
lane!(f32, u32);
lane!(f64, u64);

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
