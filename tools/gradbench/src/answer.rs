//! [`Answer`]: what a function gives, and how it is written as JSON.

use cotangent::prelude::*;
use serde_json::{Map, Number, Value};

/// What a function gives. It is turned into JSON when the clock has stopped.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A number.
    Number(f64),
    /// A tensor of `f64`: nested lists.
    Tensor(Tensor),
    /// Several, by name.
    Named(Vec<(&'static str, Answer)>),
}

impl From<f64> for Answer {
    fn from(x: f64) -> Answer {
        Answer::Number(x)
    }
}

impl From<Tensor> for Answer {
    fn from(x: Tensor) -> Answer {
        Answer::Tensor(x)
    }
}

impl Answer {
    /// As JSON; an error if a number is infinite or NaN, which JSON cannot say.
    pub fn json(&self) -> Result<Value, String> {
        match self {
            Answer::Number(x) => number(*x),
            Answer::Tensor(x) => lists(&x.to_vec::<f64>(), x.shape()),
            Answer::Named(parts) => {
                let part = |(name, part): &(&'static str, Answer)| Ok((name.to_string(), part.json()?));
                parts.iter().map(part).collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
        }
    }

    /// Every number, in order.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Answer::Number(x) => vec![*x],
            Answer::Tensor(x) => x.to_vec(),
            Answer::Named(parts) => parts.iter().flat_map(|(_, part)| part.numbers()).collect(),
        }
    }
}

fn number(x: f64) -> Result<Value, String> {
    Number::from_f64(x).map(Value::Number).ok_or_else(|| format!("the answer has {x} in it"))
}

/// As deep as the shape is long. No shape here is longer than two.
fn lists(entries: &[f64], shape: &[usize]) -> Result<Value, String> {
    match shape {
        [] => number(entries[0]),
        [rows, inner @ ..] => {
            let size: usize = inner.iter().product();
            let row = |i: usize| lists(&entries[i * size..][..size], inner);
            (0..*rows).map(row).collect::<Result<_, _>>().map(Value::Array)
        }
    }
}
