//! The short way through the door for elementwise functions of floats, which are most of all operations: the same value, type rule, node
//! and equation as the long way, without its lists.

use super::mode;
use super::node::{Edge, Kept, Node, Recorded};
use super::primitive::{self, Partials, Prim, Reads};
use super::tensor::{Repr, Tensor, Traced};
use super::{Place, loops, single};
use crate::number::function::{BinaryOp, UnaryOp};
use cotangent_kernels::map::Kernel;
use cotangent_kernels::{Array, Item, Shape};
use smallvec::SmallVec;

/// The result, if this is such an operation; else nothing has happened.
#[inline]
pub(super) fn apply(prim: &Prim, inputs: &[&Tensor], place: Option<Place>) -> Option<Tensor> {
    match (prim, inputs) {
        (Prim::Unary(op), [x]) => match &x.repr {
            Repr::Concrete { .. } => unary(*op, x, place),
            Repr::Traced(traced) => record(traced, prim, [*x], place),
        },
        (Prim::Binary(op), [a, b]) => match (&a.repr, &b.repr) {
            (Repr::Concrete { .. }, Repr::Concrete { .. }) => binary(*op, a, b, place),
            (Repr::Traced(traced), _) | (_, Repr::Traced(traced)) => record(traced, prim, [*a, *b], place),
        },
        _ => None,
    }
}

/// The result of an equation among the variables of one function that is being transformed, and constants.
#[inline]
fn record<const N: usize>(
    traced: &Traced,
    prim: &Prim,
    inputs: [&Tensor; N],
    place: Option<Place>,
) -> Option<Tensor> {
    let ty = &traced.ty;
    if !ty.dtype.is_float() || mode::in_body() || inputs.iter().any(|x| x.ty() != ty) {
        return None;
    }
    traced.builder.record1(prim.clone(), inputs, ty, place)
}

#[inline]
fn concrete(x: &Tensor) -> Option<(&Array, &Option<Edge>)> {
    match &x.repr {
        Repr::Concrete { array, edge } => Some((array, edge)),
        Repr::Traced(_) => None,
    }
}

#[inline]
fn unary(op: UnaryOp, x: &Tensor, place: Option<Place>) -> Option<Tensor> {
    let (x, edge) = concrete(x)?;
    if !x.dtype().is_float() || !mode::is_plain() {
        return None;
    }
    let edge = edge.as_ref().filter(|_| mode::grad_enabled());
    if let Some(a) = number(x) {
        let y = single::unary(op, a);
        let made = edge.map(|edge| {
            let mut edges = SmallVec::new();
            edges.push(Some(edge.clone()));
            made(op.into(), edges, Kept::Numbers { x: [a, a], y }, place)
        });
        return Some(Tensor::with_edge(Array::fill(y, Shape::scalar()), made));
    }
    let y = loops::unary(op, x);
    let made = edge.map(|edge| {
        let kept = primitive::Kept::of(op.reads(0));
        let arrays = Kept::Arrays(Box::new((vec![keep(x, kept.x(0))], vec![keep(&y, kept.y)])));
        made(op.into(), [Some(edge.clone())].into_iter().collect(), arrays, place)
    });
    Some(Tensor::with_edge(y, made))
}

#[inline]
fn binary(op: BinaryOp, a: &Tensor, b: &Tensor, place: Option<Place>) -> Option<Tensor> {
    let ((a, edge_a), (b, edge_b)) = (concrete(a)?, concrete(b)?);
    if a.dtype() != b.dtype() || !a.dtype().is_float() || !mode::is_plain() {
        return None;
    }
    let recorded = (edge_a.is_some() || edge_b.is_some()) && mode::grad_enabled();
    let edges = || {
        let mut edges = SmallVec::new();
        edges.push(edge_a.clone());
        edges.push(edge_b.clone());
        edges
    };
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        let y = single::binary(op, a, b);
        let made = recorded.then(|| made(op.into(), edges(), Kept::Numbers { x: [a, b], y }, place));
        return Some(Tensor::with_edge(Array::fill(y, Shape::scalar()), made));
    }
    if a.shape() != b.shape() {
        return None;
    }
    let y = loops::binary(op, a, b);
    let made = recorded.then(|| {
        let nothing = Reads { x: 0, y: false };
        let reads = |i: usize, edge: &Option<Edge>| if edge.is_some() { op.reads(i) } else { nothing };
        let (first, second) = (reads(0, edge_a), reads(1, edge_b));
        let kept = primitive::Kept::of(Reads { x: first.x | second.x, y: first.y | second.y });
        let x = vec![keep(a, kept.x(0)), keep(b, kept.x(1))];
        made(op.into(), edges(), Kept::Arrays(Box::new((x, vec![keep(&y, kept.y)]))), place)
    });
    Some(Tensor::with_edge(y, made))
}

/// The number of an array of rank 0.
#[inline]
fn number(x: &Array) -> Option<Item> {
    if x.rank() == 0 { x.as_fill() } else { None }
}

/// Where the result came from.
#[inline]
fn made(prim: Prim, edges: SmallVec<[Option<Edge>; 2]>, kept: Kept, place: Option<Place>) -> Edge {
    Edge { node: Node::new(Some(Recorded { prim, edges, kept }), super::apply::known(place)), output: 0 }
}

/// The array, or zeros of its type, which hold no memory.
#[inline]
pub(super) fn keep(array: &Array, kept: bool) -> Array {
    if kept { array.clone() } else { Array::fill(Item::zero(array.dtype()), array.shape().clone()) }
}

/// The arrays of tensors that are all concrete, if nothing that is done with them must be recorded.
pub(crate) fn unrecorded<const N: usize>(tensors: [&Tensor; N]) -> Option<[&Array; N]> {
    let recorded = |x: &Tensor| !x.dtype().is_float() || x.has_node() && mode::grad_enabled();
    if !mode::is_plain() || tensors.iter().any(|x| recorded(x)) {
        return None;
    }
    let arrays: Option<SmallVec<[&Array; 4]>> = tensors.into_iter().map(Tensor::as_array).collect();
    arrays.and_then(|arrays| arrays.as_slice().try_into().ok())
}

/// The value of a composition that has a loop of its own, if nothing that is done with x must be recorded.
pub(crate) fn in_one_loop<K: Kernel<1>>(kernel: K, x: &Tensor) -> Option<Tensor> {
    let [x] = unrecorded([x])?;
    Some(Tensor::with_edge(loops::in_one_loop(kernel, x), None))
}

impl Tensor {
    /// `self ← op(self, other)` in its own buffer, if both are concrete floats of one type, nothing must be recorded, and nobody else has the
    /// buffer. Tells whether it was done.
    pub(crate) fn assign_in_place(&mut self, op: BinaryOp, other: &Tensor) -> bool {
        let recorded = |x: &Tensor| x.has_node() && mode::grad_enabled();
        if !mode::is_plain() || recorded(self) || recorded(other) || self.ty() != other.ty() {
            return false;
        }
        let (Repr::Concrete { array, edge }, Some(other)) = (&mut self.repr, other.as_array()) else {
            return false;
        };
        let done = array.dtype().is_float() && loops::binary_in_place(op, array, other);
        if done {
            *edge = None;
        }
        done
    }
}
