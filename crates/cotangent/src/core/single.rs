//! Elementwise functions at single numbers of rank 0: the same values as the loops over arrays give, and the rules, with no array around
//! the numbers. What is computed number by number spends its time here.

use super::loops;
use super::primitive::Prim;
use super::tensor::Tensor;
use crate::number::function::{
    Binary, BinaryOp, BinaryVisitor, IntoPartial, Partial, Unary, UnaryOp, UnaryVisitor,
};
use crate::number::{F32, Real};
use cotangent_kernels::Item;

/// The value at a float.
#[inline]
pub(super) fn unary(op: UnaryOp, x: Item) -> Item {
    match x {
        Item::F32(x) => Item::F32(loops::unary_number(op, x)),
        Item::F64(x) => Item::F64(loops::unary_number(op, x)),
        _ => unreachable!("{FLOATS}"),
    }
}

/// The value at floats of one dtype.
#[inline]
pub(super) fn binary(op: BinaryOp, a: Item, b: Item) -> Item {
    macro_rules! value {
        ($a:ident $b:ident) => {
            // These have one correct result, whatever computes them.
            match op {
                BinaryOp::Add(_) => $a + $b,
                BinaryOp::Sub(_) => $a - $b,
                BinaryOp::Mul(_) => $a * $b,
                BinaryOp::Div(_) => $a / $b,
                _ => loops::binary_number(op, $a, $b),
            }
        };
    }
    match (a, b) {
        (Item::F32(a), Item::F32(b)) => Item::F32(value!(a b)),
        (Item::F64(a), Item::F64(b)) => Item::F64(value!(a b)),
        _ => unreachable!("{FLOATS}"),
    }
}

/// The numbers and the value, if this is an elementwise function and all are single numbers without nodes; of one argument the second is
/// idle.
#[inline]
pub(crate) fn value(prim: &Prim, x: &[&Tensor]) -> Option<([Item; 2], Item)> {
    match (prim, x) {
        (Prim::Unary(op), [x]) => x.as_number().map(|x| ([x, x], unary(*op, x))),
        (Prim::Binary(op), [a, b]) if a.dtype() == b.dtype() => {
            a.as_number().zip(b.as_number()).map(|(a, b)| ([a, b], binary(*op, a, b)))
        }
        _ => None,
    }
}

const FLOATS: &str = "floats of one dtype";

/// `ct · ∂y/∂xᵢ` of an elementwise function, where a zero wins; none if the partial is zero everywhere. The second argument is idle for a
/// function of one.
#[inline]
pub(crate) fn pull(prim: &Prim, i: usize, x: [Item; 2], y: Item, ct: Item) -> Option<Item> {
    match prim {
        Prim::Unary(op) => op.dispatch(Pull1(x[0], y, ct)),
        Prim::Binary(op) => op.dispatch(Pull2(i, x[0], x[1], y, ct)),
        Prim::Shared(_) => unreachable!("numbers are kept for functions of numbers"),
    }
}

/// The sum of two cotangents.
#[inline]
pub(crate) fn plus(a: Item, b: Item) -> Item {
    match (a, b) {
        (Item::F32(a), Item::F32(b)) => Item::F32(a + b),
        (Item::F64(a), Item::F64(b)) => Item::F64(a + b),
        _ => unreachable!("{FLOATS}"),
    }
}

/// A cotangent times a partial, unless that is zero everywhere: then nothing goes on, and meets no infinity.
#[inline]
fn times<R: Real>(partial: impl IntoPartial<R>, ct: R) -> Option<R> {
    match partial.into_partial() {
        Partial::Constant(0.0) => None,
        partial => Some(partial.scale(&ct)),
    }
}

struct Pull1(Item, Item, Item);

impl UnaryVisitor for Pull1 {
    type Output = Option<Item>;
    #[inline]
    fn visit<U: Unary>(self, op: U) -> Option<Item> {
        match (self.0, self.1, self.2) {
            (Item::F64(x), Item::F64(y), Item::F64(ct)) => times(op.df(&x, &y), ct).map(Item::F64),
            (Item::F32(x), Item::F32(y), Item::F32(ct)) => {
                times(op.df(&F32(x), &F32(y)), F32(ct)).map(|ct| Item::F32(ct.0))
            }
            _ => unreachable!("{FLOATS}"),
        }
    }
}

struct Pull2(usize, Item, Item, Item, Item);

impl BinaryVisitor for Pull2 {
    type Output = Option<Item>;
    #[inline]
    fn visit<B: Binary>(self, op: B) -> Option<Item> {
        fn rule<R: Real, B: Binary>(op: B, i: usize, a: R, b: R, y: R, ct: R) -> Option<R> {
            match i {
                0 => times(op.da(&a, &b, &y), ct),
                _ => times(op.db(&a, &b, &y), ct),
            }
        }
        match (self.1, self.2, self.3, self.4) {
            (Item::F64(a), Item::F64(b), Item::F64(y), Item::F64(ct)) => {
                rule(op, self.0, a, b, y, ct).map(Item::F64)
            }
            (Item::F32(a), Item::F32(b), Item::F32(y), Item::F32(ct)) => {
                rule(op, self.0, F32(a), F32(b), F32(y), F32(ct)).map(|ct| Item::F32(ct.0))
            }
            _ => unreachable!("{FLOATS}"),
        }
    }
}
