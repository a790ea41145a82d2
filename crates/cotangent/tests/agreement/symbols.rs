//! The claims of symbolic differentiation, and expressions as programs for the other engines.

use crate::case::Program;
use crate::engines::AXES;
use crate::jet::Claim;
use cotangent::number::{Expr, Real};

const NAMES: [&str; 2] = ["a", "b"];

/// A function written down as an expression.
pub struct Formula(pub Expr);

impl Formula {
    pub fn new(f: &impl Program, arity: usize) -> Formula {
        Formula(f.call(&NAMES[..arity].iter().map(|name| Expr::symbol(name)).collect::<Vec<_>>()))
    }
}

impl Program for Formula {
    fn call<R: Real>(&self, x: &[R]) -> R {
        let values: Vec<(&str, R)> = NAMES.into_iter().zip(x.iter().cloned()).collect();
        self.0.evaluate(&values).expect("every symbol has a value")
    }
}

/// The value, and every derivative by `differentiate` again and again and by `gradient`, in every order of the arguments.
pub fn derivatives(f: &impl Program, x: &[f64]) -> Vec<Claim> {
    let names = &NAMES[..x.len()];
    let root = Formula::new(f, x.len());
    let mut claims = vec![Claim::new("Expr", root.call(x), &[])];
    let mut level = vec![(root.0, Vec::new())];
    for _ in 0..3 {
        let mut next = Vec::new();
        for (e, directions) in &level {
            let reverse = e.gradient(names);
            for ((name, axis), reverse) in names.iter().zip(AXES).zip(reverse) {
                let along = [&directions[..], &[axis]].concat();
                let forward = e.differentiate(name);
                claims.push(Claim::new("Expr::gradient", Formula(reverse).call(x), &along));
                claims.push(Claim::new("Expr", Formula(forward.clone()).call(x), &along));
                next.push((forward, along));
            }
        }
        level = next;
    }
    claims
}

/// Derivatives of choices, forwards and in reverse: under different conditions, with branches that have a derivative both, one or none of
/// them.
#[test]
fn choices() {
    let (x, y) = (Expr::symbol("x"), Expr::symbol("y"));
    let zero = x.zero();
    let under = |c: &Expr, t: Expr| c.select(&t, &zero);
    let (early, late) = (x.clone() - 1.0, x.clone() - 2.0);
    type Derivative = fn(f64, f64) -> f64;
    let parsed = |text: &str| Expr::parse(text).unwrap();
    let cases: [(Expr, Derivative); 11] =
        [
            // Two guards that differ.
            (under(&early, x.square()) + under(&late, x.powi(3)), |x, _| {
                (if x != 1.0 { 2.0 * x } else { 0.0 }) + if x != 2.0 { 3.0 * x * x } else { 0.0 }
            }),
            // Two that are the same, and one within.
            (under(&early, x.square()) + under(&early, under(&late, x.powi(3))), |x, _| {
                if x == 1.0 { 0.0 } else { 2.0 * x + if x == 2.0 { 0.0 } else { 3.0 * x * x } }
            }),
            // One and its opposite.
            (under(&early, x.square()) + early.select(&zero, &x.powi(3)), |x, _| {
                if x == 1.0 { 3.0 } else { 2.0 * x }
            }),
            // Both branches of a choice.
            (y.select(&x.square(), &x.powi(3)), |x, y| if y == 0.0 { 3.0 * x * x } else { 2.0 * x }),
            (early.select(&(&x * &y), &x.sin()), |x, y| if x == 1.0 { x.cos() } else { y }),
            // Both under guards of their own.
            (y.select(&under(&early, x.square()), &under(&late, x.powi(3))), |x, y| {
                if y == 0.0 {
                    if x == 2.0 { 0.0 } else { 3.0 * x * x }
                } else if x == 1.0 {
                    0.0
                } else {
                    2.0 * x
                }
            }),
            // The same under different guards.
            (y.select(&under(&early, x.square()), &under(&late, x.square())), |x, y| {
                if (y == 0.0 && x == 2.0) || (y != 0.0 && x == 1.0) { 0.0 } else { 2.0 * x }
            }),
            // Conditions that are numbers, as a text may have them.
            (parsed("select(1, x^2, 7)"), |x, _| 2.0 * x),
            (parsed("select(0, x^2, 7)"), |_, _| 0.0),
            (parsed("select(0, 7, x^3)"), |x, _| 3.0 * x * x),
            (parsed("select(2, 7, x^3)"), |_, _| 0.0),
        ];
    for (i, (f, derivative)) in cases.iter().enumerate() {
        for by in [f.differentiate("x"), f.gradient(&["x"]).swap_remove(0)] {
            for (x, y) in [1.0, 2.0, 0.5].iter().flat_map(|&x| [(x, 0.0), (x, 1.5)]) {
                let value = by.evaluate(&[("x", x), ("y", y)]).unwrap();
                assert!((value - derivative(x, y)).abs() < 1e-14, "{i} at {x}, {y}: {value} by {by}");
            }
        }
    }
}
