//! What instructions do to entries besides the functions of [`number`](crate::number): one text for blocks and for single numbers.

use crate::number::function::{Binary, Scale};
use crate::op::{Logical, Order};
use cotangent_kernels::map::{Float, Kernel};

/// An operation on entries. Bools are the numbers 1 and 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entrywise {
    Compare(Order),
    Logical(Logical),
    Select,
    /// The product of the first two, and then the third, each rounded as by itself.
    Product(Product, Then),
    /// The product's negative.
    Negated(Product),
    /// [`Product::Opposite`] by itself.
    Opposite,
}

/// Which product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Product {
    Plain,
    /// [`scale`](crate::core::scale): a zero wins.
    Scale,
    /// The same of the first one's negative.
    Opposite,
}

/// What is done with a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    Plus,
    Minus,
    /// It is taken from the third.
    From,
}

/// What is done with the kernel of an operation, of the first so many operands.
pub(super) trait OnKernel {
    type Output;
    fn on<const N: usize, K: Kernel<N>>(self, kernel: K) -> Self::Output;
}

impl Entrywise {
    #[inline(always)]
    pub fn with_kernel<V: OnKernel>(self, visitor: V) -> V::Output {
        match self {
            Entrywise::Compare(Order::Greater) => visitor.on(Ordered::<0>),
            Entrywise::Compare(Order::GreaterEqual) => visitor.on(Ordered::<1>),
            Entrywise::Compare(Order::Less) => visitor.on(Ordered::<2>),
            Entrywise::Compare(Order::LessEqual) => visitor.on(Ordered::<3>),
            Entrywise::Compare(Order::Equal) => visitor.on(Ordered::<4>),
            Entrywise::Compare(Order::NotEqual) => visitor.on(Ordered::<5>),
            Entrywise::Logical(Logical::And) => visitor.on(Both),
            Entrywise::Logical(Logical::Or) => visitor.on(Either),
            Entrywise::Logical(Logical::Not) => visitor.on(Not),
            Entrywise::Select => visitor.on(Choose),
            Entrywise::Product(Product::Plain, then) => product_then::<PLAIN, V>(then, visitor),
            Entrywise::Product(Product::Scale, then) => product_then::<SCALE, V>(then, visitor),
            Entrywise::Product(Product::Opposite, then) => product_then::<OPPOSITE, V>(then, visitor),
            Entrywise::Negated(Product::Plain) => visitor.on(Negated::<PLAIN>),
            Entrywise::Negated(Product::Scale) => visitor.on(Negated::<SCALE>),
            Entrywise::Negated(Product::Opposite) => visitor.on(Negated::<OPPOSITE>),
            Entrywise::Opposite => visitor.on(Opposite),
        }
    }
}

/// A comparison as 1 or 0, in the order of [`Order::ALL`].
#[derive(Clone, Copy)]
struct Ordered<const ORDER: u8>;

impl<const ORDER: u8> Kernel<2> for Ordered<ORDER> {
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        let holds = match ORDER {
            0 => a > b,
            1 => a >= b,
            2 => a < b,
            3 => a <= b,
            4 => a == b,
            _ => a != b,
        };
        if holds { F::from_f64(1.0) } else { F::from_f64(0.0) }
    }
}

const PLAIN: u8 = 0;
const SCALE: u8 = 1;
const OPPOSITE: u8 = 2;

#[inline(always)]
fn product_then<const KIND: u8, V: OnKernel>(then: Then, visitor: V) -> V::Output {
    match then {
        Then::Plus => visitor.on(ProductThen::<KIND, 0>),
        Then::Minus => visitor.on(ProductThen::<KIND, 1>),
        Then::From => visitor.on(ProductThen::<KIND, 2>),
    }
}

#[inline(always)]
fn product<const KIND: u8, F: Float>(a: F, b: F) -> F {
    match KIND {
        PLAIN => a * b,
        SCALE => Scale.f(a, b),
        _ => Scale.f(-a, b),
    }
}

/// What the product is if it is a number.
#[inline(always)]
fn likely<const KIND: u8, F: Float>(a: F, b: F) -> F {
    if KIND == OPPOSITE { Scale.guess(-a, b) } else { Scale.guess(a, b) }
}

/// a·b + c, a·b − c or c − a·b.
#[derive(Clone, Copy)]
struct ProductThen<const KIND: u8, const THEN: u8>;

impl<const KIND: u8, const THEN: u8> ProductThen<KIND, THEN> {
    #[inline(always)]
    fn then<F: Float>(self, product: F, c: F) -> F {
        match THEN {
            0 => product + c,
            1 => product - c,
            _ => c - product,
        }
    }
}

impl<const KIND: u8, const THEN: u8> Kernel<3> for ProductThen<KIND, THEN> {
    const GUESSES: bool = KIND != PLAIN;
    #[inline(always)]
    fn call<F: Float>(self, [a, b, c]: [F; 3]) -> F {
        self.then(product::<KIND, F>(a, b), c)
    }
    #[inline(always)]
    fn guess<F: Float>(self, [a, b, c]: [F; 3]) -> (F, F) {
        let product = likely::<KIND, F>(a, b);
        (self.then(product, c), product)
    }
}

/// −a·b
#[derive(Clone, Copy)]
struct Negated<const KIND: u8>;

impl<const KIND: u8> Kernel<2> for Negated<KIND> {
    const GUESSES: bool = KIND != PLAIN;
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        -product::<KIND, F>(a, b)
    }
    #[inline(always)]
    fn guess<F: Float>(self, [a, b]: [F; 2]) -> (F, F) {
        let y = -likely::<KIND, F>(a, b);
        (y, y)
    }
}

#[derive(Clone, Copy)]
struct Opposite;

impl Kernel<2> for Opposite {
    const GUESSES: bool = true;
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        product::<OPPOSITE, F>(a, b)
    }
    #[inline(always)]
    fn guess<F: Float>(self, [a, b]: [F; 2]) -> (F, F) {
        let y = likely::<OPPOSITE, F>(a, b);
        (y, y)
    }
}

#[derive(Clone, Copy)]
struct Both;

impl Kernel<2> for Both {
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        a * b
    }
}

#[derive(Clone, Copy)]
struct Either;

impl Kernel<2> for Either {
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        if a > b { a } else { b }
    }
}

#[derive(Clone, Copy)]
struct Not;

impl Kernel<1> for Not {
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        F::from_f64(1.0) - x
    }
}

#[derive(Clone, Copy)]
struct Choose;

impl Kernel<3> for Choose {
    #[inline(always)]
    fn call<F: Float>(self, [p, a, b]: [F; 3]) -> F {
        if p == F::from_f64(0.0) { b } else { a }
    }
}
