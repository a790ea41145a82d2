//! A part of a tensor, and its transpose, a tensor with zeros around and between.

use super::composed::{Case, Composition};
use super::registry::{Entry, Sample, draw, draw_whole};
use super::span::{Index, Part, Pick, Span, parts, s};
use crate::core::{
    Array, Arrays, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Transpose,
    Type, Types, apply1, operands, place, raise,
};
use smallvec::smallvec;

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

impl Tensor {
    /// A range of each axis; axes beyond those given are whole. [`s`] gives ranges steps and ends that count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice(&[0..2, 1..3]).to_vec::<i32>(), [2, 3, 5, 6]);
    /// assert_eq!(x.slice(&[s(..), s(..-1).step(-1)]).to_vec::<i32>(), [] as [i32; 0]);
    /// assert_eq!(x.slice(&[s(-1..), s(..).step(-2)]).to_vec::<i32>(), [6, 4]);
    /// ```
    ///
    /// # Panics
    /// If a range leaves its axis, a step is 0, or there are more ranges than axes.
    #[track_caller]
    pub fn slice<R: Into<Span> + Clone>(&self, ranges: &[R]) -> Tensor {
        let picks: Vec<Pick> = ranges.iter().map(|range| Pick::Span(range.clone().into())).collect();
        self.index_picks("slice", &picks)
    }

    /// Every `step`-th entry of a range of one axis; backwards if it is negative.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::arange::<i32>(7);
    /// assert_eq!(x.slice_step(0, 1.., 2).to_vec::<i32>(), [1, 3, 5]);
    /// assert_eq!(x.slice_step(0, 5..1, -2).to_vec::<i32>(), [5, 3]);
    /// ```
    ///
    /// # Panics
    /// If the range leaves the axis, or the step is 0.
    #[track_caller]
    pub fn slice_step(&self, axis: isize, range: impl Into<Span>, step: isize) -> Tensor {
        self.slice_axis(axis, range.into().step(step))
    }

    /// A range of one axis; [`s`] gives it a step, or ends that count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.slice_axis(-1, ..2).to_vec::<i32>(), [1, 2, 4, 5]);
    /// assert_eq!(x.slice_axis(1, s(-1..0).step(-1)).to_vec::<i32>(), [3, 2, 6, 5]);
    /// ```
    ///
    /// # Panics
    /// If the range leaves the axis, or the step is 0.
    #[track_caller]
    pub fn slice_axis(&self, axis: isize, range: impl Into<Span>) -> Tensor {
        let axis = self.axes("slice", axis)[0];
        let mut picks = vec![Pick::Span(Span::ALL); axis];
        picks.push(Pick::Span(range.into()));
        self.index_picks("slice", &picks)
    }

    /// What `i` names of the first axis: an entry (the result does not have the axis), a range (see [`s`]) or, by a tensor of integers, any
    /// entries, as [`take`](Tensor::take). A tuple names something of each of the first axes. Negative indices count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.index(-1).to_vec::<i32>(), [4, 5, 6]);
    /// assert_eq!(x.index((.., 1..3)).to_vec::<i32>(), [2, 3, 5, 6]);
    /// assert_eq!(x.index((0, s(..).step(-1))).to_vec::<i32>(), [3, 2, 1]);
    /// assert_eq!(x.index((.., &Tensor::from([2, 2]))).to_vec::<i32>(), [3, 3, 6, 6]);
    /// ```
    ///
    /// # Panics
    /// If there is no such entry, a range leaves its axis, or there are more than one tensor of indices.
    #[track_caller]
    pub fn index(&self, i: impl Index) -> Tensor {
        self.index_picks("index", &i.picks())
    }

    #[track_caller]
    pub(super) fn index_picks(&self, name: &str, picks: &[Pick]) -> Tensor {
        let parts = match parts(name, self.ty(), picks) {
            Ok(parts) => parts,
            Err(error) => raise(error.at(Some(place()))),
        };
        let part = self.parted(&parts);
        let single = |axis: &usize| matches!(picks.get(*axis), Some(Pick::At(_)));
        let kept = (0..self.rank()).filter(|axis| !single(axis)).map(|axis| part.shape()[axis]);
        let part = part.reshape(kept.collect::<Shape>());
        for (axis, pick) in picks.iter().enumerate() {
            if let Pick::Many(indices) = pick {
                let before = (0..axis).filter(|axis| !single(axis)).count();
                return part.take(indices, before as isize);
            }
        }
        part
    }

    /// A part of each axis.
    #[track_caller]
    fn parted(&self, parts: &[Part]) -> Tensor {
        let whole = |(axis, part): (usize, &Part)| part.is_window() && part.length() == self.shape()[axis];
        if parts.iter().enumerate().all(whole) {
            return self.clone();
        }
        let slice = Slice {
            start: parts.iter().map(|part| part.start).collect(),
            limit: parts.iter().map(|part| part.limit).collect(),
            step: parts.iter().map(|part| part.step).collect(),
        };
        let back: Vec<usize> = (0..parts.len()).filter(|&axis| parts[axis].back).collect();
        apply1(Prim::new(slice), &[self]).flipped(&back)
    }

    /// With zeros before and after, as many as given for each axis; a negative number takes entries away. (Other values:
    /// [`pad_with`](Tensor::pad_with); repeated entries: [`pad_mode`](Tensor::pad_mode).)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 2]).pad(&[(1, 2)]).to_vec::<i32>(), [0, 1, 2, 0, 0]);
    /// assert_eq!(Tensor::from([1, 2, 3]).pad(&[(-1, 1)]).to_vec::<i32>(), [2, 3, 0]);
    /// ```
    ///
    /// # Panics
    /// If there is not a pair for each axis, or more would be taken away than there is.
    #[track_caller]
    pub fn pad(&self, widths: &[(isize, isize)]) -> Tensor {
        let cropped = self.cropped("pad", widths);
        let (low, high): (Vec<usize>, Vec<usize>) =
            widths.iter().map(|&(low, high)| (low.max(0) as usize, high.max(0) as usize)).unzip();
        if low.iter().chain(&high).all(|&width| width == 0) {
            return cropped;
        }
        apply1(Prim::new(Pad { interior: vec![0; low.len()], low, high }), &[&cropped])
    }

    /// Without what negative widths take away.
    #[track_caller]
    pub(super) fn cropped(&self, name: &str, widths: &[(isize, isize)]) -> Tensor {
        if widths.len() != self.rank() {
            let error = Error::new(name).expected(format!("a pair of widths for each axis of {}", self.ty()));
            raise(error.got(widths.len().to_string()).at(Some(place())))
        }
        let mut parts = Vec::with_capacity(self.rank());
        for (axis, &(low, high)) in widths.iter().enumerate() {
            let n = self.shape()[axis];
            let (start, end) = (low.min(0).unsigned_abs(), high.min(0).unsigned_abs());
            if start.saturating_add(end) > n {
                let error = Error::new(name)
                    .expected(format!("to take at most {n} entries from axis {axis} of {}", self.ty()));
                raise(error.got(format!("{:?}", (low, high))).at(Some(place())))
            }
            parts.push(Part { start, limit: n - end, step: 1, back: false });
        }
        self.parted(&parts)
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

pub(super) const SLICE_AXIS: Composition = Composition {
    name: "slice_axis",
    cases: || {
        let case = |shape: &[usize], axis: isize, span: Span| {
            Case::new(move |x| x[0].slice_axis(axis, span), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            case(&[5], 0, s(1..).until(-1)),
            case(&[2, 4], -1, s(..-1)),
            case(&[3, 2], 0, s(2..2)),
            case(&[0, 2], 0, s(..)),
            case(&[1], 0, s(..=-1)),
        ]
    },
};

pub(super) const SLICE_STEP: Composition = Composition {
    name: "slice_step",
    cases: || {
        let case = |shape: &[usize], axis: isize, span: Span, step: isize| {
            Case::new(move |x| x[0].slice_step(axis, span, step), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            case(&[7], 0, s(1..), 2),
            case(&[7], 0, s(..), -3),
            case(&[2, 5], -1, s(-2..=1), -1),
            case(&[2, 5], 1, s(4..).until(1), -2),
            case(&[0], 0, s(..), -1),
            case(&[1], 0, s(..), 5),
        ]
    },
};

pub(super) const INDEX: Composition = Composition {
    name: "index",
    cases: || {
        let x = |shape: &[usize]| draw(shape, -1.0, 1.0, 1);
        vec![
            Case::new(|x| x[0].index(-1), [x(&[3])]),
            Case::new(|x| x[0].index(1), [x(&[2, 3])]),
            Case::new(|x| x[0].index((.., -1)), [x(&[2, 3])]),
            Case::new(|x| x[0].index((1..3, 0, s(..).step(-2))), [x(&[4, 2, 3])]),
            Case::new(|x| x[0].index(&x[1]), [x(&[3, 2]), draw_whole(&[4], 3, 2)]),
            Case::new(|x| x[0].index((0, &x[1], ..1)), [x(&[2, 3, 2]), draw_whole(&[2, 2], 3, 2)]),
            Case::new(|x| x[0].index((1.., &x[1])), [x(&[3, 2]), draw_whole(&[], 2, 2)]),
            Case::new(|x| x[0].index(..0), [x(&[0, 2])]),
        ]
    },
};
