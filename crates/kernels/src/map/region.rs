//! A whole region of a program in one walk over memory: block after block of all operands stays in the nearest cache while whatever the code
//! wants is done to it.

use super::arithmetic::Arithmetic;
use super::vector::{CHUNK, LaneFloat, Operand};
use crate::array::{Array, Entries, Shape};
use crate::lanes::in_lanes;
use crate::simd::{self, Job};
use crate::threads;

/// The same entries of every operand, of every result, and what belongs to the thread that works on them.
pub struct Blocks<'a, 'y, T> {
    /// Of each operand.
    pub x: &'a [&'a [T]],
    /// Of each result; to be written.
    pub y: &'a mut [&'y mut [T]],
    /// For each sum what has been added up.
    pub sums: &'a mut [f64],
    /// How many entries.
    pub length: usize,
}

impl<T: LaneFloat> Blocks<'_, '_, T> {
    /// Adds entries to a sum.
    #[inline]
    pub fn add(&mut self, sum: usize, entries: &[T]) {
        self.sums[sum] += simd::dispatch(Total(entries));
    }
}

struct Total<'a, T>(&'a [T]);

impl<T: LaneFloat> Job for Total<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        in_lanes::<T, T, 64>(self.0, T::default(), |sum, x| sum + x, |a, b| a + b).to_f64()
    }
}

/// So many results of this shape, and so many sums: what the code makes of block after block of the operands, which have this shape too. A
/// block has at most `most` entries. `own` makes what a thread needs for its blocks.
///
/// Which entries are added to which depends on the shape, on `most` and on how the operands lie, never on how many threads there are.
///
/// ```
/// use cotangent_kernels::map::{region, Blocks};
/// use cotangent_kernels::Array;
/// let x = Array::from_vec(vec![1.0, 2.0, 3.0], [3]);
/// let (y, sums) = region(&[&x], &[3].into(), (1, 1), 1024, || (), |_, mut blocks: Blocks<f64>| {
///     blocks.y[0].copy_from_slice(blocks.x[0]);
///     let x = blocks.x[0];
///     blocks.add(0, x);
/// });
/// assert_eq!((y[0].to_vec::<f64>().unwrap(), sums), (vec![1.0, 2.0, 3.0], vec![6.0]));
/// ```
///
/// # Panics
/// If a dtype is another.
pub fn region<T: LaneFloat, Own>(
    x: &[&Array],
    shape: &Shape,
    (results, sums): (usize, usize),
    most: usize,
    own: impl Fn() -> Own + Sync,
    code: impl Fn(&mut Own, Blocks<T>) + Sync,
) -> (Vec<Array>, Vec<f64>) {
    let size = shape.size();
    let entries: Vec<Entries<T>> = x.iter().map(|x| x.entries::<T>()).collect();
    // What is the same everywhere stays in one block of it.
    let operand = |x| match x {
        &Entries::Same(value) => Operand::Repeated(vec![value; size.min(most)], 1),
        _ => Operand::of(x, size),
    };
    let operands: Vec<Operand<T>> = entries.iter().map(operand).collect();
    let walk = Walk { operands: &operands, most, own: &own, code: &code };
    let mut totals = vec![0.0; sums];
    let arrays = Array::build_all(shape.clone(), results, |y: &mut [&mut [T]]| {
        if size <= CHUNK {
            walk.chunk(0, size, y.iter_mut().map(|y| &mut **y).collect(), &mut totals);
            return;
        }
        // A share of every result for each chunk.
        let count = size.div_ceil(CHUNK);
        let mut shares: Vec<(Vec<&mut [T]>, Vec<f64>)> =
            (0..count).map(|_| (Vec::with_capacity(results), vec![0.0; sums])).collect();
        for y in y.iter_mut() {
            shares.iter_mut().zip(y.chunks_mut(CHUNK)).for_each(|(share, y)| share.0.push(y));
        }
        threads::chunks(&mut shares, 1, |i, share| {
            let (y, sums) = &mut share[0];
            let start = i * CHUNK;
            walk.chunk(start, CHUNK.min(size - start), std::mem::take(y), sums);
        });
        for (_, share) in &shares {
            totals.iter_mut().zip(share).for_each(|(total, sum)| *total += sum);
        }
    });
    (arrays, totals)
}

struct Walk<'a, T, Own, Code> {
    operands: &'a [Operand<'a, T>],
    most: usize,
    own: &'a (dyn Fn() -> Own + Sync),
    code: &'a Code,
}

impl<T: LaneFloat, Own, Code: Fn(&mut Own, Blocks<T>) + Sync> Walk<'_, T, Own, Code> {
    /// The entries from `start` on, so many.
    fn chunk(&self, mut start: usize, mut count: usize, mut y: Vec<&mut [T]>, sums: &mut [f64]) {
        let mut own = (self.own)();
        let mut buffers: Vec<Vec<T>> = vec![Vec::new(); self.operands.len()];
        let mut lent: Vec<Option<&[T]>> = vec![None; self.operands.len()];
        while count > 0 {
            let mut length = self.most.min(count);
            for (lent, x) in lent.iter_mut().zip(self.operands) {
                *lent = x.lent(start);
                // What is lent is not cut across.
                length = lent.map_or(length, |row| length.min(row.len()));
            }
            for (buffer, (x, lent)) in buffers.iter_mut().zip(self.operands.iter().zip(&lent)) {
                if let (Operand::Scattered(view), None) = (x, lent) {
                    buffer.resize(self.most, T::default());
                    view.copy(start, &mut buffer[..length]);
                }
            }
            let x: smallvec::SmallVec<[&[T]; 8]> =
                lent.iter().zip(&buffers).map(|(lent, buffer)| &lent.unwrap_or(buffer)[..length]).collect();
            let mut now: smallvec::SmallVec<[&mut [T]; 4]> = smallvec::SmallVec::new();
            for y in &mut y {
                let (block, rest) = std::mem::take(y).split_at_mut(length);
                now.push(block);
                *y = rest;
            }
            (self.code)(&mut own, Blocks { x: &x, y: &mut now, sums, length });
            (start, count) = (start + length, count - length);
        }
    }
}
