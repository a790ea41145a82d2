//! The largest and the smallest entry over axes.

use super::composed::{Case, Composition};
use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw, draw_bools, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply1, operands, place, raise, scale,
};
use smallvec::smallvec;

/// `y = max x` over some axes, which the result does not have; NaN if an entry is NaN. Entries that are equally large share the
/// derivative equally.
#[derive(Clone, Debug, PartialEq)]
pub struct Max {
    /// Increasing.
    pub axes: Vec<usize>,
}

/// Is there a result to be chosen from no entries?
pub(super) fn of_nothing(x: &Type, axes: &[usize]) -> bool {
    let mut others = (0..x.shape.rank()).filter(|axis| !axes.contains(axis));
    axes.iter().any(|&axis| x.shape[axis] == 0) && others.all(|axis| x.shape[axis] > 0)
}

impl Primitive for Max {
    fn name(&self) -> &str {
        "max"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("max", 1, inputs)) };
        let y = reduced("max", x, &self.axes)?;
        if of_nothing(x, &self.axes) {
            let help = "nothing has no largest entry; `concat` it with a least value first, if there is one";
            return Err(Error::new("max").expected("at least one entry").got(x.to_string()).help(help));
        }
        Ok(smallvec![y])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let largest = cotangent_kernels::reduce::max(inputs[0], &self.axes);
        Ok(smallvec![largest.ok_or_else(|| Error::new("max").expected("at least one entry").got("none"))?])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].max_over(&shifted(&self.axes))]
    }
}

impl Jvp for Max {
    /// The mean of the tangents of the largest entries. Where the largest is NaN no entry equals it, and the derivative is 0, as that
    /// of the maximum of two.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (x, y) = (&x[0], &y[0]);
        let wide = y.reshape(kept(x.shape(), &self.axes)).broadcast_to(x.shape().clone());
        let largest = x.equal(&wide).to(x.dtype());
        let count = largest.sum_over(&self.axes);
        let count = count.maximum(&count.ones_like());
        let mean = |t: &Tensor| scale(t, &largest).sum_over(&self.axes) / &count;
        vec![t[0].as_ref().map(mean)]
    }
}

impl Tensor {
    /// The largest entry; NaN if one is. (Of two tensors entry by entry: [`maximum`](Tensor::maximum).) Entries that are equally
    /// large share the derivative.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 3.0, 3.0]);
    /// assert_eq!(x.max().item::<f64>(), 3.0);
    /// assert_eq!(grad(|x: &Tensor| x.max())(&x).to_vec::<f64>(), [0.0, 0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If there is no entry.
    #[track_caller]
    pub fn max(&self) -> Tensor {
        self.max_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// The largest entries over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 5], [4, 2]]).max_axes(-1).to_vec::<i32>(), [5, 4]);
    /// ```
    #[track_caller]
    pub fn max_axes(&self, axes: impl Axes) -> Tensor {
        self.max_over(&self.axes("max", axes))
    }

    /// The largest entries over these axes, which the result has with length 1, so that it broadcasts against this.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 2.0]]);
    /// assert_eq!((&x - x.max_keep(1)).to_vec::<f64>(), [-4.0, 0.0, 0.0, -2.0]);
    /// ```
    #[track_caller]
    pub fn max_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("max", axes);
        self.max_over(&axes).reshape(kept(self.shape(), &axes))
    }

    /// The smallest entry; NaN if one is. (Of two tensors entry by entry: [`minimum`](Tensor::minimum).)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([4.0, -2.0, 3.0]);
    /// assert_eq!(x.min().item::<f64>(), -2.0);
    /// assert_eq!(grad(|x: &Tensor| x.min())(&x).to_vec::<f64>(), [0.0, 1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If there is no entry.
    #[track_caller]
    pub fn min(&self) -> Tensor {
        self.min_over(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// The smallest entries over these axes, which the result does not have.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([[1, 5], [4, 2]]).min_axes(0).to_vec::<i32>(), [1, 2]);
    /// ```
    #[track_caller]
    pub fn min_axes(&self, axes: impl Axes) -> Tensor {
        self.min_over(&self.axes("min", axes))
    }

    /// The smallest entries over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 5.0], [4.0, 2.0]]);
    /// assert_eq!((&x - x.min_keep(1)).to_vec::<f64>(), [0.0, 4.0, 2.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn min_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("min", axes);
        self.min_over(&axes).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn max_over(&self, axes: &[usize]) -> Tensor {
        if axes.is_empty() { self.clone() } else { apply1(Prim::new(Max { axes: axes.to_vec() }), &[self]) }
    }

    /// By the largest of what is in the opposite order.
    #[track_caller]
    fn min_over(&self, axes: &[usize]) -> Tensor {
        if of_nothing(self.ty(), axes) {
            let error = Error::new("min").expected("at least one entry").got(self.ty().to_string());
            let help =
                "nothing has no smallest entry; `concat` it with a greatest value first, if there is one";
            raise(error.help(help).at(Some(place())))
        }
        match self.dtype() {
            DType::F32 | DType::F64 => -(-self).max_over(axes),
            // The negative of the least integer is itself; −1 − x exists for every x.
            DType::I32 | DType::I64 => -1 - (-1 - self).max_over(axes),
            DType::Bool => self.logical_not().max_over(axes).logical_not(),
        }
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "max",
    parse: |given| Some(Prim::new(Max { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(Max { axes: axes.to_vec() }), [draw(shape, -1.0, 1.0, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[4], &[0]),
            sample(&[2, 3], &[1]),
            sample(&[2, 3, 2], &[0, 2]),
            sample(&[0, 2], &[1]),
            sample(&[0, 0], &[1]),
            sample(&[1, 1], &[0, 1]),
        ]
    },
};

pub(super) const MIN: Composition = Composition {
    name: "min",
    cases: || {
        let case = |shape: &[usize], axes: &'static [isize]| {
            Case::new(move |x| x[0].min_axes(axes), [draw(shape, -1.0, 1.0, 1)])
        };
        let whole = Case::new(|x| x[0].min_axes(-1), [draw_whole(&[3, 4], 5, 1)]);
        let bools = Case::new(|x| x[0].min_axes(-1), [draw_bools(&[3, 4], 1)]);
        vec![
            case(&[], &[]),
            case(&[4], &[0]),
            case(&[2, 3], &[-1]),
            case(&[2, 3, 2], &[0, 2]),
            case(&[0, 2], &[1]),
            case(&[1, 1], &[0, 1]),
            whole,
            bools,
        ]
    },
};
