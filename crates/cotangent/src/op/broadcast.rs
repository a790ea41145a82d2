//! Broadcasting: repeating along axes of length one, and along new leading ones, as NumPy does.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, operands, place, raise,
};
use smallvec::smallvec;

/// `y = x` repeated to `shape`: axes are matched from the last, and where `x` has length 1 or no axis it is repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Broadcast {
    /// The shape of the result.
    pub shape: Shape,
}

impl Primitive for Broadcast {
    fn name(&self) -> &str {
        "broadcast"
    }
    fn params(&self) -> Params {
        vec![("shape", Param::shape(&self.shape))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("broadcast", 1, inputs)) };
        if x.shape.broadcast(&self.shape).as_ref() != Some(&self.shape) {
            return Err(Error::new("broadcast")
                .expected(format!("a shape that can be repeated to {}", self.shape))
                .got(x.to_string())
                .help("axes are matched from the last; each must be equal, or 1 in the operand, or missing there"));
        }
        Ok(smallvec![Type::new(x.dtype, self.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].broadcast_to(&self.shape)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], size: usize) -> Tensors {
        // The example's missing leading axes go between the batch and the rest.
        let inner = &x[0].shape()[1..];
        let ones = std::iter::repeat_n(1, self.shape.rank() - inner.len());
        let aligned: Vec<usize> = std::iter::once(size).chain(ones).chain(inner.iter().copied()).collect();
        let full: Vec<usize> = std::iter::once(size).chain(self.shape.iter().copied()).collect();
        smallvec![x[0].reshape(aligned).broadcast_to(full)]
    }
}

impl Transpose for Broadcast {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// What was repeated is summed.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None] };
        let shape = x[0].shape();
        let new = self.shape.rank() - shape.rank();
        let repeated = |axis: &usize| *axis < new || (shape[*axis - new] == 1 && self.shape[*axis] != 1);
        let axes: Vec<usize> = (0..self.shape.rank()).filter(repeated).collect();
        vec![Some(ct.sum_over(&axes).reshape(shape.clone()))]
    }
}

impl Tensor {
    /// Repeated to a shape: axes are matched from the last, and where this has length 1 or no axis it is repeated. No data is
    /// copied. The cotangent is summed over what was repeated.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0]).broadcast_to([3, 2]);
    /// assert_eq!(x.sum_axes(0).to_vec::<f64>(), [3.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        if *self.shape() == shape {
            return self.clone();
        }
        apply1(Prim::new(Broadcast { shape }), &[self])
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "broadcast",
    parse: |given| Some(Prim::new(Broadcast { shape: given.sizes("shape")?.into() })),
    samples: || {
        let sample = |from: &[usize], to: &[usize]| {
            Sample::new(Prim::new(Broadcast { shape: to.into() }), [draw(from, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[], &[3]),
            sample(&[3], &[2, 3]),
            sample(&[2, 1], &[2, 3]),
            sample(&[1], &[0]),
            sample(&[2, 1, 3], &[4, 2, 2, 3]),
        ]
    },
};

/// Two operands brought to one shape, and an error of this operation where they have none or differ in dtype.
#[inline]
#[track_caller]
pub(crate) fn together(name: &str, a: &Tensor, b: &Tensor) -> Option<(Tensor, Tensor)> {
    if a.ty() == b.ty() {
        return None;
    }
    Some(brought(name, a, b))
}

#[track_caller]
fn brought(name: &str, a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    if a.dtype() != b.dtype() {
        raise(crate::core::different(name, a.ty(), b.ty()).at(Some(place())));
    }
    let Some(shape) = a.shape().broadcast(b.shape()) else {
        raise(
            Error::new(name)
                .expected("shapes that broadcast together")
                .got(format!("{} and {}", a.ty(), b.ty()))
                .help("axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`")
                .at(Some(place())),
        )
    };
    (a.broadcast_to(shape.clone()), b.broadcast_to(shape))
}
