//! A region of one entry: instructions on single numbers, all in one loop that is compiled for the machine's fused multiply-add.

use super::entrywise::OnKernel;
use super::region::{Instruction, Op};
use crate::core::{Spare, binary_number, unary_number};
use crate::number::function::{Binary, BinaryOp, UnaryOp};
use cotangent_kernels::map::arithmetic::Arithmetic;
use cotangent_kernels::map::{Float, Kernel, Sizes};
use cotangent_kernels::simd::{Job, dispatch};
use std::marker::PhantomData;

/// The results, and the sums, of these instructions from the operands and numbers.
pub(super) fn run<T: Spare>(
    code: &[Instruction],
    given: impl Iterator<Item = T>,
    sizes: Sizes,
) -> (Vec<T>, Vec<f64>) {
    let mut file: Vec<T> = Vec::with_capacity(2 * code.len());
    file.extend(given);
    let results = file.len() + sizes.registers;
    file.resize(results + sizes.results, T::default());
    let mut sums = vec![0.0; sizes.sums];
    dispatch(Walk { code, file: &mut file, sums: &mut sums });
    file.drain(..results);
    (file, sums)
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
                        BinaryOp::Scale(scale) => scale.f(x, b),
                        _ => binary_number(op, x, b),
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
                Op::Copy => x,
                Op::Add(sum) => {
                    sums[sum as usize] += x.to_f64();
                    continue;
                }
            };
            file[step.to as usize] = y;
        }
    }
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
