//! Compiled functions against the same functions eagerly.

use cotangent::check::Close;
use cotangent::prelude::*;

fn close(a: &Tensor, b: &Tensor) {
    Close::of(a.dtype()).compare(a, b).unwrap();
}

#[test]
fn compiled_derivatives_of_every_kind_are_the_eager_ones() {
    let f = |x: &Tensor| (x.sin() * (-x.square()).exp() + x.tanh()).sum();
    for dtype in [DType::F64, DType::F32] {
        let x = Tensor::linspace::<f64>(-1.0, 3.0, 5000).to(dtype);
        close(&jit(f)(&x), &f(&x));
        close(&jit(grad(f))(&x), &grad(f)(&x));
        let (y, g) = jit(value_and_grad(f))(&x);
        close(&y, &f(&x));
        close(&g, &grad(f)(&x));
        close(&grad(jit(f))(&x), &grad(f)(&x));
        let v = x.cos();
        let product = |x: &Tensor| jvp(grad(f), x, &v).1;
        close(&jit(product)(&x), &product(&x));
    }
}

#[test]
fn a_branch_taken_by_value_is_taken_again() {
    let f = |x: &Tensor| if x.sum() > 1.0 { x.sin().sum() } else { (x * x).sum() };
    let compiled = Jit::new(grad(f));
    for _ in 0..3 {
        for x in [[0.25, 0.5], [2.0, 3.0], [-1.0, 0.0], [1.0, 0.5]] {
            let x = Tensor::from(x);
            close(&compiled.call(&x), &grad(f)(&x));
        }
    }
    let stats = compiled.stats();
    assert_eq!((stats.traces, stats.guards, stats.eager), (2, 2, 0), "{stats}");
}
