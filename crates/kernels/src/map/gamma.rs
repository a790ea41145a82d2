//! lgamma, digamma and polygamma: at most 4 ulp of max(|f|, 1), on the whole real line, of both types.
//!
//! The logarithmic functions use Stirling's series from 9 on, the recurrence below, and the reflection formula for
//! negative arguments. All of it is done in sums of two numbers, because near the zeros large parts cancel.
//! `f32` computes in `f64` and rounds.

use super::arithmetic::{Arithmetic, fast_two_sum, two_sum};
use super::format::polynomial;
use super::lane::{Lane, Pair, add, divide, multiply, negate};
use super::trigonometric::{cos_parts, sin_parts};
use super::{logarithm, polygamma, wide};

/// A number whose gamma functions are computed in `f64`.
pub trait Gamma: Lane {
    /// The argument, exactly.
    fn widen(self) -> f64;
    /// The result, rounded.
    fn narrow(x: f64) -> Self;
    /// [`lgamma`] where [`is_near`] says so, without a branch.
    fn lgamma_near<A: Arithmetic>(self) -> Self;
}

impl Gamma for f64 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn narrow(x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn lgamma_near<A: Arithmetic>(self) -> f64 {
        lgamma_near::<A>(self)
    }
}

impl Gamma for f32 {
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn narrow(x: f64) -> f32 {
        x as f32
    }
    #[inline(always)]
    fn lgamma_near<A: Arithmetic>(self) -> f32 {
        wide::lgamma_near::<A>(self)
    }
}

/// log|Γ(x)|: at most 4 ulp of max(|lgamma x|, 1). Exactly 0 at 1 and 2, +∞ at the poles 0, −1, −2, … and at ±∞.
#[inline(always)]
pub fn lgamma<A: Arithmetic, F: Gamma>(x: F) -> F {
    F::narrow(lgamma_f64::<A>(x.widen()))
}

/// ψ(x) = d/dx log Γ(x): at most 4 ulp of max(|ψ(x)|, 1). NaN at the poles 0, −1, −2, … (where the two sides differ
/// in sign) and at −∞.
#[inline(always)]
pub fn digamma<A: Arithmetic, F: Gamma>(x: F) -> F {
    F::narrow(digamma_f64::<A>(x.widen()))
}

/// The derivative of order n of ψ: at most 4 ulp of max(|f|, 1) for n ≤ 1000; `polygamma(0)` is [`digamma`].
///
/// At the poles 0, −1, −2, … it is +∞ for odd n, where both sides go there, and NaN for even n; NaN at −∞ too. The
/// work grows with n. Orders beyond 2^16 are evaluated through logarithms, to a relative error of about n·10⁻¹⁵,
/// and for negative arguments through the nearest pole alone.
#[inline(always)]
pub fn polygamma<A: Arithmetic, F: Gamma>(n: u32, x: F) -> F {
    let x = x.widen();
    F::narrow(match n {
        0 => digamma_f64::<A>(x),
        1 => trigamma::<A>(x),
        _ => polygamma::polygamma_f64::<A>(n, x),
    })
}

/// Do [`Gamma::lgamma_near`] and [`digamma_near`] serve this argument?
#[inline(always)]
pub fn is_near<F: Gamma>(x: F) -> bool {
    const LARGEST: f64 = (1_u64 << 60) as f64;
    let x = x.widen();
    (1.0 / LARGEST..=LARGEST).contains(&x)
}

/// From here on Stirling's series serves the loops of vectors.
const LARGE: f64 = 8.0;

/// x as t − m for t = 2 + s in [2, 3) and few steps m: s, how often 1 is taken off x to come to t, and whether it is added instead.
#[inline(always)]
fn near_two(x: f64) -> (f64, f64, bool) {
    let up = x < 2.0;
    let raised = if x < 1.0 { x + 2.0 } else { x + 1.0 };
    let x = if x < LARGE { x } else { 2.0 };
    let steps = if up { 0.0 } else { x.floor() - 2.0 };
    (if up { raised - 2.0 } else { x - 2.0 - steps }, steps, up)
}

/// [`lgamma`] from 2^−60 to 2^60.
///
/// From 8 on Stirling's series; below, lgamma(2 + s) is s times a polynomial, and the logarithm of the factors between is added or taken off.
#[inline(always)]
fn lgamma_near<A: Arithmetic>(x: f64) -> f64 {
    // 2^−55.1, relative.
    const C: [f64; 19] = [
        0.42278433509846713,
        0.3224670334241132,
        -0.06735230105319746,
        0.020580808427754203,
        -0.007385551027904236,
        0.002890510318795057,
        -0.0011927537881277258,
        0.0005096686240142317,
        -0.00022314995284022346,
        9.943823799795716e-5,
        -4.486701404987028e-5,
        2.036598706974087e-5,
        -9.175821024814649e-6,
        3.987295049332243e-6,
        -1.588896651725801e-6,
        5.39586715109921e-7,
        -1.4154463547616734e-7,
        2.4788672822339263e-8,
        -2.1302719637026477e-9,
    ];
    let parts = Parts::of(x);
    let log = logarithm::ln::<A, f64>(parts.logarithm_of);
    parts.small_or_large::<A>(x, log, polynomial::<A, _, _>(parts.s, C), stirling_series::<A>)
}

/// The parts that lgamma is put together from, however long its polynomials are.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    /// x is t − m for t = 2 + s in [2, 3) and few steps m.
    pub s: f64,
    up: bool,
    /// Whose logarithm counts: the factors between, or for Stirling's series x.
    pub logarithm_of: f64,
}

impl Parts {
    #[inline(always)]
    pub(super) fn of(x: f64) -> Parts {
        let (s, steps, up) = near_two(x);
        let mut product = 1.0;
        for k in 0..5 {
            let k = f64::from(k);
            product *= if steps > k { s + (2.0 + k) } else { 1.0 };
        }
        let below = if x < 1.0 { x * (x + 1.0) } else { x };
        let between = if up { below } else { product };
        Parts { s, up, logarithm_of: if x >= LARGE { x } else { between } }
    }

    /// The value, from the logarithm, lgamma(2 + s)/s, and Stirling's series over 1/x as a function of 1/x².
    #[inline(always)]
    pub(super) fn small_or_large<A: Arithmetic>(
        self,
        x: f64,
        log: f64,
        polynomial: f64,
        series: impl Fn(f64) -> f64,
    ) -> f64 {
        let small = A::mul_add(self.s, polynomial, if self.up { -log } else { log });
        let inverse = 1.0 / x;
        let series = inverse * series(inverse * inverse);
        let large = A::mul_add(x - 0.5, log - 1.0, (HALF_LN_TWO_PI.0 - 0.5) + series);
        if x >= LARGE { large } else { small }
    }
}

/// [`digamma`] where [`is_near`] says so, without a branch.
///
/// From 8 on the asymptotic series; below, ψ(2 + s) is a polynomial, and the reciprocals between are added or taken off.
#[inline(always)]
pub fn digamma_near<A: Arithmetic, F: Gamma>(x: F) -> F {
    // 2^−53.9, relative.
    const C: [f64; 19] = [
        0.42278433509846713,
        0.6449340668482263,
        -0.20205690315958372,
        0.08232323371063224,
        -0.0369277551305288,
        0.01734306178501111,
        -0.008349275316946549,
        0.0040773411280103046,
        -0.0020083122971042804,
        0.0009942514783557077,
        -0.0004931915530558382,
        0.00024370067397526225,
        -0.00011823815027652999,
        5.4627643608060493e-5,
        -2.2825807702312954e-5,
        8.023870814728385e-6,
        -2.156346605131631e-6,
        3.840109411222518e-7,
        -3.338777172327379e-8,
    ];
    let x = x.widen();
    let (s, steps, up) = near_two(x);
    // Σ 1/(s + 2 + k) as one fraction.
    let (mut over, mut under) = (0.0, 1.0);
    for k in 0..5 {
        let k = f64::from(k);
        let (factor, more) = if steps > k { (s + (2.0 + k), under) } else { (1.0, 0.0) };
        over = A::mul_add(over, factor, more);
        under *= factor;
    }
    let inverse = 1.0 / x;
    let (over, under) = if up { (if x < 1.0 { -1.0 } else { 0.0 }, x + 1.0) } else { (over, under) };
    let base = polynomial::<A, _, _>(s, C);
    let small = (base + over / under) - if up { inverse } else { 0.0 };
    let square = inverse * inverse;
    let large = logarithm::ln::<A, f64>(x) - A::mul_add(square, digamma_series::<A>(square), 0.5 * inverse);
    F::narrow(if x >= LARGE { large } else { small })
}

const PI: Pair<f64> = (std::f64::consts::PI, 1.2246467991473532e-16);
const LN_PI: Pair<f64> = (1.1447298858494002, 1.0265951162707826e-17);
const HALF_LN_TWO_PI: Pair<f64> = (0.9189385332046728, -3.8782941580672414e-17);
/// ln 2: 41 bits, and the rest.
#[allow(clippy::approx_constant)]
const LN_2: Pair<f64> = (0.693147180559663, 2.8235290563031577e-13);
/// Stirling's series is good to 2^−56 from here.
const STIRLING: f64 = 9.0;

/// ln x for x > 0, as a sum of two, to about 2^−60.
///
/// x = m·2^e with m near 1, s = (m − 1)/(m + 1), ln m = 2s + s³·P(s²); P to 2^−66.9 of the logarithm.
#[inline(always)]
pub(super) fn ln<A: Arithmetic>(x: Pair<f64>) -> Pair<f64> {
    let subnormal = x.0 < f64::MIN_POSITIVE;
    let scaled = if subnormal { x.0 * (1_u64 << 54) as f64 } else { x.0 };
    // The exponent of x/√½, so that m is from √½ to √2.
    let bits = scaled.to_bits().wrapping_sub(std::f64::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (bits as i64) >> 52;
    let m = f64::from_bits(scaled.to_bits().wrapping_sub((exponent << 52) as u64));
    let e = exponent as f64 - if subnormal { 54.0 } else { 0.0 };
    let f = m - 1.0;
    let (d, rest) = two_sum(m, 1.0);
    let s = f / d;
    let (p, error) = A::two_product(s, d);
    let s_low = ((f - p) - error - s * rest) / d;
    let z = s * s;
    let polynomial = polynomial::<A, _, _>(
        z,
        [
            0.6666666666666666,
            0.40000000000003116,
            0.2857142857045423,
            0.22222222376186657,
            0.18181804391524212,
            0.15385342553916406,
            0.1331122936363565,
            0.12110110636067163,
            0.08823026880930346,
        ],
    );
    let low = A::mul_add(s * z, polynomial, 2.0 * s_low) + x.1 / x.0;
    let (high, error) = two_sum(e * LN_2.0, 2.0 * s);
    fast_two_sum(high, error + A::mul_add(e, LN_2.1, low))
}

/// sin(πr) and cos(πr) for |r| ≤ 1/2, both to about 2^−55.
#[inline(always)]
fn sin_cos_pi<A: Arithmetic>(r: f64) -> (Pair<f64>, Pair<f64>) {
    let a = r.abs();
    let swap = a > 0.25;
    let angle = multiply::<A, f64>(PI, (if swap { 0.5 - a } else { a }, 0.0));
    let (sin, cos) = (sin_parts::<A, f64>(angle), cos_parts::<A, f64>(angle));
    // What rounding r² left out of the cosine.
    let (_, square_error) = A::two_product(angle.0, angle.0);
    let (sin, cos) = (fast_two_sum(sin.0, sin.1), fast_two_sum(cos.0, cos.1 - 0.5 * square_error));
    let (sin, cos) = if swap { (cos, sin) } else { (sin, cos) };
    ((sin.0.times_sign(r), sin.1.times_sign(r)), cos)
}

/// The argument raised by an integer to at least [`STIRLING`], that integer.
#[inline(always)]
fn raise(x: f64) -> (Pair<f64>, u32) {
    let n = if x >= STIRLING { 0 } else { (STIRLING - x) as u32 + 1 };
    (two_sum(x, f64::from(n)), n)
}

/// Stirling's series over 1/y, in 1/y².
#[inline(always)]
fn stirling_series<A: Arithmetic>(square: f64) -> f64 {
    const C: [f64; 8] = [
        0.08333333333333333,
        -0.002777777777777778,
        0.0007936507936507937,
        -0.0005952380952380953,
        0.0008417508417508417,
        -0.0019175269175269176,
        0.00641025641025641,
        -0.029550653594771242,
    ];
    polynomial::<A, _, _>(square, C)
}

/// ln y − 1/2y − ψ(y) over 1/y², in 1/y².
#[inline(always)]
fn digamma_series<A: Arithmetic>(square: f64) -> f64 {
    const C: [f64; 8] = [
        0.08333333333333333,
        -0.008333333333333333,
        0.003968253968253968,
        -0.004166666666666667,
        0.007575757575757576,
        -0.021092796092796094,
        0.08333333333333333,
        -0.4432598039215686,
    ];
    polynomial::<A, _, _>(square, C)
}

/// log Γ(x) for 2^−60 < x < 2^60.
#[inline(always)]
fn lgamma_positive<A: Arithmetic>(x: f64) -> Pair<f64> {
    let (y, n) = raise(x);
    let log = ln::<A>(y);
    let inverse = 1.0 / y.0;
    let series = inverse * stirling_series::<A>(inverse * inverse);
    let product = multiply::<A, f64>(add(y, (-0.5, 0.0)), log);
    let constant = fast_two_sum(HALF_LN_TWO_PI.0, series + HALF_LN_TWO_PI.1);
    let stirling = add(add(product, negate(y)), constant);
    if n == 0 {
        return stirling;
    }
    let mut factors = (x, 0.0);
    for k in 1..n {
        factors = multiply::<A, f64>(factors, two_sum(x, f64::from(k)));
    }
    add(stirling, negate(ln::<A>(factors)))
}

#[inline(always)]
fn lgamma_f64<A: Arithmetic>(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() {
        return a;
    }
    if a == f64::INFINITY || a == 0.0 {
        return f64::INFINITY;
    }
    if x == 1.0 || x == 2.0 {
        return 0.0; // exactly, where the sum below leaves the rest of its 2⁻⁶⁰
    }
    let tiny = 1.0 / (1_u64 << 60) as f64;
    if a < tiny {
        let (high, low) = ln::<A>((a, 0.0));
        return -(high + low);
    }
    if x > 0.0 {
        if x >= 1.0 / tiny {
            // x·(ln x − 1), scaled against overflow of the parts.
            let (high, low) = multiply::<A, f64>((x * tiny, 0.0), add(ln::<A>((x, 0.0)), (-1.0, 0.0)));
            return (high + low) / tiny;
        }
        let (high, low) = lgamma_positive::<A>(x);
        return high + low;
    }
    // Γ(−a)·Γ(a) = −π/(a·sin πa).
    let r = a - a.round_ties_even();
    if r == 0.0 {
        return f64::INFINITY;
    }
    let (sin, _) = sin_cos_pi::<A>(r.abs());
    let divisor = multiply::<A, f64>((a, 0.0), sin);
    let (high, low) = add(add(LN_PI, negate(ln::<A>(divisor))), negate(lgamma_positive::<A>(a)));
    high + low
}

/// ψ(1 + x) for x > 0.
#[inline(always)]
fn digamma_next<A: Arithmetic>(x: f64) -> Pair<f64> {
    let (y, n) = raise(x);
    let inverse = 1.0 / y.0;
    let square = inverse * inverse;
    let series = square * digamma_series::<A>(square);
    // ψ(y) = ln y − 1/2y − series; ψ(y + 1) adds 1/y.
    let half = if n == 0 { 0.5 * inverse } else { -0.5 * inverse };
    let mut sum = add(ln::<A>(y), (half - series, 0.0));
    for k in 1..n {
        let (high, error) = two_sum(sum.0, -1.0 / (x + f64::from(k)));
        sum = (high, sum.1 + error);
    }
    sum
}

#[inline(always)]
fn digamma_f64<A: Arithmetic>(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() || a == 0.0 || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return x;
    }
    if a < 1.0 / (1_u64 << 60) as f64 {
        return -1.0 / x;
    }
    if x > 0.0 {
        let next = digamma_next::<A>(x);
        let (high, error) = two_sum(next.0, -1.0 / x);
        return high + (error + next.1);
    }
    // ψ(−a) = ψ(1 + a) + π·cot(πa).
    let r = a - a.round_ties_even();
    if r == 0.0 {
        return f64::NAN;
    }
    let (sin, cos) = sin_cos_pi::<A>(r);
    let (high, low) = add(digamma_next::<A>(a), divide::<A, f64>(multiply::<A, f64>(PI, cos), sin));
    high + low
}

/// ψ′(1 + x) for x > 0.
#[inline(always)]
fn trigamma_next<A: Arithmetic>(x: f64) -> f64 {
    let (y, n) = raise(x);
    let inverse = 1.0 / y.0;
    let square = inverse * inverse;
    // B₂ₖ/y²ᵏ⁺¹
    let series = polynomial::<A, _, _>(
        square,
        [
            1.0 / 6.0,
            -1.0 / 30.0,
            1.0 / 42.0,
            -1.0 / 30.0,
            5.0 / 66.0,
            -691.0 / 2730.0,
            7.0 / 6.0,
            -3617.0 / 510.0,
            43867.0 / 798.0,
        ],
    );
    // ψ′(y) = 1/y + 1/2y² + …; ψ′(y + 1) takes 1/y² away.
    let half = if n == 0 { -0.5 * square } else { 0.5 * square };
    let mut sum = inverse + (half + square * inverse * series);
    for k in (1..n).rev() {
        let term = 1.0 / (x + f64::from(k));
        sum = A::mul_add(term, term, sum);
    }
    sum
}

/// ψ′(x) = Σ 1/(x + k)², and π²/sin²(πa) − ψ′(1 + a) for x = −a.
fn trigamma<A: Arithmetic>(x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    let r = a - a.round_ties_even();
    if x <= 0.0 && r == 0.0 {
        return f64::INFINITY;
    }
    if a < 1.0e-100 || x > 1.0e100 {
        return if a < 1.0 { 1.0 / a / a } else { 1.0 / a };
    }
    if x > 0.0 {
        return 1.0 / (x * x) + trigamma_next::<A>(x);
    }
    let (sin, _) = sin_cos_pi::<A>(r);
    let (high, low) = divide::<A, f64>(PI, sin);
    let (square, error) = A::two_product(high, high);
    square + (error + (2.0 * high * low - trigamma_next::<A>(a)))
}
