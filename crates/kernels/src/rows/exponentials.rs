//! Exponentials of entries relative to their sum, and the logarithm of that.
//!
//! The largest entry of each row is taken out first. `[outer, length, inner]`: where `inner` is 1, rows lie one behind the other and are shared
//! out; else columns are worked on row by row, and the rows shared out.

use super::fold::{each, largest, sum};
use super::{BLOCK, CHUNK, Entry, several_rows};
use crate::array::Array;
use crate::lines::{Lines, with_float};
use crate::map::arithmetic::Arithmetic;
use crate::map::{Float, Kernel};
use crate::simd::{self, Job};
use crate::threads;

/// Which of the functions of a row that take exponentials.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Softmax,
    LogSoftmax,
}

#[derive(Clone, Copy)]
struct Exp;

impl Kernel<1> for Exp {
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        x.exp()
    }
}

/// `e^x` of each number of a slice; 0 below the smallest normal number.
#[inline(always)]
fn exp<A: Arithmetic, T: Entry>(values: &mut [T]) {
    values.iter_mut().for_each(|x| *x = T::lanes::<A, true, 1, _>(Exp, [*x]));
}

/// The largest entry of a row, or 0 if it is infinite, for ∞ − ∞ is NaN; then [`at_infinity`] has the last word.
#[inline(always)]
fn shift<T: Entry>(most: T) -> T {
    if most.is_finite() { most } else { T::ZERO }
}

/// `e ← e^(x − by)`; their sum.
#[inline(always)]
fn exponentials<A: Arithmetic, T: Entry>(x: &[T], by: T, e: &mut [T]) -> f64 {
    let mut total = 0.0;
    for (x, e) in x.chunks(BLOCK).zip(e.chunks_mut(BLOCK)) {
        each(x, e, |x, _| x - by);
        exp::<A, T>(e);
        total += sum(e).to_f64();
    }
    total
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
            each(x, y, |_, y| y * factor);
        }
        Form::LogSoftmax => {
            let log = T::from_f64(total.ln());
            each(x, y, |x, _| (x - most) - log);
        }
    }
}

/// A row whose largest entry is infinite: the entries that are +∞ share equally. Where all are −∞, and where one is NaN, it is NaN.
#[cold]
#[inline(never)]
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

/// Who has the last word on a row, given its exponentials `e`, its largest entry and their total. No closure: it must be inlined into the loops
/// that are compiled for each kind of vectors.
trait OnRow<T> {
    fn finish(&mut self, i: usize, x: &[T], e: &mut [T], most: T, total: f64);
}

impl<T: Entry> OnRow<T> for Form {
    #[inline(always)]
    fn finish(&mut self, _: usize, x: &[T], e: &mut [T], most: T, total: f64) {
        finish(*self, x, e, most, total);
    }
}

/// Writes the logarithm of each row's total.
struct Logarithms<'a, T>(&'a mut [T]);

impl<T: Entry> OnRow<T> for Logarithms<'_, T> {
    #[inline(always)]
    fn finish(&mut self, i: usize, x: &[T], _: &mut [T], most: T, total: f64) {
        self.0[i] = logarithm(x, most, total);
    }
}

/// Some rows of neighbouring entries: each one's exponentials go to `e`, a block of whole rows at a time or a long row.
struct Rows<'a, T, L> {
    x: &'a [T],
    e: &'a mut [T],
    /// `e` has only room for a block (or a row longer than that): it is used again and again.
    scratch: bool,
    length: usize,
    last: L,
}

impl<T: Entry, L: OnRow<T>> Job for Rows<'_, T, L> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(mut self) {
        let length = self.length;
        let many = (BLOCK / length).max(1);
        let mut most_of = [T::ZERO; BLOCK];
        for (i, x) in self.x.chunks(many * length).enumerate() {
            let start = if self.scratch { 0 } else { i * many * length };
            let e = &mut self.e[start..start + x.len()];
            if length > BLOCK {
                let most = largest(x);
                let total = exponentials::<A, T>(x, shift(most), e);
                self.last.finish(i, x, e, most, total);
                continue;
            }
            // The exponentials of a block at once: a short row is no loop.
            for ((x, e), most) in x.chunks_exact(length).zip(e.chunks_exact_mut(length)).zip(&mut most_of) {
                *most = largest(x);
                let by = shift(*most);
                each(x, e, |x, _| x - by);
            }
            exp::<A, T>(e);
            let rows = x.chunks_exact(length).zip(e.chunks_exact_mut(length)).zip(&most_of);
            for (j, ((x, e), &most)) in rows.enumerate() {
                let total = sum(e).to_f64();
                self.last.finish(i * many + j, x, e, most, total);
            }
        }
    }
}

/// A long row that several threads share: `e ← e^(x − most)`; the largest, and the total.
struct Part<'a, T> {
    x: &'a [T],
    by: T,
    e: &'a mut [T],
}

impl<T: Entry> Job for Part<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        exponentials::<A, T>(self.x, self.by, self.e)
    }
}

struct Largest<'a, T>(&'a [T]);

impl<T: Entry> Job for Largest<'_, T> {
    type Output = T;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> T {
        largest(self.0)
    }
}

struct Finish<'a, T> {
    form: Form,
    x: &'a [T],
    y: &'a mut [T],
    most: T,
    total: f64,
}

impl<T: Entry> Job for Finish<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        finish(self.form, self.x, self.y, self.most, self.total);
    }
}

/// The largest of a row, cut for several threads.
fn largest_of_long<T: Entry>(x: &[T]) -> T {
    let part = |i: usize| simd::dispatch(Largest(&x[i * CHUNK..((i + 1) * CHUNK).min(x.len())]));
    largest(&threads::collect(x.len().div_ceil(CHUNK), part))
}

/// Rows of neighbouring entries.
fn normalised_rows<T: Entry>(form: Form, x: &[T], y: &mut [T], length: usize) {
    if length <= CHUNK {
        let many = several_rows(length);
        threads::chunks(y, many, |i, y| {
            let x = &x[i * many..i * many + y.len()];
            simd::dispatch(Rows { x, e: y, scratch: false, length, last: form });
        });
        return;
    }
    for (x, y) in x.chunks(length).zip(y.chunks_mut(length)) {
        let most = largest_of_long(x);
        let part = |i: usize| &x[i * CHUNK..((i + 1) * CHUNK).min(length)];
        let totals =
            threads::chunks_collect(y, CHUNK, |i, e| simd::dispatch(Part { x: part(i), by: shift(most), e }));
        if !most.is_finite() {
            at_infinity(form, x, y, most);
            continue;
        }
        let total = totals.iter().sum();
        threads::chunks(y, CHUNK, |i, y| simd::dispatch(Finish { form, x: part(i), y, most, total }));
    }
}

/// Some rows of `[length, inner]`: what is done to each column.
struct Columns<'a, T, F> {
    x: &'a [T],
    y: &'a mut [T],
    inner: usize,
    work: F,
}

/// What [`Columns`] does, compiled for each kind of vectors.
trait OnColumns<T> {
    fn call<A: Arithmetic>(&mut self, x: &[T], y: &mut [T], inner: usize);
}

impl<T: Entry, F: OnColumns<T>> Job for Columns<'_, T, F> {
    type Output = F;
    #[inline(always)]
    fn run<A: Arithmetic>(mut self) -> F {
        self.work.call::<A>(self.x, self.y, self.inner);
        self.work
    }
}

/// The largest of each column.
struct Most<T>(Vec<T>);

impl<T: Entry> OnColumns<T> for Most<T> {
    #[inline(always)]
    fn call<A: Arithmetic>(&mut self, x: &[T], _y: &mut [T], inner: usize) {
        let larger = |most: T, x: T| if x > most { x } else { most };
        // Two rows at a time: a single comparison that keeps what is there becomes a store under a mask.
        for rows in x.chunks(2 * inner) {
            let (a, b) = rows.split_at(inner);
            if b.is_empty() {
                self.0.iter_mut().zip(a).for_each(|(most, &x)| *most = larger(*most, x));
            } else {
                self.0
                    .iter_mut()
                    .zip(a.iter().zip(b))
                    .for_each(|(most, (&a, &b))| *most = larger(larger(*most, a), b));
            }
        }
    }
}

/// `y ← e^(x − by)` with an own `by` for each column, and the sums of each column's exponentials.
struct Totals<'a, T> {
    by: &'a [T],
    totals: Vec<f64>,
    /// `y` has room for a block only: it is used again and again.
    scratch: bool,
}

impl<T: Entry> OnColumns<T> for Totals<'_, T> {
    #[inline(always)]
    fn call<A: Arithmetic>(&mut self, x: &[T], y: &mut [T], inner: usize) {
        let many = (BLOCK / inner).max(1) * inner;
        for (i, x) in x.chunks(many).enumerate() {
            let start = if self.scratch { 0 } else { i * many };
            let e = &mut y[start..start + x.len()];
            for (x, e) in x.chunks_exact(inner).zip(e.chunks_exact_mut(inner)) {
                e.iter_mut().zip(x).zip(self.by).for_each(|((e, &x), &by)| *e = x - by);
            }
            exp::<A, T>(e);
            for e in e.chunks_exact(inner) {
                self.totals.iter_mut().zip(e).for_each(|(total, e)| *total += e.to_f64());
            }
        }
    }
}

/// The last word on each entry, with what was found for its column.
struct Last<'a, T> {
    form: Form,
    by: &'a [T],
    /// 1/total or ln total.
    turned: &'a [T],
}

impl<T: Entry> OnColumns<T> for Last<'_, T> {
    #[inline(always)]
    fn call<A: Arithmetic>(&mut self, x: &[T], y: &mut [T], inner: usize) {
        for (x, y) in x.chunks_exact(inner).zip(y.chunks_exact_mut(inner)) {
            match self.form {
                Form::Softmax => y.iter_mut().zip(self.turned).for_each(|(y, &factor)| *y = *y * factor),
                Form::LogSoftmax => {
                    let columns = x.iter().zip(self.by).zip(self.turned);
                    y.iter_mut().zip(columns).for_each(|(y, ((&x, &by), &log))| *y = (x - by) - log);
                }
            }
        }
    }
}

/// So many of these entries, in rows of columns, one thread takes at a time: a sixteenth, for whoever joins what is found of each part is alone
/// with it.
fn several(size: usize, inner: usize) -> usize {
    ((size / 16).clamp(CHUNK, 8 * CHUNK) / inner).max(1) * inner
}

/// The largest of each column of rows that lie one behind the other, cut for several threads.
fn largest_of_columns<T: Entry>(x: &[T], inner: usize) -> Vec<T> {
    let many = several(x.len(), inner);
    let start = || Most(vec![T::from_f64(f64::NEG_INFINITY); inner]);
    let mut parts = threads::collect(x.len().div_ceil(many), |i| {
        let x = &x[i * many..((i + 1) * many).min(x.len())];
        simd::dispatch(Columns { x, y: &mut [], inner, work: start() }).0
    });
    let first = parts.pop().unwrap_or_else(|| start().0);
    let join = |mut most: Vec<T>, part: Vec<T>| {
        most.iter_mut().zip(part).for_each(|(most, x)| *most = if x > *most { x } else { *most });
        most
    };
    parts.into_iter().fold(first, join)
}

fn add_up(parts: Vec<Vec<f64>>, inner: usize) -> Vec<f64> {
    let mut totals = vec![0.0; inner];
    parts.iter().for_each(|part| totals.iter_mut().zip(part).for_each(|(total, part)| *total += part));
    totals
}

fn column<T: Entry>(x: &[T], inner: usize, j: usize) -> Vec<T> {
    x[j..].iter().step_by(inner).copied().collect()
}

/// Columns of `[length, inner]`.
fn normalised_columns<T: Entry>(form: Form, x: &[T], y: &mut [T], inner: usize) {
    let most = largest_of_columns(x, inner);
    let by: Vec<T> = most.iter().map(|&most| shift(most)).collect();
    let many = several(x.len(), inner);
    let part = |i: usize| &x[i * many..((i + 1) * many).min(x.len())];
    let parts = threads::chunks_collect(y, many, |i, y| {
        let work = Totals { by: &by, totals: vec![0.0; inner], scratch: false };
        simd::dispatch(Columns { x: part(i), y, inner, work }).totals
    });
    let turn = |&total: &f64| T::from_f64(if form == Form::Softmax { 1.0 / total } else { total.ln() });
    let turned: Vec<T> = add_up(parts, inner).iter().map(turn).collect();
    threads::chunks(y, many, |i, y| {
        let work = Last { form, by: &by, turned: &turned };
        simd::dispatch(Columns { x: part(i), y, inner, work });
    });
    for j in (0..inner).filter(|&j| !most[j].is_finite()) {
        let mut fixed = column(y, inner, j);
        at_infinity(form, &column(x, inner, j), &mut fixed, most[j]);
        y[j..].iter_mut().step_by(inner).zip(fixed).for_each(|(y, fixed)| *y = fixed);
    }
}

fn normalised(form: Form, a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::new(a, axes);
    with_float!(a, T => {
        let array = lines.array.contiguous();
        let x = array.dense::<T>();
        lines.back(Array::build(array.shape().clone(), |y: &mut [T]| {
            if x.is_empty() {
                // Nothing to do.
            } else if lines.inner == 1 {
                normalised_rows(form, &x, y, lines.length);
            } else {
                let block = lines.length * lines.inner;
                let blocks = x.chunks(block).zip(y.chunks_mut(block));
                blocks.for_each(|(x, y)| normalised_columns(form, x, y, lines.inner));
            }
        }))
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

/// [`logsumexp`] of rows of neighbouring entries.
fn logarithms_of_rows<T: Entry>(x: &[T], y: &mut [T], length: usize) {
    if length <= CHUNK {
        let many = (CHUNK / length).max(1);
        threads::chunks(y, many, |i, y| {
            let x = &x[i * many * length..][..y.len() * length];
            let mut scratch = vec![T::ZERO; BLOCK.max(length)];
            simd::dispatch(Rows { x, e: &mut scratch, scratch: true, length, last: Logarithms(y) });
        });
        return;
    }
    for (x, y) in x.chunks(length).zip(y) {
        let most = largest_of_long(x);
        let totals = threads::collect(length.div_ceil(CHUNK), |i| {
            let x = &x[i * CHUNK..((i + 1) * CHUNK).min(length)];
            let mut scratch = vec![T::ZERO; x.len()];
            simd::dispatch(Part { x, by: shift(most), e: &mut scratch })
        });
        *y = logarithm(x, most, totals.iter().sum());
    }
}

/// [`logsumexp`] of the columns of `[length, inner]`.
fn logarithms_of_columns<T: Entry>(x: &[T], y: &mut [T], inner: usize) {
    let most = largest_of_columns(x, inner);
    let by: Vec<T> = most.iter().map(|&most| shift(most)).collect();
    let many = several(x.len(), inner);
    let parts = threads::collect(x.len().div_ceil(many), |i| {
        let x = &x[i * many..((i + 1) * many).min(x.len())];
        let mut scratch = vec![T::ZERO; BLOCK.max(inner)];
        let work = Totals { by: &by, totals: vec![0.0; inner], scratch: true };
        simd::dispatch(Columns { x, y: &mut scratch, inner, work }).totals
    });
    let totals = add_up(parts, inner);
    for (j, y) in y.iter_mut().enumerate() {
        *y = match most[j].is_finite() {
            true => logarithm(&[], most[j], totals[j]),
            false => logarithm(&column(x, inner, j), most[j], totals[j]),
        };
    }
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
        let array = lines.array.contiguous();
        let x = array.dense::<T>();
        Array::build(lines.reduced.clone(), |y: &mut [T]| {
            if x.is_empty() {
                y.fill(T::from_f64(f64::NEG_INFINITY));
            } else if inner == 1 {
                logarithms_of_rows(&x, y, length);
            } else {
                let blocks = x.chunks(length * inner).zip(y.chunks_mut(inner));
                blocks.for_each(|(x, y)| logarithms_of_columns(x, y, inner));
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Element;

    /// A row that is cut for threads, and rows and columns that are not, against sums in `f64`.
    #[test]
    fn long_rows_and_columns() {
        for (rows, length) in [(1, CHUNK + 777), (3, 2000), (70, 33), (5, 1)] {
            let value = |i: usize| ((i * 37 % 101) as f64 - 50.0) / 8.0;
            let x: Vec<f64> = (0..rows * length).map(value).collect();
            let a = Array::from_vec(x.clone(), [rows, length]);
            let y = softmax(&a, &[1]).to_vec::<f64>().unwrap();
            let turned = softmax(&a.permute(&[1, 0]).contiguous(), &[0]);
            let turned = turned.permute(&[1, 0]).to_vec::<f64>().unwrap();
            let logs = logsumexp(&a, &[1]).to_vec::<f64>().unwrap();
            for (i, row) in x.chunks(length).enumerate() {
                let total: f64 = row.iter().map(|x| x.exp()).sum();
                assert!((logs[i] - total.ln()).abs() < 1e-12 * total.ln().abs().max(1.0), "{rows}×{length}");
                for (j, x) in row.iter().enumerate() {
                    let expected = x.exp() / total;
                    for y in [y[i * length + j], turned[i * length + j]] {
                        assert!(
                            (y - expected).abs() <= 1e-13 * expected,
                            "{rows}×{length}: {y} for {expected}"
                        );
                    }
                }
            }
        }
    }

    /// If it were not found, eˣ would be infinite.
    #[test]
    fn the_largest_is_found_wherever_it_is() {
        fn check<T: Entry + Element + PartialEq + std::fmt::Debug>(length: usize) {
            for at in 0..length {
                let value = |i: usize| T::from_f64(if i == at { 3000.0 } else { (i % 7) as f64 });
                let x: Vec<T> = (0..length).map(value).collect();
                let share = |i: usize| T::from_f64(if i == at { 1.0 } else { 0.0 });
                let shares: Vec<T> = (0..length).map(share).collect();
                let y = softmax(&Array::from_vec(x.clone(), [length]), &[0]).to_vec::<T>().unwrap();
                assert_eq!(y, shares, "{length}, {at}");
                // The same in the second of two columns, the first without a large one.
                let columns: Vec<T> = x.iter().flat_map(|&x| [T::ZERO, x]).collect();
                let y = softmax(&Array::from_vec(columns, [length, 2]), &[0]).to_vec::<T>().unwrap();
                assert_eq!(y.into_iter().skip(1).step_by(2).collect::<Vec<T>>(), shares, "{length}, {at}");
            }
        }
        for length in [1, 2, 3, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 131, 255, 256, 259, 515] {
            check::<f32>(length);
            check::<f64>(length);
        }
    }

    #[test]
    fn bits_do_not_depend_on_the_threads() {
        let x: Vec<f32> = (0..200_000).map(|i| ((i * 7919 % 1009) as f32 - 500.0) / 90.0).collect();
        for shape in [[1, 200_000], [400, 500], [200_000, 1]] {
            let a = Array::from_vec(x.clone(), shape);
            for axis in [0, 1] {
                let run = |n| threads::with(n, || (softmax(&a, &[axis]), logsumexp(&a, &[axis])));
                let ((y, log), (y2, log2)) = (run(1), run(3));
                assert_eq!(y.to_vec::<f32>(), y2.to_vec::<f32>());
                assert_eq!(log.to_vec::<f32>(), log2.to_vec::<f32>());
            }
        }
    }
}
