//! The report's matrix products under criterion.

use cotangent_bench::gemm::{LARGE, SHAPES, Shape, run};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn shapes(c: &mut Criterion, threads: usize, shapes: &[Shape]) {
    for &shape in shapes {
        let mut group = c.benchmark_group(format!("{} on {threads}", shape.name()));
        group.throughput(Throughput::Elements(shape.flops() as u64));
        run::<f32>(shape, threads, |name, run| {
            group.bench_function(name, |b| b.iter(&mut *run));
        });
        group.finish();
    }
}

fn products(c: &mut Criterion) {
    shapes(c, 1, &SHAPES);
    shapes(c, 2, &LARGE);
}

criterion_group!(benches, products);
criterion_main!(benches);
