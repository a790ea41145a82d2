//! The pseudoinverse, and least squares.

use super::super::composed::{Case, Composition};
use super::super::registry::{Entry, Sample, draw};
use super::{RECTANGLES, checked, matrices, not_converged, spread, tolerance, with_last};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply1, different, operands,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// The pseudoinverse `[…, n, m]` of each matrix of a batch `[…, m, n]`: singular values of at most `cutoff` times the largest count as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pinv {
    /// From 0 to 1.
    pub cutoff: f64,
}

impl Primitive for Pinv {
    fn name(&self) -> &str {
        "pinv"
    }
    fn params(&self) -> Params {
        vec![("cutoff", Param::Text(format!("{:?}", self.cutoff)))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("pinv", 1, inputs)) };
        let (m, n) = matrices("pinv", a)?;
        if !(0.0..=1.0).contains(&self.cutoff) {
            let error =
                Error::new("pinv").expected("a cutoff from 0 to 1, relative to the largest singular value");
            return Err(error.got(format!("{:?}", self.cutoff)));
        }
        Ok(smallvec![with_last(a, a.dtype, &[n, m])])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let y = linalg::pinv(inputs[0], self.cutoff);
        Ok(smallvec![y.map_err(|failure| not_converged("pinv", failure))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(*self), &[&x[0]])]
    }
}

impl Jvp for Pinv {
    /// −P·Ȧ·P + P·Pᵀ·Ȧᵀ·(I − A·P) + (I − P·A)·Ȧᵀ·Pᵀ·P, where the rank does not change. (G. Golub and V. Pereyra, "The differentiation of
    /// pseudo-inverses and nonlinear least squares problems whose variables separate", 1973.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None] };
        let (a, p) = (&x[0], &y[0]);
        let mut change = -p.matmul(t).matmul(p);
        let tt = t.t();
        // Of full rank one of the two vanishes, but of which the shape does not say unless the matrix is square and invertible.
        let rows = &tt - tt.matmul(a).matmul(p);
        change += p.matmul(&p.t().matmul(&rows));
        let columns = &tt - p.matmul(&a.matmul(&tt));
        change += columns.matmul(&p.t()).matmul(p);
        vec![Some(change)]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "pinv",
    parse: |given| match given.get("cutoff")? {
        Param::Text(text) => Some(Prim::new(Pinv { cutoff: text.parse().ok()? })),
        _ => None,
    },
    samples: || {
        let sample = |shape: &&[usize]| Sample::new(Prim::new(Pinv { cutoff: 1e-6 }), [spread(shape, 1)]);
        RECTANGLES.iter().map(sample).collect()
    },
};

/// What counts as 0 beside the largest singular value of a matrix `[m, n]`: the larger length times the machine's epsilon, as NumPy.
fn cutoff(dtype: DType, m: usize, n: usize) -> f64 {
    (tolerance(dtype, m.max(n)) / 8.0).min(1.0)
}

impl Tensor {
    /// The pseudoinverse `[…, n, m]` (Moore and Penrose) of a matrix `[m, n]`, or of each of a batch: singular values that are 0 but for rounding
    /// count as 0 (those below max(m, n)·ε times the largest, as NumPy). The derivative is that of matrices of the same rank, and right where singular
    /// values repeat.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let p = Tensor::from([[2.0, 0.0], [0.0, 0.0]]).pinv();
    /// assert_eq!(p.to_vec::<f64>(), [0.5, 0.0, 0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn pinv(&self) -> Tensor {
        let (m, n) = checked(matrices("pinv", self.ty()));
        self.pinv_above(cutoff(self.dtype(), m, n))
    }

    /// [`pinv`](Tensor::pinv) where singular values of at most `cutoff` times the largest count as 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let p = Tensor::from([[2.0, 0.0], [0.0, 0.1]]).pinv_above(0.1);
    /// assert_eq!(p.to_vec::<f64>(), [0.5, 0.0, 0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats, or the cutoff is not from 0 to 1.
    #[track_caller]
    pub fn pinv_above(&self, cutoff: f64) -> Tensor {
        apply1(Prim::new(Pinv { cutoff }), &[self])
    }

    /// The X of least norm among those for which ‖A·X − B‖ is least: A is this matrix `[m, n]`, or each of a batch, and the right side a vector `[m]`
    /// or matrices `[…, m, p]`, whose leading axes broadcast with this one's. It is [`pinv`](Tensor::pinv) times B, so matrices of any rank will do.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// // The line through (0, 1), (1, 3), (2, 5).
    /// let a = Tensor::from([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]);
    /// let x = a.lstsq(&Tensor::from([1.0, 3.0, 5.0]));
    /// assert!((x - Tensor::from([1.0, 2.0])).abs().max().item::<f64>() < 1e-14);
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats, the right side does not fit, or the dtypes differ.
    #[track_caller]
    pub fn lstsq(&self, b: &Tensor) -> Tensor {
        let (m, _) = checked(matrices("lstsq", self.ty()));
        if self.dtype() != b.dtype() {
            checked(Err(different("lstsq", self.ty(), b.ty())))
        }
        let rows = if b.rank() == 1 {
            b.shape()[0]
        } else {
            b.shape().iter().rev().nth(1).copied().unwrap_or(m + 1)
        };
        if rows != m {
            let dtype = self.dtype();
            let expected = format!("a right side {dtype}[{m}] or {dtype}[…, {m}, p] that fits {}", self.ty());
            checked(Err(Error::new("lstsq").expected(expected).got(b.ty().to_string())))
        }
        self.pinv().matmul(b)
    }

    /// How many singular values of a matrix, or of each of a batch `[…, m, n]`, are not 0 but for rounding (`i64[…]`): those above max(m, n)·ε times the
    /// largest, as NumPy.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [2.0, 4.0]]).matrix_rank().item::<i64>(), 1);
    /// ```
    #[track_caller]
    pub fn matrix_rank(&self) -> Tensor {
        let (m, n) = checked(matrices("matrix_rank", self.ty()));
        let s = self.stop_gradient().svdvals();
        if m.min(n) == 0 {
            return s.to(DType::I64).sum_axes(-1);
        }
        let least = s.max_keep(-1) * cutoff(self.dtype(), m, n);
        s.greater(&least.broadcast_to(s.shape().clone())).to(DType::I64).sum_axes(-1)
    }
}

pub(super) const ROWS: [Composition; 2] = [
    Composition {
        name: "lstsq",
        cases: || {
            let case = |a: &[usize], b: &[usize]| {
                Case::new(|x| x[0].lstsq(&x[1]), [spread(a, 1), draw(b, -1.0, 1.0, 2)])
            };
            vec![
                case(&[3, 2], &[3]),
                case(&[2, 3], &[2, 2]),
                case(&[2, 3, 2], &[2, 3, 1]),
                case(&[2, 2], &[3, 2, 1]),
                case(&[1, 1], &[1]),
                case(&[2, 0], &[2]),
            ]
        },
    },
    Composition {
        name: "matrix_rank",
        cases: || {
            RECTANGLES.iter().map(|shape| Case::new(|x| x[0].matrix_rank(), [spread(shape, 1)])).collect()
        },
    },
];
