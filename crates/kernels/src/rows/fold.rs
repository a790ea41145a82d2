//! Loops over a row that go side by side in lanes.

use super::{BLOCK, Entry};

/// Entries that are added, or compared, side by side.
pub const LANES: usize = 32;

/// A slice folded side by side in lanes, and then the lanes in order.
#[inline(always)]
pub fn fold<T: Copy, S: Copy>(x: &[T], start: S, step: impl Fn(S, T) -> S, join: impl Fn(S, S) -> S) -> S {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut result = start;
    if !chunks.is_empty() {
        let mut lanes = [start; LANES];
        for chunk in chunks {
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
    rest.iter().fold(result, |result, &x| step(result, x))
}

/// `y ← f(x, y)`, entry by entry. Short rows, too, are vectors.
#[inline(always)]
pub fn each<T: Copy>(x: &[T], y: &mut [T], f: impl Fn(T, T) -> T) {
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks_mut::<LANES>());
    for (x, y) in xs.iter().zip(ys) {
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = f(x, *y));
    }
    y_rest.iter_mut().zip(x_rest).for_each(|(y, &x)| *y = f(x, *y));
}

/// The largest; a NaN is passed over.
#[inline(always)]
pub fn largest<T: Entry>(x: &[T]) -> T {
    let larger = |most: T, x: T| if x > most { x } else { most };
    fold(x, T::from_f64(f64::NEG_INFINITY), larger, larger)
}

#[inline(always)]
pub fn sum<T: Entry>(x: &[T]) -> T {
    fold(x, T::ZERO, |sum, x| sum + x, |a, b| a + b)
}

/// The sum of a function of the entries of a row: blocks in lanes, and the blocks in `f64`.
#[inline(always)]
pub fn sum_of<T: Entry>(row: &[T], f: impl Fn(T) -> T + Copy) -> f64 {
    row.chunks(BLOCK).map(|block| fold(block, T::ZERO, |sum, x| sum + f(x), |a, b| a + b).to_f64()).sum()
}
