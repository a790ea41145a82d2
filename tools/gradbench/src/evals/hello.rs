//! x², and its derivative.

use crate::eval::{Eval, Prepared, Tool, Workload, direct};
use cotangent::number::derivative;
use cotangent::prelude::*;
use serde_json::json;

/// The module.
pub struct Hello;

fn square<R: Real>(x: &R) -> R {
    x.square()
}

impl Eval for Hello {
    const NAME: &'static str = "hello";
    const FUNCTIONS: &'static [&'static str] = &["square", "double"];
    type Input = f64;
    type Constants = ();
    type Point = f64;

    fn split(x: f64) -> Result<((), f64), String> {
        Ok(((), x))
    }

    fn prepare(tool: Tool, function: &str, (): ()) -> Option<Prepared<f64>> {
        match (tool, function) {
            (Tool::Cotangent, "square") => Some(direct(|x: &f64| square(x))),
            (Tool::Cotangent, "double") => Some(direct(|&x: &f64| derivative(|x| square(x), x))),
            (Tool::Plain, "square") => Some(direct(|x: &f64| x * x)),
            _ => None,
        }
    }

    fn workloads() -> Vec<Workload> {
        vec![Workload { description: "x=3".into(), input: json!(3.0) }]
    }
}
