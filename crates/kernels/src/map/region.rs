//! A whole region of a program in one walk over memory: block after block of all operands stays in the nearest cache while whatever the code
//! wants is done to it.

use super::arithmetic::Arithmetic;
use super::vector::{BLOCK, CHUNK, LaneFloat, Operand};
use crate::array::store::Store;
use crate::array::{Array, Entries, Shape, Window};
use crate::lanes::in_lanes;
use crate::simd::{self, Job};
use crate::threads;
use smallvec::SmallVec;
use std::marker::PhantomData;

/// How many there are of what a region works with, besides its operands, numbers and results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// What is written and read again.
    pub registers: usize,
    /// What entries are added to.
    pub sums: usize,
}

/// The same entries of everything that a region works with, at numbered places: first its operands, then its numbers, registers and results.
/// What a register or result holds before it is written is left open.
pub struct Blocks<'a, T> {
    /// Where each place begins.
    places: &'a [*mut T],
    /// From this place on they may be written.
    own: usize,
    length: usize,
    sums: &'a mut [f64],
    borrowed: PhantomData<&'a mut [T]>,
}

impl<T: LaneFloat> Blocks<'_, T> {
    /// Entries to be read, and those at `to` to be written.
    ///
    /// # Panics
    /// If a place of `to` is an operand or a number, or named twice.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn lend<const N: usize, const M: usize>(
        &mut self,
        x: [u32; N],
        to: [u32; M],
    ) -> ([&[T]; N], [&mut [T]; M]) {
        let mut apart = true;
        for i in 0..M {
            apart &= to[i] as usize >= self.own && !x.contains(&to[i]) && !to[..i].contains(&to[i]);
        }
        assert!(apart, "what is read is not written");
        let out = to.map(|to| {
            let out = self.places[to as usize];
            // SAFETY: so many entries lie at each place, borrowed for as long as `self` is, and no two places from `own` on share any with
            // another place. This one is such, and it is named once.
            unsafe { std::slice::from_raw_parts_mut(out, self.length) }
        });
        let read = &*self;
        (x.map(|x| read.at(x)), out)
    }

    /// Entries to be read.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn at(&self, place: u32) -> &[T] {
        // SAFETY: so many entries lie there, and nobody writes them while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.places[place as usize], self.length) }
    }

    /// Adds entries to a sum.
    #[inline]
    pub fn add(&mut self, sum: usize, x: u32) {
        let total = simd::dispatch(Total(self.at(x)));
        self.sums[sum] += total;
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

/// Where an operand is.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// An array of the region's shape.
    Array(&'a Array),
    /// What a window of the region's shape shows of an array that begins there in it, along each axis: zeros where the array is not.
    Window(&'a Array, &'a [isize]),
    /// What stands in the memory of this result before it is written.
    Memory(usize),
}

/// The results of this shape, and the sums, that the code makes of block after block of the operands, which have this shape too. A block has at
/// most `most` entries. Each result is written to the memory of an array that is not needed any more, where there is one (see
/// [`Array::build_all`]).
///
/// Which entries are added to which depends on the shape, on `most` and on how the operands lie, never on how many threads there are.
///
/// ```
/// use cotangent_kernels::map::{region, Blocks, Sizes, Source};
/// use cotangent_kernels::Array;
/// let x = Array::from_vec(vec![1.0, 2.0, 3.0], [3]);
/// let sizes = Sizes { registers: 0, sums: 1 };
/// // The operand is at place 0, the number at 1, the result at 2.
/// let (y, sums) = region(&[Source::Array(&x)], &[0.5], &[3].into(), sizes, vec![None], 1024, |blocks: &mut Blocks<f64>| {
///     let ([x, half], [y]) = blocks.lend([0, 1], [2]);
///     for i in 0..y.len() {
///         y[i] = x[i] * half[i];
///     }
///     blocks.add(0, 2);
/// });
/// assert_eq!((y[0].to_vec::<f64>().unwrap(), sums), (vec![0.5, 1.0, 1.5], vec![3.0]));
/// ```
///
/// # Panics
/// If an operand has another dtype or shape, blocks may have no entries, or memory is not fit for a result.
pub fn region<T: LaneFloat>(
    x: &[Source],
    numbers: &[f64],
    shape: &Shape,
    sizes: Sizes,
    memory: Vec<Option<Array>>,
    most: usize,
    code: impl Fn(&mut Blocks<T>) + Sync,
) -> (Vec<Array>, Vec<f64>) {
    let size = shape.size();
    assert!(most > 0, "blocks of no entries");
    let (most, results) = (most.min(size), memory.len());
    let mut entries: SmallVec<[Option<Entries<T>>; 8]> = SmallVec::new();
    for source in x {
        entries.push(match *source {
            Source::Array(array) => {
                assert_eq!(array.shape(), shape, "operands of a region have its shape");
                Some(array.entries::<T>())
            }
            Source::Window(array, low) => {
                let ranks = [array.rank(), low.len()];
                assert_eq!(ranks, [shape.rank(); 2], "a window has as many axes as the region");
                None
            }
            Source::Memory(_) => None,
        });
    }
    let mut operands: SmallVec<[Found<T>; 8]> = SmallVec::new();
    for (source, entries) in x.iter().zip(&entries) {
        operands.push(match (source, entries) {
            (Source::Array(_), Some(entries)) => Found::Operand(Operand::of(entries, most)),
            (Source::Array(_), None) => unreachable!("an array has entries"),
            (Source::Window(array, low), _) => Found::Window(Window::new(array, low, shape)),
            (Source::Memory(result), _) => Found::Memory(*result),
        });
    }
    let walk = Walk { operands: &operands, numbers, registers: sizes.registers, most, code: &code };
    let mut totals = vec![0.0; sizes.sums];
    let arrays = Array::build_all(shape.clone(), memory, |y: &mut [&mut [T]]| {
        if size <= CHUNK {
            walk.chunk(0, size, y, &mut totals);
            return;
        }
        // A share of every result for each chunk.
        let count = size.div_ceil(CHUNK);
        let mut shares: Vec<(Vec<&mut [T]>, Vec<f64>)> =
            (0..count).map(|_| (Vec::with_capacity(results), vec![0.0; sizes.sums])).collect();
        for y in y.iter_mut() {
            shares.iter_mut().zip(y.chunks_mut(CHUNK)).for_each(|(share, y)| share.0.push(y));
        }
        threads::chunks(&mut shares, 1, |i, share| {
            let (y, sums) = &mut share[0];
            let start = i * CHUNK;
            walk.chunk(start, CHUNK.min(size - start), y, sums);
        });
        for (_, share) in &shares {
            totals.iter_mut().zip(share).for_each(|(total, sum)| *total += sum);
        }
    });
    (arrays, totals)
}

/// An operand as blocks of it are found.
enum Found<'a, T> {
    Operand(Operand<'a, T>),
    Window(Window<'a, T>),
    /// Where this result will be written.
    Memory(usize),
}

impl<T: LaneFloat> Found<'_, T> {
    /// Those from this one on that lie together, and are not written meanwhile.
    #[inline]
    fn lent(&self, start: usize) -> Option<&[T]> {
        match self {
            Found::Operand(operand) => operand.lent(start),
            Found::Window(window) => window.row(start, BLOCK / 8),
            Found::Memory(_) => None,
        }
    }
    /// Are there entries that must be brought into a buffer?
    fn is_brought(&self) -> bool {
        matches!(self, Found::Operand(Operand::Scattered(_)) | Found::Window(_) | Found::Memory(_))
    }
}

struct Walk<'a, T, Code> {
    operands: &'a [Found<'a, T>],
    numbers: &'a [f64],
    registers: usize,
    most: usize,
    code: &'a Code,
}

impl<T: LaneFloat, Code: Fn(&mut Blocks<T>) + Sync> Walk<'_, T, Code> {
    /// The entries from `start` on, so many; the results' are `y`.
    #[allow(unsafe_code)]
    fn chunk(&self, start: usize, count: usize, y: &mut [&mut [T]], sums: &mut [f64]) {
        let most = self.most.min(count);
        // In whole lines of the cache, and one more: places whose addresses differ by a power of two would be in each other's way.
        let line = 64 / size_of::<T>();
        let stride = most.next_multiple_of(line) + line;
        let brought = self.operands.iter().filter(|x| x.is_brought()).count();
        let mut scratch = Store::<T>::open(stride * (self.numbers.len() + self.registers + brought));
        for (block, &number) in scratch.chunks_mut(stride).zip(self.numbers) {
            block[..most].fill(T::from_f64(number));
        }
        assert!(y.iter().all(|y| y.len() == count), "a share of each result");
        // From here on what is written is written through these pointers alone.
        let own = scratch.as_mut_ptr();
        let results: SmallVec<[*mut T; 4]> = y.iter_mut().map(|y| y.as_mut_ptr()).collect();
        let kept = self.numbers.len() + self.registers;
        let operands = self.operands.len();
        let mut places: SmallVec<[*mut T; 32]> = SmallVec::with_capacity(operands + kept + results.len());
        places.resize(operands, own);
        // SAFETY: the scratch has `stride` entries for each of these.
        places.extend((0..kept).map(|i| unsafe { own.add(i * stride) }));
        places.extend_from_slice(&results);
        let mut done = 0;
        while done < count {
            let mut length = most.min(count - done);
            for x in self.operands {
                // What is lent is not cut across.
                length = x.lent(start + done).map_or(length, |row| length.min(row.len()));
            }
            let mut buffer = kept;
            for (place, x) in places.iter_mut().zip(self.operands) {
                if let Some(row) = x.lent(start + done) {
                    // Read only, for it is an operand's.
                    *place = row.as_ptr().cast_mut();
                    continue;
                }
                // SAFETY: the scratch has `stride` entries for each of these.
                *place = unsafe { own.add(buffer * stride) };
                buffer += 1;
                // SAFETY: as above, and nobody reads there now.
                let block = unsafe { std::slice::from_raw_parts_mut(*place, length) };
                match x {
                    Found::Operand(Operand::Scattered(view)) => view.copy(start + done, block),
                    Found::Window(window) => window.copy(start + done, block),
                    // SAFETY: the share of the result has `count` entries, and nobody writes there now.
                    Found::Memory(result) => block.copy_from_slice(unsafe {
                        std::slice::from_raw_parts(results[*result].add(done), length)
                    }),
                    Found::Operand(_) => unreachable!("what lies in order is lent"),
                }
            }
            for (place, &result) in places[operands + kept..].iter_mut().zip(&results) {
                // SAFETY: the share of the result has `count` entries.
                *place = unsafe { result.add(done) };
            }
            let own = operands + self.numbers.len();
            (self.code)(&mut Blocks { places: &places, own, length, sums, borrowed: PhantomData });
            done += length;
        }
    }
}
