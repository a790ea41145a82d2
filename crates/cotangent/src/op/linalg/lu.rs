//! Gauss's elimination as a decomposition.

use super::super::composed::{Case, Composition};
use super::super::registry::{Entry, Sample, draw};
use super::{RECTANGLES, Triangle, matrices, with_last};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Params, Prim, Primitive, Shape, Tensor, Tensors, Type,
    Types, apply, operands,
};
use cotangent_kernels::linalg;

/// L and U in one matrix, the exchanges of rows, and their order, for each matrix of a batch `[…, m, n]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lu;

impl Primitive for Lu {
    fn name(&self) -> &str {
        "lu"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a] = inputs else { return Err(operands("lu", 1, inputs)) };
        let (m, n) = matrices("lu", a)?;
        let whole = |length: usize| with_last(a, DType::I64, &[length]);
        Ok([a.clone(), whole(m.min(n)), whole(m)].into_iter().collect())
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (packed, exchanged, rows) = linalg::lu(inputs[0]);
        Ok([packed, exchanged, rows].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Lu), &[&x[0]])
    }
}

/// The rows of matrices in this order.
fn ordered(x: &Tensor, rows: &Tensor) -> Tensor {
    x.take_along_axis(&rows.unsqueeze(-1).broadcast_to(x.shape().clone()), -2)
}

/// The leading square of length `k`, what is right of it, and what is below.
fn corners(x: &Tensor, k: usize) -> [Tensor; 3] {
    let (above, below) = (x.slice_axis(-2, ..k), x.slice_axis(-2, k..));
    [above.slice_axis(-1, ..k), above.slice_axis(-1, k..), below.slice_axis(-1, ..k)]
}

impl Jvp for Lu {
    /// With F = L⁻¹·Ȧ·U⁻¹ of the leading square, rows in their order: L̇ = L·tril(F, −1), U̇ = triu(F)·U; the rest of a wide matrix has
    /// U̇ = L⁻¹·Ȧ − tril(F, −1)·U, that of a tall one L̇ = Ȧ·U⁻¹ − L·triu(F). (S. de Hoog, R. Anderssen and M. Lukas, "Differentiation of matrix
    /// functionals using triangular factorization", 2011.)
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None; 3] };
        let (packed, rows) = (&y[0], &y[2]);
        let (m, n) = (x[0].shape()[x[0].rank() - 2], x[0].shape()[x[0].rank() - 1]);
        let k = m.min(n);
        let [own, wide, tall] = corners(packed, k);
        let [t, t_wide, t_tall] = corners(&ordered(t, rows), k);
        let by_lower = |b: &Tensor| own.solve_triangular(b, Triangle::LOWER.unit_diagonal());
        let by_upper = |b: &Tensor| own.solve_triangular_right(b, Triangle::UPPER);
        let f = by_upper(&by_lower(&t));
        let (below, above) = (f.tril(-1), f.triu(0));
        let square = &below + own.tril(-1).matmul(&below) + above.matmul(&own.triu(0));
        let change = match m.cmp(&n) {
            std::cmp::Ordering::Equal => square,
            std::cmp::Ordering::Less => {
                Tensor::concat(&[square, by_lower(&t_wide) - below.matmul(&wide)], -1)
            }
            std::cmp::Ordering::Greater => {
                Tensor::concat(&[square, by_upper(&t_tall) - tall.matmul(&above)], -2)
            }
        };
        vec![Some(change), None, None]
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "lu",
    parse: |_| Some(Prim::new(Lu)),
    samples: || RECTANGLES.iter().map(|shape| Sample::new(Prim::new(Lu), [pivoting(shape)])).collect(),
};

/// A matrix whose rows are exchanged, and whose pivots are far from a tie.
fn pivoting(shape: &[usize]) -> Tensor {
    let (m, n) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let large = |at: usize| if (at / n + 1) % m == at % n { 3.0 } else { 0.0 };
    draw(shape, -0.5, 0.5, 1) + Tensor::from_vec((0..m * n).map(large).collect(), [m, n])
}

impl Tensor {
    /// P, L and U of A = P·L·U, as SciPy's `lu`: P a permutation matrix `[…, m, m]`, L `[…, m, k]` lower-triangular with ones on its diagonal,
    /// U `[…, k, n]` upper-triangular, with k the smaller of m and n. The pivot of a step is the entry of largest magnitude. A singular matrix
    /// has zeros on U's diagonal, and then no derivative: infinities and NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (p, l, u) = Tensor::from([[1.0, 2.0], [4.0, 4.0]]).lu();
    /// assert_eq!(p.to_vec::<f64>(), [0.0, 1.0, 1.0, 0.0]);
    /// assert_eq!(l.to_vec::<f64>(), [1.0, 0.0, 0.25, 1.0]);
    /// assert_eq!(u.to_vec::<f64>(), [4.0, 4.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn lu(&self) -> (Tensor, Tensor, Tensor) {
        let (packed, _, rows) = self.lu_factor();
        let &[ref batch @ .., m, n] = &self.shape()[..] else { unreachable!("`lu_factor` has checked it") };
        let k = m.min(n);
        let p = rows.one_hot::<f64>(m).to(self.dtype()).t();
        let ones = Tensor::eye_offset::<f64>(m, k, 0).to(self.dtype());
        let shape: Shape = batch.iter().copied().chain([m, k]).collect();
        let l = packed.slice_axis(-1, ..k).tril(-1) + ones.broadcast_to(shape);
        (p, l, packed.slice_axis(-2, ..k).triu(0))
    }

    /// The decomposition as it is computed: L (without its ones) and U packed into one matrix `[…, m, n]`; for each step the row that it
    /// exchanged its own with (`i64[…, k]`, counted from 0, as SciPy's `lu_factor`); and the rows in their new order (`i64[…, m]`):
    /// A's rows in that order are L·U.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (packed, exchanged, rows) = Tensor::from([[1.0, 2.0], [4.0, 4.0]]).lu_factor();
    /// assert_eq!(packed.to_vec::<f64>(), [4.0, 4.0, 0.25, 1.0]);
    /// assert_eq!((exchanged.to_vec::<i64>(), rows.to_vec::<i64>()), (vec![1, 1], vec![1, 0]));
    /// ```
    ///
    /// # Panics
    /// If these are no matrices of floats.
    #[track_caller]
    pub fn lu_factor(&self) -> (Tensor, Tensor, Tensor) {
        let mut y = apply(Prim::new(Lu), &[self]).into_iter();
        let mut next = || y.next().expect("three outputs");
        (next(), next(), next())
    }
}

pub(super) const ROW: Composition = Composition {
    name: "lu",
    cases: || {
        let three = |x: &[Tensor]| {
            let (p, l, u) = x[0].lu();
            vec![p, l, u]
        };
        RECTANGLES.iter().map(|shape| Case::several(three, [pivoting(shape)])).collect()
    },
};

/// The operation's own arrays: what a solver keeps of a matrix that it does not differentiate.
#[track_caller]
pub(super) fn factored(a: &Tensor) -> [Tensor; 3] {
    let (packed, exchanged, rows) = a.stop_gradient().lu_factor();
    [packed, exchanged, rows]
}
