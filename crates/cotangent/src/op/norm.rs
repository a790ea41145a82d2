//! Norms of vectors.

use super::composed::{Case, Composition};
use super::extreme::of_nothing;
use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type,
    Types, apply1, operands, place, raise, scale,
};
use smallvec::smallvec;

/// `y = √Σ x²` over some axes, which the result does not have, without overflow or underflow on the way. Its derivative at 0 is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Norm2 {
    /// Increasing.
    pub axes: Vec<usize>,
}

impl Primitive for Norm2 {
    fn name(&self) -> &str {
        "norm2"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("norm2", 1, inputs)) };
        if !x.dtype.is_float() {
            return Err(no_floats("norm2", x));
        }
        Ok(smallvec![reduced("norm2", x, &self.axes)?])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::rows::norm2(inputs[0], &self.axes)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].norm2_over(&shifted(&self.axes))]
    }
}

fn no_floats(name: &str, x: &Type) -> Error {
    let error = Error::new(name).expected("floats").got(x.to_string());
    error.help("convert first with `.to(DType::F64)`")
}

impl Jvp for Norm2 {
    /// Σ ẋ·x/y, and 0 where y = 0.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (x, axes) = (&x[0], &self.axes);
        let rule = |t: &Tensor| {
            let wide = y[0].reshape(kept(x.shape(), axes)).broadcast_to(x.shape().clone());
            let zero = wide.equal(0.0);
            let direction = x / zero.select(&wide.ones_like(), &wide);
            scale(t, &zero.select(&x.zeros_like(), &direction)).sum_over(axes)
        };
        vec![t[0].as_ref().map(rule)]
    }
}

impl Tensor {
    /// The norm of all entries as one vector: of order 2 the Euclidean one, √Σ x² (of a matrix the Frobenius norm), of order 1 Σ |x|, of
    /// infinite order the largest |x| (of −∞ the smallest), of order 0 how many are not 0, of another order p > 0 (Σ |x|ᵖ)^(1/p). Nothing
    /// overflows on the way, and the norm of nothing is 0.
    ///
    /// At a vector of zeros the derivative is 0, at any order; of order 1 it is 0 in each entry that is 0; of infinite order entries that are
    /// equally large share it.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([3e200, -4e200]);
    /// assert_eq!(x.norm(1.0).item::<f64>(), 7e200);
    /// assert_eq!(x.norm(f64::INFINITY).item::<f64>(), 4e200);
    /// let g = grad(|x: &Tensor| x.norm(2.0));
    /// assert_eq!(g(&Tensor::from([3.0, -4.0])).to_vec::<f64>(), [0.6, -0.8]);
    /// assert_eq!(g(&Tensor::from([0.0, 0.0])).to_vec::<f64>(), [0.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If the entries are not floats, or the order is negative and finite, or NaN; if there are no entries and it is −∞.
    #[track_caller]
    pub fn norm(&self, order: f64) -> Tensor {
        self.norm_over(&(0..self.rank()).collect::<Vec<_>>(), order)
    }

    /// The norms over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[3.0, 4.0], [0.0, 5.0]]);
    /// assert_eq!(x.norm_axes(-1, 2.0).to_vec::<f64>(), [5.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn norm_axes(&self, axes: impl Axes, order: f64) -> Tensor {
        self.norm_over(&self.axes("norm", axes), order)
    }

    /// The norms over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[3.0, 4.0]]);
    /// assert_eq!((&x / x.norm_keep(1, 2.0)).to_vec::<f64>(), [0.6, 0.8]);
    /// ```
    #[track_caller]
    pub fn norm_keep(&self, axes: impl Axes, order: f64) -> Tensor {
        let axes = self.axes("norm", axes);
        self.norm_over(&axes, order).reshape(kept(self.shape(), &axes))
    }

    #[track_caller]
    fn norm2_over(&self, axes: &[usize]) -> Tensor {
        apply1(Prim::new(Norm2 { axes: axes.to_vec() }), &[self])
    }

    #[track_caller]
    fn norm_over(&self, axes: &[usize], order: f64) -> Tensor {
        if !self.dtype().is_float() {
            raise(no_floats("norm", self.ty()).at(Some(place())))
        }
        let empty = axes.iter().any(|&axis| self.shape()[axis] == 0);
        if order == 2.0 {
            self.norm2_over(axes)
        } else if order == 1.0 {
            self.abs().sum_over(axes)
        } else if order == 0.0 {
            self.not_equal(0.0).to(self.dtype()).sum_over(axes)
        } else if order == f64::INFINITY && empty {
            self.zeros_like().sum_over(axes)
        } else if order == f64::INFINITY {
            self.abs().max_axes(axes)
        } else if order == f64::NEG_INFINITY && of_nothing(self.ty(), axes) {
            let error = Error::new("norm").expected("at least one entry").got(self.ty().to_string());
            raise(error.help("of order −∞ it is the smallest |x|, and nothing has none").at(Some(place())))
        } else if order == f64::NEG_INFINITY {
            self.abs().min_axes(axes)
        } else if order > 0.0 {
            self.norm_of_order(axes, order, empty)
        } else {
            let error = Error::new("norm").expected("an order from 0 to ∞, or −∞");
            raise(error.got(format!("{order:?}")).at(Some(place())))
        }
    }

    /// m·(Σ (|x|/m)ᵖ)^(1/p), which does not depend on m, and so m is a constant: the largest entry, if it is a normal number.
    #[track_caller]
    fn norm_of_order(&self, axes: &[usize], p: f64, empty: bool) -> Tensor {
        if empty {
            return self.zeros_like().sum_over(axes);
        }
        let size = self.abs();
        let most = size.stop_gradient().max_axes(axes);
        let ones = most.ones_like();
        let usable = most.greater(0.0).logical_and(&most.less(f64::INFINITY));
        // What subnormal numbers are divided by has a reciprocal.
        let least = if self.dtype() == DType::F32 { f32::MIN_POSITIVE.into() } else { f64::MIN_POSITIVE };
        let by = usable.select(&most.maximum(&(&ones * least)), &ones);
        let wide = by.reshape(kept(self.shape(), axes)).broadcast_to(self.shape().clone());
        let sum = (size / wide).powf(p).sum_over(axes);
        let zero = sum.equal(0.0);
        let root = zero.select(&ones, &sum).powf(1.0 / p);
        zero.select(&sum.zeros_like(), &(root * by))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "norm2",
    parse: |given| Some(Prim::new(Norm2 { axes: given.sizes("axes")? })),
    samples: || {
        let sample = |shape: &[usize], axes: &[usize]| {
            Sample::new(Prim::new(Norm2 { axes: axes.to_vec() }), [draw(shape, -1.5, 1.5, 1)])
        };
        vec![
            sample(&[], &[]),
            sample(&[1], &[0]),
            sample(&[4], &[0]),
            sample(&[2, 3], &[1]),
            sample(&[3, 2], &[0]),
            sample(&[2, 3, 2], &[0, 2]),
            sample(&[0, 2], &[1]),
            sample(&[0, 2], &[0]),
        ]
    },
};

pub(super) const NORM: Composition = Composition {
    name: "norm",
    cases: || {
        let orders = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, f64::INFINITY, f64::NEG_INFINITY];
        let case = |shape: &[usize], axes: &'static [isize], order: f64| {
            Case::new(move |x| x[0].norm_axes(axes, order), [draw(shape, 0.2, 1.5, 1) * -1.0])
        };
        let each = |order: f64| {
            [
                case(&[], &[], order),
                case(&[1], &[0], order),
                case(&[4], &[0], order),
                case(&[2, 3], &[-1], order),
                case(&[2, 3, 2], &[0, 2], order),
                case(&[0, 2], &[1], order),
            ]
        };
        orders.into_iter().flat_map(each).collect()
    },
};
