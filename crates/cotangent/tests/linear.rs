//! What a rule reads, what may be transposed, and where cotangents meet.

use cotangent::core::{Derivative, Prim, Reads};
use cotangent::eager::Backward;
use cotangent::number::function::{self, BinaryOp, UnaryOp};
use cotangent::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a panic");
    payload.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn a_rule_is_asked_what_it_reads() {
    let reads = |prim: Prim, i: usize| match prim.derivative() {
        Derivative::Elementwise(rule) => rule.reads(i),
        _ => panic!("elementwise"),
    };
    let unary = |op: UnaryOp| reads(op.into(), 0);
    let is = |x: u32, y: bool| Reads { x, y };
    assert_eq!(unary(function::Sin.into()), is(1, false));
    assert_eq!(unary(function::Tanh.into()), is(0, true));
    assert_eq!(unary(function::Exp.into()), is(0, true));
    assert_eq!(unary(function::Neg.into()), is(0, false));
    assert_eq!(unary(function::Floor.into()), is(0, false));
    let binary = |op: BinaryOp| (reads(op.into(), 0), reads(op.into(), 1));
    assert_eq!(binary(function::Add.into()), (is(0, false), is(0, false)));
    assert_eq!(binary(function::Mul.into()), (is(0b10, false), is(0b01, false)));
    assert_eq!(binary(function::Scale.into()), (is(0b10, false), is(0b01, false)));
    let (left, right) = binary(function::Div.into());
    assert_eq!(left, is(0b10, false));
    assert!(right.x & 0b10 != 0 && (right.x & 0b01 != 0) != right.y, "{right:?}: −y/b or −a/b²");
}

#[test]
fn a_node_keeps_what_is_read_and_no_more() {
    let bytes = |y: Tensor| y.saved_bytes();
    let leaf = || Tensor::from([1.0, 2.0, 3.0, 4.0]).requires_grad();
    let (a, b) = (leaf(), leaf());
    assert_eq!(bytes(&a + &b), 0);
    assert_eq!(bytes(&a * &b), 64);
    assert_eq!(bytes(&a * &b.detach()), 32);
    assert_eq!(bytes(a.tanh()), 32);
    assert_eq!(bytes(a.sum()), 0);
    assert_eq!(bytes(a.reshape([2, 2]).matmul(&b.detach().reshape([2, 2]))), 32);
}

/// A function whose rule for tangents is this.
fn with_rule(rule: impl Fn(&Tensor) -> Tensor) -> impl Fn(&Tensor) -> Tensor {
    custom_jvp(|x: &Tensor| x * 1.0, move |x: &Tensor, t: &Tensor| (x * 1.0, rule(t)))
}

#[test]
fn a_rule_that_is_linear_is_transposed() {
    let x = Tensor::from([1.0, 2.0, 3.0]);
    let mask = Tensor::from([true, false, true]);
    let through =
        |rule: &dyn Fn(&Tensor) -> Tensor| grad(|x: &Tensor| with_rule(rule)(x).sum())(&x).to_vec::<f64>();
    // A zero beside the tangent is no constant term.
    assert_eq!(through(&|t| mask.select(t, &t.zeros_like())), [1.0, 0.0, 1.0]);
    assert_eq!(through(&|t| t + &t.zeros_like()), [1.0; 3]);
    assert_eq!(through(&|t| t.zeros_like() - t), [-1.0; 3]);
    // What is stopped counts as zero.
    assert_eq!(through(&|t| t.stop_gradient() + t * 2.0), [2.0; 3]);
    assert_eq!(through(&|t| t / 4.0), [0.25; 3]);
    // Used twice, the cotangents add up.
    assert_eq!(through(&|t| t * 2.0 + t * 3.0), [5.0; 3]);
}

#[test]
fn a_rule_that_is_not_linear_is_refused() {
    let x = Tensor::from([[1.0, 0.0], [0.5, 2.0]]);
    let refused = |rule: &dyn Fn(&Tensor) -> Tensor, operation: &str| {
        let text = message(|| drop(grad(|x: &Tensor| with_rule(rule)(x).sum())(&x)));
        assert!(text.contains(&format!("`{operation}`")) && text.contains("linear"), "{text}");
    };
    refused(&|t| t + 1.0, "add");
    refused(&|t| 1.0 + t, "add");
    refused(&|t| t * t, "mul");
    refused(&|t| 2.0 / t, "div");
    refused(&|t| t / t, "div");
    refused(&|t| t.sin(), "sin");
    refused(&|t| t.matmul(t), "dot_general");
    refused(&|t| Tensor::concat(&[&t.slice_axis(0, ..1), &t.slice_axis(0, 1..).ones_like()], 0), "concat");
    #[cfg(feature = "linalg")]
    refused(&|t| t.solve_lower(&Tensor::eye::<f64>(2)), "triangular_solve");
    refused(&|t| t.max_keep(1).broadcast_to([2, 2]), "max");
}

#[test]
fn a_value_returned_twice_gets_both_cotangents() {
    let f = |x: &Tensor| {
        let y = x.sin();
        (y.clone(), y, x.clone(), x.clone())
    };
    let x = Tensor::from(0.5);
    let one = |v: f64| Tensor::from(v);
    let (_, pullback) = vjp(f, &x);
    let expected = (2.0 + 3.0) * 0.5_f64.cos() + 7.0 + 11.0;
    assert!((pullback(&(one(2.0), one(3.0), one(7.0), one(11.0))).item::<f64>() - expected).abs() < 1e-14);
    let j = jacobian_reverse(f)(&x);
    assert!((j.get(".1", "").item::<f64>() - 0.5_f64.cos()).abs() < 1e-15);
    assert_eq!(j.get(".0", "").item::<f64>(), j.get(".1", "").item::<f64>());
    assert_eq!((j.get(".2", "").item::<f64>(), j.get(".3", "").item::<f64>()), (1.0, 1.0));
}

#[test]
fn cotangents_of_one_variable_add_up_in_a_transposed_program() {
    let f = |x: &Tensor| {
        let y = x.square();
        (y.clone(), y)
    };
    let (_, push) = linearize(f, &Tensor::from([1.0, 2.0]));
    assert_eq!(push(&Tensor::from([1.0, 1.0])).1.to_vec::<f64>(), [2.0, 4.0]);
    let j = jacobian_reverse(|x: &Tensor| x * 2.0 + x * 3.0)(&Tensor::from([1.0, 2.0]));
    assert_eq!(j.to_vec::<f64>(), [5.0, 0.0, 0.0, 5.0]);
}

#[test]
fn a_branch_in_a_linear_program_is_transposed() {
    let f = |x: &Tensor| cond(&x.sum().greater(0.0), |x: &Tensor| x.sin(), |x: &Tensor| x.powi(2), x);
    for x in [Tensor::from([0.5, 1.0]), Tensor::from([-0.5, -1.0])] {
        let (forward, reverse) = (jacobian_forward(f)(&x), jacobian_reverse(f)(&x));
        for (a, b) in forward.to_vec::<f64>().iter().zip(reverse.to_vec::<f64>()) {
            assert!((a - b).abs() < 1e-15, "{forward} {reverse}");
        }
        assert!(forward.index(0).index(0).item::<f64>().abs() > 0.5);
    }
}

#[test]
fn branches_on_batches_of_vectors() {
    let f = |(p, x, w): &(Tensor, Tensor, Tensor)| {
        cond(
            &p.greater(0.0),
            |(x, w): &(Tensor, Tensor)| x * w,
            |(x, w): &(Tensor, Tensor)| x + w,
            &(x.clone(), w.clone()),
        )
    };
    let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let w = Tensor::from([10.0, 100.0]);
    let p = Tensor::from([1.0, -1.0, 1.0]);
    let each = vmap_axes([Some(0), Some(0), None], 0, f)(&(p, x.clone(), w.clone()));
    assert_eq!(each.to_vec::<f64>(), [10.0, 200.0, 13.0, 104.0, 50.0, 600.0]);
    // One choice for all: the branch alone is batched.
    let one = vmap_axes([None, Some(0), None], 0, f)(&(Tensor::from(1.0), x.clone(), w.clone()));
    assert_eq!(one.to_vec::<f64>(), [10.0, 200.0, 30.0, 400.0, 50.0, 600.0]);
    let swapped = vmap_axes([None, None, Some(0)], 0, f)(&(Tensor::from(-1.0), w, x));
    assert_eq!(swapped.to_vec::<f64>(), [11.0, 102.0, 13.0, 104.0, 15.0, 106.0]);
}

#[test]
fn integers_beside_floats_have_no_gradient() {
    let f = |(x, n): &(Tensor, Tensor)| (x * &n.to(DType::F64)).sum();
    let (gx, gn) = grad(f)(&(Tensor::from([1.0, 2.0]), Tensor::from([3, 4])));
    assert_eq!((gx.to_vec::<f64>(), gn.to_vec::<i32>()), (vec![3.0, 4.0], vec![0, 0]));
}

#[test]
fn a_filled_tensor_and_a_cotangent_that_is_not() {
    let x = Tensor::full([3], 2.0).requires_grad();
    (x.square() * Tensor::from([1.0, 10.0, 100.0])).sum().backward();
    assert_eq!(x.grad().unwrap().to_vec::<f64>(), [4.0, 40.0, 400.0]);
}

#[test]
fn a_gradient_of_single_numbers_can_be_differentiated_again() {
    let x = Tensor::from(2.0).requires_grad();
    let y = (&x * &x * &x).exp();
    Backward::new().create_graph(true).run(&y, None);
    let g = x.grad().unwrap();
    x.zero_grad();
    g.backward();
    let (e, x0) = (8.0_f64.exp(), 2.0_f64);
    assert!((g.item::<f64>() / (3.0 * x0 * x0 * e) - 1.0).abs() < 1e-14);
    assert!((x.grad().unwrap().item::<f64>() / ((9.0 * x0.powi(4) + 6.0 * x0) * e) - 1.0).abs() < 1e-14);
}

#[cfg(feature = "linalg")]
#[test]
fn a_triangle_is_solved_from_both_sides() {
    let l = Tensor::from([[2.0, 0.0, 0.0], [1.0, 4.0, 0.0], [-3.0, 0.5, 1.0]]);
    let b = Tensor::from([2.0, -3.0, 5.5]);
    assert_eq!(l.matmul(&l.solve_lower(&b)), b);
    assert_eq!(l.t().matmul(&l.solve_lower_transposed(&b)), b);
}
