//! Batches of matrices, and the ways between them and `faer`.

use crate::array::{Array, Element, Shape};
use crate::map::Float;
use crate::threads;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::traits::RealField;
use faer::{Mat, MatRef};
use std::ops::Range;

/// A number that matrices are decomposed in.
pub trait Real: Float + Element + RealField {}
impl Real for f32 {}
impl Real for f64 {}

/// How many matrices there are, and their two lengths.
pub fn extents(a: &Array) -> (usize, usize, usize) {
    let &[ref batch @ .., m, n] = &a.shape()[..] else { panic!("no matrices: {}", a.ty()) };
    (batch.iter().product(), m, n)
}

/// The shape with its last two lengths replaced by these.
pub fn with_last(a: &Array, last: &[usize]) -> Shape {
    a.shape()[..a.rank() - 2].iter().chain(last).copied().collect()
}

/// Operations that are worth a task of their own.
const ENOUGH: usize = 1 << 17;

/// `work` on stretches of a batch of matrices that take about `cost` operations each; the results in order.
pub fn stretches<R: Send>(count: usize, cost: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let length = (ENOUGH / cost.max(1)).clamp(1, count.max(1));
    threads::collect(count.div_ceil(length), |i| work(i * length..((i + 1) * length).min(count)))
}

/// All in a row.
pub fn joined<T>(parts: impl IntoIterator<Item = Vec<T>>) -> Vec<T> {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    parts.for_each(|part| all.extend(part));
    all
}

/// Matrix `i` of a batch with `size` entries each.
pub fn part<T>(all: &[T], size: usize, i: usize) -> &[T] {
    &all[i * size..(i + 1) * size]
}

/// (a + aᵀ)/2.
pub fn symmetric_part<T: Float>(a: &[T], n: usize, out: &mut Vec<T>) {
    let half = T::from_f64(0.5);
    out.extend((0..n * n).map(|at| half * a[at] + half * a[at % n * n + at / n]));
}

/// Are all entries numbers?
pub fn is_finite<T: Float>(a: &[T]) -> bool {
    a.iter().all(|x| x.is_finite())
}

/// A power of two near the largest magnitude, by which a matrix is divided so that nothing overflows on the way; 1 for zeros.
pub fn magnitude<T: Float>(a: &[T]) -> T {
    let largest = a.iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max);
    // Far enough from the ends that its reciprocal is a number too.
    let exponent = ((largest.to_bits() >> 52) as i64 - 1023).clamp(-120, 120);
    let exponent = match largest {
        0.0 => 0,
        // In f64 there is more room; the clamp above is for f32.
        _ if size_of::<T>() == 8 => ((largest.to_bits() >> 52) as i64 - 1023).clamp(-1000, 1000),
        _ => exponent,
    };
    T::from_f64(f64::from_bits(((exponent + 1023) as u64) << 52))
}

/// A copy for `faer`, whose alignment, unlike ours, is always the same.
pub fn matrix<T: Real>(rows: &[T], m: usize, n: usize) -> Mat<T> {
    let mut copy = Mat::zeros(m, n);
    copy.copy_from(MatRef::from_row_major_slice(rows, m, n));
    copy
}

/// The entries of a matrix row by row.
pub fn write_rows<T: Real>(a: MatRef<'_, T>, out: &mut [T]) {
    let n = a.ncols();
    for (i, row) in out.chunks_mut(n.max(1)).enumerate() {
        row.iter_mut().enumerate().for_each(|(j, x)| *x = a[(i, j)]);
    }
}

/// Runs with room for scratch.
pub fn with_scratch<R>(need: StackReq, run: impl FnOnce(&mut MemStack) -> R) -> R {
    let mut memory = MemBuffer::new(need);
    run(MemStack::new(&mut memory))
}
