//! Vectors brought to a length, and dropout.

use super::composed::{Case, Composition, everywhere};
use super::random::Key;
use super::reduce::Axes;
use super::registry::draw;
use crate::core::{Error, Tensor, place, raise};

impl Tensor {
    /// x/√(mean(x²) + ε) over these axes. (B. Zhang, R. Sennrich, "Root mean square layer normalization", 2019.)
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::from([1.0, 7.0]).rms_norm(-1, 0.0).to_vec::<f64>();
    /// assert!((y[0] - 0.2).abs() < 1e-15 && (y[1] - 1.4).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn rms_norm(&self, axes: impl Axes, epsilon: f64) -> Tensor {
        let axes = self.axes("rms_norm", axes);
        self / (self.square().mean_keep(axes) + epsilon).sqrt()
    }

    /// x/‖x‖ₚ along these axes together, for p ≥ 1 or ∞, at any scale of x without overflow. A vector of zeros stays one, and its
    /// derivative is 0.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([[3e200, 4e200], [0.0, 0.0]]);
    /// assert_eq!(x.normalize(2.0, -1).to_vec::<f64>(), [0.6, 0.8, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn normalize(&self, p: f64, axes: impl Axes) -> Tensor {
        if p.is_nan() || p < 1.0 {
            let error = Error::new("normalize").expected("a p of at least 1").got(p.to_string());
            raise(
                error
                    .help("2 is the Euclidean norm, 1 the sum, `f64::INFINITY` the largest")
                    .at(Some(place())),
            )
        }
        let axes = self.axes("normalize", axes);
        if self.size() == 0 {
            return self.clone();
        }
        // The quotient does not change with the scale, so the largest entry may count as a constant.
        let largest = self.abs().max_keep(axes.clone()).stop_gradient();
        let zero = largest.equal(0.0);
        let x = self / zero.select(&largest.ones_like(), &largest);
        let norm = if p == 2.0 {
            x.square().sum_keep(axes).sqrt()
        } else if p == 1.0 {
            x.abs().sum_keep(axes)
        } else if p.is_infinite() {
            x.abs().max_keep(axes)
        } else {
            x.abs().powf(p).sum_keep(axes).powf(1.0 / p)
        };
        let safe = zero.select(&norm.ones_like(), &norm);
        zero.select(&self.zeros_like(), &(x / safe))
    }

    /// ⟨a, b⟩/(‖a‖·‖b‖) along an axis, in [−1, 1] but for rounding; 0 if one is a vector of zeros.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let c = Tensor::from([3.0, 4.0]).cosine_similarity(&Tensor::from([3.0, -4.0]), 0);
    /// assert!((c.item::<f64>() + 0.28).abs() < 1e-15);
    /// ```
    #[track_caller]
    pub fn cosine_similarity(&self, other: &Tensor, axis: isize) -> Tensor {
        let (a, b) = super::broadcast::together("cosine_similarity", self, other)
            .unwrap_or_else(|| (self.clone(), other.clone()));
        (a.normalize(2.0, axis) * b.normalize(2.0, axis)).sum_axes(axis)
    }

    /// The tensor itself if its Euclidean norm over all entries is at most `most`, else shortened to that norm.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([3.0, 4.0]);
    /// assert_eq!(x.clip_by_norm(10.0).to_vec::<f64>(), [3.0, 4.0]);
    /// assert_eq!(x.clip_by_norm(1.0).to_vec::<f64>(), [0.6, 0.8]);
    /// ```
    #[track_caller]
    pub fn clip_by_norm(&self, most: f64) -> Tensor {
        if most.is_nan() || most < 0.0 {
            let error = Error::new("clip_by_norm").expected("a norm of at least 0").got(most.to_string());
            raise(error.at(Some(place())))
        }
        let axes: Vec<usize> = (0..self.rank()).collect();
        let direction = self.normalize(2.0, axes);
        // ‖x‖ = ⟨x, x/‖x‖⟩, which does not overflow before the norm does. It only decides.
        let norm = (self * &direction).stop_gradient().sum();
        norm.greater(most).select(&(direction * most), self)
    }

    /// Each entry is 0 with probability `rate`, and otherwise divided by 1 − rate, so that the mean stays. The same key drops the same
    /// entries.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let y = Tensor::ones::<f64>([1000]).dropout(&Key::new(0), 0.25);
    /// assert!((y.mean().item::<f64>() - 1.0).abs() < 0.05);
    /// ```
    ///
    /// # Panics
    /// If the rate is not from 0 to 1.
    #[track_caller]
    pub fn dropout(&self, key: &Key, rate: f64) -> Tensor {
        if !(0.0..=1.0).contains(&rate) {
            let error = Error::new("dropout").expected("a rate from 0 to 1").got(rate.to_string());
            raise(error.at(Some(place())))
        }
        if rate == 0.0 {
            return self.clone();
        }
        let kept = key.uniform::<f64>(self.shape().clone()).greater_equal(rate);
        kept.select(&(self / (1.0 - rate)), &self.zeros_like())
    }
}

/// A function of vectors along axes.
fn vectors(f: fn(&Tensor, &'static [isize]) -> Tensor) -> Vec<Case> {
    let case = |shape: &[usize], axes: &'static [isize]| {
        Case::new(move |x| f(&x[0], axes), [draw(shape, -1.0, 1.0, 1)])
    };
    vec![
        case(&[], &[]),
        case(&[3], &[0]),
        case(&[1], &[0]),
        case(&[2, 3], &[-1]),
        case(&[2, 3, 2], &[0, 2]),
        case(&[0, 3], &[1]),
    ]
}

pub(super) const ROWS: [Composition; 5] = [
    Composition { name: "rms_norm", cases: || vectors(|x, axes| x.rms_norm(axes, 1e-3)) },
    Composition {
        name: "normalize",
        cases: || {
            let mut cases = vectors(|x, axes| x.normalize(2.0, axes));
            cases.extend(vectors(|x, axes| x.normalize(1.0, axes)));
            cases.extend(vectors(|x, axes| x.normalize(f64::INFINITY, axes)));
            cases.extend(vectors(|x, axes| x.normalize(3.0, axes)));
            cases
        },
    },
    Composition {
        name: "cosine_similarity",
        cases: || {
            let case = |a: &[usize], b: &[usize], axis: isize| {
                let operands = [draw(a, -1.0, 1.0, 1), draw(b, -1.0, 1.0, 2)];
                Case::new(move |x| x[0].cosine_similarity(&x[1], axis), operands)
            };
            vec![
                case(&[3], &[3], 0),
                case(&[2, 3], &[3], -1),
                case(&[3, 2], &[3, 2], 0),
                case(&[0, 3], &[0, 3], 1),
                case(&[2, 1], &[2, 1], 0),
            ]
        },
    },
    Composition {
        name: "clip_by_norm",
        cases: || {
            let mut cases = everywhere(|x| x.clip_by_norm(0.8), -1.0, 1.0);
            cases.extend(everywhere(|x| x.clip_by_norm(20.0), -1.0, 1.0));
            cases
        },
    },
    Composition {
        name: "dropout",
        cases: || {
            let mut cases = everywhere(|x| x.dropout(&Key::new(3), 0.4), -1.0, 1.0);
            cases.extend(everywhere(|x| x.dropout(&Key::new(3), 1.0), -1.0, 1.0));
            cases
        },
    },
];
