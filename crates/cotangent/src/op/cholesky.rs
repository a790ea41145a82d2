//! The Cholesky factor of a matrix, and equations with a triangular one.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose, Type,
    Types, apply1, batch_elementwise, different, operands, place, raise,
};
use cotangent_kernels::linalg;
use smallvec::smallvec;

/// The lower factor L of L·Lᵀ = (A + Aᵀ)/2, for each matrix of a batch `[…, n, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cholesky;

/// A batch of square matrices of floats.
fn square(name: &str, x: &Type) -> Result<(), Error> {
    let square = x.shape.rank() >= 2 && x.shape[x.shape.rank() - 2] == x.shape[x.shape.rank() - 1];
    if square && x.dtype.is_float() {
        return Ok(());
    }
    Err(Error::new(name).expected("square matrices of floats, […, n, n]").got(x.to_string()))
}

/// 1 below the diagonal, `diagonal` on it, 0 above: a constant of a matrix's shape.
fn lower(like: &Tensor, diagonal: f64) -> Tensor {
    let n = like.shape()[like.rank() - 1];
    let entry = |i: usize| match (i / n).cmp(&(i % n)) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => diagonal,
        std::cmp::Ordering::Less => 0.0,
    };
    let mask = Tensor::from_vec((0..n * n).map(entry).collect::<Vec<f64>>(), [n, n]);
    mask.to(like.dtype()).broadcast_to(like.shape().clone())
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
        let factor = linalg::cholesky(&linalg::symmetrised(inputs[0])).map_err(|failure| {
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
        let symmetric = (t + t.t()) * 0.5;
        let half = l.solve_lower(&symmetric);
        let inner = l.solve_lower(&half.t());
        vec![Some(l.matmul(&(inner * lower(l, 0.5))))]
    }
}

/// x of L·x = b, or of Lᵀ·x = b, for lower-triangular matrices `[…, n, n]` and right sides `[…, n, m]`. The strict upper triangle counts as 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TriangularSolve {
    /// Solve with the transposed matrix.
    pub transpose: bool,
}

impl TriangularSolve {
    #[track_caller]
    fn apply(self, l: &Tensor, b: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[l, b])
    }
}

impl Primitive for TriangularSolve {
    fn name(&self) -> &str {
        "triangular_solve"
    }
    fn params(&self) -> Params {
        vec![("transpose", Param::Bool(self.transpose))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[l, b] = inputs else { return Err(operands("triangular_solve", 2, inputs)) };
        square("triangular_solve", l)?;
        if l.dtype != b.dtype {
            return Err(different("triangular_solve", l, b));
        }
        let rank = l.shape.rank();
        if b.shape.rank() != rank || b.shape[..rank - 1] != l.shape[..rank - 1] {
            let expected = format!("a right side {}[…, n, m] that fits {l}", b.dtype);
            return Err(Error::new("triangular_solve").expected(expected).got(b.to_string()));
        }
        Ok(smallvec![b.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::triangular_solve(inputs[0], inputs[1], self.transpose)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![self.apply(&x[0], &x[1])]
    }
}

impl Jvp for TriangularSolve {
    /// From L·x = b: L·ẋ = ḃ − L̇·x, with the lower triangle of L̇.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let moved = t[0].as_ref().map(|t| {
            let t = t * lower(t, 1.0);
            -(if self.transpose { t.t() } else { t }).matmul(&y[0])
        });
        let right = match (&t[1], moved) {
            (Some(b), Some(l)) => b + l,
            (Some(b), None) => b.clone(),
            (None, Some(l)) => l,
            (None, None) => return vec![None],
        };
        vec![Some(self.apply(&x[0], &right))]
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        Some(self)
    }
}

impl Transpose for TriangularSolve {
    fn linear(&self, i: usize) -> bool {
        i == 1
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let other = TriangularSolve { transpose: !self.transpose };
        vec![None, ct[0].as_ref().map(|ct| other.apply(&x[0], ct))]
    }
}

/// A well-conditioned matrix: random entries, and a large diagonal.
fn matrix(shape: &[usize], seed: u64) -> Tensor {
    let n = shape[shape.len() - 1];
    let diagonal = Tensor::eye::<f64>(n) * 3.0;
    draw(shape, -0.5, 0.5, seed) + diagonal
}

pub(super) const CHOLESKY: Entry = Entry {
    name: "cholesky",
    parse: |_| Some(Prim::new(Cholesky)),
    samples: || {
        let shapes: [&[usize]; 4] = [&[1, 1], &[3, 3], &[2, 2, 2], &[0, 2, 2]];
        shapes.iter().map(|shape| Sample::new(Prim::new(Cholesky), [matrix(shape, 1)])).collect()
    },
};

pub(super) const TRIANGULAR_SOLVE: Entry = Entry {
    name: "triangular_solve",
    parse: |given| Some(Prim::new(TriangularSolve { transpose: given.bool("transpose")? })),
    samples: || {
        let shapes: [(&[usize], &[usize]); 4] =
            [(&[1, 1], &[1, 1]), (&[3, 3], &[3, 2]), (&[2, 2, 2], &[2, 2, 1]), (&[2, 2], &[2, 0])];
        let sample = |transpose: bool, (l, b): (&[usize], &[usize])| {
            Sample::new(Prim::new(TriangularSolve { transpose }), [matrix(l, 1), draw(b, -1.0, 1.0, 2)])
        };
        [false, true].iter().flat_map(|&transpose| shapes.map(|pair| sample(transpose, pair))).collect()
    },
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

    /// x of L·x = b for this lower-triangular matrix (what is above the diagonal counts as 0) and a right side: a matrix `[…, n, m]` or, for
    /// one matrix, a vector.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let l = Tensor::from([[2.0, 0.0], [1.0, 2.0]]);
    /// assert_eq!(l.solve_lower(&Tensor::from([2.0, 5.0])).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_lower(&self, b: &Tensor) -> Tensor {
        self.solve_triangular(b, false)
    }

    /// x of Lᵀ·x = b; see [`solve_lower`](Tensor::solve_lower).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let l = Tensor::from([[2.0, 0.0], [1.0, 2.0]]);
    /// assert_eq!(l.solve_lower_transposed(&Tensor::from([4.0, 4.0])).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_lower_transposed(&self, b: &Tensor) -> Tensor {
        self.solve_triangular(b, true)
    }

    #[track_caller]
    fn solve_triangular(&self, b: &Tensor, transpose: bool) -> Tensor {
        let solve = TriangularSolve { transpose };
        if b.rank() == 1 && self.rank() == 2 {
            return solve.apply(self, &b.unsqueeze(-1)).squeeze(-1);
        }
        if b.rank() < 2 {
            let error =
                Error::new("triangular_solve").expected("a right side […, n, m]").got(b.ty().to_string());
            raise(error.at(Some(place())))
        }
        solve.apply(self, b)
    }
}
