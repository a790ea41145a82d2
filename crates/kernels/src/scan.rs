//! Scans: each entry of a result is made of those up to it along an axis.

use crate::array::{Array, Element};
use crate::lanes::in_lanes;
use crate::lines::{Lines, with_float, with_number};
use crate::map::Float;
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;

/// A number with sums and products, and the type in which they are kept while they run: `f64` for `f32`.
trait Number: Element {
    type Running: Copy + Send + Sync;
    const ZERO: Self::Running;
    const ONE: Self::Running;
    fn plus(running: Self::Running, x: Self) -> Self::Running;
    fn times(running: Self::Running, x: Self) -> Self::Running;
    /// The product of two products.
    fn join(a: Self::Running, b: Self::Running) -> Self::Running;
    fn narrow(running: Self::Running) -> Self;
}

macro_rules! float {
    ($($t:ty)*) => {$(
        impl Number for $t {
            type Running = f64;
            const ZERO: f64 = 0.0;
            const ONE: f64 = 1.0;
            #[inline]
            fn plus(running: f64, x: $t) -> f64 {
                running + x as f64
            }
            #[inline(always)]
            fn times(running: f64, x: $t) -> f64 {
                running * x as f64
            }
            #[inline(always)]
            fn join(a: f64, b: f64) -> f64 {
                a * b
            }
            #[inline]
            fn narrow(running: f64) -> $t {
                running as $t
            }
        }
    )*};
}

macro_rules! integer {
    ($($t:ty)*) => {$(
        impl Number for $t {
            type Running = $t;
            const ZERO: $t = 0;
            const ONE: $t = 1;
            #[inline]
            fn plus(running: $t, x: $t) -> $t {
                running.wrapping_add(x)
            }
            #[inline(always)]
            fn times(running: $t, x: $t) -> $t {
                running.wrapping_mul(x)
            }
            #[inline(always)]
            fn join(a: $t, b: $t) -> $t {
                a.wrapping_mul(b)
            }
            #[inline]
            fn narrow(running: $t) -> $t {
                running
            }
        }
    )*};
}

float!(f32 f64);
integer!(i32 i64);

/// Lines that are gone along side by side: each step waits for the one before.
const ABREAST: usize = 4;

/// Goes along each line of `outer` blocks, or backwards, with a state for each of the `inner` lines that lie side by side: `f` gets the state and
/// the position of an entry.
#[inline(always)]
fn along<S: Copy>(
    [outer, length, inner]: [usize; 3],
    reverse: bool,
    start: S,
    mut f: impl FnMut(&mut S, usize, usize),
) {
    let at = |step: usize| if reverse { length - 1 - step } else { step };
    if inner == 1 {
        let together = outer / ABREAST * ABREAST;
        for first in (0..together).step_by(ABREAST) {
            let mut states = [start; ABREAST];
            for i in (0..length).map(at) {
                states.iter_mut().enumerate().for_each(|(j, state)| f(state, (first + j) * length + i, i));
            }
        }
        for outer in together..outer {
            let mut state = start;
            (0..length).map(at).for_each(|i| f(&mut state, outer * length + i, i));
        }
        return;
    }
    let mut states = vec![start; inner];
    for outer in 0..outer {
        states.fill(start);
        for i in (0..length).map(at) {
            let base = (outer * length + i) * inner;
            for (j, state) in states.iter_mut().enumerate() {
                f(state, base + j, i);
            }
        }
    }
}

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 15;

/// Each entry with those before it (or, in reverse, those behind it) folded into one.
fn scan<T: Element, S: Copy + Sync>(
    lines: &Lines,
    reverse: bool,
    start: S,
    step: impl Fn(S, T) -> S + Sync,
    narrow: impl Fn(S) -> T + Sync,
) -> Array {
    let array = lines.array.contiguous();
    let x = array.dense::<T>();
    let block = lines.length * lines.inner;
    lines.back(Array::build(array.shape().clone(), |y: &mut [T]| {
        if y.is_empty() {
            return;
        }
        let many = (CHUNK / block).max(1) * block;
        threads::chunks(y, many, |i, y| {
            let x = &x[i * many..i * many + y.len()];
            along([y.len() / block, lines.length, lines.inner], reverse, start, |state, at, _| {
                *state = step(*state, x[at]);
                y[at] = narrow(*state);
            });
        });
    }))
}

/// Sums of the entries up to each, or from each on. Sums of `f32` run in `f64`; integers wrap.
///
/// ```
/// use cotangent_kernels::{scan::cumsum, Array};
/// let x = Array::from_vec(vec![1, 2, 4], [3]);
/// assert_eq!(cumsum(&x, 0, false).to_vec::<i32>().unwrap(), [1, 3, 7]);
/// assert_eq!(cumsum(&x, 0, true).to_vec::<i32>().unwrap(), [7, 6, 4]);
/// ```
///
/// # Panics
/// If the axis does not exist, or the entries are bools.
pub fn cumsum(a: &Array, axis: usize, reverse: bool) -> Array {
    let lines = Lines::new(a, &[axis]);
    with_number!(a, T => scan(&lines, reverse, T::ZERO, T::plus, T::narrow))
}

/// Products of the entries up to each, or from each on. Products of `f32` run in `f64`; integers wrap.
///
/// ```
/// use cotangent_kernels::{scan::cumprod, Array};
/// let x = Array::from_vec(vec![2.0, 3.0, 0.5], [3]);
/// assert_eq!(cumprod(&x, 0, false).to_vec::<f64>().unwrap(), [2.0, 6.0, 3.0]);
/// ```
///
/// # Panics
/// If the axis does not exist, or the entries are bools.
pub fn cumprod(a: &Array, axis: usize, reverse: bool) -> Array {
    let lines = Lines::new(a, &[axis]);
    with_number!(a, T => scan(&lines, reverse, T::ONE, T::times, T::narrow))
}

/// Factors that are multiplied side by side; then these products are multiplied.
const LANES: usize = 32;

struct Product<'a, T>(&'a [T]);

impl<T: Number> Job for Product<'_, T> {
    type Output = T::Running;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> T::Running {
        in_lanes::<T, T::Running, LANES>(self.0, T::ONE, T::times, T::join)
    }
}

/// The products of some lines.
struct Products<'a, T: Number> {
    x: &'a [T],
    length: usize,
    y: &'a mut [T::Running],
}

impl<T: Number> Job for Products<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (y, line) in self.y.iter_mut().zip(self.x.chunks_exact(self.length)) {
            *y = Product(line).run::<A>();
        }
    }
}

/// The product of a long line, in chunks.
fn product<T: Number>(line: &[T]) -> T::Running {
    let part = |i: usize| simd::dispatch(Product(&line[i * CHUNK..((i + 1) * CHUNK).min(line.len())]));
    threads::collect(line.len().div_ceil(CHUNK), part).into_iter().fold(T::ONE, T::join)
}

/// Products over axes; of nothing it is 1. Products of `f32` run in `f64`; integers wrap.
///
/// ```
/// use cotangent_kernels::{scan::prod, Array};
/// let x = Array::from_vec(vec![2, 3, 4, 5], [2, 2]);
/// assert_eq!(prod(&x, &[1]).to_vec::<i32>().unwrap(), [6, 20]);
/// ```
///
/// # Panics
/// If an axis does not exist, or the entries are bools.
pub fn prod(a: &Array, axes: &[usize]) -> Array {
    let lines = Lines::new(a, axes);
    let (length, inner) = (lines.length, lines.inner);
    with_number!(a, T => {
        let x = lines.array.dense::<T>();
        let mut products = vec![T::ONE; lines.count()];
        if inner == 1 && length > 0 {
            if length > CHUNK {
                products.iter_mut().zip(x.chunks(length)).for_each(|(y, line)| *y = product(line));
            } else {
                let many = CHUNK / length;
                threads::chunks(&mut products, many, |i, y| {
                    let x = &x[i * many * length..][..y.len() * length];
                    simd::dispatch(Products { x, length, y });
                });
            }
            return Array::from_vec::<T>(products.into_iter().map(T::narrow).collect(), lines.reduced);
        }
        for outer in 0..lines.outer {
            let products = &mut products[outer * inner..(outer + 1) * inner];
            for i in 0..length {
                let row = &x[(outer * length + i) * inner..][..inner];
                products.iter_mut().zip(row).for_each(|(product, &x)| *product = T::times(*product, x));
            }
        }
        Array::from_vec::<T>(products.into_iter().map(T::narrow).collect(), lines.reduced)
    })
}

/// `yᵢ = aᵢ·yᵢ₋₁ + bᵢ` along an axis, with nothing before the first; in reverse from the last. The product of a 0 and anything is 0.
///
/// ```
/// use cotangent_kernels::{scan::linear_recurrence, Array};
/// let a = Array::from_vec(vec![9.0, 2.0, 3.0], [3]);
/// let b = Array::from_vec(vec![1.0, 1.0, 1.0], [3]);
/// assert_eq!(linear_recurrence(&a, &b, 0, false).to_vec::<f64>().unwrap(), [1.0, 3.0, 10.0]);
/// ```
///
/// # Panics
/// If the axis does not exist, the types differ, or they are not floats.
pub fn linear_recurrence(a: &Array, b: &Array, axis: usize, reverse: bool) -> Array {
    assert_eq!(a.ty(), b.ty(), "coefficients and summands");
    let lines = Lines::new(b, &[axis]);
    with_float!(b, T => {
        let (a, b) = (a.dense::<T>(), b.dense::<T>());
        let mut y = vec![T::default(); b.len()];
        along([lines.outer, lines.length, lines.inner], reverse, 0.0_f64, |state, at, _| {
            let a = Float::to_f64(a[at]);
            let carried = if a == 0.0 || *state == 0.0 { 0.0 } else { a * *state };
            *state = carried + Float::to_f64(b[at]);
            y[at] = Float::from_f64(*state);
        });
        Array::from_vec::<T>(y, lines.array.shape().clone())
    })
}

/// The largest of the entries up to each (or from each on), or the smallest, and where it stands (`i64`): the first that the scan meets
/// if several are equal. A NaN stays.
///
/// ```
/// use cotangent_kernels::{scan::extreme, Array};
/// let (y, i) = extreme(&Array::from_vec(vec![1, 3, 2], [3]), 0, true, false);
/// assert_eq!((y.to_vec::<i32>().unwrap(), i.to_vec::<i64>().unwrap()), (vec![1, 3, 3], vec![0, 1, 1]));
/// ```
///
/// # Panics
/// If the axis does not exist, or the entries are bools.
#[allow(clippy::eq_op)]
pub fn extreme(a: &Array, axis: usize, largest: bool, reverse: bool) -> (Array, Array) {
    let lines = Lines::new(a, &[axis]);
    with_number!(a, T => {
        let x = lines.array.dense::<T>();
        let mut y = vec![T::default(); x.len()];
        let mut places = vec![0_i64; x.len()];
        along([lines.outer, lines.length, lines.inner], reverse, None, |state: &mut Option<(T, i64)>, at, i| {
            let x = x[at];
            let best = match *state {
                Some((best, place)) if best != best => (best, place),
                Some((best, place)) => {
                    let better = x != x || if largest { x > best } else { x < best };
                    if better { (x, i as i64) } else { (best, place) }
                }
                None => (x, i as i64),
            };
            *state = Some(best);
            (y[at], places[at]) = best;
        });
        let shape = lines.array.shape();
        (Array::from_vec::<T>(y, shape.clone()), Array::from_vec(places, shape.clone()))
    })
}

/// `ln Σ eˣ` of the entries up to each, or from each on, without overflow. As long as all are −∞ it is −∞.
///
/// ```
/// use cotangent_kernels::{scan::cumlogsumexp, Array};
/// let y = cumlogsumexp(&Array::from_vec(vec![1000.0, 1000.0], [2]), 0, false).to_vec::<f64>().unwrap();
/// assert!(y[0] == 1000.0 && (y[1] - 1000.6931471805599).abs() < 1e-12);
/// ```
///
/// # Panics
/// If the axis does not exist, or the entries are not floats.
pub fn cumlogsumexp(a: &Array, axis: usize, reverse: bool) -> Array {
    let lines = Lines::new(a, &[axis]);
    // The largest so far, and the sum of exponentials relative to it.
    let step = |(most, sum): (f64, f64), x: f64| {
        if x <= most {
            (most, sum + if x == most { 1.0 } else { Float::exp(x - most) })
        } else if most < x {
            (x, sum * Float::exp(most - x) + 1.0)
        } else {
            (f64::NAN, f64::NAN)
        }
    };
    let value = |(most, sum): (f64, f64)| if most.is_infinite() { most } else { most + Float::ln(sum) };
    let start = (f64::NEG_INFINITY, 0.0);
    with_float!(a, T => {
        let step = |state, x: T| step(state, Float::to_f64(x));
        scan(&lines, reverse, start, step, |state| <T as Float>::from_f64(value(state)))
    })
}
