//! Activations made of primitives. Where one has a corner its derivative there is that of the flat side, as `relu` has it.

use super::compare::Comparable;
use super::composed::{Case, Composition, everywhere};
use super::operators::adopt;
use super::registry::draw;
use crate::core::{Error, Tensor, place, raise};
use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

/// `x` between the bounds, the bounds beyond them; the derivative at the bounds is 0.
#[track_caller]
fn flat_outside(x: &Tensor, low: f64, high: f64) -> Tensor {
    let (low, high) = (adopt("clamp", low, x), adopt("clamp", high, x));
    x.less_equal(&low).select(&low, &x.greater_equal(&high).select(&high, x))
}

impl Tensor {
    /// x where it is positive, slope·x elsewhere; the derivative at 0 is the slope. The slope is a number, or a tensor that broadcasts
    /// against this (PyTorch's `prelu`).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-2.0, 3.0]).leaky_relu(0.25).to_vec::<f64>(), [-0.5, 3.0]);
    /// ```
    #[track_caller]
    pub fn leaky_relu(&self, slope: impl Comparable) -> Tensor {
        let slope = slope.meeting("leaky_relu", self);
        self.greater(0.0).select(self, &(self * slope))
    }

    /// x where it is positive, α(eˣ − 1) elsewhere.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([-1.0, 3.0]).elu(1.0).to_vec::<f64>();
    /// assert!((y[0] + 0.6321205588285577).abs() < 1e-15 && y[1] == 3.0);
    /// ```
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Tensor {
        self.greater(0.0).select(self, &(self.expm1() * alpha))
    }

    /// [`elu`](Tensor::elu) with the two constants that keep mean 0 and variance 1. (G. Klambauer and others, "Self-normalizing neural
    /// networks", 2017.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert!((Tensor::from(1.0).selu().item::<f64>() - 1.0507009873554805).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn selu(&self) -> Tensor {
        self.elu(1.673_263_242_354_377_2) * 1.050_700_987_355_480_5
    }

    /// x where it is positive, α(exp(x/α) − 1) elsewhere: the derivative has no jump, whatever α.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert!((Tensor::from(-2.0).celu(2.0).item::<f64>() + 1.2642411176571153).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Tensor {
        self.greater(0.0).select(self, &((self / alpha).expm1() * alpha))
    }

    /// x between −1 and 1, and these beyond; the derivative at ±1 is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-2.0, 0.5]).hard_tanh().to_vec::<f64>(), [-1.0, 0.5]);
    /// ```
    #[track_caller]
    pub fn hard_tanh(&self) -> Tensor {
        flat_outside(self, -1.0, 1.0)
    }

    /// x between 0 and 6, and these beyond; the derivative at both is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-2.0, 5.0, 7.0]).relu6().to_vec::<f64>(), [0.0, 5.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn relu6(&self) -> Tensor {
        flat_outside(self, 0.0, 6.0)
    }

    /// x/6 + ½ where |x| < 3, and 0 or 1 beyond.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-4.0, 1.5, 3.0]).hard_sigmoid().to_vec::<f64>(), [0.0, 0.75, 1.0]);
    /// ```
    #[track_caller]
    pub fn hard_sigmoid(&self) -> Tensor {
        flat_outside(self, -3.0, 3.0) / 6.0 + 0.5
    }

    /// x · [`hard_sigmoid`](Tensor::hard_sigmoid)(x).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-4.0, 1.5, 4.0]).hard_swish().to_vec::<f64>(), [0.0, 1.125, 4.0]);
    /// ```
    #[track_caller]
    pub fn hard_swish(&self) -> Tensor {
        self * self.hard_sigmoid()
    }

    /// x · tanh(ln(1 + eˣ)).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert!((Tensor::from(1.0).mish().item::<f64>() - 0.8650983882673103).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn mish(&self) -> Tensor {
        self * self.softplus().tanh()
    }

    /// ln(1/(1 + e⁻ˣ)), accurate for every x.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from(-1000.0).log_sigmoid().item::<f64>(), -1000.0);
    /// ```
    #[track_caller]
    pub fn log_sigmoid(&self) -> Tensor {
        -(-self).softplus()
    }

    /// x/(1 + |x|).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([-1.0, 3.0]).softsign().to_vec::<f64>(), [-0.5, 0.75]);
    /// ```
    #[track_caller]
    pub fn softsign(&self) -> Tensor {
        self / (self.abs() + 1.0)
    }

    /// The approximation ½x(1 + tanh(√(2/π)(x + 0.044715x³))) of [`gelu`](Tensor::gelu).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert!((Tensor::from(1.0).gelu_tanh().item::<f64>() - 0.8411919906082768).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn gelu_tanh(&self) -> Tensor {
        let inner = self + self.powi(3) * 0.044715;
        self * 0.5 * ((inner * (FRAC_2_SQRT_PI / SQRT_2)).tanh() + 1.0)
    }

    /// The first half along an axis times the sigmoid of the second.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([4.0, 0.0]).glu(0).to_vec::<f64>(), [2.0]);
    /// ```
    ///
    /// # Panics
    /// If the axis has an odd length.
    #[track_caller]
    pub fn glu(&self, axis: isize) -> Tensor {
        let axis = self.axes("glu", axis)[0];
        let length = self.shape()[axis];
        if !length.is_multiple_of(2) {
            let error = Error::new("glu").expected(format!("an even length of axis {axis}"));
            raise(error.got(self.ty().to_string()).at(Some(place())))
        }
        let (axis, half) = (axis as isize, length / 2);
        self.slice_axis(axis, ..half) * self.slice_axis(axis, half..).sigmoid()
    }
}

macro_rules! rows {
    ($($name:literal $f:expr;)*) => {
        [$(Composition { name: $name, cases: || everywhere($f, -4.0, 7.0) },)* LEAKY_RELU, GLU]
    };
}

pub(super) const ROWS: [Composition; 13] = rows! {
    "elu" |x| x.elu(1.3);
    "selu" Tensor::selu;
    "celu" |x| x.celu(0.7);
    "hard_tanh" Tensor::hard_tanh;
    "relu6" Tensor::relu6;
    "hard_sigmoid" Tensor::hard_sigmoid;
    "hard_swish" Tensor::hard_swish;
    "mish" Tensor::mish;
    "log_sigmoid" Tensor::log_sigmoid;
    "softsign" Tensor::softsign;
    "gelu_tanh" Tensor::gelu_tanh;
};

const LEAKY_RELU: Composition = Composition {
    name: "leaky_relu",
    cases: || {
        let mut cases = everywhere(|x| x.leaky_relu(0.01), -2.0, 2.0);
        let slopes = [draw(&[2, 3], -2.0, 2.0, 1), draw(&[3], 0.1, 0.3, 2)];
        cases.push(Case::new(|x| x[0].leaky_relu(&x[1]), slopes));
        cases
    },
};

const GLU: Composition = Composition {
    name: "glu",
    cases: || {
        let case =
            |shape: &[usize], axis: isize| Case::new(move |x| x[0].glu(axis), [draw(shape, -2.0, 2.0, 1)]);
        vec![case(&[2], 0), case(&[0], 0), case(&[2, 4], -1), case(&[4, 1, 3], 0), case(&[0, 2], 1)]
    },
};
