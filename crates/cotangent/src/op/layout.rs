//! The same entries in another shape or order of axes.

use super::reduce::Axes;
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, operands, place, raise,
};
use smallvec::smallvec;

/// The same entries, row by row, in another shape of as many.
#[derive(Clone, Debug, PartialEq)]
pub struct Reshape {
    /// The shape of the result.
    pub shape: Shape,
}

impl Primitive for Reshape {
    fn name(&self) -> &str {
        "reshape"
    }
    fn params(&self) -> Params {
        vec![("shape", Param::shape(&self.shape))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("reshape", 1, inputs)) };
        if x.shape.size() != self.shape.size() {
            return Err(Error::new("reshape")
                .expected(format!("{} entries for shape {}", self.shape.size(), self.shape))
                .got(format!("{x}, which has {}", x.shape.size()))
                .help("the new lengths must multiply to the same number of entries"));
        }
        Ok(smallvec![Type::new(x.dtype, self.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].reshape(self.shape.clone())])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], size: usize) -> Tensors {
        let shape: Shape = std::iter::once(size).chain(self.shape.iter().copied()).collect();
        smallvec![x[0].reshape(shape)]
    }
}

impl Transpose for Reshape {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        vec![ct[0].as_ref().map(|ct| ct.reshape(x[0].shape().clone()))]
    }
}

/// The same entries with axes in another order: axis `i` of the result is axis `axes[i]` of the operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Permute {
    /// For each axis of the result, which of the operand's.
    pub axes: Vec<usize>,
}

impl Primitive for Permute {
    fn name(&self) -> &str {
        "permute"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("permute", 1, inputs)) };
        let mut sorted = self.axes.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.shape.rank()) {
            return Err(Error::new("permute")
                .expected(format!("each of the {} axes of {x} once", x.shape.rank()))
                .got(format!("{:?}", self.axes)));
        }
        Ok(smallvec![Type::new(x.dtype, self.axes.iter().map(|&axis| x.shape[axis]).collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].permute(&self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        let axes: Vec<usize> = std::iter::once(0).chain(self.axes.iter().map(|axis| axis + 1)).collect();
        smallvec![x[0].permuted(&axes)]
    }
}

impl Transpose for Permute {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    fn transpose(&self, _x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let mut inverse = vec![0; self.axes.len()];
        for (i, &axis) in self.axes.iter().enumerate() {
            inverse[axis] = i;
        }
        vec![ct[0].as_ref().map(|ct| ct.permuted(&inverse))]
    }
}

impl Tensor {
    /// The same entries, row by row, in another shape of as many. No data is copied if they lie in order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::arange::<i32>(6).reshape([2, 3]).index(1).to_vec::<i32>(), [3, 4, 5]);
    /// ```
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        if *self.shape() == shape { self.clone() } else { apply1(Prim::new(Reshape { shape }), &[self]) }
    }

    /// Axes in another order: axis `i` of the result is axis `axes[i]` of this; negative ones count from the end. No data is copied.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::zeros::<f64>([2, 3, 4]).permute([2, 0, 1]).shape(), [4, 2, 3].into());
    /// ```
    #[track_caller]
    pub fn permute(&self, axes: impl Axes) -> Tensor {
        let here = place();
        let axes = axes.ordered("permute", self.ty());
        self.permuted(&axes.unwrap_or_else(|error| raise(error.at(Some(here)))))
    }

    #[track_caller]
    pub(crate) fn permuted(&self, axes: &[usize]) -> Tensor {
        if axes.iter().copied().eq(0..self.rank()) {
            return self.clone();
        }
        apply1(Prim::new(Permute { axes: axes.to_vec() }), &[self])
    }

    /// With one axis at another position, the others in their order.
    #[track_caller]
    pub(crate) fn axis_to(&self, from: usize, to: usize) -> Tensor {
        let mut axes: Vec<usize> = (0..self.rank()).filter(|&axis| axis != from).collect();
        axes.insert(to, from);
        self.permuted(&axes)
    }

    /// The last two axes exchanged: the transpose of a matrix, or of each in a batch.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).t().to_vec::<i32>(), [1, 3, 2, 4]);
    /// ```
    #[track_caller]
    pub fn t(&self) -> Tensor {
        let rank = self.rank();
        if rank < 2 {
            raise(Error::new("t").expected("at least two axes").got(self.ty().to_string()).at(Some(place())));
        }
        let mut axes: Vec<usize> = (0..rank).collect();
        axes.swap(rank - 1, rank - 2);
        self.permuted(&axes)
    }

    /// Without axes of length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::zeros::<f64>([2, 1, 3]).squeeze(1).shape(), [2, 3].into());
    /// ```
    #[track_caller]
    pub fn squeeze(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("squeeze", axes);
        if let Some(&axis) = axes.iter().find(|&&axis| self.shape()[axis] != 1) {
            let error = Error::new("squeeze").expected(format!("axis {axis} of length 1"));
            raise(error.got(self.ty().to_string()).at(Some(place())))
        }
        let kept = (0..self.rank()).filter(|axis| !axes.contains(axis)).map(|axis| self.shape()[axis]);
        self.reshape(kept.collect::<Shape>())
    }

    /// With a new axis of length 1 at this position of the result; −1 is the last.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::zeros::<f64>([2, 3]).unsqueeze(-1).shape(), [2, 3, 1].into());
    /// ```
    #[track_caller]
    pub fn unsqueeze(&self, axis: isize) -> Tensor {
        let rank = self.rank() as isize + 1;
        let position = if axis < 0 { axis + rank } else { axis };
        if !(0..rank).contains(&position) {
            let error = Error::new("unsqueeze").expected(format!("an axis from {} to {}", -rank, rank - 1));
            raise(error.got(axis.to_string()).at(Some(place())))
        }
        let mut shape = self.shape().to_vec();
        shape.insert(position as usize, 1);
        self.reshape(shape)
    }

    /// All entries in one axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).flatten().to_vec::<i32>(), [1, 2, 3, 4]);
    /// ```
    #[track_caller]
    pub fn flatten(&self) -> Tensor {
        self.reshape([self.size()])
    }
}

pub(super) const RESHAPE: Entry = Entry {
    name: "reshape",
    parse: |given| Some(Prim::new(Reshape { shape: given.sizes("shape")?.into() })),
    samples: || {
        let sample = |from: &[usize], to: &[usize]| {
            Sample::new(Prim::new(Reshape { shape: to.into() }), [draw(from, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[1, 1]),
            sample(&[1], &[]),
            sample(&[6], &[2, 3]),
            sample(&[2, 3, 2], &[4, 3]),
            sample(&[0, 2], &[3, 0]),
        ]
    },
};

pub(super) const PERMUTE: Entry = Entry {
    name: "permute",
    parse: |given| Some(Prim::new(Permute { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(Permute { axes: axes.to_vec() }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[3], &[0]),
            sample(&[2, 3], &[1, 0]),
            sample(&[2, 3, 4], &[2, 0, 1]),
            sample(&[1, 0, 2], &[1, 2, 0]),
        ]
    },
};
