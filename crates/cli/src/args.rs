//! The command line.

use crate::engine::MAX_ORDER;
use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const STATUSES: &str = "\
Exit status:
  0  the command did what it was asked
  1  it ran, and the answer is no: a check failed, or a training did not converge
  2  the command line, an expression or a point cannot be understood
  3  the expression has no finite value or derivative there (a domain error, an overflow)
  4  a file or stream cannot be read or written

Messages go to standard error, always as text. With --json, standard output is one JSON value, in which the numbers
that JSON lacks are the strings \"NaN\", \"inf\" and \"-inf\". Colours appear only on a terminal, and never when NO_COLOR
is set.";

const EXAMPLES: &str = "\
Examples:
  cotan diff 'sin(x^2)' --at x=1.5
  cotan diff '(x1+x2)*(x1*x2)' --at x1=2,x2=3
  cotan graph '(x1+x2)*(x1*x2)' --at x1=2,x2=3 --format svg -o graph.svg
  cotan jacobian '[x*y, x+y]' --at x=2,y=3
  echo 'exp(-x)/x' | cotan check - --at x=pi/4
  cotan train xor";

/// Differentiate a formula symbolically, numerically, forward and in reverse, side by side.
#[derive(Debug, Parser)]
#[command(name = "cotan", version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{STATUSES}"))]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// Print one JSON value instead of text.
    #[arg(long, global = true)]
    pub json: bool,

    /// When to colour the text.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

impl From<Colour> for ColorChoice {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::AlwaysAnsi,
            Colour::Never => ColorChoice::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Diff(Diff),
    Jacobian(Jacobian),
    Graph(Graph),
    Step(Step),
    Check(Check),
    Swell(Swell),
    Train(Train),
    Completions(Completions),
}

/// Where the expression comes from.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct Source {
    /// The expression, such as 'sin(x^2)'; '-' reads it from standard input.
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    pub expr: Option<String>,

    /// Read the expression from a file.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Where to evaluate.
#[derive(Args, Debug)]
pub struct At {
    /// The point, such as x=1.5,y=-2; values may be constant expressions (x=pi/4). An expression of one variable also
    /// takes a bare value. Can be given more than once.
    #[arg(long = "at", value_name = "POINT", allow_hyphen_values = true)]
    pub at: Vec<String>,
}

/// The derivatives at a point by every mode, their differences, and what each cost.
#[derive(Args, Debug)]
#[command(after_help = "\
The four modes:
  symbolic   the formula of the derivative, evaluated: exact up to rounding, one formula for each variable
  numerical  central differences: 2 evaluations for each variable, and an error that no step removes
  forward    dual numbers: exact, 1 pass for each variable
  reverse    a tape swept backwards: exact, 2 passes whatever the number of variables

Examples:
  cotan diff 'sin(x^2)' --at x=1.5
  cotan diff 'exp(x)*sin(x)' --at x=1 --order 4
  cotan diff 'x^2*y^3' --at x=1,y=2 --hessian")]
pub struct Diff {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub at: At,
    /// Only with respect to these variables, such as x or x,y.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
    /// The derivative of this order in one variable, at most 10.
    #[arg(long, value_name = "K", allow_negative_numbers = true, conflicts_with = "hessian")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=MAX_ORDER as i64))]
    pub order: Option<u32>,
    /// All second derivatives.
    #[arg(long)]
    pub hessian: bool,
}

/// The Jacobian of several expressions, by columns (forward) and by rows (reverse).
#[derive(Args, Debug)]
#[command(after_help = "\
Forward mode gives a column a pass, so n passes for n variables; reverse mode a row a pass, so m for m expressions.

Softmax of (1, 2, 3), whose Jacobian is s_i (δ_ij - s_j):
  cotan jacobian '[exp(a)/(exp(a)+exp(b)+exp(c)), exp(b)/(exp(a)+exp(b)+exp(c)), exp(c)/(exp(a)+exp(b)+exp(c))]' \\
    --at a=1,b=2,c=3")]
pub struct Jacobian {
    /// Expressions in brackets, such as '[x*y, x+y]'.
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub at: At,
}

/// The computation graph with values and gradients, and how each path adds to them.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cotan graph '(x1+x2)*(x1*x2)' --at x1=2,x2=3
  cotan graph 'sin(x^2)' --at x=1.5 --format dot | dot -Tpng > graph.png
  cotan graph 'sin(x^2)' --at x=1.5 --format svg -o graph.svg")]
pub struct Graph {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub at: At,
    /// How to draw it.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show at most this many paths for each variable; there may be exponentially many.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 20)]
    pub paths: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Format {
    /// An indented tree from the output to the inputs, and the paths.
    Text,
    /// Graphviz.
    Dot,
    /// For Markdown pages.
    Mermaid,
    /// A picture.
    Svg,
}

/// The error of finite differences for steps from 1e-1 to 1e-15: why no step is both accurate and stable.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  cotan step 'sin(x^2)' --at x=1.5")]
pub struct Step {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub at: At,
    /// The variable to differentiate in; needed where there are several.
    #[arg(long, value_name = "NAME")]
    pub wrt: Option<String>,
}

/// Gradient check: every mode against central differences.
#[derive(Args, Debug)]
#[command(after_help = "\
The relative error |a - n| / max(|a|, |n|, 1e-8) passes under 1e-5, is a warning under 1e-3, and fails above.
A failure exits with status 1.

Example:
  cotan check 'tanh(w*x + b)' --at w=0.5,x=2,b=-0.1")]
pub struct Check {
    #[command(flatten)]
    pub source: Source,
    #[command(flatten)]
    pub at: At,
}

/// Expression swell: the symbolic derivative's size against reverse mode's operations as an expression is composed with
/// itself.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  cotan swell 'sin(x)*x' --depth 8")]
pub struct Swell {
    #[command(flatten)]
    pub source: Source,
    /// How many times to compose the expression with itself, at most 1000.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 8)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=1000))]
    pub depth: u32,
    /// The variable that the expression is put in place of; needed where there are several.
    #[arg(long, value_name = "NAME")]
    pub wrt: Option<String>,
}

/// Train a small neural network, made only of numbers on a tape.
#[derive(Args, Debug)]
#[command(after_help = "\
Two inputs, tanh units in the hidden layer, one tanh output; mean squared error over the four points, plain gradient
descent. Exits with status 1 unless the error ends under 0.01.

Example:
  cotan train xor --seed 7")]
pub struct Train {
    /// What to learn.
    #[arg(value_name = "TASK")]
    pub task: Task,
    /// Units in the hidden layer; more than a hundred want a smaller --rate.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub hidden: u32,
    /// What the random start is drawn from.
    #[arg(long, value_name = "S", allow_negative_numbers = true, default_value_t = 0)]
    pub seed: u64,
    /// Steps of gradient descent.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub steps: u32,
    /// The learning rate.
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, default_value_t = 0.3, value_parser = rate)]
    pub rate: f64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Task {
    /// Exclusive or.
    Xor,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => Err("a finite number above 0 is needed".to_string()),
    }
}

/// Print a completion script for a shell.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  cotan completions bash > ~/.local/share/bash-completion/completions/cotan")]
pub struct Completions {
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}
