//! A part of a tensor, and its transpose, a tensor with zeros around and between.

use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, operands, place, raise,
};
use smallvec::smallvec;
use std::ops::{Bound, Range, RangeBounds};

/// Along each axis the entries `start`, `start + step`, … below `limit`.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The first index along each axis.
    pub start: Vec<usize>,
    /// The index after the last.
    pub limit: Vec<usize>,
    /// At least 1.
    pub step: Vec<usize>,
}

impl Slice {
    fn shape(&self) -> Shape {
        let length = |axis: usize| (self.limit[axis] - self.start[axis]).div_ceil(self.step[axis]);
        (0..self.start.len()).map(length).collect()
    }
}

impl Primitive for Slice {
    fn name(&self) -> &str {
        "slice"
    }
    fn params(&self) -> Params {
        vec![
            ("start", Param::ints(&self.start)),
            ("limit", Param::ints(&self.limit)),
            ("step", Param::ints(&self.step)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("slice", 1, inputs)) };
        let rank = x.shape.rank();
        if [self.start.len(), self.limit.len(), self.step.len()] != [rank; 3] {
            return Err(Error::new("slice")
                .expected(format!("at most one range for each axis of {x}"))
                .got(self.start.len().to_string()));
        }
        for axis in 0..rank {
            let (start, limit, step) = (self.start[axis], self.limit[axis], self.step[axis]);
            if step == 0 {
                return Err(Error::new("slice").expected("a step of at least 1").got("0"));
            }
            if start > limit || limit > x.shape[axis] {
                return Err(Error::new("slice").expected(format!("a range within axis {axis} of {x}")).got(
                    if step == 1 {
                        format!("{start}..{limit}")
                    } else {
                        format!("{start}..{limit} by {step}")
                    },
                ));
            }
        }
        Ok(smallvec![Type::new(x.dtype, self.shape())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![inputs[0].slice(&self.start, &self.limit, &self.step)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], size: usize) -> Tensors {
        let with =
            |first: usize, rest: &[usize]| std::iter::once(first).chain(rest.iter().copied()).collect();
        let batched =
            Slice { start: with(0, &self.start), limit: with(size, &self.limit), step: with(1, &self.step) };
        smallvec![apply1(Prim::new(batched), &[&x[0]])]
    }
}

impl Transpose for Slice {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// Zeros where nothing was taken.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None] };
        let shape = x[0].shape();
        let taken = |axis: usize| match ct.shape()[axis] {
            0 => 0,
            n => (n - 1) * self.step[axis] + 1,
        };
        let high = (0..shape.rank()).map(|axis| shape[axis] - self.start[axis] - taken(axis)).collect();
        let interior = self.step.iter().map(|step| step - 1).collect();
        vec![Some(apply1(Prim::new(Pad { low: self.start.clone(), high, interior }), &[ct]))]
    }
}

/// Zeros before, after and between the entries along each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Pad {
    /// How many before the first entry.
    pub low: Vec<usize>,
    /// How many after the last.
    pub high: Vec<usize>,
    /// How many between two neighbours.
    pub interior: Vec<usize>,
}

impl Primitive for Pad {
    fn name(&self) -> &str {
        "pad"
    }
    fn params(&self) -> Params {
        vec![
            ("low", Param::ints(&self.low)),
            ("high", Param::ints(&self.high)),
            ("interior", Param::ints(&self.interior)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("pad", 1, inputs)) };
        let rank = x.shape.rank();
        if [self.low.len(), self.high.len(), self.interior.len()] != [rank; 3] {
            return Err(Error::new("pad")
                .expected(format!("a pair of widths for each axis of {x}"))
                .got(self.low.len().to_string()));
        }
        let length = |axis: usize| {
            let n = x.shape[axis];
            let between = n.saturating_sub(1).saturating_mul(self.interior[axis]);
            self.low[axis].saturating_add(n).saturating_add(between).saturating_add(self.high[axis])
        };
        Ok(smallvec![Type::new(x.dtype, (0..rank).map(length).collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::layout::pad(inputs[0], &self.low, &self.high, &self.interior)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        let with = |rest: &[usize]| std::iter::once(0).chain(rest.iter().copied()).collect();
        let batched = Pad { low: with(&self.low), high: with(&self.high), interior: with(&self.interior) };
        smallvec![apply1(Prim::new(batched), &[&x[0]])]
    }
}

impl Transpose for Pad {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let Some(ct) = &ct[0] else { return vec![None] };
        let step: Vec<usize> = self.interior.iter().map(|width| width + 1).collect();
        let limit = |axis: usize| match x[0].shape()[axis] {
            0 => self.low[axis],
            n => self.low[axis] + (n - 1) * step[axis] + 1,
        };
        let limit = (0..ct.rank()).map(limit).collect();
        vec![Some(apply1(Prim::new(Slice { start: self.low.clone(), limit, step: step.clone() }), &[ct]))]
    }
}

/// A range of an axis of this length as start and limit.
fn bounds(range: impl RangeBounds<usize>, length: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&start) => start.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let limit = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&limit) => limit,
        Bound::Unbounded => length,
    };
    start..limit
}

impl Tensor {
    /// A range of each axis; axes beyond those given are whole.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice(&[0..2, 1..3]).to_vec::<i32>(), [2, 3, 5, 6]);
    /// ```
    #[track_caller]
    pub fn slice(&self, ranges: &[Range<usize>]) -> Tensor {
        let mut start: Vec<usize> = ranges.iter().map(|range| range.start).collect();
        let mut limit: Vec<usize> = ranges.iter().map(|range| range.end).collect();
        for axis in ranges.len()..self.rank() {
            start.push(0);
            limit.push(self.shape()[axis]);
        }
        let step = vec![1; start.len()];
        apply1(Prim::new(Slice { start, limit, step }), &[self])
    }

    /// Every `step`-th entry of a range of one axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::arange::<i32>(7).slice_step(0, 1.., 2).to_vec::<i32>(), [1, 3, 5]);
    /// ```
    #[track_caller]
    pub fn slice_step(&self, axis: isize, range: impl RangeBounds<usize>, step: usize) -> Tensor {
        let axis = self.axes("slice", axis)[0];
        let range = bounds(range, self.shape()[axis]);
        let mut slice =
            Slice { start: vec![0; self.rank()], limit: self.shape().to_vec(), step: vec![1; self.rank()] };
        (slice.start[axis], slice.limit[axis], slice.step[axis]) = (range.start, range.end, step);
        apply1(Prim::new(slice), &[self])
    }

    /// A range of one axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2, 3], [4, 5, 6]]).slice_axis(-1, ..2).to_vec::<i32>(), [1, 2, 4, 5]);
    /// ```
    #[track_caller]
    pub fn slice_axis(&self, axis: isize, range: impl RangeBounds<usize>) -> Tensor {
        self.slice_step(axis, range, 1)
    }

    /// Entry `i` of the first axis, which the result does not have; a negative `i` counts from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).index(-1).to_vec::<i32>(), [3, 4]);
    /// ```
    #[track_caller]
    pub fn index(&self, i: impl TryInto<isize>) -> Tensor {
        let i = i.try_into().unwrap_or(isize::MAX);
        let here = place();
        let fail = |expected: String| -> ! {
            raise(Error::new("index").expected(expected).got(format!("{i} in {}", self.ty())).at(Some(here)))
        };
        let Some(&length) = self.shape().first() else { fail("at least one axis".into()) };
        let position = if i < 0 { i + length as isize } else { i };
        if !(0..length as isize).contains(&position) {
            fail(format!("an index from -{length} to {}", length as isize - 1));
        }
        let position = position as usize;
        self.slice_axis(0, position..position + 1).reshape(self.shape()[1..].to_vec())
    }

    /// With zeros before and after, as many as given for each axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 2]).pad(&[(1, 2)]).to_vec::<i32>(), [0, 1, 2, 0, 0]);
    /// ```
    #[track_caller]
    pub fn pad(&self, widths: &[(usize, usize)]) -> Tensor {
        let (low, high): (Vec<usize>, Vec<usize>) = widths.iter().copied().unzip();
        apply1(Prim::new(Pad { interior: vec![0; low.len()], low, high }), &[self])
    }
}

pub(super) const SLICE: Entry = Entry {
    name: "slice",
    parse: |given| {
        let (start, limit, step) = (given.sizes("start")?, given.sizes("limit")?, given.sizes("step")?);
        Some(Prim::new(Slice { start, limit, step }))
    },
    samples: || {
        let sample = |shape: &[usize], start: &[usize], limit: &[usize], step: &[usize]| {
            let slice = Slice { start: start.to_vec(), limit: limit.to_vec(), step: step.to_vec() };
            Sample::new(Prim::new(slice), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[], &[], &[]),
            sample(&[5], &[1], &[4], &[1]),
            // Steps that end at the limit, and that leave entries after the last.
            sample(&[7], &[1], &[6], &[2]),
            sample(&[7], &[0], &[7], &[4]),
            sample(&[3, 4], &[1, 0], &[3, 4], &[1, 3]),
            sample(&[3, 4], &[1, 2], &[1, 4], &[1, 1]),
            sample(&[1], &[0], &[1], &[5]),
            sample(&[0], &[0], &[0], &[1]),
        ]
    },
};

pub(super) const PAD: Entry = Entry {
    name: "pad",
    parse: |given| {
        let (low, high, interior) = (given.sizes("low")?, given.sizes("high")?, given.sizes("interior")?);
        Some(Prim::new(Pad { low, high, interior }))
    },
    samples: || {
        let sample = |shape: &[usize], low: &[usize], high: &[usize], interior: &[usize]| {
            let pad = Pad { low: low.to_vec(), high: high.to_vec(), interior: interior.to_vec() };
            Sample::new(Prim::new(pad), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[], &[], &[]),
            sample(&[3], &[1], &[2], &[0]),
            sample(&[3], &[0], &[1], &[2]),
            sample(&[2, 3], &[1, 0], &[0, 2], &[1, 0]),
            sample(&[1], &[2], &[0], &[3]),
            sample(&[0, 2], &[1, 1], &[2, 0], &[4, 1]),
        ]
    },
};
