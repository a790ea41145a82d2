//! Products of floats: which loops serve, and where the work is cut. Both depend on shapes, strides and the level alone, so that a result has
//! the same bits with any number of threads.

#![allow(unsafe_code)]

use super::lines::{Dots, FAR, Stream};
use super::plan::Plan;
use super::tile::Block;
use super::{Numbers, pack, tile};
use crate::array::Store;
use crate::simd::Level;
use crate::threads;
use crate::vector::{Loops, Scalar, Vector, dispatch};
use std::ops::Range;

/// So many rows of the right matrix are multiplied before the result is written: a panel of them stays near the first cache.
const DEPTH: usize = 256;
/// What is packed of so many rows has at most so many bytes: the last cache holds it. Each of its panels, which the second cache holds,
/// is read once for so many rows of the left matrix as a thread takes at a time.
const SLAB: usize = 1 << 21;
/// Rows of the right matrix that are packed at once.
const PACKED: usize = 4096;
/// Into how many pieces packing them is cut.
const SHARES: usize = 4;
/// A piece of work for a thread has at least so many products of numbers.
const PIECE: usize = 1 << 19;
/// What is less than so many products of numbers is for one thread.
const ALONE: usize = 1 << 21;
/// Rows in a piece of a large product.
const ROWS: usize = 64;
/// For so many rows threads pack the right matrix together.
const TOGETHER: usize = 2 * ROWS;
/// So many rows make it worth while to pack even a right matrix that is near. Wide vectors take of each of its rows as much as a line of the
/// cache or several, and do not wait for them: they pack for [`TOGETHER`] rows alone.
const TALL: usize = 48;
/// So many rows make it worth while for narrow vectors to pack a right matrix that some second caches do not hold: one of [`VERY_FAR`] bytes.
const SEVERAL: usize = 12;
const VERY_FAR: usize = 1 << 20;
/// What is packed for fewer than [`TALL`] rows has at most so many bytes: the second cache holds it.
const NEAR: usize = 1 << 17;
/// Rows of the right matrix that narrow vectors multiply before the result is written, where they lie in pages of their own.
const SHALLOW: usize = 32;
/// Bytes between rows that lie in pages of their own, or nearly.
const APART: usize = 2048;
/// Up to so many numbers of the result, each a sum of at least twice so many products, are summed in pieces.
const FEW: usize = 64;
const LONG: usize = 1 << 15;
/// Into how many pieces a product is cut, or fewer.
const PIECES: usize = 16;

/// Are vectors as long as lines of the cache?
fn is_wide(level: Level) -> bool {
    level >= Level::Avx512
}

/// A product of matrices by pointers, all strides known.
#[derive(Clone, Copy)]
struct Matrices<T> {
    m: usize,
    n: usize,
    k: usize,
    a: *const T,
    a_strides: [isize; 2],
    b: *const T,
    b_strides: [isize; 2],
    c: *mut T,
    c_row: usize,
}

// SAFETY: the operands are only read, and threads write different rows or columns.
unsafe impl<T: Sync> Sync for Matrices<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Send for Matrices<T> {}

/// Which loops serve.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    /// Lines times lines.
    Dots,
    /// One row, to which those of the right matrix are added.
    Stream,
    /// Tiles on the operands as they lie.
    Tiles,
    /// Tiles on a packed right matrix.
    Packed,
}

/// Writes the product.
pub(super) fn product<T: Scalar>(level: Level, plan: &Plan, a: Numbers<T>, b: Numbers<T>, y: &mut [T]) {
    let count = plan.count();
    let whole = Matrices {
        m: plan.m,
        n: plan.n,
        k: plan.k,
        a: a.values.as_ptr().wrapping_add(a.offset),
        a_strides: plan.a,
        b: b.values.as_ptr().wrapping_add(b.offset),
        b_strides: plan.b,
        c: y.as_mut_ptr(),
        c_row: plan.c,
    };
    let one = plan.m.saturating_mul(plan.n).saturating_mul(plan.k);
    if count == 1 {
        return whole.cut(level);
    }
    if one >= ALONE {
        (0..count).for_each(|i| whole.item(plan, i).cut(level));
        return;
    }
    let piece = if count.saturating_mul(one) < ALONE { count } else { (PIECE / one.max(1)).max(1) };
    threads::collect(count.div_ceil(piece), |p| {
        let items = p * piece..count.min((p + 1) * piece);
        whole.repeated(level, whole.way(level), Repeat { plan: Some(plan), items });
    });
}

/// The same loops for some products of a plan, or for one.
#[derive(Clone)]
struct Repeat<'a> {
    plan: Option<&'a Plan>,
    items: Range<usize>,
}

const ONCE: Repeat = Repeat { plan: None, items: 0..1 };

/// Loops on other matrices of the same lengths and strides.
pub(super) trait Placed: Copy {
    /// With operands and result so much further on.
    fn at(self, a: isize, b: isize, c: usize) -> Self;
}

struct Many<'a, L> {
    one: L,
    repeat: Repeat<'a>,
}

impl<T: Scalar, L: Loops<T, Output = ()> + Placed> Loops<T> for Many<'_, L> {
    type Output = ();
    /// # Safety
    /// Each of the products may be computed.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        for i in self.repeat.items {
            let (a, b, c) = self.repeat.plan.map_or((0, 0, 0), |plan| plan.item(i));
            // SAFETY: the caller knows the matrices.
            unsafe { self.one.at(a, b, c).run::<V>() }
        }
    }
}

/// Runs loops on matrices of a checked plan, or on copies of them.
fn run<T: Scalar, L: Loops<T>>(level: Level, loops: L) -> L::Output {
    // SAFETY: `Plan::check` has seen that all operands and results are within their buffers and no two results meet, parts of
    // matrices are within them, and copies are as long as what is copied.
    unsafe { dispatch(level, loops) }
}

fn run_each<T: Scalar, L: Loops<T, Output = ()> + Placed>(level: Level, one: L, repeat: Repeat) {
    run::<T, _>(level, Many { one, repeat });
}

impl<T: Scalar> Matrices<T> {
    /// The `i`th product of a plan, of which this is the first.
    fn item(&self, plan: &Plan, i: usize) -> Matrices<T> {
        let (a, b, c) = plan.item(i);
        Matrices {
            a: self.a.wrapping_offset(a),
            b: self.b.wrapping_offset(b),
            c: self.c.wrapping_add(c),
            ..*self
        }
    }

    fn work(&self) -> usize {
        self.m.saturating_mul(self.n).saturating_mul(self.k)
    }

    /// The right matrix's.
    fn bytes(&self) -> usize {
        self.n.saturating_mul(self.k).saturating_mul(size_of::<T>())
    }

    fn way(&self, level: Level) -> Way {
        let Matrices { m, n, k, .. } = *self;
        let tall = if is_wide(level) { TOGETHER } else { TALL };
        let rows = self.b_strides[1] == 1 || n == 1;
        let lines = self.b_strides[0] == 1 && (!rows || n == 1);
        if lines && (m <= 4 || m <= 8 && k >= 128) {
            Way::Dots
        } else if !rows {
            Way::Packed
        } else if m <= 8 && n <= 8 && k >= 256 && self.a_strides[1] == 1 {
            Way::Dots
        } else if m == 1 {
            Way::Stream
        } else if m >= tall && self.bytes() > 1 << 15
            || !is_wide(level) && m >= SEVERAL && self.bytes() >= VERY_FAR
        {
            Way::Packed
        } else {
            Way::Tiles
        }
    }

    /// Some rows of it.
    fn rows(&self, first: usize, count: usize) -> Matrices<T> {
        let a = self.a.wrapping_offset(first as isize * self.a_strides[0]);
        Matrices { m: count, a, c: self.c.wrapping_add(first * self.c_row), ..*self }
    }

    /// Some columns of it.
    fn columns(&self, first: usize, count: usize) -> Matrices<T> {
        let b = self.b.wrapping_offset(first as isize * self.b_strides[1]);
        Matrices { n: count, b, c: self.c.wrapping_add(first), ..*self }
    }

    /// Some of what is summed.
    fn depth(&self, first: usize, count: usize) -> Matrices<T> {
        let a = self.a.wrapping_offset(first as isize * self.a_strides[1]);
        let b = self.b.wrapping_offset(first as isize * self.b_strides[0]);
        Matrices { k: count, a, b, ..*self }
    }

    /// Computes it in pieces, on several threads where that pays.
    fn cut(&self, level: Level) {
        let work = self.work();
        if work < ALONE {
            return self.alone(level);
        }
        if self.m * self.n <= FEW && self.k >= 2 * LONG {
            return self.sum_of_pieces(level);
        }
        if self.way(level) == Way::Packed && self.m >= TOGETHER {
            return self.packed_together(level);
        }
        let pieces = (work / PIECE).clamp(1, PIECES);
        // Columns in whole vectors of any kind; more of them where they are packed for few rows, for of each row so many are read in order.
        let way = self.way(level);
        let packed = way == Way::Packed;
        let whole = match way {
            Way::Packed if self.m < TALL => 96,
            // As tiles of few rows take them from an unpacked matrix.
            Way::Tiles if is_wide(level) && self.m <= tile::FEW_ROWS => tile::WIDE * (64 / size_of::<T>()),
            _ => 48,
        };
        let columns = self.n.div_ceil(pieces).next_multiple_of(whole);
        if self.n > columns {
            threads::collect(self.n.div_ceil(columns), |i| {
                let part = self.columns(i * columns, columns.min(self.n - i * columns));
                // A piece of what is far does not look so, but is.
                part.repeated(level, if packed { Way::Packed } else { part.way(level) }, ONCE);
            });
        } else {
            let rows = self.m.div_ceil(pieces).next_multiple_of(8);
            threads::collect(self.m.div_ceil(rows), |i| {
                self.rows(i * rows, rows.min(self.m - i * rows)).alone(level);
            });
        }
    }

    /// Few numbers, each a long sum: pieces of the sums, which are added in order. Vectors go along the longer side of the result, if
    /// numbers are neighbours there.
    fn sum_of_pieces(&self, level: Level) {
        let turned = self.m > self.n && self.a_strides[0] == 1;
        let one = if turned { self.transposed() } else { *self };
        let parts = threads::collect(self.k.div_ceil(LONG), |i| {
            let mut part = vec![T::default(); one.m * one.n];
            let own = one.depth(i * LONG, LONG.min(one.k - i * LONG));
            Matrices { c: part.as_mut_ptr(), c_row: one.n, ..own }.alone(level);
            part
        });
        for i in 0..one.m * one.n {
            let sum = parts[1..].iter().fold(parts[0][i], |sum, part| sum + part[i]);
            let (row, column) = if turned { (i % one.n, i / one.n) } else { (i / one.n, i % one.n) };
            // SAFETY: the result has these rows and columns, and is this call's alone.
            unsafe { *self.c.add(row * self.c_row + column) = sum }
        }
    }

    /// The right matrix's columns by the left one's rows; where the result goes is left as it is.
    fn transposed(&self) -> Matrices<T> {
        let turned = |[row, column]: [isize; 2]| [column, row];
        Matrices {
            m: self.n,
            n: self.m,
            a: self.b,
            a_strides: turned(self.b_strides),
            b: self.a,
            b_strides: turned(self.a_strides),
            ..*self
        }
    }

    /// Computes it on this thread.
    fn alone(&self, level: Level) {
        self.repeated(level, self.way(level), ONCE);
    }

    /// Computes it and others that lie like it, on this thread.
    fn repeated(&self, level: Level, way: Way, repeat: Repeat) {
        // Half a wide vector is a whole narrow one, of which some processors multiply two at a time.
        let half = way == Way::Tiles && self.n * size_of::<T>() == 32;
        let level = if half { level.min(Level::Avx2) } else { level };
        // Where little is summed, what is written decides: not too many rows at once.
        let height = if self.k <= 16 { 32 } else { self.m };
        // Rows of the right matrix that lie in pages of their own, and are read few times: some at a time, to their ends.
        let apart = !is_wide(level) && self.b_strides[0].unsigned_abs() * size_of::<T>() >= APART;
        let depth = if apart && self.m < SEVERAL && self.bytes() >= FAR { SHALLOW } else { DEPTH };
        match way {
            Way::Stream => return run_each(level, self.stream(), repeat),
            Way::Tiles if self.k <= depth && self.m <= height => {
                let block = Block { b_row: Some(self.b_strides[0]), ..self.block(self.a, self.a_strides) };
                return run_each(level, block, repeat);
            }
            Way::Dots if self.a_strides[1] == 1 && self.b_strides[0] == 1 => {
                return run_each(level, self.lines(), repeat);
            }
            _ => {}
        }
        for i in repeat.items {
            let one = repeat.plan.map_or(*self, |plan| self.item(plan, i));
            match way {
                Way::Dots => one.copied_lines(level),
                Way::Packed => one.packed(level),
                _ => one.tiles(level, height, depth),
            }
        }
    }

    /// Tiles on the operands as they lie.
    fn tiles(&self, level: Level, height: usize, depth: usize) {
        let mut first = 0;
        while first < self.m {
            let rows = self.rows(first, height.min(self.m - first));
            let mut k = 0;
            while k < rows.k {
                let part = rows.depth(k, depth.min(rows.k - k));
                let block = part.block(part.a, part.a_strides);
                run_each(level, Block { b_row: Some(part.b_strides[0]), add: k > 0, ..block }, ONCE);
                k += part.k;
            }
            first += rows.m;
        }
    }

    /// Tiles on a packed right matrix.
    fn packed(&self, level: Level) {
        let most = if self.m < TALL { NEAR } else { SLAB } / (DEPTH * size_of::<T>());
        let mut first = 0;
        while first < self.n {
            let columns = self.columns(first, most.min(self.n - first));
            let mut packed = Store::<T>::open(pack::packed_width(columns.n) * DEPTH.min(self.k));
            let mut k = 0;
            while k < self.k {
                let part = columns.depth(k, DEPTH.min(self.k - k));
                run(level, part.right(packed.as_mut_ptr()));
                part.tiles_of_packed(level, &packed, k > 0);
                k += part.k;
            }
            first += columns.n;
        }
    }

    fn block(&self, a: *const T, [a_row, a_column]: [isize; 2]) -> Block<T> {
        let Matrices { m, n, k, b, c, c_row, .. } = *self;
        Block { m, n, k, a, a_row, a_column, b, b_row: None, c, c_row, add: false }
    }

    fn right(&self, to: *mut T) -> pack::Right<T> {
        let Matrices { n, k, b, b_strides: [b_row, b_column], .. } = *self;
        pack::Right { n, k, b, b_row, b_column, to, share: 0, shares: 1 }
    }

    /// Of one row.
    fn stream(&self) -> Stream<T> {
        let Matrices { n, k, a, a_strides: [_, a_column], b, b_strides: [b_row, _], c, .. } = *self;
        Stream { n, k, a, a_column, b, b_row, c }
    }

    /// Of lines whose numbers are neighbours.
    fn lines(&self) -> Dots<T> {
        let Matrices { m, n, k, a, a_strides: [a_row, _], b, b_strides: [_, b_column], c, c_row } = *self;
        Dots { m, n, k, a, a_row, b, b_column, c, c_row }
    }

    /// Of lines that are copied where their numbers are no neighbours.
    fn copied_lines(&self, level: Level) {
        let k = self.k;
        let copied = |count: usize, from: *const T, step: isize, stride: isize| {
            let mut copy = Store::open(count * k);
            run(level, pack::Lines { count, k, from, step, stride, to: copy.as_mut_ptr() });
            copy
        };
        let (mut dots, mut kept_a, mut kept_b) = (self.lines(), None, None);
        if self.a_strides[1] != 1 {
            let copy = kept_a.insert(copied(self.m, self.a, self.a_strides[0], self.a_strides[1]));
            (dots.a, dots.a_row) = (copy.as_ptr(), k as isize);
        }
        if self.b_strides[0] != 1 {
            let copy = kept_b.insert(copied(self.n, self.b, self.b_strides[1], self.b_strides[0]));
            (dots.b, dots.b_column) = (copy.as_ptr(), k as isize);
        }
        run_each(level, dots, ONCE);
    }

    /// Tiles on a packed right matrix; the rows of the left one are copied where they lie far apart and are read often.
    fn tiles_of_packed(&self, level: Level, packed: &[T], add: bool) {
        let [row, column] = self.a_strides.map(isize::unsigned_abs);
        let far = row.max(column) * size_of::<T>() >= 1024 && (row, column) != (self.k, 1);
        if far && self.n >= 96 {
            let mut copy = Store::open(ROWS * self.k);
            let mut i = 0;
            while i < self.m {
                let part = self.rows(i, ROWS.min(self.m - i));
                // SAFETY: the copy has room for the rows of a piece.
                let strides =
                    unsafe { pack::left(part.m, part.k, part.a, part.a_strides, copy.as_mut_ptr()) };
                let block = part.block(copy.as_ptr(), strides);
                run_each(level, Block { b: packed.as_ptr(), add, ..block }, ONCE);
                i += part.m;
            }
        } else {
            let block = self.block(self.a, self.a_strides);
            run_each(level, Block { b: packed.as_ptr(), add, ..block }, ONCE);
        }
    }

    /// The right matrix is packed once, by all threads, and then each takes rows of the left one.
    fn packed_together(&self, level: Level) {
        let most = SLAB / (DEPTH * size_of::<T>());
        let mut packed = Store::<T>::open(pack::packed_width(self.n.min(most)) * self.k.min(PACKED));
        let mut first = 0;
        while first < self.n {
            let columns = self.columns(first, most.min(self.n - first));
            let width = pack::packed_width(columns.n);
            let mut k = 0;
            while k < self.k {
                let part = columns.depth(k, PACKED.min(self.k - k));
                let slabs = part.k.div_ceil(DEPTH);
                let slab = |i: usize| part.depth(i * DEPTH, DEPTH.min(part.k - i * DEPTH));
                {
                    let to = threads::Start(packed.as_mut_ptr());
                    let to = &to;
                    threads::collect(slabs * SHARES, |piece| {
                        let (i, share) = (piece / SHARES, piece % SHARES);
                        let right = slab(i).right(to.at(i * DEPTH * width));
                        run(level, pack::Right { share, shares: SHARES, ..right });
                    });
                }
                let packed = &packed[..];
                for i in 0..slabs {
                    let slab = slab(i);
                    threads::collect(self.m.div_ceil(ROWS), |r| {
                        let rows = slab.rows(r * ROWS, ROWS.min(self.m - r * ROWS));
                        rows.tiles_of_packed(level, &packed[i * DEPTH * width..], k + i > 0);
                    });
                }
                k += part.k;
            }
            first += columns.n;
        }
    }
}
