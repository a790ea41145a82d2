//! The log-posterior of a Gaussian mixture, and its gradient by everything that describes the mixture.
//!
//! Component k has the weight αₖ, the mean μₖ and the inverse covariance QₖᵀQₖ, where Qₖ is lower triangular: exp qₖ on the diagonal, and below
//! it lₖ, column by column.

use crate::answer::Answer;
use crate::eval::{Eval, Prepared, Tool, Workload, compiled, direct};
use cotangent::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

/// The module.
pub struct Gmm;

/// What describes the mixture: the point, as tensors or as rows one after another.
#[derive(Tree, Clone)]
pub struct Mixture<T> {
    /// `[k]`.
    pub alpha: T,
    /// `[k, d]`.
    pub mu: T,
    /// `[k, d]`.
    pub q: T,
    /// `[k, d(d−1)/2]`.
    pub l: T,
}

/// The data, and how the prior is set.
pub struct Constants {
    d: usize,
    k: usize,
    n: usize,
    m: f64,
    gamma: f64,
    /// `[n, d]`.
    x: Vec<f64>,
}

impl Constants {
    /// How many entries a triangle has.
    fn below(&self) -> usize {
        self.d * (self.d - 1) / 2
    }

    /// What does not depend on the mixture.
    fn offset(&self) -> f64 {
        let (n, d, k) = (self.n as f64, self.d as f64, self.k as f64);
        let freedom = d + self.m + 1.0;
        let log_gamma: f64 = (1..=self.d).map(|j| (0.5 * (freedom + 1.0 - j as f64)).lgamma()).sum();
        let wishart =
            freedom * d * (self.gamma.ln() - 0.5 * 2f64.ln()) - 0.25 * d * (d - 1.0) * PI.ln() - log_gamma;
        -0.5 * n * d * TAU.ln() + k * wishart
    }

    /// For each entry of Qₖ, row by row, where it stands among the entries of lₖ, of exp qₖ, and a zero, one after another.
    fn triangle(&self) -> Vec<i64> {
        let (d, below) = (self.d, self.below());
        let mut places = vec![below + d; d * d];
        let columns = (0..d).flat_map(|column| (column + 1..d).map(move |row| row * d + column));
        columns.enumerate().for_each(|(place, entry)| places[entry] = place);
        (0..d).for_each(|i| places[i * d + i] = below + i);
        places.into_iter().map(|place| place as i64).collect()
    }

    /// The parts of a point, as tensors.
    fn tensors(&self, [alpha, mu, q, l]: [Vec<f64>; 4]) -> Mixture<Tensor> {
        let matrix = |entries, columns: usize| Tensor::from_vec(entries, [self.k, columns]);
        Mixture {
            alpha: Tensor::from(alpha),
            mu: matrix(mu, self.d),
            q: matrix(q, self.d),
            l: matrix(l, self.below()),
        }
    }
}

/// The objective on tensors. Data run along the last axis, where they are next to one another in memory.
struct Posterior {
    constants: Constants,
    /// The data, and beneath them a row of ones: `[d + 1, n]`.
    x: Tensor,
    /// [`Constants::triangle`].
    triangle: Tensor,
}

impl Posterior {
    fn new(constants: Constants) -> Posterior {
        let &Constants { d, n, ref x, .. } = &constants;
        let x = Tensor::from_vec(x.clone(), [n, d]).t();
        let x = Tensor::concat(&[x, Tensor::ones::<f64>([1, n])], 0);
        let triangle = Tensor::from(constants.triangle());
        Posterior { constants, x, triangle }
    }

    fn objective(&self, Mixture { alpha, mu, q, l }: &Mixture<Tensor>) -> Tensor {
        let &Constants { d, k, n, m, gamma, .. } = &self.constants;
        let diagonal = q.exp();
        let entries = Tensor::concat(&[l, &diagonal, &Tensor::zeros::<f64>([k, 1])], 1);
        let factors = entries.take(&self.triangle, 1).reshape([k, d, d]);
        // Qₖ(x − μₖ) for every k and x, as one product: [Qₖ, −Qₖμₖ] by [x; 1].
        let affine = Tensor::concat(&[&factors, &-factors.matvec(mu).unsqueeze(-1)], 2);
        let z = affine.reshape([k * d, d + 1]).matmul(&self.x).reshape([k, d, n]);
        let log_weights = alpha + q.sum_axes(-1);
        let terms = log_weights.unsqueeze(-1) - (&z * &z).sum_axes(1) * 0.5;
        let fit = terms.logsumexp_axes(0).sum() - alpha.logsumexp() * n as f64;
        let prior = (diagonal.square().sum() + l.square().sum()) * (0.5 * gamma * gamma) - q.sum() * m;
        fit - prior + self.constants.offset()
    }
}

fn log_sum_exp(x: &[f64]) -> f64 {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + x.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}

fn plain(constants: &Constants, mixture: &Mixture<Vec<f64>>) -> f64 {
    let Mixture { alpha, mu, q, l } = mixture;
    let &Constants { d, k, n, m, gamma, ref x } = constants;
    let below = constants.below();
    let diagonal: Vec<f64> = q.iter().map(|q| q.exp()).collect();
    let sums: Vec<f64> = q.chunks_exact(d).map(|q| q.iter().sum()).collect();
    let (mut centred, mut z, mut terms) = (vec![0.0; d], vec![0.0; d], vec![0.0; k]);
    let mut fit = -(n as f64) * log_sum_exp(alpha);
    for x in x.chunks_exact(d) {
        for c in 0..k {
            let (mu, diagonal, l) = (&mu[c * d..][..d], &diagonal[c * d..][..d], &l[c * below..][..below]);
            for j in 0..d {
                centred[j] = x[j] - mu[j];
                z[j] = diagonal[j] * centred[j];
            }
            let mut entries = l.iter();
            for i in 0..d {
                for (z, l) in z[i + 1..].iter_mut().zip(&mut entries) {
                    *z += l * centred[i];
                }
            }
            terms[c] = alpha[c] + sums[c] - 0.5 * z.iter().map(|z| z * z).sum::<f64>();
        }
        fit += log_sum_exp(&terms);
    }
    let squares = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
    let prior = 0.5 * gamma * gamma * (squares(&diagonal) + squares(l)) - m * q.iter().sum::<f64>();
    fit - prior + constants.offset()
}

impl From<Mixture<Tensor>> for Answer {
    fn from(Mixture { alpha, mu, q, l }: Mixture<Tensor>) -> Answer {
        Answer::Named(vec![("alpha", alpha.into()), ("mu", mu.into()), ("q", q.into()), ("l", l.into())])
    }
}

/// The input.
#[derive(Deserialize)]
pub struct Input {
    d: usize,
    k: usize,
    n: usize,
    x: Vec<Vec<f64>>,
    m: f64,
    gamma: f64,
    alpha: Vec<f64>,
    mu: Vec<Vec<f64>>,
    q: Vec<Vec<f64>>,
    l: Vec<Vec<f64>>,
}

/// The rows one after another, if they are as many and as long as they should be.
fn flat(name: &str, rows: Vec<Vec<f64>>, count: usize, length: usize) -> Result<Vec<f64>, String> {
    if rows.len() != count {
        return Err(format!("{name} has {} rows, expected {count}", rows.len()));
    }
    match rows.iter().position(|row| row.len() != length) {
        Some(i) => Err(format!("row {i} of {name} has {} numbers, expected {length}", rows[i].len())),
        None => Ok(rows.concat()),
    }
}

impl Eval for Gmm {
    const NAME: &'static str = "gmm";
    const FUNCTIONS: &'static [&'static str] = &["objective", "jacobian"];
    type Input = Input;
    type Constants = Constants;
    type Point = Mixture<Vec<f64>>;

    fn split(input: Input) -> Result<(Constants, Self::Point), String> {
        let Input { d, k, n, x, m, gamma, alpha, mu, q, l } = input;
        if d == 0 || k == 0 {
            return Err(format!("d is {d} and k is {k}: there is no mixture of none"));
        }
        if alpha.len() != k {
            return Err(format!("alpha has {} numbers, expected {k}", alpha.len()));
        }
        // The means first: after them d is known to be no larger than the input.
        let mu = flat("mu", mu, k, d)?;
        let mixture = Mixture { alpha, mu, q: flat("q", q, k, d)?, l: flat("l", l, k, d * (d - 1) / 2)? };
        Ok((Constants { d, k, n, m, gamma, x: flat("x", x, n, d)? }, mixture))
    }

    fn prepare(tool: Tool, function: &str, constants: Constants) -> Option<Prepared<Self::Point>> {
        if tool == Tool::Plain {
            return (function == "objective").then(|| direct(move |mixture| plain(&constants, mixture)));
        }
        let Constants { d, k, .. } = constants;
        let zeros = constants.tensors([k, k * d, k * d, k * constants.below()].map(|size| vec![0.0; size]));
        let posterior = Arc::new(Posterior::new(constants));
        let shapes = posterior.clone();
        let tensors = move |Mixture { alpha, mu, q, l }: &Self::Point| {
            shapes.constants.tensors([alpha, mu, q, l].map(Vec::clone))
        };
        let objective = move |mixture: &Mixture<Tensor>| posterior.objective(mixture);
        match function {
            "objective" => Some(compiled(objective, zeros, tensors)),
            "jacobian" => Some(compiled(grad(objective), zeros, tensors)),
            _ => None,
        }
    }

    fn workloads() -> Vec<Workload> {
        let mut sizes: Vec<(usize, usize)> =
            [2, 10, 20, 32, 64].into_iter().flat_map(|d| [5, 10, 25, 50, 100].map(|k| (d, k))).collect();
        sizes.sort_by_key(|(d, k)| d * k);
        sizes.into_iter().map(|(d, k)| workload(d, k, 1000)).collect()
    }
}

/// A mixture and data at random.
fn workload(d: usize, k: usize, n: usize) -> Workload {
    let keys = Key::new((1000 * d + k) as u64).split(5);
    let rows = |numbers: Tensor| -> Vec<Vec<f64>> {
        numbers.to_vec::<f64>().chunks(numbers.shape()[1]).map(<[f64]>::to_vec).collect()
    };
    let input = json!({
        "d": d, "k": k, "n": n, "m": 0, "gamma": 1.0,
        "x": rows(keys[0].normal::<f64>([n, d])),
        "alpha": keys[1].normal::<f64>([k]).to_vec::<f64>(),
        "mu": rows(keys[2].uniform::<f64>([k, d])),
        "q": rows(keys[3].normal::<f64>([k, d])),
        "l": rows(keys[4].normal::<f64>([k, d * (d - 1) / 2])),
    });
    Workload { description: format!("{d}_{k}_{n}"), input }
}
