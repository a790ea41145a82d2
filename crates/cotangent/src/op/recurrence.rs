//! Linear recurrences: what the derivatives of scans are made of.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Item, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Transpose,
    Type, Types, apply1, batch_elementwise, different, operands, scale,
};
use smallvec::smallvec;

/// `yᵢ = aᵢ·yᵢ₋₁ + bᵢ` along an axis, or in reverse `yᵢ = aᵢ·yᵢ₊₁ + bᵢ`; nothing stands before the first. The product of a 0 and anything
/// is 0, as that of `scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearRecurrence {
    /// Which axis.
    pub axis: usize,
    /// From the last entry to the first.
    pub reverse: bool,
}

/// [`LinearRecurrence`] of tensors of one type.
#[track_caller]
pub(super) fn recurrence(a: &Tensor, b: &Tensor, axis: usize, reverse: bool) -> Tensor {
    apply1(Prim::new(LinearRecurrence { axis, reverse }), &[a, b])
}

/// For each entry the one before it along an axis (in reverse: behind it), and this number where there is none.
#[track_caller]
pub(super) fn previous(x: &Tensor, first: f64, axis: usize, reverse: bool) -> Tensor {
    let length = x.shape()[axis];
    if length == 0 {
        return x.clone();
    }
    let mut shape = x.shape().to_vec();
    shape[axis] = 1;
    let (edge, axis) = (Tensor::full_item(Item::from_f64(x.dtype(), first), shape), axis as isize);
    match reverse {
        false => Tensor::concat(&[edge, x.slice_axis(axis, ..length - 1)], axis),
        true => Tensor::concat(&[x.slice_axis(axis, 1..), edge], axis),
    }
}

impl Primitive for LinearRecurrence {
    fn name(&self) -> &str {
        "linear_recurrence"
    }
    fn params(&self) -> Params {
        vec![("axis", Param::Int(self.axis as i64)), ("reverse", Param::Bool(self.reverse))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, b] = inputs else { return Err(operands("linear_recurrence", 2, inputs)) };
        if a != b {
            return Err(different("linear_recurrence", a, b));
        }
        if !a.dtype.is_float() {
            let error = Error::new("linear_recurrence").expected("floats").got(a.to_string());
            return Err(error.help("convert first with `.to(DType::F64)`"));
        }
        if self.axis >= a.shape.rank() {
            let error = Error::new("linear_recurrence").expected(format!("an axis of {a}"));
            return Err(error.got(self.axis.to_string()));
        }
        Ok(smallvec![b.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (a, b) = (inputs[0], inputs[1]);
        Ok(smallvec![cotangent_kernels::scan::linear_recurrence(a, b, self.axis, self.reverse)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![recurrence(&x[0], &x[1], self.axis + 1, self.reverse)]
    }
}

impl Jvp for LinearRecurrence {
    /// ẏᵢ = aᵢ·ẏᵢ₋₁ + (ȧᵢ·yᵢ₋₁ + ḃᵢ): the same recurrence.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (axis, reverse) = (self.axis, self.reverse);
        let from_a = t[0].as_ref().map(|t| scale(t, &previous(&y[0], 0.0, axis, reverse)));
        let added = match (from_a, &t[1]) {
            (Some(a), Some(b)) => a + b,
            (Some(a), None) => a,
            (None, Some(b)) => b.clone(),
            (None, None) => return vec![None],
        };
        vec![Some(recurrence(&x[0], &added, axis, reverse))]
    }
    fn transposed(&self) -> Option<&dyn Transpose> {
        Some(self)
    }
}

impl Transpose for LinearRecurrence {
    fn linear(&self, i: usize) -> bool {
        i == 1
    }
    /// What is added at i goes on to i + 1 by the factor there: the recurrence backwards, with the factors of the next.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let (axis, back) = (self.axis, !self.reverse);
        vec![None, ct[0].as_ref().map(|ct| recurrence(&previous(&x[0], 0.0, axis, back), ct, axis, back))]
    }
}

impl Tensor {
    /// `yᵢ = aᵢ·yᵢ₋₁ + bᵢ` along an axis, with this as the factors a (the first has nothing to multiply) and summands b of the same type.
    /// The product of a 0 and anything is 0. The derivative takes time in proportion to the length, at any order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([9.0, 2.0, 3.0]), Tensor::from([1.0, 1.0, 1.0]));
    /// assert_eq!(a.linear_recurrence(&b, 0).to_vec::<f64>(), [1.0, 3.0, 10.0]);
    /// ```
    ///
    /// # Panics
    /// If the types differ, they are not floats, or the axis does not exist.
    #[track_caller]
    pub fn linear_recurrence(&self, b: &Tensor, axis: isize) -> Tensor {
        recurrence(self, b, self.axes("linear_recurrence", axis)[0], false)
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "linear_recurrence",
    parse: |given| {
        let (axis, reverse) = (given.size("axis")?, given.bool("reverse")?);
        Some(Prim::new(LinearRecurrence { axis, reverse }))
    },
    samples: || {
        let shapes: [(&[usize], usize); 6] =
            [(&[1], 0), (&[4], 0), (&[2, 3], 1), (&[3, 2], 0), (&[2, 3, 2], 1), (&[0, 2], 0)];
        let sample = |reverse: bool, (shape, axis): (&[usize], usize)| {
            let operands = [draw(shape, -1.5, 1.5, 1), draw(shape, -1.0, 1.0, 2)];
            Sample::new(Prim::new(LinearRecurrence { axis, reverse }), operands)
        };
        [false, true].iter().flat_map(|&reverse| shapes.map(|shape| sample(reverse, shape))).collect()
    },
};
