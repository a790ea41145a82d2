//! Euclidean norms at any scale, and compensated sums.

use super::fold::{LANES, fold, sum_of};
use super::{BLOCK, CHUNK, Entry};
use crate::array::Array;
use crate::lanes::in_lanes;
use crate::lines::{Lines, with_float};
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;

/// A number for each row, on several threads; `row` runs in code that is compiled for each kind of vectors.
fn each_row<T: Entry, F: OnRow<T>>(a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::last(a, axes);
    let array = lines.array.contiguous();
    let x = array.dense::<T>();
    let length = lines.length;
    let many = (CHUNK / length.max(1)).max(1);
    Array::build(lines.reduced, |y: &mut [T]| {
        threads::chunks(y, many, |i, y| {
            for (j, y) in y.iter_mut().enumerate() {
                let row = i * many + j;
                *y = F::whole(&x[row * length..(row + 1) * length]);
            }
        });
    })
}

/// What [`each_row`] makes of a row: parts of it side by side, and then one of all.
trait OnRow<T: Entry> {
    fn whole(row: &[T]) -> T;
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
    with_float!(a, T => each_row::<T, Norm>(a, axes))
}

struct Norm;

impl<T: Entry> OnRow<T> for Norm {
    fn whole(row: &[T]) -> T {
        T::from_f64(euclidean(row))
    }
}

/// Sums of squares below this may have lost some to underflow.
const SMALL: f64 = 1e-270;

/// The sum of squares in `f64`, each entry times a power of two; in `f64` the squares of `f32` neither overflow nor underflow.
struct Squares<'a, T>(&'a [T], f64);

impl<T: Entry> Job for Squares<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        let square = |x: T| (x.to_f64() * self.1) * (x.to_f64() * self.1);
        let mut total = 0.0;
        for x in self.0.chunks(BLOCK) {
            total += fold(x, 0.0, |sum, x| sum + square(x), |a, b| a + b);
        }
        total
    }
}

/// Sums of squares in the type of the entries that are between these have lost nothing that counts to overflow or underflow.
fn safe<T: Entry>() -> std::ops::Range<f64> {
    if size_of::<T>() == 4 { 1e-20..1e38 } else { SMALL..f64::INFINITY }
}

/// The sum of squares as they are, blocks in lanes.
struct Plain<'a, T>(&'a [T]);

impl<T: Entry> Job for Plain<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        sum_of(self.0, |x| x * x)
    }
}

/// The sum that a job gives of a row, a long one in chunks.
fn total<'a, T: Entry, J: Job<Output = f64>>(row: &'a [T], job: impl Fn(&'a [T]) -> J + Sync) -> f64 {
    if row.len() <= CHUNK {
        return simd::dispatch(job(row));
    }
    let part = |i: usize| simd::dispatch(job(&row[i * CHUNK..((i + 1) * CHUNK).min(row.len())]));
    threads::collect(row.len().div_ceil(CHUNK), part).iter().sum()
}

fn euclidean<T: Entry>(row: &[T]) -> f64 {
    let short = total(row, Plain);
    if safe::<T>().contains(&short) {
        return short.sqrt();
    }
    let squares = |by: f64| total(row, move |x| Squares(x, by));
    let plain = squares(1.0);
    if (SMALL..f64::INFINITY).contains(&plain) {
        return plain.sqrt();
    }
    let most = row.iter().fold(0.0_f64, |most, x| most.max(x.to_f64().abs()));
    if plain.is_nan() || most == 0.0 || most == f64::INFINITY {
        return plain.sqrt();
    }
    // The power of two below it: dividing by that rounds nothing, and its reciprocal is a power of two that is not subnormal unless the
    // largest entry is near the end of the range.
    let by = f64::from_bits(most.to_bits() & f64::INFINITY.to_bits())
        .clamp(f64::MIN_POSITIVE, 1.0 / f64::MIN_POSITIVE);
    by * squares(1.0 / by).sqrt()
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
    with_float!(a, T => each_row::<T, Compensated>(a, axes))
}

struct Compensated;

/// A sum, and what its additions have rounded away.
type Sum<T> = (T, T);

/// What an addition rounds away, exactly (Knuth): no branch, so that lanes go side by side.
#[inline(always)]
fn join<T: Entry>((a, lost_a): Sum<T>, (b, lost_b): Sum<T>) -> Sum<T> {
    let sum = a + b;
    let part = sum - a;
    (sum, (lost_a + lost_b) + ((a - (sum - part)) + (b - part)))
}

struct Part<'a, T>(&'a [T]);

impl<T: Entry> Job for Part<'_, T> {
    type Output = Sum<T>;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Sum<T> {
        // Few lanes, and what is left over last of all: a state has room for one correction, so the less it is given at once, the better.
        let (even, rest) = self.0.split_at(self.0.len() / LANES * LANES);
        let step = |state, x| join(state, (x, T::ZERO));
        let state = in_lanes::<T, Sum<T>, LANES>(even, (T::ZERO, T::ZERO), step, join);
        rest.iter().fold(state, |state, &x| step(state, x))
    }
}

impl<T: Entry> OnRow<T> for Compensated {
    fn whole(row: &[T]) -> T {
        let part = |i: usize| simd::dispatch(Part(&row[i * CHUNK..((i + 1) * CHUNK).min(row.len())]));
        let parts = threads::collect(row.len().div_ceil(CHUNK), part);
        let (sum, lost) = parts.into_iter().reduce(join).unwrap_or((T::ZERO, T::ZERO));
        // After an overflow the correction is ∞ − ∞; the sum itself is right.
        if sum.is_finite() { sum + lost } else { sum }
    }
}
