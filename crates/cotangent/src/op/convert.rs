//! From one dtype to another.

use super::registry::{Entry, Sample, draw, draw_bools, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose,
    Type, Types, apply1, operands,
};
use smallvec::smallvec;

/// `y = x` in another dtype, as Rust's `as`: floats round to nearest, to integers towards zero and saturating; bools are 0 and 1, and
/// what is not 0 is true. Between floats it is linear; with integers or bools the derivative is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convert {
    /// The dtype of the result.
    pub dtype: DType,
}

impl Primitive for Convert {
    fn name(&self) -> &str {
        "convert"
    }
    fn params(&self) -> Params {
        vec![("dtype", Param::DType(self.dtype))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("convert", 1, inputs)) };
        Ok(smallvec![Type::new(self.dtype, x.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::map::convert(inputs[0], self.dtype)])
    }
    fn derivative(&self) -> Derivative<'_> {
        if self.dtype.is_float() { Derivative::Linear(self) } else { Derivative::Zero }
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].to(self.dtype)]
    }
}

impl Transpose for Convert {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        vec![ct[0].as_ref().filter(|_| x[0].dtype().is_float()).map(|ct| ct.to(x[0].dtype()))]
    }
}

impl Tensor {
    /// In another dtype, as Rust's `as`; the gradient comes back in this one.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.7, -1.7]).to(DType::I32).to_vec::<i32>(), [1, -1]);
    /// ```
    #[track_caller]
    pub fn to(&self, dtype: DType) -> Tensor {
        if self.dtype() == dtype { self.clone() } else { apply1(Prim::new(Convert { dtype }), &[self]) }
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "convert",
    parse: |given| Some(Prim::new(Convert { dtype: given.dtype("dtype")? })),
    // To `f32` the value has steps, and differences would tell them.
    samples: || {
        let sample = |dtype: DType, x: Tensor| Sample::new(Prim::new(Convert { dtype }), [x]);
        vec![
            sample(DType::F64, draw(&[], -1.0, 1.0, 1)),
            sample(DType::F64, draw(&[2, 3], -1.0, 1.0, 1)),
            sample(DType::F64, draw(&[0], -1.0, 1.0, 1)),
            sample(DType::I32, draw(&[5], -9.0, 9.0, 1)),
            sample(DType::Bool, draw(&[1], -1.0, 1.0, 1)),
            sample(DType::F32, draw_whole(&[2, 2], 9, 1)),
            sample(DType::I32, draw_bools(&[3], 1)),
        ]
    },
};
