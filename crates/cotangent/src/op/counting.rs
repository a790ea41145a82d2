//! Counting: how many entries are not zero, and where numbers belong in a sorted list.

use super::composed::{Case, Composition};
use super::reduce::Axes;
use super::registry::draw;
use crate::core::{DType, Error, Tensor, place, raise};

impl Tensor {
    /// How many entries are not zero (true, if they are bools); NaN is not. `i64`, and its derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([0.0, 2.0, f64::NAN]).count_nonzero().item::<i64>(), 2);
    /// ```
    #[track_caller]
    pub fn count_nonzero(&self) -> Tensor {
        self.nonzero().sum()
    }

    /// How many entries are not zero along these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 0], [2, -2]]).count_nonzero_axes(-1).to_vec::<i64>(), [1, 2]);
    /// ```
    #[track_caller]
    pub fn count_nonzero_axes(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("count_nonzero", axes);
        self.nonzero().sum_axes(axes)
    }

    #[track_caller]
    fn nonzero(&self) -> Tensor {
        let nonzero = if self.dtype() == DType::Bool { self.clone() } else { self.not_equal(0) };
        nonzero.to(DType::I64)
    }

    /// For each value how many entries of this sorted vector are smaller: the first position where it could be put in and keep the order.
    /// NaN belongs at the end. `i64`, and its derivative is 0; found by halving, ⌈log₂(n + 1)⌉ times for all values at once.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let sorted = Tensor::from([1.0, 2.0, 2.0, 5.0]);
    /// assert_eq!(sorted.searchsorted(&Tensor::from([2.0, 9.0, 0.0])).to_vec::<i64>(), [1, 4, 0]);
    /// ```
    ///
    /// # Panics
    /// If this is no vector of numbers, or the values have another dtype.
    #[track_caller]
    pub fn searchsorted(&self, values: &Tensor) -> Tensor {
        self.search(values, |entry, value| entry.less(value))
    }

    /// For each value how many entries of this sorted vector are smaller or the same: the last position where it could be put in.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let sorted = Tensor::from([1, 2, 2, 5]);
    /// assert_eq!(sorted.searchsorted_right(&Tensor::from(2)).item::<i64>(), 3);
    /// ```
    ///
    /// # Panics
    /// As [`searchsorted`](Tensor::searchsorted).
    #[track_caller]
    pub fn searchsorted_right(&self, values: &Tensor) -> Tensor {
        // NaN is the same as NaN here.
        self.search(values, |entry, value| entry.less_equal(value).logical_or(&value.not_equal(value)))
    }

    #[track_caller]
    fn search(&self, values: &Tensor, before: fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
        if self.rank() != 1 || self.dtype() == DType::Bool {
            let error = Error::new("searchsorted").expected("a sorted vector of numbers");
            raise(error.got(self.ty().to_string()).at(Some(place())))
        }
        if self.dtype() != values.dtype() {
            let error = Error::new("searchsorted").expected(format!("values of {}", self.dtype()));
            let help = format!("convert them with `.to(DType::{:?})`", self.dtype());
            raise(error.got(values.ty().to_string()).help(help).at(Some(place())))
        }
        let (sorted, values) = (self.stop_gradient(), values.stop_gradient());
        let n = self.size();
        let mut low = Tensor::zeros::<i64>(values.shape().clone());
        let mut high = Tensor::full(values.shape().clone(), n as i64);
        // What is left is halved until there is nothing.
        for _ in 0..usize::BITS - n.leading_zeros() {
            let middle = (&low + &high) / 2;
            let entry = sorted.take(&middle.minimum(&Tensor::full(values.shape().clone(), n as i64 - 1)), 0);
            let nan = values.not_equal(&values).logical_and(&entry.equal(&entry));
            let open = low.less(&high);
            let after = open.logical_and(&before(&entry, &values).logical_or(&nan));
            high = open.logical_and(&after.logical_not()).select(&middle, &high);
            low = after.select(&(&middle + 1), &low);
        }
        low
    }
}

pub(super) const ROWS: [Composition; 2] = [
    Composition {
        name: "count_nonzero",
        cases: || {
            let case = |shape: &[usize], axes: &'static [isize]| {
                let x = draw(shape, -1.0, 1.0, 1);
                Case::new(move |x| x[0].greater(0.0).to(DType::F64).count_nonzero_axes(axes), [x])
            };
            vec![
                Case::new(|x| x[0].count_nonzero(), [draw(&[], -1.0, 1.0, 1)]),
                Case::new(|x| x[0].count_nonzero(), [draw(&[2, 3], -1.0, 1.0, 1)]),
                case(&[1], &[0]),
                case(&[2, 3], &[-1]),
                case(&[2, 0], &[1]),
            ]
        },
    },
    Composition {
        name: "searchsorted",
        cases: || {
            let case = |n: usize, shape: &[usize], right: bool| {
                let sorted = draw(&[n], -1.0, 1.0, 1);
                let f = move |x: &[Tensor]| {
                    let sorted = x[0].sort(0).0;
                    if right { sorted.searchsorted_right(&x[1]) } else { sorted.searchsorted(&x[1]) }
                };
                Case::new(f, [sorted, draw(shape, -1.2, 1.2, 2)])
            };
            vec![
                case(5, &[], false),
                case(8, &[2, 3], true),
                case(1, &[3], false),
                case(0, &[2], true),
                case(4, &[0], false),
            ]
        },
    },
];
