//! How entries of axes are named: by an integer, a range with a step, or a tensor of indices.

use crate::core::{Error, Tensor, Type};
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// A range of an axis with a step. Negative numbers count from the end, and with a negative step it goes backwards, as NumPy's
/// `start:stop:step`; but a range that leaves its axis is an error. [`s`] makes one.
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::arange::<i32>(7);
/// assert_eq!(x.index(s(1..-1).step(2)).to_vec::<i32>(), [1, 3, 5]);
/// assert_eq!(x.index(s(..).step(-3)).to_vec::<i32>(), [6, 3, 0]);
/// assert_eq!(x.index(s(4..=2).step(-1)).to_vec::<i32>(), [4, 3, 2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    start: Option<isize>,
    end: End,
    step: isize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Open,
    Before(isize),
    At(isize),
}

/// A range as a [`Span`], to be given a step, or negative ends.
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::from([1, 2, 3, 4, 5]);
/// assert_eq!(x.index(s(-3..-1)).to_vec::<i32>(), [3, 4]);
/// assert_eq!(x.index(s(1..-1).step(2)).to_vec::<i32>(), [2, 4]);
/// ```
///
/// Clippy takes a written `1..-1` or `4..1` for a mistake; [`until`](Span::until) says the same where it watches: `s(1..).until(-1)`.
pub fn s(range: impl Into<Span>) -> Span {
    range.into()
}

impl Span {
    /// Every `step`-th entry; backwards if it is negative.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::arange::<i32>(5).index(s(..).step(2)).to_vec::<i32>(), [0, 2, 4]);
    /// ```
    pub fn step(self, step: isize) -> Span {
        Span { step, ..self }
    }

    /// Up to before this entry (with a negative step: down to after it) instead of where the range ended.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::arange::<i32>(5);
    /// assert_eq!(x.index(s(1..).until(-1)).to_vec::<i32>(), [1, 2, 3]);
    /// assert_eq!(x.index(s(4..).until(1).step(-1)).to_vec::<i32>(), [4, 3, 2]);
    /// ```
    pub fn until(self, end: isize) -> Span {
        Span { end: End::Before(end), ..self }
    }

    /// The whole axis.
    pub(super) const ALL: Span = Span { start: None, end: End::Open, step: 1 };

    /// Which entries of an axis of this tensor: from, below, by, and whether backwards.
    pub(super) fn of(self, name: &str, ty: &Type, axis: usize) -> Result<Part, Error> {
        let length = isize::try_from(ty.shape[axis]).unwrap_or(isize::MAX);
        let counted = |i: isize| if i < 0 { i + length } else { i };
        if self.step == 0 {
            return Err(Error::new(name).expected("a step other than 0").got("0"));
        }
        let outside = || {
            let error = Error::new(name).expected(format!("a range within axis {axis} of {ty}"));
            let error = error.got(self.to_string());
            let help = "with a negative step a range goes from its larger end to its smaller";
            Err(if self.step < 0 { error.help(help) } else { error })
        };
        if self.step > 0 {
            let start = self.start.map_or(0, counted);
            let limit = match self.end {
                End::Open => length,
                End::Before(end) => counted(end),
                End::At(end) => counted(end).saturating_add(1),
            };
            if start < 0 || start > limit || limit > length {
                return outside();
            }
            let (start, limit, step) = (start as usize, limit as usize, self.step as usize);
            return Ok(Part { start, limit, step, back: false }.or_single());
        }
        // Backwards from `first` down to the entry after `stop`.
        let first = self.start.map_or(length - 1, counted);
        let (stop, least) = match self.end {
            End::Open => (-1, -1),
            End::Before(end) => (counted(end), 0),
            End::At(end) => (counted(end).saturating_sub(1), -1),
        };
        if stop < least || stop > first || first >= length {
            return outside();
        }
        let step = self.step.unsigned_abs();
        let back = true;
        let Some(more) = ((first - stop) as usize).div_ceil(step).checked_sub(1) else {
            return Ok(Part { start: 0, limit: 0, step, back }.or_single());
        };
        Ok(Part { start: first as usize - more * step, limit: first as usize + 1, step, back }.or_single())
    }
}

/// A part of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub start: usize,
    pub limit: usize,
    pub step: usize,
    /// From the last to the first.
    pub back: bool,
}

impl Part {
    /// How many entries.
    pub fn length(self) -> usize {
        (self.limit - self.start).div_ceil(self.step)
    }
    /// One entry or none has no step and no direction.
    fn or_single(self) -> Part {
        match self.length() {
            0 => Part { start: self.start, limit: self.start, step: 1, back: false },
            1 => Part { start: self.start, limit: self.start + 1, step: 1, back: false },
            _ => self,
        }
    }
    /// Neighbours, in their order?
    pub fn is_window(self) -> bool {
        !self.back && self.step == 1
    }
}

/// The part of each axis of this type that integers and ranges name; all of an axis that a tensor indexes, or nothing.
pub(super) fn parts(name: &str, ty: &Type, picks: &[Pick]) -> Result<Vec<Part>, Error> {
    let rank = ty.shape.rank();
    if picks.len() > rank {
        let error = Error::new(name);
        return Err(match picks {
            [Pick::At(i)] => error.expected("at least one axis").got(format!("{i} in {ty}")),
            _ => error
                .expected(format!("at most one index or range for each axis of {ty}"))
                .got(picks.len().to_string()),
        });
    }
    if picks.iter().filter(|pick| matches!(pick, Pick::Many(_))).count() > 1 {
        let help = "name entries along one axis after the other, or by their places in `flatten()`";
        return Err(Error::new(name).expected("one tensor of indices at most").got("several").help(help));
    }
    let part = |axis: usize| match picks.get(axis) {
        Some(Pick::At(i)) => {
            let length = isize::try_from(ty.shape[axis]).unwrap_or(isize::MAX);
            let start = if *i < 0 { *i + length } else { *i };
            if !(0..length).contains(&start) {
                let of = if axis == 0 { String::new() } else { format!(" of axis {axis}") };
                let expected = match length {
                    0 => format!("no index, for axis {axis} has no entries"),
                    _ => format!("an index from -{length} to {}{of}", length - 1),
                };
                return Err(Error::new(name).expected(expected).got(format!("{i} in {ty}")));
            }
            Ok(Part { start: start as usize, limit: start as usize + 1, step: 1, back: false })
        }
        Some(Pick::Span(span)) => span.of(name, ty, axis),
        Some(Pick::Many(_)) | None => Span::ALL.of(name, ty, axis),
    };
    (0..rank).map(part).collect()
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(start) = self.start {
            write!(f, "{start}")?;
        }
        match self.end {
            End::Open => write!(f, "..")?,
            End::Before(end) => write!(f, "..{end}")?,
            End::At(end) => write!(f, "..={end}")?,
        }
        if self.step == 1 { Ok(()) } else { write!(f, " by {}", self.step) }
    }
}

impl From<RangeFull> for Span {
    fn from(_: RangeFull) -> Span {
        Span::ALL
    }
}

/// How one axis is indexed.
#[derive(Clone, Debug)]
pub enum Pick {
    /// One entry; the result does not have the axis.
    At(isize),
    /// A range.
    Span(Span),
    /// The entries that a tensor of integers names; its axes stand where the axis was.
    Many(Tensor),
}

/// What names entries of the first axis: an integer, a range (see [`s`]) or a tensor of integers; or of the first axes, a tuple of those.
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
/// assert_eq!(x.index(1).to_vec::<i32>(), [4, 5, 6]);
/// assert_eq!(x.index((.., -1)).to_vec::<i32>(), [3, 6]);
/// assert_eq!(x.index((0, &Tensor::from([2, 0]))).to_vec::<i32>(), [3, 1]);
/// ```
pub trait Index {
    /// One for each of the first axes.
    fn picks(self) -> Picks;
}

/// How the first axes are indexed.
pub type Picks = SmallVec<[Pick; 1]>;

impl Index for () {
    fn picks(self) -> Picks {
        Picks::new()
    }
}
impl Index for Vec<Pick> {
    fn picks(self) -> Picks {
        self.into()
    }
}
impl Index for Pick {
    fn picks(self) -> Picks {
        smallvec![self]
    }
}
impl Index for Span {
    fn picks(self) -> Picks {
        smallvec![Pick::Span(self)]
    }
}
impl Index for RangeFull {
    fn picks(self) -> Picks {
        smallvec![Pick::Span(self.into())]
    }
}
impl Index for &Tensor {
    fn picks(self) -> Picks {
        smallvec![Pick::Many(self.clone())]
    }
}
impl Index for Tensor {
    fn picks(self) -> Picks {
        smallvec![Pick::Many(self)]
    }
}
impl<A: Index, B: Index> Index for (A, B) {
    fn picks(self) -> Picks {
        self.0.picks().into_iter().chain(self.1.picks()).collect()
    }
}
impl<A: Index, B: Index, C: Index> Index for (A, B, C) {
    fn picks(self) -> Picks {
        (self.0, (self.1, self.2)).picks()
    }
}
impl<A: Index, B: Index, C: Index, D: Index> Index for (A, B, C, D) {
    fn picks(self) -> Picks {
        ((self.0, self.1), (self.2, self.3)).picks()
    }
}

/// Beyond every axis where it does not fit.
macro_rules! integers {
    ($($t:ty)*) => {$(
        impl Index for $t {
            fn picks(self) -> Picks {
                smallvec![Pick::At(isize::try_from(self).unwrap_or(isize::MAX))]
            }
        }
    )*};
}
integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

macro_rules! ranges {
    ($($t:ty)*) => {$(
        impl From<Range<$t>> for Span {
            fn from(range: Range<$t>) -> Span {
                Span { start: Some(position(range.start)), end: End::Before(position(range.end)), step: 1 }
            }
        }
        impl From<RangeInclusive<$t>> for Span {
            fn from(range: RangeInclusive<$t>) -> Span {
                let (start, end) = range.into_inner();
                Span { start: Some(position(start)), end: End::At(position(end)), step: 1 }
            }
        }
        impl From<RangeFrom<$t>> for Span {
            fn from(range: RangeFrom<$t>) -> Span {
                Span { start: Some(position(range.start)), end: End::Open, step: 1 }
            }
        }
        impl From<RangeTo<$t>> for Span {
            fn from(range: RangeTo<$t>) -> Span {
                Span { start: None, end: End::Before(position(range.end)), step: 1 }
            }
        }
        impl From<RangeToInclusive<$t>> for Span {
            fn from(range: RangeToInclusive<$t>) -> Span {
                Span { start: None, end: End::At(position(range.end)), step: 1 }
            }
        }
        ranges! { $t: Range RangeInclusive RangeFrom RangeTo RangeToInclusive }
    )*};
    ($t:ty: $($range:ident)*) => {$(
        impl Index for $range<$t> {
            fn picks(self) -> Picks {
                smallvec![Pick::Span(self.into())]
            }
        }
    )*};
}
ranges!(i32 i64 isize usize);

fn position<T: TryInto<isize>>(i: T) -> isize {
    i.try_into().unwrap_or(isize::MAX)
}
