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
