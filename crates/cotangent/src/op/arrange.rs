//! Entries in other places, and repeated: compositions of slices, `concat`, `gather`.

use super::compare::Comparable;
use super::composed::{Case, Composition};
use super::reduce::Axes;
use super::registry::{draw, draw_whole};
use crate::core::{Array, DType, Error, Item, Shape, Tensor, different, place, raise};

/// What stands around a tensor that is [padded](Tensor::pad_mode); for 1, 2, 3 with two entries more on each side:
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PadMode {
    /// The nearest entry: 1 1 | 1 2 3 | 3 3
    Edge,
    /// Mirrored at the last entry, which is not repeated: 3 2 | 1 2 3 | 2 1
    Reflect,
    /// Mirrored behind the last entry, which is repeated: 2 1 | 1 2 3 | 3 2
    Symmetric,
    /// From the other end: 2 3 | 1 2 3 | 1 2
    Wrap,
}

impl PadMode {
    /// Which of `n` entries stands at place `i`, which may lie outside.
    fn source(self, i: i64, n: i64) -> i64 {
        match self {
            PadMode::Edge => i.clamp(0, n - 1),
            PadMode::Wrap => i.rem_euclid(n),
            PadMode::Symmetric => {
                let i = i.rem_euclid(2 * n);
                i.min(2 * n - 1 - i)
            }
            PadMode::Reflect if n == 1 => 0,
            PadMode::Reflect => {
                let i = i.rem_euclid(2 * n - 2);
                i.min(2 * n - 2 - i)
            }
        }
    }
}

impl Tensor {
    /// With new axes of length 1 at these positions of the result; negative ones count from its end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::zeros::<f64>([2, 3]);
    /// assert_eq!(*x.expand_dims([0, -1]).shape(), [1, 2, 3, 1].into());
    /// ```
    ///
    /// # Panics
    /// If a position is not one of the result, or named twice.
    #[track_caller]
    pub fn expand_dims(&self, axes: impl Axes) -> Tensor {
        let axes = axes.list();
        let rank = (self.rank() + axes.len()) as isize;
        let mut new = vec![false; rank as usize];
        for axis in axes {
            let position = if axis < 0 { axis + rank } else { axis };
            if !(0..rank).contains(&position) || new[position as usize] {
                let expected = format!("different axes from {} to {}", -rank, rank - 1);
                let error = Error::new("expand_dims").expected(expected).got(axis.to_string());
                raise(error.at(Some(place())))
            }
            new[position as usize] = true;
        }
        let mut old = self.shape().iter();
        let shape = new.iter().map(|&new| if new { 1 } else { *old.next().expect("as many as the axes") });
        self.reshape(shape.collect::<Shape>())
    }

    /// Parts of equal length along an axis.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let parts = Tensor::from([1, 2, 3, 4, 5, 6]).split(3, 0);
    /// assert_eq!((parts.len(), parts[1].to_vec::<i32>()), (3, vec![3, 4]));
    /// ```
    ///
    /// # Panics
    /// If the axis cannot be divided into `count` equal parts.
    #[track_caller]
    pub fn split(&self, count: usize, axis: isize) -> Vec<Tensor> {
        let axis = self.axes("split", axis)[0];
        let n = self.shape()[axis];
        if count == 0 || !n.is_multiple_of(count) {
            let error = Error::new("split")
                .expected(format!("a number of parts that divides axis {axis} of {}", self.ty()));
            raise(error.got(count.to_string()).help("`split_at` takes positions").at(Some(place())))
        }
        let positions: Vec<usize> = (1..count).map(|i| i * (n / count)).collect();
        self.split_at(&positions, axis as isize)
    }

    /// Parts along an axis, a new one beginning at each position; positions do not decrease.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let parts = Tensor::from([1, 2, 3, 4, 5]).split_at(&[1, 3], 0);
    /// assert_eq!((parts.len(), parts[1].to_vec::<i32>()), (3, vec![2, 3]));
    /// ```
    ///
    /// # Panics
    /// If positions decrease or lie behind the end.
    #[track_caller]
    pub fn split_at(&self, positions: &[usize], axis: isize) -> Vec<Tensor> {
        let axis = self.axes("split_at", axis)[0];
        let n = self.shape()[axis];
        if !positions.is_sorted() || positions.last().is_some_and(|&last| last > n) {
            let expected =
                format!("positions within axis {axis} of {}, none before the one before it", self.ty());
            raise(Error::new("split_at").expected(expected).got(format!("{positions:?}")).at(Some(place())))
        }
        let mut parts = Vec::with_capacity(positions.len() + 1);
        let mut start = 0;
        for &limit in positions.iter().chain([&n]) {
            parts.push(self.slice_axis(axis as isize, start..limit));
            start = limit;
        }
        parts
    }

    /// The tensors that [`stack`](Tensor::stack) would join: the entries along an axis, which they do not have.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let columns = Tensor::from([[1, 2], [3, 4]]).unstack(1);
    /// assert_eq!(columns[0].to_vec::<i32>(), [1, 3]);
    /// ```
    #[track_caller]
    pub fn unstack(&self, axis: isize) -> Vec<Tensor> {
        let axis = self.axes("unstack", axis)[0] as isize;
        let mut parts = Vec::with_capacity(self.shape()[axis as usize]);
        for i in 0..self.shape()[axis as usize] {
            parts.push(self.slice_axis(axis, i..i + 1).squeeze(axis));
        }
        parts
    }

    /// The entries along an axis each `shift` places further, those from the end at the beginning; a negative shift goes the other way.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3, 4]);
    /// assert_eq!(x.roll(1, 0).to_vec::<i32>(), [4, 1, 2, 3]);
    /// assert_eq!(x.roll(-1, 0).to_vec::<i32>(), [2, 3, 4, 1]);
    /// ```
    #[track_caller]
    pub fn roll(&self, shift: isize, axis: isize) -> Tensor {
        let axis = self.axes("roll", axis)[0];
        let n = self.shape()[axis];
        let shift = if n == 0 { 0 } else { shift.rem_euclid(n as isize) as usize };
        if shift == 0 {
            return self.clone();
        }
        let axis = axis as isize;
        Tensor::concat(&[self.slice_axis(axis, n - shift..), self.slice_axis(axis, ..n - shift)], axis)
    }

    /// The whole tensor repeated along each axis as often as said. Numbers are matched with axes from the last; more numbers than axes make
    /// new leading axes, as NumPy's `tile` and PyTorch's `repeat`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2]);
    /// assert_eq!(x.tile(&[2]).to_vec::<i32>(), [1, 2, 1, 2]);
    /// assert_eq!(*x.tile(&[3, 2]).shape(), [3, 4].into());
    /// ```
    #[track_caller]
    pub fn tile(&self, counts: &[usize]) -> Tensor {
        let rank = self.rank().max(counts.len());
        let (new, missing) = (rank - self.rank(), rank - counts.len());
        // Each axis as a pair: the repetition, and the axis itself.
        let (mut narrow, mut wide, mut shape) = (Vec::new(), Vec::new(), Vec::new());
        for i in 0..rank {
            let count = if i < missing { 1 } else { counts[i - missing] };
            let n = if i < new { 1 } else { self.shape()[i - new] };
            narrow.extend([1, n]);
            wide.extend([count, n]);
            shape.push(count.saturating_mul(n));
        }
        self.reshape(narrow).broadcast_to(wide).reshape(shape)
    }

    /// Each entry along an axis `count` times, one after the other, as NumPy's `repeat`. (The whole tensor repeated: [`tile`](Tensor::tile).)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.repeat(2, 0).to_vec::<i32>(), [1, 2, 1, 2, 3, 4, 3, 4]);
    /// assert_eq!(x.flatten().repeat(2, 0).to_vec::<i32>(), [1, 1, 2, 2, 3, 3, 4, 4]);
    /// ```
    #[track_caller]
    pub fn repeat(&self, count: usize, axis: isize) -> Tensor {
        let axis = self.axes("repeat", axis)[0];
        let mut shape = self.shape().to_vec();
        shape.insert(axis + 1, 1);
        let narrow = self.reshape(&shape[..]);
        shape[axis + 1] = count;
        let wide = narrow.broadcast_to(&shape[..]);
        shape[axis] = shape[axis].saturating_mul(count);
        shape.remove(axis + 1);
        wide.reshape(shape)
    }

    /// Each entry along an axis as often as its own number says, one after the other.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.repeat_each(&[2, 0, 1], 0).to_vec::<i32>(), [1, 1, 3]);
    /// ```
    ///
    /// # Panics
    /// If there are not as many numbers as entries along the axis.
    #[track_caller]
    pub fn repeat_each(&self, counts: &[usize], axis: isize) -> Tensor {
        let axis = self.axes("repeat_each", axis)[0];
        if counts.len() != self.shape()[axis] {
            let expected = format!("{} counts, one for each entry along axis {axis}", self.shape()[axis]);
            let error = Error::new("repeat_each").expected(expected).got(counts.len().to_string());
            raise(error.at(Some(place())))
        }
        let each = |(i, &count): (usize, &usize)| std::iter::repeat_n(i as i64, count);
        let indices: Vec<i64> = counts.iter().enumerate().flat_map(each).collect();
        self.take(&Tensor::from(indices), axis as isize)
    }

    /// With this value before and after, as many as given for each axis; a negative number takes entries away. The value is a number, or a
    /// tensor with one entry, and has a derivative too.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2]);
    /// assert_eq!(x.pad_with(&[(1, 2)], 7).to_vec::<i32>(), [7, 1, 2, 7, 7]);
    /// ```
    ///
    /// # Panics
    /// If there is not a pair for each axis, more would be taken away than there is, or the value has several entries or another dtype.
    #[track_caller]
    pub fn pad_with(&self, widths: &[(isize, isize)], value: impl Comparable) -> Tensor {
        const NAME: &str = "pad_with";
        let value = value.meeting(NAME, &Tensor::full_item(Item::zero(self.dtype()), []));
        if value.dtype() != self.dtype() {
            raise(different(NAME, self.ty(), value.ty()).at(Some(place())))
        }
        if value.size() != 1 {
            let error = Error::new(NAME).expected("a value with one entry").got(value.ty().to_string());
            raise(error.at(Some(place())))
        }
        let inner = self.cropped(NAME, widths);
        let wide =
            inner.pad(&widths.iter().map(|&(low, high)| (low.max(0), high.max(0))).collect::<Vec<_>>());
        let own = Tensor::from(Array::fill(Item::one(DType::Bool), inner.shape().clone()));
        let own = own.pad(&widths.iter().map(|&(low, high)| (low.max(0), high.max(0))).collect::<Vec<_>>());
        own.select(&wide, &value.reshape([]))
    }

    /// With repeated entries before and after, as many as given for each axis; a negative number takes entries away. [`PadMode`] says which.
    ///
    /// ```
    /// use cotangent::op::PadMode;
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.pad_mode(&[(2, 1)], PadMode::Reflect).to_vec::<i32>(), [3, 2, 1, 2, 3, 2]);
    /// assert_eq!(x.pad_mode(&[(1, 1)], PadMode::Edge).to_vec::<i32>(), [1, 1, 2, 3, 3]);
    /// ```
    ///
    /// # Panics
    /// If there is not a pair for each axis, more would be taken away than there is, or there is no entry to repeat.
    #[track_caller]
    pub fn pad_mode(&self, widths: &[(isize, isize)], mode: PadMode) -> Tensor {
        const NAME: &str = "pad_mode";
        let mut y = self.cropped(NAME, widths);
        for (axis, &(low, high)) in widths.iter().enumerate() {
            let (low, high, n) = (low.max(0) as i64, high.max(0) as i64, y.shape()[axis] as i64);
            if (low, high) == (0, 0) {
                continue;
            }
            if n == 0 {
                let error = Error::new(NAME).expected(format!("entries along axis {axis} to repeat"));
                raise(error.got(y.ty().to_string()).at(Some(place())))
            }
            let sources: Vec<i64> = (-low..n + high).map(|i| mode.source(i, n)).collect();
            y = y.take(&Tensor::from(sources), axis as isize);
        }
        y
    }

    /// Tensors of coordinates: each of these vectors along its own axis, all of the same shape, the first vector along axis 0 (NumPy's
    /// `indexing="ij"`).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let grid = Tensor::meshgrid(&[&Tensor::from([1, 2]), &Tensor::from([3, 4, 5])]);
    /// assert_eq!(grid[0].to_vec::<i32>(), [1, 1, 1, 2, 2, 2]);
    /// assert_eq!(grid[1].to_vec::<i32>(), [3, 4, 5, 3, 4, 5]);
    /// ```
    ///
    /// # Panics
    /// If one has several axes. A single number counts as a vector of one.
    #[track_caller]
    pub fn meshgrid(vectors: &[&Tensor]) -> Vec<Tensor> {
        if let Some(other) = vectors.iter().find(|x| x.rank() > 1) {
            let error = Error::new("meshgrid").expected("vectors").got(other.ty().to_string());
            raise(error.at(Some(place())))
        }
        let shape: Vec<usize> = vectors.iter().map(|x| x.size()).collect();
        let mut grid = Vec::with_capacity(vectors.len());
        for (axis, x) in vectors.iter().enumerate() {
            let mut own = vec![1; shape.len()];
            own[axis] = shape[axis];
            grid.push(x.reshape(own).broadcast_to(&shape[..]));
        }
        grid
    }
}

fn x(shape: &[usize]) -> Tensor {
    draw(shape, -1.0, 1.0, 1)
}

fn case(shape: &[usize], f: impl Fn(&Tensor) -> Tensor + 'static) -> Case {
    Case::new(move |x| f(&x[0]), [x(shape)])
}

fn several(shape: &[usize], f: impl Fn(&Tensor) -> Vec<Tensor> + 'static) -> Case {
    Case::several(move |x| f(&x[0]), [x(shape)])
}

/// What existed before these, and is named in other files.
pub(super) const SHAPES: [Composition; 9] = [
    Composition {
        name: "squeeze",
        cases: || {
            vec![
                case(&[2, 1, 3], |x| x.squeeze(1)),
                case(&[1], |x| x.squeeze(0)),
                case(&[1, 0, 1], |x| x.squeeze([0, -1])),
                case(&[], |x| x.squeeze([])),
            ]
        },
    },
    Composition {
        name: "unsqueeze",
        cases: || {
            vec![
                case(&[2, 3], |x| x.unsqueeze(-1)),
                case(&[], |x| x.unsqueeze(0)),
                case(&[0], |x| x.unsqueeze(1)),
            ]
        },
    },
    Composition {
        name: "expand_dims",
        cases: || {
            vec![
                case(&[2, 3], |x| x.expand_dims([0, -1])),
                case(&[], |x| x.expand_dims([0, 1])),
                case(&[0], |x| x.expand_dims(-1)),
                case(&[2], |x| x.expand_dims([2, 0])),
            ]
        },
    },
    Composition {
        name: "flatten",
        cases: || {
            vec![case(&[2, 3], |x| x.flatten()), case(&[], |x| x.flatten()), case(&[0, 2], |x| x.flatten())]
        },
    },
    Composition {
        name: "t",
        cases: || vec![case(&[2, 3], |x| x.t()), case(&[2, 1, 3], |x| x.t()), case(&[0, 2], |x| x.t())],
    },
    Composition {
        name: "stack",
        cases: || {
            let case = |shape: &[usize], axis: isize| {
                let other = draw(shape, -1.0, 1.0, 2);
                Case::new(move |x| Tensor::stack(x, axis), [x(shape), other])
            };
            vec![case(&[], 0), case(&[3], 1), case(&[2, 3], -1), case(&[0, 2], 1)]
        },
    },
    Composition {
        name: "unstack",
        cases: || {
            vec![
                several(&[3], |x| x.unstack(0)),
                several(&[2, 3], |x| x.unstack(-1)),
                several(&[1, 0], |x| x.unstack(0)),
            ]
        },
    },
    Composition {
        name: "take",
        cases: || {
            let case = |shape: &[usize], k: &[usize], axis: isize, n: usize| {
                Case::new(move |x| x[0].take(&x[1], axis), [x(shape), draw_whole(k, n, 2)])
            };
            vec![
                case(&[3], &[], 0, 3),
                case(&[2, 3], &[4], -1, 3),
                case(&[3, 2], &[2, 2], 0, 3),
                case(&[2, 3, 2], &[2], -2, 3),
                case(&[2, 0], &[3], 0, 2),
                case(&[2, 1], &[0], 1, 1),
            ]
        },
    },
    Composition {
        name: "take_along_axis",
        cases: || {
            let case = |shape: &[usize], k: &[usize], axis: isize, n: usize| {
                Case::new(move |x| x[0].take_along_axis(&x[1], axis), [x(shape), draw_whole(k, n, 2)])
            };
            vec![
                case(&[3], &[5], 0, 3),
                case(&[2, 3], &[2, 2], -1, 3),
                case(&[3, 2], &[4, 2], -2, 3),
                case(&[2, 3, 2], &[2, 1, 2], 1, 3),
                case(&[0, 2], &[0, 3], 1, 2),
            ]
        },
    },
];

pub(super) const ROWS: [Composition; 10] = [
    Composition {
        name: "split",
        cases: || {
            vec![
                several(&[4], |x| x.split(2, 0)),
                several(&[2, 3], |x| x.split(3, -1)),
                several(&[0, 2], |x| x.split(2, 0)),
                several(&[1], |x| x.split(1, 0)),
            ]
        },
    },
    Composition {
        name: "split_at",
        cases: || {
            vec![
                several(&[5], |x| x.split_at(&[1, 3], 0)),
                several(&[2, 4], |x| x.split_at(&[0, 2, 2], -1)),
                several(&[0, 2], |x| x.split_at(&[0], 0)),
                several(&[3], |x| x.split_at(&[], 0)),
            ]
        },
    },
    Composition {
        name: "roll",
        cases: || {
            vec![
                case(&[5], |x| x.roll(2, 0)),
                case(&[2, 3], |x| x.roll(-4, -1)),
                case(&[3, 2], |x| x.roll(3, 0)),
                case(&[0, 2], |x| x.roll(1, 0)),
                case(&[1], |x| x.roll(1, 0)),
            ]
        },
    },
    Composition {
        name: "tile",
        cases: || {
            vec![
                case(&[3], |x| x.tile(&[2])),
                case(&[2, 3], |x| x.tile(&[2, 1])),
                case(&[2, 2], |x| x.tile(&[3])),
                case(&[2], |x| x.tile(&[2, 3])),
                case(&[], |x| x.tile(&[2])),
                case(&[2], |x| x.tile(&[0])),
                case(&[0], |x| x.tile(&[2])),
            ]
        },
    },
    Composition {
        name: "repeat",
        cases: || {
            vec![
                case(&[3], |x| x.repeat(2, 0)),
                case(&[2, 3], |x| x.repeat(3, -1)),
                case(&[2, 3], |x| x.repeat(2, 0)),
                case(&[2], |x| x.repeat(0, 0)),
                case(&[0, 2], |x| x.repeat(2, 1)),
            ]
        },
    },
    Composition {
        name: "repeat_each",
        cases: || {
            vec![
                case(&[3], |x| x.repeat_each(&[2, 0, 1], 0)),
                case(&[2, 2], |x| x.repeat_each(&[1, 3], -1)),
                case(&[0, 2], |x| x.repeat_each(&[], 0)),
            ]
        },
    },
    Composition {
        name: "pad_with",
        cases: || {
            let case = |shape: &[usize], widths: &'static [(isize, isize)]| {
                let value = draw(&[], -1.0, 1.0, 2);
                Case::new(move |x| x[0].pad_with(widths, &x[1]), [x(shape), value])
            };
            vec![
                case(&[3], &[(1, 2)]),
                case(&[2, 3], &[(-1, 1), (2, -2)]),
                case(&[0, 2], &[(1, 0), (0, 1)]),
                case(&[], &[]),
            ]
        },
    },
    Composition {
        name: "pad_mode",
        cases: || {
            let case = |shape: &[usize], widths: &'static [(isize, isize)], mode: PadMode| {
                case(shape, move |x| x.pad_mode(widths, mode))
            };
            vec![
                case(&[3], &[(2, 1)], PadMode::Edge),
                case(&[3], &[(2, 1)], PadMode::Reflect),
                case(&[3], &[(2, 4)], PadMode::Symmetric),
                case(&[3], &[(5, 1)], PadMode::Wrap),
                case(&[2, 3], &[(0, 1), (7, -1)], PadMode::Reflect),
                case(&[1, 2], &[(2, 1), (0, 0)], PadMode::Reflect),
                case(&[0, 2], &[(0, 0), (1, 1)], PadMode::Edge),
                case(&[], &[], PadMode::Wrap),
            ]
        },
    },
    Composition {
        name: "pad",
        cases: || {
            vec![
                case(&[4], |x| x.pad(&[(-1, -2)])),
                case(&[2, 3], |x| x.pad(&[(1, -1), (-3, 2)])),
                case(&[0], |x| x.pad(&[(0, 2)])),
            ]
        },
    },
    Composition {
        name: "meshgrid",
        cases: || {
            let grid = |x: &[Tensor]| Tensor::meshgrid(&x.iter().collect::<Vec<_>>());
            let y = |shape: &[usize]| draw(shape, -1.0, 1.0, 2);
            vec![
                Case::several(grid, [x(&[3]), y(&[2])]),
                Case::several(grid, [x(&[2]), y(&[1]), draw(&[3], -1.0, 1.0, 3)]),
                Case::several(grid, [x(&[]), y(&[2])]),
                Case::several(grid, [x(&[0]), y(&[2])]),
                Case::several(grid, [x(&[2])]),
            ]
        },
    },
];
