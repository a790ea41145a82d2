//! Gradients of an [`Objective`] by every engine, each in the way its library means it to be used.

use crate::objectives::Objective;
use cotangent::number::{Dual, Tape, gradient};
use nalgebra::{DVector, SVector};
use std::array;

/// `N` = n: the variables are an array, one evaluation carries all directions.
pub fn dual_static<const N: usize>(f: &impl Objective, x: &[f64; N], g: &mut [f64]) {
    let x: [Dual<f64, N>; N] =
        array::from_fn(|i| Dual::new(x[i], array::from_fn(|j| if i == j { 1.0 } else { 0.0 })));
    g.copy_from_slice(f.call(&x).tangent());
}

/// ⌈n/N⌉ evaluations that carry `N` directions each.
pub fn dual_chunks<const N: usize>(f: &impl Objective, x: &[f64], g: &mut [f64]) {
    let mut seeded: Vec<Dual<f64, N>> = x.iter().map(|&x| Dual::constant(x)).collect();
    for (chunk, g) in g.chunks_mut(N).enumerate() {
        let first = chunk * N;
        for j in 0..g.len() {
            seeded[first + j] =
                Dual::new(x[first + j], array::from_fn(|lane| if lane == j { 1.0 } else { 0.0 }));
        }
        g.copy_from_slice(&f.call(&seeded).tangent()[..g.len()]);
        for j in 0..g.len() {
            seeded[first + j] = Dual::constant(x[first + j]);
        }
    }
}

/// A new tape each time: what [`gradient`] does.
pub fn tape_fresh(f: &impl Objective, x: &[f64], g: &mut [f64]) {
    g.copy_from_slice(&gradient(|x| f.call(x), x));
}

/// A tape that keeps its memory.
pub fn tape_reused(tape: &mut Tape, f: &impl Objective, x: &[f64], g: &mut [f64]) {
    tape.clear();
    let x: Vec<_> = x.iter().map(|&x| tape.var(x)).collect();
    f.call(&x).backward();
    for (x, g) in x.iter().zip(g) {
        *g = x.grad();
    }
}

/// num-dual with the number of directions known to the compiler.
pub fn num_dual_static<const N: usize>(f: &impl Objective, x: &SVector<f64, N>, g: &mut [f64]) {
    let (_, gradient) = num_dual::gradient(|x| f.call_num_dual(x.as_slice()), x);
    g.copy_from_slice(gradient.as_slice());
}

/// num-dual with vectors on the heap.
pub fn num_dual_dynamic(f: &impl Objective, x: &DVector<f64>, g: &mut [f64]) {
    let (_, gradient) = num_dual::gradient(|x| f.call_num_dual(x.as_slice()), x);
    g.copy_from_slice(gradient.as_slice());
}
