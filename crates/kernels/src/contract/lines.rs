//! Products with one row, or few. Where rows of the right matrix are neighbours they stream by and are added to the row of the result;
//! where columns are, each number of the result is a product of two lines.

#![allow(unsafe_code)]

use super::product::Placed;
use crate::vector::{Loops, Scalar, Vector};

/// A row times a matrix, by pointers: rows of the matrix are neighbours.
#[derive(Clone, Copy)]
pub(super) struct Stream<T> {
    pub n: usize,
    pub k: usize,
    pub a: *const T,
    pub a_column: isize,
    pub b: *const T,
    pub b_row: isize,
    pub c: *mut T,
}

/// Columns that are done at once: so many numbers of the result stay in the first cache.
const COLUMNS: usize = 2048;
/// Rows of the matrix that are added at once; with wide vectors, one of a far matrix.
const DEPTH: usize = 4;
/// The bytes of a matrix that is far: the second cache may not hold it. Such a one comes fastest in order, and not from several rows
/// or columns that may meet in the cache, if there is little else to do.
pub(super) const FAR: usize = 1 << 18;

fn far<T>(n: usize, k: usize) -> bool {
    n.saturating_mul(k).saturating_mul(size_of::<T>()) >= FAR
}

impl<T: Scalar> Placed for Stream<T> {
    #[inline(always)]
    fn at(self, a: isize, b: isize, c: usize) -> Stream<T> {
        let (a, b, c) = (self.a.wrapping_offset(a), self.b.wrapping_offset(b), self.c.wrapping_add(c));
        Stream { a, b, c, ..self }
    }
}

impl<T: Scalar> Loops<T> for Stream<T> {
    type Output = ();
    /// # Safety
    /// The row, the matrix and the result are as long as they say, and nobody else uses the result.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        // Narrow vectors read and write the result too often to add the rows of a far matrix one by one.
        let narrow = V::LANES * size_of::<T>() <= 32;
        let several = narrow || !far::<T>(self.n, self.k);
        let mut first = 0;
        while first < self.n {
            let width = COLUMNS.min(self.n - first);
            let mut k = 0;
            // SAFETY: these rows and columns are the matrix's.
            unsafe {
                while several && k + DEPTH <= self.k {
                    self.add::<V, DEPTH>(k, first, width);
                    k += DEPTH;
                }
                while k < self.k {
                    self.add::<V, 1>(k, first, width);
                    k += 1;
                }
            }
            first += width;
        }
    }
}

impl<T: Scalar> Stream<T> {
    /// Adds `D` rows of the matrix, from the `k`th on, to the result; the first ones are the result.
    #[inline(always)]
    unsafe fn add<V: Vector<T>, const D: usize>(&self, k: usize, first: usize, width: usize) {
        let a = self.a.wrapping_offset(k as isize * self.a_column);
        let b = self.b.wrapping_offset(k as isize * self.b_row).wrapping_add(first);
        let c = self.c.wrapping_add(first);
        // SAFETY: D rows are there; a vector in part reads and writes no more than the columns.
        unsafe {
            let mut x = [V::splat(T::default()); D];
            for (d, x) in x.iter_mut().enumerate() {
                *x = V::splat(*a.wrapping_offset(d as isize * self.a_column));
            }
            let mut j = 0;
            while j < width {
                let part = V::LANES.min(width - j);
                let whole = part == V::LANES;
                let read = |at: *const T| if whole { V::load(at) } else { V::load_part(at, part) };
                let mut sum = if k > 0 { read(c.wrapping_add(j)) } else { V::splat(T::default()) };
                for (d, &x) in x.iter().enumerate() {
                    sum =
                        sum.add_product(x, read(b.wrapping_offset(d as isize * self.b_row).wrapping_add(j)));
                }
                let at = c.wrapping_add(j);
                if whole {
                    sum.store(at)
                } else {
                    sum.store_part(at, part)
                }
                j += V::LANES;
            }
        }
    }
}

/// A product with few rows, by pointers: numbers of a row of the left matrix are neighbours, and numbers of a column of the right one.
#[derive(Clone, Copy)]
pub(super) struct Dots<T> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub a: *const T,
    pub a_row: isize,
    pub b: *const T,
    pub b_column: isize,
    pub c: *mut T,
    pub c_row: usize,
}

impl<T: Scalar> Placed for Dots<T> {
    #[inline(always)]
    fn at(self, a: isize, b: isize, c: usize) -> Dots<T> {
        let (a, b, c) = (self.a.wrapping_offset(a), self.b.wrapping_offset(b), self.c.wrapping_add(c));
        Dots { a, b, c, ..self }
    }
}

impl<T: Scalar> Loops<T> for Dots<T> {
    type Output = ();
    /// # Safety
    /// The matrices are as large as they say, and nobody else uses the result.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        let mut j = 0;
        // SAFETY: these columns are the matrices'.
        unsafe {
            if self.m == 1 && far::<T>(self.n, self.k) {
                while j < self.n {
                    self.columns::<V, 1>(j);
                    j += 1;
                }
            }
            if V::REGISTERS == 32 || self.m < 4 {
                while j + 4 <= self.n {
                    self.columns::<V, 4>(j);
                    j += 4;
                }
            }
            while j + 2 <= self.n {
                self.columns::<V, 2>(j);
                j += 2;
            }
            if j < self.n {
                self.columns::<V, 1>(j);
            }
        }
    }
}

impl<T: Scalar> Dots<T> {
    /// `C` columns from the `j`th on.
    #[inline(always)]
    unsafe fn columns<V: Vector<T>, const C: usize>(&self, j: usize) {
        let mut i = 0;
        // SAFETY: these rows are the matrices'.
        unsafe {
            while i + 4 <= self.m {
                self.lines::<V, 4, C, 1>(i, j);
                i += 4;
            }
            // Eight sums hide how long one addition takes.
            if i + 2 <= self.m {
                if C == 4 {
                    self.lines::<V, 2, C, 1>(i, j)
                } else {
                    self.lines::<V, 2, C, 2>(i, j)
                }
                i += 2;
            }
            if i < self.m {
                match C {
                    4 => self.lines::<V, 1, C, 2>(i, j),
                    2 => self.lines::<V, 1, C, 4>(i, j),
                    _ => self.lines::<V, 1, C, 8>(i, j),
                }
            }
        }
    }

    /// `R` rows by `C` columns, each product in `U` sums.
    #[inline(always)]
    unsafe fn lines<V: Vector<T>, const R: usize, const C: usize, const U: usize>(&self, i: usize, j: usize) {
        let a = self.a.wrapping_offset(i as isize * self.a_row);
        let b = self.b.wrapping_offset(j as isize * self.b_column);
        // SAFETY: the lines have `k` numbers; a vector in part reads no more.
        unsafe {
            let mut sums = [[[V::splat(T::default()); C]; R]; U];
            let mut at = 0;
            while at + U * V::LANES <= self.k {
                for (u, sums) in sums.iter_mut().enumerate() {
                    self.step::<V, R, C>(a, b, at + u * V::LANES, V::LANES, sums);
                }
                at += U * V::LANES;
            }
            while at < self.k {
                self.step::<V, R, C>(a, b, at, V::LANES.min(self.k - at), &mut sums[0]);
                at += V::LANES;
            }
            let (first, others) = sums.split_at_mut(1);
            for r in 0..R {
                for c in 0..C {
                    let mut total = first[0][r][c];
                    for sums in others.iter() {
                        total = total.plus(sums[r][c]);
                    }
                    *self.c.wrapping_add((i + r) * self.c_row + j + c) = total.total();
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn step<V: Vector<T>, const R: usize, const C: usize>(
        &self,
        a: *const T,
        b: *const T,
        at: usize,
        count: usize,
        sums: &mut [[V; C]; R],
    ) {
        // SAFETY: the lines have `count` numbers from there on.
        unsafe {
            let read = |x: *const T| if count == V::LANES { V::load(x) } else { V::load_part(x, count) };
            let mut columns = [V::splat(T::default()); C];
            for (c, column) in columns.iter_mut().enumerate() {
                *column = read(b.wrapping_offset(c as isize * self.b_column).wrapping_add(at));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let row = read(a.wrapping_offset(r as isize * self.a_row).wrapping_add(at));
                for (sum, &column) in sums.iter_mut().zip(&columns) {
                    *sum = sum.add_product(row, column);
                }
            }
        }
    }
}
