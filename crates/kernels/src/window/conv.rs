//! Convolution.

use super::direct;
use super::geometry::{Window, runs};
use crate::array::{Array, DType, Element, Shape};

/// How the channels, or the examples, of a convolution fall into groups that know nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    /// Groups of channels of the left operand.
    pub feature: usize,
    /// Groups of examples of the left operand.
    pub batch: usize,
}

/// What a convolution is made of, in numbers.
pub(super) struct Plan<'a> {
    pub windows: &'a [Window],
    /// Is the last entry of the kernel its first tap?
    pub reverse: bool,
    pub groups: usize,
    /// Examples of the result, channels of the left operand in a group, channels of the result in a group.
    pub batch: usize,
    pub channels: usize,
    pub features: usize,
    /// How far in the left operand one group lies from the next, in channels and in examples.
    pub group_channels: usize,
    pub group_batch: usize,
    /// Axes that windows slide over, of the left operand and of the result.
    pub shape: Vec<usize>,
    pub outputs: Vec<usize>,
}

impl Plan<'_> {
    /// Entries of a plane of the left operand, of the kernel and of the result.
    pub fn plane(&self) -> usize {
        self.shape.iter().product()
    }
    pub fn taps(&self) -> usize {
        self.windows.iter().map(|window| window.size).product()
    }
    pub fn output_plane(&self) -> usize {
        self.outputs.iter().product()
    }
    /// Where the number that tap `k` is multiplied with stands in a plane of the kernel.
    pub fn weight(&self, k: usize) -> usize {
        if self.reverse { self.taps() - 1 - k } else { k }
    }
}

/// `y[n, o] = Σ x[n, c] ⋆ w[o, c]` over the channels `c` of the group of `o`: cross-correlation, of `x` `[batch, channels, axes…]` and
/// `w` `[features, channels of a group, taps…]`, or convolution if the kernel is to be reversed. A window for each of the axes; their sizes
/// are those of the kernel.
///
/// With groups of channels, the features of the first group see the channels of the first, and so on. With groups of examples they see the
/// examples of the first group, and the result has as many examples as a group. There are not groups of both.
///
/// ```
/// use cotangent_kernels::{window::{convolution, Groups, Window}, Array};
/// let x = Array::from_vec(vec![1, 2, 3, 4], [1, 1, 4]);
/// let w = Array::from_vec(vec![1, 10], [1, 1, 2]);
/// let y = convolution(&x, &w, &[Window::of(2)], Groups { feature: 1, batch: 1 }, false);
/// assert_eq!(y.to_vec::<i32>().unwrap(), [21, 32, 43]);
/// ```
///
/// # Panics
/// If the dtypes differ or are bools.
pub fn convolution(x: &Array, w: &Array, windows: &[Window], groups: Groups, reverse: bool) -> Array {
    assert_eq!(x.dtype(), w.dtype(), "dtypes");
    let (xs, ws) = (x.shape(), w.shape());
    let count = groups.feature * groups.batch;
    let outputs: Vec<usize> =
        windows.iter().zip(&xs[2..]).map(|(window, &n)| window.outputs(n).expect("checked")).collect();
    let plan = Plan {
        windows,
        reverse,
        groups: count,
        batch: xs[0] / groups.batch,
        channels: ws[1],
        features: ws[0] / count,
        group_channels: if groups.feature > 1 { ws[1] } else { 0 },
        group_batch: if groups.batch > 1 { xs[0] / groups.batch } else { 0 },
        shape: xs[2..].to_vec(),
        outputs,
    };
    let shape: Shape = [plan.batch, ws[0]].iter().chain(&plan.outputs).copied().collect();
    match x.dtype() {
        DType::F32 => Array::build(shape, |y| direct::convolution::<f32>(&plan, x, w, y)),
        DType::F64 => Array::build(shape, |y| direct::convolution::<f64>(&plan, x, w, y)),
        DType::I32 => Array::build(shape, |y| {
            plain(&plan, x, w, |y: i32, a, b| y.wrapping_add(a.wrapping_mul(b)), y);
        }),
        DType::I64 => Array::build(shape, |y| {
            plain(&plan, x, w, |y: i64, a, b| y.wrapping_add(a.wrapping_mul(b)), y);
        }),
        DType::Bool => panic!("convolution of bools"),
    }
}

/// Run by run: for all numbers and all windows, however far they lie from the operand.
pub(super) fn plain<T: Element>(
    plan: &Plan,
    x: &Array,
    w: &Array,
    add: impl Fn(T, T, T) -> T,
    out: &mut [T],
) {
    let (x, w) = (x.dense::<T>(), w.dense::<T>());
    let (plane, taps, size) = (plan.plane(), plan.taps(), plan.output_plane());
    let features = plan.groups * plan.features;
    let channels = if plan.group_channels > 0 { plan.groups * plan.channels } else { plan.channels };
    out.fill(T::default());
    if out.is_empty() || plane == 0 {
        return;
    }
    let runs = runs(plan.windows, &plan.shape, &plan.outputs);
    for (i, y) in out.chunks_exact_mut(size).enumerate() {
        let (n, o) = (i / features, i % features);
        let group = o / plan.features;
        for c in 0..plan.channels {
            let example = group * plan.group_batch + n;
            let x = &x[(example * channels + group * plan.group_channels + c) * plane..][..plane];
            let w = &w[(o * plan.channels + c) * taps..][..taps];
            for run in &runs {
                let weight = w[plan.weight(run.tap)];
                for j in 0..run.length {
                    let to = run.y + j * run.y_step;
                    y[to] = add(y[to], x[run.x + j * run.x_step], weight);
                }
            }
        }
    }
}
