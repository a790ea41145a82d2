//! The front page of tensors: what the design promises to compile as it stands, and first checks of everything that nests.

use cotangent::prelude::*;

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len(), "{a:?} {b:?}");
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{a:?} is not {b:?}");
    }
}

#[test]
fn the_seed_s_first_example() {
    let x = Tensor::from(2.0).requires_grad();
    let y = Tensor::from(3.0).requires_grad();
    let z = &x * &y + x.powi(2);
    z.backward();
    assert_eq!(x.grad().unwrap().item::<f64>(), 7.0);
    assert_eq!(y.grad().unwrap().item::<f64>(), 2.0);
}

#[test]
fn functions_to_functions() {
    let f = |x: &Tensor| (x * x).sin().sum();
    let (x0, v) = (Tensor::from([0.5, 1.5]), Tensor::from([1.0, -2.0]));
    let g = grad(f)(&x0);
    let (x, w) = (x0.to_vec::<f64>(), v.to_vec::<f64>());
    let slope: Vec<f64> = x.iter().map(|x| 2.0 * x * (x * x).cos()).collect();
    close(&g.to_vec::<f64>(), &slope);
    let (y, dy) = jvp(f, &x0, &v);
    close(&y.to_vec::<f64>(), &[x.iter().map(|x| (x * x).sin()).sum()]);
    close(&dy.to_vec::<f64>(), &[slope.iter().zip(&w).map(|(a, b)| a * b).sum()]);
    let curve: Vec<f64> = x.iter().map(|x| 2.0 * (x * x).cos() - 4.0 * x * x * (x * x).sin()).collect();
    let hv: Vec<f64> = curve.iter().zip(&w).map(|(c, v)| c * v).collect();
    close(&jvp(grad(f), &x0, &v).1.to_vec::<f64>(), &hv);
    close(&grad(|x: &Tensor| jvp(f, x, &v).1)(&x0).to_vec::<f64>(), &hv);
    close(&grad(|x: &Tensor| grad(f)(x).dot(&v))(&x0).to_vec::<f64>(), &hv);
    let batch = Tensor::from([[0.5, 1.5], [1.5, 0.5]]);
    close(&vmap(grad(f))(&batch).to_vec::<f64>(), &[slope[0], slope[1], slope[1], slope[0]]);
    close(
        &grad(|x: &Tensor| vmap(f)(x).sum())(&batch).to_vec::<f64>(),
        &[slope[0], slope[1], slope[1], slope[0]],
    );
    let (y, pull) = vjp(|x: &Tensor| x.sin(), &x0);
    close(&pull(&y).to_vec::<f64>(), &x.iter().map(|x| x.sin() * x.cos()).collect::<Vec<_>>());
    let (_, push) = linearize(grad(f), &x0);
    close(&push(&v).to_vec::<f64>(), &hv);
}

#[derive(Tree, Clone)]
struct Mlp {
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
    b2: Tensor,
}

impl Mlp {
    fn loss(&self, xs: &Tensor, ys: &Tensor) -> Tensor {
        let hidden = (xs.matmul(&self.w1) + &self.b1).tanh();
        ((hidden.matmul(&self.w2) + &self.b2) - ys).square().mean()
    }
}

#[test]
fn a_struct_of_parameters_eager_and_transformed() {
    let mlp = Mlp {
        w1: Tensor::from([[0.1, 0.2, 0.3], [-0.4, 0.5, -0.6]]),
        b1: Tensor::from([0.1, 0.0, -0.1]),
        w2: Tensor::from([[0.7], [-0.8], [0.9]]),
        b2: Tensor::from([0.05]),
    };
    let (xs, ys) = (Tensor::from([[1.0, 2.0], [3.0, -4.0]]), Tensor::from([[1.0], [0.0]]));
    let (loss, grads): (Tensor, Mlp) = value_and_grad(|m: &Mlp| m.loss(&xs, &ys))(&mlp);
    let leaf = mlp.map(&mut |x| x.clone().requires_grad());
    let eager = leaf.loss(&xs, &ys);
    eager.backward();
    close(&loss.to_vec::<f64>(), &eager.to_vec::<f64>());
    for (a, b) in [(&grads.w1, &leaf.w1), (&grads.b1, &leaf.b1), (&grads.w2, &leaf.w2), (&grads.b2, &leaf.b2)]
    {
        assert_eq!(a.ty(), b.ty());
        close(&a.to_vec::<f64>(), &b.grad().unwrap().to_vec::<f64>());
    }
}

fn wave<R: Real>(x: &R) -> R {
    x.square().sin()
}

#[test]
fn one_scalar_function_every_engine() {
    let tape = Tape::new();
    let all = [
        wave(&1.5_f64),
        wave(&Dual::variable(1.5)).value(),
        wave(&tape.var(1.5)).value(),
        wave(&Expr::symbol("x")).evaluate(&[("x", 1.5)]).unwrap(),
    ];
    assert!(all.iter().all(|y| *y == all[0]), "{all:?}");
    // A loop of vectors may fuse multiplications and additions.
    close(&[wave(&Tensor::from(1.5)).item()], &all[..1]);
}

#[test]
fn a_captured_leaf_gets_its_gradient() {
    let w = Tensor::from([2.0, 3.0]).requires_grad();
    let g = grad(|x: &Tensor| (x.square() * &w).sum())(&Tensor::from([1.0, 10.0])); // 2·x·w
    assert_eq!(g.node().unwrap().name(), "call");
    g.sum().backward();
    close(&w.grad().unwrap().to_vec::<f64>(), &[2.0, 20.0]);
}

#[test]
fn while_and_if_on_values() {
    let f = |x: &Tensor| {
        let mut y = x.clone();
        while y < 100.0 {
            y = y.square();
        }
        y
    };
    assert_eq!(grad(f)(&Tensor::from(2.0)).item::<f64>(), 8.0 * 128.0);
    assert_eq!(grad(grad(f))(&Tensor::from(2.0)).item::<f64>(), 56.0 * 64.0);
    assert_eq!(jvp(f, &Tensor::from(3.0), &Tensor::from(1.0)).1.item::<f64>(), 8.0 * 2187.0);
}

#[test]
fn integers_compare_exactly() {
    let large = (1_i64 << 53) + 1; // next to a number that is the same as an f64
    let (a, b) = (Tensor::from(large), Tensor::from(large - 1));
    assert_eq!((a > b, a >= b, a < b, a <= b, a == b), (true, true, false, false, false));
    let nan = Tensor::from(f64::NAN);
    assert_eq!((nan < 1.0, nan >= 1.0, nan < a.to(DType::F64)), (false, false, false));
}

#[test]
fn literals_on_either_side() {
    let x = Tensor::from([0.25, 0.5]);
    let y = (1.0 - &x).square() + (2.0 * &x) / (&x * 4.0); // no types need be told
    assert_eq!(y.to_vec::<f64>(), [1.0625, 0.75]);
    let single = 1.0 / (1.0 + Tensor::from([3f32]));
    assert_eq!(single.to_vec::<f32>(), [0.25]);
    let integers = (7 - Tensor::from([1i64, 2])) % 4;
    assert_eq!(integers.to_vec::<i64>(), [2, 1]);
}

/// Where a function of single numbers is flat everywhere, nothing goes on that could meet an infinity, eagerly or not.
#[test]
fn a_flat_function_of_numbers_stops_cotangents() {
    let (x, w) = (Tensor::from([1.0, 1.0]), Tensor::from([f64::INFINITY, 1.0]));
    let g = grad(|x: &Tensor| x.dot(&w).floor() + x.sum())(&x);
    assert_eq!(g.to_vec::<f64>(), [1.0, 1.0]);
    let x = x.requires_grad();
    (x.dot(&w).floor() + x.sum()).backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), [1.0, 1.0]);
}

/// What does not fit a program, or its pullback, is an error and not a panic.
#[test]
fn numbers_of_another_dtype_are_errors_of_vjp() {
    use cotangent::core::{DType, Type, trace_program};
    let program = trace_program(&[Type::new(DType::F64, [])], |x| vec![&x[0] * 3.0]);
    let error = cotangent::transform::vjp(&program, &[Tensor::from(2f32)], &[true]).err().unwrap();
    assert_eq!((error.operation(), error.found()), ("mul", Some("f32[] and f64[]")));
    let (_, pullback) = cotangent::transform::vjp(&program, &[Tensor::from(2.0)], &[true]).unwrap();
    let error = pullback.call(&[Some(Tensor::from(1f32))]).unwrap_err();
    assert_eq!((error.operation(), error.found()), ("pullback", Some("f32[]")));
}
