//! Orthonormal columns.

use super::super::registry::{Entry, Sample};
use super::{RECTANGLES, Triangle, matrices, spread, with_last};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Params, Prim, Primitive, Tensor, Tensors, Type, Types, apply,
    operands,
};
use cotangent_kernels::linalg;

/// Q and R of A = Q·R for each matrix of a batch `[…, m, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Qr;

impl Primitive for Qr {
    fn name(&self) -> &str {
        "qr"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("qr", 1, inputs)) };
        let (m, n) = matrices("qr", a)?;
        let k = m.min(n);
        Ok([with_last(a, a.dtype, &[m, k]), with_last(a, a.dtype, &[k, n])].into_iter().collect())
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (q, r) = linalg::qr(inputs[0]);
        Ok([q, r].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Qr), &[&x[0]])
    }
}

impl Jvp for Qr {
    /// With X = Ȧ₁·R₁⁻¹ of the leading k columns, P = Qᵀ·X and Ω = tril(P, −1) − tril(P, −1)ᵀ: Q̇ = Q·Ω + X − Q·P, Ṙ = Qᵀ·Ȧ − Ω·R. (S. Walter and
    /// L. Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental design", 2010;
    /// wide matrices: D. Roberts and L. Roberts, "QR and LQ decomposition matrix backpropagation algorithms", 2020.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None; 2] };
        let (q, r) = (&y[0], &y[1]);
        let m = x[0].shape()[x[0].rank() - 2];
        let k = q.shape()[q.rank() - 1];
        let leading = |x: &Tensor| x.slice_axis(-1, ..k);
        let x = leading(r).solve_triangular_right(&leading(t), Triangle::UPPER);
        let p = q.t().matmul(&x);
        let below = p.tril(-1);
        let turn = &below - below.t();
        // A square Q has no room for more than turning.
        let outside = if m == k { q.matmul(&turn) } else { q.matmul(&turn) + x - q.matmul(&p) };
        let r = (q.t().matmul(t) - turn.matmul(r)).triu(0);
        vec![Some(outside), Some(r)]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "qr",
    parse: |_| Some(Prim::new(Qr)),
    samples: || RECTANGLES.iter().map(|shape| Sample::new(Prim::new(Qr), [spread(shape, 1)])).collect(),
};

impl Tensor {
    /// Q `[…, m, k]` with orthonormal columns and R `[…, k, n]`, upper triangular, of A = Q·R; k is the smaller of m and n. No number on R's diagonal
    /// is negative, which makes Q and R of a matrix whose leading k columns are independent unique, and smooth functions of it. Where
    /// these columns depend on each other there is no derivative: infinities and NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (q, r) = Tensor::from([[-3.0], [4.0]]).qr();
    /// assert!((r.sum().item::<f64>() - 5.0).abs() < 1e-15);
    /// assert!((q.index(0).sum().item::<f64>() + 0.6).abs() < 1e-15);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn qr(&self) -> (Tensor, Tensor) {
        let mut y = apply(Prim::new(Qr), &[self]);
        let r = y.pop().expect("two outputs");
        (y.pop().expect("two outputs"), r)
    }
}
