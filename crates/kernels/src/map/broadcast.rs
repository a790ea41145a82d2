//! Functions of two arrays of which one comes again and again along some axes. They are walked row by row in one loop:
//! [`stretches`](super::stretches) calls its code for each row anew, and a call takes a quarter as long as adding a thousand entries.

use super::arithmetic::Arithmetic;
use super::vector::{self, CHUNK, Kernel, LaneFloat};
use crate::array::Array;
use crate::array::copy::{Axis, Place, merged};
use crate::simd::Job;
use crate::threads;

/// Entries that are computed together, one or two vectors of them; a row has so many at least.
const STEP: usize = 16;
/// Shorter rows of entries in both arrays are better brought into a buffer, many at a time.
const LEAST: usize = 64;

/// The kernel, which is light, on the entries of two arrays of one shape, of which one at least does not lie in order, and whose rows, in each of them, lie
/// together or are one number; nothing if they do not, or are short, or longer than a thread takes at a time, or of another dtype.
///
/// ```
/// use cotangent_kernels::map::{broadcast, Float, Kernel};
/// use cotangent_kernels::{Array, Shape};
/// #[derive(Clone, Copy)]
/// struct Add;
/// impl Kernel<2> for Add {
///     const LIGHT: bool = true;
///     fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
///         a + b
///     }
/// }
/// let row = Array::from_vec((0..100).map(f64::from).collect(), [100]);
/// let column = Array::from_vec(vec![0.0, 1000.0], [2, 1]);
/// let shape = Shape::from([2, 100]);
/// let y = broadcast::<f64, _>(Add, [&row.broadcast_to(&shape), &column.broadcast_to(&shape)]).unwrap();
/// assert_eq!(y.get(&[1, 99]).unwrap().to_f64(), 1099.0);
/// ```
///
/// # Panics
/// If the shapes differ.
pub fn broadcast<T: LaneFloat, K: Kernel<2>>(kernel: K, x: [&Array; 2]) -> Option<Array> {
    let shape = x[0].shape();
    assert_eq!(shape, x[1].shape(), "arrays of one shape");
    if const { !K::LIGHT } || shape.size() == 0 || x.iter().all(|x| x.is_dense()) {
        return None;
    }
    let [(a, a_first, a_strides), (b, b_first, b_strides)] =
        [x[0].as_strided::<T>()?, x[1].as_strided::<T>()?];
    let mut outer = merged(shape, [&a_strides, &b_strides]);
    let (row, steps) = outer.pop()?;
    let least = match steps {
        [1, 1] => LEAST,
        [1, 0] | [0, 1] => STEP,
        _ => return None,
    };
    if !(least..=CHUNK).contains(&row) {
        return None;
    }
    let rows = outer.pop().unwrap_or((1, [0, 0]));
    // Whole rows for each thread.
    let many = CHUNK / row;
    Some(Array::build(shape.clone(), |out| {
        threads::chunks(out, many * row, |chunk, out| {
            let (tile, start) = (chunk * many / rows.0, chunk * many % rows.0);
            let place = Place::of(tile, &outer, [a_first as isize, b_first as isize]);
            let job = Walk { kernel, x: [a, b], outer: &outer, place, rows, start, row, steps, out };
            vector::dispatch::<2, K>(job);
        });
    }))
}

/// Some rows of both arrays and of the result.
struct Walk<'a, T, K> {
    kernel: K,
    x: [&'a [T]; 2],
    /// The axes outside of rows, and where on them the first row is.
    outer: &'a [Axis<2>],
    place: Place<2>,
    /// The axis of rows, and which one is first.
    rows: Axis<2>,
    start: usize,
    /// How many entries a row has, and how far apart they are in each array.
    row: usize,
    steps: [isize; 2],
    out: &'a mut [T],
}

impl<T: LaneFloat, K: Kernel<2>> Job for Walk<'_, T, K> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        match self.steps {
            [1, 1] => self.walk::<A, true, true>(),
            [1, _] => self.walk::<A, true, false>(),
            _ => self.walk::<A, false, true>(),
        }
    }
}

impl<T: LaneFloat, K: Kernel<2>> Walk<'_, T, K> {
    /// Do rows of either array have entries, or one number?
    #[inline(always)]
    fn walk<A: Arithmetic, const LEFT: bool, const RIGHT: bool>(mut self) {
        let (count, strides) = self.rows;
        while !self.out.is_empty() {
            let many = (count - self.start).min(self.out.len() / self.row);
            let (now, rest) = std::mem::take(&mut self.out).split_at_mut(many * self.row);
            let [mut left, mut right] =
                [0, 1].map(|i| self.place.begin[i] + self.start as isize * strides[i]);
            for out in now.chunks_exact_mut(self.row) {
                let a = &self.x[0][left as usize..][..if LEFT { out.len() } else { 1 }];
                let b = &self.x[1][right as usize..][..if RIGHT { out.len() } else { 1 }];
                let mut start = 0;
                while start < out.len() {
                    // The last ones with some that are done already: no entry goes alone.
                    start = start.min(out.len() - STEP);
                    let a = &a[if LEFT { start } else { 0 }..][..if LEFT { STEP } else { 1 }];
                    let b = &b[if RIGHT { start } else { 0 }..][..if RIGHT { STEP } else { 1 }];
                    let mut y = [T::default(); STEP];
                    for i in 0..STEP {
                        let entries = [a[if LEFT { i } else { 0 }], b[if RIGHT { i } else { 0 }]];
                        y[i] = T::lanes::<A, true, 2, K>(self.kernel, entries);
                    }
                    out[start..start + STEP].copy_from_slice(&y);
                    start += STEP;
                }
                (left, right) = (left + strides[0], right + strides[1]);
            }
            (self.out, self.start) = (rest, 0);
            self.place.next(self.outer);
        }
    }
}
