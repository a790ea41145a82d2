//! Differences, integrals and cross products along axes.

use super::broadcast::together;
use super::composed::{Case, Composition};
use super::registry::{draw, draw_whole};
use crate::core::{Error, Tensor, place, raise};

impl Tensor {
    /// The differences of neighbours along an axis, taken `n` times: each time the axis becomes shorter by one.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 4.0, 9.0, 16.0]);
    /// assert_eq!(x.diff(1, 0).to_vec::<f64>(), [3.0, 5.0, 7.0]);
    /// assert_eq!(x.diff(2, 0).to_vec::<f64>(), [2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn diff(&self, n: usize, axis: isize) -> Tensor {
        let axis = self.axes("diff", axis)[0];
        let mut y = self.clone();
        for _ in 0..n.min(self.shape()[axis]) {
            let length = y.shape()[axis];
            y = y.slice_axis(axis as isize, 1..) - y.slice_axis(axis as isize, ..length - 1);
        }
        y
    }

    /// The integral along an axis by the trapezoidal rule, for samples this far apart: dx·Σ ½(yᵢ + yᵢ₊₁).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0, 5.0]).trapezoid(0.5, 0).item::<f64>(), 2.5);
    /// ```
    #[track_caller]
    pub fn trapezoid(&self, dx: f64, axis: isize) -> Tensor {
        let axis = self.axes("trapezoid", axis)[0];
        self.neighbours(axis).sum_over(&[axis]) * (dx * 0.5)
    }

    /// The integral along an axis by the trapezoidal rule, for samples at `points`: a tensor of this shape, or of one axis as long as
    /// that axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([0.0, 1.0, 3.0]);
    /// assert_eq!(Tensor::from([1.0, 2.0, 5.0]).trapezoid_at(&x, 0).item::<f64>(), 8.5);
    /// ```
    #[track_caller]
    pub fn trapezoid_at(&self, points: &Tensor, axis: isize) -> Tensor {
        let axis = self.axes("trapezoid", axis)[0];
        let mut points = points.clone();
        if points.rank() == 1 && self.rank() > 1 {
            let mut shape = vec![1; self.rank() - axis];
            shape[0] = points.size();
            points = points.reshape(shape);
        }
        if points.rank() == 0 || points.shape().broadcast(self.shape()).as_ref() != Some(self.shape()) {
            let expected = format!("points of shape [{}] or {}", self.shape()[axis], self.shape());
            let error = Error::new("trapezoid").expected(expected).got(points.ty().to_string());
            raise(error.at(Some(place())))
        }
        let steps = points.broadcast_to(self.shape().clone()).diff(1, axis as isize);
        (self.neighbours(axis) * steps).sum_over(&[axis]) * 0.5
    }

    /// The sums of neighbours along an axis.
    #[track_caller]
    fn neighbours(&self, axis: usize) -> Tensor {
        let length = self.shape()[axis];
        if length == 0 {
            return self.clone();
        }
        self.slice_axis(axis as isize, 1..) + self.slice_axis(axis as isize, ..length - 1)
    }

    /// The cross product of the vectors along an axis of length 3; the other axes broadcast.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (x, y) = (Tensor::from([1.0, 0.0, 0.0]), Tensor::from([0.0, 1.0, 0.0]));
    /// assert_eq!(x.cross(&y, -1).to_vec::<f64>(), [0.0, 0.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis has another length.
    #[track_caller]
    pub fn cross(&self, other: &Tensor, axis: isize) -> Tensor {
        let (a, b) = together("cross", self, other).unwrap_or_else(|| (self.clone(), other.clone()));
        let axis = a.axes("cross", axis)[0];
        let own = |x: &Tensor| x.rank() + axis < a.rank() || x.shape()[x.rank() + axis - a.rank()] != 3;
        if own(self) || own(other) {
            let error = Error::new("cross").expected(format!("an axis {axis} of length 3"));
            raise(error.got(format!("{} and {}", self.ty(), other.ty())).at(Some(place())))
        }
        let axis = axis as isize;
        let (a1, b1) = (a.cycled(1, axis), b.cycled(1, axis));
        let (a2, b2) = (a.cycled(2, axis), b.cycled(2, axis));
        a1 * b2 - a2 * b1
    }

    /// The entries along an axis from the one numbered `by`, the first after the last.
    #[track_caller]
    fn cycled(&self, by: usize, axis: isize) -> Tensor {
        Tensor::concat(&[self.slice_axis(axis, by..), self.slice_axis(axis, ..by)], axis)
    }
}

pub(super) const ROWS: [Composition; 4] = [
    Composition {
        name: "diff",
        cases: || {
            let case = |shape: &[usize], n: usize, axis: isize| {
                Case::new(move |x| x[0].diff(n, axis), [draw(shape, -1.0, 1.0, 1)])
            };
            vec![
                case(&[4], 1, 0),
                case(&[1], 1, 0),
                case(&[0], 1, 0),
                case(&[2, 5], 3, -1),
                case(&[3, 2], 1, 0),
                case(&[2], 0, 0),
                Case::new(|x| x[0].diff(1, 0), [draw_whole(&[4], 9, 1)]),
            ]
        },
    },
    Composition {
        name: "trapezoid",
        cases: || {
            let case = |shape: &[usize], axis: isize| {
                Case::new(move |x| x[0].trapezoid(0.3, axis), [draw(shape, -1.0, 1.0, 1)])
            };
            vec![case(&[4], 0), case(&[1], 0), case(&[0], 0), case(&[2, 5], -1), case(&[3, 2], 0)]
        },
    },
    Composition {
        name: "trapezoid_at",
        cases: || {
            let case = |shape: &[usize], points: &[usize], axis: isize| {
                let operands = [draw(shape, -1.0, 1.0, 1), draw(points, -1.0, 1.0, 2)];
                Case::new(move |x| x[0].trapezoid_at(&x[1], axis), operands)
            };
            vec![
                case(&[4], &[4], 0),
                case(&[1], &[1], 0),
                case(&[2, 5], &[2, 5], -1),
                case(&[3, 2], &[3], 0),
                case(&[2, 3], &[3], 1),
                case(&[0, 3], &[3], 1),
            ]
        },
    },
    Composition {
        name: "cross",
        cases: || {
            let case = |a: &[usize], b: &[usize], axis: isize| {
                let operands = [draw(a, -1.0, 1.0, 1), draw(b, -1.0, 1.0, 2)];
                Case::new(move |x| x[0].cross(&x[1], axis), operands)
            };
            vec![
                case(&[3], &[3], 0),
                case(&[2, 3], &[3], -1),
                case(&[3, 2], &[3, 2], 0),
                case(&[0, 3], &[0, 3], 1),
                case(&[1, 3], &[2, 3], 1),
            ]
        },
    },
];
