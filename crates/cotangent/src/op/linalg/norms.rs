//! Norms of matrices as maps, and the trace.

use super::super::composed::{Case, Composition};
use super::{RECTANGLES, SQUARES, checked, matrices, spread, with_last};
use crate::core::{Error, Tensor};

impl Tensor {
    /// The sum of the diagonal of a matrix `[m, n]`, or of each of a batch.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).trace().item::<f64>(), 5.0);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two axes.
    #[track_caller]
    pub fn trace(&self) -> Tensor {
        if self.rank() < 2 {
            let error = Error::new("trace").expected("matrices, […, m, n]").got(self.ty().to_string());
            return checked(Err(error));
        }
        self.diagonal(0).sum_axes(-1)
    }

    /// The sum of the singular values of a matrix, or of each of a batch `[…, m, n]`. Its gradient is U·Vᵀ, at repeated values too, and the second
    /// derivative is right there as well; values that are exactly 0 have derivative 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[3.0, 0.0], [0.0, -4.0]]);
    /// assert_eq!(a.nuclear_norm().item::<f64>(), 7.0);
    /// let g = grad(|a: &Tensor| a.nuclear_norm())(&Tensor::zeros::<f64>([2, 2]));
    /// assert_eq!(g.to_vec::<f64>(), [0.0; 4]);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn nuclear_norm(&self) -> Tensor {
        checked(matrices("nuclear_norm", self.ty()));
        self.svdvals().abs().sum_axes(-1)
    }

    /// The largest singular value of a matrix, or of each of a batch `[…, m, n]`: by how much it stretches a vector at most; 0 of nothing. Where
    /// several are equally large they share the derivative, as those of `max`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[3.0, 0.0], [0.0, -4.0]]).spectral_norm().item::<f64>(), 4.0);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn spectral_norm(&self) -> Tensor {
        let (m, n) = checked(matrices("spectral_norm", self.ty()));
        if m.min(n) == 0 {
            return Tensor::zeros_of(&with_last(self.ty(), self.dtype(), &[]));
        }
        self.svdvals().max_axes(-1)
    }

    /// The largest singular value over the least, of a matrix or each of a batch `[…, m, n]`: how much larger relative errors may become when one
    /// solves with it. ∞ of a singular matrix, NaN of zeros, 0 of nothing.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[3.0, 0.0], [0.0, -4.0]]).condition_number().item::<f64>(), 4.0 / 3.0);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn condition_number(&self) -> Tensor {
        let (m, n) = checked(matrices("condition_number", self.ty()));
        if m.min(n) == 0 {
            return Tensor::zeros_of(&with_last(self.ty(), self.dtype(), &[]));
        }
        let s = self.svdvals();
        s.max_axes(-1) / s.min_axes(-1)
    }
}

pub(super) const ROWS: [Composition; 4] = [
    Composition {
        name: "trace",
        cases: || RECTANGLES.iter().map(|shape| Case::new(|x| x[0].trace(), [spread(shape, 1)])).collect(),
    },
    Composition {
        name: "nuclear_norm",
        cases: || {
            RECTANGLES.iter().map(|shape| Case::new(|x| x[0].nuclear_norm(), [spread(shape, 1)])).collect()
        },
    },
    Composition {
        name: "spectral_norm",
        cases: || {
            RECTANGLES.iter().map(|shape| Case::new(|x| x[0].spectral_norm(), [spread(shape, 1)])).collect()
        },
    },
    Composition {
        name: "condition_number",
        cases: || {
            SQUARES.iter().map(|shape| Case::new(|x| x[0].condition_number(), [spread(shape, 1)])).collect()
        },
    },
];
