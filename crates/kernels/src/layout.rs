//! Entries in other places: arrays side by side, and with zeros between.

use crate::array::{Array, Element, Shape, with_dtype};

/// Copies `source` row by row into `target`, an array of shape `shape`, where entry `index` goes to `start + index · step`.
fn place<T: Element>(source: &Array, target: &mut [T], shape: &Shape, start: &[usize], step: &[usize]) {
    let values = source.dense::<T>();
    if values.is_empty() {
        return;
    }
    let strides = shape.strides();
    let rank = shape.rank();
    let mut index = vec![0; rank];
    let inner = source.shape().last().copied().unwrap_or(1);
    for row in values.chunks(inner) {
        let position = |axis: usize| (start[axis] + index[axis] * step[axis]) * strides[axis] as usize;
        let base: usize = (0..rank).map(position).sum();
        let jump = step.last().copied().unwrap_or(1);
        row.iter().enumerate().for_each(|(i, &x)| target[base + i * jump] = x);
        for axis in (0..rank.saturating_sub(1)).rev() {
            index[axis] += 1;
            if index[axis] < source.shape()[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
}

/// Zeros before, after and between the entries along each axis.
///
/// ```
/// use cotangent_kernels::{layout::pad, Array};
/// let x = Array::from_vec(vec![1, 2], [2]);
/// assert_eq!(pad(&x, &[1], &[2], &[1]).to_vec::<i32>().unwrap(), [0, 1, 0, 2, 0, 0]);
/// ```
pub fn pad(a: &Array, low: &[usize], high: &[usize], interior: &[usize]) -> Array {
    let length = |axis: usize| {
        let n = a.shape()[axis];
        low[axis] + n + n.saturating_sub(1) * interior[axis] + high[axis]
    };
    let shape: Shape = (0..a.rank()).map(length).collect();
    let step: Vec<usize> = interior.iter().map(|width| width + 1).collect();
    with_dtype!(a.dtype(), T => {
        let mut out = vec![T::default(); shape.size()];
        place::<T>(a, &mut out, &shape, low, &step);
        Array::from_vec(out, shape)
    })
}

/// Arrays one after another along an axis.
///
/// ```
/// use cotangent_kernels::{layout::concat, Array};
/// let x = Array::from_vec(vec![1, 2], [1, 2]);
/// assert_eq!(concat(&[&x, &x], 1).to_vec::<i32>().unwrap(), [1, 2, 1, 2]);
/// ```
///
/// # Panics
/// If there are none, or their dtypes or other axes differ.
pub fn concat(arrays: &[&Array], axis: usize) -> Array {
    let first = arrays.first().expect("at least one array");
    let mut lengths = first.shape().to_vec();
    lengths[axis] = arrays.iter().map(|array| array.shape()[axis]).sum();
    let shape = Shape::from(lengths);
    with_dtype!(first.dtype(), T => {
        let mut out = vec![T::default(); shape.size()];
        let mut start = vec![0; shape.rank()];
        let step = vec![1; shape.rank()];
        for array in arrays {
            place::<T>(array, &mut out, &shape, &start, &step);
            start[axis] += array.shape()[axis];
        }
        Array::from_vec(out, shape)
    })
}
