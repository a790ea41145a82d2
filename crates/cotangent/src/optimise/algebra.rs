//! Identities of arithmetic that hold for every number, NaN and infinities among them.

use super::rewrite::{Seen, Simpler, rewrite, rewrites};
use crate::core::{Atom, DType, Item, Prim, Program};
use crate::number::function::{Add, BinaryOp, Mul, Neg, Powi, Sub, UnaryOp};
use crate::op::{Convert, StopGradient};
use smallvec::smallvec;

/// The program with simpler equations where an identity allows it:
///
/// - `x·1`, `x/1`, `x − 0`, `x + (−0)`, `−(−x)`, `x¹` are `x`, which `stop_gradient` is as well; `x·(−1)` is `−x`;
/// - `scale(x, c)` is `x·c` for a finite c other than 0; `x + (−y)` is `x − y`, and `x − (−y)` is `x + y`;
/// - signs of floats go into numbers: `(−x)·c` and `−(x·c)` are `x·(−c)`;
/// - `(x·2ⁿ)·c` is `x·(2ⁿ·c)` for n ≥ 0 and |c| ≥ 1: to double is exact, and where it overflows the product does too;
/// - a conversion to the same dtype is none.
///
/// Not `x + 0`, which is 0 at −0, nor `x·0`, `x − x`, `x/x`.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::algebra;
/// let program = trace_program(&[Type::new(DType::F64, [3])], |x| vec![-(-&x[0]) * 1.0]);
/// assert_eq!(algebra(program).to_string(), "program(a: f64[3]) {\n  b: f64[3] = neg a\n  return a\n}");
/// ```
pub fn algebra(program: Program) -> Program {
    rewrite(program, simpler)
}

pub(super) fn applies(program: &Program) -> bool {
    rewrites(program, simpler)
}

/// The number that a constant is everywhere.
fn number(program: &Program, atom: Atom) -> Option<f64> {
    match atom {
        Atom::Constant(i) => program.constants[i as usize].as_fill().map(Item::to_f64),
        Atom::Var(_) => None,
    }
}

fn simpler(seen: &Seen) -> Option<Simpler> {
    let (prim, inputs) = (seen.prim, seen.inputs);
    match prim {
        Prim::Unary(op) => unary(seen, *op, inputs[0]),
        Prim::Binary(op) => binary(seen, *op, inputs[0], inputs[1]),
        Prim::Shared(_) => {
            let x = *inputs.first()?;
            if prim.downcast::<StopGradient>().is_some() {
                Some(Simpler::Is(x))
            } else if prim.downcast::<Convert>().is_some() {
                seen.same(x)
            } else {
                None
            }
        }
    }
}

/// What an operand is the negative of.
fn opposite(seen: &Seen, x: Atom) -> Option<Atom> {
    let origin = seen.origin(x)?;
    matches!(origin.prim, Prim::Unary(UnaryOp::Neg(_))).then(|| origin.inputs[0])
}

fn unary(seen: &Seen, op: UnaryOp, x: Atom) -> Option<Simpler> {
    match op {
        UnaryOp::Powi(Powi(1)) => Some(Simpler::Is(x)),
        UnaryOp::Neg(_) => opposite(seen, x).map(Simpler::Is).or_else(|| {
            let (x, c) = multiple(seen, x).filter(|_| seen.ty.dtype.is_float() && seen.is_single(x))?;
            Some(Simpler::Times(x, -c))
        }),
        _ => None,
    }
}

/// The operand and the number that a product by a number is of.
fn multiple(seen: &Seen, x: Atom) -> Option<(Atom, f64)> {
    let origin = seen.origin(x)?;
    let Prim::Binary(BinaryOp::Mul(_)) = origin.prim else { return None };
    by_number(seen, origin.inputs[0], origin.inputs[1])
}

/// Two factors, of which one is a number.
fn by_number(seen: &Seen, a: Atom, b: Atom) -> Option<(Atom, f64)> {
    match (number(seen.program, a), number(seen.program, b)) {
        (None, Some(c)) => Some((a, c)),
        (Some(c), None) => Some((b, c)),
        _ => None,
    }
}

/// A product by a number that takes another one or a sign into it.
fn product(seen: &Seen, a: Atom, b: Atom) -> Option<Simpler> {
    let (x, c) = by_number(seen, a, b).filter(|_| seen.ty.dtype.is_float())?;
    let by = |x: Atom, c: f64| Some(Simpler::Times(x, c));
    if let Some(y) = opposite(seen, x) {
        return by(y, -c);
    }
    let (y, double) = multiple(seen, x)?;
    let is_exact = is_power_of_two(double) && double.abs() >= 1.0 && c.abs() >= 1.0;
    let fits = match seen.ty.dtype {
        DType::F32 => ((double * c) as f32).is_finite(),
        _ => (double * c).is_finite(),
    };
    (is_exact && fits).then(|| by(y, double * c)).flatten()
}

fn is_power_of_two(x: f64) -> bool {
    x.is_normal() && x.to_bits() << 12 == 0
}

fn binary(seen: &Seen, op: BinaryOp, a: Atom, b: Atom) -> Option<Simpler> {
    let (left, right) = (number(seen.program, a), number(seen.program, b));
    let negated = |x: Atom| Some(Simpler::By(UnaryOp::Neg(Neg).into(), smallvec![x]));
    let by = |op: BinaryOp, a: Atom, b: Atom| Some(Simpler::By(op.into(), smallvec![a, b]));
    let is_plain = |c: Option<f64>| c.is_some_and(|c| c.is_finite() && c != 0.0);
    let is_negative_zero = |c: f64| c == 0.0 && c.is_sign_negative();
    let is_positive_zero = |c: f64| c == 0.0 && c.is_sign_positive();
    match (op, left, right) {
        (BinaryOp::Mul(_), _, Some(1.0)) => Some(Simpler::Is(a)),
        (BinaryOp::Mul(_), Some(1.0), _) => Some(Simpler::Is(b)),
        (BinaryOp::Mul(_), _, Some(-1.0)) => negated(a),
        (BinaryOp::Mul(_), Some(-1.0), _) => negated(b),
        (BinaryOp::Div(_), _, Some(1.0)) => Some(Simpler::Is(a)),
        (BinaryOp::Sub(_), _, Some(c)) if is_positive_zero(c) => Some(Simpler::Is(a)),
        (BinaryOp::Add(_), _, Some(c)) if is_negative_zero(c) => Some(Simpler::Is(a)),
        (BinaryOp::Add(_), Some(c), _) if is_negative_zero(c) => Some(Simpler::Is(b)),
        (BinaryOp::Scale(_), _, _) if is_plain(left) || is_plain(right) => by(Mul.into(), a, b),
        (BinaryOp::Mul(_), _, _) => product(seen, a, b),
        (BinaryOp::Add(_), _, _) => match (opposite(seen, a), opposite(seen, b)) {
            (_, Some(y)) => by(Sub.into(), a, y),
            (Some(y), None) => by(Sub.into(), b, y),
            (None, None) => None,
        },
        (BinaryOp::Sub(_), _, _) => by(Add.into(), a, opposite(seen, b)?),
        _ => None,
    }
}
