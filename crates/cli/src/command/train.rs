//! `cotan train`: a neural network made of nothing but numbers on a tape.

use crate::args::{Task, Train};
use crate::failure::{Failure, Status};
use crate::output::{Align, GREEN, Number, Page, RED, Report, Table, counted};
use crate::plot::{Curve, Plot};
use cotangent::number::{Real, Tape, Var};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Exclusive or: two inputs and what is to come out.
const XOR: [([f64; 2], f64); 4] =
    [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)];

/// The training has converged when its mean squared error is under this.
const TARGET: f64 = 0.01;

/// A unit's weights start between -SPREAD and SPREAD, and its weight in the output between ∓1/√(units), so that the
/// output starts as wide for any number of them. Measured over 1000 seeds of four hidden units: with 0.5 every run
/// converges, with 1 one in a thousand does not, with 2 one in forty, for tanh units that start saturated stay there.
const SPREAD: f64 = 0.5;

/// How many points of the loss curve are kept.
const SAMPLES: u32 = 200;

#[derive(Serialize)]
pub struct Training {
    task: &'static str,
    hidden: u32,
    seed: u64,
    steps: u32,
    rate: f64,
    parameters: usize,
    tape_operations: usize,
    converged: bool,
    target: f64,
    loss: Number,
    /// The loss before each of some of the steps, and at the end.
    history: Vec<Sample>,
    predictions: Vec<Prediction>,
}

#[derive(Serialize)]
struct Sample {
    step: u32,
    loss: Number,
}

#[derive(Serialize)]
struct Prediction {
    inputs: [f64; 2],
    target: f64,
    output: Number,
}

/// The network's numbers: for each hidden unit two weights, a bias and the weight of its output; last the output's bias.
struct Network(Vec<f64>);

impl Network {
    fn random(hidden: u32, seed: u64) -> Self {
        let mut random = SplitMix(seed);
        let output = f64::from(hidden).sqrt().recip();
        let unit = |random: &mut SplitMix| {
            [SPREAD, SPREAD, SPREAD, output].map(|spread| spread * random.symmetric())
        };
        let mut numbers: Vec<f64> = (0..hidden).flat_map(|_| unit(&mut random)).collect();
        numbers.push(0.0);
        Network(numbers)
    }

    /// The network's output: tanh of a weighted sum of tanh of weighted sums.
    fn output<'t>(parameters: &[Var<'t>], inputs: [f64; 2]) -> Option<Var<'t>> {
        let (&bias, hidden) = parameters.split_last()?;
        let sum = hidden.chunks_exact(4).fold(bias, |sum, unit| {
            sum + (unit[0] * inputs[0] + unit[1] * inputs[1] + unit[2]).tanh() * unit[3]
        });
        Some(sum.tanh())
    }

    /// Records the four outputs and the mean squared error on a tape.
    fn record<'t>(&self, tape: &'t Tape) -> Recording<'t> {
        let parameters: Vec<Var<'t>> = self.0.iter().map(|&number| tape.var(number)).collect();
        let mut loss = tape.constant(0.0);
        let mut outputs = Vec::with_capacity(XOR.len());
        for (inputs, target) in XOR {
            if let Some(output) = Network::output(&parameters, inputs) {
                loss += (output - target).square() * (1.0 / XOR.len() as f64);
                outputs.push(output.value());
            }
        }
        Recording { parameters, outputs, loss }
    }
}

struct Recording<'t> {
    parameters: Vec<Var<'t>>,
    outputs: Vec<f64>,
    loss: Var<'t>,
}

/// Steele, Lea and Flood's generator: one addition and a mixing of bits.
struct SplitMix(u64);

impl SplitMix {
    /// Evenly between -1 and 1.
    fn symmetric(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

pub fn report(args: &Train) -> Result<Training, Failure> {
    let Task::Xor = args.task;
    let mut network = Network::random(args.hidden, args.seed);
    let mut tape = Tape::new();
    let mut history = Vec::new();
    let every = (args.steps / SAMPLES).max(1);
    let bar = progress(args.steps);
    for step in 0..args.steps {
        let Recording { parameters, loss, .. } = network.record(&tape);
        loss.backward();
        for (number, parameter) in network.0.iter_mut().zip(&parameters) {
            *number -= args.rate * parameter.grad();
        }
        if step % every == 0 {
            history.push(Sample { step, loss: Number(loss.value()) });
            bar.set_position(step.into());
            bar.set_message(format!("loss {:.5}", loss.value()));
        }
        // The tape keeps its memory: no step after the first allocates for it.
        tape.clear();
    }
    bar.finish_and_clear();
    let Recording { outputs, loss, .. } = network.record(&tape);
    history.push(Sample { step: args.steps, loss: Number(loss.value()) });
    let predictions = XOR
        .iter()
        .zip(outputs)
        .map(|(&(inputs, target), output)| Prediction { inputs, target, output: Number(output) })
        .collect();
    Ok(Training {
        task: "xor",
        hidden: args.hidden,
        seed: args.seed,
        steps: args.steps,
        rate: args.rate,
        parameters: network.0.len(),
        tape_operations: tape.len() - network.0.len(),
        converged: loss.value() < TARGET,
        target: TARGET,
        loss: Number(loss.value()),
        history,
        predictions,
    })
}

/// A bar on standard error, shown only on a terminal.
fn progress(steps: u32) -> ProgressBar {
    let bar = ProgressBar::new(steps.into());
    match ProgressStyle::with_template("training {bar:40} {pos}/{len} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Report for Training {
    fn print(&self, page: &mut Page) {
        page.heading(format_args!(
            "XOR by a network of 2 inputs, {} and 1 output",
            counted(self.hidden.into(), "hidden unit", "hidden units")
        ));
        page.line(format_args!(
            "{} parameters, seed {}, {} at a rate of {}; each records {} operations on a tape and sweeps them back",
            self.parameters,
            self.seed,
            counted(self.steps.into(), "step", "steps"),
            Number(self.rate),
            self.tape_operations
        ));
        page.blank();
        let points = self.history.iter().map(|s| (f64::from(s.step), s.loss.0.log10())).collect();
        let plot = Plot {
            curves: vec![Curve { name: "", mark: '•', points }],
            height: 13,
            width: 64,
            left: "0".to_string(),
            right: self.steps.to_string(),
            axis: "mean squared error by step",
            label: |y| format!("{:.1e}", 10_f64.powf(y)),
            joined: true,
        };
        plot.draw(page);
        page.blank();
        let mut table = Table::new([
            ("x1", Align::Right),
            ("x2", Align::Right),
            ("wanted", Align::Right),
            ("got", Align::Right),
        ]);
        for Prediction { inputs, target, output } in &self.predictions {
            table.row([
                inputs[0].to_string(),
                inputs[1].to_string(),
                target.to_string(),
                format!("{:.4}", output.0),
            ]);
        }
        page.table(&table);
        page.blank();
        let loss = format!("mean squared error {:.6}", self.loss.0);
        if self.converged {
            page.line(format_args!("{GREEN}converged{GREEN:#}: {loss} is under {}", self.target));
        } else {
            page.line(format_args!("{RED}did not converge{RED:#}: {loss} is not under {}", self.target));
            page.note("Try another seed, more steps, a smaller --rate, or more --hidden units.");
        }
    }

    fn status(&self) -> Status {
        if self.converged { Status::Success } else { Status::Negative }
    }
}
