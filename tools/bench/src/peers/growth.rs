//! Programs of a wanted size, with their gradients: what tracing and compiling cost as they grow.

use cotangent::api::value_and_grad;
use cotangent::core::{DType, Program, Tensor, Type, trace_program};
use cotangent::run::{Backend, Blocks};
use std::hint::black_box;
use std::time::Instant;

/// What a program was made of, and what it took.
pub struct Growth {
    pub equations: usize,
    pub tracing_ns: f64,
    pub compiling_ns: f64,
}

/// The value of so many terms of a kind of function.
type Function = fn(usize, &[Tensor; 3]) -> Tensor;

/// y ← tanh(y·a + c): each value is read once.
fn chain(terms: usize, [x, a, c]: &[Tensor; 3]) -> Tensor {
    (0..terms).fold(x.clone(), |y, _| (y * a + c).tanh()).sum()
}

/// Layers of 8 units on 4 examples, all with the same parameters.
fn mlp(terms: usize, [x, weights, bias]: &[Tensor; 3]) -> Tensor {
    (0..terms).fold(x.clone(), |x, _| (x.matmul(weights) + bias).tanh()).sum()
}

/// 32 values, and from each two of them 32 new ones, so that every value is read 64 times.
fn fan_out(terms: usize, [x, a, c]: &[Tensor; 3]) -> Tensor {
    const WIDTH: usize = 32;
    let mut values: Vec<Tensor> = (0..WIDTH).map(|i| (x + i as f64 / 32.0).sin()).collect();
    for _ in 0..terms {
        let new = |i: usize| {
            let products = (0..WIDTH).map(|k| &values[k] * &values[(k + i) % WIDTH]);
            (products.reduce(|sum, product| sum + product).expect("some") * a + c).tanh()
        };
        values = (0..WIDTH).map(new).collect();
    }
    values.into_iter().reduce(|sum, value| sum + value).expect("some").sum()
}

/// How a kind is called, its function, and its inputs' shapes.
const KINDS: [(&str, Function, [&[usize]; 3]); 3] = [
    ("chain", chain, [&[], &[], &[]]),
    ("unrolled MLP", mlp, [&[4, 8], &[8, 8], &[8]]),
    ("fan-out", fan_out, [&[], &[], &[]]),
];

fn traced(f: Function, shapes: [&[usize]; 3], terms: usize) -> Program {
    let types = shapes.map(|shape| Type::new(DType::F32, shape.to_vec()));
    trace_program(&types, |x| {
        let x = [0, 1, 2].map(|i| x[i].clone());
        let (y, [x, a, c]) = value_and_grad(|x: &[Tensor; 3]| f(terms, x))(&x);
        vec![y, x, a, c]
    })
}

/// Traces and compiles the value and the gradient of a function of this kind, of about so many equations.
pub fn measure(kind: &str, equations: usize) -> Option<Growth> {
    let (_, f, shapes) = KINDS.iter().find(|(name, ..)| *name == kind)?;
    let small = [1, 2].map(|terms| traced(*f, *shapes, terms).equations().len());
    let terms = (equations.saturating_sub(small[0])).div_ceil(small[1] - small[0]) + 1;
    let start = Instant::now();
    let program = traced(*f, *shapes, terms);
    let tracing_ns = start.elapsed().as_nanos() as f64;
    let start = Instant::now();
    let executable = Blocks.compile(&program);
    let compiling_ns = start.elapsed().as_nanos() as f64;
    black_box(executable);
    Some(Growth { equations: program.equations().len(), tracing_ns, compiling_ns })
}
