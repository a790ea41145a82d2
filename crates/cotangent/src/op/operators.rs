//! `+ − × ÷ %`, between tensors and with Rust numbers, and their assigning forms.

use super::broadcast::together;
use crate::core::{DType, Error, Item, Prim, Tensor, apply1, at_place, grad_enabled, no_grad, place, raise};
use crate::number::function::{self, BinaryOp};

/// A Rust number that can meet a tensor, whose dtype it then takes.
pub trait Number: Copy {
    /// As this dtype; nothing if it does not fit (a fraction among integers, a finite number too large).
    fn adopt(self, dtype: DType) -> Option<Item>;
    /// For messages.
    fn text(self) -> String;
}

macro_rules! floats {
    ($($t:ty)*) => {$(
        impl Number for $t {
            #[inline]
            fn adopt(self, dtype: DType) -> Option<Item> {
                let x = self as f64;
                match dtype {
                    DType::F64 => Some(Item::F64(x)),
                    DType::F32 => (!x.is_finite() || (x as f32).is_finite()).then_some(Item::F32(x as f32)),
                    DType::I32 => (x.fract() == 0.0 && x.abs() < 2147483648.0).then_some(Item::I32(x as i32)),
                    DType::I64 => (x.fract() == 0.0 && x.abs() < 9.2e18).then_some(Item::I64(x as i64)),
                    DType::Bool => None,
                }
            }
            fn text(self) -> String {
                format!("{self:?}")
            }
        }
    )*};
}

macro_rules! integers {
    ($($t:ty)*) => {$(
        impl Number for $t {
            #[inline]
            fn adopt(self, dtype: DType) -> Option<Item> {
                match dtype {
                    DType::F64 => Some(Item::F64(self as f64)),
                    DType::F32 => Some(Item::F32(self as f32)),
                    DType::I32 => i32::try_from(self).ok().map(Item::I32),
                    DType::I64 => Some(Item::I64(self.into())),
                    DType::Bool => None,
                }
            }
            fn text(self) -> String {
                self.to_string()
            }
        }
    )*};
}

floats!(f32 f64);
integers!(i32 i64);

/// This number with a tensor's dtype and shape.
#[inline]
#[track_caller]
pub(crate) fn adopt(name: &str, number: impl Number, like: &Tensor) -> Tensor {
    match number.adopt(like.dtype()) {
        Some(item) => Tensor::full_item(item, like.shape().clone()),
        None => raise(misfit(name, &number.text(), like).at(Some(place()))),
    }
}

/// A number that cannot take a tensor's dtype.
#[cold]
fn misfit(name: &str, number: &str, like: &Tensor) -> Error {
    let error = Error::new(name).got(format!("{number} with {}", like.ty()));
    if like.dtype() == DType::Bool {
        return error.expected("a tensor of numbers").help("convert the bools first with `.to(DType::F64)`");
    }
    let wide = if number.contains(['.', 'e', 'N', 'n']) { DType::F64 } else { DType::I64 };
    error.expected(format!("a number that fits {}", like.dtype())).help(format!(
        "a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::{wide:?})`"
    ))
}

/// Two tensors, broadcast to one shape.
#[inline]
#[track_caller]
pub(crate) fn binary(op: BinaryOp, a: &Tensor, b: &Tensor) -> Tensor {
    match together(op.name(), a, b) {
        None => apply1(op, &[a, b]),
        Some((a, b)) => apply1(op, &[&a, &b]),
    }
}

/// `a ← a op b`. The buffer is used again when nobody else holds it.
#[track_caller]
fn assign(op: BinaryOp, a: &mut Tensor, b: &Tensor) {
    let leaf = a.edge().filter(|edge| edge.node.recorded().is_none()).cloned();
    if let Some(edge) = &leaf
        && grad_enabled()
    {
        raise(
            Error::new(format!("{} in place", op.name()))
                .got("a leaf that requires a gradient")
                .note("it became a leaf", Some(edge.node.place()))
                .help("make a new tensor (`let y = &x + 1.0`), or update the leaf inside `no_grad(|| …)`")
                .at(Some(place())),
        )
    }
    if leaf.is_some() {
        // Inside `no_grad` the handle stays the leaf that it is, with other values. A leaf is concrete, so what comes to it must be; if it
        // cannot be, the leaf is untouched.
        let here = place();
        let b = &if b.is_traced() { Tensor::from(b.array()) } else { b.clone() };
        let mut value = Tensor::from(std::mem::replace(a, Tensor::from(0.0)).array());
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            // The closure has no caller's line of its own.
            at_place(Some(here), || no_grad(|| assign(op, &mut value, b)))
        }));
        *a = Tensor::with_edge(value.array(), leaf);
        if let Err(payload) = result {
            std::panic::resume_unwind(payload);
        }
        return;
    }
    if a.ty() != b.ty() {
        let fits = a.dtype() == b.dtype() && a.shape().broadcast(b.shape()).as_ref() == Some(a.shape());
        if !fits && a.dtype() == b.dtype() {
            raise(
                Error::new(format!("{} in place", op.name()))
                    .expected(format!("something that broadcasts to {}", a.shape()))
                    .got(b.ty().to_string())
                    .help("in place the left side keeps its shape: make a new tensor, or sum the right side over axes")
                    .at(Some(place())),
            )
        }
    }
    if !a.assign_in_place(op, b) {
        *a = binary(op, a, b);
    }
}

/// What can stand on the right of an operator whose left side is a tensor: a tensor, a reference to one, a Rust number.
///
/// One trait, so that Rust knows the result's type before it has settled on a literal's:
///
/// ```
/// use cotangent::prelude::*;
/// let x = Tensor::from([1.0, 2.0]);
/// assert_eq!((&x * 2.0).sum().item::<f64>(), 6.0);
/// ```
pub trait Operand {
    /// `left op self`.
    #[track_caller]
    fn meet(self, op: BinaryOp, left: &Tensor) -> Tensor;
    /// `left ← left op self`.
    #[track_caller]
    fn meet_in_place(self, op: BinaryOp, left: &mut Tensor);
}

impl Operand for &Tensor {
    #[inline]
    #[track_caller]
    fn meet(self, op: BinaryOp, left: &Tensor) -> Tensor {
        binary(op, left, self)
    }
    #[track_caller]
    fn meet_in_place(self, op: BinaryOp, left: &mut Tensor) {
        assign(op, left, self);
    }
}

impl Operand for Tensor {
    #[inline]
    #[track_caller]
    fn meet(self, op: BinaryOp, left: &Tensor) -> Tensor {
        binary(op, left, &self)
    }
    #[track_caller]
    fn meet_in_place(self, op: BinaryOp, left: &mut Tensor) {
        assign(op, left, &self);
    }
}

macro_rules! number_operands {
    ($($number:ty)*) => {$(
        impl Operand for $number {
            #[inline]
            #[track_caller]
            fn meet(self, op: BinaryOp, left: &Tensor) -> Tensor {
                apply1(op, &[left, &adopt(op.name(), self, left)])
            }
            #[track_caller]
            fn meet_in_place(self, op: BinaryOp, left: &mut Tensor) {
                let right = adopt(op.name(), self, left);
                assign(op, left, &right);
            }
        }
    )*};
}

number_operands!(f32 f64 i32 i64);

macro_rules! operators {
    ($($Op:ident $op:ident $Assign:ident $assign:ident;)*) => {$(
        impl<R: Operand> std::ops::$Op<R> for &Tensor {
            type Output = Tensor;
            #[inline]
            #[track_caller]
            fn $op(self, right: R) -> Tensor {
                right.meet(BinaryOp::$Op(function::$Op), self)
            }
        }
        impl<R: Operand> std::ops::$Op<R> for Tensor {
            type Output = Tensor;
            #[inline]
            #[track_caller]
            fn $op(self, right: R) -> Tensor {
                right.meet(BinaryOp::$Op(function::$Op), &self)
            }
        }
        impl<R: Operand> std::ops::$Assign<R> for Tensor {
            #[track_caller]
            fn $assign(&mut self, right: R) {
                right.meet_in_place(BinaryOp::$Op(function::$Op), self);
            }
        }
        // One float and one integer: with two of a kind Rust could not tell which a literal is, and `(1.0 - &x).ln()` would not
        // compile. It takes the tensor's dtype anyway.
        operators!(@left $Op $op f64);
        operators!(@left $Op $op i32);
    )*};
    (@left $Op:ident $op:ident $number:ty) => {
        impl std::ops::$Op<&Tensor> for $number {
            type Output = Tensor;
            #[inline]
            #[track_caller]
            fn $op(self, right: &Tensor) -> Tensor {
                let op = BinaryOp::$Op(function::$Op);
                apply1(op, &[&adopt(op.name(), self, right), right])
            }
        }
        impl std::ops::$Op<Tensor> for $number {
            type Output = Tensor;
            #[inline]
            #[track_caller]
            fn $op(self, right: Tensor) -> Tensor {
                std::ops::$Op::$op(self, &right)
            }
        }
    };
}

operators! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
    Rem rem RemAssign rem_assign;
}

impl std::ops::Neg for &Tensor {
    type Output = Tensor;
    #[inline]
    #[track_caller]
    fn neg(self) -> Tensor {
        apply1(Prim::Unary(function::Neg.into()), &[self])
    }
}

impl std::ops::Neg for Tensor {
    type Output = Tensor;
    #[inline]
    #[track_caller]
    fn neg(self) -> Tensor {
        -&self
    }
}

/// Sums of tensors of one shape; the sum of none is the number 0 (`f64`).
impl std::iter::Sum for Tensor {
    #[track_caller]
    fn sum<I: Iterator<Item = Tensor>>(terms: I) -> Tensor {
        terms.reduce(|sum, term| &sum + &term).unwrap_or_else(|| Tensor::from(0.0))
    }
}
