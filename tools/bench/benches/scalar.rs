//! The report's functions under criterion, for its statistics and its comparison with the last run.

use cotangent::number::{Tape, hessian, hvp, taylor};
use cotangent_bench::chain::{multiply_add, on_tape};
use cotangent_bench::engines::{dual_static, num_dual_dynamic, num_dual_static, tape_fresh, tape_reused};
use cotangent_bench::objectives::{Ackley, Mixture, Objective, PARAMETERS, Rosenbrock, point};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nalgebra::{DVector, SVector};
use std::hint::black_box;

fn tape(c: &mut Criterion) {
    for links in [1_000, 1_000_000] {
        let mut group = c.benchmark_group(format!("y*a+b, {links} links"));
        group.throughput(Throughput::Elements(2 * links as u64)).sample_size(20);
        group.bench_function("plain", |b| {
            b.iter(|| multiply_add(&black_box(1.0), &black_box(0.999), &black_box(0.001), links))
        });
        group.bench_function("tape, new", |b| b.iter(|| on_tape(&Tape::new(), links, true)));
        let mut tape = Tape::new();
        group.bench_function("tape, reused", |b| {
            b.iter(|| {
                tape.clear();
                on_tape(&tape, links, true)
            })
        });
    }
}

fn gradient<const N: usize>(c: &mut Criterion, name: &str, f: &impl Objective) {
    let x: [f64; N] = point(N).try_into().expect("N numbers");
    let (fixed, dynamic) = (SVector::<f64, N>::from(x), DVector::from_row_slice(&x));
    let mut g = [0.0; N];
    let mut group = c.benchmark_group(format!("gradient of {name}, n = {N}"));
    group.bench_function("plain function", |b| b.iter(|| f.call(black_box(&x))));
    group.bench_function("by hand", |b| b.iter(|| f.by_hand(black_box(&x), &mut g)));
    group.bench_function("Dual", |b| b.iter(|| dual_static(f, black_box(&x), &mut g)));
    group.bench_function("Tape, new", |b| b.iter(|| tape_fresh(f, black_box(&x), &mut g)));
    let mut tape = Tape::new();
    group.bench_function("Tape, reused", |b| b.iter(|| tape_reused(&mut tape, f, black_box(&x), &mut g)));
    group.bench_function("num-dual, static", |b| b.iter(|| num_dual_static(f, black_box(&fixed), &mut g)));
    group
        .bench_function("num-dual, dynamic", |b| b.iter(|| num_dual_dynamic(f, black_box(&dynamic), &mut g)));
}

fn gradients(c: &mut Criterion) {
    gradient::<2>(c, "Rosenbrock", &Rosenbrock);
    gradient::<10>(c, "Rosenbrock", &Rosenbrock);
    gradient::<100>(c, "Rosenbrock", &Rosenbrock);
    gradient::<10>(c, "Ackley", &Ackley);
    gradient::<PARAMETERS>(c, "Gaussian mixture", &Mixture::with_points(100));
}

fn second_order(c: &mut Criterion) {
    let (x, v) = (point(10), point(10));
    c.bench_function("hessian of Rosenbrock, n = 10", |b| {
        b.iter(|| hessian(|x| Rosenbrock.call(x), black_box(&x)))
    });
    c.bench_function("hvp of Rosenbrock, n = 10", |b| {
        b.iter(|| hvp(|x| Rosenbrock.call(x), black_box(&x), &v))
    });
    c.bench_function("taylor of sin(exp(x)), order 10", |b| {
        b.iter(|| {
            taylor::<f64, 10>(
                |x| cotangent::number::Real::sin(&cotangent::number::Real::exp(x)),
                black_box(0.3),
            )
        })
    });
}

criterion_group!(benches, tape, gradients, second_order);
criterion_main!(benches);
