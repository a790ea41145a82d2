//! Products over axes.

use super::recurrence::previous;
use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply1, operands, scale,
};
use smallvec::smallvec;

/// `y = Π x` over some axes, which the result does not have; of no entries it is 1. Products of `f32` are kept in `f64` while they run.
#[derive(Clone, Debug, PartialEq)]
pub struct Prod {
    /// Increasing.
    pub axes: Vec<usize>,
}

impl Primitive for Prod {
    fn name(&self) -> &str {
        "prod"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("prod", 1, inputs)) };
        if x.dtype == DType::Bool {
            let help = "whether all are true says `all()`";
            return Err(Error::new("prod").expected("numbers").got(x.to_string()).help(help));
        }
        Ok(smallvec![reduced("prod", x, &self.axes)?])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::scan::prod(inputs[0], &self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].prod_over(&shifted(&self.axes))]
    }
}

/// For each entry of the last axis the product of all others, with no division: of those before it and those behind it.
#[track_caller]
fn others(rows: &Tensor) -> Tensor {
    let last = rows.rank() - 1;
    let before = previous(&rows.cumprod(-1), 1.0, last, false);
    let behind = previous(&rows.cumprod_reverse(-1), 1.0, last, true);
    scale(&before, &behind)
}

impl Jvp for Prod {
    /// Σ ẋᵢ · Π_{j≠i} xⱼ.
    fn jvp(&self, x: &[Tensor], _y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let each = |t: &Tensor| {
            let rows = x[0].rows(&self.axes);
            scale(&t.rows(&self.axes), &others(&rows)).sum_over(&[rows.rank() - 1])
        };
        vec![t[0].as_ref().map(each)]
    }
}

impl Tensor {
    /// The entries over these axes in one axis, the last; the others are before it.
    #[track_caller]
    pub(super) fn rows(&self, axes: &[usize]) -> Tensor {
        let others: Vec<usize> = (0..self.rank()).filter(|axis| !axes.contains(axis)).collect();
        let length = axes.iter().map(|&axis| self.shape()[axis]).product();
        let shape: Vec<usize> = others.iter().map(|&axis| self.shape()[axis]).chain([length]).collect();
        let order: Vec<usize> = others.into_iter().chain(axes.iter().copied()).collect();
        self.permuted(&order).reshape(shape)
    }

    /// The product of all entries; 1 if there are none. The derivative divides by nothing, so it is right where factors are 0, at any order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([2.0, 0.0, 4.0]);
    /// assert_eq!(x.prod().item::<f64>(), 0.0);
    /// assert_eq!(grad(|x: &Tensor| x.prod())(&x).to_vec::<f64>(), [0.0, 8.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the entries are bools.
    #[track_caller]
    pub fn prod(&self) -> Tensor {
        self.prod_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// Products over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).prod_axes(-1).to_vec::<i32>(), [2, 12]);
    /// ```
    #[track_caller]
    pub fn prod_axes(&self, axes: impl Axes) -> Tensor {
        self.prod_over(&self.axes("prod", axes))
    }

    /// Products over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::from([[1, 2], [3, 4]]).prod_keep(0).shape(), [1, 2].into());
    /// ```
    #[track_caller]
    pub fn prod_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("prod", axes);
        self.prod_over(&axes).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn prod_over(&self, axes: &[usize]) -> Tensor {
        if axes.is_empty() && self.dtype() != DType::Bool {
            return self.clone();
        }
        apply1(Prim::new(Prod { axes: axes.to_vec() }), &[self])
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "prod",
    parse: |given| Some(Prim::new(Prod { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |axes: &[usize], x: Tensor| Sample::new(Prim::new(Prod { axes: axes.to_vec() }), [x]);
        let drawn = |shape: &[usize], axes: &[usize]| sample(axes, draw(shape, -1.5, 1.5, 1));
        vec![
            drawn(&[], &[]),
            drawn(&[4], &[0]),
            drawn(&[1], &[0]),
            drawn(&[2, 3], &[1]),
            drawn(&[2, 3, 2], &[0, 2]),
            drawn(&[0, 2], &[0]),
            drawn(&[0, 2], &[1]),
            sample(&[0], Tensor::from([0.5, 0.0, 1.5])),
            sample(&[1], Tensor::from([[0.5, 0.0, 0.0], [0.0, 0.0, 0.0], [2.0, 1.0, 0.0]])),
        ]
    },
};
