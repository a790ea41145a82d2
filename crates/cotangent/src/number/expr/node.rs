//! The nodes of expressions: hash-consed, shared, dropped without recursion.

use crate::number::function::{Binary, BinaryOp, Unary, UnaryOp};
use crate::number::{Real, operators::operators};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

/// A formula over named symbols.
///
/// Expressions are hash-consed: two that are built alike are one node, so equality and hashing are by identity, and a
/// formula is a graph, not a tree. As a [`Real`] number it runs any generic function and records what it does.
///
/// ```
/// use cotangent::number::{Expr, Real};
/// let x = Expr::symbol("x");
/// let y = x.square().sin();
/// assert_eq!(y, Expr::symbol("x").square().sin());
/// assert_eq!(y.evaluate(&[("x", 1.5)]).unwrap(), 2.25_f64.sin());
/// ```
#[derive(Clone)]
pub struct Expr(Arc<Node>);

/// What an expression is at its root.
///
/// ```
/// use cotangent::number::{Expr, Kind};
/// let y = Expr::parse("hypot(x, 4)").unwrap();
/// let Kind::Binary(op, x, four) = y.kind() else { panic!() };
/// assert_eq!((op.name(), x, four.constant_value()), ("hypot", &Expr::symbol("x"), Some(4.0)));
/// ```
#[derive(Clone, Debug)]
pub enum Kind {
    /// A named variable.
    Symbol(Arc<str>),
    /// A number.
    Constant(f64),
    /// A function of one expression.
    Unary(UnaryOp, Expr),
    /// A function of two expressions.
    Binary(BinaryOp, Expr, Expr),
    /// The second where the first is not zero, else the third.
    Select(Expr, Expr, Expr),
}

struct Node {
    kind: Kind,
    /// Of the kind: what the table of nodes and the maps of every pass use.
    hash: u64,
}

/// Every live node. Entries of dead nodes are swept out when the table has doubled since the last sweep, which costs O(1)
/// a node.
#[derive(Default)]
struct Table {
    nodes: HashMap<u64, Vec<Weak<Node>>>,
    entries: usize,
    sweep_at: usize,
}

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What is compared: operations by value, operands by identity, constants by their bits (so −0 is not 0, and NaN is itself).
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Symbol(&'a str),
    Constant(u64),
    Unary(UnaryOp, usize),
    Binary(BinaryOp, usize, usize),
    Select(usize, usize, usize),
}

impl Kind {
    fn key(&self) -> Key<'_> {
        match self {
            Kind::Symbol(name) => Key::Symbol(name),
            Kind::Constant(c) => Key::Constant(c.to_bits()),
            Kind::Unary(op, x) => Key::Unary(*op, x.address()),
            Kind::Binary(op, a, b) => Key::Binary(*op, a.address(), b.address()),
            Kind::Select(c, a, b) => Key::Select(c.address(), a.address(), b.address()),
        }
    }

    /// The operands, in order.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let x = Expr::symbol("x");
    /// assert_eq!(x.sin().kind().operands().count(), 1);
    /// ```
    pub fn operands(&self) -> impl Iterator<Item = &Expr> {
        let operands = match self {
            Kind::Symbol(_) | Kind::Constant(_) => [None, None, None],
            Kind::Unary(_, x) => [Some(x), None, None],
            Kind::Binary(_, a, b) => [Some(a), Some(b), None],
            Kind::Select(c, a, b) => [Some(c), Some(a), Some(b)],
        };
        operands.into_iter().flatten()
    }
}

impl Expr {
    /// A named variable.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// assert_eq!(Expr::symbol("x").evaluate(&[("x", 2.0)]).unwrap(), 2.0);
    /// ```
    pub fn symbol(name: &str) -> Expr {
        Expr::of(Kind::Symbol(name.into()))
    }

    /// A number. Every NaN is the same.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// assert_eq!(Expr::constant(2.0).constant_value(), Some(2.0));
    /// ```
    pub fn constant(value: f64) -> Expr {
        // One NaN, so that what is printed as `nan` is read back as the same node.
        Expr::of(Kind::Constant(if value.is_nan() { f64::NAN } else { value }))
    }

    /// What this expression is at its root.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Kind};
    /// assert!(matches!(Expr::constant(2.0).kind(), Kind::Constant(2.0)));
    /// ```
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// This very operation, not folded in any way.
    pub(crate) fn unary_node(op: UnaryOp, x: &Expr) -> Expr {
        Expr::of(Kind::Unary(op, x.clone()))
    }

    /// This very operation, not folded in any way.
    pub(crate) fn binary_node(op: BinaryOp, a: &Expr, b: &Expr) -> Expr {
        Expr::of(Kind::Binary(op, a.clone(), b.clone()))
    }

    /// This very choice, not folded in any way.
    pub(crate) fn select_node(condition: &Expr, then: &Expr, otherwise: &Expr) -> Expr {
        Expr::of(Kind::Select(condition.clone(), then.clone(), otherwise.clone()))
    }

    /// The number, if it is one.
    pub(crate) fn as_constant(&self) -> Option<f64> {
        match self.kind() {
            Kind::Constant(c) => Some(*c),
            _ => None,
        }
    }

    /// The node of this kind: the one that exists, or a new one.
    fn of(kind: Kind) -> Expr {
        let hash = HASHER.hash_one(kind.key());
        // What the table gives up is dropped after its lock is released: a drop may free nodes without end.
        let mut dead = Vec::new();
        let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
        let found = table.find(hash, &kind);
        let expr = found.unwrap_or_else(|| {
            let node = Arc::new(Node { kind, hash });
            dead = table.insert(&node);
            Expr(node)
        });
        drop(table);
        drop(dead);
        expr
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Every distinct node once, operands before those that use them; the expression itself is last.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let x = Expr::symbol("x");
    /// let y = &x * &x;
    /// assert_eq!(y.nodes(), [x, y]);
    /// ```
    pub fn nodes(&self) -> Vec<Expr> {
        Expr::nodes_of(std::slice::from_ref(self))
    }

    /// Every distinct node of several expressions once, operands before those that use them.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let x = Expr::symbol("x");
    /// assert_eq!(Expr::nodes_of(&[&x + 1.0, &x + 2.0]).len(), 5);
    /// ```
    pub fn nodes_of(roots: &[Expr]) -> Vec<Expr> {
        let mut order = Vec::new();
        // `false` while the operands are still to be placed.
        let mut placed: Map<&Expr, bool> = Map::default();
        let mut stack: Vec<&Expr> = roots.iter().rev().collect();
        while let Some(&e) = stack.last() {
            match placed.entry(e) {
                Entry::Vacant(entry) => {
                    entry.insert(false);
                    let first = stack.len();
                    stack.extend(e.kind().operands());
                    stack[first..].reverse(); // the left operand is placed first
                }
                Entry::Occupied(mut entry) => {
                    stack.pop();
                    if !entry.insert(true) {
                        order.push(e.clone());
                    }
                }
            }
        }
        order
    }

    /// The names of the symbols, in natural order: x1, x2, x10.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let y = Expr::symbol("x10") * Expr::symbol("x2") + Expr::symbol("a");
    /// assert_eq!(y.symbols(), ["a", "x2", "x10"]);
    /// ```
    pub fn symbols(&self) -> Vec<String> {
        let name = |e: &Expr| match e.kind() {
            Kind::Symbol(name) => Some(name.to_string()),
            _ => None,
        };
        let mut names: Vec<String> = self.nodes().iter().filter_map(name).collect();
        names.sort_by_cached_key(|name| natural(name));
        names
    }

    /// How many distinct nodes there are: the size as a graph, and as a program.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let x = Expr::symbol("x");
    /// let y = (0..10).fold(x, |y, _| &y * &y);
    /// assert_eq!((y.dag_size(), y.tree_size()), (11, 2047));
    /// ```
    pub fn dag_size(&self) -> usize {
        self.nodes().len()
    }

    /// How many nodes the formula has when it is written out, without sharing; at most `u128::MAX`.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let x = Expr::symbol("x");
    /// assert_eq!((x.sin() * x.sin()).tree_size(), 5);
    /// ```
    pub fn tree_size(&self) -> u128 {
        let mut sizes: Map<Expr, u128> = Map::default();
        for e in self.nodes() {
            let size = e.kind().operands().fold(1u128, |sum, operand| sum.saturating_add(sizes[operand]));
            sizes.insert(e, size);
        }
        sizes[self]
    }

    /// The expression with every occurrence of a symbol replaced.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let y = Expr::symbol("x").sin().substitute("x", &Expr::symbol("u").square());
    /// assert_eq!(y, Expr::symbol("u").square().sin());
    /// ```
    pub fn substitute(&self, name: &str, replacement: &Expr) -> Expr {
        let mut new: Map<Expr, Expr> = Map::default();
        for e in self.nodes() {
            let replaced = match e.kind() {
                Kind::Symbol(n) if **n == *name => replacement.clone(),
                Kind::Symbol(_) | Kind::Constant(_) => e.clone(),
                Kind::Unary(op, x) => Expr::unary_node(*op, &new[x]),
                Kind::Binary(op, a, b) => Expr::binary_node(*op, &new[a], &new[b]),
                Kind::Select(c, a, b) => Expr::select_node(&new[c], &new[a], &new[b]),
            };
            new.insert(e, replaced);
        }
        new[self].clone()
    }
}

/// A sort key that compares runs of digits as numbers.
pub(super) fn natural(name: &str) -> Vec<(String, u128)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(digits);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        parts.push((text.to_string(), tail[..end].parse().unwrap_or(u128::MAX)));
        rest = &tail[end..];
    }
    parts.push((name.to_string(), 0)); // x1 and x01 are two symbols
    parts
}

impl Table {
    fn find(&self, hash: u64, kind: &Kind) -> Option<Expr> {
        let live = self.nodes.get(&hash)?.iter().filter_map(Weak::upgrade);
        live.map(Expr).find(|e| e.kind().key() == kind.key())
    }

    /// Adds a node, and gives back what the sweep it may set off has removed.
    fn insert(&mut self, node: &Arc<Node>) -> Vec<Weak<Node>> {
        let same = self.nodes.entry(node.hash).or_default();
        // A number that is made and dropped over and over must not fill its entry with the dead.
        let before = same.len();
        same.retain(|weak| weak.strong_count() > 0);
        same.push(Arc::downgrade(node));
        self.entries = self.entries + same.len() - before;
        if self.entries < self.sweep_at.max(1024) {
            return Vec::new();
        }
        let mut dead = Vec::new();
        self.nodes.retain(|_, same| {
            dead.extend(same.extract_if(.., |weak| weak.strong_count() == 0));
            !same.is_empty()
        });
        self.entries -= dead.len();
        self.sweep_at = 2 * self.entries;
        dead
    }
}

/// Frees a chain of any length without recursion: what would be dropped by dropping a child is put on a list.
impl Drop for Node {
    fn drop(&mut self) {
        let mut doomed = Vec::new();
        take_operands(&mut self.kind, &mut doomed);
        while let Some(Expr(node)) = doomed.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                take_operands(&mut node.kind, &mut doomed);
            }
        }
    }
}

fn take_operands(kind: &mut Kind, doomed: &mut Vec<Expr>) {
    match std::mem::replace(kind, Kind::Constant(0.0)) {
        Kind::Symbol(_) | Kind::Constant(_) => {}
        Kind::Unary(_, x) => doomed.push(x),
        Kind::Binary(_, a, b) => doomed.extend([a, b]),
        Kind::Select(c, a, b) => doomed.extend([c, a, b]),
    }
}

/// A map from expressions, or references to them. An expression carries a good hash, so this one is not hashed again: the
/// passes over expressions live in such maps.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Carried>>;

/// Takes a hash for what it is.
#[derive(Default)]
pub(crate) struct Carried(u64);

impl Hasher for Carried {
    fn write(&mut self, bytes: &[u8]) {
        // No expression comes here; another key would still be hashed, if poorly.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Expr {}

impl Hash for Expr {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

/// `Expr(` the formula `)`.
impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expr({self})")
    }
}

/// Operations fold what costs nothing to fold and changes no value that is a number: constants among themselves, sums
/// with 0, products and quotients with 1, products with 0, double negation. Everything else waits for
/// [`Expr::simplify`].
impl Real for Expr {
    fn lift(&self, literal: f64) -> Expr {
        Expr::constant(literal)
    }
    fn is_zero(&self) -> bool {
        self.as_constant() == Some(0.0)
    }
    fn is_finite(&self) -> bool {
        self.as_constant().is_none_or(f64::is_finite)
    }
    fn unary<U: Unary>(&self, op: U) -> Expr {
        let folded = self.as_constant().map(|x| op.f(x)).filter(|y| y.is_finite());
        match (folded, op.into(), self.kind()) {
            (Some(y), ..) => Expr::constant(y),
            (None, UnaryOp::Neg(_), Kind::Unary(UnaryOp::Neg(_), x)) => x.clone(),
            (None, op, _) => Expr::unary_node(op, self),
        }
    }
    fn binary<B: Binary>(&self, op: B, right: &Expr) -> Expr {
        let (a, b) = (self.as_constant(), right.as_constant());
        if let (Some(a), Some(b)) = (a, b) {
            let y = op.f(a, b);
            if y.is_finite() {
                return Expr::constant(y);
            }
        }
        match (op.into(), a, b) {
            (BinaryOp::Add(_), Some(0.0), _) => right.clone(),
            (BinaryOp::Add(_) | BinaryOp::Sub(_), _, Some(0.0)) => self.clone(),
            (BinaryOp::Sub(_), Some(0.0), _) => -right,
            (BinaryOp::Mul(_), Some(1.0), _) => right.clone(),
            (BinaryOp::Mul(_) | BinaryOp::Div(_), _, Some(1.0)) => self.clone(),
            (BinaryOp::Mul(_), Some(0.0), _) | (BinaryOp::Mul(_), _, Some(0.0)) => self.zero(),
            (op, ..) => Expr::binary_node(op, self, right),
        }
    }
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Expr {
        self.binary(op, &Expr::constant(right))
    }
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Expr {
        Expr::constant(left).binary(op, self)
    }
    fn select(&self, then: &Expr, otherwise: &Expr) -> Expr {
        match self.as_constant() {
            Some(0.0) => otherwise.clone(),
            Some(_) => then.clone(),
            None if then == otherwise => then.clone(),
            None => Expr::select_node(self, then, otherwise),
        }
    }
}

operators!([] Expr);
