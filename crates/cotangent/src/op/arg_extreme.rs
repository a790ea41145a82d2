//! Where the largest and the smallest entries stand.

use super::extreme::of_nothing;
use super::registry::{Entry, Sample, draw, draw_bools, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Type,
    Types, apply1, operands,
};
use smallvec::smallvec;

/// Where along an axis, which the result does not have, the largest entry stands, or the smallest (`i64`): the first of several that are
/// equal, the first NaN if there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArgExtreme {
    /// Which axis.
    pub axis: usize,
    /// The largest, not the smallest.
    pub largest: bool,
}

impl Primitive for ArgExtreme {
    fn name(&self) -> &str {
        if self.largest { "argmax" } else { "argmin" }
    }
    fn params(&self) -> Params {
        vec![("axis", Param::Int(self.axis as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands(self.name(), 1, inputs)) };
        if self.axis >= x.shape.rank() {
            let error = Error::new(self.name()).expected(format!("an axis of {x}"));
            return Err(error.got(self.axis.to_string()));
        }
        let others = (0..x.shape.rank()).filter(|&axis| axis != self.axis).map(|axis| x.shape[axis]);
        let y = Type::new(DType::I64, others.collect::<Shape>());
        if of_nothing(x, &[self.axis]) {
            return Err(self.nothing(x));
        }
        Ok(smallvec![y])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let places = cotangent_kernels::select::arg_extreme(inputs[0], self.axis, self.largest);
        Ok(smallvec![places.ok_or_else(|| self.nothing(inputs[0].ty()))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(ArgExtreme { axis: self.axis + 1, ..*self }), &[&x[0]])]
    }
}

impl ArgExtreme {
    fn nothing(&self, x: &Type) -> Error {
        let error = Error::new(self.name()).expected("at least one entry").got(x.to_string());
        error.help(format!("axis {} has length 0: nothing stands there", self.axis))
    }
}

impl Tensor {
    #[track_caller]
    fn arg_extreme(&self, axis: usize, largest: bool) -> Tensor {
        apply1(Prim::new(ArgExtreme { axis, largest }), &[self])
    }

    /// Where the largest of all entries stands, counted row by row (`i64`): the first of several that are equal, the first NaN if there is
    /// one.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 5.0], [5.0, 2.0]]).argmax().item::<i64>(), 1);
    /// ```
    ///
    /// # Panics
    /// If there is no entry.
    #[track_caller]
    pub fn argmax(&self) -> Tensor {
        self.flatten().arg_extreme(0, true)
    }

    /// Where the largest entries along an axis stand; the result does not have that axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 5.0, 5.0], [4.0, f64::NAN, 9.0]]);
    /// assert_eq!(x.argmax_axis(-1).to_vec::<i64>(), [1, 1]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or has length 0.
    #[track_caller]
    pub fn argmax_axis(&self, axis: isize) -> Tensor {
        self.arg_extreme(self.axes("argmax", axis)[0], true)
    }

    /// Where the smallest of all entries stands, counted row by row (`i64`): the first of several that are equal, the first NaN if there is
    /// one.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([3, 1, 1]).argmin().item::<i64>(), 1);
    /// ```
    ///
    /// # Panics
    /// If there is no entry.
    #[track_caller]
    pub fn argmin(&self) -> Tensor {
        self.flatten().arg_extreme(0, false)
    }

    /// Where the smallest entries along an axis stand; the result does not have that axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 5], [4, 2]]).argmin_axis(0).to_vec::<i64>(), [0, 1]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or has length 0.
    #[track_caller]
    pub fn argmin_axis(&self, axis: isize) -> Tensor {
        self.arg_extreme(self.axes("argmin", axis)[0], false)
    }
}

fn samples(largest: bool) -> Vec<Sample> {
    let sample = |axis: usize, x: Tensor| Sample::new(Prim::new(ArgExtreme { axis, largest }), [x]);
    let drawn = |shape: &[usize], axis: usize| sample(axis, draw(shape, -1.0, 1.0, 1));
    vec![
        drawn(&[1], 0),
        drawn(&[40], 0),
        drawn(&[2, 3], 1),
        drawn(&[2, 3], 0),
        drawn(&[2, 3, 2], 1),
        drawn(&[0, 2], 1),
        drawn(&[0, 0], 1),
        sample(1, draw_whole(&[3, 6], 2, 1)),
        sample(0, draw_bools(&[3, 2], 1)),
    ]
}

pub(super) const ARGMAX: Entry = Entry {
    name: "argmax",
    parse: |given| Some(Prim::new(ArgExtreme { axis: given.size("axis")?, largest: true })),
    samples: || samples(true),
};

pub(super) const ARGMIN: Entry = Entry {
    name: "argmin",
    parse: |given| Some(Prim::new(ArgExtreme { axis: given.size("axis")?, largest: false })),
    samples: || samples(false),
};
