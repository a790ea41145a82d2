//! The largest entries.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply, operands,
};
use smallvec::smallvec;

/// `(y, i)`: the `k` largest entries along an axis, the largest first, and where each was. A NaN counts as the largest; of equal entries the
/// first comes first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopK {
    /// How many.
    pub k: usize,
    /// Which axis.
    pub axis: usize,
}

impl Primitive for TopK {
    fn name(&self) -> &str {
        "top_k"
    }
    fn params(&self) -> Params {
        vec![("k", Param::Int(self.k as i64)), ("axis", Param::Int(self.axis as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("top_k", 1, inputs)) };
        let Some(&length) = x.shape.get(self.axis) else {
            return Err(Error::new("top_k").expected(format!("an axis of {x}")).got(self.axis.to_string()));
        };
        if self.k > length {
            let expected = format!("at most {length} entries from axis {} of {x}", self.axis);
            return Err(Error::new("top_k").expected(expected).got(self.k.to_string()));
        }
        let mut shape = x.shape.to_vec();
        shape[self.axis] = self.k;
        Ok(smallvec![Type::new(x.dtype, shape.clone()), Type::new(DType::I64, shape)])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (values, indices) = cotangent_kernels::select::top_k(inputs[0], self.axis, self.k);
        Ok([values, indices].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(TopK { axis: self.axis + 1, ..*self }), &[&x[0]])
    }
}

impl Jvp for TopK {
    /// Tangents go where their entries went.
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        vec![t[0].as_ref().map(|t| t.take_along_axis(&y[1], self.axis as isize)), None]
    }
}

impl Tensor {
    /// The `k` largest entries along an axis, the largest first, and where each was (`i64`). A NaN counts as the largest; of equal entries
    /// the first comes first. It takes less time than a sort where k is small.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([3.0, 1.0, 4.0, 3.0]);
    /// let (y, i) = x.top_k(2, 0);
    /// assert_eq!((y.to_vec::<f64>(), i.to_vec::<i64>()), (vec![4.0, 3.0], vec![2, 0]));
    /// assert_eq!(grad(|x: &Tensor| x.top_k(2, 0).0.sum())(&x).to_vec::<f64>(), [1.0, 0.0, 1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis does not exist, or has fewer than `k` entries.
    #[track_caller]
    pub fn top_k(&self, k: usize, axis: isize) -> (Tensor, Tensor) {
        let axis = self.axes("top_k", axis)[0];
        let mut largest = apply(Prim::new(TopK { k, axis }), &[self]).into_iter();
        let mut next = || largest.next().expect("two outputs");
        (next(), next())
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "top_k",
    parse: |given| Some(Prim::new(TopK { k: given.size("k")?, axis: given.size("axis")? })),
    samples: || {
        let sample = |k: usize, shape: &[usize], axis: usize| {
            Sample::new(Prim::new(TopK { k, axis }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(1, &[1], 0),
            sample(3, &[5], 0),
            sample(5, &[5], 0),
            sample(2, &[2, 3], 1),
            sample(2, &[3, 2], 0),
            sample(1, &[2, 4, 2], 1),
            sample(0, &[2, 3], 1),
            sample(0, &[0], 0),
            sample(2, &[0, 3], 1),
        ]
    },
};
