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

/// A sum along an axis of something that is seen as `[outer, length, inner]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// How many entries are added.
    pub length: usize,
    /// How far apart they are.
    pub inner: usize,
    /// How many entries of a row what is added up has.
    pub width: usize,
}

/// What a region is. Its rows are walked together, block by block; whatever it works with has so many entries of each row, its width, and lies
/// row by row. Where entries of a row do not meet each other, each entry may be a row.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// How many rows there are.
    pub rows: usize,
    /// What is the same everywhere.
    pub numbers: &'a [f64],
    /// What is written and read again, by its width, which is at least 1.
    pub registers: &'a [usize],
    /// What columns are added up.
    pub columns: &'a [Columns],
    /// How many sums there are of all entries of something.
    pub sums: usize,
    /// A block has no more entries of the widest, but at least a row.
    pub most: usize,
}

/// The same rows of everything that a region works with, at numbered places: first its operands, then its numbers, registers and results. What
/// a register or result holds before it is written is left open.
pub struct Blocks<'a, T> {
    /// Where each place begins.
    places: &'a [*mut T],
    /// How wide each is; a number is as wide as need be.
    widths: &'a [usize],
    /// From this place on they are numbers, and from this one on they may be written.
    numbers: usize,
    own: usize,
    /// How many rows, and the first.
    rows: usize,
    start: usize,
    sums: &'a mut [f64],
    columns: &'a mut [Partial<T>],
    borrowed: PhantomData<&'a mut [T]>,
}

impl<T: LaneFloat> Blocks<'_, T> {
    /// Entries to be read, and those at `to` to be written.
    ///
    /// # Panics
    /// If a place of `to` is an operand or a number, or named twice, or not all are equally wide.
    #[inline(always)]
    #[allow(unsafe_code)]
    pub fn lend<const N: usize, const M: usize>(
        &mut self,
        x: [u32; N],
        to: [u32; M],
    ) -> ([&[T]; N], [&mut [T]; M]) {
        let width = self.widths[to[0] as usize];
        let mut fit = true;
        for i in 0..M {
            fit &= to[i] as usize >= self.own && !x.contains(&to[i]) && !to[..i].contains(&to[i]);
            fit &= self.widths[to[i] as usize] == width;
        }
        for x in x {
            let x = x as usize;
            fit &= (self.widths[x] == width) | (self.numbers..self.own).contains(&x);
        }
        assert!(fit, "what is read is not written, and as wide");
        let length = self.rows * width;
        // SAFETY: so many entries lie at each place that is so wide, and at each number, borrowed for as long as `self` is, and no two places
        // from `own` on share any with another place. Those of `to` are such, and are named once.
        let out = to.map(|to| unsafe { std::slice::from_raw_parts_mut(self.places[to as usize], length) });
        // SAFETY: as above, and nobody writes there while `self` is borrowed.
        (x.map(|x| unsafe { std::slice::from_raw_parts(self.places[x as usize], length) }), out)
    }

    /// Entries to be read, which are equally wide, those at another place to be written, and how wide either is.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn across<const N: usize>(&mut self, x: [u32; N], to: u32) -> ([&[T]; N], &mut [T], [usize; 2]) {
        assert!(to as usize >= self.own && !x.contains(&to), "what is read is not written");
        let widths = [x[0], to].map(|place| self.widths[place as usize]);
        assert!(x.iter().all(|&x| self.widths[x as usize] == widths[0]), "what is read is as wide");
        assert!(widths[0] > 0 && widths[1] > 0, "rows of entries");
        // SAFETY: as in `lend`, each as long as it is.
        let out = unsafe { std::slice::from_raw_parts_mut(self.places[to as usize], self.rows * widths[1]) };
        (x.map(|x| self.at(x)), out, widths)
    }

    /// Entries to be read; of a number none, for its width is 0.
    #[inline(always)]
    #[allow(unsafe_code)]
    fn at(&self, place: u32) -> &[T] {
        let length = self.rows * self.widths[place as usize];
        // SAFETY: so many entries lie there, and nobody writes them while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.places[place as usize], length) }
    }

    /// Adds entries to a sum.
    #[inline]
    pub fn add(&mut self, sum: usize, x: u32) {
        let total = simd::dispatch(Total(self.at(x)));
        self.sums[sum] += total;
    }

    /// Adds entries to the sums of columns.
    ///
    /// # Panics
    /// If they are not as wide as these say.
    pub fn add_columns(&mut self, columns: usize, x: u32) {
        let width = self.widths[x as usize];
        let wanted = self.columns[columns].columns.map(|columns| columns.width);
        assert_eq!(Some(width), wanted, "what is added up is as wide as its columns say");
        let start = self.start * width;
        let mut partial = std::mem::take(&mut self.columns[columns]);
        simd::dispatch(AddColumns(&mut partial, start, self.at(x)));
        self.columns[columns] = partial;
    }

    /// Folds the entries of each row to one.
    ///
    /// # Panics
    /// If `to` is an operand, a number or `x`, or is wider than 1.
    #[inline]
    pub fn fold_rows(&mut self, fold: RowFold, x: u32, to: u32) {
        let ([x], out, [row, width]) = self.across([x], to);
        assert!(width == 1, "from rows to one entry of each");
        simd::dispatch(FoldRows { fold, x, row, out });
    }

    /// Gives each entry of a row the one of `x`.
    ///
    /// # Panics
    /// If `to` is an operand, a number or `x`, or `x` is wider than 1.
    #[inline]
    pub fn spread(&mut self, x: u32, to: u32) {
        let ([x], out, [width, row]) = self.across([x], to);
        assert!(width == 1, "from one entry of each row");
        out.chunks_exact_mut(row).zip(x).for_each(|(out, &x)| out.fill(x));
    }

    /// Shows of each row a window in which it begins at `low`: zeros where it is not.
    ///
    /// # Panics
    /// If `to` is an operand, a number or `x`, or `x` is a number.
    #[inline]
    pub fn shift(&mut self, x: u32, low: isize, to: u32) {
        let ([x], out, [from, to]) = self.across([x], to);
        simd::dispatch(Shift { x, from, low, out, to });
    }

    /// The sum of two [`shift`](Blocks::shift)s.
    ///
    /// # Panics
    /// As it does, or if what is added is not equally wide.
    #[inline]
    pub fn add_shifts(&mut self, x: [u32; 2], low: [isize; 2], to: u32) {
        let (x, out, [from, to]) = self.across(x, to);
        simd::dispatch(AddShifts { x, from, low, out, to });
    }
}

struct AddShifts<'a, T> {
    x: [&'a [T]; 2],
    from: usize,
    low: [isize; 2],
    out: &'a mut [T],
    to: usize,
}

impl<T: LaneFloat> Job for AddShifts<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let AddShifts { x: [a, b], from, low, out, to } = self;
        let within = |place: isize| place.clamp(0, to as isize) as usize;
        // Where both are.
        let first = within(low[0].max(low[1]));
        let end = within(low[0].min(low[1]).saturating_add(from as isize)).max(first);
        let entry = |row: &[T], low: isize, i: usize| {
            let place = usize::try_from((i as isize).saturating_sub(low)).ok();
            place.and_then(|place| row.get(place)).copied().unwrap_or_default()
        };
        for ((out, a), b) in out.chunks_exact_mut(to).zip(a.chunks_exact(from)).zip(b.chunks_exact(from)) {
            for i in (0..first).chain(end..to) {
                out[i] = entry(a, low[0], i) + entry(b, low[1], i);
            }
            if first < end {
                let [a, b] = [(a, low[0]), (b, low[1])].map(|(row, low)| {
                    let start = (first as isize - low) as usize;
                    &row[start..start + end - first]
                });
                for ((out, &a), &b) in out[first..end].iter_mut().zip(a).zip(b) {
                    *out = a + b;
                }
            }
        }
    }
}

struct Shift<'a, T> {
    x: &'a [T],
    from: usize,
    low: isize,
    out: &'a mut [T],
    to: usize,
}

impl<T: LaneFloat> Job for Shift<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Shift { x, from, low, out, to } = self;
        let within = |place: isize| place.clamp(0, to as isize) as usize;
        let (first, end) = (within(low), within(low.saturating_add(from as isize)));
        for (out, x) in out.chunks_exact_mut(to).zip(x.chunks_exact(from)) {
            out[..first].iter_mut().for_each(|out| *out = T::default());
            if first < end {
                let start = (first as isize - low) as usize;
                copy_row(&x[start..start + end - first], &mut out[first..end]);
            }
            out[end.max(first)..].iter_mut().for_each(|out| *out = T::default());
        }
    }
}

/// Copies entries of rows that are often short: by moves of a length that the compiler knows, for a call takes as long as a hundred of them.
#[inline(always)]
fn copy_row<T: Copy>(x: &[T], out: &mut [T]) {
    const PART: usize = 32;
    let length = out.len();
    if !(PART..8 * PART).contains(&length) {
        return out.copy_from_slice(x);
    }
    let mut start = 0;
    while start < length {
        // The last ones with some that have been copied.
        start = start.min(length - PART);
        out[start..start + PART].copy_from_slice(&x[start..start + PART]);
        start += PART;
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
    /// Of so many rows, from this one on.
    fn new(columns: Columns, start: usize, count: usize) -> Partial<T> {
        let (start, count) = (start * columns.width, count * columns.width);
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
        let Some(Columns { length, inner, .. }) = *columns else { return };
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
    /// An array.
    Array(&'a Array),
    /// What a window of this shape shows of an array that begins there in it, along each axis: zeros where the array is not.
    Window(&'a Array, &'a Shape, &'a [isize]),
    /// What stands in the memory of this result before it is written.
    Memory(usize),
}

/// What a region makes.
#[derive(Clone, Debug)]
pub struct Made {
    /// What was asked for.
    pub results: Vec<Array>,
    /// Sums of columns, with an entry for each outer and inner one.
    pub columns: Vec<Array>,
    /// Sums of all entries.
    pub sums: Vec<f64>,
}

/// What the code makes of block after block of the operands. Results are asked for by their shapes, and each is written to the memory of an array
/// that is not needed any more, where there is one (see [`Array::build_all`]).
///
/// Which entries are added to which depends on the frame and on how the operands lie, never on how many threads there are.
///
/// ```
/// use cotangent_kernels::map::{region, Blocks, Frame, Source};
/// use cotangent_kernels::Array;
/// let x = Array::from_vec(vec![1.0, 2.0, 3.0], [3]);
/// // The operand is at place 0, the number at 1, the result at 2.
/// let frame = Frame { rows: 3, numbers: &[0.5], registers: &[], columns: &[], sums: 1, most: 1024 };
/// let targets = vec![([3].into(), None)];
/// let made = region(&[Source::Array(&x)], frame, targets, |blocks: &mut Blocks<f64>| {
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
/// If an operand or result has not as many entries of each row, has no entries or another dtype, a register is of no width, columns do not fill
/// what is added up, blocks may have no entries, or memory is not fit for a result.
pub fn region<T: LaneFloat>(
    x: &[Source],
    frame: Frame,
    targets: Vec<(Shape, Option<Array>)>,
    code: impl Fn(&mut Blocks<T>) + Sync,
) -> Made {
    let Frame { rows, numbers, registers, columns, .. } = frame;
    let fits = |&Columns { length, inner, width }: &Columns| {
        length * inner > 0 && width > 0 && (rows * width).is_multiple_of(length * inner)
    };
    assert!(frame.most > 0 && columns.iter().all(fits), "blocks and columns of some entries");
    assert!(!registers.contains(&0), "registers of some entries");
    let width = |shape: &Shape| {
        let size = shape.size();
        assert!(size > 0 && size.is_multiple_of(rows), "{shape} has no entries of each of {rows} rows");
        size / rows
    };
    let results: SmallVec<[usize; 4]> = targets.iter().map(|(shape, _)| width(shape)).collect();
    let mut widths: SmallVec<[usize; 32]> = SmallVec::new();
    let mut entries: SmallVec<[Option<Entries<T>>; 8]> = SmallVec::new();
    for source in x {
        let (own, found) = match *source {
            Source::Array(array) => (width(array.shape()), Some(array.entries::<T>())),
            Source::Window(array, shape, low) => {
                let ranks = [array.rank(), low.len()];
                assert_eq!(ranks, [shape.rank(); 2], "a window has as many axes as what it shows");
                (width(shape), None)
            }
            Source::Memory(result) => (results[result], None),
        };
        widths.push(own);
        entries.push(found);
    }
    widths.resize(widths.len() + numbers.len(), 0);
    widths.extend_from_slice(registers);
    widths.extend_from_slice(&results);
    let widest = widths.iter().copied().fold(1, usize::max);
    // Rows of a block, and of what one thread takes at a time.
    let most = (frame.most / widest).clamp(1, rows);
    let share = (CHUNK / widest).max(1);
    let mut operands: SmallVec<[Found<T>; 8]> = SmallVec::new();
    for ((source, entries), width) in x.iter().zip(&entries).zip(&widths) {
        operands.push(match (source, entries) {
            (Source::Array(_), Some(entries)) => Found::Operand(Operand::of(entries, most * width)),
            (Source::Array(_), None) => unreachable!("an array has entries"),
            (Source::Window(array, shape, low), _) => Found::Window(Window::new(array, low, shape)),
            (Source::Memory(result), _) => Found::Memory(*result),
        });
    }
    let walk =
        Walk { operands: &operands, frame: Frame { most, ..frame }, widest, widths: &widths, code: &code };
    let count = rows.div_ceil(share);
    let partials = |start: usize, count: usize| -> Vec<Partial<T>> {
        columns.iter().map(|&columns| Partial::new(columns, start, count)).collect()
    };
    let mut totals = vec![0.0; frame.sums];
    let mut parts: SmallVec<[Vec<Partial<T>>; 1]> = SmallVec::with_capacity(count);
    let made = Array::build_all(targets, |y: &mut [&mut [T]]| {
        if count <= 1 {
            let mut part = partials(0, rows);
            walk.chunk(0, rows, y, &mut totals, &mut part);
            parts.push(part);
            return;
        }
        // A share of everything for each chunk.
        let new = |i: usize| Share {
            y: Vec::with_capacity(results.len()),
            sums: vec![0.0; frame.sums],
            partials: partials(i * share, share.min(rows - i * share)),
        };
        let mut shares: Vec<Share<T>> = (0..count).map(new).collect();
        for (y, width) in y.iter_mut().zip(&results) {
            shares.iter_mut().zip(y.chunks_mut(share * width)).for_each(|(own, y)| own.y.push(y));
        }
        threads::chunks(&mut shares, 1, |i, own| {
            let Share { y, sums, partials } = &mut own[0];
            walk.chunk(i * share, share.min(rows - i * share), y, sums, partials);
        });
        for Share { sums, partials, .. } in shares {
            totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
            parts.push(partials);
        }
    });
    let column = |i: usize| {
        let Columns { length, width, .. } = columns[i];
        Array::build([rows * width / length], |out: &mut [T]| {
            out.fill(T::default());
            for Partial { first, sums, .. } in parts.iter().map(|part| &part[i]) {
                let out = &mut out[first * columns[i].inner..][..sums.len()];
                out.iter_mut().zip(sums).for_each(|(out, &sum)| *out = *out + sum);
            }
        })
    };
    Made { results: made, columns: (0..columns.len()).map(column).collect(), sums: totals }
}

/// What a chunk writes.
struct Share<'a, T> {
    y: Vec<&'a mut [T]>,
    sums: Vec<f64>,
    partials: Vec<Partial<T>>,
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
        match self {
            Found::Operand(operand) => matches!(operand, Operand::Scattered(_)),
            Found::Window(_) | Found::Memory(_) => true,
        }
    }
}

struct Walk<'a, T, Code> {
    operands: &'a [Found<'a, T>],
    /// Its `most` are rows.
    frame: Frame<'a>,
    widest: usize,
    /// Of all places.
    widths: &'a [usize],
    code: &'a Code,
}

impl<T: LaneFloat, Code: Fn(&mut Blocks<T>) + Sync> Walk<'_, T, Code> {
    /// The rows from `start` on, so many; the results' are `y`.
    #[allow(unsafe_code)]
    fn chunk(
        &self,
        start: usize,
        count: usize,
        y: &mut [&mut [T]],
        sums: &mut [f64],
        partials: &mut [Partial<T>],
    ) {
        let (widths, Frame { numbers, registers, .. }) = (self.widths, self.frame);
        let most = self.frame.most.min(count);
        let operands = self.operands.len();
        let (first_register, first_result) = (operands + numbers.len(), widths.len() - y.len());
        // In whole lines of the cache, and one more: places whose addresses differ by a power of two would be in each other's way.
        let line = 64 / size_of::<T>();
        let stride = |width: usize| most.saturating_mul(width).saturating_add(2 * line) / line * line;
        // First the numbers, then the registers, and then what is brought.
        let number = stride(self.widest);
        let kept = registers
            .iter()
            .try_fold(numbers.len().checked_mul(number), |sum, &width| Some(sum?.checked_add(stride(width))));
        let brought = self.operands.iter().zip(widths).filter(|(x, _)| x.is_brought());
        let all = brought.fold(kept.flatten(), |sum, (_, &width)| sum?.checked_add(stride(width)));
        let (Some(kept), Some(all)) = (kept.flatten(), all) else { panic!("more than memory can hold") };
        let mut scratch = Store::<T>::open(all);
        for (block, &value) in scratch.chunks_mut(number).zip(numbers) {
            block[..most * self.widest].fill(T::from_f64(value));
        }
        let fits = |(y, &width): (&&mut [T], &usize)| y.len() == count * width;
        assert!(y.iter().zip(&widths[first_result..]).all(fits), "a share of each result");
        // From here on what is written is written through these pointers alone.
        let own = scratch.as_mut_ptr();
        let mut places: SmallVec<[*mut T; 32]> = SmallVec::with_capacity(widths.len());
        places.resize(operands, own);
        let mut next = 0;
        for (place, &width) in widths.iter().enumerate().take(first_result).skip(operands) {
            // SAFETY: the scratch has so many entries for each of these, one after the other.
            places.push(unsafe { own.add(next) });
            next += if place < first_register { number } else { stride(width) };
        }
        let results: SmallVec<[*mut T; 4]> = y.iter_mut().map(|y| y.as_mut_ptr()).collect();
        places.extend_from_slice(&results);
        let mut done = 0;
        while done < count {
            let mut rows = most.min(count - done);
            let mut lent: SmallVec<[Option<&[T]>; 8]> = SmallVec::new();
            for (x, width) in self.operands.iter().zip(widths) {
                lent.push(x.lent((start + done) * width));
            }
            if self.widest == 1 {
                // What is lent is not cut across.
                rows = lent.iter().flatten().fold(rows, |rows, lent| rows.min(lent.len()));
            }
            let mut buffer = kept;
            for (((place, x), lent), width) in places.iter_mut().zip(self.operands).zip(lent).zip(widths) {
                let (first, length) = ((start + done) * width, rows * width);
                if let Some(lent) = lent.filter(|lent| lent.len() >= length) {
                    // Read only, for it is an operand's.
                    *place = lent.as_ptr().cast_mut();
                    continue;
                }
                // SAFETY: the scratch has so many entries for each of these.
                *place = unsafe { own.add(buffer) };
                buffer += stride(*width);
                // SAFETY: as above, and nobody reads there now.
                let block = unsafe { std::slice::from_raw_parts_mut(*place, length) };
                match x {
                    Found::Operand(Operand::Scattered(view)) => view.copy(first, block),
                    Found::Window(window) => window.copy(first, block),
                    // SAFETY: the share of the result has `count` rows, and nobody writes there now.
                    Found::Memory(result) => block.copy_from_slice(unsafe {
                        std::slice::from_raw_parts(results[*result].add(done * width), length)
                    }),
                    Found::Operand(_) => unreachable!("what lies in order is lent"),
                }
            }
            for ((place, &result), width) in
                places[first_result..].iter_mut().zip(&results).zip(&widths[first_result..])
            {
                // SAFETY: the share of the result has `count` rows.
                *place = unsafe { result.add(done * width) };
            }
            (self.code)(&mut Blocks {
                places: &places,
                widths,
                numbers: operands,
                own: first_register,
                rows,
                start: start + done,
                sums,
                columns: partials,
                borrowed: PhantomData,
            });
            done += rows;
        }
    }
}
