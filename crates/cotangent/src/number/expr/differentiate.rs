//! Symbolic differentiation: the functions' rules, run on symbols.

use super::node::Map;
use super::{Expr, Kind};
use crate::number::Real;
use crate::number::function::Partial;
use std::collections::HashMap;

impl Expr {
    /// The derivative in one symbol: forward accumulation over the graph, so its size is at most a constant times that of
    /// the expression's graph, though written out as a tree it may be exponentially larger. It agrees with the expression's
    /// derivative wherever that exists; [`simplify`](Expr::simplify) makes it readable.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let dy = Expr::symbol("x").square().sin().differentiate("x");
    /// assert_eq!(dy.evaluate(&[("x", 1.5)]).unwrap(), 2.25_f64.cos() * 3.0);
    /// ```
    pub fn differentiate(&self, symbol: &str) -> Expr {
        let zero = Expr::constant(0.0);
        // Only what depends on the symbol has an entry: a known zero is never written.
        let mut tangents: Map<Expr, Expr> = Map::default();
        for e in self.nodes() {
            let tangent = |operand: &Expr| tangents.get(operand);
            let product = |operand: &Expr, partial: &dyn Fn() -> Partial<Expr>| {
                let t = tangent(operand)?;
                let partial = partial();
                (!partial.is_constant_zero()).then(|| scale(partial, t))
            };
            let t = match e.kind() {
                Kind::Symbol(name) => (**name == *symbol).then(|| Expr::constant(1.0)),
                Kind::Constant(_) => None,
                Kind::Unary(op, x) => product(x, &|| op.df(x, &e)),
                Kind::Binary(op, a, b) => {
                    let ta = product(a, &|| op.da(a, b, &e));
                    let tb = product(b, &|| op.db(a, b, &e));
                    match (ta, tb) {
                        (Some(ta), Some(tb)) => Some(sum(ta, tb)),
                        (ta, tb) => ta.or(tb),
                    }
                }
                Kind::Select(c, a, b) => match (tangent(a), tangent(b)) {
                    (None, None) => None,
                    (ta, tb) => Some(c.select(ta.unwrap_or(&zero), tb.unwrap_or(&zero))),
                },
            };
            if let Some(t) = t {
                tangents.insert(e, t);
            }
        }
        tangents.remove(self).unwrap_or(zero)
    }

    /// The derivatives in several symbols at once: reverse accumulation, so all of them together are at most a constant
    /// times as large as the expression's graph.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let (x, y) = (Expr::symbol("x"), Expr::symbol("y"));
    /// let gradient = (&x * &y).gradient(&["x", "y"]);
    /// assert_eq!(gradient, [y, x]);
    /// ```
    pub fn gradient(&self, symbols: &[&str]) -> Vec<Expr> {
        let mut cotangents: Map<Expr, Expr> = Map::from_iter([(self.clone(), Expr::constant(1.0))]);
        let mut gradient = vec![Expr::constant(0.0); symbols.len()];
        // A name may be asked for more than once.
        let mut slots: HashMap<&str, Vec<usize>> = HashMap::with_capacity(symbols.len());
        for (slot, symbol) in symbols.iter().enumerate() {
            slots.entry(symbol).or_default().push(slot);
        }
        for e in self.nodes().iter().rev() {
            let Some(ct) = cotangents.remove(e) else { continue };
            let mut add = |operand: &Expr, term: Expr| {
                if !term.is_zero() {
                    let sum = match cotangents.remove(operand) {
                        Some(before) => sum(before, term),
                        None => term,
                    };
                    cotangents.insert(operand.clone(), sum);
                }
            };
            match e.kind() {
                Kind::Symbol(name) => {
                    for &slot in slots.get(&**name).into_iter().flatten() {
                        gradient[slot] = ct.clone();
                    }
                }
                Kind::Constant(_) => {}
                Kind::Unary(op, x) => add(x, scale(op.df(x, e), &ct)),
                Kind::Binary(op, a, b) => {
                    add(a, scale(op.da(a, b, e), &ct));
                    add(b, scale(op.db(a, b, e), &ct));
                }
                Kind::Select(c, a, b) => {
                    add(a, c.select(&ct, &ct.zero()));
                    add(b, c.select(&ct.zero(), &ct));
                }
            }
        }
        gradient
    }
}

/// Partial times (co)tangent, in the order a reader expects: f′(x) · x′. Where the tangent is one that a `select` makes
/// zero, the product goes inside of the `select`, so that a zero stays zero whatever the partial.
fn scale(partial: Partial<Expr>, t: &Expr) -> Expr {
    let mut guards = Vec::new();
    let mut t = t.clone();
    while let Some((guard, inner)) = guarded(&t) {
        guards.push(guard);
        t = inner;
    }
    let product = match partial {
        Partial::Of(partial) => partial * t,
        constant => constant.scale(&t),
    };
    guard_again(product, guards)
}

/// The sum of two (co)tangents, inside of the `select`s they have in common.
fn sum(mut a: Expr, mut b: Expr) -> Expr {
    let mut guards = Vec::new();
    while let (Some((guard, inner)), Some((other, inner_b))) = (guarded(&a), guarded(&b)) {
        if guard != other {
            break;
        }
        guards.push(guard);
        (a, b) = (inner, inner_b);
    }
    guard_again(a + b, guards)
}

/// If `t` is a `select` with one branch zero: its condition, whether the other branch is the first, and that branch.
fn guarded(t: &Expr) -> Option<((Expr, bool), Expr)> {
    let Kind::Select(c, a, b) = t.kind() else { return None };
    match (a.is_zero(), b.is_zero()) {
        (false, true) => Some(((c.clone(), true), a.clone())),
        (true, false) => Some(((c.clone(), false), b.clone())),
        _ => None,
    }
}

fn guard_again(t: Expr, guards: Vec<(Expr, bool)>) -> Expr {
    guards.into_iter().rev().fold(t, |t, (c, first)| {
        let zero = t.zero();
        if first { c.select(&t, &zero) } else { c.select(&zero, &t) }
    })
}
