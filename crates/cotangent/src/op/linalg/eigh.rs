//! Eigenvalues and eigenvectors of symmetric matrices.

use super::super::registry::{Entry, Sample};
use super::{SQUARES, inverse_gaps, not_converged, spread, square, symmetric, with_last};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Params, Prim, Primitive, Tensor, Tensors, Type, Types, apply,
    apply1, operands,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// The eigenvalues `[…, n]`, ascending, and eigenvectors (columns of `[…, n, n]`) of (A + Aᵀ)/2, for each matrix of a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eigh;

impl Primitive for Eigh {
    fn name(&self) -> &str {
        "eigh"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("eigh", 1, inputs)) };
        let n = square("eigh", a)?;
        Ok([with_last(a, a.dtype, &[n]), a.clone()].into_iter().collect())
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (w, v) = linalg::eigh(inputs[0]).map_err(|failure| not_converged("eigh", failure))?;
        Ok([w, v].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Eigh), &[&x[0]])
    }
}

impl Jvp for Eigh {
    /// With M = Vᵀ·Ȧ·V: ẇ is the diagonal of M, and V̇ = V·(F∘M) with Fᵢⱼ = 1/(wⱼ − wᵢ), which counts as 0 where the two are equal. (M. Giles,
    /// "Collected matrix derivative results", 2008, section 3.1.)
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None; 2] };
        let (w, v) = (&y[0], &y[1]);
        let m = v.t().matmul(&symmetric(t)).matmul(v);
        let turn = inverse_gaps(w, v.shape()[v.rank() - 1]) * &m;
        vec![Some(m.diagonal(0)), Some(v.matmul(&turn))]
    }
}

/// The eigenvalues alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eigvalsh;

impl Primitive for Eigvalsh {
    fn name(&self) -> &str {
        "eigvalsh"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("eigvalsh", 1, inputs)) };
        let n = square("eigvalsh", a)?;
        Ok(smallvec![with_last(a, a.dtype, &[n])])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::eigvalsh(inputs[0]).map_err(|failure| not_converged("eigvalsh", failure))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].eigvalsh()]
    }
}

impl Jvp for Eigvalsh {
    /// The diagonal of Vᵀ·Ȧ·V; the vectors are computed here, where they are wanted.
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let rule = |t: &Tensor| {
            let (_, v) = x[0].eigh();
            (symmetric(t).matmul(&v) * v).sum_axes(-2)
        };
        vec![t[0].as_ref().map(rule)]
    }
}

pub(super) const EIGH: Entry = Entry {
    name: "eigh",
    parse: |_| Some(Prim::new(Eigh)),
    samples: || SQUARES.iter().map(|shape| Sample::new(Prim::new(Eigh), [spread(shape, 1)])).collect(),
};

pub(super) const EIGVALSH: Entry = Entry {
    name: "eigvalsh",
    parse: |_| Some(Prim::new(Eigvalsh)),
    samples: || SQUARES.iter().map(|shape| Sample::new(Prim::new(Eigvalsh), [spread(shape, 1)])).collect(),
};

impl Tensor {
    /// The eigenvalues w `[…, n]`, ascending, and the eigenvectors, columns of an orthogonal matrix V `[…, n, n]`, of a symmetric matrix
    /// A = V·diag(w)·Vᵀ or each of a batch. Of any other matrix the symmetric part is taken, (A + Aᵀ)/2. Of each vector the entry of largest magnitude
    /// (the first, where some are about equal) is positive.
    ///
    /// The vectors of an eigenvalue that comes several times are any basis of their space, and have no derivative; what stands for it is the part
    /// that turns the space as a whole. So gradients are finite everywhere, and right for what depends on such values through their
    /// sum, and on such vectors through their space (docs/conventions.md says more). A matrix with a NaN or an infinity gives NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[2.0, 1.0], [1.0, 2.0]]);
    /// let (w, v) = a.eigh();
    /// assert!((w.index(0).item::<f64>() - 1.0).abs() < 1e-15);
    /// let back = (&v * w.unsqueeze(0)).matmul(&v.t());
    /// assert!((back - a).abs().max().item::<f64>() < 1e-15);
    /// ```
    ///
    /// # Panics
    /// If the matrix is not square, or not of floats.
    #[track_caller]
    pub fn eigh(&self) -> (Tensor, Tensor) {
        let mut y = apply(Prim::new(Eigh), &[self]);
        let v = y.pop().expect("two outputs");
        (y.pop().expect("two outputs"), v)
    }

    /// The eigenvalues of [`eigh`](Tensor::eigh) alone, which takes less time.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[2.0, 0.0], [0.0, -1.0]]);
    /// assert_eq!(a.eigvalsh().to_vec::<f64>(), [-1.0, 2.0]);
    /// let g = grad(|a: &Tensor| a.eigvalsh().square().sum())(&Tensor::eye::<f64>(2));
    /// assert_eq!(g.to_vec::<f64>(), [2.0, 0.0, 0.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn eigvalsh(&self) -> Tensor {
        apply1(Prim::new(Eigvalsh), &[self])
    }
}
