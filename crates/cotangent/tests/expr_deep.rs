//! Formulas a million operations deep, and wide: nothing recurses, nothing takes quadratic time.

use cotangent::number::{Expr, Real};

const DEEP: usize = 1_000_000;

/// y ← sin(y) + x, a million operations.
#[test]
fn a_chain_is_built_differentiated_printed_parsed_simplified_and_dropped() {
    let x = Expr::symbol("x");
    let y = (0..DEEP / 2).fold(x.clone(), |y, _| y.sin() + &x);
    assert_eq!(y.dag_size(), DEEP + 1);
    let text = y.to_string();
    assert_eq!(Expr::parse(&text).unwrap(), y);
    assert_eq!(y.simplify(), y);
    drop(y.differentiate("x"));
    assert!(y.display_limited(100).to_string().len() < 1000);
}

/// Sums and products are taken apart once, however long.
#[test]
fn long_sums_and_products_are_collected() {
    let n = DEEP / 10;
    let x = Expr::symbol("x");
    let text = |operator: &str| format!("x{}", format!("{operator}x").repeat(n - 1));
    assert_eq!(Expr::parse(&text("+")).unwrap().simplify(), &x.lift(n as f64) * &x);
    assert_eq!(Expr::parse(&text("*")).unwrap().simplify(), x.powi(n as i32));
    let right = format!("{}x{}", "x-(".repeat(n - 1), ")".repeat(n - 1));
    assert_eq!(Expr::parse(&right).unwrap().simplify().to_string(), "0");
    let signs = Expr::parse(&format!("{}x", "-".repeat(n))).unwrap();
    assert_eq!(signs.simplify(), x);
}

#[test]
fn deep_text_is_read_without_recursion() {
    let nested = format!("{}x{}", "(".repeat(DEEP), ")".repeat(DEEP));
    assert_eq!(Expr::parse(&nested).unwrap(), Expr::symbol("x"));
    let minuses = Expr::parse(&format!("{}x", "-".repeat(DEEP))).unwrap();
    assert_eq!(minuses.dag_size(), DEEP + 1);
    assert_eq!(Expr::parse(&minuses.to_string()).unwrap(), minuses);
    let n = DEEP / 10;
    let calls = format!("{}x{}", "abs(".repeat(n), ")".repeat(n));
    assert_eq!(Expr::parse(&calls).unwrap().dag_size(), n + 1);
    let powers = format!("x{}", "^x".repeat(n));
    assert_eq!(Expr::parse(&powers).unwrap().to_string(), powers);
    // Unfinished, each is an error at the place that it names.
    let error = Expr::parse(&"(".repeat(DEEP)).unwrap_err();
    assert_eq!(error.span(), DEEP..DEEP);
    let error = Expr::parse(&format!("{}x", "(".repeat(DEEP))).unwrap_err();
    assert_eq!(error.span(), DEEP - 1..DEEP);
    assert!(error.render(&nested).len() < 1000);
    assert!(Expr::parse(&"9".repeat(DEEP)).unwrap_err().message().contains("too large"));
    assert!(Expr::parse(&format!("0.{}1", "0".repeat(DEEP))).unwrap_err().message().contains("too small"));
    assert_eq!(Expr::parse(&"x".repeat(DEEP)).unwrap().dag_size(), 1);
}

/// `select`s inside one another, with an operation between any two: a derivative carries all their conditions along.
#[test]
fn nested_choices_take_linear_time() {
    let n = 20_000;
    let x = Expr::symbol("x");
    // Where x > −k every guard lets through; the other branch is in turn free of x, and not.
    let nested = |other: &dyn Fn(usize) -> Expr| {
        (1..=n).fold(x.clone(), |y, k| {
            x.greater(&x.lift(-(k as f64))).select(&(y.square() + 1.0).sqrt(), &other(k))
        })
    };
    let constant = nested(&|k| x.lift(k as f64));
    let dependent = nested(&|_| x.clone());
    // Each of the choices once more, from outside.
    let every = (1..=n).fold((x.clone(), x.zero()), |(y, all), k| {
        let y = x.greater(&x.lift(-(k as f64))).select(&(y.square() + 1.0).sqrt(), &x.zero());
        (y.clone(), all + y)
    });
    // All are √(x² + k), whose derivative is x/√(x² + k).
    let dy = |k: usize| 1.0 / (1.0 + k as f64).sqrt();
    let sum: f64 = (1..=n).map(dy).sum();
    let dy = dy(n);
    for (f, expected) in [(constant, dy), (dependent, dy), (every.1, sum)] {
        let forward = f.differentiate("x");
        let reverse = f.gradient(&["x"]).swap_remove(0);
        assert!(forward.dag_size() < 20 * n && reverse.dag_size() < 20 * n);
        for derivative in [forward, reverse] {
            let value = derivative.evaluate(&[("x", 1.0)]).unwrap();
            assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{value}, not {expected}");
        }
    }
}

/// Beyond the few guards that are written one inside the other, a zero still wins over an infinite partial.
#[test]
fn zeros_win_under_many_guards() {
    let x = Expr::symbol("x");
    let guarded = (1..=30)
        .fold(x.sqrt(), |y, k| x.greater(&x.lift(k as f64 / 30.0 - 1.0)).select(&(y * 2.0), &x.zero()));
    for f in [guarded.sqrt(), (&guarded + &guarded.square()).sqrt()] {
        for derivative in [f.differentiate("x"), f.gradient(&["x"]).swap_remove(0)] {
            assert_eq!(derivative.evaluate(&[("x", 0.0)]), Ok(0.0));
            assert!(derivative.evaluate(&[("x", 0.5)]).unwrap() > 0.0);
        }
    }
}
