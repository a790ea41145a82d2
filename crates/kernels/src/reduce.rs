//! Reductions over axes: sums and maxima.
//!
//! An array is seen as `[outer, length, inner]`, the middle axis going. Rows (`inner` is 1) are folded in lanes, columns row by row; long
//! ones in halves of halves, so that the error of a sum grows with the logarithm of its length. Where it is cut depends on the shape alone.

use crate::array::store::Store;
use crate::array::{Array, Element, Shape, with_dtype};
use crate::lanes::in_lanes;
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;
use std::marker::PhantomData;

/// A number that can be summed and ordered.
trait Number: Element {
    fn plus(self, other: Self) -> Self;
    /// The larger; NaN if either is.
    fn larger(self, other: Self) -> Self;
    #[inline(always)]
    #[expect(clippy::eq_op)]
    fn is_nan(self) -> bool {
        self != self
    }
    /// The largest of a run that is not empty.
    fn largest(values: &[Self]) -> Self;
}

/// The largest of floats. A comparison keeps what is there when it meets NaN; whether it met any is found out two at a time, for which
/// processors have an instruction.
#[inline(always)]
fn largest<T: Number, const N: usize>(values: &[T]) -> T {
    if values.len() < 2 * N {
        return in_lanes::<T, T, 8>(values, values[0], T::larger, T::larger);
    }
    let mut most = [values[0]; N];
    let mut nan = [0_u32; N];
    let mut start = 0;
    while start < values.len() {
        // Those left over are taken together with some that have been seen: it does not matter how often.
        start = start.min(values.len() - 2 * N);
        let (a, b) = values[start..start + 2 * N].split_at(N);
        for i in 0..N {
            let larger = if a[i] > most[i] { a[i] } else { most[i] };
            most[i] = if b[i] > larger { b[i] } else { larger };
            nan[i] |= u32::from(Number::is_nan(a[i]) | Number::is_nan(b[i])).wrapping_neg();
        }
        start += 2 * N;
    }
    let or = |a, b| a | b;
    if in_lanes::<u32, u32, N>(&nan, 0, or, or) > 0 {
        return values.iter().copied().find(|&x| Number::is_nan(x)).unwrap_or(values[0]);
    }
    let larger = |a, b| if b > a { b } else { a };
    in_lanes::<T, T, N>(&most, most[0], larger, larger)
}

macro_rules! number {
    ($($t:ty: $plus:expr, $larger:expr, $largest:expr;)*) => {$(
        impl Number for $t {
            #[inline(always)]
            fn plus(self, other: $t) -> $t {
                $plus(self, other)
            }
            #[inline(always)]
            fn larger(self, other: $t) -> $t {
                $larger(self, other)
            }
            #[inline(always)]
            fn largest(values: &[$t]) -> $t {
                $largest(values)
            }
        }
    )*};
}

number! {
    f32: |a, b| a + b, |a: f32, b: f32| if a.is_nan() || a > b { a } else { b }, largest::<f32, LANES>;
    f64: |a, b| a + b, |a: f64, b: f64| if a.is_nan() || a > b { a } else { b }, largest::<f64, LANES>;
    i32: i32::wrapping_add, i32::max, |x: &[i32]| in_lanes::<_, _, LANES>(x, x[0], i32::max, i32::max);
    i64: i64::wrapping_add, i64::max, |x: &[i64]| in_lanes::<_, _, LANES>(x, x[0], i64::max, i64::max);
    bool: |a, b| a | b, |a, b| a | b, |x: &[bool]| in_lanes::<_, _, LANES>(x, false, |a, b| a | b, |a, b| a | b);
}

/// How two become one.
trait Fold<T>: Sync {
    fn join(a: T, b: T) -> T;
    /// What to begin with, given one of the numbers: joined with it, it leaves it as it is.
    fn start(one: T) -> T;
    /// All of a run that is not empty, side by side.
    fn run(values: &[T]) -> T;
}

/// The sum. Two vectors of sums would not hide how long an addition takes, so long runs have twice as many lanes.
#[inline(always)]
fn total<T: Number>(values: &[T]) -> T {
    const N: usize = 2 * LANES;
    if values.len() < 4 * N {
        return in_lanes::<T, T, LANES>(values, T::default(), T::plus, T::plus);
    }
    let mut lanes = [T::default(); N];
    let mut start = 0;
    while start + N <= values.len() {
        let chunk = &values[start..start + N];
        for i in 0..N {
            lanes[i] = lanes[i].plus(chunk[i]);
        }
        start += N;
    }
    if start < values.len() {
        // The last ones, of which the first have been added already.
        let chunk = &values[values.len() - N..];
        let seen = start + N - values.len();
        for i in 0..N {
            lanes[i] = lanes[i].plus(if i < seen { T::default() } else { chunk[i] });
        }
    }
    in_lanes::<T, T, N>(&lanes, T::default(), T::plus, T::plus)
}

struct Plus;
impl<T: Number> Fold<T> for Plus {
    #[inline(always)]
    fn join(a: T, b: T) -> T {
        a.plus(b)
    }
    #[inline(always)]
    fn start(_one: T) -> T {
        T::default()
    }
    #[inline(always)]
    fn run(values: &[T]) -> T {
        total(values)
    }
}

struct Larger;
impl<T: Number> Fold<T> for Larger {
    #[inline(always)]
    fn join(a: T, b: T) -> T {
        a.larger(b)
    }
    #[inline(always)]
    fn start(one: T) -> T {
        one
    }
    /// The order does not matter, but for which zero is found.
    #[inline(always)]
    fn run(values: &[T]) -> T {
        T::largest(values)
    }
}

/// Numbers folded side by side.
const LANES: usize = 32;
/// Numbers folded without halving: a sum's lane takes 64 of them.
const RUN: usize = 2 * LANES * 64;
/// Rows folded without halving, where columns are.
const ROWS: usize = 32;
/// Numbers of rows that one thread takes at a time.
const CHUNK: usize = 1 << 15;

struct Run<'a, T, F>(&'a [T], PhantomData<F>);

impl<T: Number, F: Fold<T>> Job for Run<'_, T, F> {
    type Output = T;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> T {
        F::run(self.0)
    }
}

/// Rows of one length, each of which is a run: to be told for each what vectors there are would take as long as a fifth of a row.
struct Runs<'a, T, F> {
    values: &'a [T],
    length: usize,
    out: &'a mut [T],
    fold: PhantomData<F>,
}

impl<T: Number, F: Fold<T>> Job for Runs<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        // A plain loop: what iterators call would not be compiled for these vectors.
        for (i, y) in self.out.iter_mut().enumerate() {
            *y = F::run(&self.values[i * self.length..][..self.length]);
        }
    }
}

/// Rows of one length.
fn rows<T: Number, F: Fold<T>>(values: &[T], length: usize, out: &mut [T]) {
    if (FEW + 1..=RUN).contains(&length) {
        return simd::dispatch(Runs { values, length, out, fold: PhantomData::<F> });
    }
    out.iter_mut().zip(values.chunks_exact(length)).for_each(|(y, values)| *y = row::<T, F>(values));
}

/// Few numbers are folded one after another.
const FEW: usize = 16;

/// In halves of halves. The depth of the recursion is the logarithm of the length.
fn halves<T: Number, F: Fold<T>>(values: &[T]) -> T {
    if values.len() <= FEW {
        return values.iter().fold(F::start(values[0]), |sum, &x| F::join(sum, x));
    }
    if values.len() <= RUN {
        return simd::dispatch(Run(values, PhantomData::<F>));
    }
    let half = (values.len() / 2).next_multiple_of(RUN);
    F::join(halves::<T, F>(&values[..half]), halves::<T, F>(&values[half..]))
}

/// The fold of one long row, in chunks.
fn row<T: Number, F: Fold<T>>(values: &[T]) -> T {
    if values.len() <= CHUNK {
        return halves::<T, F>(values);
    }
    let parts = threads::collect(values.len().div_ceil(CHUNK), |i| {
        halves::<T, F>(&values[i * CHUNK..((i + 1) * CHUNK).min(values.len())])
    });
    halves::<T, F>(&parts)
}

/// Rows of one width, which begin so far from each other.
#[derive(Clone, Copy)]
struct Rows<'a, T> {
    values: &'a [T],
    step: usize,
    count: usize,
}

impl<'a, T> Rows<'a, T> {
    /// Those before this one, and the others.
    fn split(self, at: usize) -> (Self, Self) {
        (
            Rows { count: at, ..self },
            Rows { values: &self.values[at * self.step..], count: self.count - at, ..self },
        )
    }
}

struct Columns<'a, T, F> {
    rows: Rows<'a, T>,
    out: &'a mut [T],
    fold: PhantomData<F>,
}

impl<T: Number, F: Fold<T>> Job for Columns<'_, T, F> {
    type Output = ();
    /// Row after row, four of them in a loop: one would be too little work for reading and writing a sum.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let (Rows { values, step, count }, out) = (self.rows, self.out);
        let width = out.len();
        let row = |i: usize| &values[i * step..][..width];
        out.iter_mut().zip(values).for_each(|(sum, &x)| *sum = F::start(x));
        let fours = count / 4 * 4;
        for first in (0..fours).step_by(4) {
            let (a, b, c, d) = (row(first), row(first + 1), row(first + 2), row(first + 3));
            for i in 0..width {
                out[i] = F::join(F::join(F::join(F::join(out[i], a[i]), b[i]), c[i]), d[i]);
            }
        }
        for i in fours..count {
            out.iter_mut().zip(row(i)).for_each(|(sum, &x)| *sum = F::join(*sum, x));
        }
    }
}

/// The columns of these rows, which are as many as `out` is long, in halves of halves of rows.
fn columns<T: Number, F: Fold<T>>(rows: Rows<T>, out: &mut [T]) {
    if rows.count <= ROWS {
        return simd::dispatch(Columns { rows, out, fold: PhantomData::<F> });
    }
    let (first, rest) = rows.split((rows.count / 2).next_multiple_of(ROWS));
    columns::<T, F>(first, out);
    let mut other = Store::open(out.len());
    columns::<T, F>(rest, &mut other);
    out.iter_mut().zip(&other[..]).for_each(|(a, &b)| *a = F::join(*a, b));
}

/// From so many columns on they are shared out, so many at a time, and all rows of them are folded together.
const WIDE: usize = 1 << 16;
const COLUMNS: usize = 1 << 12;
/// Fewer columns are in parts of their rows, a sixteenth of the entries each, but no more than so many: whoever adds these parts up is alone
/// with it.
const PART: usize = 8 * CHUNK;

/// `[length, inner]` to `[inner]`.
fn block<T: Number, F: Fold<T>>(values: &[T], inner: usize, out: &mut [T]) {
    let rows = Rows { values, step: inner, count: values.len() / inner };
    if values.len() <= CHUNK {
        return columns::<T, F>(rows, out);
    }
    let part = (values.len() / 16).clamp(CHUNK, PART);
    let part = (part / inner).max(1).next_multiple_of(ROWS);
    let count = rows.count.div_ceil(part);
    if count == 1 || inner >= WIDE {
        return threads::chunks(out, COLUMNS, |i, out| {
            columns::<T, F>(Rows { values: &values[i * COLUMNS..], ..rows }, out);
        });
    }
    // Pooled, for fresh pages would cost as much as the sums of a part.
    let mut parts = Store::<T>::open(count * inner);
    threads::chunks(&mut parts, inner, |i, out| {
        let rest = rows.split(i * part).1;
        columns::<T, F>(Rows { count: rest.count.min(part), ..rest }, out);
    });
    columns::<T, F>(Rows { values: &parts, step: inner, count }, out);
}

/// Folds the entries over axes; of none of them the result is all `empty`.
fn reduce<T: Number, F: Fold<T>>(a: &Array, axes: &[usize], empty: T) -> Array {
    let kept: Vec<usize> = (0..a.rank()).filter(|axis| !axes.contains(axis)).collect();
    let shape = kept.iter().map(|&axis| a.shape()[axis]).collect::<Shape>();
    let length: usize = axes.iter().map(|&axis| a.shape()[axis]).product();
    if length == 0 {
        return Array::fill(empty.into_item(), shape);
    }
    // Axes of length 1 may go anywhere.
    let among: Vec<usize> = (0..a.rank()).filter(|&axis| a.shape()[axis] != 1).collect();
    let place = |axis: &usize| among.iter().position(|other| other == axis);
    let places: Vec<usize> = axes.iter().filter_map(place).collect();
    let together = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let (array, inner) = if together {
        let after = places.last().map_or(among.len(), |last| last + 1);
        (a.contiguous(), among[after..].iter().map(|&axis| a.shape()[axis]).product())
    } else {
        let order: Vec<usize> = kept.into_iter().chain(axes.iter().copied()).collect();
        (a.permute(&order).contiguous(), 1)
    };
    if shape.size() == 0 {
        return Array::fill(empty.into_item(), shape);
    }
    let values = array.dense::<T>();
    let span = length * inner;
    Array::build(shape, |out| {
        if out.len() == inner && inner == 1 {
            out[0] = row::<T, F>(&values);
        } else if out.len() == inner {
            block::<T, F>(&values, inner, out);
        } else {
            let many = (CHUNK / span).max(1) * inner;
            threads::chunks(out, many, |i, out| {
                let values = &values[i * many * length..][..out.len() * length];
                if inner == 1 {
                    rows::<T, F>(values, length, out);
                } else {
                    let blocks = values.chunks_exact(span);
                    out.chunks_exact_mut(inner)
                        .zip(blocks)
                        .for_each(|(y, values)| block::<T, F>(values, inner, y));
                }
            });
        }
    })
}

/// Sums over axes. Pairwise: an error of about ε·log₂ n. Integers wrap; of bools it is `any`; of nothing it is 0.
///
/// ```
/// use cotangent_kernels::{reduce::sum, Array};
/// let x = Array::from_vec(vec![1, 2, 3, 4], [2, 2]);
/// assert_eq!(sum(&x, &[0]).to_vec::<i32>().unwrap(), [4, 6]);
/// ```
pub fn sum(a: &Array, axes: &[usize]) -> Array {
    if axes.is_empty() {
        return a.clone();
    }
    with_dtype!(a.dtype(), T => reduce::<T, Plus>(a, axes, T::default()))
}

/// The largest over axes; NaN if one is. None if an axis of length 0 leaves nothing to choose from.
///
/// ```
/// use cotangent_kernels::{reduce::max, Array};
/// let x = Array::from_vec(vec![1, 5, 3, 4], [2, 2]);
/// assert_eq!(max(&x, &[1]).unwrap().to_vec::<i32>().unwrap(), [5, 4]);
/// ```
pub fn max(a: &Array, axes: &[usize]) -> Option<Array> {
    if axes.is_empty() {
        return Some(a.clone());
    }
    let reduced = |axis: &usize| !axes.contains(axis);
    let some_left = (0..a.rank()).filter(reduced).all(|axis| a.shape()[axis] > 0);
    if some_left && axes.iter().any(|&axis| a.shape()[axis] == 0) {
        return None;
    }
    Some(with_dtype!(a.dtype(), T => reduce::<T, Larger>(a, axes, T::default())))
}
