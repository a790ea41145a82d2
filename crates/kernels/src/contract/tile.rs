//! Products in tiles of the result that stay in registers: some rows times some vectors of columns.

#![allow(unsafe_code)]

use super::product::Placed;
use crate::simd;
use crate::vector::{Loops, Scalar, Vector};

/// A product of matrices by pointers: rows of the right one are neighbours, or it is packed by [`pack`](super::pack).
#[derive(Clone, Copy)]
pub(super) struct Block<T> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub a: *const T,
    /// How far apart rows and columns of the left matrix lie.
    pub a_row: isize,
    pub a_column: isize,
    pub b: *const T,
    /// How far apart rows of the right matrix lie; nothing if it is packed.
    pub b_row: Option<isize>,
    pub c: *mut T,
    pub c_row: usize,
    /// Is the product added to the result, or is it the result?
    pub add: bool,
}

/// Some columns: from which one on, how many vectors, and how many columns.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub first: usize,
    pub vectors: usize,
    pub width: usize,
}

/// All columns in panels, as even as may be.
#[inline(always)]
pub(super) fn panels<T: Scalar, V: Vector<T>>(n: usize) -> impl Iterator<Item = Panel> + Clone {
    // Of sixteen registers up to twelve hold sums. With three vectors beside them and a number of the left matrix none is left, and compilers,
    // which want the next number before they are done with this one, move a sum to memory and back at each step.
    let most = if V::REGISTERS == 16 { 2 } else { 3 };
    let mut first = 0;
    std::iter::from_fn(move || {
        let left = (n - first).div_ceil(V::LANES);
        let vectors = if left == most + 1 { left.div_ceil(2) } else { left.min(most) };
        let panel = Panel { first, vectors, width: (vectors * V::LANES).min(n - first) };
        first += panel.width;
        (left > 0).then_some(panel)
    })
}

impl<T: Scalar> Placed for Block<T> {
    #[inline(always)]
    fn at(self, a: isize, b: isize, c: usize) -> Block<T> {
        let (a, b, c) = (self.a.wrapping_offset(a), self.b.wrapping_offset(b), self.c.wrapping_add(c));
        Block { a, b, c, ..self }
    }
}

/// Vectors of columns that few rows have room for in 32 registers.
pub(super) const WIDE: usize = 6;
pub(super) const FEW_ROWS: usize = 4;

impl<T: Scalar> Loops<T> for Block<T> {
    type Output = ();
    /// # Safety
    /// The matrices are as large as they say, and nobody else uses the result.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        let mut first = 0;
        // Few rows take the right matrix from as far away as it lies, once: of each of its rows as much as may be.
        if V::REGISTERS == 32 && self.m <= FEW_ROWS && self.b_row.is_some() {
            let width = WIDE * V::LANES;
            while first + width <= self.n {
                // SAFETY: so many columns are the matrices'.
                unsafe { self.rows_below::<V, WIDE, false>(0, Panel { first, vectors: WIDE, width }) }
                first += width;
            }
        }
        for panel in panels::<T, V>(self.n - first) {
            let panel = Panel { first: first + panel.first, ..panel };
            // SAFETY: the panel's columns are the matrices'.
            unsafe {
                match panel.vectors {
                    3 if V::REGISTERS == 32 => self.columns::<V, 3>(panel),
                    2 => self.columns::<V, 2>(panel),
                    _ => self.columns::<V, 1>(panel),
                }
            }
        }
    }
}

impl<T: Scalar> Block<T> {
    #[inline(always)]
    unsafe fn columns<V: Vector<T>, const M: usize>(&self, panel: Panel) {
        // SAFETY: see `run`.
        unsafe {
            match panel.width == M * V::LANES {
                true => self.rows::<V, M, false>(panel),
                false => self.rows::<V, M, true>(panel),
            }
        }
    }

    #[inline(always)]
    unsafe fn rows<V: Vector<T>, const M: usize, const PART: bool>(&self, panel: Panel) {
        let mut i = 0;
        // SAFETY: the rows are the matrices'.
        unsafe {
            if V::REGISTERS == 32 && M == 2 {
                while i + 12 <= self.m {
                    self.tile::<V, 12, M, PART>(i, panel);
                    i += 12;
                }
            }
            if V::REGISTERS == 32 || M == 1 {
                while i + 8 <= self.m {
                    self.tile::<V, 8, M, PART>(i, panel);
                    i += 8;
                }
            } else if V::FUSED {
                // Eight are better four and four than six and two.
                while i + 6 <= self.m && i + 8 != self.m {
                    self.tile::<V, 6, M, PART>(i, panel);
                    i += 6;
                }
            }
            self.rows_below::<V, M, PART>(i, panel);
        }
    }

    /// The rows from the `i`th on, four at a time.
    #[inline(always)]
    unsafe fn rows_below<V: Vector<T>, const M: usize, const PART: bool>(&self, mut i: usize, panel: Panel) {
        // SAFETY: the rows are the matrices'.
        unsafe {
            while i + 4 <= self.m {
                self.tile::<V, 4, M, PART>(i, panel);
                i += 4;
            }
            match self.m - i {
                3 => self.tile::<V, 3, M, PART>(i, panel),
                2 => self.tile::<V, 2, M, PART>(i, panel),
                1 => self.tile::<V, 1, M, PART>(i, panel),
                _ => {}
            }
        }
    }

    /// `R` rows from the `i`th on, `M` vectors of columns, of which the last may be a part.
    #[inline(always)]
    unsafe fn tile<V: Vector<T>, const R: usize, const M: usize, const PART: bool>(
        &self,
        i: usize,
        panel: Panel,
    ) {
        let part = panel.width - (M - 1) * V::LANES;
        let mut a = self.a.wrapping_offset(i as isize * self.a_row);
        let (mut b, b_row) = match self.b_row {
            Some(row) => (self.b.wrapping_add(panel.first), row),
            None => (self.b.wrapping_add(panel.first * self.k), (M * V::LANES) as isize),
        };
        let c = self.c.wrapping_add(i * self.c_row + panel.first);
        // SAFETY: R rows and the panel's columns are within the matrices; a vector in part reads and writes no more than these.
        unsafe {
            let mut sums = [[V::splat(T::default()); M]; R];
            if self.add {
                for r in 0..R {
                    for j in 0..M {
                        simd::expect(c.wrapping_add(r * self.c_row + j * V::LANES));
                    }
                }
            }
            for _ in 0..self.k {
                let mut vectors = [V::splat(T::default()); M];
                for (j, vector) in vectors.iter_mut().enumerate() {
                    let at = b.wrapping_add(j * V::LANES);
                    *vector = if PART && j == M - 1 { V::load_part(at, part) } else { V::load(at) };
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let x = V::splat(*a.wrapping_offset(r as isize * self.a_row));
                    for (sum, &vector) in sums.iter_mut().zip(&vectors) {
                        *sum = sum.add_product(x, vector);
                    }
                }
                a = a.wrapping_offset(self.a_column);
                b = b.wrapping_offset(b_row);
            }
            for (r, sums) in sums.iter().enumerate() {
                for (j, &sum) in sums.iter().enumerate() {
                    let at = c.wrapping_add(r * self.c_row + j * V::LANES);
                    match (PART && j == M - 1, self.add) {
                        (true, true) => V::load_part(at, part).plus(sum).store_part(at, part),
                        (true, false) => sum.store_part(at, part),
                        (false, true) => V::load(at).plus(sum).store(at),
                        (false, false) => sum.store(at),
                    }
                }
            }
        }
    }
}
