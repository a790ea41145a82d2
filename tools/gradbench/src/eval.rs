//! What an evaluation of GradBench is: constants, a point, and functions of the point that are prepared from the constants alone.

use crate::answer::Answer;
use cotangent::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::rc::Rc;

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The library: objectives on tensors or generic numbers, derivatives by differentiating these.
    Cotangent,
    /// The same objectives as plain loops over `f64`, without derivatives: the yardstick.
    Plain,
}

impl Tool {
    /// The tool of this name.
    pub fn named(name: &str) -> Option<Tool> {
        [Tool::Cotangent, Tool::Plain].into_iter().find(|tool| tool.to_string() == name)
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tool::Cotangent => "cotangent",
            Tool::Plain => "plain",
        })
    }
}

/// Everything done, but for the evaluation itself: this is what is timed.
pub type Run = Box<dyn Fn() -> Answer>;

/// A function made ready from constants alone. It is then given the point.
pub type Prepared<P> = Box<dyn Fn(&P) -> Run>;

/// One size of an evaluation.
pub struct Workload {
    /// What GradBench calls it.
    pub description: String,
    /// As in a message.
    pub input: Value,
}

/// One evaluation. A new one is a file with an implementation of this, and a line in [`evals`](crate::evals).
pub trait Eval: Sync {
    /// The module's name.
    const NAME: &'static str;
    /// The functions' names: the objective, and after it what is derived from it.
    const FUNCTIONS: &'static [&'static str];
    /// What a message holds.
    type Input: DeserializeOwned;
    /// What stays as it is while the point moves: sizes and data. All that [`prepare`](Eval::prepare) sees.
    type Constants;
    /// Where functions are evaluated and differentiated.
    type Point;

    /// The input, once it is seen to make sense: what follows relies on that.
    fn split(input: Self::Input) -> Result<(Self::Constants, Self::Point), String>;

    /// The function, ready; none if this tool has none of this name.
    fn prepare(tool: Tool, function: &str, constants: Self::Constants) -> Option<Prepared<Self::Point>>;

    /// The sizes that GradBench runs, from the smallest to the largest; the points are drawn anew.
    fn workloads() -> Vec<Workload>;
}

/// The function compiled. It is called once at this point, zeros of the right shapes: there it is traced.
pub fn compiled<P: 'static, A: Tree + 'static, B: Tree + Into<Answer> + 'static>(
    f: impl Fn(&A) -> B + Send + Sync + 'static,
    zeros: A,
    tensors: impl Fn(&P) -> A + 'static,
) -> Prepared<P> {
    let f = Rc::new(Jit::new(f));
    f.call(&zeros);
    Box::new(move |point| {
        let (f, x) = (f.clone(), tensors(point));
        Box::new(move || f.call(&x).into())
    })
}

/// The function as it is.
pub fn direct<P: Clone + 'static, B: Into<Answer>>(f: impl Fn(&P) -> B + 'static) -> Prepared<P> {
    let f = Rc::new(f);
    Box::new(move |point| {
        let (f, point) = (f.clone(), point.clone());
        Box::new(move || f(&point).into())
    })
}

/// An [`Eval`], whatever its types.
pub trait Module: Sync {
    /// [`Eval::NAME`].
    fn name(&self) -> &'static str;
    /// [`Eval::FUNCTIONS`].
    fn functions(&self) -> &'static [&'static str];
    /// The input of a message.
    fn decode(&self, input: Value) -> Result<Decoded, String>;
    /// [`Eval::workloads`].
    fn sizes(&self) -> Vec<Workload>;
}

/// An input, decoded: with a tool and a function it becomes what is timed, or an error that says what is wrong with these or with the input.
pub type Decoded = Box<dyn FnOnce(Tool, &str) -> Result<Run, String>>;

impl<E: Eval<Input: 'static>> Module for E {
    fn name(&self) -> &'static str {
        E::NAME
    }
    fn functions(&self) -> &'static [&'static str] {
        E::FUNCTIONS
    }
    fn decode(&self, input: Value) -> Result<Decoded, String> {
        let input: E::Input = serde_json::from_value(input).map_err(|error| format!("input: {error}"))?;
        Ok(Box::new(move |tool, function| {
            let (constants, point) = E::split(input).map_err(|error| format!("input: {error}"))?;
            let prepared =
                E::prepare(tool, function, constants).ok_or_else(|| lacking::<E>(tool, function))?;
            Ok(prepared(&point))
        }))
    }
    fn sizes(&self) -> Vec<Workload> {
        E::workloads()
    }
}

/// Why there is no such function.
fn lacking<E: Eval>(tool: Tool, function: &str) -> String {
    match E::FUNCTIONS.contains(&function) {
        true => format!("{tool} has no {function} of {}: it has objectives, no derivatives", E::NAME),
        false => format!("{} has no function {function}; it has {}", E::NAME, E::FUNCTIONS.join(", ")),
    }
}
