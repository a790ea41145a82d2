//! The functions whose gradients are measured: each as one text for all of Cotangent's engines, one for num-dual's, and
//! its gradient by hand.

use cotangent::number::{Real, Scalar};
use num_dual::DualNum;
use std::array;
use std::f64::consts::{E, TAU};

/// A function ℝⁿ → ℝ in the three texts.
pub trait Objective {
    /// For Cotangent.
    fn call<R: Scalar>(&self, x: &[R]) -> R;
    /// For num-dual: the same operations in its vocabulary.
    fn call_num_dual<D: DualNum<Primitive = f64>>(&self, x: &[D]) -> D;
    /// By hand: the value, and the gradient into `g`.
    fn by_hand(&self, x: &[f64], g: &mut [f64]) -> f64;
}

/// Σ 100 (xᵢ₊₁ − xᵢ²)² + (xᵢ − 1)².
pub struct Rosenbrock;

impl Objective for Rosenbrock {
    fn call<R: Scalar>(&self, x: &[R]) -> R {
        let term = |i: usize| {
            let valley = Real::sub(&x[i + 1], &x[i].square());
            valley.square() * 100.0 + (x[i].clone() - 1.0).square()
        };
        (1..x.len() - 1).fold(term(0), |sum, i| sum + term(i))
    }

    fn call_num_dual<D: DualNum<Primitive = f64>>(&self, x: &[D]) -> D {
        let term = |i: usize| {
            let valley = x[i + 1].clone() - x[i].powi(2);
            valley.powi(2) * 100.0 + (x[i].clone() - 1.0).powi(2)
        };
        (1..x.len() - 1).fold(term(0), |sum, i| sum + term(i))
    }

    fn by_hand(&self, x: &[f64], g: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        let mut from_left = 0.0;
        for i in 0..x.len() - 1 {
            let valley = x[i + 1] - x[i] * x[i];
            let rest = x[i] - 1.0;
            sum += 100.0 * valley * valley + rest * rest;
            g[i] = from_left - 400.0 * x[i] * valley + 2.0 * rest;
            from_left = 200.0 * valley;
        }
        g[x.len() - 1] = from_left;
        sum
    }
}

impl Rosenbrock {
    /// The Hessian times `v`, by hand.
    pub fn hvp_by_hand(x: &[f64], v: &[f64], out: &mut [f64]) {
        let mut from_left = 0.0;
        for i in 0..x.len() - 1 {
            let diagonal = 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0;
            let beside = -400.0 * x[i];
            out[i] = from_left + diagonal * v[i] + beside * v[i + 1];
            from_left = beside * v[i] + 200.0 * v[i + 1];
        }
        out[x.len() - 1] = from_left;
    }
}

/// −20 exp(−0.2 √(Σ x²/n)) − exp(Σ cos(2πx)/n) + 20 + e.
pub struct Ackley;

impl Objective for Ackley {
    fn call<R: Scalar>(&self, x: &[R]) -> R {
        let n = x.len() as f64;
        let squares = x[1..].iter().fold(x[0].square(), |sum, x| sum + x.square());
        let cosine = |x: &R| (x.clone() * TAU).cos();
        let cosines = x[1..].iter().fold(cosine(&x[0]), |sum, x| sum + cosine(x));
        ((squares / n).sqrt() * -0.2).exp() * -20.0 - (cosines / n).exp() + (20.0 + E)
    }

    fn call_num_dual<D: DualNum<Primitive = f64>>(&self, x: &[D]) -> D {
        let n = x.len() as f64;
        let squares = x[1..].iter().fold(x[0].powi(2), |sum, x| sum + x.powi(2));
        let cosine = |x: &D| (x.clone() * TAU).cos();
        let cosines = x[1..].iter().fold(cosine(&x[0]), |sum, x| sum + cosine(x));
        ((squares / n).sqrt() * -0.2).exp() * -20.0 - (cosines / n).exp() + (20.0 + E)
    }

    fn by_hand(&self, x: &[f64], g: &mut [f64]) -> f64 {
        let n = x.len() as f64;
        let (mut squares, mut cosines) = (0.0, 0.0);
        for (x, g) in x.iter().zip(&mut *g) {
            squares += x * x;
            cosines += Real::cos(&(x * TAU));
            *g = Real::sin(&(x * TAU));
        }
        let radius = (squares / n).sqrt();
        let bowl = 20.0 * Real::exp(&(-0.2 * radius));
        let waves = Real::exp(&(cosines / n));
        let (radial, angular) = (0.2 * bowl / (n * radius), TAU * waves / n);
        for (x, g) in x.iter().zip(g) {
            *g = radial * x + angular * *g;
        }
        20.0 + E - bowl - waves
    }
}

/// How many components the mixture has, and in how many dimensions.
pub const COMPONENTS: usize = 5;
pub const DIMENSIONS: usize = 2;
/// The mixture's parameters: a logit a component, then the means, then the logarithms of the variances.
pub const PARAMETERS: usize = COMPONENTS * (1 + 2 * DIMENSIONS);
const MEANS: usize = COMPONENTS;
const LOG_VARIANCES: usize = COMPONENTS + COMPONENTS * DIMENSIONS;

/// The log-likelihood of these points under a mixture of Gaussians with diagonal covariances.
pub struct Mixture {
    pub points: Vec<[f64; DIMENSIONS]>,
}

impl Mixture {
    /// Points of a fixed pseudo-random sequence.
    pub fn with_points(count: usize) -> Self {
        let mut random = Random(7);
        Mixture { points: (0..count).map(|_| array::from_fn(|_| random.between(-2.0, 2.0))).collect() }
    }
}

/// The largest term is taken out, so that no exponential overflows.
fn log_sum_exp<R: Scalar>(terms: &[R]) -> R {
    let largest = terms.iter().map(Scalar::primal).fold(f64::NEG_INFINITY, f64::max);
    let exp = |t: &R| (t.clone() - largest).exp();
    terms[1..].iter().fold(exp(&terms[0]), |sum, t| sum + exp(t)).ln() + largest
}

fn log_sum_exp_num_dual<D: DualNum<Primitive = f64>>(terms: &[D]) -> D {
    let largest = terms.iter().map(|t| t.re()).fold(f64::NEG_INFINITY, f64::max);
    let exp = |t: &D| (t.clone() - largest).exp();
    terms[1..].iter().fold(exp(&terms[0]), |sum, t| sum + exp(t)).ln() + largest
}

impl Objective for Mixture {
    fn call<R: Scalar>(&self, x: &[R]) -> R {
        let (logits, means, log_variances) = (&x[..MEANS], &x[MEANS..LOG_VARIANCES], &x[LOG_VARIANCES..]);
        let total = log_sum_exp(logits);
        let precisions: [R; COMPONENTS * DIMENSIONS] = array::from_fn(|i| (-log_variances[i].clone()).exp());
        let weights: [R; COMPONENTS] = array::from_fn(|k| {
            let v = &log_variances[k * DIMENSIONS..][..DIMENSIONS];
            let volume = v[1..].iter().fold(v[0].clone(), |sum, v| sum + v);
            Real::sub(&logits[k], &total) - volume * 0.5
        });
        let likelihood = |point: &[f64; DIMENSIONS]| {
            let terms: [R; COMPONENTS] = array::from_fn(|k| {
                let distance = |d: usize| {
                    let i = k * DIMENSIONS + d;
                    (means[i].clone() - point[d]).square() * &precisions[i]
                };
                let distance = (1..DIMENSIONS).fold(distance(0), |sum, d| sum + distance(d));
                distance * -0.5 + &weights[k]
            });
            log_sum_exp(&terms)
        };
        let first = likelihood(&self.points[0]);
        let sum = self.points[1..].iter().fold(first, |sum, p| sum + likelihood(p));
        sum - 0.5 * DIMENSIONS as f64 * TAU.ln() * self.points.len() as f64
    }

    fn call_num_dual<D: DualNum<Primitive = f64>>(&self, x: &[D]) -> D {
        let (logits, means, log_variances) = (&x[..MEANS], &x[MEANS..LOG_VARIANCES], &x[LOG_VARIANCES..]);
        let total = log_sum_exp_num_dual(logits);
        let precisions: [D; COMPONENTS * DIMENSIONS] = array::from_fn(|i| (-log_variances[i].clone()).exp());
        let weights: [D; COMPONENTS] = array::from_fn(|k| {
            let v = &log_variances[k * DIMENSIONS..][..DIMENSIONS];
            let volume = v[1..].iter().fold(v[0].clone(), |sum, v| sum + v);
            logits[k].clone() - &total - volume * 0.5
        });
        let likelihood = |point: &[f64; DIMENSIONS]| {
            let terms: [D; COMPONENTS] = array::from_fn(|k| {
                let distance = |d: usize| {
                    let i = k * DIMENSIONS + d;
                    (means[i].clone() - point[d]).powi(2) * &precisions[i]
                };
                let distance = (1..DIMENSIONS).fold(distance(0), |sum, d| sum + distance(d));
                distance * -0.5 + &weights[k]
            });
            log_sum_exp_num_dual(&terms)
        };
        let first = likelihood(&self.points[0]);
        let sum = self.points[1..].iter().fold(first, |sum, p| sum + likelihood(p));
        sum - 0.5 * DIMENSIONS as f64 * TAU.ln() * self.points.len() as f64
    }

    fn by_hand(&self, x: &[f64], g: &mut [f64]) -> f64 {
        let (logits, means, log_variances) = (&x[..MEANS], &x[MEANS..LOG_VARIANCES], &x[LOG_VARIANCES..]);
        let total = log_sum_exp(logits);
        let precisions: [f64; COMPONENTS * DIMENSIONS] = array::from_fn(|i| Real::exp(&-log_variances[i]));
        let weights: [f64; COMPONENTS] = array::from_fn(|k| {
            logits[k] - total - 0.5 * log_variances[k * DIMENSIONS..][..DIMENSIONS].iter().sum::<f64>()
        });
        g.fill(0.0);
        let mut sum = 0.0;
        for point in &self.points {
            let mut terms = weights;
            for (i, precision) in precisions.iter().enumerate() {
                let away = means[i] - point[i % DIMENSIONS];
                terms[i / DIMENSIONS] -= 0.5 * away * away * precision;
            }
            let largest = terms.into_iter().fold(f64::NEG_INFINITY, f64::max);
            let shares = terms.map(|t| Real::exp(&(t - largest)));
            let share = shares.iter().sum::<f64>();
            sum += Real::ln(&share) + largest;
            for k in 0..COMPONENTS {
                let responsibility = shares[k] / share;
                g[k] += responsibility;
                for (d, coordinate) in point.iter().enumerate() {
                    let i = k * DIMENSIONS + d;
                    let away = means[i] - coordinate;
                    let pull = responsibility * precisions[i] * away;
                    g[MEANS + i] -= pull;
                    g[LOG_VARIANCES + i] += 0.5 * (pull * away - responsibility);
                }
            }
        }
        let count = self.points.len() as f64;
        for k in 0..COMPONENTS {
            g[k] -= count * Real::exp(&(logits[k] - total));
        }
        sum - 0.5 * DIMENSIONS as f64 * TAU.ln() * count
    }
}

/// A point in general position.
pub fn point(n: usize) -> Vec<f64> {
    let mut random = Random(11);
    (0..n).map(|_| random.between(-1.0, 1.0)).collect()
}

/// D. E. Knuth's 64-bit linear congruential generator: the same points in every run.
pub struct Random(pub u64);

impl Random {
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}
