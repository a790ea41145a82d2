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
        match jump {
            1 => target[base..base + inner].copy_from_slice(row),
            _ => row.iter().enumerate().for_each(|(i, &x)| target[base + i * jump] = x),
        }
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
        Array::build(shape.clone(), |out: &mut [T]| {
            out.fill(T::default());
            place::<T>(a, out, &shape, low, &step);
        })
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
    // Each array gives a run of entries to each index of the axes before.
    let inner: usize = shape[axis + 1..].iter().product();
    let arrays: Vec<Array> = arrays.iter().map(|array| array.contiguous()).collect();
    with_dtype!(first.dtype(), T => {
        let parts: Vec<_> = arrays.iter().map(|array| (array.dense::<T>(), array.shape()[axis] * inner)).collect();
        Array::build(shape.clone(), |out: &mut [T]| {
            let runs = out.chunks_exact_mut((shape[axis] * inner).max(1)).enumerate();
            for (i, mut run) in runs {
                for (values, length) in &parts {
                    let (to, rest) = run.split_at_mut(*length);
                    to.copy_from_slice(&values[i * length..(i + 1) * length]);
                    run = rest;
                }
            }
        })
    })
}
