//! An expression as a list of steps: what evaluation runs, as often as it likes, without looking anything up.

use super::node::Map;
use super::{Expr, Kind};
use crate::number::Real;
use crate::number::function::{BinaryOp, UnaryOp};
use std::collections::HashMap;
use std::sync::Arc;

/// Some expressions, their nodes in order of evaluation and operands by number.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    steps: Vec<Step>,
    /// The names of the symbols, in order of first use.
    symbols: Vec<Arc<str>>,
    /// The numbers of the expressions themselves.
    roots: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Symbol(usize),
    Constant(f64),
    Unary(UnaryOp, usize),
    Binary(BinaryOp, usize, usize),
    Select(usize, usize, usize),
}

/// A value on the way: numbers that depend on no symbol stay plain until they meet one that does.
#[derive(Clone)]
pub(crate) enum Value<R> {
    Plain(f64),
    Of(R),
}

impl Program {
    pub(crate) fn of(roots: &[Expr]) -> Program {
        let nodes = Expr::nodes_of(roots);
        let mut place: Map<&Expr, usize> = Map::with_capacity_and_hasher(nodes.len(), Default::default());
        let mut symbols = Vec::new();
        let mut steps = Vec::with_capacity(nodes.len());
        for (i, e) in nodes.iter().enumerate() {
            steps.push(match e.kind() {
                Kind::Symbol(name) => {
                    symbols.push(name.clone());
                    Step::Symbol(symbols.len() - 1)
                }
                Kind::Constant(c) => Step::Constant(*c),
                Kind::Unary(op, x) => Step::Unary(*op, place[x]),
                Kind::Binary(op, a, b) => Step::Binary(*op, place[a], place[b]),
                Kind::Select(c, a, b) => Step::Select(place[c], place[a], place[b]),
            });
            place.insert(e, i);
        }
        let roots = roots.iter().map(|root| place[root]).collect();
        Program { steps, symbols, roots }
    }

    /// The names of the symbols, in order of first use.
    pub(crate) fn symbols(&self) -> &[Arc<str>] {
        &self.symbols
    }

    /// For each symbol, its place among these names, the first if there are several.
    ///
    /// # Errors
    /// The first symbol that is not among them.
    pub(crate) fn places<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Vec<usize>, &str> {
        let mut place: HashMap<&str, usize> = HashMap::new();
        for (i, name) in names.enumerate() {
            place.entry(name).or_insert(i);
        }
        self.symbols.iter().map(|name| place.get(&**name).copied().ok_or(&**name)).collect()
    }

    /// The expressions' values; `symbol` gives that of a symbol, by its number.
    pub(crate) fn run<R: Real>(&self, symbol: impl Fn(usize) -> R) -> Vec<Value<R>> {
        let mut results: Vec<Value<R>> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let result = match *step {
                Step::Symbol(k) => Value::Of(symbol(k)),
                Step::Constant(c) => Value::Plain(c),
                Step::Unary(op, x) => match &results[x] {
                    Value::Plain(x) => Value::Plain(op.apply(x)),
                    Value::Of(x) => Value::Of(op.apply(x)),
                },
                Step::Binary(op, a, b) => match (&results[a], &results[b]) {
                    (Value::Plain(a), Value::Plain(b)) => Value::Plain(op.apply(a, b)),
                    (Value::Plain(a), Value::Of(b)) => Value::Of(op.apply_left(*a, b)),
                    (Value::Of(a), Value::Plain(b)) => Value::Of(op.apply_right(a, *b)),
                    (Value::Of(a), Value::Of(b)) => Value::Of(op.apply(a, b)),
                },
                Step::Select(c, a, b) => match (&results[c], &results[a], &results[b]) {
                    (Value::Plain(c), a, b) => (if *c != 0.0 { a } else { b }).clone(),
                    (Value::Of(c), a, b) => Value::Of(c.select(&a.number(c), &b.number(c))),
                },
            };
            results.push(result);
        }
        self.roots.iter().map(|&root| results[root].clone()).collect()
    }
}

impl<R: Real> Value<R> {
    /// As a number of `like`'s kind.
    pub(crate) fn number(&self, like: &R) -> R {
        match self {
            Value::Plain(plain) => like.lift(*plain),
            Value::Of(value) => value.clone(),
        }
    }
}
