//! The report's tensors under criterion.

use cotangent::number::Tape;
use cotangent_bench::network::{Cotangent, Dfdx, Network};
use cotangent_bench::tensor::{LINKS, by_hand, dfdx, eager, tape, transformed};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dfdx::tensor::Cpu;
use std::hint::black_box;

fn chains(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("tanh(y*a+c), {LINKS} links, gradient"));
    group.throughput(Throughput::Elements(3 * LINKS as u64));
    let (mut values, mut recorded, device) = (Vec::new(), Tape::new(), Cpu::default());
    group.bench_function("by hand, f64", |b| b.iter(|| by_hand(&mut values)));
    group.bench_function("Tape, reused, f64", |b| b.iter(|| tape(&mut recorded)));
    group.bench_function("eager, f64", |b| b.iter(eager::<f64>));
    group.bench_function("eager, f32", |b| b.iter(eager::<f32>));
    group.bench_function("value_and_grad, f64", |b| b.iter(transformed::<f64>));
    group.bench_function("dfdx, f64", |b| b.iter(|| dfdx::<f64>(&device)));
    group.bench_function("dfdx, f32", |b| b.iter(|| dfdx::<f32>(&device)));
}

fn networks(c: &mut Criterion) {
    let network = Network::default();
    let dfdx = Dfdx::new(&network);
    let mut group = c.benchmark_group("16-32-1 network, 32 points, gradient");
    group.bench_function("by hand", |b| b.iter(|| black_box(&network).by_hand()));
    let ours = Cotangent::new(&network);
    group.bench_function("eager", |b| b.iter(|| ours.eager()));
    group.bench_function("value_and_grad", |b| b.iter(|| ours.transformed()));
    group.bench_function("dfdx", |b| b.iter(|| dfdx.run()));
}

criterion_group!(benches, chains, networks);
criterion_main!(benches);
