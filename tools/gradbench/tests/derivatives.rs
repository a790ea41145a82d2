//! Made ready once, from sizes and data alone, a derivative is right wherever it is then evaluated: `check_gradient` compares it with differences
//! of the plain loops.

use cotangent::check::check_gradient;
use cotangent::prelude::*;
use cotangent_gradbench::eval::{Eval, Prepared, Tool};
use cotangent_gradbench::evals::gmm::{Gmm, Mixture};
use cotangent_gradbench::evals::hello::Hello;
use cotangent_gradbench::evals::llsq::Llsq;
use cotangent_gradbench::evals::lse::Lse;
use cotangent_gradbench::evals::particle::Particle;
use serde_json::{Value, json};

fn prepared<E: Eval>(tool: Tool, function: &str, input: &Value) -> Prepared<E::Point> {
    let input = serde_json::from_value(input.clone()).expect("a valid input");
    let (constants, _) = E::split(input).expect("an input that makes sense");
    E::prepare(tool, function, constants).expect("a function of the evaluation")
}

/// The objective, and the derivative at random points; `point` makes a point of so many numbers.
fn check<E: Eval>(input: Value, numbers: usize, point: impl Fn(&[f64]) -> E::Point) {
    let [objective, derivative] = E::FUNCTIONS else { panic!("{} has two functions", E::NAME) };
    let plain = prepared::<E>(Tool::Plain, objective, &input);
    let objective = prepared::<E>(Tool::Cotangent, objective, &input);
    let derivative = prepared::<E>(Tool::Cotangent, derivative, &input);
    for seed in 0..4 {
        let x = Key::new(seed).normal::<f64>([numbers]).to_vec::<f64>();
        let value = |f: &Prepared<E::Point>, x: &[f64]| f(&point(x))().numbers()[0];
        let (a, b) = (value(&objective, &x), value(&plain, &x));
        assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{}: {a} and {b}", E::NAME);
        let gradient = derivative(&point(&x))().numbers();
        let report = check_gradient(|x| value(&plain, x), &x, &gradient);
        assert!(report.passed(), "{} at point {seed}: {report}", E::NAME);
    }
}

#[test]
fn hello() {
    check::<Hello>(json!(1.0), 1, |x| x[0]);
}

#[test]
fn lse() {
    for n in [1, 2, 50] {
        check::<Lse>(json!({ "x": vec![0.5; n] }), n, <[f64]>::to_vec);
    }
}

#[test]
fn llsq() {
    for (m, n) in [(1, 2), (5, 9), (32, 40), (33, 40), (128, 70)] {
        check::<Llsq>(json!({ "x": vec![0.5; m], "n": n }), m, <[f64]>::to_vec);
    }
}

fn mixture_input(d: usize, k: usize, n: usize) -> Value {
    let x: Vec<Vec<f64>> = (0..n).map(|i| Key::new(i as u64).normal::<f64>([d]).to_vec()).collect();
    let rows = |length: usize| vec![vec![0.5; length]; k];
    json!({
        "d": d, "k": k, "n": n, "x": x, "m": 2, "gamma": 1.5,
        "alpha": vec![0.5; k], "mu": rows(d), "q": rows(d), "l": rows(d * (d - 1) / 2),
    })
}

fn mixture(x: &[f64], d: usize, k: usize) -> Mixture<Vec<f64>> {
    let (alpha, rest) = x.split_at(k);
    let (mu, rest) = rest.split_at(k * d);
    let (q, l) = rest.split_at(k * d);
    let [alpha, mu, q, l] = [alpha, mu, q, l].map(<[f64]>::to_vec);
    Mixture { alpha, mu, q, l }
}

#[test]
fn gmm() {
    for (d, k, n) in [(1, 2, 1), (1, 3, 10), (2, 5, 20), (3, 4, 30), (5, 2, 20)] {
        let numbers = k * (1 + 2 * d + d * (d - 1) / 2);
        check::<Gmm>(mixture_input(d, k, n), numbers, |x| mixture(x, d, k));
    }
}

/// The weight of a mixture's only component makes no difference, nor does that of any if there are no data.
#[test]
fn weights_that_do_not_matter() {
    for (k, n) in [(1, 10), (3, 0)] {
        let derivative = prepared::<Gmm>(Tool::Cotangent, "jacobian", &mixture_input(2, k, n));
        let x = Key::new(1).normal::<f64>([k * 6]).to_vec::<f64>();
        let gradient = derivative(&mixture(&x, 2, k))().numbers();
        assert!(gradient[..k].iter().all(|g| g.abs() < 1e-12), "{gradient:?}");
        assert!(gradient[k..].iter().any(|g| g.abs() > 1e-3), "{gradient:?}");
    }
}

/// A search, not a derivative: every mode must find what is found by hand, from wherever it begins.
#[test]
fn particle() {
    for w in [0.0, 0.05, 1.0, -3.0] {
        let find =
            |tool, function| prepared::<Particle>(tool, function, &json!({ "w": 0.0 }))(&w)().numbers()[0];
        let by_hand = find(Tool::Plain, "ff");
        for function in Particle::FUNCTIONS {
            let found = find(Tool::Cotangent, function);
            assert!((found - by_hand).abs() < 1e-9, "{function} from {w}: {found} and {by_hand}");
        }
    }
}
