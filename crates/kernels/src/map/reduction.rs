//! x modulo π/2, for the trigonometric functions.
//!
//! Moderate arguments are reduced by subtracting a multiple of π/2 that is stored in four parts, the first three
//! short enough that their products with the multiple are exact (W. J. Cody and W. Waite, "Software Manual for
//! the Elementary Functions", 1980); fused operations need three, of which the second is short. Far ones multiply the
//! significand by those bits of 2/π that matter (M. Payne and R. Hanek, "Radian reduction for trigonometric functions",
//! SIGNUM 18, 1983).

use super::arithmetic::{Arithmetic, Separate};
use super::lane::{Lane, Pair, multiply};

/// A remainder in [−π/4, π/4] (or a few ulps beyond) as a sum of two, the second far smaller but perhaps above an ulp of
/// the first, and the number of quarter turns modulo 4.
pub type Reduced<F> = (Pair<F>, u32);

/// How a type reduces its arguments.
pub trait Reduce: Lane {
    /// Up to here [`near`] serves.
    const MODERATE: Self;
    /// 2/π.
    const TWO_OVER_PI: Self;
    /// π/2 in four parts.
    const PARTS: [Self; 4];
    /// π/2 in three parts for fused operations: the second so short that its products are exact.
    const FUSED_PARTS: [Self; 3];
    /// x modulo π/2 for any x ≥ 0; NaN for an infinity or NaN.
    fn far(self) -> Reduced<Self>;
}

impl Reduce for f64 {
    /// 2^20 quarter turns, less one.
    const MODERATE: f64 = 1_647_097.0;
    const TWO_OVER_PI: f64 = std::f64::consts::FRAC_2_PI;
    /// 33, 33, 33 and 53 bits.
    #[allow(clippy::approx_constant)]
    const PARTS: [f64; 4] =
        [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];
    /// 53, 33 and 53 bits.
    const FUSED_PARTS: [f64; 3] = [std::f64::consts::FRAC_PI_2, 6.12323399538461e-17, 3.5215598651832e-27];

    #[cold]
    #[inline(never)]
    fn far(self) -> Reduced<f64> {
        if !self.is_finite() {
            return ((f64::NAN, f64::NAN), 0);
        }
        if self < Self::MODERATE {
            return near::<Separate, f64>(self);
        }
        let bits = self.to_bits();
        let significand = u128::from(bits & ((1 << 52) - 1) | 1 << 52);
        // x = significand·2^shift. Bits of 2/π above the weight 2^(1−shift) make multiples of 4: skip them.
        let shift = (bits >> 52) as i32 - 1075;
        let first = (64 + shift - 2) as usize;
        let word = |i: usize| -> u64 {
            let (index, offset) = (first / 64 + i, first % 64);
            let low = if offset == 0 { 0 } else { TWO_OVER_PI_BITS[index + 1] >> (64 - offset) };
            TWO_OVER_PI_BITS[index] << offset | low
        };
        // significand·2/π in units of 2^(2−192), modulo 4: three words, the highest first.
        let low = significand * u128::from(word(2));
        let middle = significand * u128::from(word(1)) + (low >> 64);
        let top = (significand as u64).wrapping_mul(word(0)).wrapping_add((middle >> 64) as u64);
        let (middle, low) = (middle as u64, low as u64);
        // Two bits of quarters, then the fraction, as a signed number from −1/2 to 1/2.
        let fraction = (top << 2 | middle >> 62, middle << 2 | low >> 62);
        let fraction = ((u128::from(fraction.0) << 64) | u128::from(fraction.1)) as i128;
        let quadrant = (top >> 62) as u32 + u32::from(fraction < 0);
        const UNIT: f64 = 0.5 / (1_u128 << 127) as f64;
        let size = fraction.unsigned_abs();
        let high = size as f64;
        let low = size.wrapping_sub(high as u128) as i128 as f64;
        let half_pi = (std::f64::consts::FRAC_PI_2, 6.123233995736766e-17);
        let (high, low) = multiply::<Separate, f64>((high * UNIT, low * UNIT), half_pi);
        let sign = if fraction < 0 { -1.0 } else { 1.0 };
        ((high * sign, low * sign), quadrant)
    }
}

impl Reduce for f32 {
    const MODERATE: f32 = 800.0;
    const TWO_OVER_PI: f32 = std::f32::consts::FRAC_2_PI;
    /// 12, 12, 12 and 24 bits.
    const PARTS: [f32; 4] = [1.5703125, 0.0004837513, 7.5495336e-8, 2.563344e-12];
    /// 24, 14 and 24 bits.
    const FUSED_PARTS: [f32; 3] = [std::f32::consts::FRAC_PI_2, -4.3710315e-08, -1.0746346e-12];

    #[cold]
    #[inline(never)]
    fn far(self) -> Reduced<f32> {
        let ((high, low), quadrant) = f64::from(self).far();
        let first = high as f32;
        ((first, (high - f64::from(first) + low) as f32), quadrant)
    }
}

/// x modulo π/2 for 0 ≤ x ≤ [`Reduce::MODERATE`], without a branch.
#[inline(always)]
pub fn near<A: Arithmetic, F: Reduce>(x: F) -> Reduced<F> {
    let turns = A::mul_add(x, F::TWO_OVER_PI, F::MAGIC);
    let n = turns - F::MAGIC;
    let less = |from: F, part: F| A::mul_add(-n, part, from);
    if A::FUSED {
        let [p1, p2, p3] = F::FUSED_PARTS;
        // Exact: x and the multiple of p1 have no bit below the last one of p1 or of x, and their difference is below 1. The next one keeps what
        // it rounds off; where the subtrahend is the larger of the two, nothing is: all bits are among those of the subtrahend.
        let t = less(x, p1);
        let r = less(t, p2);
        return ((r, less(less(t - r, p2), p3)), turns.low_bits());
    }
    let [p1, p2, p3, p4] = F::PARTS;
    // The first difference is exact. The next two keep what they round off; where the subtrahend is the larger of the
    // two, x is so close to a multiple that e or f comes out short by no more than a rounding error of the remainder.
    let t = less(x, p1);
    let a = less(t, p2);
    let e = less(t - a, p2);
    let b = less(a, p3);
    let f = less(a - b, p3);
    ((b, less(e + f, p4)), turns.low_bits())
}

/// 64 zero bits, then the first 1344 bits of 2/π (from mpmath's π, by tools/oracles/kernels_special.py bits).
static TWO_OVER_PI_BITS: [u64; 22] = [
    0x0000_0000_0000_0000,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
    0xa9e3_9161_5ee6_1b08,
];
