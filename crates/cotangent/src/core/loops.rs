//! The functions of [`number::function`](crate::number::function) and their rules as loops of vectors over arrays of floats: the same one text,
//! handed to the kernels block by block. Each function is compiled into one loop for each dtype and kind of vectors; a rule is a program of
//! such loops over blocks that stay in the nearest cache, for it is generic over the number and a [`Chunk`] is one.

use crate::number::Real;
use crate::number::function::{
    Binary, BinaryOp, BinaryVisitor, Mul, Partial, Powi, Scale, Unary, UnaryOp, UnaryVisitor,
};
use crate::number::operators::operators;
use cotangent_kernels::map::{
    Float, Kernel, LaneFloat, Reach, blocks, blocks_in_place, broadcast, run, run_in_place, stretches,
};
use cotangent_kernels::{Array, DType, Item};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

#[derive(Clone, Copy)]
struct Value1<U>(U);

impl<U: Unary> Kernel<1> for Value1<U> {
    const REACH: Reach = U::REACH;
    const DIVIDES: bool = U::DIVIDES;
    const LIGHT: bool = U::LIGHT;
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        self.0.f(x)
    }
}

#[derive(Clone, Copy)]
struct Value2<B>(B);

impl<B: Binary> Kernel<2> for Value2<B> {
    const REACH: Reach = B::REACH;
    const DIVIDES: bool = B::DIVIDES;
    const LIGHT: bool = B::LIGHT;
    const GUESSES: bool = B::GUESSES;
    #[inline(always)]
    fn guess<F: Float>(self, [a, b]: [F; 2]) -> (F, F) {
        let y = self.0.guess(a, b);
        (y, y)
    }
    #[inline(always)]
    fn call<F: Float>(self, [a, b]: [F; 2]) -> F {
        self.0.f(a, b)
    }
}

/// A power whose exponent the optimiser knows: nothing is left to decide in the loop.
#[derive(Clone, Copy)]
struct Power<const N: i32>;

impl<const N: i32> Kernel<1> for Power<N> {
    const LIGHT: bool = true;
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        x.powi(N)
    }
}

/// The value on floats.
pub(super) fn unary(op: UnaryOp, x: &Array) -> Array {
    match x.dtype() {
        DType::F32 => stretches([x], |[x]: [&[f32]; 1], out| unary_block(op, x, out)),
        _ => stretches([x], |[x]: [&[f64]; 1], out| unary_block(op, x, out)),
    }
}

/// A function of two numbers, one of which is the same everywhere: the left one, or the right one.
#[derive(Clone, Copy)]
struct With<B, const LEFT: bool>(B, f64);

impl<B: Binary, const LEFT: bool> Kernel<1> for With<B, LEFT> {
    const DIVIDES: bool = B::DIVIDES;
    const LIGHT: bool = B::LIGHT;
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        let number = F::from_f64(self.1);
        if LEFT { self.0.f(number, x) } else { self.0.f(x, number) }
    }
}

/// Has this function loops of its own for a number that is the same everywhere, and for what is broadcast? What takes no longer than reading
/// and writing memory does gains by them.
pub(crate) fn is_light(op: BinaryOp) -> bool {
    struct Light;
    impl BinaryVisitor for Light {
        type Output = bool;
        fn visit<B: Binary>(self, _: B) -> bool {
            B::LIGHT
        }
    }
    op.dispatch(Light)
}

struct NumberBlock<'a, T> {
    left: bool,
    number: f64,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: LaneFloat> BinaryVisitor for NumberBlock<'_, T> {
    type Output = ();
    fn visit<B: Binary>(self, op: B) {
        let NumberBlock { left, number, x, out } = self;
        if const { !B::LIGHT } {
            unreachable!("`is_light` is asked first")
        }
        match left {
            false => run(With::<_, false>(op, number), [x], out),
            true => run(With::<_, true>(op, number), [x], out),
        }
    }
}

/// A light function of a block and a number, which is the `left` operand or the right one.
#[inline(never)]
pub(crate) fn number_block<T: LaneFloat>(op: BinaryOp, left: bool, number: f64, x: &[T], out: &mut [T]) {
    op.dispatch(NumberBlock { left, number, x, out });
}

fn light_with_number(op: BinaryOp, a: &Array, b: &Array) -> Option<Array> {
    let (left, number, x) = match (a.as_fill(), b.as_fill()) {
        (None, Some(number)) => (false, number.to_f64(), a),
        (Some(number), None) => (true, number.to_f64(), b),
        _ => return None,
    };
    is_light(op).then(|| match x.dtype() {
        DType::F32 => stretches([x], |[x]: [&[f32]; 1], out| number_block(op, left, number, x, out)),
        _ => stretches([x], |[x]: [&[f64]; 1], out| number_block(op, left, number, x, out)),
    })
}

struct Broadcast<'a>([&'a Array; 2]);

impl BinaryVisitor for Broadcast<'_> {
    type Output = Option<Array>;
    fn visit<B: Binary>(self, op: B) -> Option<Array> {
        if const { !B::LIGHT } {
            return None;
        }
        match self.0[0].dtype() {
            DType::F32 => broadcast::<f32, _>(Value2(op), self.0),
            _ => broadcast::<f64, _>(Value2(op), self.0),
        }
    }
}

/// The value on floats of one type.
pub(super) fn binary(op: BinaryOp, a: &Array, b: &Array) -> Array {
    if let Some(y) = light_with_number(op, a, b).or_else(|| op.dispatch(Broadcast([a, b]))) {
        return y;
    }
    match a.dtype() {
        DType::F32 => stretches([a, b], |x: [&[f32]; 2], out| binary_block(op, x, out)),
        _ => stretches([a, b], |x: [&[f64]; 2], out| binary_block(op, x, out)),
    }
}

/// The value at one float.
#[inline]
pub(crate) fn unary_number<T: LaneFloat>(op: UnaryOp, x: T) -> T {
    let mut y = [T::default()];
    unary_block(op, &[x], &mut y);
    y[0]
}

/// The value at two floats.
#[inline]
pub(crate) fn binary_number<T: LaneFloat>(op: BinaryOp, a: T, b: T) -> T {
    let mut y = [T::default()];
    binary_block(op, [&[a], &[b]], &mut y);
    y[0]
}

/// The value of a composition that has a loop of its own.
pub(super) fn in_one_loop<K: Kernel<1>>(kernel: K, x: &Array) -> Array {
    match x.dtype() {
        DType::F32 => stretches([x], |x: [&[f32]; 1], out| run(kernel, x, out)),
        _ => stretches([x], |x: [&[f64]; 1], out| run(kernel, x, out)),
    }
}

struct InPlace<'a, T>(&'a [T], &'a mut [T]);

impl<T: LaneFloat> BinaryVisitor for InPlace<'_, T> {
    type Output = ();
    fn visit<B: Binary>(self, op: B) {
        run_in_place(Value2(op), self.0, self.1);
    }
}

/// `a ← op(a, b)` on floats of one type, if the buffer of `a` is nobody else's; tells whether it was done.
pub(super) fn binary_in_place(op: BinaryOp, a: &mut Array, b: &Array) -> bool {
    match a.dtype() {
        DType::F32 => blocks_in_place(a, [b], &|[b]: [&[f32]; 1], a| op.dispatch(InPlace(b, a))),
        _ => blocks_in_place(a, [b], &|[b]: [&[f64]; 1], a| op.dispatch(InPlace(b, a))),
    }
}

/// A rule on blocks of what it reads.
type Rule<'a, T, const N: usize> = &'a (dyn for<'b> Fn([&'b [T]; N]) -> Partial<Chunk<'b, T>> + Sync);

/// `ct ← ct · f′`, where a zero wins, in one walk over memory; in its own buffer if nobody else has it.
pub(super) fn pull_unary(op: UnaryOp, x: &Array, y: &Array, ct: &mut Array) {
    fn pull<T: Spare>(op: UnaryOp, read: [&Array; 2], ct: &mut Array) {
        let rule: Rule<T, 2> = &|[x, y]| op.df(&Chunk::lent(x), &Chunk::lent(y));
        if !blocks_in_place(ct, read, &|read, ct| times(rule(read), ct)) {
            let all = [ct as &Array, read[0], read[1]];
            *ct =
                pulled(ct, |write| blocks(all, |[ct, read @ ..]: [&[T]; 3], out| write(ct, rule(read), out)));
        }
    }
    match ct.dtype() {
        DType::F32 => pull::<f32>(op, [x, y], ct),
        _ => pull::<f64>(op, [x, y], ct),
    }
}

/// `ct ← ct · ∂f/∂xᵢ`, where a zero wins, in one walk over memory; in its own buffer if nobody else has it.
pub(super) fn pull_binary(op: BinaryOp, i: usize, x: [&Array; 2], y: &Array, ct: &mut Array) {
    fn pull<T: Spare>(op: BinaryOp, i: usize, read: [&Array; 3], ct: &mut Array) {
        let rule: Rule<T, 3> = &|[a, b, y]| {
            let (a, b, y) = (Chunk::lent(a), Chunk::lent(b), Chunk::lent(y));
            if i == 0 { op.da(&a, &b, &y) } else { op.db(&a, &b, &y) }
        };
        if !blocks_in_place(ct, read, &|read, ct| times(rule(read), ct)) {
            let all = [ct as &Array, read[0], read[1], read[2]];
            *ct =
                pulled(ct, |write| blocks(all, |[ct, read @ ..]: [&[T]; 4], out| write(ct, rule(read), out)));
        }
    }
    match ct.dtype() {
        DType::F32 => pull::<f32>(op, i, [x[0], x[1], y], ct),
        _ => pull::<f64>(op, i, [x[0], x[1], y], ct),
    }
}

/// `ct ← c · ct`, in its own buffer if nobody else has it.
pub(super) fn pull_constant(c: f64, ct: &mut Array) {
    if c == 1.0 {
        return;
    }
    let c = Item::from_f64(ct.dtype(), c);
    let c = Array::fill(c, ct.shape().clone());
    if !binary_in_place(BinaryOp::Mul(Mul), ct, &c) {
        *ct = binary(BinaryOp::Mul(Mul), ct, &c);
    }
}

/// What is to be written of a cotangent, which is given with the partial.
type Pull<'a, T> = &'a (dyn for<'b> Fn(&'b [T], Partial<Chunk<'b, T>>, &mut [T]) + Sync);

/// A cotangent times a partial in a new buffer. Where it is the same number everywhere it need not be written first.
fn pulled<T: Spare>(ct: &Array, code: impl FnOnce(Pull<T>) -> Array) -> Array {
    let number =
        ct.as_fill().map(|number| number.to_f64()).filter(|&number| number.is_finite() && number != 0.0);
    code(&|ct, partial, out| match (number, partial) {
        (Some(number), Partial::Of(partial)) => {
            number_block(BinaryOp::Mul(Mul), false, number, partial.values(), out)
        }
        (_, partial) => {
            out.copy_from_slice(ct);
            times(partial, out);
        }
    })
}

fn times<T: Spare>(partial: Partial<Chunk<T>>, ct: &mut [T]) {
    match partial {
        Partial::Constant(c) => ct.iter_mut().for_each(|ct| *ct = *ct * T::from_f64(c)),
        Partial::Of(partial) => run_in_place(Value2(Scale), partial.values(), ct),
    }
}

/// Numbers whose blocks are used again: each thread keeps those that rules are done with, warm.
pub(crate) trait Spare: LaneFloat {
    fn spare<R>(code: impl FnOnce(&mut Vec<Vec<Self>>) -> R) -> R;
}

macro_rules! spare {
    ($($t:ty)*) => {$(
        impl Spare for $t {
            fn spare<R>(code: impl FnOnce(&mut Vec<Vec<$t>>) -> R) -> R {
                thread_local!(static SPARE: RefCell<Vec<Vec<$t>>> = const { RefCell::new(Vec::new()) });
                SPARE.with_borrow_mut(code)
            }
        }
    )*};
}
spare!(f32 f64);

/// A block of a thread's own, while it is needed.
#[derive(Debug)]
pub(crate) struct Scratch<T: Spare>(Vec<T>);

impl<T: Spare> Scratch<T> {
    /// To be written: what stands there is left open.
    pub fn open(length: usize) -> Scratch<T> {
        let mut values = T::spare(Vec::pop).unwrap_or_default();
        values.resize(length, T::default());
        Scratch(values)
    }
}

/// Nothing, which holds no memory.
impl<T: Spare> Default for Scratch<T> {
    fn default() -> Self {
        Scratch(Vec::new())
    }
}

impl<T: Spare> Deref for Scratch<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Spare> DerefMut for Scratch<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Spare> Drop for Scratch<T> {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.0);
        if values.capacity() > 0 {
            T::spare(|spare| spare.push(values));
        }
    }
}

/// Some entries of an array that lie in the nearest cache: a number of an engine, so that rules run on them, a loop for each operation.
#[derive(Debug)]
enum Chunk<'a, T: Spare> {
    Lent(&'a [T]),
    Own(Scratch<T>),
}

impl<T: Spare> Clone for Chunk<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Chunk::Lent(values) => Chunk::Lent(values),
            Chunk::Own(_) => self.written(|values, out| out.copy_from_slice(values)),
        }
    }
}

impl<'a, T: Spare> Chunk<'a, T> {
    fn lent(values: &'a [T]) -> Chunk<'a, T> {
        Chunk::Lent(values)
    }
    fn values(&self) -> &[T] {
        match self {
            Chunk::Lent(values) => values,
            Chunk::Own(own) => &own.0,
        }
    }
    fn written(&self, write: impl FnOnce(&[T], &mut [T])) -> Chunk<'a, T> {
        let values = self.values();
        let mut own = Scratch::open(values.len());
        write(values, &mut own.0);
        Chunk::Own(own)
    }
}

impl<T: Spare> Real for Chunk<'_, T> {
    fn lift(&self, literal: f64) -> Self {
        self.written(|_, out| out.fill(T::from_f64(literal)))
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
        if B::LIGHT {
            return self.written(|x, out| number_block(op.into(), false, right, x, out));
        }
        self.binary(op, &self.lift(right))
    }
    fn binary_left<B: Binary>(&self, op: B, left: f64) -> Self {
        if B::LIGHT {
            return self.written(|x, out| number_block(op.into(), true, left, x, out));
        }
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

operators!(['a, T: Spare] Chunk<'a, T>);

struct Block1<'a, T>(&'a [T], &'a mut [T]);

impl<T: LaneFloat> UnaryVisitor for Block1<'_, T> {
    type Output = ();
    fn visit<U: Unary>(self, op: U) {
        run(Value1(op), [self.0], self.1);
    }
}

/// One copy for each operation, whichever rule asks for it.
#[inline(never)]
pub(crate) fn unary_block<T: LaneFloat>(op: UnaryOp, x: &[T], out: &mut [T]) {
    match op {
        UnaryOp::Powi(Powi(-1)) => run(Power::<-1>, [x], out),
        UnaryOp::Powi(Powi(2)) => run(Power::<2>, [x], out),
        UnaryOp::Powi(Powi(3)) => run(Power::<3>, [x], out),
        _ => op.dispatch(Block1(x, out)),
    }
}

struct Block2<'a, T>([&'a [T]; 2], &'a mut [T]);

impl<T: LaneFloat> BinaryVisitor for Block2<'_, T> {
    type Output = ();
    fn visit<B: Binary>(self, op: B) {
        run(Value2(op), self.0, self.1);
    }
}

#[inline(never)]
pub(crate) fn binary_block<T: LaneFloat>(op: BinaryOp, x: [&[T]; 2], out: &mut [T]) {
    op.dispatch(Block2(x, out));
}
