//! Entries relative to their mean and spread: a primitive, for one pass over a row serves all of it; and layer normalisation.

use super::composed::{Case, Composition};
use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Shape, Tensor, Tensors, Type,
    Types, apply, operands, scale, unrecorded,
};
use cotangent_kernels::rows;
use smallvec::smallvec;

/// `(y, r)`: `y = (x − mean)·r` over some axes, with `r = 1/√(variance + ε)`, which has length 1 along them. The variance is the mean square of
/// `x − mean`.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardize {
    /// Increasing.
    pub axes: Vec<usize>,
    /// ε: keeps a row of equal entries from being divided by 0.
    pub epsilon: f64,
}

impl Standardize {
    #[track_caller]
    fn apply(self, x: &Tensor) -> Tensor {
        apply(Prim::new(self), &[x]).swap_remove(0)
    }

    /// With the weight and the bias in one pass and the same bits, if nothing is to be recorded, the axes are the last ones, and weight and bias
    /// have just these.
    fn at_once(&self, x: &Tensor, weight: &Tensor, bias: &Tensor) -> Option<Tensor> {
        let rank = x.rank().checked_sub(self.axes.len())?;
        let last = self.axes.iter().copied().eq(rank..x.rank()) && x.shape()[rank..] == weight.shape()[..];
        if !last || weight.ty() != bias.ty() || self.epsilon.is_nan() || self.epsilon < 0.0 {
            return None;
        }
        let [x, weight, bias] = unrecorded([x, weight, bias])?;
        Some(rows::layer_norm(x, weight, bias, self.epsilon).into())
    }
}

impl Primitive for Standardize {
    fn name(&self) -> &str {
        "standardize"
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes)), ("epsilon", Param::Text(format!("{:?}", self.epsilon)))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands("standardize", 1, inputs)) };
        if !x.dtype.is_float() {
            let error = Error::new("standardize").expected("floats").got(x.to_string());
            return Err(error.help("convert first with `.to(DType::F64)`"));
        }
        if self.epsilon.is_nan() || self.epsilon < 0.0 {
            let error = Error::new("standardize").expected("an epsilon of at least 0");
            return Err(error.got(format!("{:?}", self.epsilon)));
        }
        reduced("standardize", x, &self.axes)?;
        Ok(smallvec![x.clone(), Type::new(x.dtype, kept(&x.shape, &self.axes))])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (y, r) = rows::standardize(inputs[0], &self.axes, self.epsilon);
        Ok([y, r].into_iter().collect())
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        apply(Prim::new(Standardize { axes: shifted(&self.axes), ..*self }), &[&x[0]])
    }
}

impl Jvp for Standardize {
    /// ẏ = r·(ẋ − mean ẋ − y·mean(y·ẋ)) and ṙ = −r²·mean(y·ẋ).
    fn jvp(&self, _x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[0] else { return vec![None, None] };
        let (y, r) = (&y[0], &y[1]);
        let wide = |z: &Tensor| z.broadcast_to(y.shape().clone());
        let mean = |z: &Tensor| z.mean_keep(self.axes.as_slice());
        let along = mean(&scale(t, y));
        let inner = t - wide(&mean(t)) - scale(&wide(&along), y);
        vec![Some(scale(&inner, &wide(r))), Some(-scale(&along, &r.square()))]
    }
}

impl Tensor {
    /// (x − mean) / √(variance + ε) over these axes. The variance is the mean square of x − mean; with ε = 0 a row of equal entries is NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1.0, 3.0], [5.0, 9.0]]);
    /// assert_eq!(x.standardize(-1, 0.0).to_vec::<f64>(), [-1.0, 1.0, -1.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist, the entries are not floats, or ε is negative.
    #[track_caller]
    pub fn standardize(&self, axes: impl Axes, epsilon: f64) -> Tensor {
        Standardize { axes: self.axes("standardize", axes), epsilon }.apply(self)
    }

    /// Layer normalisation: [`standardize`](Tensor::standardize) over these axes (usually the last), then times a weight and plus a bias, which
    /// broadcast. J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer normalization", 2016.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (x, w, b) = (Tensor::from([[1.0, 3.0], [5.0, 9.0]]), Tensor::from([2.0, 10.0]), Tensor::from(0.5));
    /// let y = x.layer_norm(-1, Some(&w), Some(&b), 0.0);
    /// assert_eq!(y.to_vec::<f64>(), [-1.5, 10.5, -1.5, 10.5]);
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist, the entries are not floats, ε is negative, or weight or bias do not broadcast to the shape of this.
    #[track_caller]
    pub fn layer_norm(
        &self,
        axes: impl Axes,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
        epsilon: f64,
    ) -> Tensor {
        let axes = self.axes("layer_norm", axes);
        for part in [weight, bias].into_iter().flatten() {
            self.check_part("layer_norm", part);
        }
        let standardize = Standardize { axes, epsilon };
        if let (Some(weight), Some(bias)) = (weight, bias)
            && let Some(y) = standardize.at_once(self, weight, bias)
        {
            return y;
        }
        let mut y = standardize.apply(self);
        if let Some(weight) = weight {
            y *= weight;
        }
        if let Some(bias) = bias {
            y += bias;
        }
        y
    }

    /// Does this broadcast to the shape of `self`?
    #[track_caller]
    fn check_part(&self, name: &str, part: &Tensor) {
        if part.dtype() != self.dtype() || part.shape().broadcast(self.shape()).as_ref() != Some(self.shape())
        {
            let expected = format!("a weight or bias that broadcasts to {}", self.ty());
            let error = Error::new(name).expected(expected).got(part.ty().to_string());
            crate::core::raise(error.at(Some(crate::core::place())))
        }
    }
}

fn shapes() -> [(Vec<usize>, Vec<usize>); 7] {
    let pair = |shape: &[usize], axes: &[usize]| (shape.to_vec(), axes.to_vec());
    [
        pair(&[], &[]),
        pair(&[5], &[0]),
        pair(&[2, 3], &[1]),
        pair(&[3, 2], &[0]),
        pair(&[2, 3, 2], &[1, 2]),
        pair(&[2, 3, 2], &[0, 2]),
        pair(&[0, 3], &[1]),
    ]
}

pub(super) const ENTRY: Entry = Entry {
    name: "standardize",
    parse: |given| {
        let Param::Text(epsilon) = given.get("epsilon")? else { return None };
        Some(Prim::new(Standardize { axes: given.sizes("axes")?, epsilon: epsilon.parse().ok()? }))
    },
    samples: || {
        let sample = |(shape, axes): (Vec<usize>, Vec<usize>), epsilon: f64| {
            Sample::new(Prim::new(Standardize { axes, epsilon }), [draw(&shape, -2.0, 2.0, 1)])
        };
        shapes().map(|pair| sample(pair, 0.1)).into_iter().chain([sample((vec![4], vec![0]), 0.0)]).collect()
    },
};

pub(super) const LAYER_NORM: Composition = Composition {
    name: "layer_norm",
    cases: || {
        let case = |(shape, axes): (Vec<usize>, Vec<usize>)| {
            let normalised: Shape = shape[axes.first().copied().unwrap_or(0)..].into();
            let parts = [draw(&normalised, 0.5, 1.5, 2), draw(&normalised, -1.0, 1.0, 3)];
            let x = draw(&shape, -2.0, 2.0, 1);
            let f = move |x: &[Tensor]| x[0].layer_norm(axes.as_slice(), Some(&x[1]), Some(&x[2]), 0.1);
            Case::new(f, [x].into_iter().chain(parts))
        };
        let bare = Case::new(|x| x[0].layer_norm(-1, None, None, 0.25), [draw(&[2, 4], -1.0, 1.0, 1)]);
        shapes().map(case).into_iter().chain([bare]).collect()
    },
};
