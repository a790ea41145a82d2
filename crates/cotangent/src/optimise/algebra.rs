//! Identities of arithmetic and layout that hold for every number, NaN and infinities among them.

use super::editor::Editor;
use crate::core::{Atom, Atoms, Item, Prim, Program, Type};
use crate::number::function::{Add, BinaryOp, Mul, Neg, Powi, Sub, UnaryOp};
use crate::op::{Broadcast, Convert, Permute, Reshape, StopGradient, Where};
use smallvec::smallvec;

/// What an equation is besides itself.
enum Simpler {
    /// One of its operands, or an operand of an operand.
    Is(Atom),
    /// Another operation.
    By(Prim, Atoms),
}

/// The program with simpler equations where an identity allows it:
///
/// - `x·1`, `x/1`, `x − 0`, `x + (−0)`, `−(−x)`, `x¹` are `x`, which `stop_gradient` is as well; `x·(−1)` is `−x`;
/// - `scale(x, c)` is `x·c` for a finite c other than 0; `x + (−y)` is `x − y`, and `x − (−y)` is `x + y`;
/// - layouts of layouts are one, and those that change nothing are none; so are conversions to the same dtype;
/// - a choice by a constant is what it chooses.
///
/// Not `x + 0`, which is 0 at −0, nor `x·0`, `x − x`, `x/x`.
///
/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// use cotangent::optimise::algebra;
/// let program = trace_program(&[Type::new(DType::F64, [2, 3])], |x| vec![x[0].t().t() * 1.0]);
/// assert_eq!(algebra(&program).to_string(), "program(a: f64[2,3]) {\n  b: f64[3,2] = permute[axes=[1,0]] a\n  return a\n}");
/// ```
pub fn algebra(program: &Program) -> Program {
    let (mut editor, mut places) = Editor::like(program);
    for equation in &program.equations {
        if equation.count == 0 {
            editor.copy(program, &mut places, equation);
            continue;
        }
        let mut inputs = places.all(program, &mut editor, &equation.inputs);
        let (mut prim, ty) = (equation.prim.clone(), program.var_type(equation.first));
        // What it became may be simpler still; it comes nearer to the inputs each time.
        loop {
            match simpler(&editor.program, &prim, &inputs, ty) {
                None => editor.copy_with(program, &mut places, equation, prim, inputs),
                Some(Simpler::Is(atom)) => places.put(equation.first, atom),
                Some(Simpler::By(other, operands)) => {
                    (prim, inputs) = (other, operands);
                    continue;
                }
            }
            break;
        }
    }
    editor.end(program, places, &program.outputs)
}

/// The number that a constant is everywhere.
fn number(program: &Program, atom: Atom) -> Option<f64> {
    match atom {
        Atom::Constant(i) => program.constants[i as usize].as_fill().map(Item::to_f64),
        Atom::Var(_) => None,
    }
}

/// The equation that an operand comes from: its primitive and its operands.
fn origin(program: &Program, atom: Atom) -> Option<(&Prim, &Atoms)> {
    let i = program.producer(atom.var()?)?;
    let equation = &program.equations[i];
    Some((&equation.prim, &equation.inputs))
}

fn simpler(program: &Program, prim: &Prim, inputs: &Atoms, ty: &Type) -> Option<Simpler> {
    let same = |atom: Atom| (program.atom_type(atom) == ty).then_some(Simpler::Is(atom));
    match prim {
        Prim::Unary(op) => unary(program, *op, inputs[0]),
        Prim::Binary(op) => binary(program, *op, inputs[0], inputs[1]),
        Prim::Shared(_) => {
            let x = inputs.first().copied()?;
            let before = origin(program, x);
            if prim.downcast::<StopGradient>().is_some() {
                return Some(Simpler::Is(x));
            } else if prim.downcast::<Convert>().is_some() {
                return same(x);
            } else if prim.downcast::<Reshape>().is_some() {
                if let Some((inner, operands)) = before
                    && inner.downcast::<Reshape>().is_some()
                {
                    let direct = same(operands[0]);
                    return Some(direct.unwrap_or_else(|| Simpler::By(prim.clone(), operands.clone())));
                }
                return same(x);
            } else if prim.downcast::<Broadcast>().is_some() {
                if let Some((inner, operands)) = before
                    && inner.downcast::<Broadcast>().is_some()
                {
                    return Some(Simpler::By(prim.clone(), operands.clone()));
                }
                return same(x);
            } else if let Some(outer) = prim.downcast::<Permute>() {
                if let Some((inner, operands)) = before
                    && let Some(inner) = inner.downcast::<Permute>()
                {
                    let axes: Vec<usize> = outer.axes.iter().map(|&axis| inner.axes[axis]).collect();
                    if axes.iter().copied().eq(0..axes.len()) {
                        return Some(Simpler::Is(operands[0]));
                    }
                    return Some(Simpler::By(Prim::new(Permute { axes }), operands.clone()));
                }
                let still = outer.axes.iter().copied().eq(0..outer.axes.len());
                return still.then_some(Simpler::Is(x));
            } else if prim.downcast::<Where>().is_some() {
                let chosen = number(program, x).map(|p| if p != 0.0 { inputs[1] } else { inputs[2] });
                return chosen.map(Simpler::Is);
            }
            None
        }
    }
}

fn unary(program: &Program, op: UnaryOp, x: Atom) -> Option<Simpler> {
    match op {
        UnaryOp::Powi(Powi(1)) => Some(Simpler::Is(x)),
        UnaryOp::Neg(_) => match origin(program, x) {
            Some((Prim::Unary(UnaryOp::Neg(_)), operands)) => Some(Simpler::Is(operands[0])),
            _ => None,
        },
        _ => None,
    }
}

fn binary(program: &Program, op: BinaryOp, a: Atom, b: Atom) -> Option<Simpler> {
    let (left, right) = (number(program, a), number(program, b));
    let negated = |x: Atom| Some(Simpler::By(UnaryOp::Neg(Neg).into(), smallvec![x]));
    let by = |op: BinaryOp, a: Atom, b: Atom| Some(Simpler::By(op.into(), smallvec![a, b]));
    // What an operand is the negative of.
    let opposite = |x: Atom| match origin(program, x) {
        Some((Prim::Unary(UnaryOp::Neg(_)), operands)) => Some(operands[0]),
        _ => None,
    };
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
        (BinaryOp::Add(_), _, _) => match (opposite(a), opposite(b)) {
            (_, Some(y)) => by(Sub.into(), a, y),
            (Some(y), None) => by(Sub.into(), b, y),
            (None, None) => None,
        },
        (BinaryOp::Sub(_), _, _) => by(Add.into(), a, opposite(b)?),
        _ => None,
    }
}
