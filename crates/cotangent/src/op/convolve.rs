//! The convolutions that users call, made of [`ConvGeneral`](super::ConvGeneral).

use super::composed::{Case, Composition};
use super::conv::{ConvGeneral, join, split};
use super::registry::draw;
use super::spatial::{Padding, PerAxis, check_operand, layout, positive, same, spread};
use crate::core::{DType, Error, Tensor, different, place, raise};
use cotangent_kernels::window::Window;

/// How a convolution slides: strides, padding, dilation, groups. What is not said is 1, and no padding.
///
/// ```
/// use cotangent::prelude::*;
/// use cotangent::op::{Conv, Padding};
/// let (x, w) = (Tensor::ones::<f32>([1, 1, 5, 5]), Tensor::ones::<f32>([2, 1, 3, 3]));
/// let y = x.conv2d(&w, Conv::new().stride(2).padding(1));
/// assert_eq!(y.shape().to_vec(), [1, 2, 3, 3]);
/// assert_eq!(x.conv2d(&w, Conv::new().padding(Padding::Same)).shape().to_vec(), [1, 2, 5, 5]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv {
    stride: Vec<usize>,
    padding: Padding,
    dilation: Vec<usize>,
    groups: usize,
    output_padding: Vec<usize>,
}

impl Default for Conv {
    fn default() -> Conv {
        Conv::new()
    }
}

impl Conv {
    /// Every place, no padding, one group.
    pub fn new() -> Conv {
        Conv {
            stride: vec![1],
            padding: Padding::Valid,
            dilation: vec![1],
            groups: 1,
            output_padding: vec![0],
        }
    }
    /// How far from one window to the next.
    pub fn stride(mut self, stride: impl PerAxis) -> Conv {
        self.stride = stride.sizes();
        self
    }
    /// Zeros around the operand: `1`, `[1, 2]`, `(0, 1)`, `[(0, 1), (2, 2)]`, [`Padding::Same`].
    pub fn padding(mut self, padding: impl Into<Padding>) -> Conv {
        self.padding = padding.into();
        self
    }
    /// How far from one tap of the kernel to the next.
    pub fn dilation(mut self, dilation: impl PerAxis) -> Conv {
        self.dilation = dilation.sizes();
        self
    }
    /// Channels and features in groups that know nothing of each other; as many as channels is a depthwise convolution.
    pub fn groups(mut self, groups: usize) -> Conv {
        self.groups = groups;
        self
    }
    /// Entries more at the end of each axis of a transposed convolution, which several sizes could have come from.
    pub fn output_padding(mut self, more: impl PerAxis) -> Conv {
        self.output_padding = more.sizes();
        self
    }

    /// What both ways have to check: the ranks, the dtypes, strides, dilations, and that there are groups.
    fn check(&self, name: &str, x: &Tensor, w: &Tensor, n: usize) -> Result<(Vec<usize>, Vec<usize>), Error> {
        check_operand(name, x, n)?;
        if w.rank() != n + 2 {
            let lead = if name.contains("transpose") {
                "channels, features/groups"
            } else {
                "features, channels/groups"
            };
            let expected = format!("a weight {}", layout(lead, n));
            return Err(Error::new(name).expected(expected).got(w.ty().to_string()));
        }
        if x.dtype() != w.dtype() {
            return Err(different(name, x.ty(), w.ty()));
        }
        if x.dtype() == DType::Bool {
            let error = Error::new(name).expected("numbers").got(format!("{} and {}", x.ty(), w.ty()));
            return Err(error.help("convert first: `.to(DType::F32)`"));
        }
        if self.groups == 0 {
            let help = "1 is the default; as many as channels is a depthwise convolution";
            return Err(Error::new(name).expected("at least one group").got("0").help(help));
        }
        Ok((positive(name, "stride", &self.stride, n)?, positive(name, "dilation", &self.dilation, n)?))
    }

    fn forward(&self, name: &str, x: &Tensor, w: &Tensor, n: usize) -> Result<ConvGeneral, Error> {
        let (stride, dilation) = self.check(name, x, w, n)?;
        if self.output_padding.iter().any(|&more| more > 0) {
            let error =
                Error::new(name).expected("no output padding").got(format!("{:?}", self.output_padding));
            return Err(error.help("it is for transposed convolutions; `padding` is around the operand"));
        }
        let (channels, own, groups) = (x.shape()[1], w.shape()[1], self.groups);
        if own.checked_mul(groups) != Some(channels) {
            let expected = match channels % groups {
                0 => format!(
                    "a weight for {} channels, those of {} in {groups} groups",
                    channels / groups,
                    x.ty()
                ),
                _ => format!("channels in {groups} equal groups"),
            };
            let expected = if groups == 1 {
                format!("a weight for the {channels} channels of {}", x.ty())
            } else {
                expected
            };
            let error = Error::new(name).expected(expected).got(w.ty().to_string());
            let help = format!("a weight is {}", layout("features, channels/groups", n));
            return Err(error.help(if groups > 1 && channels % groups > 0 {
                format!("{} has {channels} channels: use groups that divide it", x.ty())
            } else {
                help
            }));
        }
        if !w.shape()[0].is_multiple_of(groups) {
            let expected = format!("features in {groups} equal groups");
            let help = "the first axis of the weight must be a multiple of the groups";
            return Err(Error::new(name).expected(expected).got(w.ty().to_string()).help(help));
        }
        let window = |i: usize| Window { dilation: dilation[i], ..Window::of(w.shape()[i + 2]) };
        let extents: Vec<usize> = (0..n).map(|i| window(i).extent().unwrap_or(usize::MAX)).collect();
        let total = |i: usize| same(x.shape()[i + 2], stride[i], extents[i]);
        let padding = self.padding.widths(name, n, total)?;
        for i in 0..n {
            let room = x.shape()[i + 2] as i128 + i128::from(padding[i].0) + i128::from(padding[i].1);
            if room < extents[i] as i128 {
                let expected =
                    format!("a kernel that fits into axis {}, {} long with its padding", i + 2, room.max(0));
                let got = format!("{}, which reaches over {}", w.ty(), extents[i]);
                let help = "more `padding`, or `Padding::Same`, makes room";
                return Err(Error::new(name).expected(expected).got(got).help(help));
            }
        }
        Ok(ConvGeneral { stride, padding, dilation, feature_groups: groups, ..ConvGeneral::plain(n) })
    }

    fn backward(&self, name: &str, x: &Tensor, w: &Tensor, n: usize) -> Result<ConvGeneral, Error> {
        let (stride, dilation) = self.check(name, x, w, n)?;
        let (channels, groups) = (x.shape()[1], self.groups);
        if w.shape()[0] != channels {
            let expected = format!("a weight for the {channels} channels of {}", x.ty());
            let help = format!("a transposed weight is {}", layout("channels, features/groups", n));
            return Err(Error::new(name).expected(expected).got(w.ty().to_string()).help(help));
        }
        if channels % groups != 0 {
            let help = format!("{} has {channels} channels: use groups that divide it", x.ty());
            let error = Error::new(name).expected(format!("channels in {groups} equal groups"));
            return Err(error.got(w.ty().to_string()).help(help));
        }
        let more = spread(name, "output padding", &self.output_padding, n)?;
        if let Some(i) = (0..n).find(|&i| more[i] >= stride[i].max(dilation[i])) {
            let expected = "an output padding less than the stride or the dilation";
            let got = format!("{} with stride {} and dilation {}", more[i], stride[i], dilation[i]);
            let help = "a greater stride gives a larger result";
            return Err(Error::new(name).expected(expected).got(got).help(help));
        }
        let extent = |i: usize| {
            let window = Window { dilation: dilation[i], ..Window::of(w.shape()[i + 2]) };
            window.extent().and_then(|extent| i64::try_from(extent).ok())
        };
        let wrong = || Error::new(name).expected("a kernel that an axis can hold").got(format!("{self:?}"));
        let extents = (0..n).map(|i| extent(i).ok_or_else(wrong)).collect::<Result<Vec<i64>, Error>>()?;
        let padding = match self.padding {
            // As many entries as the operand, times the stride.
            Padding::Same => (0..n)
                .map(|i| {
                    let total = extents[i] - stride[i] as i64;
                    (total.max(0) / 2, total - total.max(0) / 2)
                })
                .collect(),
            _ => self.padding.widths(name, n, |_| 0)?,
        };
        let width = |i: usize| {
            let (low, high) = padding[i];
            (extents[i] - 1 - low, (extents[i] - 1 - high).saturating_add(more[i] as i64))
        };
        Ok(ConvGeneral {
            padding: (0..n).map(width).collect(),
            base_dilation: stride,
            dilation,
            feature_groups: groups,
            reverse: true,
            ..ConvGeneral::plain(n)
        })
    }
}

impl Tensor {
    /// Cross-correlation along one axis: `[batch, channels, length]` with a weight `[features, channels/groups, taps]` gives `[batch,
    /// features, length′]`, `y[n, o, i] = Σ x[n, c, i·stride + k·dilation − padding] · w[o, c, k]`, as PyTorch's `conv1d`. Dtypes are
    /// equal, floats or integers.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Conv;
    /// let x = Tensor::from([[[1.0, 2.0, 4.0, 8.0]]]);
    /// let w = Tensor::from([[[1.0, -1.0]]]);
    /// assert_eq!(x.conv1d(&w, Conv::new()).to_vec::<f64>(), [-1.0, -2.0, -4.0]);
    /// assert_eq!(x.conv1d(&w, Conv::new().stride(2).padding(1)).to_vec::<f64>(), [-1.0, -2.0, 8.0]);
    /// ```
    ///
    /// # Panics
    /// If ranks, dtypes, channels or groups do not fit, or the kernel is longer than the padded axis.
    #[track_caller]
    pub fn conv1d(&self, weight: &Tensor, conv: Conv) -> Tensor {
        self.convolve("conv1d", weight, &conv, 1)
    }

    /// Cross-correlation along two axes: `[batch, channels, height, width]` with a weight `[features, channels/groups, taps, taps]` gives
    /// `[batch, features, height′, width′]`, as PyTorch's `conv2d`; the formula is that of [`conv1d`](Tensor::conv1d) along both.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Conv;
    /// let x = Tensor::from([[[[1.0, 2.0], [3.0, 4.0]]]]);
    /// let w = Tensor::from([[[[1.0, 10.0], [100.0, 1000.0]]]]);
    /// assert_eq!(x.conv2d(&w, Conv::new()).to_vec::<f64>(), [4321.0]);
    /// let g = grad(|w: &Tensor| x.conv2d(w, Conv::new()).sum())(&w);
    /// assert_eq!(g.to_vec::<f64>(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// As [`conv1d`](Tensor::conv1d).
    #[track_caller]
    pub fn conv2d(&self, weight: &Tensor, conv: Conv) -> Tensor {
        self.convolve("conv2d", weight, &conv, 2)
    }

    /// The transpose of [`conv1d`](Tensor::conv1d) as a map of its operand: `[batch, channels, length]` with a weight `[channels,
    /// features/groups, taps]` gives `[batch, features, length′]`, where length′ = (length − 1)·stride − padding + reach of the kernel +
    /// output padding, as PyTorch's `conv_transpose1d`. With [`Padding::Same`] it is length·stride.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Conv;
    /// let x = Tensor::from([[[1.0, 2.0]]]);
    /// let w = Tensor::from([[[1.0, 10.0, 100.0]]]);
    /// assert_eq!(x.conv_transpose1d(&w, Conv::new().stride(2)).to_vec::<f64>(), [1.0, 10.0, 102.0, 20.0, 200.0]);
    /// ```
    ///
    /// # Panics
    /// If ranks, dtypes, channels or groups do not fit, or the output padding is neither less than the stride nor than the dilation.
    #[track_caller]
    pub fn conv_transpose1d(&self, weight: &Tensor, conv: Conv) -> Tensor {
        self.convolve_back("conv_transpose1d", weight, &conv, 1)
    }

    /// The transpose of [`conv2d`](Tensor::conv2d) as a map of its operand: `[batch, channels, height, width]` with a weight `[channels,
    /// features/groups, taps, taps]`, as PyTorch's `conv_transpose2d`; lengths as in [`conv_transpose1d`](Tensor::conv_transpose1d).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Conv;
    /// let (x, w) = (Tensor::ones::<f32>([1, 1, 2, 2]), Tensor::ones::<f32>([1, 1, 2, 2]));
    /// let y = x.conv_transpose2d(&w, Conv::new());
    /// assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// As [`conv_transpose1d`](Tensor::conv_transpose1d).
    #[track_caller]
    pub fn conv_transpose2d(&self, weight: &Tensor, conv: Conv) -> Tensor {
        self.convolve_back("conv_transpose2d", weight, &conv, 2)
    }

    #[track_caller]
    fn convolve(&self, name: &str, weight: &Tensor, conv: &Conv, n: usize) -> Tensor {
        match conv.forward(name, self, weight, n) {
            Ok(conv) => conv.apply(self, weight),
            Err(error) => raise(error.at(Some(place()))),
        }
    }

    #[track_caller]
    fn convolve_back(&self, name: &str, weight: &Tensor, conv: &Conv, n: usize) -> Tensor {
        match conv.backward(name, self, weight, n) {
            // From [channels, features of a group] to [features, channels of a group].
            Ok(general) => general.apply(self, &join(&split(weight, 0, conv.groups).axis_to(2, 1), 0)),
            Err(error) => raise(error.at(Some(place()))),
        }
    }
}

type Method = fn(&Tensor, &Tensor, Conv) -> Tensor;

fn case(f: Method, x: &[usize], w: &[usize], conv: Conv) -> Case {
    let run = move |x: &[Tensor]| f(&x[0], &x[1], conv.clone());
    Case::new(run, [draw(x, -1.0, 1.0, 1), draw(w, -1.0, 1.0, 2)])
}

pub(super) const ROWS: [Composition; 4] = [CONV1D, CONV2D, CONV_TRANSPOSE1D, CONV_TRANSPOSE2D];

const CONV1D: Composition = Composition {
    name: "conv1d",
    cases: || {
        let case = |x: [usize; 3], w: [usize; 3], conv: Conv| case(Tensor::conv1d, &x, &w, conv);
        vec![
            case([1, 1, 1], [1, 1, 1], Conv::new()),
            case([2, 2, 7], [3, 2, 3], Conv::new().stride(2).padding((1, 0))),
            case([1, 4, 6], [4, 2, 2], Conv::new().groups(2).dilation(2).padding(Padding::Same)),
            case([0, 1, 3], [1, 1, 2], Conv::new()),
        ]
    },
};

const CONV2D: Composition = Composition {
    name: "conv2d",
    cases: || {
        let case = |x: [usize; 4], w: [usize; 4], conv: Conv| case(Tensor::conv2d, &x, &w, conv);
        vec![
            case([1, 1, 1, 1], [1, 1, 1, 1], Conv::new()),
            case([2, 2, 4, 5], [3, 2, 2, 3], Conv::new().stride([1, 2]).padding([1, 0])),
            case([1, 2, 4, 4], [4, 1, 3, 3], Conv::new().groups(2).padding(Padding::Same)),
            case([1, 1, 5, 4], [1, 1, 2, 2], Conv::new().dilation([2, 1]).padding([(1, -1), (0, 1)])),
            case([2, 1, 2, 2], [0, 1, 2, 2], Conv::new()),
        ]
    },
};

const CONV_TRANSPOSE1D: Composition = Composition {
    name: "conv_transpose1d",
    cases: || {
        let case = |x: [usize; 3], w: [usize; 3], conv: Conv| case(Tensor::conv_transpose1d, &x, &w, conv);
        vec![
            case([1, 1, 1], [1, 1, 1], Conv::new()),
            case([2, 2, 3], [2, 3, 3], Conv::new().stride(2).padding(1).output_padding(1)),
            case([1, 4, 3], [4, 1, 2], Conv::new().groups(2).dilation(2)),
            case([0, 1, 3], [1, 1, 2], Conv::new()),
        ]
    },
};

const CONV_TRANSPOSE2D: Composition = Composition {
    name: "conv_transpose2d",
    cases: || {
        let case = |x: [usize; 4], w: [usize; 4], conv: Conv| case(Tensor::conv_transpose2d, &x, &w, conv);
        vec![
            case([1, 1, 1, 1], [1, 1, 1, 1], Conv::new()),
            case([2, 2, 2, 3], [2, 1, 2, 3], Conv::new().stride([1, 2]).padding([0, 1])),
            case([1, 2, 2, 2], [2, 2, 3, 3], Conv::new().stride(2).padding(Padding::Same).groups(2)),
            case([1, 1, 2, 0], [1, 1, 2, 2], Conv::new().padding(1)),
        ]
    },
};
