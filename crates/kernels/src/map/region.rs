//! A whole region of a program in one walk over memory: block after block of all operands stays in the nearest cache while whatever the code
//! wants is done to it.

use super::arithmetic::Arithmetic;
use super::vector::{BLOCK, CHUNK, LaneFloat, Operand};
use crate::array::store::Store;
use crate::array::{Array, Entries, Shape, Window};
use crate::lanes::in_lanes;
use crate::rows::{self, sum};
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
    /// What there is one of for each row.
    pub rows: Rows,
}

/// Rows of a region: so many entries each, one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Entries of a row; 0 if the region has none.
    pub length: usize,
    /// Registers that have an entry for each row.
    pub registers: usize,
    /// Results that have an entry for each row.
    pub results: usize,
}

/// The axis of a region, seen as `[outer, length, inner]`, along which entries are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// How many are added.
    pub length: usize,
    /// How far apart they are.
    pub inner: usize,
}

/// What a region is.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Of the results and of all operands but those of rows.
    pub shape: &'a Shape,
    /// What is the same everywhere.
    pub numbers: &'a [f64],
    /// How many there are of the rest.
    pub sizes: Sizes,
    /// What columns are added up.
    pub columns: &'a [Columns],
    /// A block has no more entries, but at least a row.
    pub most: usize,
}

/// The same entries of everything that a region works with, at numbered places: first its operands, then its numbers, registers, registers of
/// rows, results and results of rows. What a register or result holds before it is written is left open.
pub struct Blocks<'a, T> {
    /// Where each place begins.
    places: &'a [*mut T],
    /// Which have an entry for each row.
    of_rows: &'a [bool],
    /// From this place on they may be written.
    own: usize,
    /// How many entries, how many of them are a row, and how many rows.
    length: usize,
    row: usize,
    rows: usize,
    /// Where in the region the block begins.
    start: usize,
    sums: &'a mut [f64],
    columns: &'a mut [Partial<T>],
    borrowed: PhantomData<&'a mut [T]>,
}

impl<T: LaneFloat> Blocks<'_, T> {
    /// Entries to be read, and those at `to` to be written.
    ///
    /// # Panics
    /// If a place of `to` is an operand or a number, or named twice, or one is of rows.
    #[inline(always)]
    pub fn lend<const N: usize, const M: usize>(
        &mut self,
        x: [u32; N],
        to: [u32; M],
    ) -> ([&[T]; N], [&mut [T]; M]) {
        let of_rows = |place: &u32| self.of_rows[*place as usize];
        assert!(!x.iter().any(of_rows) && !to.iter().any(of_rows), "a place has an entry for each");
        self.lent(self.length, x, to)
    }

    /// Of places that have an entry for each row, or of numbers: entries to be read, and those at `to` to be written.
    ///
    /// # Panics
    /// If a place of `to` is an operand or a number, or named twice.
    #[inline(always)]
    pub fn lend_rows<const N: usize, const M: usize>(
        &mut self,
        x: [u32; N],
        to: [u32; M],
    ) -> ([&[T]; N], [&mut [T]; M]) {
        self.lent(self.rows, x, to)
    }

    /// So many entries, which is no more than there are at each of these places.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn lent<const N: usize, const M: usize>(
        &mut self,
        length: usize,
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
            unsafe { std::slice::from_raw_parts_mut(out, length) }
        });
        // SAFETY: as above, and nobody writes there while `self` is borrowed.
        (x.map(|x| unsafe { std::slice::from_raw_parts(self.places[x as usize], length) }), out)
    }

    /// Entries to be read.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn at(&self, place: u32) -> &[T] {
        let length = if self.of_rows[place as usize] { self.rows } else { self.length };
        // SAFETY: so many entries lie there, and nobody writes them while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.places[place as usize], length) }
    }

    /// Adds entries, or those of rows, to a sum.
    #[inline]
    pub fn add(&mut self, sum: usize, x: u32) {
        let total = simd::dispatch(Total(self.at(x)));
        self.sums[sum] += total;
    }

    /// Adds entries to the sums of columns.
    pub fn add_columns(&mut self, columns: usize, x: u32) {
        let (mut partial, start) = (std::mem::take(&mut self.columns[columns]), self.start);
        simd::dispatch(AddColumns(&mut partial, start, self.at(x)));
        self.columns[columns] = partial;
    }

    /// Folds the entries of each row.
    ///
    /// # Panics
    /// As [`lend`](Blocks::lend) does, or if `to` is not of rows.
    #[inline]
    #[allow(unsafe_code)]
    pub fn fold_rows(&mut self, fold: RowFold, x: u32, to: u32) {
        let is_apart = !self.of_rows[x as usize] && self.of_rows[to as usize] && to as usize >= self.own;
        assert!(is_apart, "from entries to rows");
        // SAFETY: `to` has an entry for each row, borrowed for as long as `self` is, and it is another place than `x`.
        let out = unsafe { std::slice::from_raw_parts_mut(self.places[to as usize], self.rows) };
        simd::dispatch(FoldRows { fold, x: self.at(x), row: self.row, out });
    }

    /// Gives each entry that of its row.
    ///
    /// # Panics
    /// As [`lend`](Blocks::lend) does, or if `x` is not of rows.
    #[inline]
    #[allow(unsafe_code)]
    pub fn spread(&mut self, x: u32, to: u32) {
        let is_apart = self.of_rows[x as usize] && !self.of_rows[to as usize] && to as usize >= self.own;
        assert!(is_apart, "from rows to entries");
        // SAFETY: `to` has so many entries, borrowed for as long as `self` is, and it is another place than `x`.
        let out = unsafe { std::slice::from_raw_parts_mut(self.places[to as usize], self.length) };
        out.chunks_exact_mut(self.row).zip(self.at(x)).for_each(|(out, &x)| out.fill(x));
    }
}

/// How a row becomes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFold {
    /// The sum.
    Sum,
    /// The largest; NaN if one is.
    Max,
}

struct FoldRows<'a, T> {
    fold: RowFold,
    x: &'a [T],
    row: usize,
    out: &'a mut [T],
}

impl<T: LaneFloat> Job for FoldRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let FoldRows { fold, x, row, out } = self;
        let rows = out.iter_mut().zip(x.chunks_exact(row));
        match fold {
            RowFold::Sum => rows.for_each(|(out, row)| *out = sum(row)),
            #[allow(clippy::eq_op)] // is it NaN?
            RowFold::Max => {
                let larger = |a: T, b: T| if (a != a) | (a > b) { a } else { b };
                rows.for_each(|(out, row)| *out = rows::fold(row, row[0], larger, larger));
            }
        }
    }
}

/// Sums of columns over the entries of a chunk.
#[derive(Default)]
struct Partial<T> {
    columns: Option<Columns>,
    /// Of the outer axis, the first that the chunk meets.
    first: usize,
    /// For each of those the chunk meets the sums of its columns.
    sums: Vec<T>,
}

impl<T: LaneFloat> Partial<T> {
    fn new(columns: Columns, start: usize, count: usize) -> Partial<T> {
        let span = columns.length * columns.inner;
        let (first, last) = (start / span, (start + count - 1) / span);
        Partial {
            columns: Some(columns),
            first,
            sums: vec![T::default(); (last - first + 1) * columns.inner],
        }
    }
}

struct AddColumns<'a, T>(&'a mut Partial<T>, usize, &'a [T]);

impl<T: LaneFloat> Job for AddColumns<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let AddColumns(Partial { columns, first, sums }, mut start, mut x) = self;
        let Some(Columns { length, inner }) = *columns else { return };
        while !x.is_empty() {
            let (outer, column) = (start / (length * inner) - *first, start % inner);
            let (row, rest) = x.split_at(x.len().min(inner - column));
            let sums = &mut sums[outer * inner + column..][..row.len()];
            sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum = *sum + x);
            start += row.len();
            x = rest;
        }
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
    /// An array with an entry for each row.
    OfRows(&'a Array),
    /// What a window of the region's shape shows of an array that begins there in it, along each axis: zeros where the array is not.
    Window(&'a Array, &'a [isize]),
    /// What stands in the memory of this result before it is written.
    Memory(usize),
}

/// What a region makes.
#[derive(Clone, Debug)]
pub struct Made {
    /// Of the region's shape.
    pub results: Vec<Array>,
    /// With an entry for each row.
    pub of_rows: Vec<Array>,
    /// Sums of columns, with an entry for each outer and inner one.
    pub columns: Vec<Array>,
    /// Sums of all entries.
    pub sums: Vec<f64>,
}

/// What the code makes of block after block of the operands. Each result is written to the memory of an array that is not needed any more, where
/// there is one (see [`Array::build_all`]).
///
/// Which entries are added to which depends on the shape, on `most` and on how the operands lie, never on how many threads there are.
///
/// ```
/// use cotangent_kernels::map::{region, Blocks, Frame, Sizes, Source};
/// use cotangent_kernels::Array;
/// let x = Array::from_vec(vec![1.0, 2.0, 3.0], [3]);
/// let sizes = Sizes { sums: 1, ..Sizes::default() };
/// // The operand is at place 0, the number at 1, the result at 2.
/// let frame = Frame { shape: x.shape(), numbers: &[0.5], sizes, columns: &[], most: 1024 };
/// let made = region(&[Source::Array(&x)], frame, vec![None], |blocks: &mut Blocks<f64>| {
///     let ([x, half], [y]) = blocks.lend([0, 1], [2]);
///     for i in 0..y.len() {
///         y[i] = x[i] * half[i];
///     }
///     blocks.add(0, 2);
/// });
/// assert_eq!((made.results[0].to_vec::<f64>().unwrap(), made.sums), (vec![0.5, 1.0, 1.5], vec![3.0]));
/// ```
///
/// # Panics
/// If an operand has another dtype or shape, rows or columns do not fill the shape, blocks may have no entries, or memory is not fit for a result.
pub fn region<T: LaneFloat>(
    x: &[Source],
    frame: Frame,
    memory: Vec<Option<Array>>,
    code: impl Fn(&mut Blocks<T>) + Sync,
) -> Made {
    let Frame { shape, sizes, columns, .. } = frame;
    let (size, results) = (shape.size(), memory.len());
    assert!(frame.most > 0, "blocks of no entries");
    // Without rows each entry is one.
    let row = sizes.rows.length.max(1);
    let fills = |length: usize| length > 0 && size.is_multiple_of(length);
    let spans = columns.iter().map(|columns| columns.length * columns.inner);
    assert!(fills(row) && spans.clone().all(fills), "rows and columns fill a shape");
    let most = (frame.most.min(size) / row).max(1) * row;
    let mut entries: SmallVec<[Option<Entries<T>>; 8]> = SmallVec::new();
    for source in x {
        entries.push(match *source {
            Source::Array(array) => {
                assert_eq!(array.shape(), shape, "operands of a region have its shape");
                Some(array.entries::<T>())
            }
            Source::OfRows(array) => {
                assert_eq!(array.size(), size / row, "an entry for each row");
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
            (Source::OfRows(_), Some(entries)) => Found::OfRows(Operand::of(entries, most / row)),
            (Source::Array(_) | Source::OfRows(_), None) => unreachable!("an array has entries"),
            (Source::Window(array, low), _) => Found::Window(Window::new(array, low, shape)),
            (Source::Memory(result), _) => Found::Memory(*result),
        });
    }
    let mut of_rows: SmallVec<[bool; 32]> = operands.iter().map(Found::is_of_rows).collect();
    let Rows { registers, results: row_results, .. } = sizes.rows;
    for (count, is) in [
        (frame.numbers.len() + sizes.registers, false),
        (registers, true),
        (results, false),
        (row_results, true),
    ] {
        of_rows.resize(of_rows.len() + count, is);
    }
    let frame = Frame { most, ..frame };
    let walk = Walk { operands: &operands, frame, row, of_rows: &of_rows, code: &code };
    // Whole rows.
    let share = (CHUNK / row).max(1) * row;
    let count = size.div_ceil(share);
    let partials = |start: usize, count: usize| -> Vec<Partial<T>> {
        columns.iter().map(|&columns| Partial::new(columns, start, count)).collect()
    };
    let mut totals = vec![0.0; sizes.sums];
    let mut parts: Vec<Vec<Partial<T>>> = Vec::with_capacity(count);
    let mut made_of_rows = Vec::new();
    let results = Array::build_all(shape.clone(), memory, |y: &mut [&mut [T]]| {
        let none = vec![None; sizes.rows.results];
        made_of_rows = Array::build_all([size / row], none, |z: &mut [&mut [T]]| {
            if count <= 1 {
                let mut part = partials(0, size);
                walk.chunk(0, size, y, z, &mut totals, &mut part);
                parts.push(part);
                return;
            }
            // A share of everything for each chunk.
            let new = |i: usize| Share {
                y: Vec::with_capacity(results),
                z: Vec::with_capacity(sizes.rows.results),
                sums: vec![0.0; sizes.sums],
                partials: partials(i * share, share.min(size - i * share)),
            };
            let mut shares: Vec<Share<T>> = (0..count).map(new).collect();
            for y in y.iter_mut() {
                shares.iter_mut().zip(y.chunks_mut(share)).for_each(|(own, y)| own.y.push(y));
            }
            for z in z.iter_mut() {
                shares.iter_mut().zip(z.chunks_mut(share / row)).for_each(|(own, z)| own.z.push(z));
            }
            threads::chunks(&mut shares, 1, |i, own| {
                let Share { y, z, sums, partials } = &mut own[0];
                walk.chunk(i * share, share.min(size - i * share), y, z, sums, partials);
            });
            for Share { sums, partials, .. } in shares {
                totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
                parts.push(partials);
            }
        });
    });
    let column = |i: usize| {
        let Columns { length, inner } = columns[i];
        Array::build([size / length], |out: &mut [T]| {
            out.fill(T::default());
            for Partial { first, sums, .. } in parts.iter().map(|part| &part[i]) {
                let out = &mut out[first * inner..][..sums.len()];
                out.iter_mut().zip(sums).for_each(|(out, &sum)| *out = *out + sum);
            }
        })
    };
    let columns = (0..columns.len()).map(column).collect();
    Made { results, of_rows: made_of_rows, columns, sums: totals }
}

/// What a chunk writes.
struct Share<'a, T> {
    y: Vec<&'a mut [T]>,
    /// Results of rows.
    z: Vec<&'a mut [T]>,
    sums: Vec<f64>,
    partials: Vec<Partial<T>>,
}

/// An operand as blocks of it are found.
enum Found<'a, T> {
    Operand(Operand<'a, T>),
    /// With an entry for each row.
    OfRows(Operand<'a, T>),
    Window(Window<'a, T>),
    /// Where this result will be written.
    Memory(usize),
}

impl<T: LaneFloat> Found<'_, T> {
    /// Those from this one on that lie together, and are not written meanwhile.
    #[inline]
    fn lent(&self, start: usize) -> Option<&[T]> {
        match self {
            Found::Operand(operand) | Found::OfRows(operand) => operand.lent(start),
            Found::Window(window) => window.row(start, BLOCK / 8),
            Found::Memory(_) => None,
        }
    }
    /// Are there entries that must be brought into a buffer?
    fn is_brought(&self) -> bool {
        match self {
            Found::Operand(operand) | Found::OfRows(operand) => matches!(operand, Operand::Scattered(_)),
            Found::Window(_) | Found::Memory(_) => true,
        }
    }
    fn is_of_rows(&self) -> bool {
        matches!(self, Found::OfRows(_))
    }
}

struct Walk<'a, T, Code> {
    operands: &'a [Found<'a, T>],
    frame: Frame<'a>,
    /// Entries of a row.
    row: usize,
    /// Which places have an entry for each row.
    of_rows: &'a [bool],
    code: &'a Code,
}

impl<T: LaneFloat, Code: Fn(&mut Blocks<T>) + Sync> Walk<'_, T, Code> {
    /// The entries from `start` on, so many, in whole rows; the results', and those of rows, are `y` and `z`.
    #[allow(unsafe_code)]
    fn chunk(
        &self,
        start: usize,
        count: usize,
        y: &mut [&mut [T]],
        z: &mut [&mut [T]],
        sums: &mut [f64],
        partials: &mut [Partial<T>],
    ) {
        let (row, Frame { numbers, sizes, .. }) = (self.row, self.frame);
        let most = self.frame.most.min(count);
        // In whole lines of the cache, and one more: places whose addresses differ by a power of two would be in each other's way.
        let line = 64 / size_of::<T>();
        let padded = |length: usize| length.next_multiple_of(line) + line;
        let (stride, row_stride) = (padded(most), padded(most / row));
        let kept = numbers.len() + sizes.registers;
        let brought = |of_rows: bool| {
            self.operands.iter().filter(|x| x.is_brought() && x.is_of_rows() == of_rows).count()
        };
        // First those of entries, and then those of rows.
        let wide = (kept + brought(false)) * stride;
        let mut scratch = Store::<T>::open(wide + (sizes.rows.registers + brought(true)) * row_stride);
        for (block, &number) in scratch.chunks_mut(stride).zip(numbers) {
            block[..most].fill(T::from_f64(number));
        }
        assert!(y.iter().all(|y| y.len() == count), "a share of each result");
        assert!(z.iter().all(|z| z.len() == count / row), "a share of each result of rows");
        // From here on what is written is written through these pointers alone.
        let own = scratch.as_mut_ptr();
        let results: SmallVec<[*mut T; 4]> = y.iter_mut().map(|y| y.as_mut_ptr()).collect();
        let of_rows: SmallVec<[*mut T; 4]> = z.iter_mut().map(|z| z.as_mut_ptr()).collect();
        let operands = self.operands.len();
        let all = operands + kept + sizes.rows.registers + results.len() + of_rows.len();
        let mut places: SmallVec<[*mut T; 32]> = SmallVec::with_capacity(all);
        places.resize(operands, own);
        // SAFETY: the scratch has `stride` entries for each of these, and then `row_stride` for those of rows.
        places.extend((0..kept).map(|i| unsafe { own.add(i * stride) }));
        // SAFETY: as above.
        places.extend((0..sizes.rows.registers).map(|i| unsafe { own.add(wide + i * row_stride) }));
        let first_result = places.len();
        places.extend_from_slice(&results);
        places.extend_from_slice(&of_rows);
        let mut done = 0;
        while done < count {
            let mut length = most.min(count - done);
            let first = |x: &Found<T>| if x.is_of_rows() { (start + done) / row } else { start + done };
            let lent: SmallVec<[Option<&[T]>; 8]> = self.operands.iter().map(|x| x.lent(first(x))).collect();
            if row == 1 {
                // What is lent is not cut across.
                length = lent.iter().flatten().fold(length, |length, lent| length.min(lent.len()));
            }
            let (mut buffer, mut row_buffer) = (kept * stride, wide + sizes.rows.registers * row_stride);
            for ((place, x), lent) in places.iter_mut().zip(self.operands).zip(lent) {
                let (first, length) = (first(x), if x.is_of_rows() { length / row } else { length });
                if let Some(lent) = lent.filter(|lent| lent.len() >= length) {
                    // Read only, for it is an operand's.
                    *place = lent.as_ptr().cast_mut();
                    continue;
                }
                let next = if x.is_of_rows() { &mut row_buffer } else { &mut buffer };
                // SAFETY: the scratch has so many entries for each of these.
                *place = unsafe { own.add(*next) };
                *next += if x.is_of_rows() { row_stride } else { stride };
                // SAFETY: as above, and nobody reads there now.
                let block = unsafe { std::slice::from_raw_parts_mut(*place, length) };
                match x {
                    Found::Operand(Operand::Scattered(view)) | Found::OfRows(Operand::Scattered(view)) => {
                        view.copy(first, block);
                    }
                    Found::Window(window) => window.copy(first, block),
                    // SAFETY: the share of the result has `count` entries, and nobody writes there now.
                    Found::Memory(result) => block.copy_from_slice(unsafe {
                        std::slice::from_raw_parts(results[*result].add(done), length)
                    }),
                    Found::Operand(_) | Found::OfRows(_) => unreachable!("what lies in order is lent"),
                }
            }
            let (entries, rows) = places[first_result..].split_at_mut(results.len());
            for (place, &result) in entries.iter_mut().zip(&results) {
                // SAFETY: the share of the result has `count` entries.
                *place = unsafe { result.add(done) };
            }
            for (place, &result) in rows.iter_mut().zip(&of_rows) {
                // SAFETY: the share of the result has an entry for each row of them.
                *place = unsafe { result.add(done / row) };
            }
            (self.code)(&mut Blocks {
                places: &places,
                of_rows: self.of_rows,
                own: operands + numbers.len(),
                length,
                row,
                rows: length / row,
                start: start + done,
                sums,
                columns: partials,
                borrowed: PhantomData,
            });
            done += length;
        }
    }
}
