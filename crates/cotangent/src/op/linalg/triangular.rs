//! Equations with a triangular matrix.

use super::super::composed::{Case, Composition};
use super::super::registry::{Entry, Sample, draw};
use super::{checked, sample, side_by_side, sides, square};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose, Type,
    Types, apply1, batch_elementwise, different, operands,
};
use cotangent_kernels::linalg::{self, Triangle};
use smallvec::smallvec;

/// x of A·x = b for triangular matrices `[…, n, n]` and right sides `[…, n, m]`. What the triangle does not say counts as 0 (or 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TriangularSolve {
    /// Which triangle, and how.
    pub triangle: Triangle,
}

impl TriangularSolve {
    #[track_caller]
    fn apply(self, a: &Tensor, b: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[a, b])
    }

    /// What of a matrix counts.
    fn counted(self, a: &Tensor) -> Tensor {
        let beside = isize::from(self.triangle.unit);
        if self.triangle.lower { a.tril(-beside) } else { a.triu(beside) }
    }
}

impl Primitive for TriangularSolve {
    fn name(&self) -> &str {
        "triangular_solve"
    }
    fn params(&self) -> Params {
        let Triangle { lower, transpose, unit } = self.triangle;
        vec![
            ("lower", Param::Bool(lower)),
            ("transpose", Param::Bool(transpose)),
            ("unit", Param::Bool(unit)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, b] = inputs else { return Err(operands("triangular_solve", 2, inputs)) };
        square("triangular_solve", a)?;
        if a.dtype != b.dtype {
            return Err(different("triangular_solve", a, b));
        }
        let rank = a.shape.rank();
        if b.shape.rank() != rank || b.shape[..rank - 1] != a.shape[..rank - 1] {
            let expected = format!("a right side {}[…, n, m] that fits {a}", b.dtype);
            return Err(Error::new("triangular_solve").expected(expected).got(b.to_string()));
        }
        Ok(smallvec![b.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![linalg::triangular_solve(inputs[0], inputs[1], self.triangle)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        if !mapped[0] {
            return smallvec![side_by_side(&x[1], |b| self.apply(&x[0], b))];
        }
        let x = batch_elementwise(x, mapped, size);
        smallvec![self.apply(&x[0], &x[1])]
    }
}

impl Jvp for TriangularSolve {
    /// From A·x = b: A·ẋ = ḃ − Ȧ·x, with what counts of Ȧ. (M. Giles, "Collected matrix derivative results", 2008, section 2.3.1.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let moved = t[0].as_ref().map(|t| {
            let t = self.counted(t);
            -(if self.triangle.transpose { t.t() } else { t }).matmul(&y[0])
        });
        let right = match (&t[1], moved) {
            (Some(b), Some(a)) => b + a,
            (Some(b), None) => b.clone(),
            (None, Some(a)) => a,
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
        let other = TriangularSolve { triangle: self.triangle.transposed() };
        vec![None, ct[0].as_ref().map(|ct| other.apply(&x[0], ct))]
    }
}

/// All eight ways.
fn triangles() -> impl Iterator<Item = Triangle> {
    (0..8).map(|bits| Triangle { lower: bits & 1 == 0, transpose: bits & 2 != 0, unit: bits & 4 != 0 })
}

pub(super) const ENTRY: Entry = Entry {
    name: "triangular_solve",
    parse: |given| {
        let (lower, transpose, unit) = (given.bool("lower")?, given.bool("transpose")?, given.bool("unit")?);
        Some(Prim::new(TriangularSolve { triangle: Triangle { lower, transpose, unit } }))
    },
    samples: || {
        let shapes: [(&[usize], &[usize]); 5] = [
            (&[1, 1], &[1, 1]),
            (&[3, 3], &[3, 2]),
            (&[2, 2, 2], &[2, 2, 1]),
            (&[2, 2], &[2, 0]),
            (&[0, 0], &[0, 1]),
        ];
        let sample = |triangle: Triangle, (a, b): (&[usize], &[usize])| {
            Sample::new(Prim::new(TriangularSolve { triangle }), [sample(a, 1), draw(b, -1.0, 1.0, 2)])
        };
        triangles().flat_map(|triangle| shapes.map(|pair| sample(triangle, pair))).collect()
    },
};

impl Tensor {
    /// X of A·X = B for this triangular matrix, or each of a batch: a right side is a vector `[n]` or matrices `[…, n, m]`, whose leading axes
    /// broadcast with this one's. [`Triangle`] says which triangle counts, whether its diagonal counts as 1, and whether A is
    /// transposed; what does not count is not looked at. A zero on the diagonal gives infinities and NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Triangle;
    /// let a = Tensor::from([[2.0, 1.0], [9.0, 4.0]]);
    /// let b = Tensor::from([4.0, 8.0]);
    /// assert_eq!(a.solve_triangular(&b, Triangle::UPPER).to_vec::<f64>(), [1.0, 2.0]);
    /// assert_eq!(a.solve_triangular(&b, Triangle::UPPER.transposed()).to_vec::<f64>(), [2.0, 1.5]);
    /// assert_eq!(a.solve_triangular(&b, Triangle::UPPER.unit_diagonal()).to_vec::<f64>(), [-4.0, 8.0]);
    /// ```
    ///
    /// # Panics
    /// If the matrix is not square, the right side does not fit, or the dtypes differ or are no floats.
    #[track_caller]
    pub fn solve_triangular(&self, b: &Tensor, triangle: Triangle) -> Tensor {
        let (a, b, vector) = sides("triangular_solve", self, b);
        let x = TriangularSolve { triangle }.apply(&a, &b);
        if vector { x.squeeze(-1) } else { x }
    }

    /// X of X·A = B for this triangular matrix and `[…, m, n]` on the right of the equation; see [`solve_triangular`](Tensor::solve_triangular).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Triangle;
    /// let a = Tensor::from([[2.0, 1.0], [0.0, 4.0]]);
    /// let b = Tensor::from([[4.0, 10.0]]);
    /// assert_eq!(a.solve_triangular_right(&b, Triangle::UPPER).to_vec::<f64>(), [2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_triangular_right(&self, b: &Tensor, triangle: Triangle) -> Tensor {
        if b.rank() < 2 {
            let error = Error::new("triangular_solve").expected("a right side […, m, n]");
            checked(Err(error.got(b.ty().to_string())))
        }
        self.solve_triangular(&b.t(), triangle.transposed()).t()
    }

    /// x of L·x = b for this lower-triangular matrix; see [`solve_triangular`](Tensor::solve_triangular).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let l = Tensor::from([[2.0, 0.0], [1.0, 2.0]]);
    /// assert_eq!(l.solve_lower(&Tensor::from([2.0, 5.0])).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_lower(&self, b: &Tensor) -> Tensor {
        self.solve_triangular(b, Triangle::LOWER)
    }

    /// x of Lᵀ·x = b for this lower-triangular matrix L; see [`solve_triangular`](Tensor::solve_triangular).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let l = Tensor::from([[2.0, 0.0], [1.0, 2.0]]);
    /// assert_eq!(l.solve_lower_transposed(&Tensor::from([4.0, 4.0])).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_lower_transposed(&self, b: &Tensor) -> Tensor {
        self.solve_triangular(b, Triangle::LOWER.transposed())
    }

    /// x of U·x = b for this upper-triangular matrix; see [`solve_triangular`](Tensor::solve_triangular).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let u = Tensor::from([[2.0, 1.0], [0.0, 2.0]]);
    /// assert_eq!(u.solve_upper(&Tensor::from([4.0, 4.0])).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn solve_upper(&self, b: &Tensor) -> Tensor {
        self.solve_triangular(b, Triangle::UPPER)
    }
}

fn case(triangle: Triangle, right: bool, a: &[usize], b: &[usize]) -> Case {
    let solve = move |x: &[Tensor]| match right {
        true => x[0].solve_triangular_right(&x[1], triangle),
        false => x[0].solve_triangular(&x[1], triangle),
    };
    Case::new(solve, [sample(a, 1), draw(b, -1.0, 1.0, 2)])
}

pub(super) const ROWS: [Composition; 2] = [
    Composition {
        name: "solve_triangular",
        cases: || {
            vec![
                case(Triangle::LOWER, false, &[3, 3], &[3]),
                case(Triangle::UPPER, false, &[2, 2, 2], &[2]),
                case(Triangle::UPPER.transposed(), false, &[2, 2], &[2, 2, 1]),
                case(Triangle::LOWER.unit_diagonal(), false, &[2, 1, 2, 2], &[3, 2, 1]),
            ]
        },
    },
    Composition {
        name: "solve_triangular_right",
        cases: || {
            vec![
                case(Triangle::LOWER, true, &[3, 3], &[2, 3]),
                case(Triangle::UPPER.transposed(), true, &[2, 2, 2], &[1, 2]),
            ]
        },
    },
];
