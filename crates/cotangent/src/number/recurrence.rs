//! From a derivative rule to a recurrence for Taylor coefficients.
//!
//! A rule states f′ in terms of x and y = f(x). Read with Taylor series for x and y it is a differential equation,
//! y′ = f′(x, y) x′, and its coefficients follow one from another: k yₖ = Σ j xⱼ d_{k−j} with d = f′(x, y), of which
//! only coefficients below k are asked. The rule may call other functions, whose own rules join the system: sin asks
//! for cos, whose rule is −sin, which is there already. Such a closed system has a fixed number of equations and costs
//! O(K²). A rule whose chain never closes (lgamma, digamma, polygamma 1, 2, …) adds an equation an order, each needed to
//! one order less, and costs O(K³).
//!
//! The system is written once for a function and an order, with [`Expr`] as the number that the rule is run on, and kept.

use super::expr::{Expr, Kind};
use super::function::{BinaryOp, Partial, UnaryOp};
use super::taylor::integral;
use super::{Real, Scalar};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

/// A system of recurrences, in an order in which every equation's operands come before it.
#[derive(Debug)]
pub(super) struct Recurrence {
    equations: Vec<Equation>,
    /// Which equation is the function's own series.
    result: usize,
}

#[derive(Debug)]
struct Equation {
    form: Form,
    /// The highest coefficient that anything asks of it.
    order: usize,
}

#[derive(Debug)]
enum Form {
    /// The series of the function's argument number `i`.
    Argument(usize),
    Constant(f64),
    Negative(usize),
    Sum(usize, usize),
    Difference(usize, usize),
    Product(usize, usize),
    Quotient(usize, usize),
    Select(usize, usize, usize),
    /// y′ = d x′, with d an equation of its own; `None` where d is identically zero.
    Unary {
        op: UnaryOp,
        x: usize,
        d: Option<usize>,
    },
    /// y′ = da a′ + db b′.
    Binary {
        op: BinaryOp,
        a: usize,
        b: usize,
        da: Option<usize>,
        db: Option<usize>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Function {
    Unary(UnaryOp),
    Binary(BinaryOp),
}

type Systems = HashMap<(Function, usize), Arc<Recurrence>>;

/// The systems written so far. Each is a few hundred bytes, and a program names few functions and orders.
static SYSTEMS: LazyLock<RwLock<Systems>> = LazyLock::new(RwLock::default);

impl Recurrence {
    /// The system of a function of one number, to this order.
    pub(super) fn of_unary(op: UnaryOp, order: usize) -> Arc<Recurrence> {
        Recurrence::kept(Function::Unary(op), order, || op.apply(&argument(0)))
    }

    /// The system of a function of two numbers, to this order.
    pub(super) fn of_binary(op: BinaryOp, order: usize) -> Arc<Recurrence> {
        Recurrence::kept(Function::Binary(op), order, || op.apply(&argument(0), &argument(1)))
    }

    fn kept(function: Function, order: usize, root: impl Fn() -> Expr) -> Arc<Recurrence> {
        let key = (function, order);
        // A panic while the lock is held can only come from an allocation; what the map holds is whole either way.
        let known = SYSTEMS.read().unwrap_or_else(|e| e.into_inner()).get(&key).cloned();
        known.unwrap_or_else(|| {
            let system = Arc::new(Recurrence::write(root(), order));
            SYSTEMS.write().unwrap_or_else(|e| e.into_inner()).insert(key, Arc::clone(&system));
            system
        })
    }

    /// Collects every expression that the root's coefficients up to `order` ask for, then numbers them.
    fn write(root: Expr, order: usize) -> Recurrence {
        let mut orders: HashMap<Expr, usize> = HashMap::new();
        let mut rules: HashMap<Expr, [Option<Expr>; 2]> = HashMap::new();
        let mut asked = vec![(root.clone(), order)];
        while let Some((e, order)) = asked.pop() {
            if orders.get(&e).is_some_and(|&known| known >= order) {
                continue;
            }
            orders.insert(e.clone(), order);
            asked.extend(operands(&e).into_iter().map(|operand| (operand, order)));
            if let Some(below) = order.checked_sub(1) {
                let rule = rules.entry(e.clone()).or_insert_with(|| rule(&e));
                asked.extend(rule.iter().flatten().map(|d| (d.clone(), below)));
            }
        }

        let sorted = sorted(&orders);
        let number: HashMap<&Expr, usize> = sorted.iter().enumerate().map(|(i, e)| (e, i)).collect();
        let d = |e: &Expr, i: usize| rules.get(e).and_then(|rule| rule[i].as_ref()).map(|d| number[d]);
        let equation = |e: &Expr| {
            let form = match e.kind() {
                Kind::Symbol(name) => Form::Argument(usize::from(&**name == SYMBOLS[1])),
                Kind::Constant(c) => Form::Constant(*c),
                Kind::Select(c, a, b) => Form::Select(number[c], number[a], number[b]),
                Kind::Unary(UnaryOp::Neg(_), x) => Form::Negative(number[x]),
                Kind::Unary(op, x) => Form::Unary { op: *op, x: number[x], d: d(e, 0) },
                Kind::Binary(BinaryOp::Add(_), a, b) => Form::Sum(number[a], number[b]),
                Kind::Binary(BinaryOp::Sub(_), a, b) => Form::Difference(number[a], number[b]),
                Kind::Binary(BinaryOp::Mul(_), a, b) => Form::Product(number[a], number[b]),
                Kind::Binary(BinaryOp::Div(_), a, b) => Form::Quotient(number[a], number[b]),
                Kind::Binary(op, a, b) => {
                    Form::Binary { op: *op, a: number[a], b: number[b], da: d(e, 0), db: d(e, 1) }
                }
            };
            Equation { form, order: orders[e] }
        };
        Recurrence { equations: sorted.iter().map(equation).collect(), result: number[&root] }
    }

    /// The coefficients of orders 0 to `order` of the result, where `argument(i, k)` is coefficient k of argument i.
    pub(super) fn solve<T: Scalar>(&self, order: usize, argument: &impl Fn(usize, usize) -> T) -> Vec<T> {
        let like = argument(0, 0);
        let mut series: Vec<Vec<T>> =
            self.equations.iter().map(|e| Vec::with_capacity(e.order + 1)).collect();
        for k in 0..=order {
            for (i, equation) in self.equations.iter().enumerate() {
                if k <= equation.order {
                    let next = equation.form.coefficient(k, &series, i, argument, &like);
                    series[i].push(next);
                }
            }
        }
        series.swap_remove(self.result)
    }
}

impl Form {
    /// Coefficient k of equation `own`, from all series as far as they are known.
    fn coefficient<T: Scalar>(
        &self,
        k: usize,
        series: &[Vec<T>],
        own: usize,
        argument: &impl Fn(usize, usize) -> T,
        like: &T,
    ) -> T {
        let at = |i: usize, k: usize| &series[i][k];
        let chain = |x: usize, d: Option<usize>| match d {
            Some(d) => integral(k, 1..k + 1, |j| at(x, j), |j| at(d, j)),
            None => like.zero(),
        };
        match *self {
            Form::Argument(i) => argument(i, k),
            Form::Constant(c) => like.lift(if k == 0 { c } else { 0.0 }),
            Form::Negative(x) => -at(x, k).clone(),
            Form::Sum(a, b) => Real::add(at(a, k), at(b, k)),
            Form::Difference(a, b) => Real::sub(at(a, k), at(b, k)),
            Form::Product(a, b) => {
                (1..=k).fold(Real::mul(at(a, 0), at(b, k)), |sum, j| sum + Real::mul(at(a, j), at(b, k - j)))
            }
            Form::Quotient(a, b) => {
                let known =
                    (0..k).fold(at(a, k).clone(), |rest, j| rest - Real::mul(at(own, j), at(b, k - j)));
                known / at(b, 0)
            }
            Form::Select(c, a, b) => at(if at(c, 0).primal() != 0.0 { a } else { b }, k).clone(),
            Form::Unary { op, x, .. } if k == 0 => op.apply(at(x, 0)),
            Form::Unary { x, d, .. } => chain(x, d),
            Form::Binary { op, a, b, .. } if k == 0 => op.apply(at(a, 0), at(b, 0)),
            Form::Binary { a, b, da, db, .. } => chain(a, da) + chain(b, db),
        }
    }
}

/// The names that stand for the arguments while a rule is run on symbols.
const SYMBOLS: [&str; 2] = ["a", "b"];

fn argument(i: usize) -> Expr {
    Expr::symbol(SYMBOLS[i])
}

fn operands(e: &Expr) -> Vec<Expr> {
    match e.kind() {
        Kind::Symbol(_) | Kind::Constant(_) => Vec::new(),
        Kind::Unary(_, x) => vec![x.clone()],
        Kind::Binary(_, a, b) => vec![a.clone(), b.clone()],
        Kind::Select(c, a, b) => vec![c.clone(), a.clone(), b.clone()],
    }
}

/// The partial derivatives of a function as expressions; `None` where identically zero, and for the forms that are
/// computed without one.
fn rule(e: &Expr) -> [Option<Expr>; 2] {
    let written = |partial: Partial<Expr>| (!partial.is_constant_zero()).then(|| partial.into_number(e));
    match e.kind() {
        Kind::Unary(UnaryOp::Neg(_), _) => [None, None],
        Kind::Unary(op, x) => [written(op.df(x, e)), None],
        Kind::Binary(BinaryOp::Add(_) | BinaryOp::Sub(_) | BinaryOp::Mul(_) | BinaryOp::Div(_), ..) => {
            [None, None]
        }
        Kind::Binary(op, a, b) => [written(op.da(a, b, e)), written(op.db(a, b, e))],
        Kind::Symbol(_) | Kind::Constant(_) | Kind::Select(..) => [None, None],
    }
}

/// All expressions, each after its operands (not after its rule, which lags an order behind).
fn sorted(all: &HashMap<Expr, usize>) -> Vec<Expr> {
    let mut sorted = Vec::with_capacity(all.len());
    let mut placed = std::collections::HashSet::new();
    for e in all.keys() {
        for node in e.nodes() {
            if placed.insert(node.clone()) {
                sorted.push(node);
            }
        }
    }
    sorted
}
