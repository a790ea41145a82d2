//! The functions of [`number::function`](crate::number::function) and their rules as loops of vectors over arrays of floats: the same one text,
//! handed to the kernels block by block. Each function is compiled into one loop for each dtype and kind of vectors; a rule is a program of
//! such loops over blocks that stay in the nearest cache, for it is generic over the number and a [`Chunk`] is one.

use crate::number::Real;
use crate::number::function::{
    Binary, BinaryOp, BinaryVisitor, Partial, Scale, Unary, UnaryOp, UnaryVisitor,
};
use crate::number::operators::operators;
use cotangent_kernels::map::{Float, Kernel, LaneFloat, blocks, blocks_in_place, run};
use cotangent_kernels::{Array, DType};

#[derive(Clone, Copy)]
struct Value1<U>(U);

impl<U: Unary> Kernel<1> for Value1<U> {
    const PERIODIC: bool = U::PERIODIC;
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        self.0.f(x)
    }
}

#[derive(Clone, Copy)]
struct Value2<B>(B);

impl<B: Binary> Kernel<2> for Value2<B> {
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        self.0.f(a, b)
    }
}

/// The value on floats.
pub(super) fn unary(op: UnaryOp, x: &Array) -> Array {
    match x.dtype() {
        DType::F32 => blocks([x], |[x]: [&[f32]; 1], out| unary_block(op, x, out)),
        _ => blocks([x], |[x]: [&[f64]; 1], out| unary_block(op, x, out)),
    }
}

/// The value on floats of one type.
pub(super) fn binary(op: BinaryOp, a: &Array, b: &Array) -> Array {
    match a.dtype() {
        DType::F32 => blocks([a, b], |x: [&[f32]; 2], out| binary_block(op, x, out)),
        _ => blocks([a, b], |x: [&[f64]; 2], out| binary_block(op, x, out)),
    }
}

/// `a ← op(a, b)` on floats of one type, if the buffer of `a` is nobody else's; tells whether it was done.
pub(super) fn binary_in_place(op: BinaryOp, a: &mut Array, b: &Array) -> bool {
    match a.dtype() {
        DType::F32 => blocks_in_place(a, b, &|x: [&[f32]; 2], out| binary_block(op, x, out)),
        _ => blocks_in_place(a, b, &|x: [&[f64]; 2], out| binary_block(op, x, out)),
    }
}

/// `ct · f′`, where a zero wins, in one walk over memory.
pub(super) fn pull_unary(op: UnaryOp, x: &Array, y: &Array, ct: &Array) -> Array {
    fn pull<T: LaneFloat>(op: UnaryOp, arrays: [&Array; 3]) -> Array {
        blocks(arrays, |[x, y, ct]: [&[T]; 3], out| {
            times(op.df(&Chunk::lent(x), &Chunk::lent(y)), ct, out);
        })
    }
    match ct.dtype() {
        DType::F32 => pull::<f32>(op, [x, y, ct]),
        _ => pull::<f64>(op, [x, y, ct]),
    }
}

/// `ct · ∂f/∂xᵢ`, where a zero wins, in one walk over memory.
pub(super) fn pull_binary(op: BinaryOp, i: usize, x: [&Array; 2], y: &Array, ct: &Array) -> Array {
    fn pull<T: LaneFloat>(op: BinaryOp, i: usize, arrays: [&Array; 4]) -> Array {
        blocks(arrays, |[a, b, y, ct]: [&[T]; 4], out| {
            let (a, b, y) = (Chunk::lent(a), Chunk::lent(b), Chunk::lent(y));
            times(if i == 0 { op.da(&a, &b, &y) } else { op.db(&a, &b, &y) }, ct, out);
        })
    }
    match ct.dtype() {
        DType::F32 => pull::<f32>(op, i, [x[0], x[1], y, ct]),
        _ => pull::<f64>(op, i, [x[0], x[1], y, ct]),
    }
}

fn times<T: LaneFloat>(partial: Partial<Chunk<T>>, ct: &[T], out: &mut [T]) {
    match partial {
        Partial::Constant(c) => ct.iter().zip(out).for_each(|(&ct, y)| *y = ct * T::from_f64(c)),
        Partial::Of(partial) => run(Value2(Scale), [ct, partial.values()], out),
    }
}

/// Some entries of an array that lie in the nearest cache: a number of an engine, so that rules run on them, a loop for each operation.
#[derive(Clone, Debug)]
enum Chunk<'a, T> {
    Lent(&'a [T]),
    Own(Vec<T>),
}

impl<'a, T: LaneFloat> Chunk<'a, T> {
    fn lent(values: &'a [T]) -> Chunk<'a, T> {
        Chunk::Lent(values)
    }
    fn values(&self) -> &[T] {
        match self {
            Chunk::Lent(values) => values,
            Chunk::Own(values) => values,
        }
    }
    fn written(&self, write: impl FnOnce(&[T], &mut [T])) -> Chunk<'a, T> {
        let values = self.values();
        let mut out = vec![T::default(); values.len()];
        write(values, &mut out);
        Chunk::Own(out)
    }
}

impl<T: LaneFloat> Real for Chunk<'_, T> {
    fn lift(&self, literal: f64) -> Self {
        Chunk::Own(vec![T::from_f64(literal); self.values().len()])
    }
    fn is_zero(&self) -> bool {
        self.values().iter().all(|&x| x == T::default())
    }
    fn is_finite(&self) -> bool {
        self.values().iter().all(|x| Float::is_finite(*x))
    }
    fn unary<U: Unary>(&self, op: U) -> Self {
        self.written(|x, out| unary_block(op.into(), x, out))
    }
    fn binary<B: Binary>(&self, op: B, right: &Self) -> Self {
        self.written(|x, out| binary_block(op.into(), [x, right.values()], out))
    }
    fn binary_right<B: Binary>(&self, op: B, right: f64) -> Self {
        self.binary(op, &self.lift(right))
    }
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        self.lift(left).binary(op, self)
    }
    fn select(&self, then: &Self, otherwise: &Self) -> Self {
        self.written(|x, out| {
            let both = then.values().iter().zip(otherwise.values());
            let chosen = x.iter().zip(both).map(|(&x, (&a, &b))| if x == T::default() { b } else { a });
            out.iter_mut().zip(chosen).for_each(|(y, value)| *y = value);
        })
    }
}

operators!(['a, T: LaneFloat] Chunk<'a, T>);

struct Block1<'a, T>(&'a [T], &'a mut [T]);

impl<T: LaneFloat> UnaryVisitor for Block1<'_, T> {
    type Output = ();
    fn visit<U: Unary>(self, op: U) {
        run(Value1(op), [self.0], self.1);
    }
}

/// One copy for each operation, whichever rule asks for it.
#[inline(never)]
fn unary_block<T: LaneFloat>(op: UnaryOp, x: &[T], out: &mut [T]) {
    op.dispatch(Block1(x, out));
}

struct Block2<'a, T>([&'a [T]; 2], &'a mut [T]);

impl<T: LaneFloat> BinaryVisitor for Block2<'_, T> {
    type Output = ();
    fn visit<B: Binary>(self, op: B) {
        run(Value2(op), self.0, self.1);
    }
}

#[inline(never)]
fn binary_block<T: LaneFloat>(op: BinaryOp, x: [&[T]; 2], out: &mut [T]) {
    op.dispatch(Block2(x, out));
}
