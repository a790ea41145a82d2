//! Numerical derivatives, the complex step and compensated sums against closed forms.

use cotangent::number::function::{BinaryOp, Powi, UnaryOp};
use cotangent::number::numeric::{self, central_difference, forward_difference, nth_derivative, richardson};
use cotangent::number::{ComplexStep, F32, NeumaierSum, Real, compensated_sum, complex_step};
use std::cell::Cell;
use std::f64::consts::{LN_2, LN_10, PI};

/// |a − b| within `tolerance` of the larger of |b| and 1.
#[track_caller]
fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} is not {b}: off by {:e}", (a - b).abs());
}

/// cos(x²)·2x at 1.5.
const SEED: f64 = -1.884_520_868_168_217_5;

#[test]
fn the_seeds_function_by_every_formula() {
    let f = |x: f64| (x * x).sin();
    near(3.0 * 2.25_f64.cos(), SEED, 1e-15);
    near(forward_difference(f, 1.5, None).derivative, SEED, 1e-7);
    near(central_difference(f, 1.5, None).derivative, SEED, 1e-9);
    near(central_difference(f, 1.5, Some(1e-5)).derivative, SEED, 1e-8);
    near(richardson(f, 1.5).derivative, SEED, 1e-11);
    near(complex_step(|x| x.square().sin(), 1.5).unwrap().derivative, SEED, 1e-15);
}

#[test]
fn evaluations_are_counted() {
    let calls = Cell::new(0);
    let f = |x: f64| {
        calls.set(calls.get() + 1);
        x.exp()
    };
    let counted = |evaluations: usize| {
        assert_eq!(calls.replace(0), evaluations);
        evaluations
    };
    assert_eq!(counted(forward_difference(f, 1.0, None).evaluations), 2);
    assert_eq!(counted(central_difference(f, 1.0, None).evaluations), 2);
    assert!(counted(richardson(f, 1.0).evaluations) <= 20);
    assert_eq!(counted(nth_derivative(f, 1.0, 0).evaluations), 1);
    assert!(counted(nth_derivative(f, 1.0, 4).evaluations) % 5 == 0);
    let many = |x: &[f64]| {
        calls.set(calls.get() + 1);
        x.iter().sum()
    };
    assert_eq!(counted(numeric::gradient(many, &[1.0; 7], None).evaluations), 14);
    assert_eq!(counted(numeric::hessian(many, &[1.0; 7]).evaluations), 2 * 49 + 1);
}

#[test]
fn a_step_is_a_difference_of_representable_numbers() {
    let h = forward_difference(|x| x, 1e6 + 0.3, Some(1e-4)).step;
    assert_eq!(((1e6 + 0.3) + h) - (1e6 + 0.3), h);
    // So the derivative of a linear function is exact, whatever the step.
    for h in [0.1, 1e-3, 1e-7, 1e-12] {
        assert_eq!(forward_difference(|x| 3.0 * x, 0.7, Some(h)).derivative.round(), 3.0);
        assert_eq!(central_difference(|x| x, 0.7, Some(h)).derivative, 1.0);
    }
    // Below the spacing of numbers there is no derivative, rather than a wrong one.
    assert!(central_difference(|x| x, 1.5, Some(1e-20)).derivative.is_nan());
}

#[test]
fn no_step_gives_both_accuracy_and_stability() {
    let error = |h| (central_difference(|x: f64| (x * x).sin(), 1.5, Some(h)).derivative - SEED).abs();
    assert!(error(1e-1) > 1e-3); // truncation
    assert!(error(1e-5) < 1e-9);
    assert!(error(1e-14) > 1e-4); // cancellation
}

#[test]
fn truncation_is_the_textbooks() {
    // (x + h)³ − (x − h)³ = 6x²h + 2h³
    assert_eq!(central_difference(|x| x * x * x, 2.0, Some(0.25)).derivative, 12.0 + 0.0625);
    assert_eq!(forward_difference(|x| x * x, 2.0, Some(0.25)).derivative, 4.25);
}

#[test]
fn error_estimates_are_of_the_right_size() {
    for (f, df, x) in [
        (f64::exp as fn(f64) -> f64, f64::exp as fn(f64) -> f64, 1.0),
        (f64::ln, f64::recip, 0.05), // a ladder from 0.1 leaves the domain
        (f64::sin, f64::cos, 1.0),
        (f64::sin, f64::cos, 1e4),
        (f64::sqrt, |x| 0.5 / x.sqrt(), 1e-4),
        (|x| (100.0 * x).sin(), |x| 100.0 * (100.0 * x).cos(), 0.3),
        (f64::tan, |x| 1.0 + x.tan().powi(2), 1.5),
    ] {
        let d = richardson(f, x);
        let error = (d.derivative - df(x)).abs();
        assert!(error < 1e-8 * df(x).abs().max(1.0), "at {x}: {d:?}, off by {error:e}");
        assert!(error <= 20.0 * d.error, "at {x}: {d:?}, off by {error:e}");
    }
    for h in [None, Some(1e-3), Some(1e-9)] {
        let d = central_difference(f64::exp, 1.0, h);
        let error = (d.derivative - 1_f64.exp()).abs();
        assert!(error < 4.0 * d.error && d.error < 1e4 * error, "{d:?}, off by {error:e}");
        let d = forward_difference(f64::exp, 1.0, h);
        let error = (d.derivative - 1_f64.exp()).abs();
        assert!(error < 4.0 * d.error && d.error < 1e4 * error, "{d:?}, off by {error:e}");
    }
}

#[test]
fn higher_orders() {
    // dⁿ/dxⁿ sin x = sin(x + nπ/2)
    for (n, tolerance) in [(0, 0.0), (1, 1e-12), (2, 1e-10), (3, 1e-8), (4, 1e-7), (5, 1e-5), (6, 1e-4)] {
        let d = nth_derivative(f64::sin, 0.7, n);
        near(d.derivative, (0.7 + f64::from(n) * PI / 2.0).sin(), tolerance + 1e-15);
    }
    // The fourth derivative of x⁴ is 24, and its fifth 0.
    near(nth_derivative(|x| x.powi(4), 1.0, 4).derivative, 24.0, 1e-8);
    near(nth_derivative(|x| x.powi(4), 1.0, 5).derivative, 0.0, 1e-5);
}

#[test]
fn gradient_and_hessian() {
    // Rosenbrock at (−1.2, 1): gradient (−215.6, −88), Hessian ((1330, 480), (480, 200)).
    let f = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
    let g = numeric::gradient(f, &[-1.2, 1.0], None);
    near(g.gradient[0], -215.6, 1e-9);
    near(g.gradient[1], -88.0, 1e-9);
    assert!(g.errors.iter().all(|e| *e > 0.0 && *e < 1e-5));
    let h = numeric::hessian(f, &[-1.2, 1.0]);
    for (got, expected) in h.matrix.concat().into_iter().zip([1330.0, 480.0, 480.0, 200.0]) {
        near(got, expected, 1e-6);
    }
    assert_eq!(numeric::gradient(|_| 1.0, &[], None).evaluations, 0);
}

#[test]
fn complex_step_of_every_analytic_function() {
    // Derivatives written down by hand, none from the library.
    type Case = (&'static str, fn(f64) -> f64, &'static [f64]);
    let cases: &[Case] = &[
        ("neg", |_| -1.0, &[2.0]),
        ("recip", |x| -1.0 / (x * x), &[0.3, -2.0, 1e200]),
        ("square", |x| 2.0 * x, &[0.0, 3.0, -3.0]),
        ("sqrt", |x| 0.5 / x.sqrt(), &[1e-8, 0.3, 4.0, 1e100]),
        ("cbrt", |x| 1.0 / (3.0 * x.cbrt().powi(2)), &[0.2, 8.0, -8.0]),
        ("exp", f64::exp, &[-30.0, 0.0, 2.0]),
        ("exp2", |x| x.exp2() * LN_2, &[-3.0, 0.0, 2.5]),
        ("expm1", f64::exp, &[-2.0, 0.0, 1e-12, 2.0]),
        ("ln", f64::recip, &[1e-5, 1.0, 1.0 + 1e-10, 50.0]),
        ("ln_1p", |x| 1.0 / (1.0 + x), &[-0.99, -0.3, 0.0, 1e-12, 0.4, 7.0]),
        ("log2", |x| 1.0 / (x * LN_2), &[0.2, 1.0, 8.0]),
        ("log10", |x| 1.0 / (x * LN_10), &[0.2, 1.0, 8.0]),
        ("sin", f64::cos, &[-2.0, 0.0, 1.0, 100.0]),
        ("cos", |x| -x.sin(), &[-2.0, 0.0, 1.0, 100.0]),
        ("tan", |x| x.cos().powi(-2), &[-1.0, 0.0, 1.5]),
        ("asin", |x| 1.0 / ((1.0 - x) * (1.0 + x)).sqrt(), &[-0.9, 0.0, 1e-10, 0.999]),
        ("acos", |x| -1.0 / ((1.0 - x) * (1.0 + x)).sqrt(), &[-0.9, 0.0, 1e-10, 0.999]),
        ("atan", |x| 1.0 / (1.0 + x * x), &[-3.0, 0.0, 1e-10, 1.0, 1e3]),
        ("sinh", f64::cosh, &[-2.0, 0.0, 1.0]),
        ("cosh", f64::sinh, &[-2.0, 0.0, 1.0]),
        ("tanh", |x| x.cosh().powi(-2), &[-2.0, 0.0, 1.0, 19.0, 21.0, 100.0]),
        ("asinh", |x| 1.0 / x.hypot(1.0), &[-2.0, 0.0, 1e-10, 1e5]),
        ("acosh", |x| 1.0 / ((x - 1.0) * (x + 1.0)).sqrt(), &[1.001, 2.0, 1e5]),
        ("atanh", |x| 1.0 / ((1.0 - x) * (1.0 + x)), &[-0.99, -0.2, 0.0, 1e-10, 0.99]),
        ("sigmoid", |x| 0.25 * (0.5 * x).cosh().powi(-2), &[-800.0, -5.0, 0.0, 3.0]),
        ("softplus", |x| 1.0 / (1.0 + (-x).exp()), &[-30.0, -1.0, 0.0, 1.0, 800.0]),
        ("silu", |x| (1.0 + x / (1.0 + x.exp())) / (1.0 + (-x).exp()), &[-30.0, -1.0, 0.0, 1.0, 20.0]),
    ];
    for (name, derivative, points) in cases {
        let op = UnaryOp::named(name).unwrap();
        for &x in *points {
            let y = op.apply(&ComplexStep::variable(x));
            let (got, expected) = (y.derivative().unwrap(), derivative(x));
            assert!(
                (got - expected).abs() <= 2e-14 * expected.abs(),
                "{name}' at {x}: {got:e} not {expected:e}"
            );
            let value = op.apply(&x);
            assert!(
                (y.value() - value).abs() <= 4e-15 * value.abs() + 1e-190,
                "{name} at {x}: {} {value}",
                y.value()
            );
        }
    }
}

#[test]
fn complex_step_of_powers() {
    for (x, n) in [(1.5, 7), (-1.5, 7), (1.5, -3), (0.0, 2), (-2.0, -2), (1.001, 1000), (3.0, 0)] {
        let expected = f64::from(n) * x.powi(n - 1);
        let expected = if n == 0 { 0.0 } else { expected };
        let y = UnaryOp::from(Powi(n)).apply(&ComplexStep::variable(x));
        near(y.derivative().unwrap(), expected, 1e-12);
        near(ComplexStep::variable(x).powf(f64::from(n)).derivative().unwrap(), expected, 1e-12);
    }
    near(complex_step(|x| x.powf(2.5), 1.7).unwrap().derivative, 2.5 * 1.7_f64.powf(1.5), 1e-15);
    near(complex_step(|x| x.powf(-0.5), 1.7).unwrap().derivative, -0.5 * 1.7_f64.powf(-1.5), 1e-15);
    // x^x and 2^x
    let d = complex_step(|x| x.pow(x), 1.7).unwrap().derivative;
    near(d, 1.7_f64.powf(1.7) * (1.0 + 1.7_f64.ln()), 1e-15);
    near(complex_step(|x| x.lift(2.0).pow(x), -1.5).unwrap().derivative, LN_2 * 2_f64.powf(-1.5), 1e-15);
    near(complex_step(|x| (*x * 2.0 + 1.0) / (3.0 - *x), 1.0).unwrap().derivative, 7.0 / 4.0, 1e-15);
}

#[test]
fn complex_step_at_the_ends_of_domains() {
    let at = |name: &str, x: f64| UnaryOp::named(name).unwrap().apply(&ComplexStep::variable(x)).derivative();
    for (name, x) in [
        ("sqrt", -1.0),
        ("ln", -1.0),
        ("log2", -3.0),
        ("ln_1p", -2.0),
        ("asin", 1.5),
        ("acos", -1.5),
        ("acosh", 0.5),
        ("atanh", 2.0),
    ] {
        assert!(at(name, x).unwrap().is_nan(), "{name} at {x}");
    }
    assert!(ComplexStep::variable(-1.0).powf(0.5).derivative().unwrap().is_nan());
    assert!(ComplexStep::constant(-1.0).pow(&ComplexStep::variable(2.0)).derivative().unwrap().is_nan());
    for (name, x, slope) in
        [("sqrt", 0.0, f64::INFINITY), ("cbrt", 0.0, f64::INFINITY), ("ln", 0.0, f64::INFINITY)]
    {
        assert_eq!(at(name, x), Ok(slope), "{name}");
    }
    assert_eq!(at("recip", 0.0), Ok(f64::NEG_INFINITY));
    // Tiny arguments, beside which 1e-100 would not be negligible.
    near(at("sqrt", 1e-150).unwrap() * 1e-75, 0.5, 1e-15);
}

#[test]
fn what_is_not_analytic_says_so() {
    for name in
        ["abs", "relu", "gelu", "erf", "erfc", "lgamma", "digamma", "floor", "ceil", "round", "trunc", "sign"]
    {
        let op = UnaryOp::named(name).unwrap();
        let error = complex_step(|x| op.apply(x) * 2.0 + 1.0, 0.7).unwrap_err();
        assert_eq!(error.function, name);
        let text = error.to_string();
        assert!(text.starts_with(name) && text.contains("use `derivative`"), "{text}");
        // Of a number that does not depend on x it is no matter.
        assert_eq!(complex_step(|x| *x * op.apply(&x.lift(0.7)), 2.0).unwrap().derivative, op.apply(&0.7));
    }
    assert_eq!(complex_step(|x| x.polygamma(1), 0.7).unwrap_err().function, "polygamma");
    for name in ["atan2", "hypot", "max", "min", "rem", "greater", "less", "equal"] {
        let op = BinaryOp::named(name).unwrap();
        assert_eq!(complex_step(|x| op.apply(x, &x.lift(0.3)), 0.7).unwrap_err().function, name);
        assert_eq!(complex_step(|x| op.apply(&x.lift(0.3), x), 0.7).unwrap_err().function, name);
    }
    // The first on the way is named.
    assert_eq!(complex_step(|x| x.abs().max(&x.floor()), 0.7).unwrap_err().function, "abs");
    assert_eq!(complex_step(|x| x.select(x, x), 0.7).unwrap_err().function, "select");
    let branch = |x: &ComplexStep| x.lift(1.0).greater(&x.zero()).select(&x.square(), x);
    assert_eq!(complex_step(branch, 3.0).unwrap().derivative, 6.0);
    let message = complex_step(|x| x.hypot(x), 0.7).unwrap_err().to_string();
    assert!(message.contains("(a² + b²).sqrt()"), "{message}");
}

#[test]
fn compensated_sums() {
    assert_eq!(compensated_sum([1.0, 1e100, 1.0, -1e100]), 2.0);
    assert_eq!(compensated_sum([1e100, 1.0, -1e100, 1.0]), 2.0);
    assert_eq!(compensated_sum([] as [f64; 0]), 0.0);
    let tenths = || std::iter::repeat_n(0.1_f32, 10_000);
    assert_eq!(compensated_sum(tenths()), (f64::from(0.1_f32) * 1e4) as f32);
    assert!((tenths().sum::<f32>() - 1e3).abs() > 0.05); // a plain loop
    let mut sum = NeumaierSum::<F32>::new();
    sum.extend([F32(1.0), F32(1e20), F32(1.0), F32(-1e20)]);
    assert_eq!(sum.total(), F32(2.0));
    assert_eq!(compensated_sum([1.0, f64::INFINITY, 2.0]), f64::INFINITY);
    assert_eq!(compensated_sum([f64::MAX, f64::MAX]), f64::INFINITY);
    assert!(compensated_sum([1.0, f64::NAN]).is_nan());
    assert!(compensated_sum([f64::INFINITY, f64::NEG_INFINITY]).is_nan());
}
