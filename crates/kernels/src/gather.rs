//! Entries named by indices.

use crate::array::{Array, DType, Element, Shape, with_dtype};
use crate::map::arithmetic::Arithmetic;
use crate::simd::{self, Job};
use crate::threads;
use std::fmt;
use std::ops::Range;

/// An index that no entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexError {
    /// The index.
    pub index: i64,
    /// How many entries there are.
    pub size: usize,
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {} of an axis of length {}", self.index, self.size)
    }
}

impl std::error::Error for IndexError {}

/// An index into an axis; negative ones count from the end.
pub(crate) trait Index: Element {
    fn wide(self) -> i64;
    /// Where it points; only for an index that has been checked.
    #[inline(always)]
    fn position(self, size: usize) -> usize {
        let index = self.wide();
        // By a mask: whether an index is negative may not be foreseen.
        (index + (size as i64 & (index >> 63))) as usize
    }
}
impl Index for i32 {
    #[inline(always)]
    fn wide(self) -> i64 {
        self.into()
    }
}
impl Index for i64 {
    #[inline(always)]
    fn wide(self) -> i64 {
        self
    }
}

/// Without a branch.
#[inline(always)]
fn is_outside(index: i64, size: i64) -> bool {
    (index < -size) | (index >= size)
}

/// Is one of these indices outside an axis of this length? All are asked, side by side.
struct Outside<'a, I>(&'a [I], i64);

impl<I: Index> Job for Outside<'_, I> {
    type Output = bool;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> bool {
        let Outside(indices, size) = self;
        let mut outside = false;
        for i in indices {
            outside |= is_outside(i.wide(), size);
        }
        outside
    }
}

/// Where these indices of an axis of this length point; is one of them outside?
struct Positions<'a, I>(&'a [I], i64, &'a mut [usize]);

impl<I: Index> Job for Positions<'_, I> {
    type Output = bool;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> bool {
        let Positions(indices, size, positions) = self;
        let mut outside = false;
        for (position, i) in positions.iter_mut().zip(indices) {
            outside |= is_outside(i.wide(), size);
            *position = i.position(size as usize);
        }
        outside
    }
}

/// Do all indices point into an axis of this length?
pub(crate) fn check<I: Index>(indices: &[I], size: usize) -> Result<(), IndexError> {
    let parts = threads::collect(indices.len().div_ceil(CHUNK), |i| {
        any_outside(&indices[i * CHUNK..((i + 1) * CHUNK).min(indices.len())], size)
    });
    if parts.contains(&true) { Err(outside(indices, size)) } else { Ok(()) }
}

fn bound(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn any_outside<I: Index>(indices: &[I], size: usize) -> bool {
    simd::dispatch(Outside(indices, bound(size)))
}

/// The first index that no entry has, of which there is one.
#[cold]
fn outside<I: Index>(indices: &[I], size: usize) -> IndexError {
    let outside = |&index: &i64| is_outside(index, bound(size));
    IndexError { index: indices.iter().map(|i| i.wide()).find(outside).unwrap_or_default(), size }
}

/// Runs the code with the indices as a slice of their own type.
macro_rules! with_indices {
    ($indices:expr, $slice:ident => $code:expr) => {
        match $indices.dtype() {
            DType::I32 => {
                let $slice = $indices.dense::<i32>();
                let $slice = &$slice[..];
                $code
            }
            _ => {
                let $slice = $indices.dense::<i64>();
                let $slice = &$slice[..];
                $code
            }
        }
    };
}

/// Indices as positions.
pub(crate) fn positions(indices: &Array, size: usize) -> Result<Vec<usize>, IndexError> {
    with_indices!(indices, indices => {
        check(indices, size)?;
        Ok(indices.iter().map(|i| i.position(size)).collect())
    })
}

/// Indices that one thread takes at a time.
const CHUNK: usize = 1 << 14;
/// Entries whose positions are found together.
const TOGETHER: usize = 1 << 8;

const CACHE_LINE: usize = 64;
/// So many bytes the second cache holds beside others.
const NEAR: usize = 1 << 17;

/// Asks for these entries, of which those that there are will be read soon.
#[inline(always)]
fn expect<T>(values: &[T], range: Range<usize>) {
    for entry in values
        .get(range.start..range.end.min(values.len()))
        .unwrap_or_default()
        .chunks(CACHE_LINE / size_of::<T>())
    {
        simd::expect(&entry[0]);
    }
}

/// Sizes of the batch, of the indices in each, and of a row.
fn sizes(batch: &[usize], indices: &[usize], rest: &[usize]) -> (usize, usize, usize) {
    (batch.iter().product(), indices.iter().product(), rest.iter().product())
}

/// Rows of `operand` (`[batch…, n, rest…]`) named by `indices` (`[batch…, k…]`, `i32` or `i64`): `[batch…, k…, rest…]`.
///
/// ```
/// use cotangent_kernels::{gather::gather, Array};
/// let x = Array::from_vec(vec![10, 20, 30], [3]);
/// let y = gather(&x, &Array::from_vec(vec![2_i64, 0, -1], [3]), 0).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [30, 10, 30]);
/// ```
pub fn gather(operand: &Array, indices: &Array, batch: usize) -> Result<Array, IndexError> {
    let (own, picked) = (operand.shape(), indices.shape());
    let n = own[batch];
    let (_, k, row) = sizes(&own[..batch], &picked[batch..], &own[batch + 1..]);
    let shape: Shape = picked.iter().chain(&own[batch + 1..]).copied().collect();
    let operand = operand.contiguous();
    with_indices!(indices, indices => {
        let mut all = true;
        let y = with_dtype!(operand.dtype(), T => {
            let values = operand.dense::<T>();
            Array::build(shape, |out: &mut [T]| all = rows(&values, indices, [n, k, row], out))
        });
        if all { Ok(y) } else { Err(outside(indices, n)) }
    })
}

/// Rows of `values` (`[batch, n, row]`), `k` for each of the batch; do all indices name one?
fn rows<T: Element, I: Index>(values: &[T], indices: &[I], [n, k, row]: [usize; 3], out: &mut [T]) -> bool {
    if out.is_empty() {
        return check(indices, n).is_ok();
    }
    let many = (CHUNK / row).max(1);
    // Those of the next of the batch are asked for meanwhile, for in which order they are read no processor foresees.
    let bytes = n * size_of::<T>();
    let most_are_read = (bytes / CACHE_LINE <= k) & (bytes <= NEAR);
    let parts = threads::chunks_collect(out, many * row, |chunk, out| {
        let first = chunk * many;
        let indices = &indices[first..first + out.len() / row];
        if row == 1 {
            let mut positions = [0; TOGETHER];
            let mut at = first;
            for (mut out, indices) in out.chunks_mut(TOGETHER).zip(indices.chunks(TOGETHER)) {
                // These stay in the nearest cache.
                let mut positions = &mut positions[..out.len()];
                if simd::dispatch(Positions(indices, bound(n), positions)) {
                    return false;
                }
                // The entries of one of the batch after another.
                while !out.is_empty() {
                    let batch = at / k;
                    let count = ((batch + 1) * k - at).min(out.len());
                    let (own, rest) = out.split_at_mut(count);
                    let (places, later) = positions.split_at_mut(count);
                    if most_are_read {
                        let from = |at: usize| (batch + 1) * n + (at - batch * k) * n / k;
                        expect(values, from(at)..from(at + count));
                    }
                    let values = &values[batch * n..(batch + 1) * n];
                    for (y, &place) in own.iter_mut().zip(&*places) {
                        // SAFETY: the index is none outside, so its position is below n, and `values` has n entries.
                        #[allow(unsafe_code)]
                        let value = unsafe { *values.get_unchecked(place) };
                        *y = value;
                    }
                    (out, positions, at) = (rest, later, at + count);
                }
            }
            return true;
        }
        // While they are in the nearest cache.
        if any_outside(indices, n) {
            return false;
        }
        for (j, (y, i)) in out.chunks_exact_mut(row).zip(indices).enumerate() {
            let start = ((first + j) / k * n + i.position(n)) * row;
            y.copy_from_slice(&values[start..start + row]);
        }
        true
    });
    !parts.contains(&false)
}

trait Add: Element {
    fn plus(self, other: Self) -> Self;
}
macro_rules! add {
    ($($t:ty: $plus:expr;)*) => {$(
        impl Add for $t {
            #[inline]
            fn plus(self, other: $t) -> $t {
                $plus(self, other)
            }
        }
    )*};
}
add! {
    f32: |a, b| a + b;
    f64: |a, b| a + b;
    i32: i32::wrapping_add;
    i64: i64::wrapping_add;
    bool: |a, b| a | b;
}

/// So many updates of single entries are added in parts, if that is much more than there are entries.
const MANY: usize = 1 << 20;
/// How many parts, for several threads to share.
const PARTS: usize = 4;

/// Adds entries to those that the indices name, in order.
fn add_entries<T: Add, I: Index>(values: &[T], indices: &[I], out: &mut [T]) {
    for (i, &x) in indices.iter().zip(values) {
        let y = &mut out[i.position(out.len())];
        *y = y.plus(x);
    }
}

/// [`add_entries`] of many to few.
fn add_in_parts<T: Add, I: Index>(values: &[T], indices: &[I], out: &mut [T]) {
    let length = values.len().div_ceil(PARTS);
    let parts = threads::collect(PARTS, |part| {
        let own = part * length..((part + 1) * length).min(values.len());
        let mut sums = vec![T::default(); out.len()];
        add_entries(&values[own.clone()], &indices[own], &mut sums);
        sums
    });
    threads::chunks(out, CHUNK, |i, out| {
        for part in &parts {
            out.iter_mut().zip(&part[i * CHUNK..]).for_each(|(y, &x)| *y = y.plus(x));
        }
    });
}

/// Zeros `[batch…, n, rest…]`, to whose rows named by `indices` (`[batch…, k…]`) those of `updates` (`[batch…, k…, rest…]`) are
/// added, in order; a million and more single entries to far fewer in four parts, each in order, then the parts.
///
/// ```
/// use cotangent_kernels::{gather::scatter_add, Array};
/// let y = scatter_add(&Array::from_vec(vec![1, 2, 3], [3]), &Array::from_vec(vec![1_i64, 1, 0], [3]), 0, 2).unwrap();
/// assert_eq!(y.to_vec::<i32>().unwrap(), [3, 3]);
/// ```
pub fn scatter_add(updates: &Array, indices: &Array, batch: usize, n: usize) -> Result<Array, IndexError> {
    let picked = indices.shape();
    let rest = &updates.shape()[picked.rank()..];
    let (count, k, row) = sizes(&picked[..batch], &picked[batch..], rest);
    let shape: Shape = picked[..batch].iter().chain([&n]).chain(rest).copied().collect();
    let updates = updates.contiguous();
    with_indices!(indices, indices => {
        check(indices, n)?;
        Ok(with_dtype!(updates.dtype(), T => {
            let values = updates.dense::<T>();
            Array::build(shape, |out: &mut [T]| {
                out.fill(T::default());
                for b in 0..count {
                    if row == 1 {
                        let (out, own) = (&mut out[b * n..(b + 1) * n], b * k..(b + 1) * k);
                        match k >= MANY && k / 8 >= n {
                            true => add_in_parts(&values[own.clone()], &indices[own], out),
                            false => add_entries(&values[own.clone()], &indices[own], out),
                        }
                        continue;
                    }
                    for (j, i) in indices[b * k..(b + 1) * k].iter().enumerate() {
                        let (to, from) = ((b * n + i.position(n)) * row, (b * k + j) * row);
                        for (y, &x) in out[to..to + row].iter_mut().zip(&values[from..from + row]) {
                            *y = y.plus(x);
                        }
                    }
                }
            })
        }))
    })
}
