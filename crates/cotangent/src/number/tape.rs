//! Reverse mode: a recording of one evaluation, and its sweeps.

use super::function::{Binary, BinaryOp, IntoPartial, Partial, Unary, UnaryOp};
use super::segments::Segments;
use super::{Real, Scalar, Var};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// The parent of a node that has none.
const NONE: u32 = u32::MAX;

/// A recording of the operations on its variables. Each operation keeps its operands and its local partial
/// derivatives, 32 bytes in `f64`; a sweep adds one adjoint, 8 bytes.
///
/// A variable of the tape is a [`Var`], made by [`var`](Tape::var). Because a tape keeps partials, one recording can
/// be swept backwards (`backward`, [`vjp`](Tape::vjp)) or forwards ([`jvp`](Tape::jvp)) any number of times. A tape may
/// hold any number: over [`Dual`](super::Dual) it is forward over reverse, over `Var` it is a tape of a tape.
/// Sweeps are loops, not recursions: a chain of 10,000,000 operations needs no stack.
///
/// ```
/// use cotangent::number::{Real, Tape};
/// let tape = Tape::new();
/// let (x, y) = (tape.var(2.0), tape.var(3.0));
/// let z = x * y + x.powi(2);
/// z.backward();
/// assert_eq!((x.grad(), y.grad()), (7.0, 2.0));
/// ```
///
/// Source: S. Linnainmaa, 1970; A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., 2008.
#[derive(Debug)]
pub struct Tape<T = f64> {
    nodes: RefCell<Segments<Node<T>>>,
    gradients: RefCell<Gradients<T>>,
    labels: RefCell<BTreeMap<u32, String>>,
}

/// One operation. Slots that carry no partial keep what a view needs to tell the operation's value again: a leaf its
/// value, a literal operand itself.
#[derive(Clone, Debug)]
struct Node<T> {
    da: T,
    db: T,
    a: u32,
    b: u32,
    op: Op,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    /// A variable: its value is in `da`.
    Leaf,
    Unary(UnaryOp),
    Binary(BinaryOp),
    /// Only the first operand is on the tape; the second is in `db`.
    ConstantRight(BinaryOp),
    /// Only the second operand is on the tape (as `a`, its partial in `da`); the first is in `db`.
    ConstantLeft(BinaryOp),
}

// The memory promise: 32 bytes a node and 8 an adjoint.
const _: () = assert!(size_of::<Node<f64>>() == 32);

#[derive(Debug)]
struct Gradients<T> {
    /// What all `backward` calls since the last zeroing have added up to.
    total: Vec<T>,
    /// One sweep's adjoints or tangents, kept so that the next sweep allocates nothing.
    scratch: Vec<T>,
}

/// One node of a tape as a view sees it.
///
/// ```
/// use cotangent::number::{Real, Tape};
/// let tape = Tape::new();
/// tape.var(2.0).label("x").powi(3).backward();
/// let [x, cube] = tape.records().try_into().unwrap();
/// assert_eq!((x.op, x.label.as_deref(), x.value, x.grad), (None, Some("x"), 2.0, 12.0));
/// assert_eq!((cube.op, cube.parameter, cube.value, cube.grad), (Some("powi"), Some(3), 8.0, 1.0));
/// ```
#[derive(Clone, Debug)]
pub struct Record<T> {
    /// The operation's name; `None` for a variable.
    pub op: Option<&'static str>,
    /// The integer parameter of `powi` and `polygamma`.
    pub parameter: Option<i64>,
    /// The operands in order.
    pub operands: Vec<Operand<T>>,
    /// The value.
    pub value: T,
    /// The gradient that `backward` calls have accumulated here.
    pub grad: T,
    /// The label, if it has one.
    pub label: Option<String>,
}

/// An operand of a [`Record`].
///
/// ```
/// use cotangent::number::{Operand, Tape};
/// let tape = Tape::new();
/// let _ = tape.var(2.0) * 5.0;
/// let [x, five] = &tape.records()[1].operands[..] else { panic!() };
/// assert!(matches!(x, Operand::Node { index: 0, partial: 5.0 }));
/// assert!(matches!(five, Operand::Constant(5.0)));
/// ```
#[derive(Clone, Debug)]
pub enum Operand<T> {
    /// An earlier node, with the local partial derivative along this edge.
    Node {
        /// Its index on the tape.
        index: usize,
        /// ∂(this operation)/∂(that node).
        partial: T,
    },
    /// A number that is not on the tape.
    Constant(T),
}

impl Tape<f64> {
    /// An empty tape of `f64`. For other numbers, `Tape::<T>::default()`.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// assert_eq!(Tape::new().len(), 0);
    /// ```
    pub fn new() -> Self {
        Tape::default()
    }
}

impl<T> Default for Tape<T> {
    fn default() -> Self {
        Tape {
            nodes: RefCell::new(Segments::new()),
            gradients: RefCell::new(Gradients { total: Vec::new(), scratch: Vec::new() }),
            labels: RefCell::new(BTreeMap::new()),
        }
    }
}

impl<T: Scalar> Tape<T> {
    /// An empty tape with room for this many operations.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// assert_eq!(Tape::<f64>::with_capacity(1000).len(), 0);
    /// ```
    pub fn with_capacity(operations: usize) -> Self {
        let tape = Tape::default();
        tape.nodes.borrow_mut().reserve(operations);
        tape
    }

    /// A new variable.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// assert_eq!(tape.var(2.0).value(), 2.0);
    /// ```
    pub fn var(&self, value: T) -> Var<'_, T> {
        let filler = value.zero();
        self.push(value.clone(), Node { da: value, db: filler, a: NONE, b: NONE, op: Op::Leaf })
    }

    /// A number that takes part in operations without being a variable; it is not recorded.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// (tape.constant(5.0) * x).backward();
    /// assert_eq!(x.grad(), 5.0);
    /// ```
    #[inline(always)]
    pub fn constant(&self, value: T) -> Var<'_, T> {
        Var { value, index: NONE, tape: self, brand: PhantomData }
    }

    /// How many variables and operations are recorded.
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// let _ = x * x + 1.0;
    /// assert_eq!(tape.len(), 3);
    /// ```
    pub fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    /// Is nothing recorded?
    ///
    /// ```
    /// # use cotangent::number::Tape;
    /// assert!(Tape::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets every operation, gradient and label, and keeps the memory: recording as much again allocates nothing.
    /// The compiler sees to it that no `Var` of the old recording is left.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let mut tape = Tape::new();
    /// for step in 0..3 {
    ///     let x = tape.var(f64::from(step));
    ///     x.square().backward();
    ///     assert_eq!(x.grad(), 2.0 * f64::from(step));
    ///     tape.clear();
    /// }
    /// ```
    pub fn clear(&mut self) {
        self.nodes.get_mut().clear();
        self.gradients.get_mut().total.clear();
        self.labels.get_mut().clear();
    }

    /// Sets every gradient to zero; the recording stays.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(2.0);
    /// let y = x.powi(2);
    /// y.backward();
    /// y.backward();
    /// assert_eq!(x.grad(), 8.0); // accumulated
    /// tape.zero_grad();
    /// y.backward();
    /// assert_eq!(x.grad(), 4.0);
    /// ```
    pub fn zero_grad(&self) {
        self.gradients.borrow_mut().total.clear();
    }

    /// Forward sweep: the tangents of `outputs` when `inputs` move along `tangent`. Other variables stand still.
    ///
    /// # Panics
    /// If `inputs` and `tangent` differ in length, or a variable is of another tape.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(2.0), tape.var(3.0));
    /// let z = x * y;
    /// assert_eq!(tape.jvp(&[x, y], &[1.0, 10.0], &[z]), [23.0]);
    /// ```
    pub fn jvp<'t>(&'t self, inputs: &[Var<'t, T>], tangent: &[T], outputs: &[Var<'t, T>]) -> Vec<T> {
        same_length("jvp", "inputs", inputs.len(), "tangents", tangent.len());
        self.owns("jvp", inputs, outputs);
        let nodes = self.nodes.borrow();
        let mut gradients = self.gradients.borrow_mut();
        let t = &mut gradients.scratch;
        t.clear();
        let Some(zero) = inputs.iter().chain(outputs).map(|v| v.value.zero()).next() else {
            return Vec::new();
        };
        t.resize(nodes.len(), zero);
        for (input, tangent) in inputs.iter().zip(tangent) {
            if let Some(slot) = t.get_mut(input.index as usize) {
                *slot = Real::add(slot, tangent);
            }
        }
        for (i, node) in nodes.iter().enumerate() {
            if node.a == NONE {
                continue;
            }
            let mut sum = Partial::Of(node.da.clone()).scale(&t[node.a as usize]);
            if node.b != NONE {
                sum += Partial::Of(node.db.clone()).scale(&t[node.b as usize]);
            }
            t[i] = sum;
        }
        outputs.iter().map(|y| t.get(y.index as usize).cloned().unwrap_or_else(|| y.value.zero())).collect()
    }

    /// Reverse sweep: the cotangents of `inputs` when `outputs` have the cotangent `ct`. Unlike `backward` it leaves
    /// every [`grad`](Var::grad) as it is.
    ///
    /// # Panics
    /// If `outputs` and `ct` differ in length, or a variable is of another tape.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(2.0), tape.var(3.0));
    /// let (s, p) = (x + y, x * y);
    /// assert_eq!(tape.vjp(&[s, p], &[1.0, 10.0], &[x, y]), [31.0, 21.0]);
    /// ```
    pub fn vjp<'t>(&'t self, outputs: &[Var<'t, T>], ct: &[T], inputs: &[Var<'t, T>]) -> Vec<T> {
        same_length("vjp", "outputs", outputs.len(), "cotangents", ct.len());
        self.owns("vjp", inputs, outputs);
        let nodes = self.nodes.borrow();
        let mut gradients = self.gradients.borrow_mut();
        let adjoint = &mut gradients.scratch;
        adjoint.clear();
        if let Some(last) = outputs.iter().filter(|y| y.index != NONE).max_by_key(|y| y.index) {
            adjoint.resize(last.index as usize + 1, last.value.zero());
            for (y, ct) in outputs.iter().zip(ct).filter(|(y, _)| y.index != NONE) {
                let slot = &mut adjoint[y.index as usize];
                *slot = Real::add(slot, ct);
            }
            sweep(&nodes, adjoint);
        }
        inputs
            .iter()
            .map(|x| adjoint.get(x.index as usize).cloned().unwrap_or_else(|| x.value.zero()))
            .collect()
    }

    /// What is recorded, in order, with values, partials and gradients.
    ///
    /// ```
    /// # use cotangent::number::{Real, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// x.square().backward();
    /// let records = tape.records();
    /// assert_eq!((records[1].op, records[1].value, records[0].grad), (Some("square"), 9.0, 6.0));
    /// ```
    pub fn records(&self) -> Vec<Record<T>> {
        let nodes = self.nodes.borrow();
        let gradients = self.gradients.borrow();
        let labels = self.labels.borrow();
        let mut records: Vec<Record<T>> = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let at = |k: u32| &records[k as usize].value;
            let edge = |k: u32, partial: &T| Operand::Node { index: k as usize, partial: partial.clone() };
            let (op, parameter, operands, value) = match node.op {
                Op::Leaf => (None, None, Vec::new(), node.da.clone()),
                Op::Unary(op) => {
                    (Some(op.name()), op.parameter(), vec![edge(node.a, &node.da)], op.apply(at(node.a)))
                }
                Op::Binary(op) => (
                    Some(op.name()),
                    None,
                    vec![edge(node.a, &node.da), edge(node.b, &node.db)],
                    op.apply(at(node.a), at(node.b)),
                ),
                Op::ConstantRight(op) => (
                    Some(op.name()),
                    None,
                    vec![edge(node.a, &node.da), Operand::Constant(node.db.clone())],
                    op.apply(at(node.a), &node.db),
                ),
                Op::ConstantLeft(op) => (
                    Some(op.name()),
                    None,
                    vec![Operand::Constant(node.db.clone()), edge(node.a, &node.da)],
                    op.apply(&node.db, at(node.a)),
                ),
            };
            let grad = gradients.total.get(i).cloned().unwrap_or_else(|| value.zero());
            let label = labels.get(&(i as u32)).cloned();
            records.push(Record { op, parameter, operands, value, grad, label });
        }
        records
    }

    fn owns(&self, what: &str, inputs: &[Var<'_, T>], outputs: &[Var<'_, T>]) {
        let ours = |v: &Var<'_, T>| std::ptr::eq(v.tape, self);
        assert!(
            inputs.iter().all(ours) && outputs.iter().all(ours),
            "Tape::{what}: a variable of another tape"
        );
    }

    pub(super) fn set_label(&self, index: u32, name: &str) {
        if index != NONE {
            self.labels.borrow_mut().insert(index, name.to_string());
        }
    }

    #[inline(always)]
    fn push(&self, value: T, node: Node<T>) -> Var<'_, T> {
        let mut nodes = self.nodes.borrow_mut();
        let index = nodes.len();
        if index >= NONE as usize {
            tape_is_full();
        }
        nodes.push(|| node);
        Var { value, index: index as u32, tape: self, brand: PhantomData }
    }

    #[inline(always)]
    pub(super) fn unary<'t, U: Unary>(&'t self, op: U, x: &Var<'t, T>) -> Var<'t, T> {
        let value = x.value.unary(op);
        if x.index == NONE {
            return self.constant(value);
        }
        match op.df(&x.value, &value).into_partial() {
            Partial::Constant(0.0) => self.constant(value),
            partial => {
                let (da, db) = (partial.into_number(&value), value.zero());
                self.push(value, Node { da, db, a: x.index, b: NONE, op: Op::Unary(op.into()) })
            }
        }
    }

    #[inline(always)]
    pub(super) fn binary<'t, B: Binary>(&'t self, op: B, a: &Var<'t, T>, b: &Var<'t, T>) -> Var<'t, T> {
        if !std::ptr::eq(a.tape, b.tape) {
            two_tapes(B::NAME);
        }
        match (a.index, b.index) {
            (NONE, NONE) => self.constant(a.value.binary(op, &b.value)),
            (NONE, _) => self.constant_left(op, &a.value, b),
            (_, NONE) => self.constant_right(op, a, &b.value),
            _ => {
                let value = a.value.binary(op, &b.value);
                let da = op.da(&a.value, &b.value, &value).into_partial();
                let db = op.db(&a.value, &b.value, &value).into_partial();
                if da.is_constant_zero() && db.is_constant_zero() {
                    return self.constant(value);
                }
                let (da, db) = (da.into_number(&value), db.into_number(&value));
                self.push(value, Node { da, db, a: a.index, b: b.index, op: Op::Binary(op.into()) })
            }
        }
    }

    #[inline(always)]
    pub(super) fn constant_right<'t, B: Binary>(&'t self, op: B, a: &Var<'t, T>, b: &T) -> Var<'t, T> {
        let value = a.value.binary(op, b);
        if a.index == NONE {
            return self.constant(value);
        }
        match op.da(&a.value, b, &value).into_partial() {
            Partial::Constant(0.0) => self.constant(value),
            partial => {
                let da = partial.into_number(&value);
                let op = Op::ConstantRight(op.into());
                self.push(value, Node { da, db: b.clone(), a: a.index, b: NONE, op })
            }
        }
    }

    #[inline(always)]
    pub(super) fn constant_left<'t, B: Binary>(&'t self, op: B, a: &T, b: &Var<'t, T>) -> Var<'t, T> {
        let value = a.binary(op, &b.value);
        if b.index == NONE {
            return self.constant(value);
        }
        match op.db(a, &b.value, &value).into_partial() {
            Partial::Constant(0.0) => self.constant(value),
            partial => {
                let da = partial.into_number(&value);
                let op = Op::ConstantLeft(op.into());
                self.push(value, Node { da, db: a.clone(), a: b.index, b: NONE, op })
            }
        }
    }

    pub(super) fn backward_from(&self, root: &Var<'_, T>, ct: T) {
        if root.index == NONE {
            return;
        }
        let n = root.index as usize + 1;
        let nodes = self.nodes.borrow();
        let mut gradients = self.gradients.borrow_mut();
        let Gradients { total, scratch } = &mut *gradients;
        if total.is_empty() {
            // Nothing to add to: sweep in place.
            total.resize(n, root.value.zero());
            total[n - 1] = ct;
            sweep(&nodes, total);
            return;
        }
        scratch.clear();
        scratch.resize(n, root.value.zero());
        scratch[n - 1] = ct;
        sweep(&nodes, scratch);
        if total.len() < n {
            total.resize(n, root.value.zero());
        }
        for (total, new) in total.iter_mut().zip(scratch.iter()) {
            *total = Real::add(total, new);
        }
    }

    pub(super) fn gradient_of(&self, x: &Var<'_, T>) -> T {
        let gradients = self.gradients.borrow();
        gradients.total.get(x.index as usize).cloned().unwrap_or_else(|| x.value.zero())
    }

    pub(super) fn zero_gradient_of(&self, x: &Var<'_, T>) {
        if let Some(slot) = self.gradients.borrow_mut().total.get_mut(x.index as usize) {
            *slot = x.value.zero();
        }
    }
}

/// Pulls the adjoints, seeded at the outputs, back to every earlier node. A zero wins, be it the adjoint or the partial: an
/// infinite factor on a path that does not count makes no NaN (see [`Partial::scale`]).
///
/// In a chain every node's parent is its neighbour. The neighbour's adjoint therefore travels in a register (`next`)
/// and not through memory, which would cost a store-to-load round trip an operation.
fn sweep<T: Scalar>(nodes: &Segments<Node<T>>, adjoint: &mut [T]) {
    let Some(mut next) = adjoint.last().cloned() else { return };
    let mut end = nodes.len();
    for piece in nodes.pieces().rev() {
        let start = end - piece.len();
        for i in (start..end.min(adjoint.len())).rev() {
            let ct = next;
            let (before, at) = adjoint.split_at_mut(i);
            at[0] = ct.clone();
            let Some(neighbour) = before.last() else { return };
            next = neighbour.clone();
            let node = &piece[i - start];
            if node.a == NONE {
                continue;
            }
            // One test on the way of ordinary numbers.
            let special = !ct.is_regular();
            if special && ct.is_zero() {
                continue;
            }
            let mut add = |parent: u32, partial: &T| {
                if special && partial.is_zero() {
                    return;
                }
                let term = Real::mul(&ct, partial);
                if parent as usize + 1 == i {
                    next = Real::add(&next, &term);
                } else {
                    let slot = &mut before[parent as usize];
                    *slot = Real::add(slot, &term);
                }
            };
            add(node.a, &node.da);
            if node.b != NONE {
                add(node.b, &node.db);
            }
        }
        end = start;
    }
}

fn same_length(what: &str, a: &str, m: usize, b: &str, n: usize) {
    assert!(m == n, "Tape::{what}: {m} {a} but {n} {b}; pass one for each");
}

#[cold]
#[inline(never)]
fn two_tapes(op: &str) -> ! {
    panic!(
        "{op}: the operands are variables of two different tapes. Use variables of one tape; to let a number of \
         another level enter, take its value as a constant of this tape: `x.constant(other)`"
    )
}

#[cold]
#[inline(never)]
fn tape_is_full() -> ! {
    panic!("the tape is full: it holds {NONE} operations; call backward() and clear() more often")
}
