//! log Σ exp xᵢ, and its gradient, softmax.

use crate::eval::{Eval, Prepared, Tool, Workload, compiled, direct};
use cotangent::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// The module.
pub struct Lse;

/// In primitives, as GradBench wants it. The largest entry only keeps exp in range: as it cancels, so does its derivative.
fn log_sum_exp(x: &Tensor) -> Tensor {
    let most = x.max().stop_gradient();
    (x - &most).exp().sum().ln() + most
}

fn plain(x: &[f64]) -> f64 {
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + x.iter().map(|x| (x - most).exp()).sum::<f64>().ln()
}

/// The input.
#[derive(Deserialize)]
pub struct Input {
    x: Vec<f64>,
}

impl Eval for Lse {
    const NAME: &'static str = "lse";
    const FUNCTIONS: &'static [&'static str] = &["primal", "gradient"];
    type Input = Input;
    /// How many entries.
    type Constants = usize;
    type Point = Vec<f64>;

    fn split(Input { x }: Input) -> Result<(usize, Vec<f64>), String> {
        if x.is_empty() { Err("x has no entries".into()) } else { Ok((x.len(), x)) }
    }

    fn prepare(tool: Tool, function: &str, n: usize) -> Option<Prepared<Vec<f64>>> {
        let zeros = Tensor::zeros::<f64>([n]);
        let tensor = |x: &Vec<f64>| Tensor::from(x.clone());
        match (tool, function) {
            (Tool::Cotangent, "primal") => Some(compiled(log_sum_exp, zeros, tensor)),
            (Tool::Cotangent, "gradient") => Some(compiled(grad(log_sum_exp), zeros, tensor)),
            (Tool::Plain, "primal") => Some(direct(|x: &Vec<f64>| plain(x))),
            _ => None,
        }
    }

    fn workloads() -> Vec<Workload> {
        let workload = |n: usize| {
            let x = Key::new(n as u64).uniform::<f64>([n]).to_vec::<f64>();
            Workload { description: format!("n={n}"), input: json!({ "x": x }) }
        };
        (0..10).map(|i| workload(2500 << i)).collect()
    }
}
