//! The identity with no derivative.

use super::registry::{Entry, SHAPES, Sample, draw_bools, draw_whole};
use crate::core::{
    Array, Arrays, Derivative, Error, Params, Prim, Primitive, Tensor, Tensors, Type, Types, apply1, operands,
};
use smallvec::smallvec;

/// `y = x`, and no gradient passes, forward or backward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StopGradient;

impl Primitive for StopGradient {
    fn name(&self) -> &str {
        "stop_gradient"
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("stop_gradient", 1, inputs)) };
        Ok(smallvec![x.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].clone()])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].stop_gradient()]
    }
}

impl Tensor {
    /// The same values; no gradient passes, in any transformation or by `backward`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let g = grad(|x: &Tensor| x * &x.square().stop_gradient())(&Tensor::from(3.0));
    /// assert_eq!(g.item::<f64>(), 9.0);
    /// ```
    #[track_caller]
    pub fn stop_gradient(&self) -> Tensor {
        apply1(Prim::new(StopGradient), &[self])
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "stop_gradient",
    parse: |given| given.0.is_empty().then(|| Prim::new(StopGradient)),
    // Of integers and bools: of a float its derivative is, on purpose, not that of its value, so differences would not agree.
    samples: || {
        let sample = |x: Tensor| Sample::new(Prim::new(StopGradient), [x]);
        SHAPES
            .iter()
            .flat_map(|shape| [sample(draw_whole(shape, 9, 1)), sample(draw_bools(shape, 1))])
            .collect()
    },
};
