//! Derivatives of closures: what users of scalar functions call.
//!
//! Each takes a closure over one engine's number and gives derivatives at a point. Pass a generic function as
//! `|x| wave(x)`: the closure's number has a lifetime of its own, so that the variables of two nested derivatives are
//! of two types and cannot be confused.
//!
//! The classic confusion is d/dx [x · d/dy (x + y)] at x = y = 1, which is 1 and not 2 (J. M. Siskind and B. A.
//! Pearlmutter, "Perturbation confusion and referential transparency", 2005). As it is usually written it does not
//! compile, for the inner derivative may not use the outer variable as if it were its own:
//!
//! ```compile_fail
//! use cotangent::number::{Real, derivative};
//! derivative(|x| *x * derivative(|y| *x + *y, x.one()), 1.0);
//! ```
//! ```compile_fail
//! use cotangent::number::derivative;
//! derivative(|x| *x + derivative(|_y| *x, 1.0), 1.0);
//! ```
//!
//! To the inner derivative the outer variable is a constant, and so it is written:
//!
//! ```
//! use cotangent::number::{Dual, Real, derivative};
//! assert_eq!(derivative(|x| *x * derivative(|y| Dual::constant(*x) + *y, x.one()), 1.0), 1.0);
//! ```

use super::{Dual, Scalar, Tape, Taylor, Var};
use std::slice::from_ref;

/// How many directions [`hessian`] carries at once.
const LANES: usize = 4;

/// The derivative of `f` at `x`, by forward mode with one dual.
///
/// ```
/// use cotangent::number::{Real, derivative};
/// assert_eq!(derivative(|x| x.powi(3), 2.0), 12.0);
/// ```
pub fn derivative<T: Scalar>(f: impl for<'b> Fn(&Dual<'b, T>) -> Dual<'b, T>, x: T) -> T {
    value_and_derivative(f, x).1
}

/// The value and the derivative of `f` at `x`.
///
/// ```
/// use cotangent::number::{Real, value_and_derivative};
/// assert_eq!(value_and_derivative(|x| x.powi(3), 2.0), (8.0, 12.0));
/// ```
pub fn value_and_derivative<T: Scalar>(f: impl for<'b> Fn(&Dual<'b, T>) -> Dual<'b, T>, x: T) -> (T, T) {
    let y = f(&Dual::seeded(x));
    (y.value(), y.derivative())
}

/// The first `K` derivatives of `f` at `x` at once, by a [`Taylor`] series.
///
/// ```
/// use cotangent::number::{Real, taylor};
/// let y = taylor::<f64, 4>(|x| x.exp(), 0.0);
/// assert_eq!([0, 1, 2, 3, 4].map(|k| y.derivative(k)), [1.0; 5]);
/// assert_eq!(y.coefficient(2), 0.5);
/// ```
pub fn taylor<T: Scalar, const K: usize>(
    f: impl for<'b> Fn(&Taylor<'b, T, K>) -> Taylor<'b, T, K>,
    x: T,
) -> Taylor<'static, T, K> {
    f(&Taylor::seeded(x)).unbranded()
}

/// The derivative of order `K` of `f` at `x`, by a [`Taylor`] series: O(K²) where a nest of duals costs 2ᴷ.
///
/// ```
/// use cotangent::number::{Real, nth_derivative};
/// assert_eq!(nth_derivative::<f64, 3>(|x| x.powi(5), 1.0), 60.0);
/// ```
pub fn nth_derivative<T: Scalar, const K: usize>(
    f: impl for<'b> Fn(&Taylor<'b, T, K>) -> Taylor<'b, T, K>,
    x: T,
) -> T {
    taylor(f, x).derivative(K)
}

/// The gradient of `f` at `x`, by one evaluation on a tape and one sweep back, however many arguments there are.
///
/// ```
/// use cotangent::number::{Real, gradient};
/// assert_eq!(gradient(|x| x[0] * x[1] + x[0].powi(2), &[2.0, 3.0]), [7.0, 2.0]);
/// ```
pub fn gradient<T: Scalar>(f: impl for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>, x: &[T]) -> Vec<T> {
    value_and_gradient(f, x).1
}

/// The value and the gradient of `f` at `x`.
///
/// ```
/// use cotangent::number::{Real, value_and_gradient};
/// assert_eq!(value_and_gradient(|x| x[0] * x[1], &[2.0, 3.0]), (6.0, vec![3.0, 2.0]));
/// ```
pub fn value_and_gradient<T: Scalar>(
    f: impl for<'t> Fn(&[Var<'t, T>]) -> Var<'t, T>,
    x: &[T],
) -> (T, Vec<T>) {
    let tape = Tape::default();
    let inputs = variables(&tape, x);
    let y = f(&inputs);
    (y.value(), tape.vjp(from_ref(&y), &[y.value().one()], &inputs))
}

fn variables<'t, T: Scalar>(tape: &'t Tape<T>, x: &[T]) -> Vec<Var<'t, T>> {
    x.iter().map(|x| tape.var(x.clone())).collect()
}

/// In which direction a [`Jacobian`] was swept.
///
/// ```
/// use cotangent::number::{Sweep, jacobian};
/// assert_eq!(jacobian(|x| vec![x[0] * x[1]], &[2.0, 3.0]).sweep, Sweep::ByRows); // 1 output, 2 inputs
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sweep {
    /// Forwards, an input at a time: each pass gives a column.
    ByColumns,
    /// Backwards, an output at a time: each pass gives a row.
    ByRows,
}

/// A Jacobian matrix and how it was computed.
///
/// ```
/// use cotangent::number::jacobian;
/// let j = jacobian(|x| vec![x[0] * x[1], x[0] + x[1]], &[2.0, 3.0]);
/// assert_eq!(j.values, [6.0, 5.0]);
/// assert_eq!(j.matrix, [[3.0, 2.0], [1.0, 1.0]]);
/// assert_eq!(j.passes, 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Jacobian<T = f64> {
    /// The m values of the function.
    pub values: Vec<T>,
    /// m rows of n partial derivatives: `matrix[i][j]` is ∂fᵢ/∂xⱼ.
    pub matrix: Vec<Vec<T>>,
    /// The direction of the sweeps.
    pub sweep: Sweep,
    /// How many sweeps it took, after the one evaluation that recorded the tape.
    pub passes: usize,
    /// Why this direction.
    pub reason: String,
}

/// The Jacobian of `f: ℝⁿ → ℝᵐ` at `x`: one evaluation is recorded and swept in whichever direction takes fewer passes,
/// n by columns or m by rows.
///
/// ```
/// use cotangent::number::{Real, Sweep, jacobian};
/// let j = jacobian(|x| vec![x[0] * x[1], x[0].square(), x[1] + 1.0], &[2.0, 3.0]);
/// assert_eq!(j.matrix, [[3.0, 2.0], [4.0, 0.0], [0.0, 1.0]]);
/// assert_eq!((j.sweep, j.passes), (Sweep::ByColumns, 2)); // 2 inputs, 3 outputs
/// ```
pub fn jacobian<T: Scalar>(f: impl for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>, x: &[T]) -> Jacobian<T> {
    swept(f, x, None)
}

/// The Jacobian by forward sweeps, one for each input.
///
/// ```
/// use cotangent::number::jacobian_by_columns;
/// assert_eq!(jacobian_by_columns(|x| vec![x[0] * x[1]], &[2.0, 3.0]).passes, 2);
/// ```
pub fn jacobian_by_columns<T: Scalar>(
    f: impl for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
    x: &[T],
) -> Jacobian<T> {
    swept(f, x, Some(Sweep::ByColumns))
}

/// The Jacobian by reverse sweeps, one for each output.
///
/// ```
/// use cotangent::number::jacobian_by_rows;
/// assert_eq!(jacobian_by_rows(|x| vec![x[0] * x[1]], &[2.0, 3.0]).passes, 1);
/// ```
pub fn jacobian_by_rows<T: Scalar>(
    f: impl for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
    x: &[T],
) -> Jacobian<T> {
    swept(f, x, Some(Sweep::ByRows))
}

fn swept<T: Scalar>(
    f: impl for<'t> Fn(&[Var<'t, T>]) -> Vec<Var<'t, T>>,
    x: &[T],
    asked: Option<Sweep>,
) -> Jacobian<T> {
    let tape = Tape::default();
    let inputs = variables(&tape, x);
    let outputs = f(&inputs);
    let (m, n) = (outputs.len(), inputs.len());
    let sweep = asked.unwrap_or(if n < m { Sweep::ByColumns } else { Sweep::ByRows });
    let (passes, matrix) = match sweep {
        Sweep::ByColumns => {
            let columns: Vec<Vec<T>> =
                inputs.iter().map(|x| tape.jvp(from_ref(x), &[x.value().one()], &outputs)).collect();
            (n, (0..m).map(|i| columns.iter().map(|c| c[i].clone()).collect()).collect())
        }
        Sweep::ByRows => {
            let one = |y: &Var<'_, T>| y.value().one();
            (m, outputs.iter().map(|y| tape.vjp(from_ref(y), &[one(y)], &inputs)).collect())
        }
    };
    let reason = match (asked, sweep) {
        (Some(Sweep::ByColumns), _) => format!("columns were asked for: a forward pass an input, {n} in all"),
        (Some(Sweep::ByRows), _) => format!("rows were asked for: a reverse pass an output, {m} in all"),
        (None, Sweep::ByColumns) => format!("fewer inputs than outputs: {n} forward against {m} reverse"),
        (None, Sweep::ByRows) => format!("no more outputs than inputs: {m} reverse against {n} forward"),
    };
    let values = outputs.iter().map(Var::value).collect();
    Jacobian { values, matrix, sweep, passes, reason }
}

/// The Hessian of `f` at `x`, forward over reverse: the gradient's tape holds duals that carry four directions at once,
/// so n arguments take ⌈n/4⌉ evaluations.
///
/// ```
/// use cotangent::number::{Real, hessian};
/// let h = hessian(|x| x[0].powi(2) * x[1], &[2.0, 3.0]);
/// assert_eq!(h, [[6.0, 4.0], [4.0, 0.0]]);
/// ```
pub fn hessian<T: Scalar>(
    f: impl for<'t, 'b> Fn(&[Var<'t, Dual<'b, T, LANES>>]) -> Var<'t, Dual<'b, T, LANES>>,
    x: &[T],
) -> Vec<Vec<T>> {
    let n = x.len();
    let mut columns = Vec::with_capacity(n);
    for first in (0..n).step_by(LANES) {
        let seed = |i: usize| {
            let direction = |lane: usize| x[i].lift(if i == first + lane { 1.0 } else { 0.0 });
            Dual::new(x[i].clone(), std::array::from_fn(direction))
        };
        let seeded: Vec<_> = (0..n).map(seed).collect();
        let gradient = gradient(&f, &seeded);
        for lane in 0..LANES.min(n - first) {
            columns.push(gradient.iter().map(|g| g.tangent()[lane].clone()).collect());
        }
    }
    columns // the Hessian is symmetric: its columns are its rows
}

/// The product of the Hessian of `f` at `x` with `v`, forward over reverse: O(1) evaluations, and no matrix.
///
/// # Panics
/// If `x` and `v` differ in length.
///
/// ```
/// use cotangent::number::{Real, hvp};
/// assert_eq!(hvp(|x| x[0].powi(2) * x[1], &[2.0, 3.0], &[1.0, 10.0]), [46.0, 4.0]);
/// ```
///
/// Source: B. A. Pearlmutter, "Fast exact multiplication by the Hessian", 1994.
pub fn hvp<T: Scalar>(
    f: impl for<'t, 'b> Fn(&[Var<'t, Dual<'b, T>>]) -> Var<'t, Dual<'b, T>>,
    x: &[T],
    v: &[T],
) -> Vec<T> {
    let (n, m) = (x.len(), v.len());
    assert!(n == m, "hvp: the point has {n} entries but the vector {m}; give one for each argument");
    let seeded: Vec<_> = x.iter().zip(v).map(|(x, v)| Dual::new(x.clone(), [v.clone()])).collect();
    gradient(f, &seeded).iter().map(Dual::derivative).collect()
}
