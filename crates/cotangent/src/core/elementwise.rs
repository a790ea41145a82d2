//! The functions of [`number::function`](crate::number::function) as primitives: value and rule are the one text there,
//! looped over arrays and run on tensors. Operands have equal types; the methods of [`Tensor`] broadcast first.

use super::apply::apply1;
use super::error::Error;
use super::loops;
use super::params::{Param, Params};
use super::primitive::{Arrays, Derivative, Linearity, Partials, Primitive, Reads, Tensors, Types};
use super::tensor::Tensor;
use crate::number::Probe;
use crate::number::function::{BinaryOp, Partial, Scale, UnaryOp};
use cotangent_kernels::map::{map1, map2};
use cotangent_kernels::{Array, DType, Element, Type};
use smallvec::smallvec;

/// `a · b`, where a zero wins: what pullbacks multiply with.
///
/// ```
/// use cotangent::core::{scale, Tensor};
/// assert_eq!(scale(&Tensor::from(0.0), &Tensor::from(f64::INFINITY)).item::<f64>(), 0.0);
/// ```
#[inline]
#[track_caller]
pub fn scale(a: &Tensor, b: &Tensor) -> Tensor {
    apply1(BinaryOp::Scale(Scale), &[a, b])
}

/// Brings each mapped operand of an elementwise primitive, and each other one, to the same batched shape.
pub(crate) fn batch_elementwise(x: &[Tensor], mapped: &[bool], size: usize) -> Vec<Tensor> {
    let each = x.iter().zip(mapped).map(|(x, &mapped)| {
        if mapped {
            return x.clone();
        }
        let shape: Vec<usize> = std::iter::once(size).chain(x.shape().iter().copied()).collect();
        x.broadcast_to(shape)
    });
    each.collect()
}

fn unsupported(name: &str, ty: &Type) -> Error {
    let error = Error::new(name).got(ty.to_string());
    match ty.dtype {
        DType::Bool => error
            .expected("numbers")
            .help("use `logical_and`, `logical_or`, `logical_not`, or convert with `.to(DType::F64)`"),
        _ => error.expected("floats").help("convert first with `.to(DType::F64)`"),
    }
}

/// What integers can do: wrapping, as `i32::wrapping_add`.
trait Integer: Element {
    fn unary(op: UnaryOp) -> Option<fn(Self) -> Self>;
    fn binary(op: BinaryOp) -> Option<fn(Self, Self) -> Self>;
}

macro_rules! integer {
    ($t:ty) => {
        impl Integer for $t {
            fn unary(op: UnaryOp) -> Option<fn($t) -> $t> {
                Some(match op {
                    UnaryOp::Neg(_) => |x| x.wrapping_neg(),
                    UnaryOp::Abs(_) => |x| x.wrapping_abs(),
                    UnaryOp::Square(_) => |x| x.wrapping_mul(x),
                    UnaryOp::Sign(_) => |x| x.signum(),
                    UnaryOp::Relu(_) => |x| x.max(0),
                    _ => return None,
                })
            }
            fn binary(op: BinaryOp) -> Option<fn($t, $t) -> $t> {
                Some(match op {
                    BinaryOp::Add(_) => |a, b| a.wrapping_add(b),
                    BinaryOp::Sub(_) => |a, b| a.wrapping_sub(b),
                    BinaryOp::Mul(_) => |a, b| a.wrapping_mul(b),
                    BinaryOp::Div(_) => |a, b| a.wrapping_div(b),
                    BinaryOp::Rem(_) => |a, b| a.wrapping_rem(b),
                    BinaryOp::Max(_) => |a, b| a.max(b),
                    BinaryOp::Min(_) => |a, b| a.min(b),
                    _ => return None,
                })
            }
        }
    };
}

integer!(i32);
integer!(i64);

fn has_zero(array: &Array) -> bool {
    array.items().any(|item| item.to_f64() == 0.0)
}

impl Primitive for UnaryOp {
    fn name(&self) -> &str {
        UnaryOp::name(*self)
    }

    fn params(&self) -> Params {
        self.parameter().map(|n| ("n", Param::Int(n))).into_iter().collect()
    }

    #[inline]
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let &[x] = inputs else { return Err(operands(UnaryOp::name(*self), 1, inputs)) };
        let known = match x.dtype {
            DType::F32 | DType::F64 => true,
            DType::I32 | DType::I64 => i64::unary(*self).is_some(),
            DType::Bool => false,
        };
        if known { Ok(smallvec![x.clone()]) } else { Err(unsupported(UnaryOp::name(*self), x)) }
    }

    #[inline]
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let x = inputs[0];
        Ok(smallvec![match x.dtype() {
            DType::I32 =>
                map1(x, i32::unary(*self).ok_or_else(|| unsupported(UnaryOp::name(*self), x.ty()))?),
            DType::I64 =>
                map1(x, i64::unary(*self).ok_or_else(|| unsupported(UnaryOp::name(*self), x.ty()))?),
            _ => loops::unary(*self, x),
        }])
    }

    fn derivative(&self) -> Derivative<'_> {
        Derivative::Elementwise(self)
    }

    fn batch(&self, x: &[Tensor], _mapped: &[bool], _size: usize) -> Tensors {
        smallvec![apply1(*self, &[&x[0]])]
    }
}

/// The error for a wrong number of operands.
#[cold]
pub(crate) fn operands(name: &str, expected: usize, inputs: &[&Type]) -> Error {
    let plural = if expected == 1 { "" } else { "s" };
    Error::new(name).expected(format!("{expected} operand{plural}")).got(inputs.len().to_string())
}

impl Primitive for BinaryOp {
    fn name(&self) -> &str {
        BinaryOp::name(*self)
    }

    fn params(&self) -> Params {
        Params::new()
    }

    #[inline]
    fn infer(&self, inputs: &[&Type]) -> Result<Types, Error> {
        let name = BinaryOp::name(*self);
        let &[a, b] = inputs else { return Err(operands(name, 2, inputs)) };
        if a != b {
            return Err(different(name, a, b));
        }
        let known = match a.dtype {
            DType::F32 | DType::F64 => true,
            DType::I32 | DType::I64 => i64::binary(*self).is_some(),
            DType::Bool => false,
        };
        if known { Ok(smallvec![a.clone()]) } else { Err(unsupported(name, a)) }
    }

    #[inline]
    fn eval(&self, inputs: &[&Array]) -> Result<Arrays, Error> {
        let &[a, b] = inputs else { unreachable!("the type rule wants two") };
        if !a.dtype().is_float() && matches!(self, BinaryOp::Div(_) | BinaryOp::Rem(_)) && has_zero(b) {
            let help =
                "floats give ±inf or NaN there (`.to(DType::F64)`), or put another divisor with `select`";
            let error = Error::new(BinaryOp::name(*self)).expected("integer divisors other than 0");
            return Err(error.got(format!("a 0 in {}", b.ty())).help(help));
        }
        let unknown = || unsupported(BinaryOp::name(*self), a.ty());
        Ok(smallvec![match a.dtype() {
            DType::I32 => map2(a, b, i32::binary(*self).ok_or_else(unknown)?),
            DType::I64 => map2(a, b, i64::binary(*self).ok_or_else(unknown)?),
            _ => loops::binary(*self, a, b),
        }])
    }

    fn derivative(&self) -> Derivative<'_> {
        Derivative::Elementwise(self)
    }

    fn batch(&self, x: &[Tensor], mapped: &[bool], size: usize) -> Tensors {
        let x = batch_elementwise(x, mapped, size);
        smallvec![apply1(*self, &[&x[0], &x[1]])]
    }
}

/// The error for two operands of different types.
#[cold]
pub(crate) fn different(name: &str, a: &Type, b: &Type) -> Error {
    let error = Error::new(name).got(format!("{a} and {b}"));
    if a.dtype == b.dtype {
        return error.expected("equal shapes");
    }
    let help = match (a.dtype, b.dtype) {
        (DType::F64, DType::F32) => {
            "dtypes never change silently: convert the right one with `.to(DType::F64)`".into()
        }
        (DType::F32, DType::F64) => {
            "dtypes never change silently: convert the left one with `.to(DType::F64)`".into()
        }
        (to, _) => {
            format!("dtypes never change silently: convert one, for example with `.to(DType::{to:?})`")
        }
    };
    error.expected("equal dtypes").help(help)
}

/// What a constant reads.
const NOTHING: Reads = Reads { x: 0, y: false };

/// Which of the arguments does a partial depend on? `y` is the bit after the last argument's.
#[inline]
fn reads(partial: Partial<Probe>, arguments: u32) -> Reads {
    match partial {
        Partial::Constant(_) => NOTHING,
        Partial::Of(Probe(bits)) => {
            let bits = u32::from(bits);
            Reads { x: bits & ((1 << arguments) - 1), y: bits >> arguments & 1 == 1 }
        }
    }
}

impl Partials for UnaryOp {
    fn partial(&self, _i: usize, x: &[Tensor], y: &Tensor) -> Partial<Tensor> {
        self.df(&x[0], y)
    }

    #[inline]
    fn reads(&self, _i: usize) -> Reads {
        reads(self.df(&Probe(1), &Probe(2)), 1)
    }

    fn linearity(&self) -> Linearity {
        match self {
            UnaryOp::Neg(_) => Linearity::Jointly,
            _ => Linearity::No,
        }
    }

    fn pull_arrays(&self, _i: usize, x: &[&Array], y: &Array, ct: &mut Array) -> bool {
        match self.df(&Probe(1), &Probe(2)) {
            // A known zero.
            Partial::Constant(0.0) => return false,
            Partial::Constant(c) => loops::pull_constant(c, ct),
            Partial::Of(_) => loops::pull_unary(*self, x[0], y, ct),
        }
        true
    }
}

impl Partials for BinaryOp {
    fn partial(&self, i: usize, x: &[Tensor], y: &Tensor) -> Partial<Tensor> {
        match i {
            0 => self.da(&x[0], &x[1], y),
            _ => self.db(&x[0], &x[1], y),
        }
    }

    #[inline]
    fn reads(&self, i: usize) -> Reads {
        let (a, b, y) = (Probe(1), Probe(2), Probe(4));
        reads(if i == 0 { self.da(&a, &b, &y) } else { self.db(&a, &b, &y) }, 2)
    }

    fn linearity(&self) -> Linearity {
        match self {
            BinaryOp::Add(_) | BinaryOp::Sub(_) => Linearity::Jointly,
            BinaryOp::Mul(_) | BinaryOp::Scale(_) => Linearity::Each,
            BinaryOp::Div(_) => Linearity::First,
            _ => Linearity::No,
        }
    }

    fn pull_arrays(&self, i: usize, x: &[&Array], y: &Array, ct: &mut Array) -> bool {
        let (a, b, of) = (Probe(1), Probe(2), Probe(4));
        match if i == 0 { self.da(&a, &b, &of) } else { self.db(&a, &b, &of) } {
            Partial::Constant(0.0) => return false,
            Partial::Constant(c) => loops::pull_constant(c, ct),
            Partial::Of(_) => loops::pull_binary(*self, i, [x[0], x[1]], y, ct),
        }
        true
    }
}
