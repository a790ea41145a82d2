//! Functions of `f32` that are computed in `f64`, where nothing need be compensated: half as many lanes, and far fewer operations in each.
//!
//! Their polynomials are good to about 2^−30 (tools/oracles/coefficients_vector.py), so the results are within 0.6 ulp.

use super::arithmetic::Arithmetic;
use super::format::{Format, polynomial};
use super::gamma::Parts;
use super::lane::Lane;
use super::trigonometric::Trigonometric;
use std::f64::consts::{FRAC_1_PI, FRAC_2_PI, LN_2, LOG2_E};

/// π: the nearest number, and the rest.
const PI: (f64, f64) = (std::f64::consts::PI, 1.2246467991473532e-16);

/// 1/d to 2^−45, for d whose reciprocal is normal in `f32`: from a short quotient by a step of Newton's method.
#[inline(always)]
fn reciprocal<A: Arithmetic>(d: f64) -> f64 {
    let r = f64::from(1.0 / d as f32);
    A::mul_add(r, A::mul_add(-d, r, 1.0), r)
}

/// e^x for −700 < x < 700.
#[inline(always)]
fn exp<A: Arithmetic>(x: f64) -> f64 {
    const C: [f64; 6] = [
        0.5000000013457727,
        0.16666666681614256,
        0.04166646500604005,
        0.008333310934448869,
        0.0013933641031986701,
        0.00019890980869750327,
    ];
    let magic = A::mul_add(x, LOG2_E, f64::MAGIC);
    let r = A::mul_add(-(magic - f64::MAGIC), LN_2, x);
    let y = 1.0 + A::mul_add(r * r, polynomial::<A, f64, _>(r, C), r);
    y.scaled_by_magic(magic)
}

/// ln x for positive normal x, to 2^−42 of itself or of ln 2.
#[inline(always)]
fn ln<A: Arithmetic>(x: f64) -> f64 {
    const C: [f64; 5] = [
        0.6666666666737543,
        0.3999999879688111,
        0.28571754629111484,
        0.22191394913518414,
        0.19362768670384808,
    ];
    let (k, m) = x.split_normal();
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    A::mul_add(k, LN_2, A::mul_add(s * z, polynomial::<A, f64, _>(z, C), s + s))
}

/// |x|^exponent; its exponent 0 and its base 1 are not looked at.
#[inline(always)]
pub fn pow<A: Arithmetic>(x: f32, exponent: f32) -> f64 {
    let (size, exponent) = (f64::from(x).abs(), f64::from(exponent));
    let log = if size > 0.0 { ln::<A>(size) } else { -f64::INFINITY };
    let log = if size < f64::INFINITY { log } else { size };
    let power = exponent * log;
    // Beyond these the result is 0 or ∞ in `f32`.
    let power = if power < -200.0 { -200.0 } else { power };
    exp::<A>(least(power, 200.0))
}

/// sin(x − kπ)·(−1)ᵏ for the integer k of `magic` = k + [`Format::MAGIC`], where `turns` are the half turns to take off x.
#[inline(always)]
fn half_turns<A: Arithmetic>(x: f64, turns: f64, magic: f64) -> f64 {
    const C: [f64; 5] = [
        -0.16666666663881236,
        0.008333332768753579,
        -0.00019841086561478763,
        2.753646356257264e-6,
        -2.4080190432930767e-8,
    ];
    let r = A::mul_add(-turns, PI.1, A::mul_add(-turns, PI.0, x));
    let z = r * r;
    let y = A::mul_add(r * z, polynomial::<A, f64, _>(z, C), r);
    f64::from_bits(y.to_bits() ^ magic.to_bits() << 63)
}

/// sin x for moderate x.
#[inline(always)]
pub fn sin<A: Arithmetic>(x: f32) -> f32 {
    let size = f64::from(x.abs());
    let magic = A::mul_add(size, FRAC_1_PI, f64::MAGIC);
    (half_turns::<A>(size, magic - f64::MAGIC, magic) as f32).times_sign(x)
}

/// cos x for moderate x: cos(r + (k + ½)π) = −(−1)ᵏ·sin r.
#[inline(always)]
pub fn cos<A: Arithmetic>(x: f32) -> f32 {
    let x = f64::from(x.abs());
    let magic = A::mul_add(x, FRAC_1_PI, -0.5) + f64::MAGIC;
    -half_turns::<A>(x, (magic - f64::MAGIC) + 0.5, magic) as f32
}

/// tan x for moderate x: with k quarter turns taken off, sin/cos or −cos/sin.
#[inline(always)]
pub fn tan<A: Arithmetic>(x: f32) -> f32 {
    let size = f64::from(x.abs());
    let magic = A::mul_add(size, FRAC_2_PI, f64::MAGIC);
    let turns = magic - f64::MAGIC;
    let r = A::mul_add(-turns, 0.5 * PI.1, A::mul_add(-turns, 0.5 * PI.0, size));
    let z = r * r;
    let sin = A::mul_add(r * z, f64::sin_polynomial::<A>(z), r);
    let cos = A::mul_add(z * z, f64::cos_polynomial::<A>(z), A::mul_add(z, -0.5, 1.0));
    let k = magic.low_bits();
    let y = sin.or_if_odd(-cos, k) * reciprocal::<A>(cos.or_if_odd(sin, k));
    (y as f32).times_sign(x)
}

/// e^(−s)·P(1/(x + 2))/(x + 2), which is erfc x for s = x² and x ≥ 0.
#[inline(always)]
fn erfc_positive<A: Arithmetic>(x: f64, s: f64) -> f64 {
    const C: [f64; 12] = [
        0.5641979789310554,
        1.1278466057195986,
        1.9895250171474859,
        2.579812843582757,
        5.210290238035039,
        -18.310526836415825,
        81.42871083807538,
        -311.7084253376459,
        648.6866168009911,
        -754.6141149501087,
        474.8652454621819,
        -127.65562192987883,
    ];
    let u = reciprocal::<A>(x + 2.0);
    (exp::<A>(-s) * u) * polynomial::<A, f64, _>(u, C)
}

/// The smaller of the two; NaN stays.
#[inline(always)]
fn least(x: f64, bound: f64) -> f64 {
    if x > bound { bound } else { x }
}

/// erfc x.
#[inline(always)]
pub fn erfc<A: Arithmetic>(x: f32) -> f32 {
    let wide = f64::from(x);
    let a = least(wide.abs(), 11.0);
    let y = erfc_positive::<A>(a, a * a);
    (if wide < 0.0 { 2.0 - y } else { y }) as f32
}

/// log|Γ(x)| for x from 2⁻⁶⁰ to 2⁶⁰; exactly 0 at 1 and 2.
#[inline(always)]
pub fn lgamma_near<A: Arithmetic>(x: f32) -> f32 {
    // lgamma(2 + s)/s for 0 ≤ s ≤ 1.
    const C: [f64; 10] = [
        0.4227843351106315,
        0.3224670309857812,
        -0.06735221967437244,
        0.020579744265919412,
        -0.007378393707584511,
        0.002862359134753063,
        -0.001123430061801649,
        0.00039877461837648393,
        -0.00010544991146035332,
        1.4429808109684018e-05,
    ];
    // Stirling's series from 8 on: what is left off is below 2^−34.
    const SERIES: [f64; 3] = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0];
    let x = f64::from(x);
    let parts = Parts::of(x);
    let log = ln::<A>(parts.logarithm_of);
    let polynomial_at_s = polynomial::<A, f64, _>(parts.s, C);
    parts.small_or_large::<A>(x, log, polynomial_at_s, |z| polynomial::<A, f64, _>(z, SERIES)) as f32
}
