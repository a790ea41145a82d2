//! Entries in order.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply, operands,
};
use smallvec::smallvec;

/// `(y, i)`: the entries along an axis in ascending order, NaN last, and where each was. Equal entries keep their order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    /// Which axis.
    pub axis: usize,
}

impl Sort {
    #[track_caller]
    fn apply(self, x: &Tensor) -> Tensors {
        apply(Prim::new(self), &[x])
    }
}

impl Primitive for Sort {
    fn name(&self) -> &str {
        "sort"
    }
    fn params(&self) -> Params {
        vec![("axis", Param::Int(self.axis as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("sort", 1, inputs)) };
        if self.axis >= x.shape.rank() {
            return Err(Error::new("sort").expected(format!("an axis of {x}")).got(self.axis.to_string()));
        }
        Ok(smallvec![x.clone(), Type::new(DType::I64, x.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (values, indices) = cotangent_kernels::sort::sort(inputs[0], self.axis);
        Ok([values, indices].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        Sort { axis: self.axis + 1 }.apply(&x[0])
    }
}

impl Jvp for Sort {
    /// Tangents go where their entries went.
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        vec![t[0].as_ref().map(|t| t.take_along_axis(&y[1], self.axis as isize)), None]
    }
}

impl Tensor {
    /// The entries along an axis in ascending order, NaN last, and where each was (`i64`). Equal entries keep their order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (y, i) = Tensor::from([3.0, 1.0, 2.0]).sort(0);
    /// assert_eq!((y.to_vec::<f64>(), i.to_vec::<i64>()), (vec![1.0, 2.0, 3.0], vec![1, 2, 0]));
    /// let median = |x: &Tensor| x.sort(-1).0.index(1);
    /// assert_eq!(grad(median)(&Tensor::from([3.0, 1.0, 2.0])).to_vec::<f64>(), [0.0, 0.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn sort(&self, axis: isize) -> (Tensor, Tensor) {
        let axis = self.axes("sort", axis)[0];
        let mut sorted = Sort { axis }.apply(self).into_iter();
        let mut next = || sorted.next().expect("two outputs");
        (next(), next())
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "sort",
    parse: |given| Some(Prim::new(Sort { axis: given.size("axis")? })),
    samples: || {
        let sample =
            |shape: &[usize], axis: usize| Sample::new(Prim::new(Sort { axis }), [draw(shape, -1.0, 1.0, 1)]);
        vec![
            sample(&[1], 0),
            sample(&[5], 0),
            sample(&[2, 3], 1),
            sample(&[3, 2], 0),
            sample(&[2, 4, 2], 1),
            sample(&[0], 0),
            sample(&[0, 3], 1),
            sample(&[3, 0], 0),
        ]
    },
};
