//! Arrays of the crate `ndarray`.

use crate::core::{Array, Element, IntoTensor, Tensor};
use ndarray::{ArrayBase, ArrayD, Data, Dimension, IxDyn, OwnedRepr};

/// A copy of any array or view, row by row.
impl<S, D> IntoTensor for &ArrayBase<S, D>
where
    S: Data,
    S::Elem: Element,
    D: Dimension,
{
    fn into_tensor(self) -> Tensor {
        let entries = self.iter().copied().collect();
        Array::from_vec::<S::Elem>(entries, self.shape()).into_tensor()
    }
}

/// The array's own memory, if its entries lie row by row.
impl<T: Element, D: Dimension> IntoTensor for ArrayBase<OwnedRepr<T>, D> {
    fn into_tensor(self) -> Tensor {
        if !self.is_standard_layout() {
            return (&self).into_tensor();
        }
        let shape = self.shape().to_vec();
        match self.into_raw_vec_and_offset() {
            (entries, Some(0) | None) if entries.len() == shape.iter().product::<usize>() => {
                Array::from_vec(entries, shape.as_slice()).into_tensor()
            }
            // A part of a larger buffer.
            (entries, offset) => {
                let part = entries.into_iter().skip(offset.unwrap_or(0)).take(shape.iter().product());
                Array::from_vec(part.collect(), shape.as_slice()).into_tensor()
            }
        }
    }
}

impl Tensor {
    /// The entries as an array of the crate `ndarray` (feature `ndarray`), of exactly this dtype. `.into_dimensionality::<Ix2>()` fixes its
    /// rank. A traced tensor is forced, as by [`to_vec`](Tensor::to_vec).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let array = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).to_ndarray::<f64>();
    /// assert_eq!(array[[1, 0]], 3.0);
    /// assert_eq!(Tensor::from(&array.t()).to_vec::<f64>(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If the dtype is another.
    #[track_caller]
    pub fn to_ndarray<T: Element>(&self) -> ArrayD<T> {
        ArrayD::from_shape_vec(IxDyn(self.shape()), self.to_vec()).expect("as many entries as the shape has")
    }
}
