//! The modes: each differentiates an expression at a point in its own way.

use crate::input::{Point, value};
use crate::output::{Number, counted};
use cotangent::number::{Dual, Expr, Real, Tape, Taylor, Var, numeric};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Taylor series are carried this far: the highest order of `--order`.
pub const MAX_ORDER: usize = 10;

/// How many nodes may be visited by the modes that go over the expression again for every derivative, at about a
/// microsecond each.
pub const AFFORDABLE: usize = 1_000_000;

/// Formulas of more symbols, numbers and operations than this are not printed.
const PRINTABLE: u128 = 2000;

/// The parameters of a network that is small today.
pub const MILLION: u128 = 1_000_000;

/// What a mode had to do.
#[derive(Clone, Copy, Serialize)]
pub struct Work {
    pub count: u128,
    pub unit: Unit,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Formulas,
    Evaluations,
    Passes,
}

impl Work {
    pub fn formulas(count: usize) -> Self {
        Work { count: count as u128, unit: Unit::Formulas }
    }

    pub fn evaluations(count: usize) -> Self {
        Work { count: count as u128, unit: Unit::Evaluations }
    }

    pub fn passes(count: usize) -> Self {
        Work { count: count as u128, unit: Unit::Passes }
    }
}

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&match self.unit {
            Unit::Formulas => counted(self.count, "formula", "formulas"),
            Unit::Evaluations => counted(self.count, "evaluation", "evaluations"),
            Unit::Passes => counted(self.count, "pass", "passes"),
        })
    }
}

/// A formula as text, unless it is too long to be read.
#[derive(Serialize)]
pub struct Text {
    /// The formula; null where it is too long.
    pub formula: Option<String>,
    pub tree_size: u128,
    pub dag_size: usize,
}

impl Text {
    pub fn of(expr: &Expr) -> Self {
        let (tree_size, dag_size) = (expr.tree_size(), expr.dag_size());
        Text { formula: (tree_size <= PRINTABLE).then(|| expr.to_string()), tree_size, dag_size }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.formula {
            Some(formula) => f.write_str(formula),
            None => write!(
                f,
                "too long to print: {} as a tree, {} with common parts shared",
                counted(self.tree_size, "node", "nodes"),
                counted(self.dag_size as u128, "node", "nodes")
            ),
        }
    }
}

/// Names with their numbers, as a JSON object in the order given.
pub struct Named(pub Vec<(String, Number)>);

impl Named {
    pub fn of(point: &Point) -> Self {
        Named(point.names.iter().cloned().zip(point.values.iter().copied().map(Number)).collect())
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, number) in &self.0 {
            map.serialize_entry(name, number)?;
        }
        map.end()
    }
}

/// `x = 1.5, y = 2`.
impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(name, number)| format!("{name} = {number}")).collect();
        f.write_str(&parts.join(", "))
    }
}

/// The value and one derivative by one pass of dual numbers.
pub fn forward(expr: &Expr, point: &Point, variable: usize) -> (f64, f64) {
    let seed = |(i, &x): (usize, &f64)| if i == variable { Dual::variable(x) } else { Dual::constant(x) };
    let x: Vec<Dual<f64>> = point.values.iter().enumerate().map(seed).collect();
    expr.evaluate(&point.bind(&x)).map_or((f64::NAN, f64::NAN), |y| (y.value(), y.derivative()))
}

/// The value and the whole gradient by a recording and one sweep back.
pub fn reverse(expr: &Expr, point: &Point) -> (f64, Vec<f64>) {
    let tape = Tape::new();
    let x: Vec<Var> = point.values.iter().map(|&x| tape.var(x)).collect();
    match expr.evaluate(&point.bind(&x)) {
        Ok(y) => (y.value(), tape.vjp(&[y], &[1.0], &x)),
        Err(_) => (f64::NAN, vec![f64::NAN; x.len()]),
    }
}

/// The expression as a function of one variable, the others held at the point.
pub fn along<'a>(expr: &'a Expr, point: &'a Point, variable: usize) -> impl Fn(f64) -> f64 + 'a {
    move |x| {
        let mut bindings = point.bindings();
        bindings[variable].1 = x;
        value(expr, &bindings)
    }
}

/// The expression as a function of all variables.
pub fn function<'a>(expr: &'a Expr, point: &'a Point) -> impl Fn(&[f64]) -> f64 + 'a {
    |x| value(expr, &point.bind(x))
}

/// A derivative of higher order by one pass of Taylor series.
pub fn taylor(expr: &Expr, point: &Point, variable: usize, order: usize) -> f64 {
    let x = series(point, variable);
    expr.evaluate(&point.bind(&x)).map_or(f64::NAN, |y| y.derivative(order))
}

/// A derivative of higher order by a tape over Taylor series: one derivative by the sweep, the others by the series.
pub fn reverse_taylor(expr: &Expr, point: &Point, variable: usize, order: usize) -> f64 {
    let tape = Tape::default();
    let x: Vec<_> = series(point, variable).into_iter().map(|x| tape.var(x)).collect();
    match expr.evaluate(&point.bind(&x)) {
        Ok(y) => tape.vjp(&[y], &[y.value().one()], &x[variable..=variable])[0].derivative(order - 1),
        Err(_) => f64::NAN,
    }
}

type Series = Taylor<'static, f64, MAX_ORDER>;

fn series(point: &Point, variable: usize) -> Vec<Series> {
    let seed = |(i, &x): (usize, &f64)| if i == variable { Taylor::variable(x) } else { Taylor::constant(x) };
    point.values.iter().enumerate().map(seed).collect()
}

/// Second derivatives in the chosen variables, by one way of getting them.
pub struct Hessian {
    pub mode: &'static str,
    pub matrix: Vec<Vec<f64>>,
    pub work: Work,
}

/// Every way of getting second derivatives without formulas.
pub fn hessians(expr: &Expr, point: &Point, chosen: &[usize]) -> Vec<Hessian> {
    let n = chosen.len();
    let all = [
        Hessian {
            mode: "forward over forward",
            matrix: forward_over_forward(expr, point, chosen),
            work: Work::passes(n * (n + 1) / 2),
        },
        Hessian {
            mode: "forward over reverse",
            matrix: forward_over_reverse(expr, point, chosen),
            work: Work::passes(2 * n),
        },
        Hessian {
            mode: "reverse over reverse",
            matrix: reverse_over_reverse(expr, point, chosen),
            work: Work::passes(2 + n),
        },
    ];
    let numerical = {
        let f = function(expr, point);
        let start: Vec<f64> = chosen.iter().map(|&i| point.values[i]).collect();
        let estimate = numeric::hessian(
            |x: &[f64]| {
                let mut full = point.values.clone();
                chosen.iter().zip(x).for_each(|(&i, &x)| full[i] = x);
                f(&full)
            },
            &start,
        );
        Hessian { mode: "numerical", matrix: estimate.matrix, work: Work::evaluations(estimate.evaluations) }
    };
    [numerical].into_iter().chain(all).collect()
}

fn forward_over_forward(expr: &Expr, point: &Point, chosen: &[usize]) -> Vec<Vec<f64>> {
    let second = |i: usize, j: usize| {
        let seed = |(k, &x): (usize, &f64)| {
            let inner = if k == i { Dual::variable(x) } else { Dual::constant(x) };
            if k == j { Dual::variable(inner) } else { Dual::constant(inner) }
        };
        let x: Vec<Dual<Dual<f64>>> = point.values.iter().enumerate().map(seed).collect();
        expr.evaluate(&point.bind(&x)).map_or(f64::NAN, |y| y.derivative().derivative())
    };
    let mut matrix = vec![vec![0.0; chosen.len()]; chosen.len()];
    for (a, &i) in chosen.iter().enumerate() {
        for (b, &j) in chosen.iter().enumerate().skip(a) {
            matrix[a][b] = second(i, j);
            matrix[b][a] = matrix[a][b];
        }
    }
    matrix
}

fn forward_over_reverse(expr: &Expr, point: &Point, chosen: &[usize]) -> Vec<Vec<f64>> {
    let row = |&i: &usize| {
        let tape: Tape<Dual<f64>> = Tape::default();
        let seed =
            |(k, &x): (usize, &f64)| tape.var(if k == i { Dual::variable(x) } else { Dual::constant(x) });
        let x: Vec<_> = point.values.iter().enumerate().map(seed).collect();
        match expr.evaluate(&point.bind(&x)) {
            Ok(y) => {
                let gradient = tape.vjp(&[y], &[Dual::constant(1.0)], &x);
                chosen.iter().map(|&j| gradient[j].derivative()).collect()
            }
            Err(_) => vec![f64::NAN; chosen.len()],
        }
    };
    chosen.iter().map(row).collect()
}

fn reverse_over_reverse(expr: &Expr, point: &Point, chosen: &[usize]) -> Vec<Vec<f64>> {
    let outer = Tape::new();
    let inner: Tape<Var> = Tape::default();
    let x: Vec<Var> = point.values.iter().map(|&x| outer.var(x)).collect();
    let inside: Vec<_> = x.iter().map(|&x| inner.var(x)).collect();
    match expr.evaluate(&point.bind(&inside)) {
        Ok(y) => {
            let gradient = inner.vjp(&[y], &[outer.constant(1.0)], &inside);
            let row = |&i: &usize| {
                let second = outer.vjp(&gradient[i..=i], &[1.0], &x);
                chosen.iter().map(|&j| second[j]).collect()
            };
            chosen.iter().map(row).collect()
        }
        Err(_) => vec![vec![f64::NAN; chosen.len()]; chosen.len()],
    }
}

/// How far apart two numbers are; the same infinity is no distance.
pub fn difference(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) { 0.0 } else { (a - b).abs() }
}
