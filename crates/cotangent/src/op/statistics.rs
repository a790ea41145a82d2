//! Variance and standard deviation, quantiles and the median.

use super::composed::{Case, Composition};
use super::reduce::{Axes, kept};
use super::registry::draw;
use crate::core::{Error, Tensor, place, raise};

impl Tensor {
    /// The variance of all entries: the sum of the squares of x − mean, divided by their number less `ddof`: 0 for that of the numbers
    /// themselves, 1 for an unbiased estimate from a sample. NaN if there are no more entries than `ddof`.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 6.0]);
    /// assert_eq!((x.var(0).item::<f64>(), x.var(1).item::<f64>()), (14.0 / 3.0, 7.0));
    /// ```
    ///
    /// # Panics
    /// If the entries are not floats.
    #[track_caller]
    pub fn var(&self, ddof: usize) -> Tensor {
        self.var_over("var", &(0..self.rank()).collect::<Vec<_>>(), ddof)
    }

    /// Variances over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [4.0, 4.0]]).var_axes(-1, 0).to_vec::<f64>(), [1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn var_axes(&self, axes: impl Axes, ddof: usize) -> Tensor {
        self.var_over("var", &self.axes("var", axes), ddof)
    }

    /// Variances over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::from([[1.0, 3.0], [4.0, 4.0]]).var_keep(1, 0).shape(), [2, 1].into());
    /// ```
    #[track_caller]
    pub fn var_keep(&self, axes: impl Axes, ddof: usize) -> Tensor {
        let axes = self.axes("var", axes);
        self.var_over("var", &axes, ddof).reshape(kept(self.shape(), &axes))
    }

    /// The standard deviation of all entries, √[`var`](Tensor::var). Where it is 0 so is its derivative, at any order.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 5.0]).std(0).item::<f64>(), 2.0);
    /// let g = grad(|x: &Tensor| x.std(0))(&Tensor::from([3.0, 3.0]));
    /// assert_eq!(g.to_vec::<f64>(), [0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the entries are not floats.
    #[track_caller]
    pub fn std(&self, ddof: usize) -> Tensor {
        self.std_over(&(0..self.rank()).collect::<Vec<_>>(), ddof)
    }

    /// Standard deviations over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [4.0, 8.0]]).std_axes(-1, 0).to_vec::<f64>(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn std_axes(&self, axes: impl Axes, ddof: usize) -> Tensor {
        self.std_over(&self.axes("std", axes), ddof)
    }

    /// Standard deviations over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0], [4.0, 8.0]]);
    /// assert_eq!((&x / x.std_keep(1, 0)).to_vec::<f64>(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn std_keep(&self, axes: impl Axes, ddof: usize) -> Tensor {
        let axes = self.axes("std", axes);
        self.std_over(&axes, ddof).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn var_over(&self, name: &str, axes: &[usize], ddof: usize) -> Tensor {
        self.floats_for(name);
        let count: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
        let freedom = if count > ddof { (count - ddof) as f64 } else { f64::NAN };
        (self - self.mean_keep(axes)).square().sum_axes(axes) / freedom
    }

    #[track_caller]
    fn std_over(&self, axes: &[usize], ddof: usize) -> Tensor {
        let var = self.var_over("std", axes, ddof);
        let zero = var.equal(0.0);
        zero.select(&var.zeros_like(), &zero.select(&var.ones_like(), &var).sqrt())
    }

    /// The number below which this share of all entries lies, 0 ≤ q ≤ 1: the entries in order stand at 0, 1/(n − 1), …, 1, and between them
    /// it goes in straight lines. NaN if an entry is NaN. The derivative is that of the one or two entries that it lies at.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([5.0, 1.0, 2.0]);
    /// assert_eq!((x.quantile(0.0).item::<f64>(), x.quantile(0.75).item::<f64>()), (1.0, 3.5));
    /// assert_eq!(grad(|x: &Tensor| x.quantile(0.75))(&x).to_vec::<f64>(), [0.5, 0.0, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If there is no entry, they are not floats, or q is not from 0 to 1.
    #[track_caller]
    pub fn quantile(&self, q: f64) -> Tensor {
        self.quantile_over("quantile", &(0..self.rank()).collect::<Vec<_>>(), q)
    }

    /// Quantiles over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 3.0], [8.0, 4.0]]).quantile_axes(-1, 1.0).to_vec::<f64>(), [3.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn quantile_axes(&self, axes: impl Axes, q: f64) -> Tensor {
        self.quantile_over("quantile", &self.axes("quantile", axes), q)
    }

    /// The middle one of all entries in order; of an even number the mean of the middle two (as NumPy and JAX). NaN if an entry is NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([5.0, 1.0, 2.0]).median().item::<f64>(), 2.0);
    /// assert_eq!(Tensor::from([5.0, 1.0, 2.0, 4.0]).median().item::<f64>(), 3.0);
    /// ```
    ///
    /// # Panics
    /// If there is no entry, or they are not floats.
    #[track_caller]
    pub fn median(&self) -> Tensor {
        self.quantile_over("median", &(0..self.rank()).collect::<Vec<_>>(), 0.5)
    }

    /// Medians over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 9.0, 3.0], [8.0, 4.0, 7.0]]);
    /// assert_eq!(x.median_axes(1).to_vec::<f64>(), [3.0, 7.0]);
    /// ```
    #[track_caller]
    pub fn median_axes(&self, axes: impl Axes) -> Tensor {
        self.quantile_over("median", &self.axes("median", axes), 0.5)
    }

    #[track_caller]
    fn quantile_over(&self, name: &str, axes: &[usize], q: f64) -> Tensor {
        self.floats_for(name);
        if !(0.0..=1.0).contains(&q) {
            raise(Error::new(name).expected("a share from 0 to 1").got(format!("{q:?}")).at(Some(place())))
        }
        let rows = self.rows(axes);
        let length = rows.shape()[rows.rank() - 1];
        if length == 0 {
            let error = Error::new(name).expected("at least one entry").got(self.ty().to_string());
            raise(error.help("nothing has no middle, and no end").at(Some(place())))
        }
        let sorted = rows.sort(-1).0;
        let entry = |i: usize| sorted.slice_axis(-1, i..i + 1).squeeze(-1);
        let position = q * (length - 1) as f64;
        let (low, part) = (position.floor() as usize, position.fract());
        let value = match part == 0.0 {
            true => entry(low),
            false => entry(low) * (1.0 - part) + entry(low + 1) * part,
        };
        // NaN stands last.
        let last = entry(length - 1).stop_gradient();
        last.equal(&last).select(&value, &last)
    }

    #[track_caller]
    fn floats_for(&self, name: &str) {
        if !self.dtype().is_float() {
            let error = Error::new(name).expected("floats").got(self.ty().to_string());
            raise(error.help("convert first with `.to(DType::F64)`").at(Some(place())))
        }
    }
}

/// Over each of these axes of these shapes.
fn cases(f: fn(&Tensor, &[isize]) -> Tensor, empty: bool) -> Vec<Case> {
    let case = |shape: &[usize], axes: &'static [isize]| {
        Case::new(move |x| f(&x[0], axes), [draw(shape, -1.0, 1.0, 1)])
    };
    let mut cases = vec![
        case(&[4], &[0]),
        case(&[2, 5], &[-1]),
        case(&[3, 2], &[0]),
        case(&[2, 3, 2], &[0, 2]),
        case(&[0, 4], &[1]),
    ];
    if empty {
        cases.push(case(&[], &[]));
        cases.push(case(&[1], &[0]));
    }
    cases
}

pub(super) const VAR: Composition = Composition {
    name: "var",
    cases: || {
        cases(|x, axes| x.var_axes(axes, 0), true)
            .into_iter()
            .chain(cases(|x, axes| x.var_axes(axes, 1), false))
            .collect()
    },
};

pub(super) const STD: Composition = Composition {
    name: "std",
    cases: || {
        cases(|x, axes| x.std_axes(axes, 0), true)
            .into_iter()
            .chain(cases(|x, axes| x.std_axes(axes, 1), false))
            .collect()
    },
};

pub(super) const QUANTILE: Composition = Composition {
    name: "quantile",
    cases: || {
        let each = [
            cases(|x, axes| x.quantile_axes(axes, 0.3), true),
            cases(|x, axes| x.quantile_axes(axes, 1.0), true),
        ];
        each.into_iter().flatten().collect()
    },
};

pub(super) const MEDIAN: Composition =
    Composition { name: "median", cases: || cases(|x, axes| x.median_axes(axes), true) };
