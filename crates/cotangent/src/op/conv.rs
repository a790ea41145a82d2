//! Convolution: the primitive. Its methods are in `convolve.rs`.

use super::registry::{Entry, Given, Sample, draw};
use super::spatial::outputs;
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    TransposeEach, Type, Types, apply1, different, operands,
};
use cotangent_kernels::window::{self, Groups, Window};
use smallvec::smallvec;

/// `y[n, o] = Σ x[n, c] ⋆ w[o, c]` over the channels: cross-correlation of `x` `[batch, channels, axes…]` and `w`
/// `[features, channels of a group, taps…]` along any number of axes, after XLA's `conv_general_dilated`. Both its transposes are of its own
/// kind.
///
/// The lists have an entry for each of the axes after the first two.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvGeneral {
    /// From one window to the next.
    pub stride: Vec<usize>,
    /// Zeros before and after each axis; negative numbers cut entries off.
    pub padding: Vec<(i64, i64)>,
    /// From one entry of `x` to the next, zeros between; before padding.
    pub base_dilation: Vec<usize>,
    /// From one tap of `w` to the next.
    pub dilation: Vec<usize>,
    /// Channels and features fall into as many groups, and each group of features sees the channels of its own.
    pub feature_groups: usize,
    /// Examples and features fall into as many groups, and each group of features sees the examples of its own; the result has as many
    /// examples as a group. Only one of the two can be more than 1.
    pub batch_groups: usize,
    /// Is the last entry of `w` its first tap?
    pub reverse: bool,
}

/// How far a row of `n` reaches whose entries lie `dilation` apart. What overflows has been refused by the type rule.
fn extent(n: usize, dilation: usize) -> i64 {
    if n == 0 { 0 } else { (n as i64 - 1) * dilation as i64 + 1 }
}

impl ConvGeneral {
    /// Along `n` axes, with nothing special.
    pub fn plain(n: usize) -> ConvGeneral {
        ConvGeneral {
            stride: vec![1; n],
            padding: vec![(0, 0); n],
            base_dilation: vec![1; n],
            dilation: vec![1; n],
            feature_groups: 1,
            batch_groups: 1,
            reverse: false,
        }
    }

    #[track_caller]
    pub(super) fn apply(self, x: &Tensor, w: &Tensor) -> Tensor {
        apply1(Prim::new(self), &[x, w])
    }

    fn windows(&self, taps: &[usize]) -> Vec<Window> {
        let window = |(i, &size): (usize, &usize)| Window {
            size,
            stride: self.stride[i],
            low: self.padding[i].0,
            high: self.padding[i].1,
            base_dilation: self.base_dilation[i],
            dilation: self.dilation[i],
        };
        taps.iter().enumerate().map(window).collect()
    }

    fn groups(&self) -> usize {
        self.feature_groups.max(self.batch_groups)
    }

    fn check_parameters(&self) -> Result<(), Error> {
        let error = |expected: &str, got: String| Err(Error::new("conv_general").expected(expected).got(got));
        let steps = [&self.stride, &self.base_dilation, &self.dilation];
        if steps.iter().any(|list| list.len() != self.padding.len()) {
            return error("lists of one length", format!("{self:?}"));
        }
        if steps.iter().any(|list| list.contains(&0)) {
            return error("strides and dilations of at least 1", "0".to_string());
        }
        if self.feature_groups == 0 || self.batch_groups == 0 {
            return error("at least one group", "0".to_string());
        }
        if self.feature_groups > 1 && self.batch_groups > 1 {
            let got = format!("{} and {}", self.feature_groups, self.batch_groups);
            return error("groups of features or of batches, not both", got);
        }
        Ok(())
    }
}

/// Axis `axis`, of `groups · n` entries, as two axes.
pub(super) fn split(x: &Tensor, axis: usize, groups: usize) -> Tensor {
    let shape = x.shape();
    let parts = [groups, shape[axis] / groups];
    x.reshape(shape[..axis].iter().chain(&parts).chain(&shape[axis + 1..]).copied().collect::<Shape>())
}

/// An axis and the next as one.
pub(super) fn join(x: &Tensor, axis: usize) -> Tensor {
    let shape = x.shape();
    let both = shape[axis] * shape[axis + 1];
    x.reshape(shape[..axis].iter().chain([&both]).chain(&shape[axis + 2..]).copied().collect::<Shape>())
}

/// The first two axes exchanged.
fn swapped(x: &Tensor) -> Tensor {
    x.axis_to(1, 0)
}

/// Backwards along all axes but the first two.
fn flipped(x: &Tensor) -> Tensor {
    x.flip((2..x.rank()).collect::<Vec<usize>>())
}

impl Primitive for ConvGeneral {
    fn name(&self) -> &str {
        "conv_general"
    }
    fn params(&self) -> Params {
        let (low, high) = self.padding.iter().copied().unzip();
        vec![
            ("stride", Param::ints(&self.stride)),
            ("low", Param::Ints(low)),
            ("high", Param::Ints(high)),
            ("base_dilation", Param::ints(&self.base_dilation)),
            ("dilation", Param::ints(&self.dilation)),
            ("feature_groups", Param::Int(self.feature_groups as i64)),
            ("batch_groups", Param::Int(self.batch_groups as i64)),
            ("reverse", Param::Bool(self.reverse)),
        ]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x, w] = inputs else { return Err(operands("conv_general", 2, inputs)) };
        self.check_parameters()?;
        let error =
            |expected: String| Err(Error::new("conv_general").expected(expected).got(format!("{x} and {w}")));
        if x.dtype != w.dtype {
            return Err(different("conv_general", x, w));
        }
        if x.dtype == DType::Bool {
            return error("numbers".to_string());
        }
        let n = self.padding.len();
        if x.shape.rank() != n + 2 || w.shape.rank() != n + 2 {
            return error(format!("operands of {} axes", n + 2));
        }
        let (features, channels) = (self.feature_groups, w.shape[1]);
        if channels.checked_mul(features) != Some(x.shape[1]) {
            return error(format!("{features} times as many channels on the left as on the right"));
        }
        if w.shape[0] % self.groups() != 0 || x.shape[0] % self.batch_groups != 0 {
            return error(format!("features, and a batch, in {} groups", self.groups()));
        }
        let windows = self.windows(&w.shape[2..]);
        let outputs = outputs("conv_general", &windows, &x.shape[2..])?;
        let lead = [x.shape[0] / self.batch_groups, w.shape[0]];
        Ok(smallvec![Type::new(x.dtype, lead.into_iter().chain(outputs).collect::<Shape>())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let windows = self.windows(&inputs[1].shape()[2..]);
        let groups = Groups { feature: self.feature_groups, batch: self.batch_groups };
        Ok(smallvec![window::convolution(inputs[0], inputs[1], &windows, groups, self.reverse)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Bilinear(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let conv = self.clone();
        let (a, w) = (&x[0], &x[1]);
        smallvec![match (mapped[0], mapped[1]) {
            // More examples. Groups of examples stay the outer ones.
            (true, false) => {
                let grouped = split(a, 1, self.batch_groups).axis_to(1, 0);
                let y = conv.apply(&join(&join(&grouped, 0), 0), w);
                let n = a.shape()[1] / self.batch_groups;
                let shape = [size, n].iter().chain(&y.shape()[1..]).copied().collect::<Shape>();
                y.reshape(shape)
            }
            // More features. Groups of features stay the outer ones.
            (false, true) => {
                let groups = self.groups();
                let grouped = split(w, 1, groups).axis_to(1, 0);
                let y = conv.apply(a, &join(&join(&grouped, 0), 0));
                let [n, o] = [y.shape()[0], w.shape()[1]];
                let parts = [n, groups, size, o / groups];
                let y = y.reshape(parts.iter().chain(&y.shape()[2..]).copied().collect::<Shape>());
                join(&y.axis_to(2, 0), 2)
            }
            // No example of nothing.
            _ if size == 0 => {
                let example = |x: &Tensor| Type::new(x.dtype(), &x.shape()[1..]);
                let y = self.infer(&[&example(a), &example(w)]).expect("checked when the example was traced");
                let shape = std::iter::once(0).chain(y[0].shape.iter().copied()).collect::<Shape>();
                Tensor::zeros_of(&Type::new(y[0].dtype, shape))
            }
            // Each example a group.
            _ => {
                let by_batch = self.batch_groups > 1;
                let conv = match by_batch {
                    true => ConvGeneral { batch_groups: size * self.batch_groups, ..conv },
                    false => ConvGeneral { feature_groups: size * self.feature_groups, ..conv },
                };
                let a = if by_batch { join(a, 0) } else { join(&a.axis_to(0, 1), 1) };
                let y = conv.apply(&a, &join(w, 0));
                split(&y, 1, size).axis_to(1, 0)
            }
        }]
    }
}

impl TransposeEach for ConvGeneral {
    fn transpose(&self, i: usize, x: &[Tensor], ct: &Tensor) -> Tensor {
        if i == 0 { self.left(x, ct) } else { self.right(x, ct) }
    }
}

impl ConvGeneral {
    /// The reach along each axis of the left operand, of a window, and of the windows' first taps.
    fn extents(&self, x: &[Tensor], ct: &Tensor) -> Vec<[i64; 3]> {
        let along = |i: usize| {
            [
                extent(x[0].shape()[i + 2], self.base_dilation[i]),
                extent(x[1].shape()[i + 2], self.dilation[i]),
                extent(ct.shape()[i + 2], self.stride[i]),
            ]
        };
        (0..self.padding.len()).map(along).collect()
    }

    /// Each entry gets back from all windows that it is in, through the reversed kernel: stride and base dilation change places.
    fn left(&self, x: &[Tensor], ct: &Tensor) -> Tensor {
        let width = |([entries, window, starts], (low, _)): ([i64; 3], &(i64, i64))| {
            let before = window - 1 - low;
            (before, entries + window - 1 - starts - before)
        };
        let back = ConvGeneral {
            stride: self.base_dilation.clone(),
            padding: self.extents(x, ct).into_iter().zip(&self.padding).map(width).collect(),
            base_dilation: self.stride.clone(),
            dilation: self.dilation.clone(),
            feature_groups: self.groups(),
            batch_groups: 1,
            reverse: !self.reverse,
        };
        let w = join(&split(&x[1], 0, self.groups()).axis_to(2, 1), 0);
        let y = back.apply(ct, &w);
        if self.batch_groups > 1 { join(&split(&y, 1, self.batch_groups).axis_to(1, 0), 0) } else { y }
    }

    /// Each tap gets back from all entries that it met: the cotangent slides over the operand, examples are its channels, and stride and
    /// dilation change places.
    fn right(&self, x: &[Tensor], ct: &Tensor) -> Tensor {
        let width = |([entries, window, starts], (low, _)): ([i64; 3], &(i64, i64))| {
            (*low, starts + window - entries - 1 - low)
        };
        let back = ConvGeneral {
            stride: self.dilation.clone(),
            padding: self.extents(x, ct).into_iter().zip(&self.padding).map(width).collect(),
            base_dilation: self.base_dilation.clone(),
            dilation: self.stride.clone(),
            feature_groups: self.batch_groups,
            batch_groups: self.feature_groups,
            reverse: false,
        };
        let y = swapped(&back.apply(&swapped(&x[0]), &swapped(ct)));
        if self.reverse { flipped(&y) } else { y }
    }
}

pub(super) const CONV: Entry = Entry {
    name: "conv_general",
    parse: |given: &Given<'_>| {
        let whole = |name: &str| match given.get(name)? {
            Param::Ints(values) => Some(values.clone()),
            _ => None,
        };
        let (low, high) = (whole("low")?, whole("high")?);
        Some(Prim::new(ConvGeneral {
            stride: given.sizes("stride")?,
            padding: (low.len() == high.len()).then(|| low.into_iter().zip(high).collect())?,
            base_dilation: given.sizes("base_dilation")?,
            dilation: given.sizes("dilation")?,
            feature_groups: given.size("feature_groups")?,
            batch_groups: given.size("batch_groups")?,
            reverse: given.bool("reverse")?,
        }))
    },
    samples: || {
        let sample = |x: &[usize], w: &[usize], change: fn(&mut ConvGeneral)| {
            let mut conv = ConvGeneral::plain(x.len() - 2);
            change(&mut conv);
            Sample::new(Prim::new(conv), [draw(x, -1.0, 1.0, 1), draw(w, -1.0, 1.0, 2)])
        };
        vec![
            // No axes: a product of matrices.
            sample(&[2, 3], &[4, 3], |_| {}),
            sample(&[1, 1, 4], &[1, 1, 2], |_| {}),
            sample(&[2, 3, 5], &[2, 3, 3], |c| c.padding = vec![(1, 2)]),
            sample(&[2, 1, 7], &[2, 1, 2], |c| (c.stride, c.dilation) = (vec![2], vec![3])),
            // Windows that leave entries after the last, padding that cuts off.
            sample(&[1, 2, 8], &[1, 2, 3], |c| (c.stride, c.padding) = (vec![3], vec![(-1, 0)])),
            sample(&[1, 2, 3], &[2, 2, 3], |c| {
                (c.base_dilation, c.stride, c.padding, c.reverse) = (vec![3], vec![2], vec![(2, -1)], true);
            }),
            sample(&[1, 4, 4], &[6, 2, 2], |c| c.feature_groups = 2),
            sample(&[4, 2, 4], &[6, 2, 2], |c| c.batch_groups = 2),
            sample(&[1, 2, 3, 3], &[2, 1, 2, 2], |c| {
                (c.feature_groups, c.padding, c.reverse) = (2, vec![(0, 1), (1, 0)], true);
            }),
            sample(&[1, 1, 4, 3], &[1, 1, 2, 3], |c| {
                (c.stride, c.dilation, c.base_dilation) = (vec![1, 2], vec![2, 1], vec![1, 2]);
            }),
            sample(&[1, 1, 2, 2, 2], &[1, 1, 1, 2, 2], |_| {}),
            // No examples, no channels, no features, no windows, no taps.
            sample(&[0, 2, 3], &[1, 2, 2], |_| {}),
            sample(&[1, 0, 3], &[2, 0, 2], |_| {}),
            sample(&[1, 2, 3], &[0, 2, 2], |_| {}),
            sample(&[1, 1, 2], &[1, 1, 3], |_| {}),
            sample(&[1, 1, 2], &[1, 1, 0], |_| {}),
            sample(&[1, 1, 0], &[1, 1, 2], |c| c.padding = vec![(2, 1)]),
        ]
    },
};
