//! Entries of a strided view, in order.

use super::{Array, Element, Shape, turn};
use crate::threads;
use smallvec::SmallVec;

/// An axis of `N` views of one shape: its length, and how far apart its entries are in each.
pub(crate) type Axis<const N: usize> = (usize, [isize; N]);
/// From the outermost to the innermost.
pub(crate) type Axes<const N: usize> = SmallVec<[Axis<N>; 4]>;

/// The axes of views of one shape that matter: neighbours whose entries follow one another in all of them are one axis, axes of length 1 are
/// none.
pub(crate) fn merged<const N: usize>(shape: &Shape, strides: [&[isize]; N]) -> Axes<N> {
    let mut axes = Axes::new();
    for (i, &length) in shape.iter().enumerate().filter(|(_, length)| **length != 1) {
        let strides = strides.map(|strides| strides[i]);
        match axes.last_mut() {
            Some(last) if last.1 == strides.map(|stride| stride * length as isize) => {
                *last = (last.0 * length, strides);
            }
            _ => axes.push((length, strides)),
        }
    }
    axes
}

/// Rows of a view that a thread takes are a multiple of this, so that tiles are whole.
const ROWS: usize = 64;
/// What has fewer bytes than this stays in the first cache, and is not worth a tile.
const LEAST: usize = 1 << 14;

/// Entries that one thread takes at a time.
const CHUNK: usize = 1 << 15;

/// Copies the entries of a view to `out`, row by row.
pub(crate) fn strided<T: Element>(
    values: &[T],
    shape: &Shape,
    strides: &[isize],
    offset: usize,
    out: &mut [T],
) {
    if out.is_empty() {
        return;
    }
    let axes = merged(shape, [strides]);
    let Some(&(length, [stride])) = axes.first() else {
        out[0] = values[offset];
        return;
    };
    let span = out.len() / length;
    let many = (CHUNK / span).max(1).next_multiple_of(ROWS);
    threads::chunks(out, many * span, |i, out| {
        let mut axes = axes.clone();
        axes[0].0 = out.len() / span;
        ordered(values, &axes, (offset as isize + (i * many) as isize * stride) as usize, out);
    });
}

/// The entries of a view of these axes, in order.
fn ordered<T: Element>(values: &[T], axes: &[Axis<1>], offset: usize, out: &mut [T]) {
    let Some((&(inner, [step]), outer)) = axes.split_last() else {
        out[0] = values[offset];
        return;
    };
    // Where the last axis jumps and another does not, both are walked in tiles.
    if step != 0
        && step != 1
        && let Some(dense) = outer.iter().rposition(|&(_, strides)| strides == [1])
    {
        return tiled(values, outer, (inner, step), dense, offset, out);
    }
    let mut place = Place::of(0, outer, [offset as isize]);
    for row in out.chunks_exact_mut(inner) {
        line(values, place.begin[0], step, row);
        place.next(outer);
    }
}

/// Entries `step` apart, from `start` on.
#[inline]
fn line<T: Copy>(values: &[T], start: isize, step: isize, out: &mut [T]) {
    let first = start as usize;
    match step {
        1 => out.copy_from_slice(&values[first..first + out.len()]),
        0 => out.fill(values[first]),
        -1 => {
            let backwards = values[first + 1 - out.len()..=first].iter().rev();
            out.iter_mut().zip(backwards).for_each(|(to, &x)| *to = x);
        }
        _ => {
            out.iter_mut().enumerate().for_each(|(i, to)| *to = values[(start + i as isize * step) as usize])
        }
    }
}

/// An index of the outer axes of `N` views, and where the row that begins there is in each.
pub(crate) struct Place<const N: usize> {
    index: SmallVec<[usize; 4]>,
    pub begin: [isize; N],
}

/// Calls the code with each axis, from the innermost, and the index of the `row`th row on it.
#[inline(always)]
fn index_of<const N: usize>(mut row: usize, axes: &[Axis<N>], mut code: impl FnMut(usize, usize)) {
    for (axis, &(length, _)) in axes.iter().enumerate().rev() {
        code(axis, row % length);
        row /= length;
    }
}

impl<const N: usize> Place<N> {
    /// That of the `row`th row, of views that begin there.
    pub fn of(row: usize, axes: &[Axis<N>], mut begin: [isize; N]) -> Place<N> {
        let mut index = SmallVec::from_elem(0, axes.len());
        index_of(row, axes, |axis, i| {
            index[axis] = i;
            begin.iter_mut().zip(axes[axis].1).for_each(|(begin, stride)| *begin += i as isize * stride);
        });
        Place { index, begin }
    }

    /// On to the next row.
    #[inline]
    pub fn next(&mut self, axes: &[Axis<N>]) {
        for (&(length, strides), index) in axes.iter().zip(&mut self.index).rev() {
            *index += 1;
            let by = if *index < length { 1 } else { 1 - length as isize };
            self.begin.iter_mut().zip(strides).for_each(|(begin, stride)| *begin += by * stride);
            if *index < length {
                return;
            }
            *index = 0;
        }
    }
}

fn tiled<T: Element>(
    values: &[T],
    outer: &[Axis<1>],
    (inner, step): (usize, isize),
    dense: usize,
    offset: usize,
    out: &mut [T],
) {
    let rows = outer[dense].0;
    // How far apart in `out` neighbours along the dense axis are.
    let apart: usize = outer[dense + 1..].iter().map(|&(length, _)| length).product::<usize>() * inner;
    // The other axes of what is read and of `out`.
    let mut others = Axes::<2>::new();
    let mut span = inner;
    for (axis, &(length, [stride])) in outer.iter().enumerate().rev() {
        if axis != dense {
            others.insert(0, (length, [stride, span as isize]));
        }
        span *= length;
    }
    let side = turn::side::<T>();
    let mut tile = (size_of_val(out) >= LEAST).then(|| vec![T::default(); side * side]);
    let count: usize = others.iter().map(|&(length, _)| length).product();
    let mut places = Place::of(0, &others, [offset as isize, 0]);
    for _ in 0..count {
        let [from, to] = places.begin;
        for row in (0..rows).step_by(side) {
            let height = side.min(rows - row);
            for column in (0..inner).step_by(side) {
                let width = side.min(inner - column);
                let begin = from + row as isize + column as isize * step;
                let place = to as usize + row * apart + column;
                let Some(tile) = &mut tile else {
                    turn::lines(values, (begin, step), (width, height), out, (place, apart));
                    continue;
                };
                // Nothing but whole lines is written to memory, as fast as it can.
                turn::lines(values, (begin, step), (width, height), tile, (0, side));
                for (r, from) in tile.chunks_exact(side).take(height).enumerate() {
                    let to = &mut out[place + r * apart..][..width];
                    // Of a length that the compiler knows, it is a few moves.
                    match width == side {
                        true => to[..side].copy_from_slice(&from[..side]),
                        false => to.copy_from_slice(&from[..width]),
                    }
                }
            }
        }
        places.next(&others);
    }
}

/// Entries of a view, to be read row by row or copied block by block.
pub(crate) struct Scattered<'a, T> {
    values: &'a [T],
    axes: Axes<1>,
    offset: usize,
}

impl<'a, T: Copy> Scattered<'a, T> {
    pub fn new(values: &'a [T], axes: Axes<1>, offset: usize) -> Scattered<'a, T> {
        Scattered { values, axes, offset }
    }

    /// The entries from the `start`th on to the end of its row as they lie, if those of a row lie together and are at least so many.
    #[inline]
    pub fn row(&self, start: usize, least: usize) -> Option<&'a [T]> {
        let (&(inner, [step]), outer) = self.axes.split_last()?;
        if step != 1 || inner < least {
            return None;
        }
        let column = start % inner;
        let mut begin = self.offset as isize + column as isize;
        index_of(start / inner, outer, |axis, i| begin += i as isize * outer[axis].1[0]);
        self.values.get(begin as usize..begin as usize + inner - column)
    }

    /// The row, if all rows are the same one, whose entries lie together.
    pub fn repeated(&self) -> Option<&'a [T]> {
        match self.axes[..] {
            [(_, [0]), (inner, [1])] => self.values.get(self.offset..self.offset + inner),
            _ => None,
        }
    }

    /// The entries from the `start`th on, in order.
    pub fn copy(&self, start: usize, out: &mut [T]) {
        let Some((&(inner, [step]), outer)) = self.axes.split_last() else {
            out.fill(self.values[self.offset]);
            return;
        };
        let mut place = Place::of(start / inner, outer, [self.offset as isize]);
        let (mut column, mut done) = (start % inner, 0);
        while done < out.len() {
            let width = (inner - column).min(out.len() - done);
            let first = place.begin[0] + column as isize * step;
            line(self.values, first, step, &mut out[done..done + width]);
            done += width;
            column = 0;
            place.next(outer);
        }
    }
}

/// What a window shows that lies anywhere over an array: its entries, and zeros beside them.
pub(crate) struct Window<'a, T> {
    values: &'a [T],
    /// Instead of them, one number everywhere.
    fill: Option<T>,
    /// From the outermost to the innermost.
    axes: SmallVec<[Span; 4]>,
    /// Where the array's first entry is.
    offset: usize,
}

/// An axis of a window.
#[derive(Clone, Copy)]
struct Span {
    length: usize,
    /// Where in the window the array begins; it may be before it.
    low: isize,
    /// How many entries the array has, and how far apart they are.
    count: usize,
    stride: isize,
}

impl<'a, T: Element> Window<'a, T> {
    /// A window of this shape, in which the array begins at `low`.
    ///
    /// # Panics
    /// If the dtype is another.
    pub fn new(array: &'a Array, low: &[isize], shape: &Shape) -> Window<'a, T> {
        let fill = array.as_fill().map(|item| T::from_item(item).unwrap_or_else(|| array.wrong::<T>()));
        let (values, offset, strides) = match array.as_strided::<T>() {
            Some(strided) => strided,
            None if fill.is_none() => array.wrong::<T>(),
            None => (&[][..], 0, SmallVec::from_elem(0, array.rank())),
        };
        let mut axes = SmallVec::<[Span; 4]>::new();
        for (axis, &length) in shape.iter().enumerate() {
            let (low, count, stride) = (low[axis], array.shape()[axis], strides[axis]);
            match axes.last_mut() {
                // Shown as a whole, and its entries follow one another with those of the axis before.
                Some(last) if low == 0 && count == length && last.stride == stride * length as isize => {
                    *last = Span {
                        length: last.length * length,
                        low: last.low * length as isize,
                        count: last.count * length,
                        stride,
                    };
                }
                _ => axes.push(Span { length, low, count, stride }),
            }
        }
        Window { values, fill, axes, offset }
    }

    /// The entries from the `start`th on as they lie, if at least so many lie together.
    #[inline]
    pub fn row(&self, start: usize, least: usize) -> Option<&'a [T]> {
        let (&Span { length: inner, low, count, stride }, outer) = self.axes.split_last()?;
        if stride != 1 || self.fill.is_some() {
            return None;
        }
        let column = (start % inner) as isize;
        let shown = inner.min(low.saturating_add(count as isize).max(0) as usize) as isize - column;
        if column < low || shown < least as isize {
            return None;
        }
        let begin = (self.begin(outer, start / inner)? + column - low) as usize;
        self.values.get(begin..begin + shown as usize)
    }

    /// The entries from the `start`th on, in order.
    pub fn copy(&self, start: usize, out: &mut [T]) {
        let Some((&Span { length: inner, low, count, stride }, outer)) = self.axes.split_last() else {
            out.fill(self.fill.unwrap_or_else(|| self.values[self.offset]));
            return;
        };
        let (mut row, mut column, mut done) = (start / inner, start % inner, 0);
        while done < out.len() {
            let width = (inner - column).min(out.len() - done);
            let out = &mut out[done..done + width];
            // Of these, which are the array's.
            let within = |to: isize| to.saturating_sub(column as isize).clamp(0, width as isize) as usize;
            match self
                .begin(outer, row)
                .map(|begin| (begin, within(low), within(low.saturating_add(count as isize))))
            {
                Some((begin, first, end)) if first < end => {
                    // Of a few zeros none is worth a call.
                    out[..first].iter_mut().for_each(|out| *out = T::default());
                    match self.fill {
                        Some(fill) => out[first..end].fill(fill),
                        None => {
                            let from = begin + ((column + first) as isize - low) * stride;
                            line(self.values, from, stride, &mut out[first..end]);
                        }
                    }
                    out[end..].iter_mut().for_each(|out| *out = T::default());
                }
                _ => out.fill(T::default()),
            }
            done += width;
            (row, column) = (row + 1, 0);
        }
    }

    /// Where the array's entries in a row of the window begin; none if there are none.
    #[inline]
    fn begin(&self, outer: &[Span], mut row: usize) -> Option<isize> {
        let mut begin = self.offset as isize;
        for (axis, span) in outer.iter().enumerate().rev() {
            // To divide takes longer than all the rest.
            let index = if axis == 0 { row } else { row % span.length };
            let i = (index as isize).saturating_sub(span.low);
            if !(0..span.count as isize).contains(&i) {
                return None;
            }
            begin += i * span.stride;
            if axis > 0 {
                row /= span.length;
            }
        }
        Some(begin)
    }
}
