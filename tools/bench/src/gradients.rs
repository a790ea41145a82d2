//! Gradients by every engine, against the plain function.

use crate::engines::{dual_chunks, dual_static, num_dual_dynamic, num_dual_static, tape_fresh, tape_reused};
use crate::objectives::{Ackley, Mixture, Objective, PARAMETERS, Rosenbrock, point};
use crate::table::{Table, ratio, time};
use crate::timing::{Contest, Times};
use cotangent::number::Tape;
use nalgebra::{DVector, SVector};
use std::hint::black_box;
use std::time::Duration;

/// How many directions the chunked dual carries at once.
pub const LANES: usize = 8;

pub const HEADER: [&str; 10] = [
    "gradient of",
    "plain function",
    "the same with std's maths",
    "by hand",
    "`Dual<f64, n>`",
    "`Dual<f64, 8>`, in chunks",
    "`Tape`, reused",
    "`Tape`, new: `gradient`",
    "num-dual, static",
    "num-dual, dynamic",
];

/// Same numbers, but for rounding.
pub fn assert_close(name: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= 1e-10 * scale, "{name}: entry {i} is {g}, by hand {e}");
    }
}

/// One way to a gradient: writes it into the slice.
type Engine<'a> = Box<dyn FnMut(&mut [f64]) + 'a>;

fn contest(
    f: &impl Objective,
    x: &[f64],
    mut engines: Vec<(&'static str, Engine)>,
    budget: Duration,
) -> Times {
    let n = x.len();
    let mut expected = vec![0.0; n];
    let value = f.by_hand(x, &mut expected);
    assert_close("value", &[f.call(x), f.call_num_dual(x)], &[value, value]);
    let mut contest = Contest::new();
    contest.add("plain", || {
        black_box(f.call(black_box(x)));
    });
    contest.add("plain std", || {
        black_box(f.call_num_dual(black_box(x)));
    });
    for (name, engine) in &mut engines {
        let mut g = vec![f64::NAN; n];
        engine(&mut g);
        assert_close(name, &g, &expected);
        contest.add(*name, move || {
            engine(&mut g);
            black_box(&g);
        });
    }
    contest.run(budget)
}

fn shared<'a>(f: &'a impl Objective, x: &'a [f64]) -> Vec<(&'static str, Engine<'a>)> {
    let mut tape = Tape::new();
    let dynamic = DVector::from_row_slice(x);
    vec![
        (
            "by hand",
            Box::new(move |g| {
                f.by_hand(black_box(x), g);
            }),
        ),
        ("chunks", Box::new(move |g| dual_chunks::<LANES>(f, black_box(x), g))),
        ("tape reused", Box::new(move |g| tape_reused(&mut tape, f, black_box(x), g))),
        ("tape fresh", Box::new(move |g| tape_fresh(f, black_box(x), g))),
        ("num-dual dynamic", Box::new(move |g| num_dual_dynamic(f, black_box(&dynamic), g))),
    ]
}

/// For a number of variables that the compiler knows.
fn known<const N: usize>(f: &impl Objective, budget: Duration) -> Times {
    let x: [f64; N] = point(N).try_into().expect("N numbers");
    let vector = SVector::<f64, N>::from(x);
    let mut engines = shared(f, &x);
    engines.push(("dual", Box::new(|g| dual_static(f, black_box(&x), g))));
    engines.push(("num-dual static", Box::new(|g| num_dual_static(f, black_box(&vector), g))));
    contest(f, &x, engines, budget)
}

fn unknown(n: usize, f: &impl Objective, budget: Duration) -> Times {
    let x = point(n);
    contest(f, &x, shared(f, &x), budget)
}

/// The table, and the times of Rosenbrock with n = 10 for the promise.
pub fn gradients(table: &mut Table, budget: Duration) -> Times {
    let mixture = Mixture::with_points(100);
    let promised = known::<10>(&Rosenbrock, budget);
    let rest = [
        ("Ackley, n = 2".to_string(), known::<2>(&Ackley, budget)),
        ("Ackley, n = 10".to_string(), known::<10>(&Ackley, budget)),
        ("Ackley, n = 100".to_string(), known::<100>(&Ackley, budget)),
        (format!("Gaussian mixture, n = {PARAMETERS}, 100 points"), known::<PARAMETERS>(&mixture, budget)),
    ];
    add(table, "Rosenbrock, n = 2", &known::<2>(&Rosenbrock, budget));
    add(table, "Rosenbrock, n = 10", &promised);
    add(table, "Rosenbrock, n = 100", &known::<100>(&Rosenbrock, budget));
    add(table, "Rosenbrock, n = 1000", &unknown(1000, &Rosenbrock, budget));
    rest.iter().for_each(|(name, times)| add(table, name, times));
    promised
}

fn add(table: &mut Table, name: &str, t: &Times) {
    let plain = t.of("plain");
    let cell = |engine: &str| t.get(engine).map_or("–".to_string(), |ns| ratio(ns, plain));
    table.row(vec![
        name.to_string(),
        time(plain),
        cell("plain std"),
        cell("by hand"),
        cell("dual"),
        cell("chunks"),
        cell("tape reused"),
        cell("tape fresh"),
        cell("num-dual static"),
        cell("num-dual dynamic"),
    ]);
}
