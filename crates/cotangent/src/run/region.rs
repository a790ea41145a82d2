//! [`Region`]: a program that goes entry by entry through one shape, as instructions over blocks that stay in the nearest cache.

use super::entrywise::{Entrywise, OnKernel, Product, Then};
use super::numbers;
use crate::core::{
    Array, Arrays, Atom, DType, Equation, Item, Prim, Program, Shape, Spare, binary_block, is_arithmetic,
    number_block, unary_block,
};
use crate::number::function::{BinaryOp, UnaryOp};
use crate::op::{Broadcast, Compare, Convert, Logical, Sum, Where};
use crate::optimise::{space_of, window};
use cotangent_kernels::map::{Blocks, Kernel, Sizes, Source, convert, region, run, sin_cos};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Entries(Entrywise),
    /// Arithmetic of entries and one number, which is the `left` operand or the right one.
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
}

/// Where a block of entries is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum At {
    /// Brought from memory.
    Operand(u32),
    /// The same number everywhere.
    Number(u32),
    Register(u32),
    /// In a result.
    Result(u32),
}

/// An instruction while the region is made.
#[derive(Clone, Copy, Debug)]
struct Draft {
    op: Op,
    to: At,
    x: [At; 3],
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
    /// An input of the region's shape, or that is repeated to it.
    Input(usize),
    /// What a window of the region's shape shows of an input that begins there in it.
    Window(usize, Vec<isize>),
    Constant(Array),
}

/// What becomes of an output.
#[derive(Clone, Copy, Debug)]
enum Output {
    Numbers(usize),
    Bools(usize),
    Sum(usize),
}

#[derive(Debug)]
pub(super) struct Region {
    shape: Shape,
    dtype: DType,
    operands: Vec<Operand>,
    numbers: Vec<f64>,
    code: Vec<Instruction>,
    sizes: Sizes,
    results: usize,
    outputs: Vec<Output>,
}

/// While a region is made.
struct Maker<'p> {
    body: &'p Program,
    region: Region,
    code: Vec<Draft>,
    at: Vec<Option<At>>,
    /// For each variable which input it is.
    inputs: Vec<Option<usize>>,
    /// The instruction after which a variable is not read any more.
    last: Vec<usize>,
    free: Vec<u32>,
    numbers: HashMap<u64, u32>,
    /// For each equation the product that it does something with and nothing else reads.
    products: Vec<Option<usize>>,
    /// For each equation the one that gives the sine or cosine where it gives the other; the first of the two computes both.
    twins: Vec<Option<usize>>,
}

impl Region {
    /// The region of a program that [`fuse`](crate::optimise::fuse) has made; none if it is another one.
    pub fn new(body: &Program) -> Option<Region> {
        let (shape, dtype) = space_of(body)?;
        let region = Region {
            shape,
            dtype,
            operands: Vec::new(),
            numbers: Vec::new(),
            code: Vec::new(),
            sizes: Sizes::default(),
            results: 0,
            outputs: Vec::new(),
        };
        let (products, twins) = (products(body), twins(body));
        let mut last = vec![0; body.var_count()];
        for (i, equation) in body.equations().iter().enumerate() {
            equation.input_vars().for_each(|var| last[var.index()] = i);
            if let Some(product) = products[i] {
                body.equations()[product].input_vars().for_each(|var| last[var.index()] = i);
            }
        }
        let at = vec![None; body.var_count()];
        let (free, numbers) = (Vec::new(), HashMap::new());
        let code = Vec::with_capacity(body.equations().len());
        let mut inputs = vec![None; body.var_count()];
        body.inputs().iter().enumerate().for_each(|(i, var)| inputs[var.index()] = Some(i));
        let mut maker = Maker { body, region, code, at, inputs, last, free, numbers, products, twins };
        // Outputs are written where they shall be.
        let mut sums: HashMap<usize, usize> = HashMap::new();
        for atom in body.outputs() {
            let var = atom.var()?;
            let equation = &body.equations()[body.producer(var)?];
            let output = if equation.prim.downcast::<Sum>().is_some() {
                let next = sums.len();
                Output::Sum(*sums.entry(var.index()).or_insert(next))
            } else {
                let result = match maker.at[var.index()] {
                    Some(At::Result(result)) => result as usize,
                    _ => {
                        maker.region.results += 1;
                        maker.region.results - 1
                    }
                };
                maker.at[var.index()] = Some(At::Result(result as u32));
                match body.var_type(var).dtype {
                    DType::Bool => Output::Bools(result),
                    _ => Output::Numbers(result),
                }
            };
            maker.region.outputs.push(output);
        }
        maker.region.sizes.sums = sums.len();
        let within: Vec<usize> = maker.products.iter().flatten().copied().collect();
        let mut within = within.into_iter().collect::<std::collections::HashSet<_>>();
        for (i, equation) in body.equations().iter().enumerate() {
            if !within.remove(&i) {
                maker.add(i, equation, &sums)?;
            }
        }
        let Maker { mut region, code, .. } = maker;
        let place = |at: At| region.place(at);
        let numbered =
            |draft: &Draft| Instruction { op: draft.op, to: place(draft.to), x: draft.x.map(place) };
        region.code = code.iter().map(numbered).collect();
        Some(region)
    }

    /// The number of a place: operands come first, then numbers, registers and results.
    fn place(&self, at: At) -> u32 {
        let numbers = self.operands.len() as u32;
        let registers = numbers + self.numbers.len() as u32;
        match at {
            At::Operand(i) => i,
            At::Number(i) => numbers + i,
            // Of an operand that there is not.
            At::Register(u32::MAX) => 0,
            At::Register(i) => registers + i,
            At::Result(i) => registers + self.sizes.registers as u32 + i,
        }
    }
}

/// For each equation the product that it adds something to, or takes something from, or from something, where nothing else reads that: both
/// are one instruction, with the same bits.
fn products(body: &Program) -> Vec<Option<usize>> {
    let mut readers = vec![0; body.var_count()];
    let read = body.equations().iter().flat_map(Equation::input_vars);
    read.chain(body.outputs().iter().filter_map(Atom::var)).for_each(|var| readers[var.index()] += 1);
    let is_output = |var| body.outputs().contains(&Atom::Var(var));
    let product = |atom: Atom| {
        let var = atom.var().filter(|&var| readers[var.index()] == 1 && !is_output(var))?;
        let i = body.producer(var)?;
        let found = matches!(
            body.equations()[i].prim,
            Prim::Binary(BinaryOp::Mul(_) | BinaryOp::Scale(_)) | Prim::Unary(UnaryOp::Square(_))
        );
        found.then_some(i)
    };
    let of = |equation: &Equation| match equation.prim {
        Prim::Binary(BinaryOp::Add(_) | BinaryOp::Sub(_)) => {
            product(equation.inputs[0]).or_else(|| product(equation.inputs[1]))
        }
        _ => None,
    };
    body.equations().iter().map(of).collect()
}

/// For each equation another one that gives the cosine where it gives the sine, or the other way round.
fn twins(body: &Program) -> Vec<Option<usize>> {
    let mut twins = vec![None; body.equations().len()];
    let mut seen: HashMap<(Atom, bool), usize> = HashMap::new();
    for (i, equation) in body.equations().iter().enumerate() {
        let is_sin = match equation.prim {
            Prim::Unary(UnaryOp::Sin(_)) => true,
            Prim::Unary(UnaryOp::Cos(_)) => false,
            _ => continue,
        };
        let x = equation.inputs[0];
        if let Some(other) = seen.remove(&(x, !is_sin)) {
            (twins[i], twins[other]) = (Some(other), Some(i));
        } else {
            seen.insert((x, is_sin), i);
        }
    }
    twins
}

impl Maker<'_> {
    /// A product and what is done with it.
    fn product(&mut self, product: usize, equation: &Equation) -> Option<(Op, [At; 3])> {
        let own = &self.body.equations()[product];
        let kind = match own.prim {
            Prim::Binary(BinaryOp::Scale(_)) => Product::Scale,
            _ => Product::Plain,
        };
        let left = equation.inputs[0] == Atom::Var(own.first);
        let then = match (&equation.prim, left) {
            (Prim::Binary(BinaryOp::Add(_)), _) => Then::Plus,
            (_, true) => Then::Minus,
            (_, false) => Then::From,
        };
        let a = self.operand(own.inputs[0])?;
        let b = own.inputs.get(1).map_or(Some(a), |&b| self.operand(b))?;
        let other = self.operand(equation.inputs[usize::from(left)])?;
        Some((Op::Entries(Entrywise::Product(kind, then)), [a, b, other]))
    }

    /// Arithmetic that has a number in it. Regions of one entry have numbers at hand anyway.
    fn by_number(&mut self, equation: &Equation) -> Option<(Op, [At; 3])> {
        let Prim::Binary(op) = equation.prim else { return None };
        if !is_arithmetic(op) || self.region.shape.size() == 1 {
            return None;
        }
        let number = |atom: Atom| match atom {
            Atom::Constant(i) => self.body.constants()[i as usize].as_fill().map(Item::to_f64),
            Atom::Var(_) => None,
        };
        let (left, number) = match (number(equation.inputs[0]), number(equation.inputs[1])) {
            (None, Some(number)) => (false, number),
            (Some(number), None) => (true, number),
            _ => return None,
        };
        let x = self.operand(equation.inputs[usize::from(left)])?;
        let none = At::Register(u32::MAX);
        Some((Op::ByNumber { op, left, number }, [x, none, none]))
    }

    fn operand(&mut self, atom: Atom) -> Option<At> {
        match atom {
            Atom::Var(var) => {
                if let Some(at) = self.at[var.index()] {
                    return Some(at);
                }
                let at = self.brought(Operand::Input(self.inputs[var.index()]?));
                self.at[var.index()] = Some(at);
                Some(at)
            }
            Atom::Constant(i) => {
                let array = &self.body.constants()[i as usize];
                match array.as_fill() {
                    Some(item) => Some(self.number(item.to_f64())),
                    None => Some(self.brought(Operand::Constant(array.clone()))),
                }
            }
        }
    }

    fn number(&mut self, value: f64) -> At {
        let next = self.region.numbers.len() as u32;
        let index = *self.numbers.entry(value.to_bits()).or_insert(next);
        if index == next {
            self.region.numbers.push(value);
        }
        At::Number(index)
    }

    fn brought(&mut self, operand: Operand) -> At {
        self.region.operands.push(operand);
        At::Operand(self.region.operands.len() as u32 - 1)
    }

    /// Where an equation's entries go.
    fn to(&mut self, equation: &Equation) -> At {
        if let Some(at) = self.at[equation.first.index()] {
            return at;
        }
        let register = self.free.pop().unwrap_or_else(|| {
            self.region.sizes.registers += 1;
            self.region.sizes.registers as u32 - 1
        });
        self.at[equation.first.index()] = Some(At::Register(register));
        At::Register(register)
    }

    fn add(&mut self, i: usize, equation: &Equation, sums: &HashMap<usize, usize>) -> Option<()> {
        let prim = &equation.prim;
        let op = match prim {
            Prim::Unary(op) => Op::Unary(*op),
            Prim::Binary(op) => Op::Binary(*op),
            Prim::Shared(_) => {
                if let Some(compare) = prim.downcast::<Compare>() {
                    Op::Entries(Entrywise::Compare(compare.0))
                } else if let Some(logical) = prim.downcast::<Logical>() {
                    Op::Entries(Entrywise::Logical(*logical))
                } else if prim.downcast::<Where>().is_some() {
                    Op::Entries(Entrywise::Select)
                } else if prim.downcast::<Convert>().is_some() {
                    // From a bool, which is a number already.
                    Op::Copy
                } else if prim.downcast::<Sum>().is_some() {
                    Op::Add(sums.get(&equation.first.index()).copied()? as u32)
                } else if let Some(repeat) = prim.downcast::<Broadcast>() {
                    // Operands are repeated where they are brought from memory.
                    if repeat.shape != self.region.shape {
                        return None;
                    }
                    let at = self.operand(equation.inputs[0])?;
                    self.at[equation.first.index()] = Some(at);
                    return matches!(at, At::Operand(_) | At::Number(_)).then_some(());
                } else if let Some(low) = window(prim) {
                    let input = self.inputs[equation.inputs[0].var()?.index()]?;
                    let at = self.brought(Operand::Window(input, low));
                    self.at[equation.first.index()] = Some(at);
                    return Some(());
                } else {
                    return None;
                }
            }
        };
        let by_number = self.by_number(equation);
        let (op, x) = match (self.products[i], by_number) {
            (Some(product), _) => self.product(product, equation)?,
            (None, Some(by_number)) => by_number,
            (None, None) => {
                let mut x = [At::Register(u32::MAX); 3];
                for (x, &atom) in x.iter_mut().zip(&equation.inputs) {
                    *x = self.operand(atom)?;
                }
                (op, x)
            }
        };
        match self.twins[i] {
            // It has been computed.
            Some(twin) if twin < i => {}
            Some(twin) => {
                let both = [self.to(equation), self.to(&self.body.equations()[twin])];
                let [sin, cos] = match op {
                    Op::Unary(UnaryOp::Sin(_)) => both,
                    _ => [both[1], both[0]],
                };
                self.code.push(Draft { op: Op::SinCos, to: sin, x: [x[0], cos, At::Register(u32::MAX)] });
            }
            None => {
                let to = match op {
                    Op::Add(_) => At::Register(u32::MAX),
                    _ => self.to(equation),
                };
                self.code.push(Draft { op, to, x });
            }
        }
        // Registers that are read for the last time; not before the result has its own.
        let product = self.products[i].map(|product| &self.body.equations()[product]);
        for var in equation.input_vars().chain(product.into_iter().flat_map(Equation::input_vars)) {
            if self.last[var.index()] == i
                && let Some(At::Register(register)) = self.at[var.index()]
            {
                self.free.push(register);
                self.at[var.index()] = None;
            }
        }
        Some(())
    }
}

impl Region {
    /// An input that is nobody else's is where a result is written, if it can be.
    pub fn run(&self, inputs: &mut [Cow<Array>]) -> Arrays {
        match self.dtype {
            DType::F32 => self.run_in::<f32>(inputs, Item::F32),
            _ => self.run_in::<f64>(inputs, Item::F64),
        }
    }

    /// How many entries a block has: so many that all that is alive fits the nearest cache.
    fn block(&self, bytes: usize) -> usize {
        let alive = self.sizes.registers + self.numbers.len() + self.results + self.operands.len().min(4);
        ((48 << 10) / (bytes * alive.max(1))).clamp(128, 1024) / 64 * 64
    }

    /// What it does in one run: each instruction at each entry, a product and what is done with it two.
    pub fn operations(&self) -> u64 {
        let count = |instruction: &Instruction| match instruction.op {
            Op::Entries(Entrywise::Product(..)) | Op::SinCos => 2,
            _ => 1,
        };
        self.code.iter().map(count).sum::<u64>() * self.shape.size() as u64
    }

    /// Are there single numbers only?
    pub fn is_of_numbers(&self) -> bool {
        self.shape.size() == 1
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
            Operand::Input(i) => inputs[*i].as_fill().is_some(),
            Operand::Window(..) | Operand::Constant(_) => false,
        };
        if self.is_of_numbers() || self.sizes.sums == 0 && self.operands.iter().all(is_same) {
            let inputs = &*inputs;
            return self.run_numbers_in(|i| &*inputs[i], item);
        }
        let mut memory: Vec<Option<Array>> = vec![None; self.results];
        let mut free = 0..self.results;
        let mut taken: SmallVec<[Option<usize>; 8]> = smallvec![None; inputs.len()];
        // The results that are written where an input is.
        for operand in &self.operands {
            if let Operand::Input(i) = operand
                && let Cow::Owned(array) = &mut inputs[*i]
                && self.can_be_written(*i, array)
                && let Some(result) = free.next()
            {
                memory[result] = Some(std::mem::replace(array, Array::scalar(false)));
                taken[*i] = Some(result);
            }
        }
        let brought = |operand: &Operand| {
            let (array, is_window): (&Array, bool) = match operand {
                Operand::Input(i) if taken[*i].is_some() => return None,
                Operand::Input(i) => (&inputs[*i], false),
                Operand::Window(i, _) => (&inputs[*i], true),
                Operand::Constant(array) => (array, false),
            };
            let array = if array.dtype() == self.dtype { array.clone() } else { convert(array, self.dtype) };
            Some(if is_window || array.shape() == &self.shape {
                array
            } else {
                array.broadcast_to(&self.shape)
            })
        };
        let arrays: SmallVec<[Option<Array>; 8]> = self.operands.iter().map(brought).collect();
        let mut sources: SmallVec<[Source; 8]> = SmallVec::new();
        for (operand, array) in self.operands.iter().zip(&arrays) {
            sources.push(match (operand, array) {
                (Operand::Window(_, low), Some(array)) => Source::Window(array, low),
                (_, Some(array)) => Source::Array(array),
                (Operand::Input(i), None) => Source::Memory(taken[*i].expect("it is a result's memory")),
                (_, None) => unreachable!("anything else stays"),
            });
        }
        let most = self.block(size_of::<T>());
        let code = |blocks: &mut Blocks<T>| self.code.iter().for_each(|instruction| instruction.run(blocks));
        let (arrays, sums) = region(&sources, &self.numbers, &self.shape, self.sizes, memory, most, code);
        self.given(|i| arrays[i].clone(), |i| item(T::from_f64(sums[i])))
    }

    /// Is it memory for a result? It is read from a copy of each block, which for small arrays costs more than other memory does.
    fn can_be_written(&self, input: usize, array: &Array) -> bool {
        const LARGE: usize = 1 << 16;
        let is_window = |operand: &Operand| matches!(operand, Operand::Window(i, _) if *i == input);
        array.bytes() >= LARGE
            && !self.operands.iter().any(is_window)
            && array.is_dense()
            && array.is_unique()
            && array.dtype() == self.dtype
            && array.shape() == &self.shape
    }

    /// The outputs, from the results and the sums.
    fn given(&self, result: impl Fn(usize) -> Array, sum: impl Fn(usize) -> Item) -> Arrays {
        let output = |output: &Output| match *output {
            Output::Numbers(i) => result(i),
            Output::Bools(i) => convert(&result(i), DType::Bool),
            Output::Sum(i) => Array::fill(sum(i), Shape::scalar()),
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
                Operand::Input(i) => input(*i),
                Operand::Constant(array) => array,
                Operand::Window(..) => unreachable!("a region of one entry has no windows"),
            };
            T::from_f64(array.first().expect("one entry").to_f64())
        };
        let numbers = self.numbers.iter().map(|&number| T::from_f64(number));
        let given = self.operands.iter().map(operand).chain(numbers);
        let (results, sums) = numbers::run(&self.code, given, self.sizes, self.results);
        let result = |i: usize| Array::fill(item(results[i]), self.shape.clone());
        self.given(result, |i| item(T::from_f64(sums[i])))
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
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Sizes { registers, sums }, results) = (self.sizes, self.results);
        write!(f, "region[{}{}, {} instructions", self.dtype, self.shape, self.code.len())?;
        write!(f, ", {} registers, {} results, {} sums]", registers, results, sums)
    }
}
