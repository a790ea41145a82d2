//! Least squares of a polynomial against the sign function: y = ½ Σᵢ (sᵢ − Σⱼ xⱼ tᵢʲ)², where tᵢ goes from −1 to 1 and sᵢ = sign tᵢ.

use crate::eval::{Eval, Prepared, Tool, Workload, compiled, direct};
use cotangent::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// The module.
pub struct Llsq;

/// Powers of points beyond so many are refused, before they fill the memory.
const MOST: usize = 1 << 26;

/// How many coefficients belong to one power of t^32.
const WIDTH: usize = 32;

/// What does not depend on the coefficients. A polynomial is Σₐ t^(32a) Σ_b x[32a + b] tᵇ, which is a small matrix product and a short sum.
struct Samples {
    /// s, `[n]`.
    values: Tensor,
    /// tᵇ for b below the width, `[32, n]`.
    powers: Tensor,
    /// t^(32a), `[m/32, n]`.
    large_powers: Tensor,
}

impl Samples {
    fn new(Constants { n, m }: Constants) -> Samples {
        let t: Vec<f64> = (0..n).map(|i| place(i, n)).collect();
        let powers = |count: usize, step: usize| {
            let row = |i: usize| t.iter().map(move |t| t.powi((i * step) as i32));
            Tensor::from_vec((0..count).flat_map(row).collect(), [count, n])
        };
        Samples {
            values: t.iter().map(|&t| sign(t)).collect::<Vec<_>>().into(),
            powers: powers(WIDTH, 1),
            large_powers: powers(m.div_ceil(WIDTH), WIDTH),
        }
    }

    fn objective(&self, x: &Tensor) -> Tensor {
        let rows = self.large_powers.shape()[0];
        let missing = rows * WIDTH - x.size();
        let x = x.pad(&[(0, missing as isize)]).reshape([rows, WIDTH]);
        let polynomial = (x.matmul(&self.powers) * &self.large_powers).sum_axes(0);
        (&self.values - polynomial).square().sum() * 0.5
    }
}

fn place(i: usize, n: usize) -> f64 {
    -1.0 + 2.0 * i as f64 / (n as f64 - 1.0)
}

fn sign(t: f64) -> f64 {
    if t == 0.0 { 0.0 } else { t.signum() }
}

fn plain(x: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let t = place(i, n);
        let (mut sum, mut power) = (sign(t), 1.0);
        for x in x {
            sum -= x * power;
            power *= t;
        }
        total += sum * sum;
    }
    0.5 * total
}

/// The input.
#[derive(Deserialize)]
pub struct Input {
    x: Vec<f64>,
    n: usize,
}

/// Sizes.
#[derive(Clone, Copy)]
pub struct Constants {
    /// How many points.
    n: usize,
    /// How many coefficients.
    m: usize,
}

impl Eval for Llsq {
    const NAME: &'static str = "llsq";
    const FUNCTIONS: &'static [&'static str] = &["primal", "gradient"];
    type Input = Input;
    type Constants = Constants;
    /// The coefficients.
    type Point = Vec<f64>;

    fn split(Input { x, n }: Input) -> Result<(Constants, Vec<f64>), String> {
        match n {
            0..=1 => Err(format!("n is {n}: it takes two points to go from -1 to 1")),
            _ if n.saturating_mul(WIDTH + x.len() / WIDTH) > MOST => {
                Err(format!("n is {n}: too many points for {} coefficients", x.len()))
            }
            _ => Ok((Constants { n, m: x.len() }, x)),
        }
    }

    fn prepare(tool: Tool, function: &str, constants: Constants) -> Option<Prepared<Vec<f64>>> {
        let Constants { n, m } = constants;
        if tool == Tool::Plain {
            return (function == "primal").then(|| direct(move |x: &Vec<f64>| plain(x, n)));
        }
        let zeros = Tensor::zeros::<f64>([m]);
        let tensor = |x: &Vec<f64>| Tensor::from(x.clone());
        let samples = Samples::new(constants);
        let objective = move |x: &Tensor| samples.objective(x);
        match function {
            "primal" => Some(compiled(objective, zeros, tensor)),
            "gradient" => Some(compiled(grad(objective), zeros, tensor)),
            _ => None,
        }
    }

    fn workloads() -> Vec<Workload> {
        let workload = |n: usize| {
            let x = Key::new(n as u64).uniform::<f64>([128]).to_vec::<f64>();
            Workload { description: format!("n={n},m=128"), input: json!({ "x": x, "n": n }) }
        };
        // The last is GradBench's own slip.
        [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16392].into_iter().map(workload).collect()
    }
}
