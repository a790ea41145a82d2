//! Rules of the user's, branches, and what the design promises of them in every nest.

use cotangent::api::Context;
use cotangent::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn close(a: &Tensor, b: &[f64]) {
    let a = a.to_vec::<f64>();
    assert_eq!(a.len(), b.len(), "{a:?} {b:?}");
    for (x, y) in a.iter().zip(b) {
        assert!((x - y).abs() <= 1e-12 * (1.0 + y.abs()), "{a:?} is not {b:?}");
    }
}

fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a panic");
    payload.downcast_ref::<String>().expect("a text").clone()
}

/// x³ whose rule claims 10·x² instead of 3·x², so that it can be told whether the rule was kept.
fn marked(x: &Tensor) -> Tensor {
    custom_vjp(|x: &Tensor| (x.powi(3), x.clone()), |x: &Tensor, ct: &Tensor| ct * &(x.square() * 10.0))(x)
}

fn marked_forward(x: &Tensor) -> Tensor {
    custom_jvp(|x: &Tensor| x.powi(3), |x: &Tensor, t: &Tensor| (x.powi(3), t * &(x.square() * 10.0)))(x)
}

fn keeps_its_rule(f: impl Fn(&Tensor) -> Tensor + Copy) {
    let x = Tensor::from(2.0);
    let one = Tensor::from(1.0);
    close(&f(&x), &[8.0]);
    close(&grad(f)(&x), &[40.0]);
    close(&jvp(f, &x, &one).1, &[40.0]);
    close(&linearize(f, &x).1(&one), &[40.0]);
    // second order: (10 x²)′ = 20 x
    close(&grad(grad(f))(&x), &[40.0]);
    close(&jvp(grad(f), &x, &one).1, &[40.0]);
    close(&grad(|x: &Tensor| jvp(f, x, &one).1)(&x), &[40.0]);
    close(&hessian(f)(&x), &[40.0]);
    close(&grad(grad(grad(f)))(&x), &[20.0]);
    // vmap
    let xs = Tensor::from([1.0, 2.0, 3.0]);
    close(&vmap(f)(&xs), &[1.0, 8.0, 27.0]);
    close(&vmap(grad(f))(&xs), &[10.0, 40.0, 90.0]);
    close(&grad(|x: &Tensor| vmap(f)(x).sum())(&xs), &[10.0, 40.0, 90.0]);
    close(&jvp(vmap(f), &xs, &xs).1, &[10.0, 80.0, 270.0]);
    close(&vmap(grad(grad(f)))(&xs), &[20.0, 40.0, 60.0]);
    // cond
    let chosen = |x: &Tensor| cond(&x.greater(0.0), f, |x: &Tensor| x * 2.0, x);
    close(&grad(chosen)(&x), &[40.0]);
    close(&jvp(chosen, &x, &one).1, &[40.0]);
    close(&grad(grad(chosen))(&x), &[40.0]);
    close(&grad(chosen)(&-&x), &[2.0]);
    close(&vmap(grad(chosen))(&Tensor::from([-1.0, 3.0])), &[2.0, 90.0]);
    close(&grad(|x: &Tensor| vmap(chosen)(x).sum())(&Tensor::from([-1.0, 3.0])), &[2.0, 90.0]);
    // eager
    let leaf = x.clone().requires_grad();
    f(&leaf).backward();
    close(&leaf.grad().unwrap(), &[40.0]);
    leaf.zero_grad();
    cotangent::eager::Backward::new().create_graph(true).run(&chosen(&leaf), None);
    let g = leaf.grad().unwrap();
    leaf.zero_grad();
    g.backward();
    close(&leaf.grad().unwrap(), &[40.0]);
}

#[test]
fn a_custom_vjp_keeps_its_rule_in_every_nest() {
    keeps_its_rule(marked);
}

#[test]
fn a_custom_jvp_keeps_its_rule_in_every_nest() {
    keeps_its_rule(marked_forward);
}

struct Marked;

impl Function for Marked {
    fn forward(&self, ctx: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
        ctx.save_for_backward(&[&x[0]]);
        vec![x[0].powi(3)]
    }
    fn backward(&self, ctx: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&ct[0] * &(ctx.saved()[0].square() * 10.0))]
    }
}

#[test]
fn a_function_keeps_its_rule_in_every_nest() {
    keeps_its_rule(|x| Marked.apply(&[x]).remove(0));
}

#[test]
fn where_of_sqrt_is_finite_at_zero_to_second_order() {
    let f = |x: &Tensor| x.greater(0.0).select(&x.sqrt(), &x.zeros_like()).sum();
    let x = Tensor::from([0.0, 4.0]);
    close(&grad(f)(&x), &[0.0, 0.25]);
    close(&hvp(f, &x, &Tensor::from([1.0, 1.0])), &[0.0, -1.0 / 32.0]);
    close(&grad(|x: &Tensor| grad(f)(x).sum())(&x), &[0.0, -1.0 / 32.0]);
    let leaf = x.requires_grad();
    f(&leaf).backward();
    close(&leaf.grad().unwrap(), &[0.0, 0.25]);
}

#[test]
fn a_zero_wins_but_its_derivative_is_not_dropped() {
    let f = |(w, x): &(Tensor, Tensor)| w * &x.sqrt();
    let point = (Tensor::from(0.0), Tensor::from(4.0));
    let h = hessian(f)(&point);
    close(h.get(".0", ".1"), &[0.25]);
    close(h.get(".1", ".0"), &[0.25]);
    close(h.get(".0", ".0"), &[0.0]);
    let mixed = grad(|w: &Tensor| grad(|x: &Tensor| w * &x.sqrt())(&point.1));
    close(&mixed(&point.0), &[0.25]);
}

#[test]
fn the_branch_not_taken_does_not_run() {
    let count = |n: &Tensor| Tensor::from(10) / n; // an error for 0
    let f = |n: &Tensor| cond(&n.equal(0), |n: &Tensor| n.clone(), count, n);
    assert_eq!(f(&Tensor::from(0)).item::<i32>(), 0);
    assert_eq!(f(&Tensor::from(5)).item::<i32>(), 2);
    let weighted = |x: &Tensor| {
        let n = Tensor::from(0);
        cond(
            &n.equal(0),
            |x: &Tensor| x.square(),
            |x: &Tensor| x * &(Tensor::from(10) / &n).to(DType::F64),
            x,
        )
    };
    close(&grad(weighted)(&Tensor::from(3.0)), &[6.0]);
    close(&grad(grad(weighted))(&Tensor::from(3.0)), &[2.0]);
}

#[cfg(feature = "linalg")]
#[test]
fn a_cholesky_that_would_fail_in_the_branch_not_taken_does_not_run() {
    // ln det A by the factor if A is positive definite, by the formula for two by two if not.
    let log_det = |a: &Tensor| {
        let det = a.index(0).index(0) * a.index(1).index(1) - a.index(0).index(1) * a.index(1).index(0);
        let definite = det.greater(0.0).logical_and(&a.index(0).index(0).greater(0.0));
        let by_factor = |a: &Tensor| Tensor::einsum("ii->i", &[&a.cholesky()]).ln().sum() * 2.0;
        let by_formula = |a: &Tensor| {
            let det = a.index(0).index(0) * a.index(1).index(1) - a.index(0).index(1) * a.index(1).index(0);
            det.abs().ln()
        };
        cond(&definite, by_factor, by_formula, a)
    };
    for a in [Tensor::from([[4.0, 1.0], [1.0, 3.0]]), Tensor::from([[1.0, 2.0], [2.0, 1.0]])] {
        let det = a.to_vec::<f64>()[0] * a.to_vec::<f64>()[3] - a.to_vec::<f64>()[1].powi(2);
        close(&log_det(&a), &[det.abs().ln()]);
        // The gradient of ln|det A| is the inverse, transposed.
        let e = a.to_vec::<f64>();
        let inverse = [e[3] / det, -e[1] / det, -e[2] / det, e[0] / det];
        close(&grad(log_det)(&a), &inverse);
        close(&hvp(log_det, &a, &a), &inverse.map(|x| -x));
        let leaf = a.clone().requires_grad();
        log_det(&leaf).backward();
        close(&leaf.grad().unwrap(), &inverse);
    }
    let text = message(|| drop(Tensor::from([[1.0, 2.0], [2.0, 1.0]]).cholesky()));
    assert!(text.contains("pivot 1 is not positive"), "{text}");
}

#[test]
fn a_branch_may_capture() {
    let w = Tensor::from(3.0);
    let f = |w: &Tensor, x: &Tensor| cond(&x.greater(0.0), |x: &Tensor| x * w, |x: &Tensor| x + w, x);
    close(&grad(|x: &Tensor| f(&w, x))(&Tensor::from(2.0)), &[3.0]);
    close(&grad(|w: &Tensor| f(w, &Tensor::from(2.0)))(&w), &[2.0]);
    close(&grad(|w: &Tensor| f(w, &Tensor::from(-2.0)))(&w), &[1.0]);
    let leaf = w.requires_grad();
    f(&leaf, &Tensor::from(2.0)).backward();
    close(&leaf.grad().unwrap(), &[2.0]);
}

#[test]
fn in_place_changes_of_a_leaf() {
    let mut x = Tensor::from(1.0).requires_grad();
    let text = message(|| x += 1.0);
    assert!(
        text.contains("`add in place` at crates/cotangent/tests/rules.rs") && text.contains("no_grad"),
        "{text}"
    );
    let mut x = Tensor::from(1.0).requires_grad();
    no_grad(|| x += 1.0);
    assert!(x.is_leaf());
    x.square().backward();
    close(&x.grad().unwrap(), &[4.0]);
}

#[test]
fn a_tensor_of_an_ended_trace_is_an_error_with_both_places() {
    let stash = std::cell::RefCell::new(None);
    let f = |x: &Tensor| {
        *stash.borrow_mut() = Some(x.clone());
        x.square()
    };
    grad(f)(&Tensor::from(1.0));
    let stale = stash.borrow().clone().unwrap();
    let text = message(|| drop(&stale + 1.0));
    assert!(text.contains("`grad` that has ended") && text.matches("tests/rules.rs").count() == 2, "{text}");
    // Also when it is captured by a later trace.
    let text = message(|| drop(grad(|x: &Tensor| x * &stale)(&Tensor::from(1.0))));
    assert!(text.contains("that has ended") && text.matches("tests/rules.rs").count() == 2, "{text}");
}

#[test]
fn a_custom_function_may_not_capture_what_is_differentiated() {
    let text = message(|| {
        grad(|w: &Tensor| custom_vjp(|x: &Tensor| (x * w, ()), |_: &(), ct: &Tensor| ct.clone())(&(w * 1.0)))(
            &Tensor::from(1.0),
        );
    });
    assert!(text.contains("pass it as an argument"), "{text}");
}

/// What a rule computes of constants is its own, wherever the function is called.
#[test]
fn constants_within_a_rule() {
    let four = || Tensor::from(16.0).sqrt();
    let by_vjp = |x: &Tensor| {
        custom_vjp(|x: &Tensor| (x * four(), ()), move |_: &(), ct: &Tensor| ct * four() * 10.0)(x)
    };
    let by_jvp = |x: &Tensor| {
        custom_jvp(|x: &Tensor| x * four(), move |x: &Tensor, t: &Tensor| (x * four(), t * four() * 10.0))(x)
    };
    let both = |f: &dyn Fn(&Tensor) -> Tensor| {
        let chosen = |x: &Tensor| cond(&x.greater(0.0), f, |x: &Tensor| x.clone(), x);
        close(&chosen(&Tensor::from(2.0)), &[8.0]);
        close(&grad(chosen)(&Tensor::from(2.0)), &[40.0]);
        close(&vmap(grad(chosen))(&Tensor::from([2.0, -1.0])), &[40.0, 1.0]);
        let leaf = Tensor::from(2.0).requires_grad();
        chosen(&leaf).backward();
        close(&leaf.grad().unwrap(), &[40.0]);
    };
    both(&by_vjp);
    both(&by_jvp);
}

/// A leaf changed under `no_grad` is the same node with another value: a trace that captures both must not take one for the other.
#[test]
fn a_leaf_captured_before_and_after_a_change() {
    for old in [Tensor::from(2.0), Tensor::from([2.0]), Tensor::from([2.0, 2.0]), Tensor::full([2], 2.0)] {
        let old = old.requires_grad();
        let mut new = old.clone();
        no_grad(|| new += 5.0);
        let g = grad(|x: &Tensor| (x * &old + x * &new).sum())(&Tensor::from(1.0));
        assert_eq!(g.item::<f64>(), 9.0 * old.size() as f64);
    }
}

#[test]
fn a_leaf_takes_values_and_stays_concrete() {
    let w = std::cell::RefCell::new(Tensor::from(2.0).requires_grad());
    let f = |x: &Tensor| {
        no_grad(|| *w.borrow_mut() += x);
        x.sum()
    };
    grad(f)(&Tensor::from(1.0));
    assert_eq!((w.borrow().item::<f64>(), w.borrow().is_leaf()), (3.0, true));
    // A mapped input has no value to give, and the leaf is as it was.
    let text = message(|| drop(vmap(f)(&Tensor::from([1.0, 2.0]))));
    assert!(text.contains("a mapped input"), "{text}");
    assert_eq!((w.borrow().item::<f64>(), w.borrow().is_leaf()), (3.0, true));
}

#[test]
fn no_grad_within_a_transformed_function() {
    let x = Tensor::from(3.0);
    let one = Tensor::from(1.0);
    let f = |x: &Tensor| x * no_grad(|| x.square());
    close(&grad(f)(&x), &[9.0]);
    close(&jvp(f, &x, &one).1, &[9.0]);
    close(&vmap(grad(f))(&Tensor::from([1.0, 2.0])), &[1.0, 4.0]);
    close(&grad(|x: &Tensor| cond(&x.greater(0.0), f, |x: &Tensor| x.clone(), x))(&x), &[9.0]);
    // Around the whole it changes nothing, and what is differentiated inside is not touched.
    close(&no_grad(|| grad(|x: &Tensor| x.powi(3))(&x)), &[27.0]);
    close(&grad(|x: &Tensor| x * no_grad(|| grad(|x: &Tensor| x.powi(3))(x)))(&x), &[27.0]);
    close(&vmap(|x: &Tensor| no_grad(|| x.square()))(&Tensor::from([1.0, 2.0])), &[1.0, 4.0]);
    // Of a captured leaf too.
    let w = Tensor::from(2.0).requires_grad();
    grad(|x: &Tensor| x.square() * (&w + no_grad(|| w.square())))(&x).backward();
    close(&w.grad().unwrap(), &[6.0]);
}

#[test]
fn forward_mode_through_a_rule_that_is_not_linear_names_custom_jvp() {
    let f = custom_vjp(|x: &Tensor| (x.sin(), ()), |_: &(), ct: &Tensor| ct.square());
    close(&grad(&f)(&Tensor::from(1.0)), &[1.0]);
    let text = message(|| drop(jvp(&f, &Tensor::from(1.0), &Tensor::from(1.0))));
    assert!(text.contains("custom_jvp") && text.contains("square"), "{text}");
}
