//! A tensor is a number of an engine: functions written over [`Real`] and [`Scalar`] run on it, entry by entry.

use super::compare::{Order, compare};
use super::operators::{adopt, binary};
use crate::core::{DType, Error, Item, Tensor, apply1, place, raise};
use crate::number::function::{Binary, BinaryOp, Unary};
use crate::number::{Real, Scalar};
use std::cmp::Ordering;

impl Real for Tensor {
    /// The literal with this tensor's dtype and shape.
    #[inline]
    #[track_caller]
    fn lift(&self, literal: f64) -> Tensor {
        adopt("lift", literal, self)
    }
    /// Is every entry 0, with no dependence on anything? A traced tensor is not known to be.
    fn is_zero(&self) -> bool {
        !self.has_node()
            && self.as_array().is_some_and(|array| array.items().all(|item| item.to_f64() == 0.0))
    }
    /// Is every entry finite? A traced tensor counts as finite.
    fn is_finite(&self) -> bool {
        self.as_array().is_none_or(|array| array.items().all(|item| item.to_f64().is_finite()))
    }
    #[inline]
    #[track_caller]
    fn unary<U: Unary>(&self, op: U) -> Tensor {
        apply1(op.into(), &[self])
    }
    #[inline]
    #[track_caller]
    fn binary<B: Binary>(&self, op: B, right: &Tensor) -> Tensor {
        function(op.into(), self, right)
    }
    #[inline]
    #[track_caller]
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Tensor {
        function(op.into(), self, &adopt(B::NAME, right, self))
    }
    #[inline]
    #[track_caller]
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Tensor {
        function(op.into(), &adopt(B::NAME, left, self), self)
    }
    #[track_caller]
    fn select(&self, then: &Tensor, otherwise: &Tensor) -> Tensor {
        Tensor::select(&self.not_equal(0.0), then, otherwise)
    }
}

/// Comparisons of numbers are numbers, 1 or 0, of the same dtype.
#[inline]
#[track_caller]
fn function(op: BinaryOp, a: &Tensor, b: &Tensor) -> Tensor {
    match op {
        BinaryOp::Greater(_) => a.greater(b).to(a.dtype()),
        BinaryOp::Less(_) => a.less(b).to(a.dtype()),
        BinaryOp::Equal(_) => a.equal(b).to(a.dtype()),
        _ => binary(op, a, b),
    }
}

impl Scalar for Tensor {
    /// The only entry; a traced tensor is forced.
    #[track_caller]
    fn primal(&self) -> f64 {
        self.to_f64()
    }
}

/// Within `jit` a comparison is an operation, so that what is asked for, and may decide what comes next, is its answer and not the numbers.
fn asked(a: &Tensor, b: &Tensor) -> bool {
    a.is_guarded() || b.is_guarded()
}

/// The answer to a comparison of tensors of one entry. Exactly as [`order`] compares.
#[track_caller]
fn answer(which: Order, a: &Tensor, b: &Tensor) -> bool {
    let number = |x: &Tensor| x.reshape([]);
    let (a, b) = (number(a), number(b));
    let same = a.dtype() == b.dtype();
    let (a, b) = if same { (a, b) } else { (a.to(DType::F64), b.to(DType::F64)) };
    truth(&compare(which, &a, &b))
}

#[track_caller]
fn truth(x: &Tensor) -> bool {
    x.array().first() == Some(Item::Bool(true))
}

/// How two numbers lie, by as few answers as it takes.
#[track_caller]
fn asked_order(a: &Tensor, b: &Tensor) -> Option<Ordering> {
    if answer(Order::Less, a, b) {
        Some(Ordering::Less)
    } else if answer(Order::Greater, a, b) {
        Some(Ordering::Greater)
    } else if answer(Order::Equal, a, b) {
        Some(Ordering::Equal)
    } else {
        None
    }
}

/// Between tensors of one entry: their values, forced if traced. Between others: equal types and equal entries.
impl PartialEq for Tensor {
    #[track_caller]
    fn eq(&self, other: &Tensor) -> bool {
        if self.ty() == other.ty() && asked(self, other) {
            return truth(&compare(Order::Equal, self, other).all());
        }
        self.ty() == other.ty() && self.array().items().eq(other.array().items())
    }
}

/// The operand of `<`, `<=`, `>` or `>=`.
#[track_caller]
fn compared(x: &Tensor) -> Item {
    single(x);
    x.array().first().expect("one entry")
}

#[track_caller]
fn single(x: &Tensor) {
    if x.size() != 1 {
        let error = Error::new("comparison").expected("one entry on each side").got(x.ty().to_string());
        let help = "`greater`, `less`, … compare entry by entry; then `select`, or count what is true";
        raise(error.help(help).at(Some(place())))
    }
}

/// By value; integers exactly, though an `f64` cannot tell large ones apart.
fn order(a: Item, b: Item) -> Option<Ordering> {
    match (a, b) {
        (Item::I64(a), Item::I64(b)) => a.partial_cmp(&b),
        _ => a.to_f64().partial_cmp(&b.to_f64()),
    }
}

/// The operators themselves, for the standard library's would not know the caller's line.
macro_rules! orders {
    ($($operator:ident $holds:ident $order:ident)*) => {
        /// Of tensors of one entry, by value; use `greater`, `less`, `equal` entry by entry.
        impl PartialOrd for Tensor {
            #[track_caller]
            fn partial_cmp(&self, other: &Tensor) -> Option<Ordering> {
                if asked(self, other) {
                    single(self);
                    single(other);
                    return asked_order(self, other);
                }
                order(compared(self), compared(other))
            }
            $(#[track_caller]
            fn $operator(&self, other: &Tensor) -> bool {
                if asked(self, other) {
                    single(self);
                    single(other);
                    return answer(Order::$order, self, other);
                }
                order(compared(self), compared(other)).is_some_and(Ordering::$holds)
            })*
        }

        impl PartialOrd<f64> for Tensor {
            #[track_caller]
            fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
                if asked(self, self) {
                    single(self);
                    return asked_order(&self.to(DType::F64), &Tensor::from(*other));
                }
                compared(self).to_f64().partial_cmp(other)
            }
            $(#[track_caller]
            fn $operator(&self, other: &f64) -> bool {
                if asked(self, self) {
                    single(self);
                    return answer(Order::$order, &self.to(DType::F64), &Tensor::from(*other));
                }
                compared(self).to_f64().partial_cmp(other).is_some_and(Ordering::$holds)
            })*
        }
    };
}

orders!(lt is_lt Less le is_le LessEqual gt is_gt Greater ge is_ge GreaterEqual);

impl PartialEq<f64> for Tensor {
    #[track_caller]
    fn eq(&self, other: &f64) -> bool {
        if self.size() == 1 && asked(self, self) {
            return answer(Order::Equal, &self.to(DType::F64), &Tensor::from(*other));
        }
        self.to_f64() == *other
    }
}
