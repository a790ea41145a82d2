//! A region of one entry: instructions on single numbers, all in one loop that is compiled for the machine's fused multiply-add.

use super::region::{At, Instruction, Op, Product, Then};
use crate::core::{Spare, binary_number, unary_number};
use crate::number::function::{BinaryOp, UnaryOp};
use crate::op::{Logical, Order};
use cotangent_kernels::map::arithmetic::Arithmetic;
use cotangent_kernels::map::{Float, Kernel};
use cotangent_kernels::simd::{Job, dispatch};

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
        let (zero, one) = (T::default(), T::from_f64(1.0));
        for step in steps {
            let x = file[step.x[0] as usize];
            let truth = |holds: bool| if holds { one } else { zero };
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
                Op::Compare(order) => {
                    let b = file[step.x[1] as usize];
                    truth(match order {
                        Order::Greater => x > b,
                        Order::GreaterEqual => x >= b,
                        Order::Less => x < b,
                        Order::LessEqual => x <= b,
                        Order::Equal => x == b,
                        Order::NotEqual => x != b,
                    })
                }
                Op::Logical(Logical::And) => x * file[step.x[1] as usize],
                Op::Logical(Logical::Or) => truth(x != zero || file[step.x[1] as usize] != zero),
                Op::Logical(Logical::Not) => one - x,
                Op::Select => file[step.x[if x == zero { 2 } else { 1 }] as usize],
                Op::Copy => x,
                Op::Product(product, then) => {
                    let (b, c) = (file[step.x[1] as usize], file[step.x[2] as usize]);
                    let product = match product {
                        Product::Scale if x == zero || b == zero => zero,
                        _ => x * b,
                    };
                    match then {
                        Then::Plus => product + c,
                        Then::Minus => product - c,
                        Then::From => c - product,
                    }
                }
                Op::Add(sum) => {
                    sums[sum as usize] += x.to_f64();
                    continue;
                }
            };
            file[step.to as usize] = y;
        }
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
