//! Workloads of `peers/` under criterion, Cotangent's side alone, on one thread.

use cotangent::core::Tensor;
use cotangent::op::Key;
use cotangent_bench::peers::prepare;
use cotangent_kernels::threads;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

const N: usize = 1_000_000;

fn group(c: &mut Criterion, title: &str, names: &[&str], inputs: &[Tensor]) {
    let mut group = c.benchmark_group(title);
    group.throughput(Throughput::Elements(inputs[0].size() as u64));
    for name in names {
        let mut run = prepare(name, inputs).expect("a workload of this name").run;
        group.bench_function(*name, |b| threads::with(1, || b.iter(|| black_box(run()))));
    }
}

fn all(c: &mut Criterion) {
    let [a, b] = [1, 2].map(|seed| Key::new(seed).uniform_range::<f32>([N], 0.5..3.0));
    let unary = [
        "neg", "sqrt", "exp", "ln", "sin", "tan", "atan", "tanh", "sigmoid", "gelu", "erf", "lgamma",
        "digamma",
    ];
    group(c, "f32, 1e6, of one", &unary, std::slice::from_ref(&a));
    group(c, "f32, 1e6, of two", &["add", "div", "pow", "atan2", "fmod", "maximum"], &[a, b]);
    let square = Key::new(3).normal::<f32>([1000, 1000]);
    let whole =
        ["sum", "max", "var axis 1", "norm axis 1", "softmax axis 0", "softmax axis 1", "layer_norm bare"];
    group(c, "f32, 1000×1000, rows", &whole, std::slice::from_ref(&square));
    let moves = ["cumsum axis 1", "sort axis 1", "top_k 10 axis 1", "transpose", "flip axis 1"];
    group(c, "f32, 1000×1000, orders and moves", &moves, std::slice::from_ref(&square));
    let indices = Key::new(4).randint([1000], 0..1000);
    group(c, "f32, 1000×1000, rows by indices", &["gather rows", "scatter_add rows"], &[square, indices]);
    for n in [1_000, 100_000] {
        let x = Key::new(5).uniform_range::<f32>([n], -3.0..3.0);
        let title = format!("sum(sin x · exp(−x²) + tanh x), gradient, n = {n}");
        group(c, &title, &["bumps", "bumps, transformed"], &[x]);
    }
    let (images, kernels) =
        (Key::new(6).normal::<f32>([64, 8, 12, 12]), Key::new(7).normal::<f32>([16, 8, 5, 5]));
    group(c, "conv 5×5, 8 to 16 channels, 64 images of 12×12", &["conv"], &[images, kernels]);
}

criterion_group!(benches, all);
criterion_main!(benches);
