//! The Cholesky factor of a matrix.

use super::super::registry::{Entry, Sample};
use super::{SQUARES, sample, square, symmetric};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Params, Prim, Primitive, Tensor, Tensors, Type, Types, apply1,
    operands,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// The lower factor L of L·Lᵀ = (A + Aᵀ)/2, for each matrix of a batch `[…, n, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cholesky;

/// The lower triangle, with half the diagonal.
fn half_lower(x: &Tensor) -> Tensor {
    let n = x.shape()[x.rank() - 1];
    x.tril(0) * (1.0 - Tensor::eye::<f64>(n) * 0.5).to(x.dtype())
}

impl Primitive for Cholesky {
    fn name(&self) -> &str {
        "cholesky"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("cholesky", 1, inputs)) };
        square("cholesky", a)?;
        Ok(smallvec![a.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let factor = linalg::cholesky(inputs[0]).map_err(|failure| {
            Error::new("cholesky")
                .expected("a positive definite matrix")
                .got(format!("one whose pivot {} is not positive (matrix {})", failure.pivot, failure.matrix))
                .help("the leading minors of a covariance must be positive: add a small multiple of the identity")
        })?;
        Ok(smallvec![factor])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].cholesky()]
    }
}

impl Jvp for Cholesky {
    /// L·Φ(L⁻¹·Ȧ·L⁻ᵀ), where Φ takes the lower triangle and half the diagonal: I. Murray, "Differentiation of the Cholesky decomposition",
    /// 2016.
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None] };
        let l = &y[0];
        let half = l.solve_lower(&symmetric(t));
        let inner = l.solve_lower(&half.t());
        vec![Some(l.matmul(&half_lower(&inner)))]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "cholesky",
    parse: |_| Some(Prim::new(Cholesky)),
    samples: || SQUARES.iter().map(|shape| Sample::new(Prim::new(Cholesky), [sample(shape, 1)])).collect(),
};

impl Tensor {
    /// The lower factor L of L·Lᵀ = A for a symmetric positive definite matrix, or each of a batch `[…, n, n]`. Of any other matrix the symmetric
    /// part is taken, (A + Aᵀ)/2, so that the derivative with respect to each entry is what a small change of it does.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let l = Tensor::from([[4.0, 2.0], [2.0, 5.0]]).cholesky();
    /// assert_eq!(l.to_vec::<f64>(), [2.0, 0.0, 1.0, 2.0]);
    /// ```
    ///
    /// # Panics
    /// If a matrix is not positive definite; the message names the pivot.
    #[track_caller]
    pub fn cholesky(&self) -> Tensor {
        apply1(Prim::new(Cholesky), &[self])
    }
}
