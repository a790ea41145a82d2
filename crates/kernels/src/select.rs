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
        let beyond = if largest { above::<T> } else { below::<T> };
        if inner == 1 {
            for (place, line) in places.iter_mut().zip(x.chunks(length.max(1))) {
                *place = if largest { best(line, above) } else { best(line, below) } as i64;
            }
        } else if inner > 0 {
            for (places, block) in places.chunks_mut(inner).zip(x.chunks((length * inner).max(1))) {
                let mut most = block[..inner].to_vec();
                for (i, row) in block.chunks(inner).enumerate().skip(1) {
                    for ((place, most), &x) in places.iter_mut().zip(&mut most).zip(row) {
                        if !nan(*most) && (nan(x) || beyond(x, *most)) {
                            (*place, *most) = (i as i64, x);
                        }
                    }
                }
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
