//! How windows over axes are told: sizes for each axis, and padding.

use crate::core::{Error, Tensor};
use cotangent_kernels::window::Window;

/// A size for each axis that windows slide over, or one for all.
pub trait PerAxis {
    /// One number for all axes, or one for each.
    fn sizes(self) -> Vec<usize>;
}
impl PerAxis for usize {
    fn sizes(self) -> Vec<usize> {
        vec![self]
    }
}
impl<const N: usize> PerAxis for [usize; N] {
    fn sizes(self) -> Vec<usize> {
        self.to_vec()
    }
}
impl PerAxis for &[usize] {
    fn sizes(self) -> Vec<usize> {
        self.to_vec()
    }
}
impl PerAxis for Vec<usize> {
    fn sizes(self) -> Vec<usize> {
        self
    }
}

/// What is imagined around an operand before windows slide over it.
///
/// A number is for both sides of all axes, a list for both sides of each, a pair for before and after, a list of pairs for each axis. A
/// negative one cuts entries off.
///
/// ```
/// use cotangent::op::Padding;
/// assert_eq!(Padding::from(1), Padding::Widths(vec![(1, 1)]));
/// assert_eq!(Padding::from([(0, 1), (2, 0)]), Padding::Widths(vec![(0, 1), (2, 0)]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Padding {
    /// None: windows lie within.
    Valid,
    /// So much that the result has as many entries as the operand, over the stride and rounded up; an odd one is after the end.
    Same,
    /// Before and after each axis, or one pair for all.
    Widths(Vec<(isize, isize)>),
}
impl From<isize> for Padding {
    fn from(width: isize) -> Padding {
        Padding::Widths(vec![(width, width)])
    }
}
impl<const N: usize> From<[isize; N]> for Padding {
    fn from(widths: [isize; N]) -> Padding {
        Padding::Widths(widths.iter().map(|&width| (width, width)).collect())
    }
}
impl From<(isize, isize)> for Padding {
    fn from(width: (isize, isize)) -> Padding {
        Padding::Widths(vec![width])
    }
}
impl<const N: usize> From<[(isize, isize); N]> for Padding {
    fn from(widths: [(isize, isize); N]) -> Padding {
        Padding::Widths(widths.to_vec())
    }
}

/// One value for all of `n` axes, or one for each.
pub(super) fn spread<T: Copy>(name: &str, what: &str, values: &[T], n: usize) -> Result<Vec<T>, Error> {
    match values {
        [one] => Ok(vec![*one; n]),
        _ if values.len() == n => Ok(values.to_vec()),
        _ => Err(Error::new(name).expected(format!("one {what}, or {n}")).got(values.len().to_string())),
    }
}

/// The same, none of them 0.
pub(super) fn positive(name: &str, what: &str, values: &[usize], n: usize) -> Result<Vec<usize>, Error> {
    let values = spread(name, what, values, n)?;
    if values.contains(&0) {
        let error = Error::new(name).expected(format!("a {what} of at least 1")).got("0");
        let help = if what == "window" { "a window of 1 is one entry" } else { "1 is every place" };
        return Err(error.help(help));
    }
    Ok(values)
}

impl Padding {
    /// Before and after each axis; `same` is what all of it must be on an axis if it is to be so.
    pub(super) fn widths(
        &self,
        name: &str,
        n: usize,
        same: impl Fn(usize) -> isize,
    ) -> Result<Vec<(i64, i64)>, Error> {
        let halved = |axis: usize| {
            let total = same(axis);
            let low = total.max(0) / 2;
            (low, total - low)
        };
        let widths = match self {
            Padding::Valid => vec![(0, 0); n],
            Padding::Same => (0..n).map(halved).collect(),
            Padding::Widths(widths) => spread(name, "padding", widths, n)?,
        };
        Ok(widths.into_iter().map(|(low, high)| (low as i64, high as i64)).collect())
    }
}

/// The total padding that gives ⌈n/stride⌉ windows of this extent.
pub(super) fn same(n: usize, stride: usize, extent: usize) -> isize {
    let reach = n.div_ceil(stride).saturating_sub(1).saturating_mul(stride).saturating_add(extent);
    isize::try_from(reach.saturating_sub(n)).unwrap_or(isize::MAX)
}

/// The names of axes that windows slide over, for messages.
pub(super) fn layout(first: &str, n: usize) -> String {
    match n {
        1 => format!("[{first}, length]"),
        2 => format!("[{first}, height, width]"),
        _ => format!("[{first}, {n} axes…]"),
    }
}

/// Is the operand `[batch, channels, axes…]`?
pub(super) fn check_operand(name: &str, x: &Tensor, n: usize) -> Result<(), Error> {
    if x.rank() == n + 2 {
        return Ok(());
    }
    let expected = format!("an operand {}", layout("batch, channels", n));
    let error = Error::new(name).expected(expected).got(x.ty().to_string());
    Err(if x.rank() == n + 1 { error.help("`unsqueeze(0)` makes it a batch of one") } else { error })
}

/// How many windows each axis has.
pub(super) fn outputs(name: &str, windows: &[Window], shape: &[usize]) -> Result<Vec<usize>, Error> {
    let count = |(window, &n): (&Window, &usize)| {
        let wrong = || Error::new(name).expected("windows that an axis can hold").got(format!("{window:?}"));
        window.outputs(n).ok_or_else(wrong)
    };
    windows.iter().zip(shape).map(count).collect()
}
