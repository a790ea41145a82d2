//! [`Primitive`]: what every operation says of itself, and [`Derivative`]: what kind of map it is.

use super::error::Error;
use super::params::Params;
use super::program::Program;
use super::tensor::Tensor;
use crate::number::function::{BinaryOp, Partial, UnaryOp};
use cotangent_kernels::{Array, Type};
use smallvec::SmallVec;
use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The outputs of an operation: nearly always one.
pub type Tensors = SmallVec<[Tensor; 1]>;
/// The output arrays of an evaluation.
pub type Arrays = SmallVec<[Array; 1]>;
/// The output types of an operation.
pub type Types = SmallVec<[Type; 1]>;

/// An operation: built in or the user's.
///
/// Each method is a rule and none has a default that could be wrong: a missing rule does not compile.
pub trait Primitive: fmt::Debug + Any + Send + Sync {
    /// The name in programs and messages.
    fn name(&self) -> &str;
    /// The parameters that, with the name, say all about the operation.
    fn params(&self) -> Params;
    /// The type rule: the outputs' types, or what is wrong with the inputs'.
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error>;
    /// The value, for inputs that have passed [`infer`](Primitive::infer).
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error>;
    /// What kind of map it is, and so its derivative.
    fn derivative(&self) -> Derivative<'_>;
    /// The operation on batches: each mapped input has one axis more, the first, of length `size`; every output
    /// must have it.
    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors;
    /// A program of the same inputs whose first outputs are the values, if it is one: what to put in its place where only values matter.
    fn body(&self) -> Option<Arc<Program>> {
        None
    }
}

/// What kind of map a primitive is.
pub enum Derivative<'a> {
    /// Piecewise constant, or not differentiable at all: comparisons, floor, argmax, stop_gradient.
    Zero,
    /// Each entry of the output depends on the same entry of each input.
    Elementwise(&'a dyn Partials),
    /// Jointly linear in the operands that [`Transpose::linear`] names; the others (indices, predicates) are integers or
    /// bools, held fixed.
    Linear(&'a dyn Transpose),
    /// Linear in each operand separately.
    Bilinear(&'a dyn TransposeEach),
    /// Anything else that has a rule for tangents.
    General(&'a dyn Jvp),
    /// Gives its value together with a linear map that is its derivative: custom rules, branches, calls.
    Staged(&'a dyn Staged),
}

/// Which values a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    /// A bit for each input.
    pub x: u32,
    /// The output.
    pub y: bool,
}

/// In which of its operands an elementwise primitive is linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linearity {
    /// In none.
    No,
    /// In all together: add, sub, neg.
    Jointly,
    /// In each, the others fixed: mul, scale.
    Each,
    /// In the first: div.
    First,
}

/// The rules of an elementwise primitive.
pub trait Partials {
    /// ∂y/∂xᵢ at `x`, where `y` is the value there. Asked only for inputs that carry a tangent.
    fn partial(&self, i: usize, x: &[Tensor], y: &Tensor) -> Partial<Tensor>;
    /// What that rule looks at; the other values need not be kept.
    fn reads(&self, i: usize) -> Reads;
    /// In which operands it is linear, so that it can be transposed.
    fn linearity(&self) -> Linearity;
    /// `ct ← ct · ∂y/∂xᵢ` on arrays of floats, where a zero wins, in one loop and in its own buffer if nobody else has it. False, and nothing
    /// is done, if there is no such loop.
    fn pull_arrays(&self, _i: usize, _x: &[&Array], _y: &Array, _ct: &mut Array) -> bool {
        false
    }
}

/// The rule of a primitive that is jointly linear in some operands.
pub trait Transpose {
    /// Is it linear in this operand?
    fn linear(&self, i: usize) -> bool;
    /// The cotangents of the operands marked `wanted` (all of them linear ones). Of the linear operands only the type may
    /// be used. `ct` has an entry for each output; `None` is a zero.
    fn transpose(&self, x: &[Tensor], ct: &[Option<Tensor>], wanted: &[bool]) -> Vec<Option<Tensor>>;
}

/// The rule of a bilinear primitive.
pub trait TransposeEach {
    /// The cotangent of operand `i`. Of that operand only the type may be used.
    fn transpose(&self, i: usize, x: &[Tensor], ct: &Tensor) -> Tensor;
}

/// The rule of a primitive that is none of the simple kinds.
pub trait Jvp {
    /// The outputs' tangents, from the inputs' (`None` is a known zero). It must be linear in `t`, for the pullback is made
    /// by transposing it.
    fn jvp(&self, x: &[Tensor], y: &[Tensor], t: &[Option<Tensor>]) -> Vec<Option<Tensor>>;
    /// If it is also linear in some operands: how to transpose it there.
    fn transposed(&self) -> Option<&dyn Transpose> {
        None
    }
    /// Will the same primitive be met again, so that a pullback derived from this rule is worth keeping? Not if it holds a program that
    /// was traced for this once.
    fn reusable(&self) -> bool {
        true
    }
}

/// The rule of a primitive that is differentiated while it runs.
pub trait Staged {
    /// The value, and the derivative there as a linear map of the active inputs' tangents.
    fn linearize(&self, x: &[Tensor], active: &[bool]) -> Result<Linearized, Error>;
    /// Does the eager graph keep the residuals? If not it keeps the inputs, and goes forward again when it goes backward.
    fn keeps_residuals(&self) -> bool;
    /// If it is also linear in some operands: how to transpose it there.
    fn transposed(&self) -> Option<&dyn Transpose> {
        None
    }
}

/// A value and the derivative at it: `t ↦ map(residuals…, t…)`.
pub struct Linearized {
    /// The outputs.
    pub y: Vec<Tensor>,
    /// What the map needs besides tangents.
    pub residuals: Vec<Tensor>,
    /// Takes the residuals, then a tangent for each *active* input; gives a tangent for each output that is
    /// differentiable, in order. Linear in the tangents.
    pub map: Prim,
}

/// A primitive, shared. The elementwise functions, which are most of all operations, stand in it without a pointer.
#[derive(Clone)]
pub enum Prim {
    /// A function of one number, elementwise.
    Unary(UnaryOp),
    /// A function of two numbers, elementwise.
    Binary(BinaryOp),
    /// Any other.
    Shared(Arc<dyn Primitive>),
}

impl Prim {
    /// A primitive to apply.
    pub fn new(primitive: impl Primitive) -> Prim {
        Prim::Shared(Arc::new(primitive))
    }

    /// The primitive, if it is of this type.
    pub fn downcast<T: Primitive>(&self) -> Option<&T> {
        let primitive: &dyn Any = &**self;
        primitive.downcast_ref()
    }
}

/// Which values a pullback reads, and so which must be kept for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    x: u32,
    /// The outputs.
    pub y: bool,
}

impl Kept {
    /// What a rule reads.
    #[inline]
    pub fn of(reads: Reads) -> Kept {
        Kept { x: reads.x, y: reads.y }
    }

    /// Operand `i`; those from the thirty-second on are kept or not together.
    #[inline]
    pub fn x(self, i: usize) -> bool {
        self.x >> i.min(31) & 1 == 1
    }
}

impl Prim {
    /// What the pullback to the wanted operands reads.
    #[inline]
    pub(crate) fn kept(&self, wanted: impl ExactSizeIterator<Item = bool>) -> Kept {
        let count = wanted.len();
        let mut kept = Kept { x: 0, y: false };
        let wanted = wanted.enumerate().filter(|(_, wanted)| *wanted);
        match self.derivative() {
            Derivative::Zero => {}
            Derivative::Elementwise(rule) => wanted.for_each(|(i, _)| {
                let reads = rule.reads(i);
                kept.x |= reads.x;
                kept.y |= reads.y;
            }),
            Derivative::Linear(rule) => {
                kept.x = (0..count).filter(|&i| !rule.linear(i)).fold(0, |bits, i| bits | 1 << i.min(31));
            }
            Derivative::Bilinear(_) => wanted.for_each(|(i, _)| kept.x |= !(1 << i)),
            Derivative::General(_) | Derivative::Staged(_) => kept = Kept { x: u32::MAX, y: true },
        }
        kept
    }
}

impl From<UnaryOp> for Prim {
    #[inline]
    fn from(op: UnaryOp) -> Prim {
        Prim::Unary(op)
    }
}

impl From<BinaryOp> for Prim {
    #[inline]
    fn from(op: BinaryOp) -> Prim {
        Prim::Binary(op)
    }
}

impl Deref for Prim {
    type Target = dyn Primitive;
    #[inline]
    fn deref(&self) -> &(dyn Primitive + 'static) {
        match self {
            Prim::Unary(op) => op,
            Prim::Binary(op) => op,
            Prim::Shared(primitive) => &**primitive,
        }
    }
}

impl fmt::Debug for Prim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let params = self.params();
        if !params.is_empty() {
            let params: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(f, "[{}]", params.join(", "))?;
        }
        Ok(())
    }
}
