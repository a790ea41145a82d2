//! Parts of a tensor written: `x.at(i).set(v)` and its like, which give a new tensor.

use super::compare::Comparable;
use super::composed::{Case, Composition};
use super::gather::ScatterAdd;
use super::registry::{draw, draw_whole};
use super::scatter::{ScatterMax, ScatterSet};
use super::scatter_mul_add::scatter_mul;
use super::span::{Index, Part, Pick, Picks, Span, parts, s};
use crate::core::{DType, Error, Item, Shape, Tensor, different, place, raise};

/// Some entries of a tensor, to be read or written; [`Tensor::at`] makes one. Writing gives a new tensor, and values broadcast to the
/// shape of what is written.
///
/// A tensor of indices may name an entry several times: then `set` keeps the last value, `add` adds and `mul` multiplies with them all,
/// and for `max` and `min` what is equally large shares the derivative equally.
///
/// ```
/// use cotangent::prelude::*;
/// let (x, i) = (Tensor::from([1.0, 2.0]), Tensor::from([0, 0]));
/// let f = |v: &Tensor| x.at(&i).set(v).sum();
/// assert_eq!(grad(f)(&Tensor::from([5.0, 6.0])).to_vec::<f64>(), [0.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct At<'a> {
    x: &'a Tensor,
    picks: Picks,
}

/// What is done to the entries.
#[derive(Clone, Copy)]
enum Write {
    Set,
    Add,
    Mul,
    Max,
    Min,
}

impl Write {
    fn name(self) -> &'static str {
        match self {
            Write::Set => "at.set",
            Write::Add => "at.add",
            Write::Mul => "at.mul",
            Write::Max => "at.max",
            Write::Min => "at.min",
        }
    }
}

impl Tensor {
    /// The entries that `i` names, to be read or written: an integer, a range (see [`s`]), a tensor of integers, for the first axis; or a
    /// tuple of those for the first axes. Negative indices count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// assert_eq!(x.at(-1).set(9.0).to_vec::<f64>(), [1.0, 2.0, 9.0]);
    /// assert_eq!(x.at(..2).mul(10.0).to_vec::<f64>(), [10.0, 20.0, 3.0]);
    /// let y = x.at(Tensor::from([0, 2, 0])).add(&Tensor::from([0.5, 0.25, 0.5]));
    /// assert_eq!(y.to_vec::<f64>(), [2.0, 2.0, 3.25]);
    /// ```
    ///
    /// # Panics
    /// If there is no such entry, a range leaves its axis, or there are more than one tensor of indices.
    #[track_caller]
    pub fn at(&self, i: impl Index) -> At<'_> {
        self.at_picks(i.picks())
    }

    /// [`at`](Tensor::at) for another axis than the first; a negative one counts from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.at_axis(-1, 0).set(7).to_vec::<i32>(), [7, 2, 3, 7, 5, 6]);
    /// ```
    #[track_caller]
    pub fn at_axis(&self, axis: isize, i: impl Index) -> At<'_> {
        let before = self.axes("at", axis)[0];
        let mut picks: Picks = (0..before).map(|_| Pick::Span(Span::ALL)).collect();
        picks.extend(i.picks());
        self.at_picks(picks)
    }

    #[track_caller]
    fn at_picks(&self, picks: Picks) -> At<'_> {
        if let Err(error) = parts("at", self.ty(), &picks) {
            raise(error.at(Some(place())))
        }
        At { x: self, picks }
    }

    /// This with the value that belongs to each index along one axis written where the index says: what
    /// [`take_along_axis`](Tensor::take_along_axis) reads, written, as NumPy's `put_along_axis`. Of several values for one entry the last
    /// stays.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::zeros::<f64>([2, 3]);
    /// let y = x.put_along_axis(&Tensor::from([[2], [0]]), 1.5, 1);
    /// assert_eq!(y.to_vec::<f64>(), [0.0, 0.0, 1.5, 1.5, 0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the indices are not integers, name no entry, or have other axes than this; or the values do not broadcast to their shape.
    #[track_caller]
    pub fn put_along_axis(&self, indices: &Tensor, values: impl Comparable, axis: isize) -> Tensor {
        const NAME: &str = "put_along_axis";
        let axis = self.axes(NAME, axis)[0];
        let last = self.rank() - 1;
        let equal = |i: usize| i == axis || self.shape()[i] == indices.shape()[i];
        if indices.rank() != self.rank() || !(0..=last).all(equal) {
            let expected = format!("indices whose axes other than {axis} are those of {}", self.ty());
            let error = Error::new(NAME).expected(expected).got(indices.ty().to_string());
            raise(error.at(Some(place())))
        }
        let values = self.values(NAME, values, indices.shape());
        let moved = |x: &Tensor| x.axis_to(axis, last);
        let y = ScatterSet { batch: last }.apply(&moved(self), &moved(&values), &moved(indices));
        y.axis_to(last, axis)
    }

    /// What is to be written, with this dtype and shape.
    #[track_caller]
    fn values(&self, name: &str, values: impl Comparable, shape: &Shape) -> Tensor {
        let values = values.meeting(name, &Tensor::full_item(Item::zero(self.dtype()), []));
        if values.dtype() != self.dtype() {
            raise(different(name, self.ty(), values.ty()).at(Some(place())))
        }
        if values.shape().broadcast(shape).as_ref() != Some(shape) {
            let error = Error::new(name).expected(format!("values that broadcast to {shape}"));
            raise(error.got(values.ty().to_string()).at(Some(place())))
        }
        values.broadcast_to(shape.clone())
    }

    /// In the opposite order: the smallest of these are the largest.
    #[track_caller]
    fn turned(&self) -> Tensor {
        match self.dtype() {
            DType::F32 | DType::F64 => -self,
            // The negative of the least integer is itself; −1 − x exists for every x.
            DType::I32 | DType::I64 => -1 - self,
            DType::Bool => self.logical_not(),
        }
    }
}

impl At<'_> {
    /// The entries, as [`Tensor::index`].
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 2, 3]).at(1..).get().to_vec::<i32>(), [2, 3]);
    /// ```
    #[track_caller]
    pub fn get(&self) -> Tensor {
        self.x.index_picks("at.get", &self.picks)
    }

    /// With these values instead. Of several for one entry the last stays, and it alone has a derivative.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.at(Tensor::from([0, 0])).set(&Tensor::from([7, 8])).to_vec::<i32>(), [8, 2, 3]);
    /// ```
    ///
    /// # Panics
    /// If the values do not broadcast to the shape of the entries, or have another dtype, or an index names no entry.
    #[track_caller]
    pub fn set(&self, values: impl Comparable) -> Tensor {
        self.write(Write::Set, values)
    }

    /// With these values added, all of them where several are for one entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.at(Tensor::from([0, 0])).add(&Tensor::from([7, 8])).to_vec::<i32>(), [16, 2, 3]);
    /// ```
    ///
    /// # Panics
    /// As [`set`](At::set).
    #[track_caller]
    pub fn add(&self, values: impl Comparable) -> Tensor {
        self.write(Write::Add, values)
    }

    /// Multiplied with these values, with all of them where several are for one entry. The derivative has no division: it is right where
    /// values are zero.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (x, i) = (Tensor::from([2.0, 3.0]), Tensor::from([0, 0]));
    /// let f = |v: &Tensor| x.at(&i).mul(v).sum();
    /// let v = Tensor::from([5.0, 0.0]);
    /// assert_eq!((f(&v).item::<f64>(), grad(f)(&v).to_vec::<f64>()), (3.0, vec![0.0, 10.0]));
    /// ```
    ///
    /// # Panics
    /// As [`set`](At::set).
    #[track_caller]
    pub fn mul(&self, values: impl Comparable) -> Tensor {
        self.write(Write::Mul, values)
    }

    /// At least as large as these values; NaN where one is. What is equally large shares the derivative equally.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1, 2, 3]);
    /// assert_eq!(x.at(Tensor::from([0, 0, 2])).max(&Tensor::from([7, 8, 1])).to_vec::<i32>(), [8, 2, 3]);
    /// ```
    ///
    /// # Panics
    /// As [`set`](At::set).
    #[track_caller]
    pub fn max(&self, values: impl Comparable) -> Tensor {
        self.write(Write::Max, values)
    }

    /// At most as large as these values; NaN where one is. What is equally small shares the derivative equally.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1, 2, 3]).at(1..).min(2).to_vec::<i32>(), [1, 2, 2]);
    /// ```
    ///
    /// # Panics
    /// As [`set`](At::set).
    #[track_caller]
    pub fn min(&self, values: impl Comparable) -> Tensor {
        self.write(Write::Min, values)
    }

    #[track_caller]
    fn write(&self, write: Write, values: impl Comparable) -> Tensor {
        let (x, name) = (self.x, write.name());
        let single = |axis: usize| matches!(self.picks.get(axis), Some(Pick::At(_)));
        let parts = parts(name, x.ty(), &self.picks).expect("checked when it was made");
        let many = self.picks.iter().enumerate().find_map(|(axis, pick)| match pick {
            Pick::Many(indices) => Some((axis, indices)),
            _ => None,
        });
        let whole =
            |axis: usize| parts[axis].is_window() && !single(axis) && parts[axis].length() == x.shape()[axis];
        match many {
            None if parts.iter().all(|part| part.is_window()) => {
                // A box: nothing is named twice.
                let kept = (0..x.rank()).filter(|&axis| !single(axis)).map(|axis| parts[axis].length());
                let values = x.values(name, values, &kept.collect());
                let new = match write {
                    Write::Set => values,
                    Write::Add => self.get() + values,
                    Write::Mul => self.get() * values,
                    Write::Max => self.get().maximum(&values),
                    Write::Min => self.get().minimum(&values),
                };
                let starts: Vec<i64> = parts.iter().map(|part| part.start as i64).collect();
                let sizes: Shape = parts.iter().map(|part: &Part| part.length()).collect();
                x.dynamic_update_slice(&new.reshape(sizes), &Tensor::from(starts))
            }
            Some((axis, indices)) if (0..x.rank()).all(whole) => {
                let (k, rank) = (indices.rank(), x.rank());
                let of = x.shape();
                let shape = of[..axis].iter().chain(&indices.shape()[..]).chain(&of[axis + 1..]).copied();
                let values = x.values(name, values, &shape.collect());
                // The axis first, and so the axes of the indices.
                let axes: Vec<usize> =
                    (axis..axis + k).chain(0..axis).chain(axis + k..rank - 1 + k).collect();
                let y = rows(write, &x.axis_to(axis, 0), &values.permuted(&axes), indices);
                y.axis_to(0, axis)
            }
            _ => {
                // By their places in row-major order.
                let places = Tensor::arange::<i64>(x.size()).reshape(x.shape().clone());
                let places = places.index_picks(name, &self.picks);
                let values = x.values(name, values, places.shape());
                rows(write, &x.flatten(), &values, &places).reshape(x.shape().clone())
            }
        }
    }
}

/// Rows of `x` written.
#[track_caller]
fn rows(write: Write, x: &Tensor, values: &Tensor, indices: &Tensor) -> Tensor {
    match write {
        Write::Set => ScatterSet { batch: 0 }.apply(x, values, indices),
        Write::Add => x + ScatterAdd { batch: 0, n: x.shape()[0] }.apply(values, indices),
        Write::Mul => scatter_mul(x, values, indices),
        Write::Max => ScatterMax { batch: 0 }.apply(x, values, indices),
        Write::Min => ScatterMax { batch: 0 }.apply(&x.turned(), &values.turned(), indices).turned(),
    }
}

/// An operand, values, and places: each way in which entries are reached.
fn cases(write: fn(&At<'_>, &Tensor) -> Tensor) -> Vec<Case> {
    let x = |shape: &[usize]| draw(shape, -1.0, 1.0, 1);
    let v = |shape: &[usize]| draw(shape, -1.0, 1.0, 2);
    let i = |shape: &[usize], n: usize| draw_whole(shape, n, 3);
    vec![
        Case::new(move |x| write(&x[0].at(-1), &x[1]), [x(&[3]), v(&[])]),
        Case::new(move |x| write(&x[0].at((.., 1..)), &x[1]), [x(&[2, 3]), v(&[2, 2])]),
        Case::new(move |x| write(&x[0].at(s(..).step(-2)), &x[1]), [x(&[5]), v(&[3])]),
        Case::new(move |x| write(&x[0].at(&x[2]), &x[1]), [x(&[3, 2]), v(&[4, 2]), i(&[4], 3)]),
        Case::new(move |x| write(&x[0].at(&x[2]), &x[1]), [x(&[3]), v(&[]), i(&[2, 2], 3)]),
        Case::new(move |x| write(&x[0].at_axis(1, &x[2]), &x[1]), [x(&[2, 3, 2]), v(&[2, 4, 1]), i(&[4], 3)]),
        Case::new(
            move |x| write(&x[0].at((1, &x[2], ..)), &x[1]),
            [x(&[2, 3, 2]), v(&[2, 2, 2]), i(&[2, 2], 3)],
        ),
        Case::new(move |x| write(&x[0].at(&x[2]), &x[1]), [x(&[2, 0]), v(&[3, 0]), i(&[3], 2)]),
        Case::new(move |x| write(&x[0].at(()), &x[1]), [x(&[]), v(&[])]),
    ]
}

pub(super) const ROWS: [Composition; 6] = [
    Composition { name: "at.set", cases: || cases(|at, v| at.set(v)) },
    Composition { name: "at.add", cases: || cases(|at, v| at.add(v)) },
    Composition { name: "at.mul", cases: || cases(|at, v| at.mul(v)) },
    Composition { name: "at.max", cases: || cases(|at, v| at.max(v)) },
    Composition { name: "at.min", cases: || cases(|at, v| at.min(v)) },
    Composition {
        name: "put_along_axis",
        cases: || {
            let case = |shape: &[usize], k: &[usize], axis: isize| {
                let n = shape[if axis < 0 { axis + shape.len() as isize } else { axis } as usize];
                let values = draw(k, -1.0, 1.0, 2);
                Case::new(
                    move |x| x[0].put_along_axis(&x[2], &x[1], axis),
                    [draw(shape, -1.0, 1.0, 1), values, draw_whole(k, n, 3)],
                )
            };
            vec![
                case(&[3], &[4], 0),
                case(&[2, 3], &[2, 2], -1),
                case(&[3, 2], &[4, 2], 0),
                case(&[2, 3, 2], &[2, 1, 2], 1),
                case(&[0, 2], &[0, 3], 1),
            ]
        },
    },
];
