//! Entries of a strided view, in order.

use super::Shape;
use smallvec::SmallVec;

/// The axes of a view that matter: neighbours whose entries follow one another are one axis, axes of length 1 are none.
/// From the outermost to the innermost: (length, stride).
pub(crate) fn merged(shape: &Shape, strides: &[isize]) -> SmallVec<[(usize, isize); 4]> {
    let mut axes = SmallVec::<[(usize, isize); 4]>::new();
    for (&length, &stride) in shape.iter().zip(strides).filter(|(length, _)| **length != 1) {
        match axes.last_mut() {
            Some(last) if last.1 == stride * length as isize => *last = (last.0 * length, stride),
            _ => axes.push((length, stride)),
        }
    }
    axes
}

/// A square of this many entries a side is copied at once where rows become columns: its cache lines stay near.
const TILE: usize = 32;

/// Copies the entries of a view to `out`, row by row.
pub(crate) fn strided<T: Copy>(values: &[T], shape: &Shape, strides: &[isize], offset: usize, out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let axes = merged(shape, strides);
    let Some((&(inner, step), outer)) = axes.split_last() else {
        out[0] = values[offset];
        return;
    };
    // Where the last axis jumps and another does not, both are walked in tiles.
    if step != 0
        && step != 1
        && let Some(dense) = outer.iter().rposition(|&(_, stride)| stride == 1)
    {
        return tiled(values, outer, (inner, step), dense, offset, out);
    }
    let mut start = offset as isize;
    let mut index: SmallVec<[usize; 4]> = SmallVec::from_elem(0, outer.len());
    for row in out.chunks_exact_mut(inner) {
        match step {
            1 => row.copy_from_slice(&values[start as usize..start as usize + inner]),
            0 => row.fill(values[start as usize]),
            _ => row
                .iter_mut()
                .enumerate()
                .for_each(|(i, to)| *to = values[(start + i as isize * step) as usize]),
        }
        next(outer, &mut index, &mut start);
    }
}

/// The next index of these axes, and where it is.
#[inline]
fn next(axes: &[(usize, isize)], index: &mut [usize], start: &mut isize) {
    for axis in (0..axes.len()).rev() {
        let (length, stride) = axes[axis];
        *start += stride;
        index[axis] += 1;
        if index[axis] < length {
            return;
        }
        *start -= stride * length as isize;
        index[axis] = 0;
    }
}

fn tiled<T: Copy>(
    values: &[T],
    outer: &[(usize, isize)],
    (inner, step): (usize, isize),
    dense: usize,
    offset: usize,
    out: &mut [T],
) {
    let rows = outer[dense].0;
    // How far apart in `out` neighbours along the dense axis are.
    let apart: usize = outer[dense + 1..].iter().map(|&(length, _)| length).product::<usize>() * inner;
    let others: SmallVec<[(usize, isize); 4]> =
        outer.iter().enumerate().filter(|(axis, _)| *axis != dense).map(|(_, &axis)| axis).collect();
    // Where in `out` an index of the other axes begins.
    let mut places: SmallVec<[(usize, isize); 4]> = SmallVec::new();
    let mut length = inner;
    for (axis, &(n, _)) in outer.iter().enumerate().rev() {
        if axis != dense {
            places.insert(0, (n, length as isize));
        }
        length *= n;
    }
    let count: usize = others.iter().map(|&(length, _)| length).product();
    let mut from = offset as isize;
    let mut to = 0_isize;
    let mut index: SmallVec<[usize; 4]> = SmallVec::from_elem(0, others.len());
    let mut index_to = index.clone();
    for _ in 0..count {
        for row in (0..rows).step_by(TILE) {
            let last_row = (row + TILE).min(rows);
            for column in (0..inner).step_by(TILE) {
                let width = TILE.min(inner - column);
                for r in row..last_row {
                    let place = to as usize + r * apart + column;
                    let begin = from + r as isize + column as isize * step;
                    let line = &mut out[place..place + width];
                    line.iter_mut()
                        .enumerate()
                        .for_each(|(i, to)| *to = values[(begin + i as isize * step) as usize]);
                }
            }
        }
        next(&others, &mut index, &mut from);
        next(&places, &mut index_to, &mut to);
    }
}

/// Entries of a view, to be copied block by block.
pub(crate) struct Scattered<'a, T> {
    values: &'a [T],
    axes: SmallVec<[(usize, isize); 4]>,
    offset: usize,
}

impl<'a, T: Copy> Scattered<'a, T> {
    pub fn new(values: &'a [T], axes: SmallVec<[(usize, isize); 4]>, offset: usize) -> Scattered<'a, T> {
        Scattered { values, axes, offset }
    }

    /// The entries from the `start`th on, in order.
    pub fn copy(&self, start: usize, out: &mut [T]) {
        let Some((&(inner, step), outer)) = self.axes.split_last() else {
            out.fill(self.values[self.offset]);
            return;
        };
        let (mut rest, mut column) = (start / inner, start % inner);
        let mut index: SmallVec<[usize; 4]> = SmallVec::from_elem(0, outer.len());
        let mut begin = self.offset as isize;
        for axis in (0..outer.len()).rev() {
            let (length, stride) = outer[axis];
            index[axis] = rest % length;
            rest /= length;
            begin += index[axis] as isize * stride;
        }
        let mut done = 0;
        while done < out.len() {
            let width = (inner - column).min(out.len() - done);
            let line = &mut out[done..done + width];
            let first = begin + column as isize * step;
            match step {
                1 => line.copy_from_slice(&self.values[first as usize..first as usize + width]),
                0 => line.fill(self.values[first as usize]),
                _ => line
                    .iter_mut()
                    .enumerate()
                    .for_each(|(i, to)| *to = self.values[(first + i as isize * step) as usize]),
            }
            done += width;
            column = 0;
            next(outer, &mut index, &mut begin);
        }
    }
}
