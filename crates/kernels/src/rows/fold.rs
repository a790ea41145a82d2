//! Loops over a row that go side by side in lanes.

use super::{BLOCK, Entry};
use crate::lanes::in_lanes;

/// Entries of short rows that are added, or compared, side by side.
pub const LANES: usize = 32;
/// Those of long rows: so many that a step does not wait for the one before.
const MANY_LANES: usize = 128;

/// A slice folded side by side in lanes, and then halves of the lanes onto halves; a short one entry by entry.
#[inline(always)]
pub fn fold<T: Copy, S: Copy>(
    x: &[T],
    start: S,
    step: impl Fn(S, T) -> S + Copy,
    join: impl Fn(S, S) -> S + Copy,
) -> S {
    if x.len() < LANES {
        x.iter().fold(start, |result, &x| step(result, x))
    } else if x.len() < 4 * MANY_LANES {
        in_lanes::<T, S, LANES>(x, start, step, join)
    } else {
        in_lanes::<T, S, MANY_LANES>(x, start, step, join)
    }
}

/// `y ← f(x, y)`, entry by entry.
#[inline(always)]
pub fn each<T: Copy>(x: &[T], y: &mut [T], f: impl Fn(T, T) -> T) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = f(x, *y));
}

/// The largest; a NaN is passed over.
#[inline(always)]
pub fn largest<T: Entry>(x: &[T]) -> T {
    // Not so many lanes that sixteen registers do not hold them.
    if size_of::<T>() == 4 {
        largest_in_lanes::<T, { 2 * LANES }>(x)
    } else {
        largest_in_lanes::<T, LANES>(x)
    }
}

#[inline(always)]
fn largest_in_lanes<T: Entry, const N: usize>(x: &[T]) -> T {
    let larger = |most: T, x: T| if x > most { x } else { most };
    let least = T::from_f64(f64::NEG_INFINITY);
    if x.len() < 2 * N {
        return fold(x, least, larger, larger);
    }
    let mut most = [least; N];
    let mut start = 0;
    while start < x.len() {
        // Those left over are taken together with some that have been seen: it does not matter how often.
        start = start.min(x.len() - 2 * N);
        let (a, b) = x[start..start + 2 * N].split_at(N);
        // Two at a time: a single comparison that keeps what is there becomes a store under a mask.
        for i in 0..N {
            most[i] = larger(larger(most[i], a[i]), b[i]);
        }
        start += 2 * N;
    }
    in_lanes::<T, T, N>(&most, least, larger, larger)
}

#[inline(always)]
pub fn sum<T: Entry>(x: &[T]) -> T {
    fold(x, T::ZERO, |sum, x| sum + x, |a, b| a + b)
}

/// The sum of a function of the entries of a row: blocks in lanes, and the blocks in `f64`.
#[inline(always)]
pub fn sum_of<T: Entry>(row: &[T], f: impl Fn(T) -> T + Copy) -> f64 {
    // A plain loop: what `sum` calls would not be compiled for these vectors.
    let mut total = 0.0;
    for block in row.chunks(BLOCK) {
        total += fold(block, T::ZERO, |sum, x| sum + f(x), |a, b| a + b).to_f64();
    }
    total
}
