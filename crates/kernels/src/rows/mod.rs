//! Whole rows in few passes: softmax and its kin, standardised rows, norms and compensated sums.
//!
//! Rows are worked on in blocks that stay in the first-level cache, and exponentials are taken of a whole block at once. Sums run in lanes
//! that are added in the end, so their order depends on the length alone.

use crate::array::{Array, Element, Shape};
use crate::lines::{Lines, with_float};
use crate::map::Float;

/// Entries of a block.
const BLOCK: usize = 1024;
/// Entries that are added, or compared, side by side.
const LANES: usize = 32;

/// Numbers that rows are made of.
trait Entry: Element + Float {}
impl Entry for f32 {}
impl Entry for f64 {}

/// `e^x` of each number of a slice; 0 below the smallest normal number.
fn exp<T: Entry>(values: &mut [T]) {
    values.iter_mut().for_each(|x| *x = x.exp());
}

/// A slice folded side by side in lanes, and then the lanes in order.
#[inline(always)]
fn fold<T: Copy, S: Copy>(x: &[T], start: S, step: impl Fn(S, T) -> S, join: impl Fn(S, S) -> S) -> S {
    let mut chunks = x.chunks_exact(LANES);
    let mut result = start;
    if x.len() >= LANES {
        let mut lanes = [start; LANES];
        for chunk in &mut chunks {
            lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane = step(*lane, x));
        }
        // Halves onto halves, so that this too goes side by side.
        let mut width = LANES / 2;
        while width > 0 {
            (0..width).for_each(|i| lanes[i] = join(lanes[i], lanes[i + width]));
            width /= 2;
        }
        result = lanes[0];
    }
    chunks.remainder().iter().fold(result, |result, &x| step(result, x))
}

/// The largest; a NaN is passed over.
#[inline(always)]
fn largest<T: Entry>(x: &[T]) -> T {
    let larger = |most: T, x: T| if x > most { x } else { most };
    fold(x, T::from_f64(f64::NEG_INFINITY), larger, larger)
}

#[inline(always)]
fn sum<T: Entry>(x: &[T]) -> T {
    let zero = T::from_f64(0.0);
    fold(x, zero, |sum, x| sum + x, |a, b| a + b)
}

/// The sum of a function of the entries of a row: blocks in lanes, and the blocks in `f64`.
#[inline(always)]
fn sum_of<T: Entry>(row: &[T], f: impl Fn(T) -> T + Copy) -> f64 {
    let zero = T::from_f64(0.0);
    row.chunks(BLOCK).map(|block| fold(block, zero, |sum, x| sum + f(x), |a, b| a + b).to_f64()).sum()
}

/// Which of the functions of a row that take exponentials.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Softmax,
    LogSoftmax,
}

/// The largest entry of a row, or 0 if it is infinite, for ∞ − ∞ is NaN; then [`at_infinity`] has the last word.
fn shift<T: Entry>(most: T) -> T {
    if most.is_finite() { most } else { T::from_f64(0.0) }
}

/// `e ← e^(x − most)`; their sum.
fn exponentials<T: Entry>(x: &[T], most: T, e: &mut [T]) -> f64 {
    e.iter_mut().zip(x).for_each(|(e, &x)| *e = x - most);
    exp(e);
    sum(e).to_f64()
}

/// For each of a few rows that fit a block: `e ← e^(x − most)`; the largest, and the sum of the exponentials.
fn few_rows<T: Entry>(x: &[T], e: &mut [T], length: usize, found: &mut Vec<(T, f64)>) {
    found.clear();
    for (x, e) in x.chunks(length).zip(e.chunks_mut(length)) {
        let most = largest(x);
        let by = shift(most);
        e.iter_mut().zip(x).for_each(|(e, &x)| *e = x - by);
        found.push((most, 0.0));
    }
    exp(e);
    found.iter_mut().zip(e.chunks(length)).for_each(|((_, total), e)| *total = sum(e).to_f64());
}

/// A row of [`softmax`] from its exponentials in `y`, or of [`log_softmax`].
#[inline(always)]
fn finish<T: Entry>(form: Form, x: &[T], y: &mut [T], most: T, total: f64) {
    if !most.is_finite() {
        return at_infinity(form, x, y, most);
    }
    match form {
        Form::Softmax => {
            let factor = T::from_f64(1.0 / total);
            y.iter_mut().for_each(|y| *y = *y * factor);
        }
        Form::LogSoftmax => {
            let log = T::from_f64(total.ln());
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - most) - log);
        }
    }
}

/// A row whose largest entry is infinite: the entries that are +∞ share equally. Where all are −∞, and where one is NaN, it is NaN.
#[cold]
fn at_infinity<T: Entry>(form: Form, x: &[T], y: &mut [T], most: T) {
    let count = x.iter().filter(|&&x| x == most).count() as f64;
    let (share, rest) = match form {
        Form::Softmax => (1.0 / count, 0.0),
        Form::LogSoftmax => (-count.ln(), f64::NEG_INFINITY),
    };
    let undefined = most.to_f64() == f64::NEG_INFINITY || x.iter().any(|x| x.to_f64().is_nan());
    let value = |x: T| {
        if undefined {
            f64::NAN
        } else if x == most {
            share
        } else {
            rest
        }
    };
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = T::from_f64(value(x)));
}

/// ln of a sum of exponentials.
fn logarithm<T: Entry>(x: &[T], most: T, total: f64) -> T {
    if most.is_finite() {
        return T::from_f64(most.to_f64() + total.ln());
    }
    if x.iter().any(|x| x.to_f64().is_nan()) { T::from_f64(f64::NAN) } else { most }
}

/// Rows of neighbouring entries.
fn normalised_rows<T: Entry>(form: Form, x: &[T], y: &mut [T], length: usize) {
    if length > BLOCK {
        for (x, y) in x.chunks(length).zip(y.chunks_mut(length)) {
            let most = largest(x);
            let blocks = x.chunks(BLOCK).zip(y.chunks_mut(BLOCK));
            let total = blocks.map(|(x, e)| exponentials(x, shift(most), e)).sum();
            finish(form, x, y, most, total);
        }
        return;
    }
    let mut found = Vec::new();
    let block = BLOCK / length * length;
    for (x, y) in x.chunks(block).zip(y.chunks_mut(block)) {
        few_rows(x, y, length, &mut found);
        for ((x, y), &(most, total)) in x.chunks(length).zip(y.chunks_mut(length)).zip(&found) {
            finish(form, x, y, most, total);
        }
    }
}

/// The largest of each column of rows that lie one behind the other.
fn largest_of_columns<T: Entry>(x: &[T], inner: usize) -> Vec<T> {
    let mut most = vec![T::from_f64(f64::NEG_INFINITY); inner];
    for row in x.chunks(inner) {
        most.iter_mut().zip(row).for_each(|(most, &x)| *most = if x > *most { x } else { *most });
    }
    most
}

/// For some rows: `e ← e^(x − by)` with an own `by` for each column, and the sums of each column's exponentials go to `totals`.
fn exponentials_of_columns<T: Entry>(x: &[T], by: &[T], e: &mut [T], totals: &mut [f64]) {
    let inner = by.len();
    for (x, e) in x.chunks(inner).zip(e.chunks_mut(inner)) {
        e.iter_mut().zip(x).zip(by).for_each(|((e, &x), &by)| *e = x - by);
    }
    exp(e);
    for e in e.chunks(inner) {
        totals.iter_mut().zip(e).for_each(|(total, e)| *total += e.to_f64());
    }
}

fn column<T: Entry>(x: &[T], inner: usize, j: usize) -> Vec<T> {
    x[j..].iter().step_by(inner).copied().collect()
}

/// Columns of `[length, inner]`.
fn normalised_columns<T: Entry>(form: Form, x: &[T], y: &mut [T], inner: usize) {
    let most = largest_of_columns(x, inner);
    let by: Vec<T> = most.iter().map(|&most| shift(most)).collect();
    let mut totals = vec![0.0; inner];
    let block = (BLOCK / inner).max(1) * inner;
    for (x, e) in x.chunks(block).zip(y.chunks_mut(block)) {
        exponentials_of_columns(x, &by, e, &mut totals);
    }
    let turned: Vec<T> = totals
        .iter()
        .map(|&total| T::from_f64(if form == Form::Softmax { 1.0 / total } else { total.ln() }))
        .collect();
    for (x, y) in x.chunks(inner).zip(y.chunks_mut(inner)) {
        match form {
            Form::Softmax => y.iter_mut().zip(&turned).for_each(|(y, &factor)| *y = *y * factor),
            Form::LogSoftmax => {
                let columns = x.iter().zip(&by).zip(&turned);
                y.iter_mut().zip(columns).for_each(|(y, ((&x, &by), &log))| *y = (x - by) - log);
            }
        }
    }
    for j in (0..inner).filter(|&j| !most[j].is_finite()) {
        let mut fixed = column(y, inner, j);
        at_infinity(form, &column(x, inner, j), &mut fixed, most[j]);
        y[j..].iter_mut().step_by(inner).zip(fixed).for_each(|(y, fixed)| *y = fixed);
    }
}

fn normalised(form: Form, a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::new(a, axes);
    with_float!(a, T => {
        let x = lines.array.dense::<T>();
        let mut y = vec![T::default(); x.len()];
        if x.is_empty() {
            // Nothing to do.
        } else if lines.inner == 1 {
            normalised_rows(form, &x, &mut y, lines.length);
        } else {
            let block = lines.length * lines.inner;
            x.chunks(block).zip(y.chunks_mut(block)).for_each(|(x, y)| normalised_columns(form, x, y, lines.inner));
        }
        lines.back(Array::from_vec::<T>(y, lines.array.shape().clone()))
    })
}

/// `eˣ / Σ eˣ` over axes, without overflow; a share below the smallest normal number may be 0. Entries of +∞ share equally; it is NaN where
/// all are −∞ or one is NaN.
///
/// ```
/// use cotangent_kernels::{rows::softmax, Array};
/// let y = softmax(&Array::from_vec(vec![0.0, 0.0, f64::NEG_INFINITY], [3]), &[0]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [0.5, 0.5, 0.0]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn softmax(a: &Array, axes: &[usize]) -> Array {
    normalised(Form::Softmax, a, axes)
}

/// `x − ln Σ eˣ` over axes, without overflow; see [`softmax`].
///
/// ```
/// use cotangent_kernels::{rows::log_softmax, Array};
/// let y = log_softmax(&Array::from_vec(vec![1000.0, 1000.0], [2]), &[0]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [-std::f64::consts::LN_2; 2]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn log_softmax(a: &Array, axes: &[usize]) -> Array {
    normalised(Form::LogSoftmax, a, axes)
}

/// `ln Σ eˣ` over axes, without overflow; −∞ of nothing and where all are −∞.
///
/// ```
/// use cotangent_kernels::{rows::logsumexp, Array};
/// let y = logsumexp(&Array::from_vec(vec![1000.0, 1000.0], [2]), &[0]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1000.0 + std::f64::consts::LN_2]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn logsumexp(a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::new(a, axes);
    let (length, inner) = (lines.length, lines.inner);
    with_float!(a, T => {
        let x = lines.array.dense::<T>();
        let mut y = vec![<T as Float>::from_f64(f64::NEG_INFINITY); lines.count()];
        if x.is_empty() {
            // Nothing to do.
        } else if inner > 1 {
            let mut scratch = vec![T::default(); BLOCK.max(inner)];
            let block = BLOCK.max(inner) / inner * inner;
            for (x, y) in x.chunks(length * inner).zip(y.chunks_mut(inner)) {
                let most = largest_of_columns(x, inner);
                let by: Vec<T> = most.iter().map(|&most| shift(most)).collect();
                let mut totals = vec![0.0; inner];
                for x in x.chunks(block) {
                    exponentials_of_columns(x, &by, &mut scratch[..x.len()], &mut totals);
                }
                for (j, y) in y.iter_mut().enumerate() {
                    *y = match most[j].is_finite() {
                        true => logarithm(&[], most[j], totals[j]),
                        false => logarithm(&column(x, inner, j), most[j], totals[j]),
                    };
                }
            }
        } else {
            let mut scratch = vec![T::default(); BLOCK];
            let mut found = Vec::new();
            if length > BLOCK {
                for (x, y) in x.chunks(length).zip(&mut y) {
                    let most = largest(x);
                    let each = x.chunks(BLOCK).map(|x| exponentials(x, shift(most), &mut scratch[..x.len()]));
                    let total = each.sum();
                    *y = logarithm(x, most, total);
                }
            } else {
                let rows = BLOCK / length;
                for (x, y) in x.chunks(rows * length).zip(y.chunks_mut(rows)) {
                    few_rows(x, &mut scratch[..x.len()], length, &mut found);
                    for ((x, y), &(most, total)) in x.chunks(length).zip(y).zip(&found) {
                        *y = logarithm(x, most, total);
                    }
                }
            }
        }
        Array::from_vec::<T>(y, lines.reduced)
    })
}

/// `(x − mean) · r` over axes, and `r = 1/√(variance + ε)` with 1 for each of them; the variance is that of all entries, divided by their
/// number.
///
/// ```
/// use cotangent_kernels::{rows::standardize, Array};
/// let (y, r) = standardize(&Array::from_vec(vec![1.0, 3.0, 5.0, 9.0], [2, 2]), &[1], 0.0);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [-1.0, 1.0, -1.0, 1.0]);
/// assert_eq!(r.to_vec::<f64>().unwrap(), [1.0, 0.5]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn standardize(a: &Array, axes: &[usize], epsilon: f64) -> (Array, Array) {
    let lines = Lines::last(a, axes);
    let length = lines.length;
    let kept: Shape =
        (0..a.rank()).map(|axis| if axes.contains(&axis) { 1 } else { a.shape()[axis] }).collect();
    with_float!(a, T => {
        let x = lines.array.dense::<T>();
        let mut y = vec![T::default(); x.len()];
        let mut factors = vec![<T as Float>::from_f64(f64::NAN); lines.count()];
        if length > 0 {
            for ((x, y), r) in x.chunks(length).zip(y.chunks_mut(length)).zip(&mut factors) {
                let mean = <T as Float>::from_f64(sum_of(x, |x| x) / length as f64);
                let variance = sum_of(x, |x| (x - mean) * (x - mean)) / length as f64;
                let factor = <T as Float>::from_f64(1.0 / (variance + epsilon).sqrt());
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) * factor);
                *r = factor;
            }
        }
        (lines.back(Array::from_vec::<T>(y, lines.array.shape().clone())), Array::from_vec::<T>(factors, kept))
    })
}

/// `√Σ x²` over axes, without overflow or underflow on the way; 0 of nothing.
///
/// ```
/// use cotangent_kernels::{rows::norm2, Array};
/// let large = f64::MAX / 8.0;
/// let y = norm2(&Array::from_vec(vec![3.0 * large, 4.0 * large], [2]), &[0]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [5.0 * large]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn norm2(a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::last(a, axes);
    with_float!(a, T => {
        let x = lines.array.dense::<T>();
        let each = |i: usize| <T as Float>::from_f64(euclidean(&x[i * lines.length..(i + 1) * lines.length]));
        Array::from_vec::<T>((0..lines.count()).map(each).collect(), lines.reduced)
    })
}

/// Sums of squares below this may have lost some to underflow.
const SMALL: f64 = 1e-270;

fn euclidean<T: Entry>(row: &[T]) -> f64 {
    // In f64 the squares of f32 neither overflow nor underflow.
    let squares = |by: f64| -> f64 {
        let square = |x: &T| (x.to_f64() / by) * (x.to_f64() / by);
        let blocks = row.chunks(BLOCK).map(|x| fold(x, 0.0, |sum, x| sum + square(&x), |a, b| a + b));
        blocks.sum()
    };
    let plain = squares(1.0);
    if (SMALL..f64::INFINITY).contains(&plain) {
        return plain.sqrt();
    }
    let most = row.iter().fold(0.0_f64, |most, x| most.max(x.to_f64().abs()));
    if plain.is_nan() || most == 0.0 || most == f64::INFINITY {
        return plain.sqrt();
    }
    // The power of two below it: dividing by that rounds nothing.
    let by = f64::from_bits(most.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE);
    by * squares(by).sqrt()
}

/// Sums over axes that keep what each addition rounds away and add it in the end: the error is about one rounding of the result, whatever
/// cancels. (O. Møller, "Quasi double-precision in floating point addition", BIT 5, 1965; A. Neumaier, ZAMM 54, 1974.)
///
/// ```
/// use cotangent_kernels::{rows::sum_compensated, Array};
/// let y = sum_compensated(&Array::from_vec(vec![1.0, 1e100, 1.0, -1e100], [4]), &[0]);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [2.0]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are not floats.
pub fn sum_compensated(a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::last(a, axes);
    with_float!(a, T => {
        let x = lines.array.dense::<T>();
        let each = |i: usize| compensated(&x[i * lines.length..(i + 1) * lines.length]);
        Array::from_vec::<T>((0..lines.count()).map(each).collect(), lines.reduced)
    })
}

fn compensated<T: Entry>(row: &[T]) -> T {
    let zero = T::from_f64(0.0);
    // What an addition rounds away, exactly (Knuth): no branch, so that lanes go side by side.
    let join = |(a, lost_a): (T, T), (b, lost_b): (T, T)| {
        let sum = a + b;
        let part = sum - a;
        (sum, (lost_a + lost_b) + ((a - (sum - part)) + (b - part)))
    };
    let (sum, lost) = fold(row, (zero, zero), |state, x| join(state, (x, zero)), join);
    // After an overflow the correction is ∞ − ∞; the sum itself is right.
    if sum.is_finite() { sum + lost } else { sum }
}
