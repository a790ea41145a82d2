//! Pooling: the largest and the mean of windows.

use super::composed::{Case, Composition};
use super::registry::draw;
use super::spatial::{Padding, PerAxis, check_operand, positive, same, spread};
use super::window::{WindowMax, WindowSum, Windows};
use crate::core::{Array, DType, Error, Item, Prim, Shape, Tensor, apply1, place, raise};
use cotangent_kernels::window::Window;

/// The windows of a pooling: size, stride (as the size, if not said), padding, dilation.
///
/// ```
/// use cotangent::prelude::*;
/// use cotangent::op::Pool;
/// let x = Tensor::from([[[1.0, 5.0, 3.0, 2.0]]]);
/// assert_eq!(x.max_pool1d(2).to_vec::<f64>(), [5.0, 3.0]);
/// assert_eq!(x.max_pool1d(Pool::window(2).stride(1)).to_vec::<f64>(), [5.0, 5.0, 3.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    window: Vec<usize>,
    stride: Vec<usize>,
    padding: Padding,
    dilation: Vec<usize>,
    count_padding: bool,
}

impl Pool {
    /// Windows of this size, side by side.
    pub fn window(window: impl PerAxis) -> Pool {
        let window = window.sizes();
        Pool {
            stride: window.clone(),
            window,
            padding: Padding::Valid,
            dilation: vec![1],
            count_padding: true,
        }
    }
    /// How far from one window to the next.
    pub fn stride(mut self, stride: impl PerAxis) -> Pool {
        self.stride = stride.sizes();
        self
    }
    /// Around the operand: for means zeros, for maxima nothing. `1`, `[1, 2]`, `(0, 1)`, `[(0, 1), (2, 2)]`, [`Padding::Same`].
    pub fn padding(mut self, padding: impl Into<Padding>) -> Pool {
        self.padding = padding.into();
        self
    }
    /// How far from one entry of a window to the next.
    pub fn dilation(mut self, dilation: impl PerAxis) -> Pool {
        self.dilation = dilation.sizes();
        self
    }
    /// Do the padding's zeros count in means? They do, unless told otherwise. Without them the mean of a window that sees nothing but
    /// padding is NaN.
    pub fn count_padding(mut self, count: bool) -> Pool {
        self.count_padding = count;
        self
    }

    fn windows(&self, name: &str, x: &Tensor, n: usize) -> Result<Windows, Error> {
        check_operand(name, x, n)?;
        let sizes = positive(name, "window", &self.window, n)?;
        let stride = positive(name, "stride", &self.stride, n)?;
        let dilation = positive(name, "dilation", &self.dilation, n)?;
        let plane = &x.shape()[2..];
        let window = |i: usize| Window { stride: stride[i], dilation: dilation[i], ..Window::of(sizes[i]) };
        let extents: Vec<usize> = (0..n).map(|i| window(i).extent().unwrap_or(usize::MAX)).collect();
        let padding = self.padding.widths(name, n, |i| same(plane[i], stride[i], extents[i]))?;
        for i in 0..n {
            let (low, high) = padding[i];
            let reach = extents[i] as i128;
            if i128::from(low.max(high)) >= reach {
                let expected = format!("less padding than a window reaches over, {reach}");
                let got = format!("{} at axis {}", low.max(high), i + 2);
                let help = "a window that lies in the padding sees nothing";
                return Err(Error::new(name).expected(expected).got(got).help(help));
            }
            let room = plane[i] as i128 + i128::from(low) + i128::from(high);
            if room < reach {
                let expected =
                    format!("a window that fits into axis {}, {} long with its padding", i + 2, room.max(0));
                let help = "a smaller window, or `Padding::Same`; `adaptive_avg_pool1d` and `2d` take the size of the result";
                return Err(Error::new(name).expected(expected).got(reach.to_string()).help(help));
            }
        }
        let padded = |i: usize| Window { low: padding[i].0, high: padding[i].1, ..window(i) };
        Ok(Windows((0..n).map(padded).collect()))
    }
}

impl From<usize> for Pool {
    fn from(window: usize) -> Pool {
        Pool::window(window)
    }
}
impl<const N: usize> From<[usize; N]> for Pool {
    fn from(window: [usize; N]) -> Pool {
        Pool::window(window)
    }
}

/// Row `i` of the result is the mean of the entries from ⌊i·n/m⌋ to ⌈(i+1)·n/m⌉: `[m, n]`.
fn means(n: usize, m: usize, dtype: DType) -> Tensor {
    let mut weights = vec![0.0; n * m];
    for i in 0..m {
        let (from, to) = (i * n / m, ((i + 1) * n).div_ceil(m));
        weights[i * n + from..i * n + to].fill(1.0 / (to - from) as f64);
    }
    Tensor::from_vec(weights, [m, n]).to(dtype)
}

fn floats(name: &str, x: &Tensor) -> Result<(), Error> {
    if x.dtype().is_float() {
        return Ok(());
    }
    let error = Error::new(name).expected("floats").got(x.ty().to_string());
    Err(error.help("convert first with `.to(DType::F64)`"))
}

impl Tensor {
    /// The largest entry of each window of the last axis of `[batch, channels, length]`; NaN if one is. Entries that are equally large
    /// share the derivative equally. Floats or integers; the padding does not count.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[[1.0, 5.0, 4.0, 4.0]]]);
    /// assert_eq!(x.max_pool1d(2).to_vec::<f64>(), [5.0, 4.0]);
    /// assert_eq!(grad(|x: &Tensor| x.max_pool1d(2).sum())(&x).to_vec::<f64>(), [0.0, 1.0, 0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If the rank is another, a window does not fit, or the padding is as large as it.
    #[track_caller]
    pub fn max_pool1d(&self, pool: impl Into<Pool>) -> Tensor {
        self.max_pool("max_pool1d", &pool.into(), 1)
    }

    /// The largest entry of each window of the last two axes of `[batch, channels, height, width]`, as
    /// [`max_pool1d`](Tensor::max_pool1d).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[[[1.0, 5.0, 0.0], [3.0, 2.0, 7.0]]]]);
    /// assert_eq!(x.max_pool2d([2, 1]).to_vec::<f64>(), [3.0, 5.0, 7.0]);
    /// ```
    ///
    /// # Panics
    /// As [`max_pool1d`](Tensor::max_pool1d).
    #[track_caller]
    pub fn max_pool2d(&self, pool: impl Into<Pool>) -> Tensor {
        self.max_pool("max_pool2d", &pool.into(), 2)
    }

    /// The mean of each window of the last axis of `[batch, channels, length]`, floats; the padding's zeros count unless
    /// [`Pool::count_padding`] says no.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::op::Pool;
    /// let x = Tensor::from([[[1.0, 5.0, 2.0]]]);
    /// assert_eq!(x.avg_pool1d(2).to_vec::<f64>(), [3.0]);
    /// let padded = Pool::window(2).padding((1, 0));
    /// assert_eq!(x.avg_pool1d(padded.clone()).to_vec::<f64>(), [0.5, 3.5]);
    /// assert_eq!(x.avg_pool1d(padded.count_padding(false)).to_vec::<f64>(), [1.0, 3.5]);
    /// ```
    ///
    /// # Panics
    /// As [`max_pool1d`](Tensor::max_pool1d), and if they are no floats.
    #[track_caller]
    pub fn avg_pool1d(&self, pool: impl Into<Pool>) -> Tensor {
        self.avg_pool("avg_pool1d", &pool.into(), 1)
    }

    /// The mean of each window of the last two axes of `[batch, channels, height, width]`, as [`avg_pool1d`](Tensor::avg_pool1d).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[[[1.0, 5.0], [3.0, 2.0]]]]);
    /// assert_eq!(x.avg_pool2d(2).to_vec::<f64>(), [2.75]);
    /// ```
    ///
    /// # Panics
    /// As [`avg_pool1d`](Tensor::avg_pool1d).
    #[track_caller]
    pub fn avg_pool2d(&self, pool: impl Into<Pool>) -> Tensor {
        self.avg_pool("avg_pool2d", &pool.into(), 2)
    }

    /// Means of as many windows of the last axis of `[batch, channels, length]` as the result shall have: window `i` of `m` is from
    /// ⌊i·n/m⌋ to ⌈(i+1)·n/m⌉, as PyTorch's.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[[1.0, 2.0, 6.0]]]);
    /// assert_eq!(x.adaptive_avg_pool1d(2).to_vec::<f64>(), [1.5, 4.0]);
    /// ```
    ///
    /// # Panics
    /// If the rank is another, they are no floats, or there is no entry.
    #[track_caller]
    pub fn adaptive_avg_pool1d(&self, size: usize) -> Tensor {
        self.adaptive_avg_pool("adaptive_avg_pool1d", vec![size], 1)
    }

    /// Means of as many windows of the last two axes of `[batch, channels, height, width]` as the result shall have, as
    /// [`adaptive_avg_pool1d`](Tensor::adaptive_avg_pool1d); 1 is the mean over all.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[[[1.0, 5.0], [3.0, 2.0]]]]);
    /// assert_eq!(x.adaptive_avg_pool2d([1, 2]).to_vec::<f64>(), [2.0, 3.5]);
    /// ```
    ///
    /// # Panics
    /// As [`adaptive_avg_pool1d`](Tensor::adaptive_avg_pool1d).
    #[track_caller]
    pub fn adaptive_avg_pool2d(&self, size: impl PerAxis) -> Tensor {
        self.adaptive_avg_pool("adaptive_avg_pool2d", size.sizes(), 2)
    }

    #[track_caller]
    fn max_pool(&self, name: &str, pool: &Pool, n: usize) -> Tensor {
        match pool.windows(name, self, n) {
            Ok(windows) => apply1(Prim::new(WindowMax(windows)), &[self]),
            Err(error) => raise(error.at(Some(place()))),
        }
    }

    #[track_caller]
    fn avg_pool(&self, name: &str, pool: &Pool, n: usize) -> Tensor {
        let windows = match floats(name, self).and_then(|()| pool.windows(name, self, n)) {
            Ok(windows) => windows,
            Err(error) => raise(error.at(Some(place()))),
        };
        let padded = windows.0.iter().any(|window| (window.low, window.high) != (0, 0));
        let sums = apply1(Prim::new(WindowSum(windows.clone())), &[self]);
        if pool.count_padding || !padded {
            let taps: usize = windows.0.iter().map(|window| window.size).product();
            return sums / taps as f64;
        }
        let plane = Shape::from(&self.shape()[2..]);
        let ones = Tensor::from(Array::fill(Item::one(self.dtype()), plane));
        sums / apply1(Prim::new(WindowSum(windows)), &[&ones])
    }

    #[track_caller]
    fn adaptive_avg_pool(&self, name: &str, sizes: Vec<usize>, n: usize) -> Tensor {
        let here = place();
        let checked = floats(name, self).and_then(|()| check_operand(name, self, n));
        let sizes = match checked.and_then(|()| spread(name, "size", &sizes, n)) {
            Ok(sizes) => sizes,
            Err(error) => raise(error.at(Some(here))),
        };
        let mut y = self.clone();
        for (i, &size) in sizes.iter().enumerate() {
            let length = self.shape()[i + 2];
            if length == 0 && size > 0 {
                let error = Error::new(name).expected("entries to average").got(self.ty().to_string());
                raise(error.help("nothing has no mean").at(Some(here)))
            }
            if length.checked_mul(size).is_none_or(|entries| isize::try_from(entries).is_err()) {
                let error = Error::new(name).expected("a size that memory can hold").got(size.to_string());
                raise(error.help("a result of size m takes m means of windows").at(Some(here)))
            }
            let last = y.rank() - 1;
            let moved = y.axis_to(i + 2, last).matmul(&means(length, size, self.dtype()).t());
            y = moved.axis_to(last, i + 2);
        }
        y
    }
}

fn case(f: fn(&Tensor, Pool) -> Tensor, shape: &[usize], pool: Pool) -> Case {
    Case::new(move |x| f(&x[0], pool.clone()), [draw(shape, -1.0, 1.0, 1)])
}

fn along_one(f: fn(&Tensor, Pool) -> Tensor) -> Vec<Case> {
    vec![
        case(f, &[1, 1, 1], Pool::window(1)),
        case(f, &[2, 1, 5], Pool::window(2)),
        case(f, &[1, 2, 6], Pool::window(3).stride(2).padding((1, 0)).count_padding(false)),
        case(f, &[1, 1, 7], Pool::window(2).dilation(3).stride(1).padding(Padding::Same)),
        case(f, &[0, 1, 3], Pool::window(2)),
    ]
}

fn along_two(f: fn(&Tensor, Pool) -> Tensor) -> Vec<Case> {
    vec![
        case(f, &[1, 1, 1, 1], Pool::window(1)),
        case(f, &[2, 1, 4, 5], Pool::window(2)),
        case(f, &[1, 2, 3, 4], Pool::window([2, 3]).stride(1).padding(1).count_padding(false)),
        case(f, &[2, 0, 3, 3], Pool::window(2)),
    ]
}

pub(super) const ROWS: [Composition; 6] =
    [MAX_POOL1D, MAX_POOL2D, AVG_POOL1D, AVG_POOL2D, ADAPTIVE_AVG_POOL1D, ADAPTIVE_AVG_POOL2D];

const MAX_POOL1D: Composition =
    Composition { name: "max_pool1d", cases: || along_one(|x, pool| x.max_pool1d(pool)) };
const MAX_POOL2D: Composition =
    Composition { name: "max_pool2d", cases: || along_two(|x, pool| x.max_pool2d(pool)) };
const AVG_POOL1D: Composition =
    Composition { name: "avg_pool1d", cases: || along_one(|x, pool| x.avg_pool1d(pool)) };
const AVG_POOL2D: Composition =
    Composition { name: "avg_pool2d", cases: || along_two(|x, pool| x.avg_pool2d(pool)) };
const ADAPTIVE_AVG_POOL1D: Composition = Composition {
    name: "adaptive_avg_pool1d",
    cases: || {
        let case = |shape: [usize; 3], size: usize| {
            Case::new(move |x| x[0].adaptive_avg_pool1d(size), [draw(&shape, -1.0, 1.0, 1)])
        };
        vec![
            case([1, 1, 1], 1),
            case([2, 1, 5], 3),
            case([1, 2, 3], 4),
            case([0, 1, 2], 2),
            case([1, 1, 2], 0),
        ]
    },
};
const ADAPTIVE_AVG_POOL2D: Composition = Composition {
    name: "adaptive_avg_pool2d",
    cases: || {
        let case = |shape: [usize; 4], size: [usize; 2]| {
            Case::new(move |x| x[0].adaptive_avg_pool2d(size), [draw(&shape, -1.0, 1.0, 1)])
        };
        vec![case([1, 1, 1, 1], [1, 1]), case([2, 1, 4, 5], [3, 2]), case([0, 1, 2, 2], [1, 2])]
    },
};
