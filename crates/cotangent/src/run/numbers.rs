//! A region of one entry: instructions on single numbers, all in one loop that is compiled for the machine's fused multiply-add.

use super::entrywise::{Entrywise, OnKernel, Product, Then};
use super::region::{Instruction, Op};
use crate::core::{Spare, binary_number, unary_number};
use crate::number::function::{Binary, BinaryOp, Cos, Scale, Sin, UnaryOp};
use cotangent_kernels::map::arithmetic::Arithmetic;
use cotangent_kernels::map::{Float, Kernel};
use cotangent_kernels::simd::{Job, dispatch};
use smallvec::{SmallVec, smallvec};
use std::marker::PhantomData;

/// A few numbers, which need no memory of their own.
pub(super) type Few<T> = SmallVec<[T; 4]>;

/// How many there are.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub registers: usize,
    pub results: usize,
    pub sums: usize,
}

/// The results, and the sums, of these instructions from the operands and numbers.
pub(super) fn run<T: Spare>(
    code: &[Instruction],
    given: impl Iterator<Item = T>,
    sizes: Sizes,
) -> (Few<T>, Few<f64>) {
    let mut file: SmallVec<[T; 32]> = given.collect();
    let first = file.len() + sizes.registers;
    file.resize(first + sizes.results, T::default());
    let mut sums = smallvec![0.0; sizes.sums];
    dispatch(Walk { code, file: &mut file, sums: &mut sums });
    (file[first..].iter().copied().collect(), sums)
}

struct Walk<'a, T> {
    code: &'a [Instruction],
    file: &'a mut [T],
    sums: &'a mut [f64],
}

impl<T: Spare> Job for Walk<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Walk { code, file, sums } = self;
        for step in code {
            let x = file[step.x[0] as usize];
            let y = match step.op {
                Op::Unary(op) => function::<A, T>(op, x),
                Op::Binary(op) => {
                    let b = file[step.x[1] as usize];
                    match op {
                        BinaryOp::Add(_) => x + b,
                        BinaryOp::Sub(_) => x - b,
                        BinaryOp::Mul(_) => x * b,
                        BinaryOp::Div(_) => x / b,
                        BinaryOp::Scale(_) => scale(x, b),
                        _ => binary_number(op, x, b),
                    }
                }
                Op::Entries(Entrywise::Product(kind, then)) => {
                    let (b, c) = (file[step.x[1] as usize], file[step.x[2] as usize]);
                    let product = match kind {
                        Product::Plain => x * b,
                        Product::Scale => scale(x, b),
                        Product::Opposite => scale(-x, b),
                    };
                    match then {
                        Then::Plus => product + c,
                        Then::Minus => product - c,
                        Then::From => c - product,
                    }
                }
                Op::Entries(op) => {
                    let x = step.x.map(|place| file[place as usize]);
                    op.with_kernel(Entry::<A, T>(x, PhantomData))
                }
                Op::ByNumber { op, left, number } => {
                    let number = T::from_f64(number);
                    let (a, b) = if left { (number, x) } else { (x, number) };
                    binary_number(op, a, b)
                }
                Op::SinCos => {
                    file[step.x[1] as usize] = function::<A, T>(UnaryOp::Cos(Cos), x);
                    function::<A, T>(UnaryOp::Sin(Sin), x)
                }
                Op::Copy | Op::Spread => x,
                Op::Add(sum) => {
                    sums[sum as usize] += x.to_f64();
                    continue;
                }
                Op::AddColumns(_) | Op::FoldRows(_) | Op::Shift(_) | Op::AddShifts(_) => {
                    unreachable!("of one entry there is no part")
                }
            };
            file[step.to as usize] = y;
        }
    }
}

/// [`Scale`], for which a product that is a number is the answer: a branch that is never taken costs nothing, where a choice would have to wait.
#[inline(always)]
fn scale<T: Spare>(a: T, b: T) -> T {
    #[cold]
    #[inline(never)]
    fn not_a_number<T: Spare>(a: T, b: T) -> T {
        Scale.f(a, b)
    }
    let product = a * b;
    #[allow(clippy::eq_op)] // is it NaN?
    if product != product { not_a_number(a, b) } else { product }
}

/// A kernel at one entry.
struct Entry<A, T>([T; 3], PhantomData<A>);

impl<A: Arithmetic, T: Spare> OnKernel for Entry<A, T> {
    type Output = T;
    #[inline(always)]
    fn on<const N: usize, K: Kernel<N>>(self, kernel: K) -> T {
        let mut x = [T::default(); N];
        x.copy_from_slice(&self.0[..N]);
        T::lanes::<A, false, N, K>(kernel, x)
    }
}

/// Those that programs of numbers are mostly made of are compiled in place; the others are called.
#[inline(always)]
fn function<A: Arithmetic, T: Spare>(op: UnaryOp, x: T) -> T {
    macro_rules! here {
        ($($op:ident)*) => {
            match op {
                $(UnaryOp::$op(op) => T::lanes::<A, false, 1, _>(Here(op), [x]),)*
                _ => unary_number(op, x),
            }
        };
    }
    here!(Neg Square Recip Sqrt Abs Relu Exp Ln Sin Cos Tanh Sigmoid)
}

#[derive(Clone, Copy)]
struct Here<U>(U);

impl<U: crate::number::function::Unary> Kernel<1> for Here<U> {
    #[inline(always)]
    fn call<F: Float>(self, [x]: [F; 1]) -> F {
        self.0.f(x)
    }
}
