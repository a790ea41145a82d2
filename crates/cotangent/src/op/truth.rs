//! Whether any entry is true, and whether all are.

use super::composed::{Case, Composition};
use super::reduce::{Axes, kept};
use super::registry::draw_bools;
use crate::core::{DType, Error, Item, Shape, Tensor, place, raise};

impl Tensor {
    /// Is any entry of this bool tensor true? Of none it is false.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, f64::NAN]);
    /// assert!(x.not_equal(&x).any().item::<bool>());
    /// ```
    ///
    /// # Panics
    /// If the entries are not bools.
    #[track_caller]
    pub fn any(&self) -> Tensor {
        self.any_over("any", &(0..self.rank()).collect::<Vec<_>>())
    }

    /// Is any entry true over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[true, false], [false, false]]);
    /// assert_eq!(x.any_axes(-1).to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn any_axes(&self, axes: impl Axes) -> Tensor {
        self.any_over("any", &self.axes("any", axes))
    }

    /// Is any entry true over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::from([[true, false]]).any_keep(1).shape(), [1, 1].into());
    /// ```
    #[track_caller]
    pub fn any_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("any", axes);
        self.any_over("any", &axes).reshape(kept(self.shape(), &axes))
    }

    /// Are all entries of this bool tensor true? Of none it is true.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert!(!Tensor::from([1.0, 3.0]).greater(2.0).all().item::<bool>());
    /// ```
    ///
    /// # Panics
    /// If the entries are not bools.
    #[track_caller]
    pub fn all(&self) -> Tensor {
        self.all_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// Are all entries true over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[true, false], [true, true]]);
    /// assert_eq!(x.all_axes(0).to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn all_axes(&self, axes: impl Axes) -> Tensor {
        self.all_over(&self.axes("all", axes))
    }

    /// Are all entries true over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(*Tensor::from([[true, false]]).all_keep(0).shape(), [1, 2].into());
    /// ```
    #[track_caller]
    pub fn all_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("all", axes);
        self.all_over(&axes).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn any_over(&self, name: &str, axes: &[usize]) -> Tensor {
        if self.dtype() != DType::Bool {
            let error = Error::new(name).expected("bools").got(self.ty().to_string());
            raise(error.help("compare first, for example `x.not_equal(0.0)`").at(Some(place())))
        }
        if axes.iter().any(|&axis| self.shape()[axis] == 0) {
            let others = (0..self.rank()).filter(|axis| !axes.contains(axis)).map(|axis| self.shape()[axis]);
            return Tensor::full_item(Item::Bool(false), others.collect::<Shape>());
        }
        // true is larger than false.
        self.max_axes(axes)
    }

    #[track_caller]
    fn all_over(&self, axes: &[usize]) -> Tensor {
        let not = if self.dtype() == DType::Bool { self.logical_not() } else { self.clone() };
        not.any_over("all", axes).logical_not()
    }
}

fn cases(f: fn(&Tensor, &[isize]) -> Tensor) -> Vec<Case> {
    let case =
        |shape: &[usize], axes: &'static [isize]| Case::new(move |x| f(&x[0], axes), [draw_bools(shape, 1)]);
    vec![
        case(&[], &[]),
        case(&[1], &[0]),
        case(&[4], &[0]),
        case(&[3, 2], &[-1]),
        case(&[2, 3, 2], &[0, 2]),
        case(&[0, 2], &[0]),
        case(&[0, 2], &[1]),
    ]
}

pub(super) const ANY: Composition = Composition { name: "any", cases: || cases(|x, axes| x.any_axes(axes)) };

pub(super) const ALL: Composition = Composition { name: "all", cases: || cases(|x, axes| x.all_axes(axes)) };
