//! Exponentials relative to their sum, and the logarithm of that: primitives, for one pass over a row serves all of it.

use super::reduce::{Axes, kept, reduced, shifted};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, Derivative, Error, Jvp, Param, Params, Prim, Primitive, Tensor, Tensors, Type, Types,
    apply1, operands, scale,
};
use cotangent_kernels::rows;
use smallvec::smallvec;

/// Which function of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exponentials {
    /// eˣ / Σ eˣ
    Softmax,
    /// x − ln Σ eˣ
    LogSoftmax,
    /// ln Σ eˣ, without the axes
    LogSumExp,
}

/// A function of the exponentials of the entries over some axes, in which the largest entry is taken out first, so that nothing overflows.
#[derive(Clone, Debug, PartialEq)]
pub struct RowExponentials {
    /// Which function.
    pub kind: Exponentials,
    /// Increasing.
    pub axes: Vec<usize>,
}

impl Primitive for RowExponentials {
    fn name(&self) -> &str {
        match self.kind {
            Exponentials::Softmax => "softmax",
            Exponentials::LogSoftmax => "log_softmax",
            Exponentials::LogSumExp => "logsumexp",
        }
    }
    fn params(&self) -> Params {
        vec![("axes", Param::ints(&self.axes))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands(self.name(), 1, inputs)) };
        if !x.dtype.is_float() {
            let error = Error::new(self.name()).expected("floats").got(x.to_string());
            return Err(error.help("convert first with `.to(DType::F64)`"));
        }
        let y = reduced(self.name(), x, &self.axes)?;
        Ok(smallvec![if self.kind == Exponentials::LogSumExp { y } else { x.clone() }])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (x, axes) = (inputs[0], &self.axes);
        Ok(smallvec![match self.kind {
            Exponentials::Softmax => rows::softmax(x, axes),
            Exponentials::LogSoftmax => rows::log_softmax(x, axes),
            Exponentials::LogSumExp => rows::logsumexp(x, axes),
        }])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![x[0].exponentials(self.kind, shifted(&self.axes))]
    }
}

impl Jvp for RowExponentials {
    /// With the shares p = softmax(x): ẏ = p·(ẋ − Σ p·ẋ), or ẋ − Σ p·ẋ, or Σ p·ẋ, which is 0 where all entries are −∞.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let (x, y, axes) = (&x[0], &y[0], &self.axes);
        let wide = |z: &Tensor| z.reshape(kept(x.shape(), axes)).broadcast_to(x.shape().clone());
        let rule = |t: &Tensor| match self.kind {
            Exponentials::Softmax => {
                let shared = scale(t, y);
                &shared - scale(&wide(&shared.sum_over(axes)), y)
            }
            Exponentials::LogSoftmax => t - wide(&scale(t, &y.exp()).sum_over(axes)),
            Exponentials::LogSumExp => {
                let shares = x.exponentials(Exponentials::Softmax, axes.clone());
                let nothing = wide(&y.equal(f64::NEG_INFINITY));
                scale(t, &nothing.select(&x.zeros_like(), &shares)).sum_over(axes)
            }
        };
        vec![t[0].as_ref().map(rule)]
    }
}

impl Tensor {
    #[track_caller]
    fn exponentials(&self, kind: Exponentials, axes: Vec<usize>) -> Tensor {
        apply1(Prim::new(RowExponentials { kind, axes }), &[self])
    }

    /// eˣ / Σ eˣ over these axes, without overflow: shares that add up to 1. Shares below the smallest normal number may be 0. Entries of +∞
    /// share equally; where all are −∞ there is nothing to share, and it is NaN.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[1000.0, 1000.0], [0.0, f64::NEG_INFINITY]]);
    /// assert_eq!(x.softmax(-1).to_vec::<f64>(), [0.5, 0.5, 1.0, 0.0]);
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist, or the entries are not floats.
    #[track_caller]
    pub fn softmax(&self, axes: impl Axes) -> Tensor {
        self.exponentials(Exponentials::Softmax, self.axes("softmax", axes))
    }

    /// ln of [`softmax`](Tensor::softmax), x − ln Σ eˣ over these axes: accurate where the share itself is too small for a number.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([0.0, -2000.0]).log_softmax(0);
    /// assert_eq!(y.to_vec::<f64>(), [0.0, -2000.0]);
    /// ```
    ///
    /// # Panics
    /// If an axis does not exist, or the entries are not floats.
    #[track_caller]
    pub fn log_softmax(&self, axes: impl Axes) -> Tensor {
        self.exponentials(Exponentials::LogSoftmax, self.axes("log_softmax", axes))
    }

    /// ln Σ eˣ of all entries, without overflow; −∞ if there are none. The derivative is [`softmax`](Tensor::softmax), and 0 where all entries
    /// are −∞.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1000.0, 1000.0]);
    /// assert_eq!(x.logsumexp().item::<f64>(), 1000.0 + std::f64::consts::LN_2);
    /// assert_eq!(grad(|x: &Tensor| x.logsumexp())(&x).to_vec::<f64>(), [0.5, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If the entries are not floats.
    #[track_caller]
    pub fn logsumexp(&self) -> Tensor {
        self.exponentials(Exponentials::LogSumExp, (0..self.rank()).collect())
    }

    /// ln Σ eˣ over these axes, which the result does not have; negative ones count from the end.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let low = f64::NEG_INFINITY;
    /// assert_eq!(Tensor::from([[low, 3.0], [low, low]]).logsumexp_axes(-1).to_vec::<f64>(), [3.0, low]);
    /// ```
    #[track_caller]
    pub fn logsumexp_axes(&self, axes: impl Axes) -> Tensor {
        self.exponentials(Exponentials::LogSumExp, self.axes("logsumexp", axes))
    }

    /// ln Σ eˣ over these axes, which the result has with length 1.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[0.0, 0.0]]);
    /// assert_eq!((&x - x.logsumexp_keep(1)).to_vec::<f64>(), [-std::f64::consts::LN_2; 2]);
    /// ```
    #[track_caller]
    pub fn logsumexp_keep(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes("logsumexp", axes);
        self.exponentials(Exponentials::LogSumExp, axes.clone()).reshape(kept(self.shape(), &axes))
    }
}

macro_rules! entries {
    ($($kind:ident $name:literal)*) => {
        pub(super) const EXPONENTIALS: [Entry; 3] = [$(Entry {
            name: $name,
            parse: |given| {
                let axes = given.sizes("axes")?;
                Some(Prim::new(RowExponentials { kind: Exponentials::$kind, axes }))
            },
            samples: || samples(Exponentials::$kind),
        }),*];
    };
}

entries! {
    Softmax "softmax"
    LogSoftmax "log_softmax"
    LogSumExp "logsumexp"
}

fn samples(kind: Exponentials) -> Vec<Sample> {
    let sample = |axes: &[usize], x: Tensor| {
        Sample::new(Prim::new(RowExponentials { kind, axes: axes.to_vec() }), [x])
    };
    let drawn = |shape: &[usize], axes: &[usize]| sample(axes, draw(shape, -2.0, 2.0, 1));
    vec![
        drawn(&[], &[]),
        drawn(&[1], &[0]),
        drawn(&[5], &[0]),
        drawn(&[2, 3], &[1]),
        drawn(&[3, 2], &[0]),
        drawn(&[2, 3, 2], &[1]),
        drawn(&[2, 3, 2], &[0, 2]),
        drawn(&[2, 2, 2], &[1, 2]),
        drawn(&[0, 3], &[1]),
        drawn(&[2, 0], &[0]),
        sample(&[0], Tensor::from([700.0, 701.5, 699.0])),
    ]
}
