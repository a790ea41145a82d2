//! Joining along an axis.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, different, place, raise,
};
use smallvec::smallvec;
use std::borrow::Borrow;

/// The operands one after another along an axis; their other axes are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concat {
    /// Which axis.
    pub axis: usize,
}

impl Primitive for Concat {
    fn name(&self) -> &str {
        "concat"
    }
    fn params(&self) -> Params {
        vec![("axis", Param::Int(self.axis as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let Some((first, rest)) = inputs.split_first() else {
            return Err(Error::new("concat").expected("at least one tensor").got("none"));
        };
        let rank = first.shape.rank();
        if self.axis >= rank {
            return Err(Error::new("concat")
                .expected(format!("an axis of {first}"))
                .got(self.axis.to_string()));
        }
        let mut shape = first.shape.to_vec();
        for ty in rest {
            if ty.dtype != first.dtype {
                return Err(different("concat", first, ty));
            }
            let fits =
                ty.shape.rank() == rank && (0..rank).all(|i| i == self.axis || ty.shape[i] == first.shape[i]);
            if !fits {
                let expected = format!("shapes that differ in axis {} alone", self.axis);
                return Err(Error::new("concat").expected(expected).got(format!("{first} and {ty}")));
            }
            shape[self.axis] += ty.shape[self.axis];
        }
        Ok(smallvec![Type::new(first.dtype, Shape::from(shape))])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::layout::concat(inputs, self.axis)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x: Vec<Tensor> = x
            .iter()
            .zip(mapped)
            .map(|(x, &mapped)| {
                let shape = std::iter::once(size).chain(x.shape().iter().copied()).collect::<Shape>();
                if mapped { x.clone() } else { x.broadcast_to(shape) }
            })
            .collect();
        smallvec![apply1(Prim::new(Concat { axis: self.axis + 1 }), &x.iter().collect::<Vec<_>>())]
    }
}

impl Transpose for Concat {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None; x.len()] };
        let mut start = 0;
        let part = |(x, &wanted): (&Tensor, &bool)| {
            let range = start..start + x.shape()[self.axis];
            start = range.end;
            wanted.then(|| ct.slice_axis(self.axis as isize, range))
        };
        x.iter().zip(wanted).map(part).collect()
    }
}

impl Tensor {
    /// Tensors one after another along an axis; their other axes are equal.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([[1, 2]]), Tensor::from([[3, 4], [5, 6]]));
    /// assert_eq!(Tensor::concat(&[&a, &b], 0).to_vec::<i32>(), [1, 2, 3, 4, 5, 6]);
    /// ```
    #[track_caller]
    pub fn concat<T: Borrow<Tensor>>(tensors: &[T], axis: isize) -> Tensor {
        let tensors: Vec<&Tensor> = tensors.iter().map(T::borrow).collect();
        let Some(first) = tensors.first() else {
            raise(Error::new("concat").expected("at least one tensor").got("none").at(Some(place())))
        };
        let axis = first.axes("concat", axis)[0];
        apply1(Prim::new(Concat { axis }), &tensors)
    }

    /// Tensors of one shape side by side along a new axis of the result.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::from([1, 2]), Tensor::from([3, 4]));
    /// assert_eq!(Tensor::stack(&[&a, &b], 1).to_vec::<i32>(), [1, 3, 2, 4]);
    /// ```
    #[track_caller]
    pub fn stack<T: Borrow<Tensor>>(tensors: &[T], axis: isize) -> Tensor {
        let tensors: Vec<&Tensor> = tensors.iter().map(T::borrow).collect();
        if tensors.is_empty() {
            raise(Error::new("stack").expected("at least one tensor").got("none").at(Some(place())))
        }
        if let Some(other) = tensors.iter().find(|x| x.ty() != tensors[0].ty()) {
            raise(different("stack", tensors[0].ty(), other.ty()).at(Some(place())));
        }
        // No closure: it would not know the caller's line.
        let mut wide = Vec::with_capacity(tensors.len());
        for x in tensors {
            wide.push(x.unsqueeze(axis));
        }
        Tensor::concat(&wide, axis)
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "concat",
    parse: |given| Some(Prim::new(Concat { axis: given.size("axis")? })),
    samples: || {
        let sample = |axis: usize, shapes: &[&[usize]]| {
            let operands = (1..).zip(shapes).map(|(seed, shape)| draw(shape, -1.0, 1.0, seed));
            Sample::new(Prim::new(Concat { axis }), operands)
        };
        vec![
            sample(0, &[&[2]]),
            sample(0, &[&[2], &[3]]),
            sample(1, &[&[2, 1], &[2, 3], &[2, 2]]),
            sample(0, &[&[1, 2, 2], &[3, 2, 2]]),
            sample(0, &[&[0, 2], &[2, 2]]),
            sample(1, &[&[0, 1], &[0, 2]]),
        ]
    },
};
