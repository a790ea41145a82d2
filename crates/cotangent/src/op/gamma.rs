//! Numbers of the gamma distribution, which know how they move with the distribution's shape.

use super::composed::{Case, Composition};
use super::random::{Key, keys, sample_key};
use super::registry::{Entry, Sample, draw};
use crate::core::{
    Array, Arrays, DType, Derivative, Error, Jvp, Linearity, Param, Params, Partials, Prim, Primitive, Reads,
    Tensor, Tensors, Type, Types, apply1, batch_elementwise, different, operands, place, raise, scale,
};
use crate::number::function::Partial;
use cotangent_kernels::map::{GAMMA_SLOPE_ORDERS, gamma_slope, map2};
use smallvec::smallvec;

/// Numbers of the gamma distributions of scale 1 with these shape parameters, or their logarithms: for keys `i64[k…, 2]` and floats of
/// the shape `[k…, …]`.
///
/// The derivative is that of a number which keeps its probability while the parameter moves. A number that is drawn by trial and error
/// does not keep it exactly when the same key is used with another parameter; the mean over keys is what has this derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomGamma {
    /// Logarithms, which do not underflow?
    pub log: bool,
}

/// The derivative of some order in α, y fixed, of ∂y/∂α at the same probability, for y the logarithm of a number of the gamma
/// distribution of shape α.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaSlope {
    /// At most 3.
    pub order: usize,
}

impl Primitive for RandomGamma {
    fn name(&self) -> &str {
        "random_gamma"
    }
    fn params(&self) -> Params {
        vec![("log", Param::Bool(self.log))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[key, alpha] = inputs else { return Err(operands("random_gamma", 2, inputs)) };
        let lead = keys("random_gamma", key)?;
        if !alpha.dtype.is_float() || !alpha.shape.starts_with(lead) {
            let lead: Vec<String> = lead.iter().map(usize::to_string).chain(["…".into()]).collect();
            return Err(Error::new("random_gamma")
                .expected(format!("floats of shape [{}]", lead.join(",")))
                .got(alpha.to_string()));
        }
        Ok(smallvec![alpha.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![cotangent_kernels::random::gamma(inputs[0], inputs[1], self.log)])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::General(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(*self), &[&x[0], &x[1]])]
    }
}

impl Jvp for RandomGamma {
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>> {
        let Some(t) = &t[1] else { return vec![None] };
        let (alpha, y) = (&x[1], &y[0]);
        let slope = |y: &Tensor| apply1(Prim::new(GammaSlope { order: 0 }), &[alpha, y]);
        vec![Some(match self.log {
            true => scale(t, &slope(y)),
            // dg = g·d(ln g), and 0 where g has underflowed.
            false => scale(t, &scale(y, &slope(&y.ln()))),
        })]
    }
}

impl Primitive for GammaSlope {
    fn name(&self) -> &str {
        "gamma_slope"
    }
    fn params(&self) -> Params {
        vec![("order", Param::Int(self.order as i64))]
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[alpha, y] = inputs else { return Err(operands("gamma_slope", 2, inputs)) };
        if self.order > GAMMA_SLOPE_ORDERS {
            return Err(Error::new("gamma_slope")
                .expected(format!("a derivative of at most order {}", GAMMA_SLOPE_ORDERS + 1))
                .got(format!("order {}", self.order + 1))
                .help("a gamma-distributed number can be differentiated four times in its shape parameter"));
        }
        if alpha != y {
            return Err(different("gamma_slope", alpha, y));
        }
        if !alpha.dtype.is_float() {
            return Err(Error::new("gamma_slope").expected("floats").got(alpha.to_string()));
        }
        Ok(smallvec![alpha.clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let order = self.order;
        Ok(smallvec![match inputs[0].dtype() {
            DType::F32 => map2(inputs[0], inputs[1], |alpha: f32, y: f32| {
                gamma_slope(order, alpha.into(), y.into()) as f32
            }),
            _ => map2(inputs[0], inputs[1], |alpha: f64, y: f64| gamma_slope(order, alpha, y)),
        }])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Elementwise(self)
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(*self), &[&x[0], &x[1]])]
    }
}

impl GammaSlope {
    #[track_caller]
    fn of_order(order: usize, x: &[Tensor]) -> Tensor {
        apply1(Prim::new(GammaSlope { order }), &[&x[0], &x[1]])
    }
}

impl Partials for GammaSlope {
    /// In α the next order. In y, as the density of y is exp(αy − eʸ)/Γ(α): ∂G/∂y = ψ(α) − y − G·(α − eʸ), and its derivatives in α.
    fn partial(&self, i: usize, x: &[Tensor], slope: &Tensor) -> Partial<Tensor> {
        let order = self.order;
        if i == 0 {
            return Partial::Of(GammaSlope::of_order(order + 1, x));
        }
        let (alpha, y) = (&x[0], &x[1]);
        let rest = slope * (alpha - y.exp());
        Partial::Of(match order {
            0 => alpha.digamma() - y - rest,
            _ => {
                let before = GammaSlope::of_order(order - 1, x) * order as f64;
                alpha.polygamma(order as u32) - rest - before
            }
        })
    }
    fn reads(&self, i: usize) -> Reads {
        Reads { x: 3, y: i == 1 }
    }
    fn linearity(&self) -> Linearity {
        Linearity::No
    }
}

impl Key {
    /// Numbers of the gamma distributions of scale 1 with the shape parameters `alpha`, one for each of its entries. For more, or another
    /// scale: `key.gamma(&alpha.broadcast_to([1000])) * scale`. NaN where alpha is negative.
    ///
    /// They are differentiable in alpha, to the fourth order: the derivative is that of a number which keeps its probability while alpha
    /// moves, so that the mean of `grad(f)` over keys is the gradient of the mean of f.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let key = Key::new(3);
    /// let mean = |alpha: &Tensor| key.gamma(&alpha.broadcast_to([10_000])).mean();
    /// let (mean, slope) = value_and_grad(mean)(&Tensor::from(2.5));
    /// assert!((mean.item::<f64>() - 2.5).abs() < 0.05); // the mean is alpha
    /// assert!((slope.item::<f64>() - 1.0).abs() < 0.05);
    /// ```
    #[track_caller]
    pub fn gamma(&self, alpha: &Tensor) -> Tensor {
        apply1(Prim::new(RandomGamma { log: false }), &[self.words(), alpha])
    }

    /// The logarithms of [`gamma`](Key::gamma), which do not underflow for small alpha.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Key::new(0).log_gamma(&Tensor::from([1e-4, 1e-4, 1e-4]));
    /// assert!(y.isfinite().to_vec::<bool>() == [true; 3] && y.max().item::<f64>() < 0.0);
    /// ```
    #[track_caller]
    pub fn log_gamma(&self, alpha: &Tensor) -> Tensor {
        apply1(Prim::new(RandomGamma { log: true }), &[self.words(), alpha])
    }

    /// Numbers of the beta distributions with these parameters, which broadcast; differentiable in both.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let (a, b) = (Tensor::full([10_000], 2.0), Tensor::from(6.0));
    /// assert!((Key::new(0).beta(&a, &b).mean().item::<f64>() - 0.25).abs() < 0.01);
    /// ```
    #[track_caller]
    pub fn beta(&self, a: &Tensor, b: &Tensor) -> Tensor {
        let (a, b) = super::broadcast::together("beta", a, b).unwrap_or_else(|| (a.clone(), b.clone()));
        let keys = self.split(2);
        (keys[0].log_gamma(&a) - keys[1].log_gamma(&b)).sigmoid()
    }

    /// Vectors of the Dirichlet distributions with these concentrations: positive numbers along the last axis whose sum is 1;
    /// differentiable in the concentrations.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let p = Key::new(0).dirichlet(&Tensor::from([1.0, 2.0, 3.0]));
    /// assert!((p.sum().item::<f64>() - 1.0).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn dirichlet(&self, alpha: &Tensor) -> Tensor {
        if alpha.rank() == 0 {
            let error =
                Error::new("dirichlet").expected("a vector of concentrations").got(alpha.ty().to_string());
            raise(error.at(Some(place())))
        }
        let logs = self.log_gamma(alpha);
        if logs.size() == 0 {
            return logs;
        }
        let p = (&logs - logs.max_keep(-1)).exp();
        &p / p.sum_keep(-1)
    }
}

pub(super) const RANDOM_GAMMA: Entry = Entry {
    name: "random_gamma",
    parse: |given| Some(Prim::new(RandomGamma { log: given.bool("log")? })),
    // Of no entries: of a float the derivative is, on purpose, not that of the value at the same key. tests/random.rs sees to it.
    samples: || {
        let leads: [(&[usize], &[usize]); 3] = [(&[], &[0]), (&[2], &[2, 0]), (&[0], &[0, 3])];
        let sample = |log: bool, (lead, shape): (&[usize], &[usize])| {
            Sample::new(Prim::new(RandomGamma { log }), [sample_key(lead), draw(shape, 0.3, 5.0, 1)])
        };
        leads.into_iter().flat_map(|shapes| [sample(false, shapes), sample(true, shapes)]).collect()
    },
};

pub(super) const GAMMA_SLOPE: Entry = Entry {
    name: "gamma_slope",
    parse: |given| Some(Prim::new(GammaSlope { order: given.size("order")? })),
    samples: || {
        let sample = |order: usize, shape: &[usize], alpha: (f64, f64), y: (f64, f64)| {
            let operands = [draw(shape, alpha.0, alpha.1, 1), draw(shape, y.0, y.1, 2)];
            Sample::new(Prim::new(GammaSlope { order }), operands)
        };
        let mut samples =
            vec![sample(1, &[2, 3], (0.5, 4.0), (-2.0, 2.0)), sample(0, &[4], (70.0, 90.0), (4.1, 4.6))];
        samples.extend(super::registry::SHAPES.iter().map(|shape| sample(0, shape, (0.5, 4.0), (-2.0, 2.0))));
        samples
    },
};

/// The laws compare with differences at one key, which these are not made for: parameters are constants here, and keys vary.
fn constant(f: fn(&Key) -> Tensor) -> Vec<Case> {
    [1, 2].map(|seed| Case::new(move |x| f(&Key::of(&x[0])), [sample_key(&[]) + seed])).into()
}

pub(super) const ROWS: [Composition; 4] = [
    Composition { name: "gamma", cases: || constant(|key| key.gamma(&Tensor::from([0.3, 1.0, 7.5]))) },
    Composition {
        name: "log_gamma",
        cases: || constant(|key| key.log_gamma(&Tensor::from([[0.3f32], [7.5]]))),
    },
    Composition {
        name: "beta",
        cases: || constant(|key| key.beta(&Tensor::from([0.3, 1.0, 7.5]), &Tensor::from([[2.0], [0.5]]))),
    },
    Composition {
        name: "dirichlet",
        cases: || constant(|key| key.dirichlet(&Tensor::from([[0.3, 1.0, 7.5], [0.01, 0.02, 0.03]]))),
    },
];
