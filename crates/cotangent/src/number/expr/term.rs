//! A term of a sum: a coefficient times powers. What `simplify.rs` collects products into.

use super::{Expr, Kind, names, node::natural};
use crate::number::Real;
use crate::number::function::{Add, BinaryOp, Div, Mul, Neg, Pow, Powi, Square, Sub, UnaryOp};
use std::collections::{HashMap, HashSet};

/// A number as a quotient, so that x/3 does not become 0.3333333333333333·x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coefficient {
    pub(super) numerator: f64,
    pub(super) denominator: f64,
}

/// Integers are exact up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn is_exact(c: f64) -> bool {
    c.fract() == 0.0 && c.abs() < EXACT
}

impl Coefficient {
    pub(super) const ONE: Coefficient = Coefficient { numerator: 1.0, denominator: 1.0 };

    /// In lowest terms where both are integers, as one number where they are not. `None` where that is no finite number,
    /// or zero only by underflow.
    pub(super) fn normal(self) -> Option<Coefficient> {
        let (n, d) = (self.numerator, self.denominator);
        let usable = n.is_finite() && d.is_finite() && d != 0.0;
        let (n, d) = match usable {
            false => return None,
            true if n == 0.0 => (0.0, 1.0),
            true if is_exact(n) && is_exact(d) => {
                let divisor = gcd(n.abs() as u64, d.abs() as u64) as f64 * d.signum();
                (n / divisor, d / divisor)
            }
            true => (n / d, 1.0),
        };
        let survived = n.is_finite() && (n != 0.0 || self.numerator == 0.0);
        survived.then_some(Coefficient { numerator: n, denominator: d })
    }

    pub(super) fn plus(self, other: Coefficient) -> Option<Coefficient> {
        let (a, b, c, d) = (self.numerator, self.denominator, other.numerator, other.denominator);
        let all = [a * d, c * b, b * d];
        if b == d {
            Coefficient { numerator: a + c, denominator: b }.normal()
        } else if [a, b, c, d].into_iter().chain(all).all(is_exact) {
            Coefficient { numerator: a * d + c * b, denominator: b * d }.normal()
        } else {
            Coefficient { numerator: a / b + c / d, denominator: 1.0 }.normal()
        }
    }

    pub(super) fn negated(self) -> Coefficient {
        Coefficient { numerator: -self.numerator, ..self }
    }

    pub(super) fn bits(self) -> [u64; 2] {
        [self.numerator.to_bits(), self.denominator.to_bits()]
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A coefficient times powers of distinct bases, in the order in which they were met.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) coefficient: Coefficient,
    pub(super) factors: Vec<(Expr, f64)>,
}

/// Powers being multiplied together.
pub(super) struct Collector {
    coefficient: Coefficient,
    factors: Vec<(Expr, f64)>,
    index: HashMap<Expr, usize>,
}

impl Collector {
    pub(super) fn new() -> Collector {
        Collector { coefficient: Coefficient::ONE, factors: Vec::new(), index: HashMap::new() }
    }

    /// Multiplies by a constant's power.
    pub(super) fn constant(&mut self, c: f64, exponent: f64) {
        if exponent > 0.0 {
            self.coefficient.numerator *= c.powf(exponent);
        } else {
            self.coefficient.denominator *= c.powf(-exponent);
        }
    }

    fn factor(&mut self, base: &Expr, exponent: f64) {
        match self.index.get(base) {
            Some(&at) => self.factors[at].1 += exponent,
            None => {
                self.index.insert(base.clone(), self.factors.len());
                self.factors.push((base.clone(), exponent));
            }
        }
    }

    /// Multiplies by a power of a simplified expression, taking apart at most `budget` of its operations; beyond that the
    /// whole is one factor.
    pub(super) fn multiply(&mut self, e: &Expr, exponent: f64, budget: usize) {
        let mut leaves: Vec<(&Expr, f64)> = Vec::new();
        let mut constants = Vec::new();
        let mut stack = vec![(e, exponent)];
        let mut steps = 0;
        while let Some((e, n)) = stack.pop() {
            let whole = n.fract() == 0.0;
            let first = stack.len();
            match e.kind() {
                Kind::Constant(c) if whole => constants.push((*c, n)),
                Kind::Unary(UnaryOp::Neg(_), x) if whole => {
                    constants.push((-1.0, n));
                    stack.push((x, n));
                }
                Kind::Unary(UnaryOp::Recip(_), x) if whole => stack.push((x, -n)),
                Kind::Unary(UnaryOp::Square(_), x) if whole => stack.push((x, 2.0 * n)),
                Kind::Unary(UnaryOp::Powi(Powi(k)), x) if whole => stack.push((x, f64::from(*k) * n)),
                // √u is defined where u is not negative, and there its even powers are powers of u.
                Kind::Unary(UnaryOp::Sqrt(_), x) if whole && n % 2.0 == 0.0 => stack.push((x, n / 2.0)),
                Kind::Binary(BinaryOp::Pow(_), x, k)
                    if whole && k.as_constant().is_some_and(f64::is_finite) =>
                {
                    stack.push((x, k.as_constant().unwrap_or(1.0) * n));
                }
                // A power of a product stays one power, unless one side is a number.
                Kind::Binary(BinaryOp::Mul(_), a, b)
                    if n.abs() == 1.0
                        || (whole && (a.as_constant().is_some() || b.as_constant().is_some())) =>
                {
                    stack.extend([(b, n), (a, n)]);
                }
                Kind::Binary(BinaryOp::Div(_), a, b)
                    if n.abs() == 1.0
                        || (whole && (a.as_constant().is_some() || b.as_constant().is_some())) =>
                {
                    stack.extend([(b, -n), (a, n)]);
                }
                _ => leaves.push((e, n)),
            }
            steps += usize::from(stack.len() > first);
            if steps > budget {
                return self.factor(e, exponent);
            }
        }
        for (c, n) in constants {
            self.constant(c, n);
        }
        for (base, n) in leaves {
            self.factor(base, n);
        }
    }
}

impl Collector {
    /// The product. `None` where its coefficient or an exponent is not a finite number.
    pub(super) fn term(self) -> Option<Term> {
        let coefficient = self.coefficient.normal()?;
        let mut factors = join_symbolic_powers(self.factors);
        if coefficient.numerator == 0.0 {
            factors.clear();
        }
        factors.retain(|(_, n)| *n != 0.0);
        factors.iter().all(|(_, n)| n.is_finite()).then_some(Term { coefficient, factors })
    }
}

/// x^a · x^b = x^(a + b), where an exponent is no number.
fn join_symbolic_powers(factors: Vec<(Expr, f64)>) -> Vec<(Expr, f64)> {
    let symbolic = |e: &Expr| match e.kind() {
        Kind::Binary(BinaryOp::Pow(_), x, exponent) if exponent.as_constant().is_none() => {
            Some((x.clone(), exponent.clone()))
        }
        _ => None,
    };
    let bases: HashSet<Expr> = factors.iter().filter_map(|(e, _)| Some(symbolic(e)?.0)).collect();
    if bases.is_empty() {
        return factors;
    }
    // Each factor is a power of one base: of itself where there are others of that base, though it may be a power too.
    let as_power = |e: &Expr, n: f64| match symbolic(e) {
        _ if bases.contains(e) => (e.clone(), Expr::constant(n)),
        Some((x, exponent)) => (x, exponent * n),
        None => (e.clone(), Expr::constant(n)),
    };
    let mut groups: Vec<(Expr, Vec<Expr>, (Expr, f64))> = Vec::new();
    let mut places: HashMap<Expr, usize> = HashMap::new();
    for (e, n) in factors {
        let (base, exponent) = as_power(&e, n);
        match places.get(&base) {
            Some(&place) => groups[place].1.push(exponent),
            None => {
                places.insert(base.clone(), groups.len());
                groups.push((base, vec![exponent], (e, n)));
            }
        }
    }
    let joined = |(base, exponents, alone): (Expr, Vec<Expr>, (Expr, f64))| match exponents.split_first() {
        Some((first, rest)) if !rest.is_empty() => {
            let sum = rest.iter().fold(first.clone(), |sum, exponent| sum + exponent);
            (Expr::binary_node(Pow.into(), &base, &sum), 1.0)
        }
        _ => alone,
    };
    groups.into_iter().map(joined).collect()
}

impl Term {
    /// The term as a formula: a number, then symbols by name, then powers and what else there is
    /// as it was met; negative powers below.
    pub(super) fn build(&self) -> Expr {
        let Coefficient { numerator, denominator } = self.coefficient;
        let mut sorted: Vec<&(Expr, f64)> = self.factors.iter().collect();
        sorted.sort_by_cached_key(|(base, _)| match base.kind() {
            Kind::Symbol(name) => (0, natural(name)),
            Kind::Binary(BinaryOp::Pow(_), ..) => (1, Vec::new()),
            _ => (2, Vec::new()),
        });
        let mut above = Vec::new();
        let mut below = Vec::new();
        for (base, n) in sorted {
            if *n > 0.0 {
                above.push(power(base, *n));
            } else {
                below.push(power(base, -n));
            }
        }
        if numerator.abs() != 1.0 || above.is_empty() {
            above.insert(0, Expr::constant(numerator));
        } else if numerator < 0.0 {
            above[0] = Expr::unary_node(Neg.into(), &above[0]);
        }
        if denominator != 1.0 {
            below.insert(0, Expr::constant(denominator));
        }
        match (product(&above), product(&below)) {
            (Some(above), Some(below)) => Expr::binary_node(Div.into(), &above, &below),
            (above, _) => above.unwrap_or_else(|| Expr::constant(1.0)),
        }
    }
}

fn product(factors: &[Expr]) -> Option<Expr> {
    let (first, rest) = factors.split_first()?;
    Some(rest.iter().fold(first.clone(), |product, factor| Expr::binary_node(Mul.into(), &product, factor)))
}

fn power(base: &Expr, n: f64) -> Expr {
    match names::integer(n) {
        Some(1) => base.clone(),
        Some(2) => Expr::unary_node(Square.into(), base),
        Some(n) => Expr::unary_node(Powi(n).into(), base),
        None => base.powf(n),
    }
}

/// A sum of terms, beginning with a positive one if there is any.
pub(super) fn sum(terms: &[Term]) -> Expr {
    let positive = |term: &Term| term.coefficient.numerator > 0.0;
    let first = terms.iter().position(positive).unwrap_or(0);
    let others = terms.iter().enumerate().filter(|(i, _)| *i != first).map(|(_, term)| term);
    let Some(beginning) = terms.get(first) else { return Expr::constant(0.0) };
    others.fold(beginning.build(), |sum, term| {
        if positive(term) {
            Expr::binary_node(Add.into(), &sum, &term.build())
        } else {
            let positive = Term { coefficient: term.coefficient.negated(), factors: term.factors.clone() };
            Expr::binary_node(Sub.into(), &sum, &positive.build())
        }
    })
}
