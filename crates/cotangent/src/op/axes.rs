//! Axes exchanged and moved, by number.

use super::composed::{Case, Composition};
use super::registry::draw;
use crate::core::Tensor;

impl Tensor {
    /// With two axes exchanged; negative ones count from the end. No data is copied.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::zeros::<f64>([2, 3, 4]).swapaxes(0, -1).shape(), [4, 3, 2].into());
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist.
    #[track_caller]
    pub fn swapaxes(&self, a: isize, b: isize) -> Tensor {
        let (a, b) = (self.axes("swapaxes", a)[0], self.axes("swapaxes", b)[0]);
        let mut axes: Vec<usize> = (0..self.rank()).collect();
        axes.swap(a, b);
        self.permuted(&axes)
    }

    /// With one axis at another position, the others in their order; negative ones count from the end. No data is copied.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::zeros::<f64>([2, 3, 4]).moveaxis(0, -1).shape(), [3, 4, 2].into());
    /// ```
    ///
    /// # Panics
    /// If an axis or the position does not exist.
    #[track_caller]
    pub fn moveaxis(&self, from: isize, to: isize) -> Tensor {
        let (from, to) = (self.axes("moveaxis", from)[0], self.axes("moveaxis", to)[0]);
        self.axis_to(from, to)
    }
}

fn cases(f: fn(&Tensor, isize, isize) -> Tensor) -> Vec<Case> {
    let case =
        |shape: &[usize], a: isize, b: isize| Case::new(move |x| f(&x[0], a, b), [draw(shape, -1.0, 1.0, 1)]);
    vec![
        case(&[3], 0, -1),
        case(&[2, 3], 0, 1),
        case(&[2, 3, 4], 0, -1),
        case(&[2, 3, 4], 2, 1),
        case(&[1, 0, 2], -1, 0),
    ]
}

pub(super) const ROWS: [Composition; 2] = [
    Composition { name: "swapaxes", cases: || cases(|x, a, b| x.swapaxes(a, b)) },
    Composition { name: "moveaxis", cases: || cases(|x, a, b| x.moveaxis(a, b)) },
];
