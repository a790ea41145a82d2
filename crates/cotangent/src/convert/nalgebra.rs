//! Matrices and vectors of the crate `nalgebra`, which hold their entries column by column.

use crate::core::{Array, Element, Error, IntoTensor, Tensor, place, raise};
use nalgebra::{DMatrix, DVector, Dim, Matrix, RawStorage, Scalar, U1};

/// A copy of any matrix, vector or view of one: two axes, or one if the type has a single column.
impl<T, R, C, S> IntoTensor for &Matrix<T, R, C, S>
where
    T: Element + Scalar,
    R: Dim,
    C: Dim,
    S: RawStorage<T, R, C>,
{
    fn into_tensor(self) -> Tensor {
        let (rows, columns) = self.shape();
        if C::is::<U1>() {
            return Array::from_vec(self.iter().copied().collect(), [rows]).into_tensor();
        }
        // Column by column is row by row of the transpose.
        Array::from_vec(self.iter().copied().collect(), [columns, rows]).permute(&[1, 0]).into_tensor()
    }
}

impl<T, R, C, S> IntoTensor for Matrix<T, R, C, S>
where
    T: Element + Scalar,
    R: Dim,
    C: Dim,
    S: RawStorage<T, R, C>,
{
    fn into_tensor(self) -> Tensor {
        (&self).into_tensor()
    }
}

impl Tensor {
    /// The entries as a matrix of the crate `nalgebra` (feature `nalgebra`), of exactly this dtype.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let matrix = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).to_dmatrix::<f64>();
    /// assert_eq!((matrix.nrows(), matrix[(1, 0)]), (2, 4.0));
    /// assert_eq!(Tensor::from(&matrix).to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    /// ```
    ///
    /// # Panics
    /// If the tensor has not two axes, or the dtype is another.
    #[track_caller]
    pub fn to_dmatrix<T: Element + Scalar>(&self) -> DMatrix<T> {
        let &[rows, columns] = &self.shape()[..] else { raise(wrong("to_dmatrix", "two axes", self)) };
        DMatrix::from_row_slice(rows, columns, &self.to_vec())
    }

    /// The entries as a vector of the crate `nalgebra` (feature `nalgebra`), of exactly this dtype.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let vector = Tensor::from([3f32, 4.0]).to_dvector::<f32>();
    /// assert_eq!(vector.norm(), 5.0);
    /// assert_eq!(Tensor::from(vector).shape().to_string(), "[2]");
    /// ```
    ///
    /// # Panics
    /// If the tensor has not one axis, or the dtype is another.
    #[track_caller]
    pub fn to_dvector<T: Element + Scalar>(&self) -> DVector<T> {
        if self.rank() != 1 {
            raise(wrong("to_dvector", "one axis", self))
        }
        DVector::from_vec(self.to_vec())
    }
}

#[track_caller]
fn wrong(name: &str, expected: &str, x: &Tensor) -> Error {
    let error = Error::new(name).expected(expected).got(x.ty().to_string());
    error.help("`reshape` gives it other axes").at(Some(place()))
}
