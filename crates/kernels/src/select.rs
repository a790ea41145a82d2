//! Which entries: the largest, the smallest, the k largest. A NaN counts as larger, and as smaller, than every number.

use crate::array::{Array, Element, with_dtype};
use crate::lines::Lines;
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::sort::{Ordered, Tagged, is_narrow, tag};
use crate::threads;

#[inline]
#[allow(clippy::eq_op)]
fn nan<T: Element>(x: T) -> bool {
    x != x
}

/// Entries that are compared side by side; then these are compared.
const LANES: usize = 16;

/// The position of the first of the largest entries of a line that is not empty, or of the smallest; of the first NaN if there is one.
/// `beyond(a, b)` is `a > b` or `a < b`.
fn best<T: Element>(line: &[T], beyond: impl Fn(T, T) -> bool) -> usize {
    let further = |a: T, b: T| if nan(a) || beyond(a, b) { a } else { b };
    let mut lanes = [line[0]; LANES];
    let mut chunks = line.chunks_exact(LANES);
    for chunk in &mut chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane = further(*lane, x));
    }
    let best = lanes.into_iter().chain(chunks.remainder().iter().copied()).reduce(further).unwrap_or(line[0]);
    let found = line.iter().position(|&x| x == best || (nan(best) && nan(x)));
    found.unwrap_or(0)
}

/// Columns that are gone down side by side: what is kept of them stays in registers.
const WIDE: usize = 32;
/// Where there are fewer.
const NARROW: usize = 8;
/// Rows after which the places found are written, which are counted in 32 bits. Tests need not have so many.
const SEGMENT: usize = if cfg!(test) { 5 } else { 1 << 30 };
/// No row.
const NOWHERE: u32 = u32::MAX;
/// Columns that one thread takes at a time, or more.
const COLUMNS: usize = 4 * WIDE;

/// For some columns the rows of the largest entries, or of the smallest, as [`best`] finds them in a line. Rows begin `step` apart, and there
/// is one.
struct Places<'a, T, F> {
    x: &'a [T],
    step: usize,
    places: &'a mut [i64],
    beyond: F,
}

impl<T: Element, F: Fn(T, T) -> bool> Job for Places<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Places { x, step, places, beyond } = self;
        match places.len() {
            WIDE.. => side_by_side::<T, WIDE>(x, step, places, &beyond),
            NARROW.. => side_by_side::<T, NARROW>(x, step, places, &beyond),
            _ => side_by_side::<T, 1>(x, step, places, &beyond),
        }
    }
}

/// At least `N` columns. Those left over are found together with some that have been found.
#[inline(always)]
fn side_by_side<T: Element, const N: usize>(
    x: &[T],
    step: usize,
    places: &mut [i64],
    beyond: &impl Fn(T, T) -> bool,
) {
    for first in (0..places.len()).step_by(N) {
        let first = first.min(places.len() - N);
        if let Some(places) = places[first..].first_chunk_mut::<N>() {
            down(&x[first..], step, places, beyond);
        }
    }
}

#[inline(always)]
fn down<T: Element, const N: usize>(
    x: &[T],
    step: usize,
    places: &mut [i64; N],
    beyond: &impl Fn(T, T) -> bool,
) {
    let mut most: [T; N] = std::array::from_fn(|j| x[j]);
    *places = [0; N];
    for (segment, rows) in x.chunks(SEGMENT.saturating_mul(step)).enumerate() {
        let mut found = [NOWHERE; N];
        for (i, row) in rows.chunks(step).enumerate() {
            let row = &row[..N];
            for j in 0..N {
                let further = !nan(most[j]) & (nan(row[j]) | beyond(row[j], most[j]));
                found[j] = if further { i as u32 } else { found[j] };
                most[j] = if further { row[j] } else { most[j] };
            }
        }
        for j in 0..N {
            if found[j] != NOWHERE {
                places[j] = (segment * SEGMENT) as i64 + i64::from(found[j]);
            }
        }
    }
}

/// Where the largest (or the smallest) entry along an axis stands (`i64`): the first if several are equal, the first NaN if there is
/// one. None if an axis of length 0 leaves nothing to choose from.
///
/// ```
/// use cotangent_kernels::{select::arg_extreme, Array};
/// let x = Array::from_vec(vec![1, 5, 5, 4, 2, 3], [2, 3]);
/// assert_eq!(arg_extreme(&x, 1, true).unwrap().to_vec::<i64>().unwrap(), [1, 0]);
/// assert_eq!(arg_extreme(&x, 0, false).unwrap().to_vec::<i64>().unwrap(), [0, 1, 1]);
/// ```
///
/// # Panics
/// If the axis does not exist.
pub fn arg_extreme(a: &Array, axis: usize, largest: bool) -> Option<Array> {
    let lines = Lines::new(a, &[axis]);
    let (length, inner) = (lines.length, lines.inner);
    if length == 0 && lines.count() > 0 {
        return None;
    }
    let mut places = vec![0_i64; lines.count()];
    with_dtype!(a.dtype(), T => {
        let x = lines.array.dense::<T>();
        if inner == 1 && length > 0 {
            let many = (CHUNK / length).max(1);
            threads::chunks(&mut places, many, |i, places| {
                for (place, line) in places.iter_mut().zip(x[i * many * length..].chunks(length)) {
                    *place = if largest { best(line, above) } else { best(line, below) } as i64;
                }
            });
        } else if inner > 0 && length > 0 {
            let find = |x: &[T], places: &mut [i64]| match largest {
                true => simd::dispatch(Places { x, step: inner, places, beyond: above }),
                false => simd::dispatch(Places { x, step: inner, places, beyond: below }),
            };
            let (block, columns) = (length * inner, (CHUNK / length).max(1).next_multiple_of(COLUMNS));
            if inner > columns {
                for (places, x) in places.chunks_mut(inner).zip(x.chunks(block)) {
                    threads::chunks(places, columns, |i, places| find(&x[i * columns..], places));
                }
            } else {
                let many = (CHUNK / block).max(1);
                threads::chunks(&mut places, many * inner, |i, places| {
                    let blocks = x[i * many * block..].chunks(block);
                    places.chunks_mut(inner).zip(blocks).for_each(|(places, x)| find(x, places));
                });
            }
        }
    });
    Some(Array::from_vec(places, lines.reduced.clone()))
}

fn above<T: PartialOrd>(a: T, b: T) -> bool {
    a > b
}

fn below<T: PartialOrd>(a: T, b: T) -> bool {
    a < b
}

/// The `k` largest entries along an axis, the largest first, and where each was (`i64`); a NaN counts as the largest, and of equal entries
/// the first comes first.
///
/// ```
/// use cotangent_kernels::{select::top_k, Array};
/// let (y, i) = top_k(&Array::from_vec(vec![3.0, 1.0, 4.0, 3.0], [4]), 0, 3);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [4.0, 3.0, 3.0]);
/// assert_eq!(i.to_vec::<i64>().unwrap(), [2, 0, 3]);
/// ```
///
/// # Panics
/// If the axis does not exist, or has fewer than `k` entries.
pub fn top_k(a: &Array, axis: usize, k: usize) -> (Array, Array) {
    assert!(k <= a.shape()[axis], "the {k} largest along axis {axis} of {}", a.ty());
    let lines = Lines::last(a, &[axis]);
    let mut shape = lines.array.shape().to_vec();
    if let Some(last) = shape.last_mut() {
        *last = k;
    }
    with_dtype!(a.dtype(), T => {
        let array = lines.array.contiguous();
        let x = array.dense::<T>();
        let places = match is_narrow::<T>(lines.length) {
            true => largest_places::<T, u64>(&x, lines.length, k),
            false => largest_places::<T, u128>(&x, lines.length, k),
        };
        let line = |i: usize| &x[i / k * lines.length..];
        let values: Vec<T> = places.iter().enumerate().map(|(i, &place)| line(i)[place as usize]).collect();
        let back = |array: Array| lines.back(array);
        (back(Array::from_vec(values, shape.clone())), back(Array::from_vec(places, shape)))
    })
}

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 13;

/// The `k` largest entries of a line, with their places, in any order.
struct Largest<'a, T, K> {
    line: &'a [T],
    k: usize,
    best: &'a mut Vec<K>,
}

impl<T: Ordered, K: Tagged> Job for Largest<'_, T, K> {
    type Output = ();
    /// Those beyond the k-th of the ones before are collected, and reduced to k whenever they are many: of a long line in no order few are.
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Largest { line, k, best } = self;
        let room = (4 * k).max(4 * LANES);
        best.clear();
        let mut start = room.min(line.len());
        best.extend(line[..start].iter().enumerate().map(|(i, &x)| tag::<T, K>(x, i, true)));
        reduce(best, k);
        if start == line.len() {
            return;
        }
        // What equals the k-th comes after it.
        let beyond = |x: T, least: T| nan(x) | above(x, least);
        let mut least = line[best[k - 1].place()];
        for chunk in line[start..].chunks(LANES) {
            if chunk.iter().fold(false, |any, &x| any | beyond(x, least)) {
                for (i, &x) in chunk.iter().enumerate().filter(|(_, x)| beyond(**x, least)) {
                    best.push(tag(x, start + i, true));
                }
                if best.len() >= room {
                    reduce(best, k);
                    least = line[best[k - 1].place()];
                }
            }
            start += chunk.len();
        }
        reduce(best, k);
    }
}

/// The best `k`, the last of them at the end; if there are no more, as they are.
fn reduce<K: Ord>(best: &mut Vec<K>, k: usize) {
    if k < best.len() {
        best.select_nth_unstable(k - 1);
        best.truncate(k);
    }
}

/// Where the `k` largest of each line stand, the largest first.
fn largest_places<T: Ordered, K: Tagged>(x: &[T], length: usize, k: usize) -> Vec<i64> {
    if k == 0 || x.is_empty() {
        return Vec::new();
    }
    let many = (CHUNK / length).max(1) * length;
    let parts = threads::collect(x.len().div_ceil(many), |i| {
        let x = &x[i * many..((i + 1) * many).min(x.len())];
        let (mut best, mut places) = (Vec::<K>::new(), Vec::new());
        for line in x.chunks_exact(length) {
            simd::dispatch(Largest { line, k, best: &mut best });
            best.sort_unstable();
            places.extend(best.iter().map(|tagged| tagged.place() as i64));
        }
        places
    });
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::threefry;

    /// The first of the furthest entries, or the first NaN, one after another.
    fn first(entries: impl Iterator<Item = f64>, largest: bool) -> i64 {
        let mut found = (0, f64::NAN);
        for (i, x) in entries.enumerate() {
            let further = if largest { x > found.1 } else { x < found.1 };
            if i == 0 || x.is_nan() || further {
                found = (i as i64, x);
            }
            if x.is_nan() {
                break;
            }
        }
        found.0
    }

    /// In columns and in lines, ties and NaN among them, with fewer rows than a segment and more, and any number of columns.
    #[test]
    fn the_furthest_is_the_first_of_them() {
        let draw = |i: usize| match threefry([5, 0], [i as u64, 0])[0] % 23 {
            22 => f64::NAN,
            21 => f64::NEG_INFINITY,
            n => n as f64,
        };
        use crate::array::DType;
        for [outer, rows] in [[1, 1], [3, 2], [1, 5], [2, 6], [1, 14], [2, 40]] {
            for columns in [2, 7, 8, 13, 31, 32, 33, 64, 127, 128, 129, 300] {
                let entries = (0..outer * rows * columns).map(draw).collect();
                let x = Array::from_vec(entries, [outer, rows, columns]);
                for dtype in [DType::F64, DType::F32, DType::I32, DType::I64, DType::Bool] {
                    let x = crate::map::convert(&x, dtype);
                    for largest in [true, false] {
                        let entries = crate::map::convert(&x, DType::F64).to_vec::<f64>().unwrap();
                        let column = |at: usize| {
                            let start = at / columns * rows * columns + at % columns;
                            (0..rows).map(move |i| start + i * columns)
                        };
                        let expected: Vec<i64> = (0..outer * columns)
                            .map(|at| first(column(at).map(|i| entries[i]), largest))
                            .collect();
                        let lines = x.permute(&[0, 2, 1]).contiguous();
                        for found in [arg_extreme(&x, 1, largest), arg_extreme(&lines, 2, largest)] {
                            let found = found.unwrap().to_vec::<i64>().unwrap();
                            assert_eq!(found, expected, "{} {largest}", x.ty());
                        }
                    }
                }
            }
        }
    }
}
