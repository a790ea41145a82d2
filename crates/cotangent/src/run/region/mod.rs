//! [`Region`]: a program that goes entry by entry, or row by row, through shapes with as many rows, as instructions over blocks of rows that stay
//! in the nearest cache.

mod maker;

use super::entrywise::{Entrywise, OnKernel};
use super::numbers;
use crate::core::{Array, Arrays, DType, Item, Shape, Spare, Type, binary_block, number_block, unary_block};
use crate::number::function::{BinaryOp, UnaryOp};
use cotangent_kernels::map::{
    Blocks, Columns, Frame, Kernel, RowFold, Source, convert, region, run, sin_cos,
};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::fmt;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Entries(Entrywise),
    /// A light function of entries and one number, which is the `left` operand or the right one.
    ByNumber {
        op: BinaryOp,
        left: bool,
        number: f64,
    },
    /// sin, and cos to the place of the second operand.
    SinCos,
    Copy,
    /// Adds the entries to this sum; has no result.
    Add(u32),
    /// Adds the entries to these sums of columns; has no result.
    AddColumns(u32),
    /// Folds each row.
    FoldRows(RowFold),
    /// Gives each entry that of its row.
    Spread,
    /// Shows a window of each row, in which it begins there.
    Shift(isize),
    /// The sum of two of these.
    AddShifts([isize; 2]),
}

/// An instruction, with the numbers of the places it reads and writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub op: Op,
    pub to: u32,
    pub x: [u32; 3],
}

/// What is read from memory.
#[derive(Debug)]
enum Operand {
    /// An input of this shape, or that is repeated to it.
    Input(usize, Shape),
    /// What a window of this shape shows of an input that begins there in it.
    Window(usize, Shape, Vec<isize>),
    Constant(Array),
}

/// Where an output is.
#[derive(Clone, Copy, Debug)]
enum Made {
    Result(usize),
    Columns(usize),
    Sum(usize),
}

#[derive(Debug)]
pub(super) struct Region {
    dtype: DType,
    /// As the executor counts them; each entry is one, if none meets another of its row.
    rows: usize,
    operands: Vec<Operand>,
    numbers: Vec<f64>,
    code: Vec<Instruction>,
    /// How many entries of a row each has.
    registers: Vec<usize>,
    columns: Vec<Columns>,
    sums: usize,
    /// Their shapes.
    results: Vec<Shape>,
    outputs: Vec<(Made, Type)>,
    /// Entries of the shape that the program goes through.
    size: usize,
    operations: u64,
}

impl Region {
    /// An input that is nobody else's is where a result is written, if it can be.
    pub fn run(&self, inputs: &mut [Cow<Array>]) -> Arrays {
        match self.dtype {
            DType::F32 => self.run_in::<f32>(inputs, Item::F32),
            _ => self.run_in::<f64>(inputs, Item::F64),
        }
    }

    /// How many entries a block has: so many that most of what is alive stays in the nearest cache; with fewer, to go
    /// from one instruction to the next would cost more than it saves.
    fn block(&self, bytes: usize) -> usize {
        let alive = self.registers.len() + self.results.len() + self.operands.len().min(4);
        ((64 << 10) / (bytes * alive.max(1))).clamp(128, 1024) / 64 * 64
    }

    /// What it does in one run: each instruction at each entry, a product and what is done with it two.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// Are there single numbers only?
    pub fn is_of_numbers(&self) -> bool {
        self.size == 1
    }

    /// Do entries meet no others?
    fn is_entrywise(&self) -> bool {
        self.rows == self.size && self.columns.is_empty()
    }

    /// [`run`](Region::run) on single numbers, or on numbers that are the same everywhere, where nothing is summed.
    pub fn run_numbers<'x>(&self, input: impl Fn(usize) -> &'x Array) -> Arrays {
        match self.dtype {
            DType::F32 => self.run_numbers_in::<f32>(input, Item::F32),
            _ => self.run_numbers_in::<f64>(input, Item::F64),
        }
    }

    fn run_in<T: Spare>(&self, inputs: &mut [Cow<Array>], item: fn(T) -> Item) -> Arrays {
        // Numbers that are the same everywhere give such.
        let is_same = |operand: &Operand| match operand {
            Operand::Input(i, _) => inputs[*i].as_fill().is_some(),
            Operand::Window(..) | Operand::Constant(_) => false,
        };
        let is_plain = self.sums == 0 && self.is_entrywise();
        if self.is_of_numbers() || is_plain && self.operands.iter().all(is_same) {
            let inputs = &*inputs;
            return self.run_numbers_in(|i| &*inputs[i], item);
        }
        let mut targets: Vec<(Shape, Option<Array>)> =
            self.results.iter().map(|shape| (shape.clone(), None)).collect();
        let mut taken: SmallVec<[Option<usize>; 8]> = smallvec![None; inputs.len()];
        // The results that are written where an input is.
        for operand in &self.operands {
            if let Operand::Input(i, shape) = operand
                && let Cow::Owned(array) = &mut inputs[*i]
                && self.can_be_written(*i, array, shape)
                && let Some(result) =
                    targets.iter().position(|(result, memory)| memory.is_none() && result == shape)
            {
                targets[result].1 = Some(std::mem::replace(array, Array::scalar(false)));
                taken[*i] = Some(result);
            }
        }
        let inputs = &*inputs;
        let mut arrays: SmallVec<[Option<Cow<Array>>; 8]> = SmallVec::new();
        for operand in &self.operands {
            arrays.push(match operand {
                Operand::Input(i, _) if taken[*i].is_some() => None,
                Operand::Input(i, shape) => Some(self.brought(&inputs[*i], Some(shape))),
                Operand::Window(i, ..) => Some(self.brought(&inputs[*i], None)),
                Operand::Constant(array) => Some(self.brought(array, None)),
            });
        }
        let mut sources: SmallVec<[Source; 8]> = SmallVec::new();
        for (operand, array) in self.operands.iter().zip(&arrays) {
            sources.push(match (operand, array) {
                (Operand::Window(_, shape, low), Some(array)) => Source::Window(array, shape, low),
                (_, Some(array)) => Source::Array(array),
                (Operand::Input(i, _), None) => Source::Memory(taken[*i].expect("it is a result's memory")),
                (_, None) => unreachable!("anything else stays"),
            });
        }
        let frame = Frame {
            rows: self.rows,
            numbers: &self.numbers,
            registers: &self.registers,
            columns: &self.columns,
            sums: self.sums,
            most: self.block(size_of::<T>()),
        };
        let code = |blocks: &mut Blocks<T>| self.code.iter().for_each(|instruction| instruction.run(blocks));
        let made = region(&sources, frame, targets, code);
        self.given(|at| match at {
            Made::Result(i) => made.results[i].clone(),
            Made::Columns(i) => made.columns[i].clone(),
            Made::Sum(i) => Array::fill(item(T::from_f64(made.sums[i])), Shape::scalar()),
        })
    }

    /// An array in the region's dtype, repeated to a shape.
    fn brought<'a>(&self, array: &'a Array, shape: Option<&Shape>) -> Cow<'a, Array> {
        let mut array = Cow::Borrowed(array);
        if array.dtype() != self.dtype {
            array = Cow::Owned(convert(&array, self.dtype));
        }
        match shape {
            Some(shape) if array.shape() != shape => Cow::Owned(array.broadcast_to(shape)),
            _ => array,
        }
    }

    /// Is it memory for a result? It is read from a copy of each block, which for small arrays costs more than other memory does.
    fn can_be_written(&self, input: usize, array: &Array, shape: &Shape) -> bool {
        const LARGE: usize = 1 << 16;
        let is_other = |operand: &Operand| match operand {
            Operand::Window(i, ..) => *i == input,
            Operand::Input(i, other) => *i == input && other != shape,
            Operand::Constant(_) => false,
        };
        array.bytes() >= LARGE
            && !self.operands.iter().any(is_other)
            && array.is_dense()
            && array.is_unique()
            && array.dtype() == self.dtype
            && array.shape() == shape
    }

    /// The outputs, from where they are.
    fn given(&self, at: impl Fn(Made) -> Array) -> Arrays {
        let output = |(made, ty): &(Made, Type)| {
            let array = at(*made);
            let array = if array.shape() == &ty.shape { array } else { array.reshape(ty.shape.clone()) };
            if array.dtype() == ty.dtype { array } else { convert(&array, ty.dtype) }
        };
        self.outputs.iter().map(output).collect()
    }

    fn run_numbers_in<'x, T: Spare>(
        &self,
        input: impl Fn(usize) -> &'x Array,
        item: fn(T) -> Item,
    ) -> Arrays {
        let operand = |operand: &Operand| {
            let array: &Array = match operand {
                Operand::Input(i, _) => input(*i),
                Operand::Constant(array) => array,
                Operand::Window(..) => unreachable!("of one entry there is no part"),
            };
            T::from_f64(array.first().expect("one entry").to_f64())
        };
        let numbers = self.numbers.iter().map(|&number| T::from_f64(number));
        let given = self.operands.iter().map(operand).chain(numbers);
        let sizes =
            numbers::Sizes { registers: self.registers.len(), results: self.results.len(), sums: self.sums };
        let (results, sums) = numbers::run(&self.code, given, sizes);
        self.given(|made| match made {
            Made::Result(i) => Array::fill(item(results[i]), self.results[i].clone()),
            Made::Sum(i) => Array::fill(item(T::from_f64(sums[i])), Shape::scalar()),
            Made::Columns(_) => unreachable!("of one entry there is no part"),
        })
    }
}

/// A kernel in a loop over blocks.
struct Loop<'a, 'b, T> {
    instruction: &'a Instruction,
    blocks: &'a mut Blocks<'b, T>,
}

impl<T: Spare> OnKernel for Loop<'_, '_, T> {
    type Output = ();
    fn on<const N: usize, K: Kernel<N>>(self, kernel: K) {
        let mut x = [0; N];
        x.copy_from_slice(&self.instruction.x[..N]);
        let (x, [out]) = self.blocks.lend(x, [self.instruction.to]);
        run(kernel, x, out);
    }
}

impl Instruction {
    fn run<T: Spare>(&self, blocks: &mut Blocks<T>) {
        let (to, [a, b, _]) = (self.to, self.x);
        match self.op {
            Op::Unary(op) => {
                let ([x], [out]) = blocks.lend([a], [to]);
                unary_block(op, x, out);
            }
            Op::Binary(op) => {
                let (x, [out]) = blocks.lend([a, b], [to]);
                binary_block(op, x, out);
            }
            Op::ByNumber { op, left, number } => {
                let ([x], [out]) = blocks.lend([a], [to]);
                number_block(op, left, number, x, out);
            }
            Op::Entries(op) => op.with_kernel(Loop { instruction: self, blocks }),
            Op::Copy => {
                let ([x], [out]) = blocks.lend([a], [to]);
                out.copy_from_slice(x);
            }
            Op::SinCos => {
                let ([x], both) = blocks.lend([a], [to, b]);
                sin_cos(x, both);
            }
            Op::Add(sum) => blocks.add(sum as usize, a),
            Op::AddColumns(columns) => blocks.add_columns(columns as usize, a),
            Op::FoldRows(fold) => blocks.fold_rows(fold, a, to),
            Op::Spread => blocks.spread(a, to),
            Op::Shift(low) => blocks.shift(a, low, to),
            Op::AddShifts(low) => blocks.add_shifts([a, b], low, to),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "region[{}", self.dtype)?;
        match self.rows == self.size {
            true => write!(f, " {} entries", self.size)?,
            false => write!(f, " {} rows of {}", self.rows, self.size / self.rows)?,
        }
        let (code, registers) = (self.code.len(), self.registers.len());
        write!(f, ", {code} instructions, {registers} registers, {} results", self.results.len())?;
        write!(f, ", {} sums", self.sums)?;
        self.columns.iter().try_for_each(|Columns { length, .. }| write!(f, ", columns of {length}"))?;
        f.write_str("]")
    }
}
