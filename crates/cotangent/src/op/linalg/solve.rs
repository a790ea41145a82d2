//! Equations with any square matrix.

use super::super::composed::{Case, Composition};
use super::super::registry::{Entry, draw};
use super::lu::factored;
use super::{SQUARES, checked, sample, side_by_side, sides, square};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Transpose, Type, Types, apply1, batch_elementwise, operands,
};
use cotangent_kernels::linalg::{self, Singular};
use smallvec::smallvec;

/// x of A·x = b, or of Aᵀ·x = b, for matrices `[…, n, n]`, what `lu` gave of them (the packed factors and the order of the rows) and right
/// sides `[…, n, m]`. As a function of A and b; the factors are a means, and have no derivative of their own, so every order of differentiation
/// uses them again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LuSolve {
    /// Solve with the transposed matrix.
    pub transpose: bool,
}

impl LuSolve {
    #[track_caller]
    pub(super) fn apply(self, a: &Tensor, packed: &Tensor, rows: &Tensor, b: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[a, packed, rows, b])
    }
}

/// What is said of a matrix without an inverse.
fn singular(a: &Type, failure: Singular) -> Error {
    let Singular { matrix, pivot } = failure;
    let got = match a.shape.rank() {
        2 => format!("a singular one: pivot {pivot} is zero"),
        _ => format!("matrix {matrix} of the batch, which is singular: pivot {pivot} is zero"),
    };
    let error = Error::new("solve").expected("invertible matrices").got(got);
    error.help("`lstsq` and `pinv` take singular matrices")
}

impl Primitive for LuSolve {
    fn name(&self) -> &str {
        "lu_solve"
    }
    fn params(&self) -> Params {
        vec![("transpose", Param::Bool(self.transpose))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, packed, rows, b] = inputs else { return Err(operands("lu_solve", 4, inputs)) };
        let n = square("lu_solve", a)?;
        let (rank, lead) = (a.shape.rank(), &a.shape[..a.shape.rank() - 1]);
        if packed != a || rows.dtype != DType::I64 || rows.shape[..] != *lead {
            let got = format!("{packed} and {rows}");
            return Err(Error::new("lu_solve").expected(format!("the factors of {a}")).got(got));
        }
        if b.dtype != a.dtype || b.shape.rank() != rank || b.shape[..rank - 1] != *lead {
            let expected = format!("a right side {}[…, {n}, m] that fits {a}", a.dtype);
            return Err(Error::new("lu_solve").expected(expected).got(b.to_string()));
        }
        Ok(smallvec![b.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let x = linalg::lu_solve(inputs[1], inputs[2], inputs[3], self.transpose);
        Ok(smallvec![x.map_err(|failure| singular(inputs[0].ty(), failure))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        if mapped[..3] == [false; 3] {
            return smallvec![side_by_side(&x[3], |b| self.apply(&x[0], &x[1], &x[2], b))];
        }
        let x = batch_elementwise(x, mapped, size);
        smallvec![self.apply(&x[0], &x[1], &x[2], &x[3])]
    }
}

impl Jvp for LuSolve {
    /// From A·x = b: A·ẋ = ḃ − Ȧ·x, solved with the same factors. (M. Giles, "Collected matrix derivative results", 2008, section 2.3.1.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let moved = t[0].as_ref().map(|t| -(if self.transpose { t.t() } else { t.clone() }).matmul(&y[0]));
        let right = match (&t[3], moved) {
            (Some(b), Some(a)) => b + a,
            (Some(b), None) => b.clone(),
            (None, Some(a)) => a,
            (None, None) => return vec![None],
        };
        vec![Some(self.apply(&x[0], &x[1], &x[2], &right))]
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        Some(self)
    }
}

impl Transpose for LuSolve {
    fn linear(&self, i: usize) -> bool {
        i == 3
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let other = LuSolve { transpose: !self.transpose };
        let back = ct[0].as_ref().map(|ct| other.apply(&x[0], &x[1], &x[2], ct));
        vec![None, None, None, back]
    }
}

/// No samples: changed by themselves the factors are no longer those of A. The rows of `solve`, `inv` and `slogdet` try it.
pub(super) const ENTRY: Entry = Entry {
    name: "lu_solve",
    parse: |given| Some(Prim::new(LuSolve { transpose: given.bool("transpose")? })),
    samples: Vec::new,
};

impl Tensor {
    /// X of A·X = B for this matrix, or each of a batch `[…, n, n]`: a right side is a vector `[n]` or matrices `[…, n, m]`, whose leading axes
    /// broadcast with this one's. By Gauss's elimination with row exchanges; derivatives of every order use the same factors again:
    /// the cotangent of B is X̄ solved with Aᵀ, that of A is −B̄·Xᵀ.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[0.0, 2.0], [1.0, 1.0]]);
    /// let b = Tensor::from([4.0, 5.0]);
    /// assert_eq!(a.solve(&b).to_vec::<f64>(), [3.0, 2.0]);
    /// let g = grad(|b: &Tensor| a.solve(b).sum())(&b);
    /// assert_eq!(g.to_vec::<f64>(), [0.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If a matrix is singular (the message names the pivot that is zero) or not square, the right side does not fit, or the dtypes
    /// differ or are no floats.
    #[track_caller]
    pub fn solve(&self, b: &Tensor) -> Tensor {
        if self.rank() == 2 && b.rank() > 2 {
            // One matrix, factored once: the right sides are columns of one.
            let (lead, last) = b.shape().split_at(b.rank() - 2);
            let flat: Shape = [lead.iter().product()].into_iter().chain(last.iter().copied()).collect();
            return side_by_side(&b.reshape(flat), |b| self.solve(b)).reshape(b.shape().clone());
        }
        let (a, b, vector) = sides("solve", self, b);
        let [packed, _, rows] = factored(&a);
        let x = LuSolve { transpose: false }.apply(&a, &packed, &rows, &b);
        if vector { x.squeeze(-1) } else { x }
    }

    /// X of A·X = B from the lower Cholesky factor L of A = L·Lᵀ, which is this; see [`cholesky`](Tensor::cholesky).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[4.0, 2.0], [2.0, 5.0]]);
    /// let x = a.cholesky().cholesky_solve(&Tensor::from([8.0, 12.0]));
    /// assert_eq!(x.to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn cholesky_solve(&self, b: &Tensor) -> Tensor {
        self.solve_lower_transposed(&self.solve_lower(b))
    }

    /// The inverse of a matrix, or of each of a batch `[…, n, n]`. To multiply by it, [`solve`](Tensor::solve) is faster and more accurate.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let a = Tensor::from([[0.0, 2.0], [1.0, 1.0]]);
    /// assert_eq!(a.inv().to_vec::<f64>(), [-0.5, 1.0, 0.5, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If a matrix is singular (the message, of `solve`, names the pivot that is zero) or not square.
    #[track_caller]
    pub fn inv(&self) -> Tensor {
        let n = checked(square("inv", self.ty()));
        let one = Tensor::eye::<f64>(n).to(self.dtype());
        self.solve(&one.broadcast_to(self.shape().clone()))
    }

    /// The matrix multiplied by itself `n` times, or each of a batch; its inverse if `n` is negative, the identity if it is 0. By squaring: about
    /// log₂ n products.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let fibonacci = Tensor::from([[1.0, 1.0], [1.0, 0.0]]);
    /// assert_eq!(fibonacci.matrix_power(10).to_vec::<f64>(), [89.0, 55.0, 55.0, 34.0]);
    /// ```
    ///
    /// # Panics
    /// If the matrix is not square, or `n` is negative and the matrix singular.
    #[track_caller]
    pub fn matrix_power(&self, n: i32) -> Tensor {
        let length = checked(square("matrix_power", self.ty()));
        let mut square = if n < 0 { self.inv() } else { self.clone() };
        let mut left = n.unsigned_abs();
        let mut product: Option<Tensor> = None;
        while left > 0 {
            if left & 1 == 1 {
                product = Some(product.map_or_else(|| square.clone(), |product| product.matmul(&square)));
            }
            left >>= 1;
            if left > 0 {
                square = square.matmul(&square);
            }
        }
        let one = || Tensor::eye::<f64>(length).to(self.dtype()).broadcast_to(self.shape().clone());
        product.unwrap_or_else(one)
    }
}

fn case(a: &[usize], b: &[usize]) -> Case {
    Case::new(|x| x[0].solve(&x[1]), [sample(a, 1), draw(b, -1.0, 1.0, 2)])
}

pub(super) const ROWS: [Composition; 4] = [
    Composition {
        name: "solve",
        cases: || {
            vec![
                case(&[1, 1], &[1]),
                case(&[3, 3], &[3]),
                case(&[3, 3], &[3, 2]),
                case(&[2, 2, 2], &[2, 2, 1]),
                case(&[2, 2, 2], &[2]),
                case(&[2, 2], &[2, 1, 2, 2]),
                case(&[2, 1, 2, 2], &[3, 2, 1]),
                case(&[2, 2], &[2, 0]),
                case(&[0, 2, 2], &[2]),
                case(&[0, 0], &[0]),
            ]
        },
    },
    Composition {
        name: "cholesky_solve",
        cases: || {
            let case = |a: &[usize], b: &[usize]| {
                Case::new(|x| x[0].cholesky().cholesky_solve(&x[1]), [sample(a, 1), draw(b, -1.0, 1.0, 2)])
            };
            vec![case(&[3, 3], &[3]), case(&[2, 2, 2], &[2, 2, 1]), case(&[0, 0], &[0, 2])]
        },
    },
    Composition {
        name: "inv",
        cases: || SQUARES.iter().map(|shape| Case::new(|x| x[0].inv(), [sample(shape, 1)])).collect(),
    },
    Composition {
        name: "matrix_power",
        cases: || {
            let case = |shape: &[usize], n: i32| Case::new(move |x| x[0].matrix_power(n), [sample(shape, 1)]);
            vec![case(&[3, 3], 3), case(&[2, 2, 2], -2), case(&[2, 2], 0), case(&[1, 1], 5), case(&[0, 0], 2)]
        },
    },
];
