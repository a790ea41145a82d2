//! Sums that lose nothing on the way.

use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose, Type,
    Types, apply1, operands,
};
use smallvec::smallvec;

/// `y = Σ x` over some axes, which the result does not have, with an error of about one rounding whatever cancels.
#[derive(Clone, Debug, PartialEq)]
pub struct SumCompensated {
    /// Increasing.
    pub axes: Vec<usize>,
}

impl Primitive for SumCompensated {
    fn name(&self) -> &str {
        "sum_compensated"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("sum_compensated", 1, inputs)) };
        if !x.dtype.is_float() {
            let error = Error::new("sum_compensated").expected("floats").got(x.to_string());
            return Err(error.help("sums of integers round nothing: `sum`"));
        }
        Ok(smallvec![reduced("sum_compensated", x, &self.axes)?])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::rows::sum_compensated(inputs[0], &self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(Prim::new(SumCompensated { axes: shifted(&self.axes) }), &[&x[0]])]
    }
}

impl Transpose for SumCompensated {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// Each entry that was summed gets the sum's cotangent.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let shape = x[0].shape();
        vec![ct[0].as_ref().map(|ct| ct.reshape(kept(shape, &self.axes)).broadcast_to(shape.clone()))]
    }
}

impl Tensor {
    /// The sum of all entries, floats, where each addition's rounding is kept and added in the end (Neumaier's sum): the error is about one
    /// rounding of the result, whatever cancels. The derivative is that of [`sum`](Tensor::sum).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 1e100, 1.0, -1e100]);
    /// assert_eq!((x.sum().item::<f64>(), x.sum_compensated().item::<f64>()), (0.0, 2.0));
    /// ```
    ///
    /// # Panics
    /// If the entries are not floats.
    #[track_caller]
    pub fn sum_compensated(&self) -> Tensor {
        self.sum_compensated_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// Compensated sums over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 1e17, -1e17], [1e17, -1e17, 3.0]]);
    /// assert_eq!(x.sum_compensated_axes(-1).to_vec::<f64>(), [1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn sum_compensated_axes(&self, axes: impl Axes) -> Tensor {
        self.sum_compensated_over(&self.axes("sum_compensated", axes))
    }

    /// Compensated sums over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0], [2.0, 2.0]]);
    /// assert_eq!((&x / x.sum_compensated_keep(1)).to_vec::<f64>(), [0.25, 0.75, 0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn sum_compensated_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("sum_compensated", axes);
        self.sum_compensated_over(&axes).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn sum_compensated_over(&self, axes: &[usize]) -> Tensor {
        apply1(Prim::new(SumCompensated { axes: axes.to_vec() }), &[self])
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "sum_compensated",
    parse: |given| Some(Prim::new(SumCompensated { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(SumCompensated { axes: axes.to_vec() }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[3], &[0]),
            sample(&[2, 70], &[1]),
            sample(&[2, 3, 2], &[0, 2]),
            sample(&[0, 2], &[0]),
            sample(&[1, 2], &[0, 1]),
        ]
    },
};
