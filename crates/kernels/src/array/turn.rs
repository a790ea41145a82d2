//! Lines of numbers as columns: squares of them are turned in registers.

#![allow(unsafe_code)]

use super::Element;
use crate::simd::level;
use crate::vector::{Loops, Scalar, Vector, dispatch};
use std::ops::Range;

/// How many entries a side a tile has that stays in the first cache: its lines have 256 bytes, or 64 entries.
pub(super) const fn side<T>() -> usize {
    if size_of::<T>() > 4 { 32 } else { 64 }
}

/// Of `width` lines, `step` apart, of which the first begins at `begin`, the first `height` entries: as the columns of rows of `out`, which
/// lie `apart`, the first one at `place`.
///
/// # Panics
/// If an entry is beyond the values, or a row beyond `out`.
pub(super) fn lines<T: Element>(
    values: &[T],
    (begin, step): (isize, isize),
    (width, height): (usize, usize),
    out: &mut [T],
    (place, apart): (usize, usize),
) {
    if width == 0 || height == 0 {
        return;
    }
    let last = begin + (width as isize - 1) * step;
    let within = begin.min(last) >= 0 && begin.max(last) as usize + height <= values.len();
    assert!(within, "an entry beyond its buffer");
    assert!(place + (height - 1) * apart + width <= out.len(), "a row beyond its end");
    let from = values.as_ptr().wrapping_offset(begin);
    let to = out.as_mut_ptr().wrapping_add(place);
    // SAFETY: lines and rows have been seen to be within their slices. Numbers of four or eight bytes are moved as they are, whatever
    // they mean.
    unsafe {
        match (size_of::<T>(), align_of::<T>()) {
            (4, 4) => {
                let (from, to) = (from.cast(), to.cast());
                dispatch(level(), Turn::<f32> { from, step, width, height, to, apart });
            }
            (8, 8) => {
                let (from, to) = (from.cast(), to.cast());
                dispatch(level(), Turn::<f64> { from, step, width, height, to, apart });
            }
            _ => Turn { from, step, width, height, to, apart }.one_by_one(0..width, 0..height),
        }
    }
}

/// [`lines`] by pointers.
pub(crate) struct Turn<T> {
    pub from: *const T,
    pub step: isize,
    pub width: usize,
    pub height: usize,
    pub to: *mut T,
    pub apart: usize,
}

impl<T: Scalar> Loops<T> for Turn<T> {
    type Output = ();
    /// # Safety
    /// The lines are there, there is room for the rows, and nobody else uses it.
    #[inline(always)]
    unsafe fn run<V: Vector<T>>(self) {
        let whole = |n: usize| n - n % V::SQUARE;
        let (columns, rows) = (whole(self.width), whole(self.height));
        // SAFETY: the caller knows the lines and the room.
        unsafe {
            // Along some lines at a time: however far apart they lie, so few find room in a cache beside one another.
            for c in (0..columns).step_by(V::SQUARE) {
                for r in (0..rows).step_by(V::SQUARE) {
                    let from = self.from.wrapping_offset(c as isize * self.step + r as isize);
                    V::transpose(from, self.step, self.to.wrapping_add(r * self.apart + c), self.apart);
                }
            }
            self.one_by_one(columns..self.width, 0..rows);
            self.one_by_one(0..self.width, rows..self.height);
        }
    }
}

impl<T: Copy> Turn<T> {
    /// Some entries of some lines.
    ///
    /// # Safety
    /// As for `run`.
    #[inline(always)]
    unsafe fn one_by_one(&self, lines: Range<usize>, entries: Range<usize>) {
        for r in entries {
            for c in lines.clone() {
                let from = self.from.wrapping_offset(c as isize * self.step + r as isize);
                // SAFETY: the caller knows the lines and the room.
                unsafe { *self.to.wrapping_add(r * self.apart + c) = *from }
            }
        }
    }
}
