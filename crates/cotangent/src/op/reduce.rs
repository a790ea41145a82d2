//! Sums over axes, and how axes are named.

use super::composed::{Case, Composition};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Param, Params, Prim, Primitive, Shape, Tensor, Tensors,
    Transpose, Type, Types, apply1, operands, place, raise,
};
use smallvec::smallvec;

/// Which axes: one number or several; negative ones count from the end.
pub trait Axes {
    /// In the order given, from 0.
    fn ordered(self, name: &str, ty: &Type) -> Result<Vec<usize>, Error>
    where
        Self: Sized,
    {
        let rank = ty.shape.rank() as isize;
        let mut found = Vec::new();
        for axis in self.list() {
            let position = if axis < 0 { axis + rank } else { axis };
            if !(0..rank).contains(&position) {
                return Err(Error::new(name).expected(format!("an axis of {ty}")).got(axis.to_string()));
            }
            if found.contains(&(position as usize)) {
                return Err(Error::new(name).expected("each axis once").got(format!("axis {axis} again")));
            }
            found.push(position as usize);
        }
        Ok(found)
    }
    /// From the first to the last.
    fn resolve(self, name: &str, ty: &Type) -> Result<Vec<usize>, Error>
    where
        Self: Sized,
    {
        let mut axes = self.ordered(name, ty)?;
        axes.sort_unstable();
        Ok(axes)
    }
    /// As given.
    fn list(self) -> Vec<isize>;
}

impl Axes for isize {
    fn list(self) -> Vec<isize> {
        vec![self]
    }
}
impl<const N: usize> Axes for [isize; N] {
    fn list(self) -> Vec<isize> {
        self.to_vec()
    }
}
impl Axes for &[isize] {
    fn list(self) -> Vec<isize> {
        self.to_vec()
    }
}
impl Axes for Vec<isize> {
    fn list(self) -> Vec<isize> {
        self
    }
}
impl Axes for &[usize] {
    fn list(self) -> Vec<isize> {
        self.iter().map(|&axis| isize::try_from(axis).unwrap_or(isize::MAX)).collect()
    }
}
impl Axes for Vec<usize> {
    fn list(self) -> Vec<isize> {
        self.as_slice().list()
    }
}

/// `y = Σ x` over some axes, which the result does not have. The sum is pairwise; of no entries it is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// Increasing.
    pub axes: Vec<usize>,
}

/// The type of a reduction over axes, which must be increasing and exist.
pub(super) fn reduced(name: &str, x: &Type, axes: &[usize]) -> Result<Type, Error> {
    let rank = x.shape.rank();
    if axes.windows(2).any(|pair| pair[0] >= pair[1]) || axes.last().is_some_and(|&axis| axis >= rank) {
        return Err(Error::new(name).expected(format!("increasing axes of {x}")).got(format!("{axes:?}")));
    }
    let kept = (0..rank).filter(|axis| !axes.contains(axis)).map(|axis| x.shape[axis]);
    Ok(Type::new(x.dtype, kept.collect::<Shape>()))
}

/// The shape with 1 for each reduced axis.
pub(super) fn kept(shape: &Shape, axes: &[usize]) -> Shape {
    (0..shape.rank()).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect()
}

impl Primitive for Sum {
    fn name(&self) -> &str {
        "sum"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("sum", 1, inputs)) };
        if x.dtype == DType::Bool {
            let help = "to count what is true convert first: `.to(DType::I64).sum()`";
            return Err(Error::new("sum").expected("numbers").got(x.to_string()).help(help));
        }
        Ok(smallvec![reduced("sum", x, &self.axes)?])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::reduce::sum(inputs[0], &self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Linear(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].sum_over(&shifted(&self.axes))]
    }
}

pub(super) const SUM: Entry = Entry {
    name: "sum",
    parse: |given| Some(Prim::new(Sum { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(Sum { axes: axes.to_vec() }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[3], &[0]),
            sample(&[2, 3], &[1]),
            sample(&[2, 3, 2], &[0, 2]),
            sample(&[0, 2], &[0]),
            sample(&[1, 2], &[0, 1]),
        ]
    },
};

/// Axes of an example as axes of a batch.
pub(super) fn shifted(axes: &[usize]) -> Vec<usize> {
    axes.iter().map(|axis| axis + 1).collect()
}

impl Transpose for Sum {
    fn linear(&self, _i: usize) -> bool {
        true
    }
    /// Each entry that was summed gets the sum's cotangent.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], _wanted: &[bool]) -> Vec<Option<Tensor>> {
        let shape = x[0].shape();
        vec![ct[0].as_ref().map(|ct| ct.reshape(kept(shape, &self.axes)).broadcast_to(shape.clone()))]
    }
}

impl Tensor {
    /// The sum of all entries.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).sum().item::<f64>(), 10.0);
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Tensor {
        self.sum_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// Sums over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_axes(0).to_vec::<f64>(), [4.0, 6.0]);
    /// assert_eq!(x.sum_axes([0, -1]).item::<f64>(), 10.0);
    /// ```
    #[track_caller]
    pub fn sum_axes(&self, axes: impl Axes) -> Tensor {
        self.sum_over(&self.axes("sum", axes))
    }

    /// Sums over these axes, which the result has with length 1, so that it broadcasts against this.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0], [2.0, 2.0]]);
    /// assert_eq!((&x / x.sum_keep(1)).to_vec::<f64>(), [0.25, 0.75, 0.5, 0.5]);
    /// ```
    #[track_caller]
    pub fn sum_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("sum", axes);
        self.sum_over(&axes).reshape(kept(self.shape(), &axes))
    }

    /// The mean of all entries; NaN if there are none.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0, 6.0]).mean().item::<f64>(), 3.0);
    /// ```
    #[track_caller]
    pub fn mean(&self) -> Tensor {
        self.mean_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// Means over these axes, which the result does not have.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).mean_axes(-1).to_vec::<f64>(), [1.5, 3.5]);
    /// ```
    #[track_caller]
    pub fn mean_axes(&self, axes: impl Axes) -> Tensor {
        self.mean_over(&self.axes("mean", axes))
    }

    /// Means over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0], [2.0, 6.0]]);
    /// assert_eq!((&x - x.mean_keep(1)).to_vec::<f64>(), [-1.0, 1.0, -2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn mean_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("mean", axes);
        self.mean_over(&axes).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn mean_over(&self, axes: &[usize]) -> Tensor {
        if !self.dtype().is_float() {
            let error = Error::new("mean").expected("floats").got(self.ty().to_string());
            raise(error.help("convert first with `.to(DType::F64)`").at(Some(place())))
        }
        let count: usize = axes.iter().map(|&axis| self.shape()[axis]).product();
        self.sum_over(axes) / count as f64
    }

    /// Axes of this tensor, sorted.
    #[track_caller]
    pub(super) fn axes(&self, name: &str, axes: impl Axes) -> Vec<usize> {
        // A closure would not know the caller's line.
        let here = place();
        axes.resolve(name, self.ty()).unwrap_or_else(|error| raise(error.at(Some(here))))
    }

    #[track_caller]
    pub(crate) fn sum_over(&self, axes: &[usize]) -> Tensor {
        if axes.is_empty() && self.dtype() != DType::Bool {
            return self.clone();
        }
        apply1(Prim::new(Sum { axes: axes.to_vec() }), &[self])
    }
}

pub(super) const MEAN: Composition = Composition {
    name: "mean",
    cases: || {
        let case = |shape: &[usize], axes: &'static [isize]| {
            Case::new(move |x| x[0].mean_axes(axes), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            case(&[], &[]),
            case(&[3], &[0]),
            case(&[2, 3], &[-1]),
            case(&[0, 2], &[1]),
            case(&[2, 1, 3], &[0, 2]),
        ]
    },
};
