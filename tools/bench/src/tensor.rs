//! Rank-0 tensors and a small network, eager: what an operation costs when it does next to no arithmetic.
//!
//! The chain is y ← tanh(y·a + c), 1000 links from y = start: three operations a link, forward, and the gradient in
//! start, a and c. All four are rank-0 tensors, made anew from numbers in every run; the gradient is read as numbers.

use crate::table::{Table, digits, time};
use crate::timing::{Contest, Times};
use cotangent::api::value_and_grad;
use cotangent::core::{Element, Tensor};
use cotangent::number::{Real, Tape};
use dfdx::dtypes::Dtype;
use dfdx::shapes::Rank0;
use dfdx::tensor::{AsArray, Cpu, Tensor as Peer, TensorFrom, Trace};
use dfdx::tensor_ops::{Backward, Device};
use std::hint::black_box;
use std::time::Duration;

pub const LINKS: usize = 1000;
const OPERATIONS: usize = 3 * LINKS;
/// Slow decay: no number of the two sweeps is subnormal, none is large. Exact in f32.
const START: f64 = 0.5;
const A: f64 = 1.0;
const C: f64 = 1.0 / 8192.0;

/// The value and its derivatives in start, a and c.
pub type Outcome = [f64; 4];

/// By hand, in Rust's own `f64`.
pub fn by_hand(values: &mut Vec<f64>) -> Outcome {
    let (start, a, c) = (black_box(START), black_box(A), black_box(C));
    values.clear();
    let mut y = start;
    for _ in 0..LINKS {
        values.push(y);
        y = (y * a + c).tanh();
    }
    let (value, mut ct, mut in_a, mut in_c) = (y, 1.0, 0.0, 0.0);
    for &x in values.iter().rev() {
        ct *= 1.0 - y * y;
        in_c += ct;
        in_a += ct * x;
        ct *= a;
        y = x;
    }
    [value, ct, in_a, in_c]
}

/// On the tape of `number/`.
pub fn tape(tape: &mut Tape) -> Outcome {
    tape.clear();
    let (start, a, c) = (tape.var(black_box(START)), tape.var(black_box(A)), tape.var(black_box(C)));
    let mut y = start;
    for _ in 0..LINKS {
        y = (y * a + c).tanh();
    }
    y.backward();
    [y.value(), start.grad(), a.grad(), c.grad()]
}

/// dfdx as its documentation has it: the tape travels with y, and gradients are allocated as the sweep needs them.
pub fn dfdx<E: Dtype + From<f32> + Into<f64>>(device: &Cpu) -> Outcome
where
    Cpu: Device<E>,
{
    let leaf = |x: f64| -> Peer<Rank0, E, Cpu> { device.tensor(E::from(black_box(x as f32))) };
    let (start, a, c) = (leaf(START), leaf(A), leaf(C));
    let mut y = start.leaky_trace();
    for _ in 0..LINKS {
        y = (y * a.clone() + c.clone()).tanh();
    }
    let value = y.array().into();
    let gradients = y.backward();
    let gradient = |x: &Peer<Rank0, E, Cpu>| gradients.get(x).array().into();
    [value, gradient(&start), gradient(&a), gradient(&c)]
}

fn ours<E: Element>(x: f64) -> Tensor {
    Tensor::from(black_box(x)).to(E::DTYPE)
}

fn links(start: &Tensor, a: &Tensor, c: &Tensor) -> Tensor {
    let mut y = start.clone();
    for _ in 0..LINKS {
        y = (y * a + c).tanh();
    }
    y
}

/// Cotangent, define-by-run: leaves, operations, `backward`.
pub fn eager<E: Element>() -> Outcome {
    let leaf = |x: f64| ours::<E>(x).requires_grad();
    let (start, a, c) = (leaf(START), leaf(A), leaf(C));
    let y = links(&start, &a, &c);
    y.backward();
    [y.to_f64(), start.grad().unwrap().to_f64(), a.grad().unwrap().to_f64(), c.grad().unwrap().to_f64()]
}

/// Cotangent, transforming the function: traced, differentiated and run anew each time.
pub fn transformed<E: Element>() -> Outcome {
    let x = (ours::<E>(START), ours::<E>(A), ours::<E>(C));
    let f = |(start, a, c): &(Tensor, Tensor, Tensor)| links(start, a, c);
    let (y, (start, a, c)) = value_and_grad(f)(&x);
    [y.to_f64(), start.to_f64(), a.to_f64(), c.to_f64()]
}

pub const CHAIN_HEADER: [&str; 4] =
    ["y ← tanh(y·a + c), 1000 links, value and gradient", "dtype", "an operation", "dfdx's time = 1"];

/// A way to compute the chain: its name, its dtype, a run.
type Engine<'a> = (&'static str, &'static str, Box<dyn FnMut() -> Outcome + 'a>);

/// The row that the others are compared with, by dtype.
pub const DFDX: &str = "dfdx 0.13";
pub const EAGER: &str = "Cotangent, eager";
pub const TRANSFORMED: &str = "Cotangent, `value_and_grad(f)(&x)`";

/// Nanoseconds a run; the contestants' names are "engine, dtype".
pub fn chain(table: &mut Table, budget: Duration) -> Times {
    let (device, cached) = (Cpu::default(), Cpu::default());
    dfdx::tensor::Cache::enable_cache(&cached);
    let (mut values, mut recorded) = (Vec::new(), Tape::new());
    let truth = by_hand(&mut Vec::new());
    let mut engines: Vec<Engine> = vec![
        ("by hand", "f64", Box::new(move || by_hand(&mut values))),
        ("Cotangent `Tape`, reused", "f64", Box::new(move || tape(&mut recorded))),
        (EAGER, "f64", Box::new(eager::<f64>)),
        (EAGER, "f32", Box::new(eager::<f32>)),
        (TRANSFORMED, "f64", Box::new(transformed::<f64>)),
        (TRANSFORMED, "f32", Box::new(transformed::<f32>)),
        (DFDX, "f64", Box::new(|| dfdx::<f64>(&device))),
        (DFDX, "f32", Box::new(|| dfdx::<f32>(&device))),
        ("dfdx 0.13, its cache enabled", "f64", Box::new(|| dfdx::<f64>(&cached))),
        ("dfdx 0.13, its cache enabled", "f32", Box::new(|| dfdx::<f32>(&cached))),
    ];
    for (name, dtype, run) in &mut engines {
        // 1000 roundings of a chain that forgets slowly.
        let tolerance = if *dtype == "f32" { 3e-3 } else { 1e-7 };
        for (x, y) in run().iter().zip(truth) {
            assert!((x - y).abs() <= tolerance * y.abs(), "{name}, {dtype}: {x} for {y}");
        }
    }
    let rows: Vec<_> = engines.iter().map(|(name, dtype, _)| (*name, *dtype)).collect();
    let mut contest = Contest::new();
    for (name, dtype, mut run) in engines {
        contest.add(format!("{name}, {dtype}"), move || {
            black_box(run());
        });
    }
    let times = contest.run(budget);
    for (name, dtype) in rows {
        let ns = times.of(&format!("{name}, {dtype}"));
        let peer = times.of(&format!("{DFDX}, {dtype}"));
        table.row(vec![name.into(), dtype.into(), time(ns / OPERATIONS as f64), digits(ns / peer)]);
    }
    times
}
