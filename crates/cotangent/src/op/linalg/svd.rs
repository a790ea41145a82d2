//! Singular values and vectors.

use super::super::registry::{Entry, Sample};
use super::{RECTANGLES, inverse_above, inverse_gaps, least, matrices, not_converged, spread, with_last};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Params, Prim, Primitive, Tensor, Tensors, Type, Types, apply,
    apply1, operands,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// U `[…, m, k]`, the singular values `[…, k]` and Vᵀ `[…, k, n]` of A = U·diag(s)·Vᵀ, for each matrix of a batch `[…, m, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svd;

impl Primitive for Svd {
    fn name(&self) -> &str {
        "svd"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("svd", 1, inputs)) };
        let (m, n) = matrices("svd", a)?;
        let k = m.min(n);
        let of = |last: &[usize]| with_last(a, a.dtype, last);
        Ok([of(&[m, k]), of(&[k]), of(&[k, n])].into_iter().collect())
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (u, s, vt) = linalg::svd(inputs[0]).map_err(|failure| not_converged("svd", failure))?;
        Ok([u, s, vt].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Svd), &[&x[0]])
    }
}

impl Jvp for Svd {
    /// With P = Uᵀ·Ȧ·V: ṡ is its diagonal; U turns by E∘S + H∘K and V by E∘S − H∘K, where S and K are the symmetric and the skew part of P,
    /// Eᵢⱼ = 1/(sⱼ − sᵢ) and Hᵢⱼ = 1/(sᵢ + sⱼ); and what of Ȧ is outside of their columns is added, divided by s. Quotients by 0 count as 0.
    /// (J. Townsend, "Differentiating the singular value decomposition", 2016, with 1/(sⱼ² − sᵢ²) taken apart, so that s² does not overflow,
    /// and the part by H stays where values repeat.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None; 3] };
        let (u, s, vt) = (&y[0], &y[1], &y[2]);
        let &[.., m, n] = &x[0].shape()[..] else { unreachable!("it has matrices") };
        let (k, longest) = (m.min(n), m.max(n));
        if k == 0 {
            return y.iter().map(|y| Some(y.zeros_like())).collect();
        }
        let v = vt.t();
        let right = t.matmul(&v);
        let p = u.t().matmul(&right);
        let (symmetric, skew) = ((&p + p.t()) * 0.5, (&p - p.t()) * 0.5);
        let least = least(s, longest);
        let sums = s.unsqueeze(-2) + s.unsqueeze(-1);
        let by_gaps = inverse_gaps(s, longest) * symmetric;
        let by_sums = inverse_above(&sums, &least.unsqueeze(-1)) * skew;
        let (mut du, mut dv) = (u.matmul(&(&by_gaps + &by_sums)), v.matmul(&(by_gaps - by_sums)));
        let each = inverse_above(s, &least).unsqueeze(-2);
        if m > k {
            du += (right - u.matmul(&p)) * &each;
        }
        if n > k {
            dv += (t.t().matmul(u) - v.matmul(&p.t())) * each;
        }
        vec![Some(du), Some(p.diagonal(0)), Some(dv.t())]
    }
}

/// The singular values alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Svdvals;

impl Primitive for Svdvals {
    fn name(&self) -> &str {
        "svdvals"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("svdvals", 1, inputs)) };
        let (m, n) = matrices("svdvals", a)?;
        Ok(smallvec![with_last(a, a.dtype, &[m.min(n)])])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::svdvals(inputs[0]).map_err(|failure| not_converged("svdvals", failure))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].svdvals()]
    }
}

impl Jvp for Svdvals {
    /// The diagonal of Uᵀ·Ȧ·V; the vectors are computed here, where they are wanted.
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let rule = |t: &Tensor| {
            let (u, _, vt) = x[0].svd();
            (t.matmul(&vt.t()) * u).sum_axes(-2)
        };
        vec![t[0].as_ref().map(rule)]
    }
}

pub(super) const SVD: Entry = Entry {
    name: "svd",
    parse: |_| Some(Prim::new(Svd)),
    samples: || RECTANGLES.iter().map(|shape| Sample::new(Prim::new(Svd), [spread(shape, 1)])).collect(),
};

pub(super) const SVDVALS: Entry = Entry {
    name: "svdvals",
    parse: |_| Some(Prim::new(Svdvals)),
    samples: || RECTANGLES.iter().map(|shape| Sample::new(Prim::new(Svdvals), [spread(shape, 1)])).collect(),
};

impl Tensor {
    /// U `[…, m, k]` and Vᵀ `[…, k, n]`, each with orthonormal vectors, and the singular values s `[…, k]`, descending, of A = U·diag(s)·Vᵀ, for a
    /// matrix `[m, n]` or each of a batch; k is the smaller of m and n (NumPy's `svd(…, full_matrices=False)`). Of each column of U the entry of
    /// largest magnitude (the first, where some are about equal) is positive.
    ///
    /// The vectors of values that are equal, or zero, are any basis of their space, and have no derivative; what stands for it is the part that
    /// is determined. So gradients are finite everywhere, and right for what depends on such values through their sum, and on such
    /// vectors through their space or the map between their spaces (docs/conventions.md says more). A matrix with a NaN or an
    /// infinity gives NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[3.0, 0.0], [4.0, 0.0], [0.0, 1.0]]);
    /// let (u, s, vt) = a.svd();
    /// assert!((s.index(0).item::<f64>() - 5.0).abs() < 1e-14);
    /// assert!(((u * s).matmul(&vt) - a).abs().max().item::<f64>() < 1e-14);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn svd(&self) -> (Tensor, Tensor, Tensor) {
        let mut y = apply(Prim::new(Svd), &[self]).into_iter();
        let mut next = || y.next().expect("three outputs");
        (next(), next(), next())
    }

    /// The singular values of [`svd`](Tensor::svd) alone, which takes less time.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let s = Tensor::from([[3.0, 0.0], [4.0, 0.0]]).svdvals().to_vec::<f64>();
    /// assert!((s[0] - 5.0).abs() < 1e-14 && s[1] == 0.0);
    /// ```
    #[track_caller]
    pub fn svdvals(&self) -> Tensor {
        apply1(Prim::new(Svdvals), &[self])
    }
}
