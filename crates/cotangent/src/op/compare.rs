//! Comparisons entry by entry, and the logic of their results.

use super::broadcast::together;
use super::operators::{Number, adopt};
use super::registry::{Entry, SHAPES, Sample, draw, draw_bools, draw_whole};
use crate::core::{
    Array, Arrays, DType, Derivative, Element, Error, Params, Prim, Primitive, Tensor, Tensors, Type, Types,
    apply1, batch_elementwise, different, operands, place, raise,
};
use cotangent_kernels::map::{map1, map2};
use smallvec::smallvec;

/// Which comparison, or which operation of logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// a > b
    Greater,
    /// a ≥ b
    GreaterEqual,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a = b
    Equal,
    /// a ≠ b
    NotEqual,
}

/// `y = a ⋚ b`, a bool for each entry. With a NaN all are false but `not_equal`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compare(pub Order);

impl Order {
    /// All of them.
    pub const ALL: [Order; 6] =
        [Order::Greater, Order::GreaterEqual, Order::Less, Order::LessEqual, Order::Equal, Order::NotEqual];

    /// The name in programs.
    pub fn name(self) -> &'static str {
        match self {
            Order::Greater => "greater",
            Order::GreaterEqual => "greater_equal",
            Order::Less => "less",
            Order::LessEqual => "less_equal",
            Order::Equal => "equal",
            Order::NotEqual => "not_equal",
        }
    }
}

/// A loop for each order, so that it becomes vectors.
fn entries<T: Element>(order: Order, a: &Array, b: &Array) -> Array {
    match order {
        Order::Greater => map2(a, b, |a: T, b: T| a > b),
        Order::GreaterEqual => map2(a, b, |a: T, b: T| a >= b),
        Order::Less => map2(a, b, |a: T, b: T| a < b),
        Order::LessEqual => map2(a, b, |a: T, b: T| a <= b),
        Order::Equal => map2(a, b, |a: T, b: T| a == b),
        Order::NotEqual => map2(a, b, |a: T, b: T| a != b),
    }
}

impl Primitive for Compare {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[a, b] = inputs else { return Err(operands(self.0.name(), 2, inputs)) };
        if a != b {
            return Err(different(self.0.name(), a, b));
        }
        Ok(smallvec![Type::new(DType::Bool, a.shape.clone())])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let (a, b, order) = (inputs[0], inputs[1], self.0);
        Ok(smallvec![match a.dtype() {
            DType::F32 => entries::<f32>(order, a, b),
            DType::F64 => entries::<f64>(order, a, b),
            DType::I32 => entries::<i32>(order, a, b),
            DType::I64 => entries::<i64>(order, a, b),
            DType::Bool => entries::<bool>(order, a, b),
        }])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(*self), &[&x[0], &x[1]])]
    }
}

/// Logic on bools: `and`, `or` of two, `not` of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logical {
    /// Both.
    And,
    /// At least one.
    Or,
    /// The other.
    Not,
}

impl Primitive for Logical {
    fn name(&self) -> &str {
        match self {
            Logical::And => "logical_and",
            Logical::Or => "logical_or",
            Logical::Not => "logical_not",
        }
    }
    fn params(&self) -> Params {
        Params::new()
    }
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let count = if *self == Logical::Not { 1 } else { 2 };
        if inputs.len() != count {
            return Err(operands(self.name(), count, inputs));
        }
        if let Some(x) = inputs.iter().find(|x| x.dtype != DType::Bool) {
            return Err(no_bools(self.name(), x));
        }
        if count == 2 && inputs[0] != inputs[1] {
            return Err(different(self.name(), inputs[0], inputs[1]));
        }
        Ok(smallvec![inputs[0].clone()])
    }
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        Ok(smallvec![match self {
            Logical::And => map2(inputs[0], inputs[1], |a: bool, b: bool| a && b),
            Logical::Or => map2(inputs[0], inputs[1], |a: bool, b: bool| a || b),
            Logical::Not => map1(inputs[0], |a: bool| !a),
        }])
    }
    fn derivative(&self) -> Derivative<'_> {
        Derivative::Zero
    }
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(Prim::new(*self), &x.iter().collect::<Vec<_>>())]
    }
}

/// What a tensor can be compared with: a tensor, or a Rust number.
pub trait Comparable {
    /// As a tensor that can meet `like`.
    #[track_caller]
    fn meeting(self, name: &str, like: &Tensor) -> Tensor;
}

impl Comparable for &Tensor {
    fn meeting(self, _name: &str, _like: &Tensor) -> Tensor {
        self.clone()
    }
}

impl<T: Number> Comparable for T {
    #[track_caller]
    fn meeting(self, name: &str, like: &Tensor) -> Tensor {
        adopt(name, self, like)
    }
}

#[track_caller]
pub(super) fn compare(order: Order, a: &Tensor, b: impl Comparable) -> Tensor {
    let b = b.meeting(order.name(), a);
    match together(order.name(), a, &b) {
        None => apply1(Prim::new(Compare(order)), &[a, &b]),
        Some((a, b)) => apply1(Prim::new(Compare(order)), &[&a, &b]),
    }
}

fn no_bools(name: &str, x: &Type) -> Error {
    let help = "compare first, for example `x.not_equal(0.0)`";
    Error::new(name).expected("bools").got(x.to_string()).help(help)
}

#[track_caller]
fn logical(op: Logical, a: &Tensor, b: &Tensor) -> Tensor {
    if let Some(x) = [a, b].into_iter().find(|x| x.dtype() != DType::Bool) {
        raise(no_bools(op.name(), x.ty()).at(Some(place())))
    }
    let (a, b) = together(op.name(), a, b).unwrap_or_else(|| (a.clone(), b.clone()));
    apply1(Prim::new(op), &[&a, &b])
}

impl Tensor {
    /// a > b, entry by entry, broadcast: a bool tensor.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 3.0]).greater(2.0).to_vec::<bool>(), [false, true]);
    /// ```
    #[track_caller]
    pub fn greater(&self, other: impl Comparable) -> Tensor {
        compare(Order::Greater, self, other)
    }
    /// a ≥ b, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0]).greater_equal(2.0).to_vec::<bool>(), [false, true]);
    /// ```
    #[track_caller]
    pub fn greater_equal(&self, other: impl Comparable) -> Tensor {
        compare(Order::GreaterEqual, self, other)
    }
    /// a < b, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 2.0]).less(2.0).to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn less(&self, other: impl Comparable) -> Tensor {
        compare(Order::Less, self, other)
    }
    /// a ≤ b, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([2.0, 3.0]).less_equal(2.0).to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn less_equal(&self, other: impl Comparable) -> Tensor {
        compare(Order::LessEqual, self, other)
    }
    /// a = b, entry by entry (`==` compares whole tensors).
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, f64::NAN]).equal(1.0).to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn equal(&self, other: impl Comparable) -> Tensor {
        compare(Order::Equal, self, other)
    }
    /// a ≠ b, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, f64::NAN]).not_equal(1.0).to_vec::<bool>(), [false, true]);
    /// ```
    #[track_caller]
    pub fn not_equal(&self, other: impl Comparable) -> Tensor {
        compare(Order::NotEqual, self, other)
    }
    /// Both, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// let inside = x.greater(1.0).logical_and(&x.less(3.0));
    /// assert_eq!(inside.to_vec::<bool>(), [false, true, false]);
    /// ```
    #[track_caller]
    pub fn logical_and(&self, other: &Tensor) -> Tensor {
        logical(Logical::And, self, other)
    }
    /// At least one, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0, 3.0]);
    /// let outside = x.less(2.0).logical_or(&x.greater(2.0));
    /// assert_eq!(outside.to_vec::<bool>(), [true, false, true]);
    /// ```
    #[track_caller]
    pub fn logical_or(&self, other: &Tensor) -> Tensor {
        logical(Logical::Or, self, other)
    }
    /// The other, entry by entry.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// assert_eq!(Tensor::from([1.0, 3.0]).greater(2.0).logical_not().to_vec::<bool>(), [true, false]);
    /// ```
    #[track_caller]
    pub fn logical_not(&self) -> Tensor {
        apply1(Prim::new(Logical::Not), &[self])
    }
}

macro_rules! comparisons {
    ($($order:ident $name:literal)*) => {
        pub(super) const COMPARISONS: [Entry; 6] = [$(Entry {
            name: $name,
            parse: |given| given.0.is_empty().then(|| Prim::new(Compare(Order::$order))),
            samples: || samples(Order::$order),
        }),*];
    };
}

comparisons! {
    Greater "greater"
    GreaterEqual "greater_equal"
    Less "less"
    LessEqual "less_equal"
    Equal "equal"
    NotEqual "not_equal"
}

/// Floats that differ, and small whole numbers, of which some are equal.
fn samples(order: Order) -> Vec<Sample> {
    let floats = |shape: &[usize]| [draw(shape, -1.0, 1.0, 1), draw(shape, -1.0, 1.0, 2)];
    let whole = |shape: &[usize]| [draw_whole(shape, 2, 1), draw_whole(shape, 2, 2)];
    let sample = |operands: [Tensor; 2]| Sample::new(Prim::new(Compare(order)), operands);
    SHAPES.iter().map(|shape| sample(floats(shape))).chain([sample(whole(&[3, 4]))]).collect()
}

macro_rules! logic {
    ($($logical:ident $name:literal $count:literal)*) => {
        pub(super) const LOGIC: [Entry; 3] = [$(Entry {
            name: $name,
            parse: |given| given.0.is_empty().then(|| Prim::new(Logical::$logical)),
            samples: || {
                let sample = |shape: &&[usize]| {
                    let operands = (1..=$count).map(|seed| draw_bools(shape, seed));
                    Sample::new(Prim::new(Logical::$logical), operands)
                };
                SHAPES.iter().map(sample).collect()
            },
        }),*];
    };
}

logic! {
    And "logical_and" 2
    Or "logical_or" 2
    Not "logical_not" 1
}
