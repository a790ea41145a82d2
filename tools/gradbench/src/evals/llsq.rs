//! Least squares of a polynomial against the sign function: y = ½ Σᵢ (sᵢ − Σⱼ xⱼ tᵢʲ)², where tᵢ goes from −1 to 1 and sᵢ = sign tᵢ.

use crate::eval::{Eval, Prepared, Tool, Workload, compiled, direct};
use cotangent::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// The module.
pub struct Llsq;

/// More points than fit into anyone's memory are refused.
const MOST: usize = 1 << 26;

/// The points and the values there.
#[derive(Clone)]
struct Samples {
    t: Tensor,
    s: Tensor,
}

impl Samples {
    fn new(n: usize) -> Samples {
        let t: Vec<f64> = (0..n).map(|i| place(i, n)).collect();
        let s: Vec<f64> = t.iter().map(|&t| sign(t)).collect();
        Samples { t: Tensor::from(t), s: Tensor::from(s) }
    }

    /// By Horner's rule, at all points at once.
    fn objective(&self, x: &Tensor) -> Tensor {
        let coefficients = x.unstack(0);
        let polynomial = coefficients.iter().rev().fold(self.t.zeros_like(), |y, x| y * &self.t + x);
        (&self.s - polynomial).square().sum() * 0.5
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
            _ if n > MOST => Err(format!("n is {n}, more than {MOST}")),
            _ => Ok((Constants { n, m: x.len() }, x)),
        }
    }

    fn prepare(tool: Tool, function: &str, Constants { n, m }: Constants) -> Option<Prepared<Vec<f64>>> {
        let zeros = Tensor::zeros::<f64>([m]);
        let tensor = |x: &Vec<f64>| Tensor::from(x.clone());
        let objective = || {
            let samples = Samples::new(n);
            move |x: &Tensor| samples.objective(x)
        };
        match (tool, function) {
            (Tool::Cotangent, "primal") => Some(compiled(objective(), zeros, tensor)),
            (Tool::Cotangent, "gradient") => Some(compiled(grad(objective()), zeros, tensor)),
            (Tool::Plain, "primal") => Some(direct(move |x: &Vec<f64>| plain(x, n))),
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
