//! Readable formulas: constants folded, like terms and powers collected, what is always zero dropped.
//!
//! One pass goes over the graph from the leaves to the root. A *region* is a sum of sums or a product of products
//! whose parts nothing else uses; it is taken apart once, at its root, so that a pass costs about as much as the
//! formula is long. Passes are repeated until nothing changes, and one that would make the graph larger is not taken.

use super::node::Map;
use super::term::{Coefficient, Collector, Term, sum};
use super::{Expr, Kind};
use crate::number::Real;
use crate::number::function::{BinaryOp, UnaryOp};
use std::collections::HashMap;

/// How far a pass reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reach {
    /// Products that several parts share are taken apart where they are used.
    Wide,
    /// What is shared stays as it is.
    Narrow,
    /// Each operation alone.
    Local,
}

/// Shared or already simplified products of more operations than this are not taken apart again.
const SMALL: usize = 64;

/// More passes than any formula seen has needed; the end of a cycle, should there be one.
const PASSES: usize = 24;

impl Expr {
    /// A shorter, more readable formula: constants folded, neutral elements and double signs dropped, like terms
    /// (2x + 3x = 5x) and powers (x·x² = x³, x/x = 1) collected, fractions tidied. The order of terms and factors is that in
    /// which they come, with numbers and symbols first, and the graph never has more operations than before.
    ///
    /// It agrees with this expression, up to rounding, at generic points where both are finite. So x/x becomes 1, though 0/0
    /// is NaN, and √x·√x becomes x; and `equal(a, b)` becomes 0 where a and b are different smooth formulas, though
    /// they may meet at single points: guards of rules such as `select(equal(x, 0), 0, …)`, and with them the declared
    /// derivatives at kinks, disappear. (Whether the two sides are one function in disguise, as sin(x)² + cos(x)² and 1 are, is
    /// not looked into.)
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let x = Expr::symbol("x");
    /// assert_eq!(x.square().sin().differentiate("x").simplify().to_string(), "2*x*cos(x^2)");
    /// assert_eq!((&x * 2.0 + &x * 3.0).simplify().to_string(), "5*x");
    /// ```
    pub fn simplify(&self) -> Expr {
        let mut best = self.clone();
        let mut size = operations(&best);
        for _ in 0..PASSES {
            // A wider pass that has nothing to change leaves nothing to the narrower ones.
            let reaches = [Reach::Wide, Reach::Narrow, Reach::Local].into_iter();
            let next = reaches.filter_map(|reach| Pass::new(reach).run(&best)).find_map(|next| {
                let next_size = if next == best { size } else { operations(&next) };
                (next_size <= size).then_some((next, next_size))
            });
            match next {
                Some((next, next_size)) if next != best => (best, size) = (next, next_size),
                _ => break,
            }
        }
        best
    }
}

/// How many distinct nodes compute something.
fn operations(e: &Expr) -> usize {
    let computes = |e: &&Expr| !matches!(e.kind(), Kind::Symbol(_) | Kind::Constant(_));
    e.nodes().iter().filter(computes).count()
}

/// What a node combines its operands into.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Sum,
    Product,
    /// A sign belongs to either.
    Sign,
    /// The power of one base.
    Power,
    Other,
}

fn shape(e: &Expr) -> Shape {
    match e.kind() {
        Kind::Binary(BinaryOp::Add(_) | BinaryOp::Sub(_), ..) => Shape::Sum,
        Kind::Binary(BinaryOp::Mul(_) | BinaryOp::Div(_), ..) | Kind::Unary(UnaryOp::Recip(_), _) => {
            Shape::Product
        }
        Kind::Unary(UnaryOp::Neg(_), _) => Shape::Sign,
        Kind::Unary(UnaryOp::Square(_) | UnaryOp::Powi(_), _) => Shape::Power,
        Kind::Binary(BinaryOp::Pow(_), _, n) if n.as_constant().is_some_and(f64::is_finite) => Shape::Power,
        _ => Shape::Other,
    }
}

/// How a node is used: how often, and by which shape if once.
#[derive(Clone, Copy, Debug)]
struct Use {
    count: u32,
    by: Shape,
}

/// A term without its coefficient: the numbers of its bases with their exponents, sorted.
type Key = Vec<(usize, u64)>;

struct Pass {
    reach: Reach,
    uses: Map<Expr, Use>,
    new: Map<Expr, Expr>,
    /// The products that only a sum uses, as it will want them.
    terms: Map<Expr, Term>,
    /// A number for each base and each key, in the order in which they are met, so that equal sums and products in
    /// different order are found to be equal.
    bases: Map<Expr, usize>,
    keys: HashMap<Key, usize>,
    built: HashMap<Vec<(usize, [u64; 2])>, Expr>,
    /// Is it smooth, and does it depend on a symbol?
    facts: Map<Expr, (bool, bool)>,
}

impl Pass {
    fn new(reach: Reach) -> Pass {
        Pass {
            reach,
            uses: Map::default(),
            new: Map::default(),
            terms: Map::default(),
            bases: Map::default(),
            keys: HashMap::new(),
            built: HashMap::new(),
            facts: Map::default(),
        }
    }

    /// `None` where a number overflows on the way.
    fn run(mut self, root: &Expr) -> Option<Expr> {
        let nodes = root.nodes();
        for e in &nodes {
            for operand in e.kind().operands() {
                let used = self.uses.entry(operand.clone()).or_insert(Use { count: 0, by: shape(e) });
                used.count += 1;
            }
        }
        for e in &nodes {
            if self.reach == Reach::Local {
                let new = self.alone(e);
                self.new.insert(e.clone(), new);
                continue;
            }
            if self.is_inside(e) {
                continue; // its region's root will take it apart
            }
            let new = match shape(e) {
                Shape::Sum => self.sum(e)?,
                Shape::Sign if self.is_sum_under(e) => self.sum(e)?,
                Shape::Product | Shape::Power | Shape::Sign => {
                    let term = self.product(e)?;
                    if let Some(Use { count: 1, by: Shape::Sum | Shape::Sign }) = self.uses.get(e) {
                        self.terms.insert(e.clone(), term.clone());
                    }
                    self.build(vec![term])?
                }
                Shape::Other => self.alone(e),
            };
            self.new.insert(e.clone(), new);
        }
        self.new.remove(root)
    }

    /// Is this node a part of the region of the one node that uses it?
    fn is_inside(&self, e: &Expr) -> bool {
        let Some(&Use { count: 1, by }) = self.uses.get(e) else { return false };
        match (by, shape(e)) {
            (Shape::Sum, Shape::Sum) => true,
            (Shape::Sum, Shape::Sign) => self.is_sum_under(e),
            (Shape::Sign, Shape::Sum | Shape::Product | Shape::Sign | Shape::Power) => true,
            (Shape::Product, Shape::Product | Shape::Power) => true,
            (Shape::Product, Shape::Sign) => !self.is_sum_under(e),
            _ => false,
        }
    }

    /// Is there a sum inside, below this sign and those that follow?
    fn is_sum_under(&self, sign: &Expr) -> bool {
        let mut e = sign;
        // Signs of signs are rare, and a chain of them is passed once: below a sign nothing asks again.
        while let Kind::Unary(UnaryOp::Neg(_), x) = e.kind() {
            if !matches!(self.uses.get(x), Some(Use { count: 1, .. })) {
                return false;
            }
            e = x;
        }
        shape(e) == Shape::Sum
    }

    /// How many operations of a part may be taken apart where it is used.
    fn budget(&self, e: &Expr) -> usize {
        match (self.reach, self.uses.get(e)) {
            (_, Some(Use { count: 1, .. })) => usize::MAX,
            (Reach::Wide, _) => SMALL,
            _ => 0,
        }
    }

    fn product(&self, root: &Expr) -> Option<Term> {
        let mut collector = Collector::new();
        let mut stack = vec![(root, 1.0)];
        while let Some((e, n)) = stack.pop() {
            if e != root && !self.is_inside(e) {
                collector.multiply(&self.new[e], n, self.budget(e));
                continue;
            }
            match e.kind() {
                Kind::Binary(BinaryOp::Mul(_), a, b) => stack.extend([(b, n), (a, n)]),
                Kind::Binary(BinaryOp::Div(_), a, b) => stack.extend([(b, -n), (a, n)]),
                Kind::Binary(_, x, k) => stack.push((x, k.as_constant()? * n)),
                Kind::Unary(UnaryOp::Recip(_), x) => stack.push((x, -n)),
                Kind::Unary(UnaryOp::Square(_), x) => stack.push((x, 2.0 * n)),
                Kind::Unary(UnaryOp::Powi(power), x) => stack.push((x, f64::from(power.0) * n)),
                Kind::Unary(_, x) => {
                    collector.constant(-1.0, n);
                    stack.push((x, n));
                }
                Kind::Symbol(_) | Kind::Constant(_) | Kind::Select(..) => return None,
            }
        }
        collector.term()
    }

    fn sum(&mut self, root: &Expr) -> Option<Expr> {
        let mut terms = Vec::new();
        let mut stack = vec![(root, false)];
        while let Some((e, negative)) = stack.pop() {
            if e == root || self.is_inside(e) {
                match e.kind() {
                    Kind::Binary(BinaryOp::Sub(_), a, b) => stack.extend([(b, !negative), (a, negative)]),
                    Kind::Binary(_, a, b) => stack.extend([(b, negative), (a, negative)]),
                    Kind::Unary(_, x) => stack.push((x, !negative)),
                    Kind::Symbol(_) | Kind::Constant(_) | Kind::Select(..) => return None,
                }
                continue;
            }
            let mut term = match self.terms.remove(e) {
                Some(term) => term,
                None => {
                    let mut collector = Collector::new();
                    collector.multiply(&self.new[e], 1.0, self.budget(e));
                    collector.term()?
                }
            };
            if negative {
                term.coefficient = term.coefficient.negated();
            }
            terms.push(term);
        }
        self.build(terms)
    }

    /// The sum of these terms, like ones collected. One that is equal but for its order has been built already is that one.
    fn build(&mut self, terms: Vec<Term>) -> Option<Expr> {
        let mut collected: Vec<(usize, Term)> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for term in terms {
            let key = self.key(&term);
            match places.get(&key) {
                Some(&place) => {
                    let sum: &mut Coefficient = &mut collected[place].1.coefficient;
                    *sum = sum.plus(term.coefficient)?;
                }
                None => {
                    places.insert(key, collected.len());
                    collected.push((key, term));
                }
            }
        }
        collected.retain(|(_, term)| term.coefficient.numerator != 0.0);
        let mut name: Vec<_> = collected.iter().map(|(key, term)| (*key, term.coefficient.bits())).collect();
        name.sort_unstable();
        let terms: Vec<Term> = collected.into_iter().map(|(_, term)| term).collect();
        Some(self.built.entry(name).or_insert_with(|| sum(&terms)).clone())
    }

    fn key(&mut self, term: &Term) -> usize {
        let mut key: Key = Vec::with_capacity(term.factors.len());
        for (base, n) in &term.factors {
            let next = self.bases.len();
            key.push((*self.bases.entry(base.clone()).or_insert(next), n.to_bits()));
        }
        key.sort_unstable();
        let next = self.keys.len();
        *self.keys.entry(key).or_insert(next)
    }

    /// The operation on its simplified operands, by what is known about it alone.
    fn alone(&mut self, e: &Expr) -> Expr {
        match e.kind() {
            Kind::Symbol(_) | Kind::Constant(_) => e.clone(),
            Kind::Unary(op, x) => {
                let x = &self.new[x];
                match (parity(*op), negated(x)) {
                    (Parity::Even, Some((x, _))) => op.apply(&x),
                    (Parity::Odd, Some((x, true))) => -op.apply(&x),
                    _ => op.apply(x),
                }
            }
            Kind::Binary(op, a, b) => {
                let (a, b) = (self.new[a].clone(), self.new[b].clone());
                match op {
                    BinaryOp::Max(_) | BinaryOp::Min(_) if a == b => a,
                    BinaryOp::Greater(_) | BinaryOp::Less(_) if a == b => a.zero(),
                    BinaryOp::Equal(_) if a == b => a.one(),
                    BinaryOp::Equal(_) if self.differ(&a, &b) => a.zero(),
                    BinaryOp::Pow(_) if b.is_zero() || a.as_constant() == Some(1.0) => a.one(),
                    BinaryOp::Pow(_) if b.as_constant() == Some(1.0) => a,
                    BinaryOp::Sub(_) if a == b => a.zero(),
                    BinaryOp::Div(_) if a == b => a.one(),
                    _ => op.apply(&a, &b),
                }
            }
            Kind::Select(c, a, b) => self.new[c].select(&self.new[a], &self.new[b]),
        }
    }

    /// Are these two formulas, already found not to be the same, smooth and not both constant, so that they meet at
    /// single points only?
    fn differ(&mut self, a: &Expr, b: &Expr) -> bool {
        let ((smooth_a, depends_a), (smooth_b, depends_b)) = (self.facts(a), self.facts(b));
        smooth_a && smooth_b && (depends_a || depends_b)
    }

    fn facts(&mut self, root: &Expr) -> (bool, bool) {
        let mut stack = vec![root];
        while let Some(&e) = stack.last() {
            let waiting = stack.len();
            stack.extend(e.kind().operands().filter(|operand| !self.facts.contains_key(*operand)));
            if stack.len() > waiting {
                continue;
            }
            stack.pop();
            let of_operands = e.kind().operands().map(|operand| self.facts[operand]);
            let (smooth, depends) = of_operands.fold((true, false), |(s, d), (os, od)| (s && os, d || od));
            let own = (smooth && is_smooth(e), depends || matches!(e.kind(), Kind::Symbol(_)));
            self.facts.insert(e.clone(), own);
        }
        self.facts[root]
    }
}

/// Is the operation at the root analytic inside its domain? One with pieces can equal another formula on a whole piece.
fn is_smooth(e: &Expr) -> bool {
    use UnaryOp::{Abs, Ceil, Floor, Relu, Round, Sign, Trunc};
    match e.kind() {
        Kind::Symbol(_) | Kind::Constant(_) => true,
        Kind::Unary(op, _) => {
            !matches!(op, Abs(_) | Ceil(_) | Floor(_) | Relu(_) | Round(_) | Sign(_) | Trunc(_))
        }
        Kind::Binary(op, ..) => matches!(
            op,
            BinaryOp::Add(_)
                | BinaryOp::Sub(_)
                | BinaryOp::Mul(_)
                | BinaryOp::Div(_)
                | BinaryOp::Pow(_)
                | BinaryOp::Hypot(_)
        ),
        Kind::Select(..) => false,
    }
}

enum Parity {
    Even,
    Odd,
    Neither,
}

fn parity(op: UnaryOp) -> Parity {
    use UnaryOp::{Abs, Asin, Asinh, Atan, Atanh, Cbrt, Cos, Cosh, Erf, Sin, Sinh, Tan, Tanh};
    match op {
        Cos(_) | Cosh(_) | Abs(_) => Parity::Even,
        Sin(_) | Tan(_) | Asin(_) | Atan(_) | Sinh(_) | Tanh(_) | Asinh(_) | Atanh(_) | Erf(_) | Cbrt(_) => {
            Parity::Odd
        }
        _ => Parity::Neither,
    }
}

/// The negative of a product with a negative coefficient, and whether that saves an operation.
fn negated(x: &Expr) -> Option<(Expr, bool)> {
    if !matches!(shape(x), Shape::Product | Shape::Sign) {
        return None;
    }
    let mut collector = Collector::new();
    collector.multiply(x, 1.0, SMALL);
    let mut term = collector.term().filter(|term| term.coefficient.numerator < 0.0)?;
    term.coefficient = term.coefficient.negated();
    let saves = term.coefficient.numerator == 1.0 && term.factors.iter().any(|(_, n)| *n > 0.0);
    Some((term.build(), saves))
}
