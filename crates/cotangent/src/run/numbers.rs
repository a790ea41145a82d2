//! A region of one entry: instructions on single numbers, all in one loop that is compiled for the machine's fused multiply-add.

use super::entrywise::OnKernel;
use super::region::{At, Instruction, Op};
use crate::core::{Spare, binary_number, unary_number};
use crate::number::function::{BinaryOp, UnaryOp};
use cotangent_kernels::map::arithmetic::Arithmetic;
use cotangent_kernels::map::{Float, Kernel};
use cotangent_kernels::simd::{Job, dispatch};
use std::marker::PhantomData;

/// How many there are of what a region works with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub operands: u32,
    pub numbers: u32,
    pub registers: u32,
    pub results: u32,
    pub sums: u32,
}

/// An instruction with the places of its numbers in the file of all of them.
#[derive(Clone, Copy, Debug)]
struct Step {
    op: Op,
    to: u32,
    x: [u32; 3],
}

/// The instructions of a region, for one entry.
#[derive(Debug)]
pub(super) struct Numbers {
    steps: Vec<Step>,
    sizes: Sizes,
    results: usize,
}

impl Numbers {
    pub fn new(code: &[Instruction], sizes: Sizes) -> Numbers {
        let place = |at: At| match at {
            At::Operand(i) => i,
            At::Number(i) => sizes.operands + i,
            At::Register(u32::MAX) => 0,
            At::Register(i) => sizes.operands + sizes.numbers + i,
            At::Result(i) => sizes.operands + sizes.numbers + sizes.registers + i,
        };
        let results = place(At::Result(0)) as usize;
        let steps = code
            .iter()
            .map(|instruction| Step {
                op: instruction.op,
                to: place(instruction.to),
                x: instruction.x.map(place),
            })
            .collect();
        Numbers { steps, sizes, results }
    }

    /// The results, and the sums, from the operands and numbers.
    pub fn run<T: Spare>(&self, given: impl Iterator<Item = T>) -> (Vec<T>, Vec<f64>) {
        let mut file: Vec<T> = Vec::with_capacity(self.results + self.sizes.results as usize);
        file.extend(given);
        file.resize(self.results + self.sizes.results as usize, T::default());
        let mut sums = vec![0.0; self.sizes.sums as usize];
        dispatch(Walk { steps: &self.steps, file: &mut file, sums: &mut sums });
        file.drain(..self.results);
        (file, sums)
    }
}

struct Walk<'a, T> {
    steps: &'a [Step],
    file: &'a mut [T],
    sums: &'a mut [f64],
}

impl<T: Spare> Job for Walk<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Walk { steps, file, sums } = self;
        let zero = T::default();
        for step in steps {
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
                        BinaryOp::Scale(_) => {
                            if x == zero || b == zero {
                                zero
                            } else {
                                x * b
                            }
                        }
                        _ => binary_number(op, x, b),
                    }
                }
                Op::Entries(op) => {
                    let x = step.x.map(|place| file[place as usize]);
                    op.with_kernel(Entry::<A, T>(x, PhantomData))
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
