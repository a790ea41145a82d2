//! Determinants.

use super::super::composed::{Case, Composition};
use super::super::recurrence::previous;
use super::super::registry::{Entry, Sample};
use super::lu::factored;
use super::solve::LuSolve;
use super::{SQUARES, not_converged, sample, spread, square, with_last};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Item, Jvp, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply, apply1, batch_elementwise, operands,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// The determinant of each matrix of a batch `[…, n, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Det;

impl Primitive for Det {
    fn name(&self) -> &str {
        "det"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("det", 1, inputs)) };
        square("det", a)?;
        Ok(smallvec![with_last(a, a.dtype, &[])])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::det(inputs[0])])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].det()]
    }
}

impl Jvp for Det {
    /// Jacobi's formula: Σ Cᵢⱼ·Ȧᵢⱼ with the cofactors C, which exist for singular matrices too.
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let rule = |t: &Tensor| (t * apply1(Prim::new(Cofactor), &[&x[0]])).sum_axes([-2, -1]);
        vec![t[0].as_ref().map(rule)]
    }
}

/// The cofactors of each matrix of a batch `[…, n, n]`: the gradient of its determinant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cofactor;

impl Primitive for Cofactor {
    fn name(&self) -> &str {
        "cofactor"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("cofactor", 1, inputs)) };
        square("cofactor", a)?;
        Ok(smallvec![a.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::cofactor(inputs[0]).map_err(|failure| not_converged("cofactor", failure))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Cofactor), &[&x[0]])
    }
}

impl Jvp for Cofactor {
    /// With A = U·diag(s)·Vᵀ, M = Uᵀ·Ȧ·V and the products Gᵢⱼ of all s but sᵢ and sⱼ: det(U)·det(V)·U·D·Vᵀ, where Dᵢᵢ = Σ Gᵢⱼ·Mⱼⱼ over
    /// j ≠ i, and Dᵢⱼ = −Gᵢⱼ·Mⱼᵢ. Nothing is divided, so it holds for a matrix of any rank. (The second-order minors of a diagonal matrix;
    /// compare S. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions", 2010.)
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None] };
        let (a, n) = (&x[0], x[0].shape()[x[0].rank() - 1]);
        let (u, s, vt) = a.svd();
        let sign = u.matmul(&vt).stop_gradient().det().sign().unsqueeze(-1).unsqueeze(-1);
        let m = u.t().matmul(t).matmul(&vt.t());
        // Row i holds all s, with 1 instead of sᵢ; the products before and behind each leave that out too.
        let own = Tensor::eye::<f64>(n).equal(1.0);
        let row = s.unsqueeze(-2).broadcast_to(a.shape().clone());
        let row = own.select(&row.ones_like(), &row);
        let axis = a.rank() - 1;
        let before = previous(&row.cumprod(-1), 1.0, axis, false);
        let behind = previous(&row.cumprod_reverse(-1), 1.0, axis, true);
        let g = own.select(&row.zeros_like(), &(before * behind));
        let diagonal = g.matmul(&m.diagonal(0).unsqueeze(-1)).squeeze(-1);
        let inner = diagonal.diag_embed(0) - g * m.t();
        vec![Some(u.matmul(&inner).matmul(&vt) * sign)]
    }
}

/// The sign of the determinant and ln of its magnitude, for matrices `[…, n, n]` and what `lu` gave of them (the packed factors, the exchanges
/// and the order of the rows). As a function of A; the factors are a means, and have no derivative of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slogdet;

impl Primitive for Slogdet {
    fn name(&self) -> &str {
        "slogdet"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, packed, exchanged, rows] = inputs else { return Err(operands("slogdet", 4, inputs)) };
        let n = square("slogdet", a)?;
        let whole = with_last(a, DType::I64, &[n]);
        if packed != a || *exchanged != whole || *rows != whole {
            let got = format!("{packed}, {exchanged} and {rows}");
            return Err(Error::new("slogdet").expected(format!("the factors of {a}")).got(got));
        }
        let y = with_last(a, a.dtype, &[]);
        Ok([y.clone(), y].into_iter().collect())
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (sign, log) = linalg::slogdet(inputs[1], inputs[2]);
        Ok([sign, log].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        apply(Prim::new(*self), &x.iter().collect::<Vec<_>>())
    }
}

impl Jvp for Slogdet {
    /// tr(A⁻¹·Ȧ), solved with the same factors. (M. Giles, "Collected matrix derivative results", 2008, section 2.2.4.)
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None, None] };
        let solved = LuSolve { transpose: false }.apply(&x[0], &x[1], &x[3], t);
        vec![None, Some(solved.trace())]
    }
}

pub(super) const DET: Entry = Entry {
    name: "det",
    parse: |_| Some(Prim::new(Det)),
    samples: || SQUARES.iter().map(|shape| Sample::new(Prim::new(Det), [spread(shape, 1)])).collect(),
};

pub(super) const COFACTOR: Entry = Entry {
    name: "cofactor",
    parse: |_| Some(Prim::new(Cofactor)),
    samples: || SQUARES.iter().map(|shape| Sample::new(Prim::new(Cofactor), [spread(shape, 1)])).collect(),
};

/// No samples: changed by themselves the factors are no longer those of A. The rows of `slogdet` and `logdet` try it.
pub(super) const SLOGDET: Entry =
    Entry { name: "slogdet", parse: |_| Some(Prim::new(Slogdet)), samples: Vec::new };

impl Tensor {
    /// The determinant of a matrix, or of each of a batch `[…, n, n]`; that of nothing is 1. Its gradient is the matrix of cofactors, at singular
    /// matrices too, where those of rank n − 1 have one that is not 0; the second derivative is right at every matrix.
    ///
    /// Where the determinant overflows, or the product of many small pivots vanishes, [`slogdet`](Tensor::slogdet) serves.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert!((a.det().item::<f64>() + 2.0).abs() < 1e-15);
    /// let g = grad(|a: &Tensor| a.det())(&Tensor::from([[0.0, 0.0], [0.0, 5.0]]));
    /// assert_eq!(g.to_vec::<f64>(), [5.0, 0.0, 0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the matrix is not square, or not of floats.
    #[track_caller]
    pub fn det(&self) -> Tensor {
        apply1(Prim::new(Det), &[self])
    }

    /// The sign of the determinant (0 of a singular matrix) and ln of its magnitude (−∞), of a matrix or each of a batch `[…, n, n]`: neither
    /// overflows where the determinant does. The gradient of the logarithm is A⁻ᵀ, solved with the factors that gave the value.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::eye::<f64>(400) * -0.1;
    /// let (sign, log) = a.slogdet();
    /// assert_eq!((sign.item::<f64>(), a.det().item::<f64>()), (1.0, 0.0));
    /// assert!((log.item::<f64>() + 400.0 * 10f64.ln()).abs() < 1e-10);
    /// ```
    ///
    /// # Panics
    /// If the matrix is not square, or not of floats. Its derivative, if the matrix is singular.
    #[track_caller]
    pub fn slogdet(&self) -> (Tensor, Tensor) {
        super::checked(square("slogdet", self.ty()));
        let [packed, exchanged, rows] = factored(self);
        let mut y = apply(Prim::new(Slogdet), &[self, &packed, &exchanged, &rows]);
        let log = y.pop().expect("two outputs");
        (y.pop().expect("two outputs"), log)
    }

    /// ln of the determinant of a matrix, or of each of a batch `[…, n, n]`: −∞ where that is 0, NaN where it is negative. It neither overflows nor
    /// underflows; see [`slogdet`](Tensor::slogdet).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[2.0, 0.0], [0.0, 4.0]]);
    /// assert!((a.logdet().item::<f64>() - 8f64.ln()).abs() < 1e-15);
    /// assert_eq!(grad(|a: &Tensor| a.logdet())(&a).to_vec::<f64>(), [0.5, 0.0, 0.0, 0.25]);
    /// ```
    #[track_caller]
    pub fn logdet(&self) -> Tensor {
        let (sign, log) = self.slogdet();
        let none = Tensor::full_item(Item::from_f64(log.dtype(), f64::NAN), log.shape().clone());
        sign.less(0.0).select(&none, &log)
    }
}

pub(super) const ROWS: [Composition; 2] = [
    Composition {
        name: "slogdet",
        cases: || {
            let both = |x: &[Tensor]| {
                let (sign, log) = x[0].slogdet();
                vec![sign, log]
            };
            let turned = |shape: &[usize]| Case::several(both, [sample(shape, 1) * -1.0]);
            SQUARES.iter().map(|shape| turned(shape)).collect()
        },
    },
    Composition {
        name: "logdet",
        cases: || SQUARES.iter().map(|shape| Case::new(|x| x[0].logdet(), [sample(shape, 1)])).collect(),
    },
];
