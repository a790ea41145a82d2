//! Axes backwards.

use super::composed::{Case, Composition};
use super::reduce::{Axes, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose, Type,
    Types, apply1, operands,
};
use smallvec::smallvec;

/// The same entries with these axes backwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Rev {
    /// Increasing.
    pub axes: Vec<usize>,
}

impl Primitive for Rev {
    fn name(&self) -> &str {
        "rev"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("rev", 1, inputs)) };
        reduced("rev", x, &self.axes)?;
        Ok(smallvec![x.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].flip(&self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].flipped(&shifted(&self.axes))]
    }
}

impl Transpose for Rev {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// Backwards twice is forwards.
    fn transpose(&self, _x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        vec![ct[0].as_ref().map(|ct| ct.flipped(&self.axes))]
    }
}

impl Tensor {
    /// With these axes backwards; negative ones count from the end. No data is copied.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.flip(0).to_vec::<i32>(), [3, 4, 1, 2]);
    /// assert_eq!(x.flip([0, 1]).to_vec::<i32>(), [4, 3, 2, 1]);
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist or is named twice.
    #[track_caller]
    pub fn flip(&self, axes: impl Axes) -> Tensor {
        self.flipped(&self.axes("flip", axes))
    }

    /// The axes must be increasing.
    #[track_caller]
    pub(crate) fn flipped(&self, axes: &[usize]) -> Tensor {
        if axes.is_empty() {
            return self.clone();
        }
        apply1(Prim::new(Rev { axes: axes.to_vec() }), &[self])
    }
}

pub(super) const REV: Entry = Entry {
    name: "rev",
    parse: |given| Some(Prim::new(Rev { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(Rev { axes: axes.to_vec() }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[4], &[0]),
            sample(&[2, 3], &[1]),
            sample(&[2, 3, 2], &[0, 2]),
            sample(&[1], &[0]),
            sample(&[0, 2], &[0, 1]),
        ]
    },
};

pub(super) const FLIP: Composition = Composition {
    name: "flip",
    cases: || {
        let case = |shape: &[usize], axes: &'static [isize]| {
            Case::new(move |x| x[0].flip(axes), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            case(&[], &[]),
            case(&[3], &[-1]),
            case(&[2, 3], &[1, -2]),
            case(&[0, 2], &[0]),
            case(&[1], &[0]),
        ]
    },
};
