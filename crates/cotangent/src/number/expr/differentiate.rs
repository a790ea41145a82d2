//! Symbolic differentiation: the functions' rules, run on symbols.

use super::guard::{Guarded, Guards};
use super::node::Map;
use super::{Expr, Kind};
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
        let mut guards = Guards::new();
        // Only what depends on the symbol has an entry: a known zero is never written.
        let mut tangents: Map<Expr, Guarded> = Map::default();
        for e in self.nodes() {
            let mut product = |operand: &Expr, partial: &dyn Fn() -> Partial<Expr>| {
                let t = tangents.get(operand)?;
                let partial = partial();
                if partial.is_constant_zero() { None } else { guards.scale(partial, t) }
            };
            let t = match e.kind() {
                Kind::Symbol(name) if **name == *symbol => guards.bare(Expr::constant(1.0)),
                Kind::Symbol(_) | Kind::Constant(_) => None,
                Kind::Unary(op, x) => product(x, &|| op.df(x, &e)),
                Kind::Binary(op, a, b) => {
                    let ta = product(a, &|| op.da(a, b, &e));
                    let tb = product(b, &|| op.db(a, b, &e));
                    match (ta, tb) {
                        (Some(ta), Some(tb)) => guards.sum(ta, tb),
                        (ta, tb) => ta.or(tb),
                    }
                }
                Kind::Select(c, a, b) => guards.choice(c, tangents.get(a).cloned(), tangents.get(b).cloned()),
            };
            if let Some(t) = t {
                tangents.insert(e, t);
            }
        }
        tangents.remove(self).map_or(Expr::constant(0.0), |t| guards.expr(t))
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
        let mut guards = Guards::new();
        let mut cotangents: Map<Expr, Guarded> = Map::default();
        cotangents.extend(guards.bare(Expr::constant(1.0)).map(|one| (self.clone(), one)));
        let mut gradient = vec![Expr::constant(0.0); symbols.len()];
        // A name may be asked for more than once.
        let mut slots: HashMap<&str, Vec<usize>> = HashMap::with_capacity(symbols.len());
        for (slot, symbol) in symbols.iter().enumerate() {
            slots.entry(symbol).or_default().push(slot);
        }
        for e in self.nodes().iter().rev() {
            let Some(ct) = cotangents.remove(e) else { continue };
            let mut add = |guards: &mut Guards, operand: &Expr, term: Option<Guarded>| {
                let sum = match (cotangents.remove(operand), term) {
                    (Some(before), Some(term)) => guards.sum(before, term),
                    (before, term) => before.or(term),
                };
                cotangents.extend(sum.map(|sum| (operand.clone(), sum)));
            };
            match e.kind() {
                Kind::Symbol(name) => {
                    let ct = guards.expr(ct);
                    for &slot in slots.get(&**name).into_iter().flatten() {
                        gradient[slot] = ct.clone();
                    }
                }
                Kind::Constant(_) => {}
                Kind::Unary(op, x) => {
                    let term = guards.scale(op.df(x, e), &ct);
                    add(&mut guards, x, term);
                }
                Kind::Binary(op, a, b) => {
                    let (to_a, to_b) = (guards.scale(op.da(a, b, e), &ct), guards.scale(op.db(a, b, e), &ct));
                    add(&mut guards, a, to_a);
                    add(&mut guards, b, to_b);
                }
                Kind::Select(c, a, b) => {
                    let (to_a, to_b) = (guards.under(c, true, ct.clone()), guards.under(c, false, ct));
                    add(&mut guards, a, Some(to_a));
                    add(&mut guards, b, Some(to_b));
                }
            }
        }
        gradient
    }
}
