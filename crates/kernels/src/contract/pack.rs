//! Matrices laid out as tiles read them.

#![allow(unsafe_code)]

use super::tile::{Panel, panels};
use crate::array::turn::Turn;
use crate::vector::{Loops, Scalar, Vector};
use std::ops::Range;

/// Copies the right matrix to where panel follows panel, in each the rows one after the other, zeros where the last vector has no column.
#[derive(Clone, Copy)]
pub(super) struct Right<T> {
    pub n: usize,
    pub k: usize,
    pub b: *const T,
    pub b_row: isize,
    pub b_column: isize,
    pub to: *mut T,
    /// Which of the panels: the so manyth of so many shares.
    pub share: usize,
    pub shares: usize,
}

/// Rows that are copied together, of all panels.
const TOGETHER: usize = 8;

/// How many numbers a packed row of `n` columns has, for vectors of any processor.
pub(super) fn packed_width(n: usize) -> usize {
    n.next_multiple_of(16)
}

impl<T: Scalar> Loops<T> for Right<T> {
    type Output = ();
    /// # Safety
    /// The matrix is as large as it says, and `to` has room for `k` packed rows.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        let mut panels = panels::<T, V>(self.n);
        let all = panels.clone().count();
        let [first, last] = [self.share, self.share + 1].map(|share| share * all / self.shares);
        for _ in 0..first {
            panels.next();
        }
        // Rows lie far apart, and of each a panel has little: of some rows all is read in order.
        let height = if self.b_column == 1 { TOGETHER } else { self.k.max(1) };
        for rows in (0..self.k).step_by(height).map(|row| row..self.k.min(row + height)) {
            for panel in panels.clone().take(last - first) {
                let to = self.to.wrapping_add(panel.first * self.k);
                let width = panel.vectors * V::LANES;
                // SAFETY: the panel's columns are the matrix's.
                unsafe {
                    match [self.b_row, self.b_column] {
                        [_, 1] => self.rows::<V>(panel, to, width, rows.clone()),
                        [1, _] => self.columns::<V>(panel, to, width),
                        _ => self.numbers(panel, to, width, rows.clone(), 0),
                    }
                }
            }
        }
    }
}

impl<T: Scalar> Right<T> {
    /// Where numbers of a row are neighbours.
    #[inline(always)]
    unsafe fn rows<V: Vector<T>>(&self, panel: Panel, to: *mut T, width: usize, rows: Range<usize>) {
        for k in rows {
            let from = self.b.wrapping_offset(k as isize * self.b_row).wrapping_add(panel.first);
            let to = to.wrapping_add(k * width);
            let mut j = 0;
            while j < width {
                let part = V::LANES.min(panel.width - j);
                // SAFETY: so many columns are there, and a packed row has whole vectors.
                unsafe {
                    let at = from.wrapping_add(j);
                    let row = if part == V::LANES { V::load(at) } else { V::load_part(at, part) };
                    row.store(to.wrapping_add(j));
                }
                j += V::LANES;
            }
        }
    }

    /// Where numbers of a column are neighbours: square by square, some lines of them at a time, so that few columns, which may meet in
    /// the cache, are read together and what is written is still near when the next lines fill it up.
    #[inline(always)]
    unsafe fn columns<V: Vector<T>>(&self, panel: Panel, to: *mut T, width: usize) {
        const HEIGHT: usize = 64;
        // SAFETY: the rows and columns are there, and so is the room.
        unsafe {
            for first in (0..self.k).step_by(HEIGHT) {
                let (from, to) = (self.number(panel, first, 0), to.wrapping_add(first * width));
                let height = HEIGHT.min(self.k - first);
                let turn = Turn { from, step: self.b_column, width: panel.width, height, to, apart: width };
                turn.run::<V>();
            }
            self.numbers(panel, to, width, 0..self.k, panel.width);
        }
    }

    fn number(&self, panel: Panel, k: usize, j: usize) -> *const T {
        let column = (panel.first + j) as isize * self.b_column;
        self.b.wrapping_offset(column + k as isize * self.b_row)
    }

    /// Some rows, from a column on, wherever they lie.
    #[inline(always)]
    unsafe fn numbers(&self, panel: Panel, to: *mut T, width: usize, rows: Range<usize>, first: usize) {
        for k in rows {
            for j in first..width {
                // SAFETY: the rows and, below the panel's width, the columns are there.
                unsafe {
                    let x = if j < panel.width { *self.number(panel, k, j) } else { T::default() };
                    *to.wrapping_add(k * width + j) = x;
                }
            }
        }
    }
}

/// Copies rows of the left matrix one after the other, or columns if their numbers are neighbours.
///
/// # Safety
/// The matrix is as large as it says, and `to` has room for it.
#[inline]
pub(super) unsafe fn left<T: Scalar>(
    m: usize,
    k: usize,
    a: *const T,
    [row, column]: [isize; 2],
    to: *mut T,
) -> [isize; 2] {
    let ((outer, outer_step), (inner, inner_step)) = match row {
        1 => ((k, column), (m, row)),
        _ => ((m, row), (k, column)),
    };
    for i in 0..outer {
        let from = a.wrapping_offset(i as isize * outer_step);
        let to = to.wrapping_add(i * inner);
        // SAFETY: the caller knows the matrix and the room.
        unsafe {
            if inner_step == 1 {
                std::ptr::copy_nonoverlapping(from, to, inner);
            } else {
                for j in 0..inner {
                    *to.wrapping_add(j) = *from.wrapping_offset(j as isize * inner_step);
                }
            }
        }
    }
    if row == 1 { [1, m as isize] } else { [k as isize, 1] }
}

/// Copies some lines of `k` numbers one after the other; they lie `step` apart, their numbers `stride`.
#[derive(Clone, Copy)]
pub(super) struct Lines<T> {
    pub count: usize,
    pub k: usize,
    pub from: *const T,
    pub step: isize,
    pub stride: isize,
    pub to: *mut T,
}

impl<T: Scalar> Loops<T> for Lines<T> {
    type Output = ();
    /// # Safety
    /// The lines are as long as they say, and `to` has room for them.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        let Lines { count, k, from, step, stride, to } = self;
        // SAFETY: the lines are there, and so is the room.
        unsafe {
            if step == 1 {
                return Turn { from, step: stride, width: k, height: count, to, apart: k }.run::<V>();
            }
            const AHEAD: usize = 128;
            for start in (0..k).step_by(AHEAD) {
                for i in 0..count {
                    for j in start..k.min(start + AHEAD) {
                        let from = from.wrapping_offset(i as isize * step + j as isize * stride);
                        *to.wrapping_add(i * k + j) = *from;
                    }
                }
            }
        }
    }
}
