//! Random bits from a key and a counter: the same key gives the same bits, on any machine and in any order.
//!
//! Threefry-2x64 with 20 rounds: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

use crate::array::{Array, DType, Shape};
use crate::map::Float;

/// The block cipher: 128 bits from a key and a counter.
///
/// ```
/// use cotangent_kernels::random::threefry;
/// assert_eq!(threefry([0, 0], [0, 0]), [0xc2b6e3a8c2c69865, 0x6f81ed42f350084d]);
/// ```
pub fn threefry(key: [u64; 2], counter: [u64; 2]) -> [u64; 2] {
    const ROTATIONS: [u32; 8] = [16, 42, 12, 31, 16, 32, 24, 21];
    let keys = [key[0], key[1], 0x1bd1_1bda_a9fc_1a22 ^ key[0] ^ key[1]];
    let mut x = [counter[0].wrapping_add(keys[0]), counter[1].wrapping_add(keys[1])];
    for round in 0..20 {
        x[0] = x[0].wrapping_add(x[1]);
        x[1] = x[1].rotate_left(ROTATIONS[round % 8]) ^ x[0];
        if round % 4 == 3 {
            let step = round / 4 + 1;
            x[0] = x[0].wrapping_add(keys[step % 3]);
            x[1] = x[1].wrapping_add(keys[(step + 1) % 3]).wrapping_add(step as u64);
        }
    }
    x
}

/// Uniform integers from 0 to 2^bits − 1 (`bits` from 1 to 63), of this shape for each key of `key` (`i64[…, 2]`).
///
/// ```
/// use cotangent_kernels::{random::bits, Array};
/// let y = bits(&Array::from_vec(vec![0_i64, 0], [2]), &[3].into(), 8);
/// assert_eq!(y.to_vec::<i64>().unwrap()[0], 0xc2);
/// ```
pub fn bits(key: &Array, shape: &Shape, bits: u32) -> Array {
    let keys = key.dense::<i64>();
    let count = shape.size();
    let mut out = Vec::with_capacity(keys.len() / 2 * count);
    for key in keys.chunks_exact(2) {
        let key = [key[0] as u64, key[1] as u64];
        for block in 0..count.div_ceil(2) {
            let words = threefry(key, [block as u64, 0]);
            let left = (count - 2 * block).min(2);
            out.extend(words[..left].iter().map(|word| (word >> (64 - bits)) as i64));
        }
    }
    let lead = &key.shape()[..key.rank() - 1];
    Array::from_vec(out, lead.iter().chain(shape.iter()).copied().collect::<Shape>())
}

/// `n` keys that have nothing to do with one another, for each key of `key` (`i64[…, 2]`): `i64[…, n, 2]`.
pub fn split(key: &Array, n: usize) -> Array {
    let keys = key.dense::<i64>();
    let mut out = Vec::with_capacity(keys.len() * n);
    for key in keys.chunks_exact(2) {
        // Another counter than that of the bits.
        let key = [key[0] as u64, key[1] as u64];
        out.extend((0..n).flat_map(|i| threefry(key, [i as u64, 1])).map(|word| word as i64));
    }
    let lead = &key.shape()[..key.rank() - 1];
    Array::from_vec(out, lead.iter().copied().chain([n, 2]).collect::<Shape>())
}

/// The key of each key of `key` (`i64[…, 2]`) and number of `n` (`i64[…]`, as many).
pub fn fold_in(key: &Array, n: &Array) -> Array {
    let (keys, n) = (key.dense::<i64>(), n.dense::<i64>());
    let words = keys
        .chunks_exact(2)
        .zip(n.iter())
        .flat_map(|(key, &n)| threefry([key[0] as u64, key[1] as u64], [n as u64, FOLD]));
    Array::from_vec(words.map(|word| word as i64).collect(), key.shape().clone())
}

/// The second words of counters, so that no two uses of one key see the same bits; 0 and 1 are those of [`bits`] and [`split`].
const FOLD: u64 = 2;
const INTEGERS: u64 = 3;
const GAMMA: u64 = 4;
const NORMAL: u64 = 5;

/// The counter of try `k` for entry `i`.
fn counter(i: usize, k: usize, tag: u64) -> [u64; 2] {
    [i as u64, (k as u64) << 8 | tag]
}

/// After so many tries, each of which fails with a probability of less than a half (of 5 % for gamma), the next is taken as it is.
const TRIES: usize = 128;

/// For each key of `key` (`i64[…, 2]`) the numbers that `draw` makes of the key and an entry's number.
fn each<T: crate::Element>(key: &Array, shape: &Shape, draw: impl Fn([u64; 2], usize) -> T) -> Array {
    let keys = key.dense::<i64>();
    let count = shape.size();
    let mut out = Vec::with_capacity(keys.len() / 2 * count);
    for key in keys.chunks_exact(2) {
        out.extend((0..count).map(|i| draw([key[0] as u64, key[1] as u64], i)));
    }
    let lead = &key.shape()[..key.rank() - 1];
    Array::from_vec(out, lead.iter().chain(shape.iter()).copied().collect::<Shape>())
}

/// Uniform integers from `low` to `high` − 1, none more likely than another: the high word of a product, and another try where that
/// would favour some. (D. Lemire, "Fast random integer generation in an interval", 2019.)
///
/// ```
/// use cotangent_kernels::{random::integers, Array};
/// let y = integers(&Array::from_vec(vec![0_i64, 7], [2]), &[100].into(), -1, 2).to_vec::<i64>().unwrap();
/// assert!(y.iter().all(|y| (-1..2).contains(y)) && y.contains(&-1) && y.contains(&1));
/// ```
pub fn integers(key: &Array, shape: &Shape, low: i64, high: i64) -> Array {
    let span = high.wrapping_sub(low) as u64;
    let unfair = span.wrapping_neg() % span;
    each(key, shape, |key, i| {
        let product = |k| u128::from(threefry(key, counter(i, k, INTEGERS))[0]) * u128::from(span);
        let fair = (0..TRIES).map(product).find(|product| *product as u64 >= unfair);
        low.wrapping_add((fair.unwrap_or_else(|| product(TRIES)) >> 64) as i64)
    })
}

/// In (0, 1): an odd multiple of 2⁻⁵³.
fn open(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// Numbers of the gamma distributions of scale 1 with the shape parameters `alpha` (floats `[…, shape]`, for keys `i64[…, 2]`), or their
/// logarithms, which do not underflow. NaN where alpha is negative. (G. Marsaglia, W. Tsang, "A simple method for generating gamma
/// variables", 2000.)
pub fn gamma(key: &Array, alpha: &Array, log: bool) -> Array {
    let lead = key.rank() - 1;
    let count: usize = alpha.shape()[lead..].iter().product();
    let keys = key.dense::<i64>();
    let draw = |alpha: f64, i: usize| {
        let key = &keys[i / count * 2..][..2];
        let y = log_gamma([key[0] as u64, key[1] as u64], i % count, alpha);
        if log { y } else { Float::exp(y) }
    };
    let shape = alpha.shape().clone();
    match alpha.dtype() {
        DType::F32 => {
            let alpha = alpha.dense::<f32>();
            let y = alpha.iter().enumerate().map(|(i, &alpha)| draw(alpha.into(), i) as f32);
            Array::from_vec(y.collect(), shape)
        }
        _ => {
            let alpha = alpha.dense::<f64>();
            Array::from_vec(alpha.iter().enumerate().map(|(i, &alpha)| draw(alpha, i)).collect(), shape)
        }
    }
}

/// The logarithm of a number of the gamma distribution.
fn log_gamma(key: [u64; 2], i: usize, alpha: f64) -> f64 {
    if alpha.is_nan() || alpha < 0.0 {
        return f64::NAN;
    }
    if alpha == 0.0 {
        return f64::NEG_INFINITY;
    }
    if alpha.is_infinite() {
        return alpha;
    }
    // Below 1: that of alpha + 1, times a power of a uniform number.
    let small = alpha < 1.0;
    let d = if small { alpha + 1.0 } else { alpha } - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let attempt = |k: usize| {
        let [a, b] = threefry(key, counter(i, 2 * k + 1, GAMMA));
        let x = (-2.0 * Float::ln(open(a))).sqrt() * Float::cos(open(b) * std::f64::consts::TAU);
        // ln v, where v = (1 + c·x)³ must be positive.
        let log = 3.0 * Float::ln_1p(c * x);
        let u = Float::ln(open(threefry(key, counter(i, 2 * k + 2, GAMMA))[0]));
        let accepted = c * x > -1.0 && u < 0.5 * x * x - d * (Float::expm1(log) - log);
        accepted.then_some(log)
    };
    // The mode, should all fail.
    let y = Float::ln(d) + (0..TRIES).find_map(attempt).unwrap_or(0.0);
    if small { y + Float::ln(open(threefry(key, counter(i, 0, GAMMA))[0])) / alpha } else { y }
}

/// Numbers of the standard normal distribution between two bounds, by its inverse; beyond 37 by the exponential distribution that the tail
/// then is, but for a relative 1/37².
pub fn truncated_normal(key: &Array, shape: &Shape, low: f64, high: f64, dtype: DType) -> Array {
    // The lower tail is the accurate one.
    let flip = low > -high;
    let (a, b) = if flip { (-high, -low) } else { (low, high) };
    let draw = |key: [u64; 2], i: usize| {
        let u = open(threefry(key, counter(i, 0, NORMAL))[0]);
        let x = between(a, b, u).clamp(a, b);
        if flip { -x } else { x }
    };
    match dtype {
        // Rounding must not leave the bounds.
        DType::F32 => each(key, shape, |key, i| {
            let x = draw(key, i) as f32;
            if f64::from(x) < low {
                x.next_up()
            } else if f64::from(x) > high {
                x.next_down()
            } else {
                x
            }
        }),
        _ => each(key, shape, draw),
    }
}

/// The point that has the share `u` of the normal distribution between a and b below it; a ≤ −b.
fn between(a: f64, b: f64, u: f64) -> f64 {
    let below = |x: f64| 0.5 * Float::erfc(-x / std::f64::consts::SQRT_2);
    if b < -37.0 {
        // exp(−x²/2) seen from b: ½(x² − b²) is exponential, cut where a is.
        let most = -Float::expm1((b - a) * (b + a) * 0.5);
        return -(b * b - 2.0 * Float::ln_1p((u - 1.0) * most)).sqrt();
    }
    let (pa, pb) = (below(a), below(b));
    let p = pa + u * (pb - pa);
    if p <= 0.5 { quantile(p) } else { -quantile(below(-b) + (1.0 - u) * (pb - pa)) }
}

/// The x below which the normal distribution has p ≤ ½: an approximation of nine digits, and a step that triples them. (P. Acklam, "An
/// algorithm for computing the inverse normal cumulative distribution function", 2003.)
fn quantile(p: f64) -> f64 {
    let horner = |x: f64, c: &[f64]| c.iter().fold(0.0, |sum, c| sum * x + c);
    let x = if p < 0.02425 {
        let q = (-2.0 * Float::ln(p)).sqrt();
        horner(q, &TAIL) / (horner(q, &TAIL_BELOW) * q + 1.0)
    } else {
        let q = p - 0.5;
        horner(q * q, &MIDDLE) * q / (horner(q * q, &MIDDLE_BELOW) * q * q + 1.0)
    };
    let error = 0.5 * Float::erfc(-x / std::f64::consts::SQRT_2) - p;
    let step = error * std::f64::consts::TAU.sqrt() * Float::exp(0.5 * x * x);
    x - step / (1.0 + 0.5 * x * step)
}

const MIDDLE: [f64; 6] = [
    -3.969683028665376e+01,
    2.209460984245205e+02,
    -2.759285104469687e+02,
    1.38357751867269e+02,
    -3.066479806614716e+01,
    2.506628277459239e+00,
];
const MIDDLE_BELOW: [f64; 5] = [
    -5.447609879822406e+01,
    1.615858368580409e+02,
    -1.556989798598866e+02,
    6.680131188771972e+01,
    -1.328068155288572e+01,
];
const TAIL: [f64; 6] = [
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e+00,
    -2.549732539343734e+00,
    4.374664141464968e+00,
    2.938163982698783e+00,
];
const TAIL_BELOW: [f64; 4] =
    [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00];
