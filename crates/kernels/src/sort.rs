//! Entries in order.

use crate::array::{Array, Element, with_dtype};
use std::cmp::Ordering;

/// Ascending, NaN last.
fn order<T: Element>(a: T, b: T) -> Ordering {
    #[allow(clippy::eq_op)]
    let nan = |x: T| x != x;
    a.partial_cmp(&b).unwrap_or_else(|| nan(a).cmp(&nan(b)))
}

/// The entries along an axis in ascending order, NaN last, or in descending order, NaN first; and where each was (`i64`). Equal entries keep
/// their order.
///
/// ```
/// use cotangent_kernels::{sort::sort, Array};
/// let (y, i) = sort(&Array::from_vec(vec![3.0, 1.0, 2.0], [3]), 0, false);
/// assert_eq!(y.to_vec::<f64>().unwrap(), [1.0, 2.0, 3.0]);
/// assert_eq!(i.to_vec::<i64>().unwrap(), [1, 2, 0]);
/// ```
pub fn sort(a: &Array, axis: usize, descending: bool) -> (Array, Array) {
    let mut axes: Vec<usize> = (0..a.rank()).filter(|&other| other != axis).collect();
    axes.push(axis);
    let rows = a.permute(&axes);
    let length = a.shape()[axis];
    let mut inverse = vec![0; axes.len()];
    axes.iter().enumerate().for_each(|(i, &axis)| inverse[axis] = i);
    with_dtype!(a.dtype(), T => {
        let values = rows.dense::<T>();
        let mut indices = Vec::with_capacity(values.len());
        let mut sorted = Vec::<T>::with_capacity(values.len());
        for row in values.chunks(length.max(1)) {
            let mut places: Vec<usize> = (0..row.len()).collect();
            match descending {
                false => places.sort_by(|&i, &j| order(row[i], row[j])),
                true => places.sort_by(|&i, &j| order(row[j], row[i])),
            }
            sorted.extend(places.iter().map(|&i| row[i]));
            indices.extend(places.iter().map(|&i| i as i64));
        }
        let back = |array: Array| array.permute(&inverse);
        (back(Array::from_vec(sorted, rows.shape())), back(Array::from_vec(indices, rows.shape())))
    })
}
