//! Windows of an array whose place is told by numbers that are data.

use crate::array::{Array, DType, with_dtype};

/// Where each example's window begins along each axis. A negative start counts from the end, and then the window is moved so that it
/// lies within the array.
fn places(starts: &Array, lengths: &[usize], sizes: &[usize]) -> Vec<usize> {
    let starts: Vec<i64> = match starts.dtype() {
        DType::I32 => starts.dense::<i32>().iter().map(|&i| i.into()).collect(),
        _ => starts.dense::<i64>().into_owned(),
    };
    let place = |(i, start): (usize, i64)| {
        let axis = i % lengths.len();
        let (length, room) = (lengths[axis] as i64, (lengths[axis] - sizes[axis]) as i64);
        let start = if start < 0 { start.saturating_add(length) } else { start };
        start.clamp(0, room) as usize
    };
    starts.into_iter().enumerate().map(place).collect()
}

/// The digits of a number in a mixed base: the indices of an entry.
fn digits(mut number: usize, base: &[usize]) -> Vec<usize> {
    let mut digits = vec![0; base.len()];
    for (digit, &n) in digits.iter_mut().zip(base).rev() {
        (*digit, number) = (number % n, number / n);
    }
    digits
}

/// The window of these sizes in `x` (`[batch…, n…]`) that begins at `starts` (`[batch…, axes]`, `i32` or `i64`): `[batch…, sizes…]`.
/// Negative starts count from the end; a window that would leave the array is moved into it.
///
/// ```
/// use cotangent_kernels::{dynamic::dynamic_slice, Array};
/// let x = Array::from_vec(vec![1, 2, 3, 4], [4]);
/// assert_eq!(dynamic_slice(&x, &Array::from_vec(vec![9_i64], [1]), 0, &[2]).to_vec::<i32>().unwrap(), [3, 4]);
/// ```
pub fn dynamic_slice(x: &Array, starts: &Array, batch: usize, sizes: &[usize]) -> Array {
    let (examples, lengths) = x.shape().split_at(batch);
    let places = places(starts, lengths, sizes);
    let step = vec![1; x.rank()];
    // A view: only the window is read.
    let window = |b: usize| {
        let example = digits(b, examples);
        let place = &places[b * sizes.len()..(b + 1) * sizes.len()];
        let start: Vec<usize> = example.iter().chain(place).copied().collect();
        let length = std::iter::repeat_n(1, batch).chain(sizes.iter().copied());
        let limit: Vec<usize> = start.iter().zip(length).map(|(start, length)| start + length).collect();
        x.slice(&start, &limit, &step)
    };
    if batch == 0 {
        return window(0);
    }
    let count: usize = examples.iter().product();
    let shape: Vec<usize> = examples.iter().chain(sizes).copied().collect();
    with_dtype!(x.dtype(), T => {
        let mut out = Vec::<T>::with_capacity(shape.iter().product());
        (0..count).for_each(|b| out.extend_from_slice(&window(b).dense::<T>()));
        Array::from_vec(out, shape)
    })
}

/// `x` (`[batch…, n…]`) with the window that begins at `starts` replaced by the update (`[batch…, sizes…]`); see [`dynamic_slice`].
///
/// ```
/// use cotangent_kernels::{dynamic::dynamic_update_slice, Array};
/// let x = Array::from_vec(vec![1, 2, 3, 4], [4]);
/// let y = dynamic_update_slice(&x, &Array::from_vec(vec![7, 8], [2]), &Array::from_vec(vec![1_i64], [1]), 0);
/// assert_eq!(y.to_vec::<i32>().unwrap(), [1, 7, 8, 4]);
/// ```
pub fn dynamic_update_slice(x: &Array, update: &Array, starts: &Array, batch: usize) -> Array {
    let (lengths, sizes) = (&x.shape()[batch..], &update.shape()[batch..]);
    let places = places(starts, lengths, sizes);
    with_dtype!(x.dtype(), T => {
        let mut out = x.dense::<T>().into_owned();
        let update = update.dense::<T>();
        let (whole, part): (usize, usize) = (lengths.iter().product(), sizes.iter().product());
        if part == 0 {
            return Array::from_vec(out, x.shape());
        }
        for (b, update) in update.chunks(part).enumerate() {
            let place = &places[b * sizes.len()..(b + 1) * sizes.len()];
            write(&mut out[b * whole..(b + 1) * whole], lengths, update, sizes, place);
        }
        Array::from_vec(out, x.shape())
    })
}

/// Copies a window row by row; the axes before the last count like an odometer.
fn write<T: Copy>(out: &mut [T], lengths: &[usize], update: &[T], sizes: &[usize], place: &[usize]) {
    let Some((&inner, outer)) = sizes.split_last() else { return out.copy_from_slice(update) };
    let mut strides = vec![1; sizes.len()];
    for axis in (0..outer.len()).rev() {
        strides[axis] = strides[axis + 1] * lengths[axis + 1];
    }
    let mut to: usize = place.iter().zip(&strides).map(|(start, stride)| start * stride).sum();
    let mut index = vec![0; outer.len()];
    for row in update.chunks(inner) {
        out[to..to + inner].copy_from_slice(row);
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            to += strides[axis];
            if index[axis] < outer[axis] {
                break;
            }
            index[axis] = 0;
            to -= outer[axis] * strides[axis];
        }
    }
}
