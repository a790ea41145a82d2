//! Transformations of transformations, on random programs: every way to the same derivative agrees with every other and with
//! differences. And a museum of perturbation confusion.

use cotangent::check::{Close, close};
use cotangent::prelude::*;

/// A generator of its own, so that a failure can be seen again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
}

const WIDTH: usize = 3;

/// A smooth function of a vector to a number, of about a dozen operations on vectors and matrices, chosen by the seed. Values stay near 1.
fn random_function(seed: u64) -> impl Fn(&Tensor) -> Tensor + Copy {
    move |x: &Tensor| {
        let mut random = Random(seed);
        let w = Tensor::from([[0.3, -0.5, 0.2], [0.7, 0.1, -0.4], [-0.2, 0.6, 0.5]]);
        let mut values = vec![x.clone(), x.sin()];
        for _ in 0..10 {
            let (i, j) = (random.below(values.len()), random.below(values.len()));
            let (a, b) = (values[i].clone(), values[j].clone());
            values.push(match random.below(12) {
                0 => a.sin(),
                1 => (a * 0.5).tanh(),
                2 => a.sigmoid() + b,
                3 => (&a * &b).sin(),
                4 => w.matmul(&a),
                5 => a.matmul(&w) * b.cos(),
                6 => &a / (b.square() + 1.0),
                7 => (&a - a.mean()).cos() + b,
                8 => a.softplus() - b,
                9 => Tensor::concat(&[b.slice_axis(0, 1..), a.slice_axis(0, ..1)], 0),
                10 => (a.reshape([WIDTH, 1]) * &b).sum_axes(0).tanh(),
                _ => a.take(&Tensor::from([2, 0, 2]), 0) * b.sigmoid(),
            });
        }
        values.iter().skip(2).fold(Tensor::from(0.0), |sum, y| sum + y.sin().sum())
    }
}

fn point(seed: u64) -> Tensor {
    Key::new(seed).uniform::<f64>([WIDTH]) * 2.0 - 1.0
}

#[track_caller]
fn same(what: &str, seed: u64, a: &Tensor, b: &Tensor) {
    let tolerance = Close::within(1e-9).abs(1e-9);
    tolerance.compare(a, b).unwrap_or_else(|text| panic!("{what}, function {seed}: {text}"));
}

/// (g(x + hv) − g(x − hv))/2h, with its error of h² taken out.
fn difference(g: impl Fn(&Tensor) -> Tensor, x: &Tensor, v: &Tensor) -> Tensor {
    let step = |h: f64| (g(&(x + v * h)) - g(&(x - v * h))) / (2.0 * h);
    let h = 1e-3;
    (step(h) * 4.0 - step(2.0 * h)) / 3.0
}

#[track_caller]
fn near(what: &str, seed: u64, a: &Tensor, b: &Tensor) {
    let tolerance = Close::within(1e-6).abs(1e-6);
    tolerance.compare(a, b).unwrap_or_else(|text| panic!("{what}, function {seed}: {text}"));
}

#[test]
fn second_order_every_way() {
    for seed in 0..60 {
        let f = random_function(seed);
        let (x, v) = (point(seed), point(seed + 1000));
        let forward_over_reverse = jvp(grad(f), &x, &v).1;
        near("gradient against differences", seed, &grad(f)(&x).dot(&v), &difference(f, &x, &v));
        near("Hv against differences", seed, &forward_over_reverse, &difference(grad(f), &x, &v));
        let others = [
            ("reverse over forward", grad(|x: &Tensor| jvp(f, x, &v).1)(&x)),
            ("reverse over reverse", grad(|x: &Tensor| grad(f)(x).dot(&v))(&x)),
            ("hessian", hessian(f)(&x).matmul(&v)),
            ("hvp", hvp(f, &x, &v)),
            ("linearized gradient", linearize(grad(f), &x).1(&v)),
            ("pullback of the gradient", vjp(grad(f), &x).1(&v)),
            ("Jacobian of the gradient, reverse", jacobian_reverse(grad(f))(&x).matmul(&v)),
        ];
        for (name, other) in others {
            same(name, seed, &other, &forward_over_reverse);
        }
        let twice = jvp(|x: &Tensor| jvp(f, x, &v).1, &x, &v).1;
        same("forward over forward", seed, &twice, &forward_over_reverse.dot(&v));
    }
}

#[test]
fn batches_of_derivatives_and_derivatives_of_batches() {
    for seed in 0..40 {
        let f = random_function(seed);
        let rows: Vec<Tensor> = (0..4).map(|k| point(seed * 10 + k)).collect();
        let batch = Tensor::stack(&rows, 0);
        let looped = Tensor::stack(&rows.iter().map(grad(f)).collect::<Vec<_>>(), 0);
        same("vmap of grad", seed, &vmap(grad(f))(&batch), &looped);
        same("grad of vmap", seed, &grad(|x: &Tensor| vmap(f)(x).sum())(&batch), &looped);
        let hessians = Tensor::stack(&rows.iter().map(hessian(f)).collect::<Vec<_>>(), 0);
        same("vmap of hessian", seed, &vmap(hessian(f))(&batch), &hessians);
        let all = hessian(|x: &Tensor| vmap(f)(x).sum())(&batch); // [4, 3, 4, 3], zero between rows
        for i in 0..4 {
            for j in 0..4 {
                let block = all.slice(&[i..i + 1, 0..3, j..j + 1, 0..3]).reshape([3, 3]);
                let wanted = if i == j { hessians.index(i) } else { Tensor::zeros::<f64>([3, 3]) };
                same("hessian of vmap", seed, &block, &wanted);
            }
        }
        let v = point(seed + 77);
        let pushed = vmap(|x: &Tensor| jvp(f, x, &v).1)(&batch);
        same("vmap of jvp", seed, &pushed, &looped.matmul(&v));
        let nested = vmap(|x: &Tensor| vmap(|s: &Tensor| f(&(x * s)))(&Tensor::from([0.5, 1.0])))(&batch);
        same("vmap of vmap", seed, &nested.slice_axis(1, 1..2).flatten(), &vmap(f)(&batch));
    }
}

#[test]
fn third_order_every_way() {
    for seed in 0..25 {
        let f = random_function(seed);
        let (x, u, v) = (point(seed), point(seed + 1), point(seed + 2));
        let first = jvp(|x: &Tensor| jvp(grad(f), x, &v).1, &x, &u).1;
        near("third order against differences", seed, &first, &difference(|x| hvp(f, x, &v), &x, &u));
        let others = [
            ("grad of jvp of jvp", grad(|x: &Tensor| jvp(|x: &Tensor| jvp(f, x, &v).1, x, &u).1)(&x)),
            ("three times reverse", grad(|x: &Tensor| grad(|x: &Tensor| grad(f)(x).dot(&v))(x).dot(&u))(&x)),
            ("jvp of hessian", jvp(hessian(f), &x, &u).1.matmul(&v)),
            ("the other order", jvp(|x: &Tensor| jvp(grad(f), x, &u).1, &x, &v).1),
            ("grad of a quadratic form", grad(|x: &Tensor| v.dot(&hessian(f)(x).matmul(&u)))(&x)),
        ];
        for (name, other) in others {
            same(name, seed, &other, &first);
        }
    }
}

#[test]
fn eager_agrees_with_transformed_at_second_order() {
    use cotangent::eager::Backward;
    for seed in 0..25 {
        let f = random_function(seed);
        let (x, v) = (point(seed).requires_grad(), point(seed + 5));
        Backward::new().create_graph(true).run(&f(&x), None);
        let g = x.grad().unwrap();
        same("backward", seed, &g.detach(), &grad(f)(&x.detach()));
        x.zero_grad();
        g.dot(&v).backward();
        same("backward of backward", seed, &x.grad().unwrap(), &hvp(f, &x.detach(), &v));
        // A transformed call in the middle of an eager graph.
        x.zero_grad();
        grad(f)(&x).dot(&v).backward();
        same("backward of grad", seed, &x.grad().unwrap(), &hvp(f, &x.detach(), &v));
    }
}

/// The derivative of a function of one number, in each mode.
fn each_mode(check: impl Fn(&dyn Fn(&dyn Fn(&Tensor) -> Tensor, &Tensor) -> Tensor)) {
    check(&|f, x| grad(f)(x));
    check(&|f, x| jvp(f, x, &x.ones_like()).1);
    check(&|f, x| linearize(f, x).1(&x.ones_like()));
    check(&|f, x| jacobian(f)(x));
    check(&|f, x| vmap(|x: &Tensor| grad(f)(x))(&x.unsqueeze(0)).index(0));
}

/// J. Siskind, B. Pearlmutter, "Perturbation confusion and referential transparency", 2005; O. Manzyuk et al., "Confusion of tagged
/// perturbations in forward automatic differentiation of higher-order functions", 2019.
#[test]
fn a_museum_of_confusion() {
    each_mode(|outer| {
        each_mode(|inner| {
            let at = |v: f64| Tensor::from(v);
            let exact = |y: Tensor, wanted: f64| {
                assert!((y.item::<f64>() - wanted).abs() < 1e-13, "{y} is not {wanted}")
            };
            // d/dx (x · d/dy (x + y)) = 1, not 2
            exact(outer(&|x| x * inner(&|y| x + y, &at(1.0)), &at(1.0)), 1.0);
            // d/dx (x · d/dy (x · y)) = 2x
            exact(outer(&|x| x * inner(&|y| x * y, &at(2.0)), &at(3.0)), 6.0);
            // d/dx d/dy x²y³ at y = x
            exact(outer(&|x| inner(&|y| x.square() * y.powi(3), x), &at(2.0)), 12.0 * 8.0);
            // d/dx of the derivative of a constant function
            exact(outer(&|x| inner(&|_| x.square(), x), &at(2.0)), 0.0);
            // An inner function that closes over an outer derivative's variable and ignores its own.
            exact(outer(&|x| inner(&|y| inner(&|_| x * y, &at(5.0)) + x * y, &at(1.0)), &at(3.0)), 1.0);
            // The shift operator: D (λg. λx. g(x + u)) at u = 0 applied to exp is exp′.
            let shifted = |u: &Tensor, y: f64| (at(y) + u).exp();
            exact(outer(&|u| inner(&|w| shifted(&(u + w), 1.0), &at(0.0)), &at(0.0)), 1_f64.exp());
            // The same function differentiated twice, once of each.
            exact(outer(&|x| inner(&|x| x.powi(4), x), &at(1.5)), 12.0 * 2.25);
        });
    });
}

#[test]
fn a_captured_tensor_of_each_level() {
    // ∂³/∂x∂y∂z of x·y²·z³ at (2, 3, 5), each level capturing those around it.
    let f = |x: &Tensor| {
        let x = x.clone();
        grad(move |y: &Tensor| {
            let (x, y) = (x.clone(), y.clone());
            grad(move |z: &Tensor| &x * y.square() * z.powi(3))(&Tensor::from(5.0))
        })(&Tensor::from(3.0))
    };
    assert_eq!(grad(f)(&Tensor::from(2.0)).item::<f64>(), 1.0 * 6.0 * 75.0);
    close(&jvp(f, &Tensor::from(2.0), &Tensor::from(1.0)).1, &Tensor::from(450.0)).unwrap();
}
