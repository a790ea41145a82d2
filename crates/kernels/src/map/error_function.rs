//! erf, erfc (at most 2 ulp) and gelu (at most 4 ulp), of both types.
//!
//! Below 1, erf(x) = x + x·P(x²); above, 1 − exp(−x·Q(x)), in `f64` with Q(x − 1). From 0.7 on, erfc(x) = exp(−x²)·f/(1 + 2x) where
//! f = (1 + 2x)·exp(x²)·erfc(x) is smooth and between 1.1 and 1.3: a polynomial in t = (x − k)/(x + k) (M. Shepherd and J. Laframboise,
//! "Chebyshev approximation of (1+2x)exp(x²)erfc x in 0 ≤ x < ∞", Math. Comp. 36, 1981). `f32` computes erfc in `f64` where products and
//! sums are not fused.

use super::arithmetic::{Arithmetic, fast_two_sum};
use super::exponential::{self, ExpFormat};
use super::format::{Format, polynomial};
use super::lane::{Lane, Pair};
use super::wide;

/// How a type computes them.
pub trait ErrorFunction: GeluFormat + Lane {
    /// [`erf`] of this type.
    fn erf_own<A: Arithmetic>(self) -> Self;
    /// [`erfc`] of this type.
    fn erfc_own<A: Arithmetic>(self) -> Self;
}

impl ErrorFunction for f64 {
    /// From 1 on as 1 − exp(−a·Q(a − 1)), of which the exponential is at most 0.16: nothing need be a sum of two, and the less there is of it,
    /// the less exact it need be.
    #[inline(always)]
    fn erf_own<A: Arithmetic>(self) -> f64 {
        // erf to a relative error of 2^−57.4.
        const ABOVE: [f64; 18] = [
            1.8496055099332482,
            0.7893620043015472,
            0.053745252056664104,
            -0.012184154004112805,
            0.0021503285051852855,
            -0.00017242508904152914,
            -6.490110882071689e-5,
            3.863432216165206e-5,
            -1.1498609614495666e-5,
            1.9255275264424038e-6,
            9.383456899452233e-8,
            -2.0282696908376938e-7,
            8.413980700979894e-8,
            -2.2351968286841934e-8,
            4.170031277086825e-9,
            -5.322253993385944e-10,
            4.18601834052861e-11,
            -1.5290210678688336e-12,
        ];
        let a = self.abs();
        let below = A::mul_add(a, f64::erf_polynomial::<A>(a * a), a);
        // From here on erf is 1.
        let end = least(a, 5.95);
        let exponent = -end * polynomial::<A, f64, _>(end - 1.0, ABOVE);
        erf_in_pieces::<A, f64>(self, below, exponent)
    }
    #[inline(always)]
    fn erfc_own<A: Arithmetic>(self) -> f64 {
        erfc_with_tail::<A, f64>(self)
    }
}

impl ErrorFunction for f32 {
    /// From 1 on as 1 − exp(−a·Q(a)), of which the exponential is at most 0.16.
    #[inline(always)]
    fn erf_own<A: Arithmetic>(self) -> f32 {
        // erf to a relative error of 2^−24.9.
        const ABOVE: [f32; 8] = [
            1.128949,
            0.63400054,
            0.10804971,
            -0.025275834,
            0.0043592,
            -0.00051190867,
            3.6054604e-5,
            -1.1345709e-6,
        ];
        let a = self.abs();
        let below = A::mul_add(a, f32::erf_polynomial::<A>(a * a), a);
        let end = least(a, 3.95);
        erf_in_pieces::<A, f32>(self, below, -end * polynomial::<A, f32, _>(end, ABOVE))
    }
    #[inline(always)]
    fn erfc_own<A: Arithmetic>(self) -> f32 {
        if A::FUSED { erfc_with_tail::<A, f32>(self) } else { wide::erfc::<A>(self) }
    }
}

/// What [`gelu`] needs of a type, and [`erfc`] of its exponential.
pub trait GeluFormat: ExpFormat {
    /// gelu(−x) is 0 from here on, also among the subnormal numbers.
    const GELU_END: Self;
    /// √2π.
    const ROOT_TAU: Self;
    /// ln 2, rounded.
    const LN_2: Self;
    /// [`MAGIC`](Format::MAGIC) plus the exponent of `1/`[`LOWER`](ExpFormat::LOWER).
    const LIFTED_MAGIC: Self;
    /// `(exp(−u/2) − 1 + u/2)/u²` for `|u| ≤ ln 2`: the polynomial of the exponential, with a power of −½ in each coefficient.
    fn exp_half<A: Arithmetic>(u: Self) -> Self;
    /// N(a) and D(a) with `exp(a²/2 − ε·a²)·Φ(−a) = D/(√2π·a·D + N)` for a from 0 to the end; at 0 exactly ½. For large a the errors of D
    /// and N cancel, and nothing else does, for their coefficients are positive. 2ε is what relative error [`LN_2`](Self::LN_2) has: this is
    /// where [`gelu`] takes it back (tools/oracles/coefficients_vector.py).
    fn mills<A: Arithmetic>(a: Self) -> (Self, Self);
}

impl GeluFormat for f64 {
    const GELU_END: f64 = 38.7;
    const ROOT_TAU: f64 = 2.506_628_274_631_000_5;
    const LN_2: f64 = std::f64::consts::LN_2;
    const LIFTED_MAGIC: f64 = f64::MAGIC + 100.0;
    #[inline(always)]
    fn exp_half<A: Arithmetic>(u: f64) -> f64 {
        const C: [f64; 10] = [
            0.12500000000000033,
            -0.020833333333333374,
            0.0026041666666569113,
            -0.00026041666666584885,
            2.1701388981724822e-05,
            -1.550099212309172e-06,
            9.688081476116677e-08,
            -5.3822687671569976e-09,
            2.698415878788561e-10,
            -1.2264620774677702e-11,
        ];
        A::horner(u, C)
    }
    /// To a relative error of 2^−54.9.
    #[inline(always)]
    fn mills<A: Arithmetic>(a: f64) -> (f64, f64) {
        const N: [f64; 10] = [
            2.74691922380772,
            3.111725739121027,
            1.8216697332160903,
            0.6904876714571312,
            0.18307200191766734,
            0.03474879234830796,
            0.004673018899969856,
            0.00042433878845353365,
            2.312579771628443e-05,
            5.435371199943151e-07,
        ];
        const D: [f64; 11] = [
            1.37345961190386,
            2.1813769989671017,
            1.7166567299274609,
            0.8619681104802605,
            0.30218703940327757,
            0.07670813341522502,
            0.014200044141927916,
            0.0018827162134267572,
            0.00016972037143945658,
            9.225858363043999e-06,
            2.1683993894815123e-07,
        ];
        (A::horner(a, N), A::horner(a, D))
    }
}

impl GeluFormat for f32 {
    const GELU_END: f32 = 14.6;
    const ROOT_TAU: f32 = 2.506_628_3;
    const LN_2: f32 = std::f32::consts::LN_2;
    const LIFTED_MAGIC: f32 = f32::MAGIC + 64.0;
    #[inline(always)]
    fn exp_half<A: Arithmetic>(u: f32) -> f32 {
        const C: [f32; 5] = [0.12499996, -0.020833146, 0.002604375, -0.00026153546, 2.1468255e-05];
        A::horner(u, C)
    }
    /// To a relative error of 2^−25.6.
    #[inline(always)]
    fn mills<A: Arithmetic>(a: f32) -> (f32, f32) {
        const N: [f32; 5] = [2.8802526, 1.2935035, 0.3223393, 0.033294413, 5.271867e-06];
        const D: [f32; 5] = [1.4401263, 1.302627, 0.55768526, 0.12715264, 0.01336447];
        (A::horner(a, N), A::horner(a, D))
    }
}

/// What [`erfc`] needs of a type beside that, and [`erf`] below 1.
trait Tail: Lane + GeluFormat {
    /// From here on erfc is 0.
    const END: Self;
    /// From here on erfc uses the tail: 0.7, where 1 − erf begins to cancel.
    const TAIL: Self;
    /// The k of t = (x − k)/(x + k).
    const CENTRE: Self;
    /// f at t = 0, as a sum of two.
    const SCALED_ERFC: Pair<Self>;
    /// P(z) with erf(x) = x + x·P(x²), |x| ≤ 1.
    fn erf_polynomial<A: Arithmetic>(z: Self) -> Self;
    /// Q(t) with f = [`Self::SCALED_ERFC`] + t·Q(t), 0.7 ≤ x ≤ `END`.
    fn scaled_erfc_polynomial<A: Arithmetic>(t: Self) -> Self;
}

impl Tail for f64 {
    const END: f64 = 27.3;
    const TAIL: f64 = 0.7;
    const CENTRE: f64 = 3.0;
    const SCALED_ERFC: Pair<f64> = (1.2530080582697296, 4.552158162173518e-17);
    /// erf to a relative error of 2^−56.3.
    #[inline(always)]
    fn erf_polynomial<A: Arithmetic>(z: f64) -> f64 {
        polynomial::<A, _, _>(
            z,
            [
                0.1283791670955126,
                -0.376126389031839,
                0.11283791670960246,
                -0.02686617064597305,
                0.005223977633263234,
                -0.0008548327477600838,
                0.00012055350454289718,
                -1.4926110753856773e-5,
                1.647054854007595e-6,
                -1.6473127140114374e-7,
                1.5735764182245945e-8,
                -1.7497020244011495e-9,
                2.637226422721938e-10,
                -3.024773847820204e-11,
            ],
        )
    }
    /// f to a relative error of 2^−60.4.
    #[inline(always)]
    fn scaled_erfc_polynomial<A: Arithmetic>(t: f64) -> f64 {
        polynomial::<A, _, _>(
            t,
            [
                -0.1356211061245812,
                -0.047562294353451315,
                0.12964515870276452,
                -0.11927366341526402,
                0.06830802734380109,
                -0.023770514919949946,
                0.002529391819956928,
                0.0018886903774387727,
                -0.0007798323215228796,
                -0.0001051599373038619,
                0.00012509974410852647,
                4.950055747469387e-6,
                -2.0102558572268176e-5,
                -7.326280336149852e-7,
                3.478863724053874e-6,
                3.5651056348405147e-7,
                -6.294291176854659e-7,
                -1.3526936551496892e-7,
                1.1570992961033176e-7,
                2.963164732617729e-8,
                -1.8978730290854733e-8,
            ],
        )
    }
}

impl Tail for f32 {
    const END: f32 = 10.1;
    const TAIL: f32 = 0.7;
    const CENTRE: f32 = 3.0;
    const SCALED_ERFC: Pair<f32> = (1.253008, 5.0266493e-8);
    /// erf to a relative error of 2^−29.3.
    #[inline(always)]
    fn erf_polynomial<A: Arithmetic>(z: f32) -> f32 {
        const BELOW: [f32; 7] =
            [0.12837917, -0.37612626, 0.11283583, -0.026853692, 0.0051880744, -0.0008007889, 7.846173e-5];
        polynomial::<A, f32, _>(z, BELOW)
    }
    /// f to a relative error of 2^−28.3.
    #[inline(always)]
    fn scaled_erfc_polynomial<A: Arithmetic>(t: f32) -> f32 {
        const Q: [f32; 9] = [
            -0.1356211,
            -0.04756224,
            0.12964483,
            -0.11927557,
            0.06831485,
            -0.023750829,
            0.0024815532,
            0.001811363,
            -0.00064820406,
        ];
        polynomial::<A, f32, _>(t, Q)
    }
}

/// erfc(x) for 0.7 ≤ x ≤ [`Tail::END`], divided by [`LOWER`](ExpFormat::LOWER). All but one of the roundings whose errors reach the result
/// whole are taken back, to first order.
#[inline(always)]
fn tail<A: Arithmetic, F: Tail>(x: F) -> F {
    let t = (x - F::CENTRE) / (x + F::CENTRE);
    let (f, error) = fast_two_sum(F::SCALED_ERFC.0, t * F::scaled_erfc_polynomial::<A>(t));
    let (magic, u) = exp_of_product::<A, F>(x + x, x);
    // f·(exp(−u/2) − 1), of whose first term only the last sum is rounded.
    let less = A::mul_add(f, u * u * F::exp_half::<A>(u), error + F::SCALED_ERFC.1);
    let less = A::mul_add(f, -F::HALF * u, less);
    let (num, rest) = fast_two_sum(f, less);
    let (den, error) = fast_two_sum(x + x, F::ONE);
    let inverse = F::ONE / den;
    let y = num * inverse;
    let left = if A::FUSED {
        A::mul_add(-y, den, num)
    } else {
        let (product, low) = A::two_product(y, den);
        (num - product) - low
    };
    A::mul_add(left + A::mul_add(-y, error, rest), inverse, y).scaled_by_magic(magic)
}

#[inline(always)]
fn least<F: Format>(x: F, bound: F) -> F {
    if x > bound { bound } else { x }
}

/// erf x = 2/√π ∫₀ˣ exp(−s²) ds: at most 2 ulp. erf ±0 = ±0, erf ±∞ = ±1.
#[inline(always)]
pub fn erf<A: Arithmetic, F: ErrorFunction>(x: F) -> F {
    x.erf_own::<A>()
}

/// erfc x = 1 − erf x: at most 2 ulp, into the subnormal numbers. erfc ∞ = 0, erfc −∞ = 2.
#[inline(always)]
pub fn erfc<A: Arithmetic, F: ErrorFunction>(x: F) -> F {
    x.erfc_own::<A>()
}

/// erf x, given |erf x| below 1 and the natural logarithm of erfc |x| above.
#[inline(always)]
fn erf_in_pieces<A: Arithmetic, F: ErrorFunction>(x: F, below: F, exponent: F) -> F {
    let (less, magic) = exponential::exp_less_one::<A, F>(exponent);
    let above = F::ONE - (F::ONE + less).scaled_by_magic(magic);
    // NaN is kept below alone.
    (if x.magnitude() >= F::ONE { above } else { below }).times_sign(x)
}

#[inline(always)]
fn erfc_with_tail<A: Arithmetic, F: Tail>(x: F) -> F {
    let (high, error) = fast_two_sum(F::ONE, -x);
    let near = high + A::mul_add(-x, F::erf_polynomial::<A>(x * x), error);
    let a = x.magnitude();
    let tail = tail::<A, F>(least(a, F::END));
    let reflected = if x < F::ZERO { F::TWO } else { F::ZERO };
    let far = A::mul_add(tail, F::LOWER.times_sign(x), reflected);
    // NaN is kept near 0 alone.
    if a >= F::TAIL { far } else { near }
}

/// m and u with exp(−a·b/2) = 2^k·exp(−u/2) and |u| ≤ ln 2 for m = [`LIFTED_MAGIC`](GeluFormat::LIFTED_MAGIC) + k.
#[inline(always)]
fn exp_of_product<A: Arithmetic, F: GeluFormat>(a: F, b: F) -> (F, F) {
    let magic = A::mul_add(a * b, -F::HALF * F::LOG2_E, F::LIFTED_MAGIC);
    let k = magic - F::LIFTED_MAGIC;
    // a·b + 2k·ln 2, of which the first sum is exact but for one rounding.
    let u = if A::FUSED {
        A::mul_add(a, b, k * (F::TWO * F::LN_2_HIGH))
    } else {
        let (high, low) = A::two_product(a, b);
        (high + k * (F::TWO * F::LN_2_HIGH)) + low
    };
    (magic, A::mul_add(k, F::TWO * F::LN_2_LOW, u))
}

/// gelu x = x·Φ(x) = x·erfc(−x/√2)/2, the exact one: at most 4 ulp, into the subnormal numbers.
/// gelu ±0 = ±0, gelu ∞ = ∞, gelu −∞ = −0.
///
/// As `max(x, 0) − a·Φ(−a)` for `a = |x|`, with `Φ(−a) = exp(−a²/2)·D(a)/(√2π·a·D(a) + N(a))`, both factors as [`GeluFormat::mills`] says.
/// Horner's rule throughout and as few products as can be, for arithmetic is what a loop of it waits for where a processor looks far ahead; the
/// quotient, which has to wait for less, before the exponential, for those that do not.
#[inline(always)]
pub fn gelu<A: Arithmetic, F: GeluFormat>(x: F) -> F {
    let a = least(x.magnitude(), F::GELU_END);
    // a² as a sum of two, and a² + 2k·ln 2.
    let (square, low) = A::two_product(a, a);
    let magic = A::mul_add(square, -F::HALF * F::LOG2_E, F::LIFTED_MAGIC);
    let k = magic - F::LIFTED_MAGIC;
    let u = if A::FUSED {
        A::mul_add(k, F::TWO * F::LN_2, square) + low
    } else {
        (square + k * (F::TWO * F::LN_2_HIGH)) + (k * (F::TWO * (F::LN_2 - F::LN_2_HIGH)) + low)
    };
    let (n, d) = F::mills::<A>(a);
    let size = a * d;
    let quotient = size / A::mul_add(size, F::ROOT_TAU, n);
    // Lifted by a power of two, which comes off last, so that it is normal where a·Φ(−a) no longer is.
    let lifted = A::mul_add(A::mul_add(F::exp_half::<A>(u), u, -F::HALF), u, F::ONE).scaled_by_magic(magic);
    // Compared with what it gives, it is one instruction.
    let positive = if x < -F::ZERO { -F::ZERO } else { x };
    A::mul_add(quotient * lifted, -F::LOWER, positive)
}
