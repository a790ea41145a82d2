//! What the elementary functions need to know about `f32` and `f64`: their constants and their bits.
//!
//! Everything here is arithmetic, comparisons and integer operations on whole words, so that a loop over any
//! of it vectorises on any target.

use std::ops::Div;

use super::arithmetic::{Arithmetic, Base};

/// A binary floating-point format: `f32` or `f64`.
pub trait Format: Base + PartialOrd + Div<Output = Self> {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// 1/2.
    const HALF: Self;
    /// +∞.
    const INFINITY: Self;
    /// A quiet NaN.
    const NAN: Self;
    /// 1.5·2^(p−1) for a significand of p bits: adding it rounds to an integer, ties to even, which then lies
    /// in the low bits of the sum.
    const MAGIC: Self;
    /// [`MAGIC`](Self::MAGIC) plus the bias of the exponent.
    const MAGIC_BIAS: Self;
    /// 2^(p−1): from here on every number is an integer.
    const INTEGERS: Self;
    /// Below this an odd function `x + O(x³)` is `x`, with room to spare.
    const SMALL: Self;

    /// The magnitude.
    fn magnitude(self) -> Self;
    /// This magnitude with the sign of `sign`.
    fn with_sign(self, sign: Self) -> Self;
    /// The bits that both have.
    fn bits_of_both(self, other: Self) -> Self;
    /// The bits that either has.
    fn bits_of_either(self, other: Self) -> Self;
    /// The square root, correctly rounded (by the hardware).
    fn square_root(self) -> Self;
    /// `2^n` for the integer n of `n + MAGIC_BIAS`, where that is a normal number.
    fn exponent_from_magic(self) -> Self;
    /// `self·2^n` for the integer n of `n + MAGIC`, where the result is normal; garbage where it is not.
    fn scaled_by_magic(self, magic: Self) -> Self;
    /// The upper half of the significand (26 bits of 53, 12 of 24): the product of two such is exact.
    fn upper(self) -> Self;
    /// `(k, m)` with `self = 2^k·m` and m in [√½, √2), for a positive normal number.
    fn split_normal(self) -> (Self, Self);
    /// [`split_normal`](Self::split_normal), for subnormal numbers too.
    fn split_exponent(self) -> (Self, Self);

    /// `2^k` for an integer k that is the exponent of a normal number.
    #[inline(always)]
    fn power_of_two(k: Self) -> Self {
        (k + Self::MAGIC_BIAS).exponent_from_magic()
    }

    /// Two factors whose product is `2^k`, for integers k up to twice the format's range: to be multiplied one
    /// after the other, so that overflow, and underflow by degrees, happen as they should.
    #[inline(always)]
    fn two_powers<A: Arithmetic>(k: Self) -> (Self, Self) {
        let half = A::mul_add(k, Self::HALF, Self::MAGIC_BIAS);
        let rest = (k - (half - Self::MAGIC_BIAS)) + Self::MAGIC_BIAS;
        (half.exponent_from_magic(), rest.exponent_from_magic())
    }

    /// `low` if `self < low`, `high` if `self > high`; NaN stays.
    #[inline(always)]
    fn within(self, low: Self, high: Self) -> Self {
        let x = if self < low { low } else { self };
        if x > high { high } else { x }
    }
}

macro_rules! format {
    ($t:ident, $bits:ident, significand $p:literal, bias $bias:literal, small $small:expr, root $root:literal) => {
        impl Format for $t {
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;
            const TWO: $t = 2.0;
            const HALF: $t = 0.5;
            const INFINITY: $t = $t::INFINITY;
            const NAN: $t = $t::NAN;
            const MAGIC: $t = (3u64 << ($p - 2)) as $t;
            const MAGIC_BIAS: $t = ((3u64 << ($p - 2)) + $bias) as $t;
            const INTEGERS: $t = (1u64 << ($p - 1)) as $t;
            const SMALL: $t = $small;

            #[inline(always)]
            fn magnitude(self) -> $t {
                self.abs()
            }
            #[inline(always)]
            fn with_sign(self, sign: $t) -> $t {
                self.copysign(sign)
            }
            #[inline(always)]
            fn bits_of_both(self, other: $t) -> $t {
                $t::from_bits(self.to_bits() & other.to_bits())
            }
            #[inline(always)]
            fn bits_of_either(self, other: $t) -> $t {
                $t::from_bits(self.to_bits() | other.to_bits())
            }
            #[inline(always)]
            fn square_root(self) -> $t {
                self.sqrt()
            }
            #[inline(always)]
            fn exponent_from_magic(self) -> $t {
                $t::from_bits(self.to_bits() << ($p - 1))
            }
            #[inline(always)]
            fn scaled_by_magic(self, magic: $t) -> $t {
                $t::from_bits(self.to_bits().wrapping_add(magic.to_bits() << ($p - 1)))
            }
            #[inline(always)]
            fn upper(self) -> $t {
                $t::from_bits(self.to_bits() & (!0 << ($p - $p / 2)))
            }
            #[inline(always)]
            fn split_normal(self) -> ($t, $t) {
                const ONE: $bits = (1.0 as $t).to_bits();
                const ROOT: $bits = $root; // the bits of √½
                const FRACTION: $bits = (1 << ($p - 1)) - 1;
                // Moving √½ to 1 makes the exponent field change where m should wrap.
                let shifted = self.to_bits().wrapping_add(ONE - ROOT);
                // Integers below 2^(p−1) become floats by being put into the fraction of 2^(p−1).
                let k = $t::from_bits((shifted >> ($p - 1)) | <$t as Format>::INTEGERS.to_bits());
                (k - (<$t as Format>::INTEGERS + $bias as $t), $t::from_bits((shifted & FRACTION) + ROOT))
            }
            #[inline(always)]
            fn split_exponent(self) -> ($t, $t) {
                let subnormal = self < $t::MIN_POSITIVE;
                let lifted = self * <$t as Format>::INTEGERS;
                let (k, m) = (if subnormal { lifted } else { self }).split_normal();
                (k - if subnormal { ($p - 1) as $t } else { 0.0 }, m)
            }
        }
    };
}
format!(f32, u32, significand 24, bias 127, small 1.0 / 16384.0, root 0x3f35_04f3);
format!(f64, u64, significand 53, bias 1023, small 1.0 / 536_870_912.0, root 0x3fe6_a09e_667f_3bcd);

/// The polynomial with these coefficients, lowest degree first, as a sum of even and one of odd powers, each by Horner's rule: half as many
/// dependent steps as one sum has, for one operation more. In groups of four (G. Estrin, "Organization of computer systems", 1960) there would
/// be a third of them, but each group begins with a coefficient that is copied into a register, and loops wait for that.
#[inline(always)]
pub(super) fn polynomial<A: Arithmetic, F: Format, const N: usize>(x: F, c: [F; N]) -> F {
    if N <= 3 {
        return A::horner(x, c);
    }
    let x2 = x * x;
    let (mut sums, mut i) = ([c[N - 1], c[N - 2]], N - 2);
    while i > 0 {
        i -= 1;
        let k = (N - 1 - i) % 2;
        sums[k] = A::mul_add(sums[k], x2, c[i]);
    }
    // The one that ends with the first coefficient is that of even powers.
    let even = (N - 1) % 2;
    A::mul_add(sums[1 - even], x, sums[even])
}
