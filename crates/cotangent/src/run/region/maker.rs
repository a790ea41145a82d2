//! [`Maker`]: from a program to a region's instructions, and the places of what they read and write.

use super::{Instruction, Made, Op, Operand, Region};
use crate::core::{Atom, Equation, Item, Prim, Program, Type, Var, is_arithmetic};
use crate::number::function::{BinaryOp, UnaryOp};
use crate::op::{Broadcast, Compare, Convert, Logical, Reshape, Sum, Where};
use crate::optimise::{Partial, space_of, window};
use crate::run::entrywise::{Entrywise, Product, Then};
use cotangent_kernels::map::Sizes;
use std::collections::{HashMap, HashSet};

/// Where a block of entries is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    /// Brought from memory.
    Operand(u32),
    /// The same number everywhere.
    Number(u32),
    Register(u32),
    /// An entry for each row.
    RowRegister(u32),
    /// In a result.
    Result(u32),
    /// In a result that has an entry for each row.
    RowResult(u32),
    /// Nowhere: there is no such operand or result.
    Nowhere,
}

/// So many entries take little memory.
const SMALL: usize = 1 << 16;

/// An instruction while the region is made.
#[derive(Clone, Copy, Debug)]
struct Draft {
    op: Op,
    of_rows: bool,
    to: At,
    x: [At; 3],
}

/// While a region is made.
struct Maker<'p> {
    body: &'p Program,
    region: Region,
    code: Vec<Draft>,
    at: Vec<Option<At>>,
    /// Which variables have an entry for each row.
    of_rows: Vec<bool>,
    /// For each variable which input it is.
    inputs: Vec<Option<usize>>,
    /// The instruction after which a variable is not read any more.
    last: Vec<usize>,
    /// Registers whose contents are not needed any more; those of rows.
    free: [Vec<u32>; 2],
    numbers: HashMap<u64, u32>,
    parts: Parts,
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
            columns: Vec::new(),
            results: 0,
            outputs: Vec::new(),
        };
        let (parts, twins) = (Parts::of(body), twins(body));
        let mut last = vec![0; body.var_count()];
        for i in 0..body.equations().len() {
            parts.reads(body, i).for_each(|var| last[var.index()] = i);
        }
        let at = vec![None; body.var_count()];
        let (free, numbers) = ([Vec::new(), Vec::new()], HashMap::new());
        let code = Vec::with_capacity(body.equations().len());
        let mut inputs = vec![None; body.var_count()];
        body.inputs().iter().enumerate().for_each(|(i, var)| inputs[var.index()] = Some(i));
        let mut maker =
            Maker { body, region, code, at, of_rows: Vec::new(), inputs, last, free, numbers, parts, twins };
        maker.find_rows();
        // Outputs are written where they shall be.
        for atom in body.outputs() {
            let output = maker.output(atom.var()?)?;
            maker.region.outputs.push(output);
        }
        let within = maker.parts.all();
        for (i, equation) in body.equations().iter().enumerate() {
            if !within.contains(&i) {
                maker.add(i, equation)?;
            }
        }
        let Maker { mut region, code, .. } = maker;
        let place = |at: At| region.place(at);
        let numbered = |&Draft { op, of_rows, to, x }: &Draft| Instruction {
            op,
            of_rows,
            to: place(to),
            x: x.map(place),
        };
        region.code = code.iter().map(numbered).collect();
        Some(region)
    }

    /// The number of a place, in the order of [`Blocks`].
    fn place(&self, at: At) -> u32 {
        let numbers = self.operands.len() as u32;
        let registers = numbers + self.numbers.len() as u32;
        let row_registers = registers + self.sizes.registers as u32;
        let results = row_registers + self.sizes.rows.registers as u32;
        match at {
            At::Operand(i) => i,
            At::Number(i) => numbers + i,
            At::Register(i) => registers + i,
            At::RowRegister(i) => row_registers + i,
            At::Result(i) => results + i,
            At::RowResult(i) => results + self.results as u32 + i,
            At::Nowhere => 0,
        }
    }
}

/// What is part of another instruction, for nothing else reads it; the bits stay the same.
struct Parts {
    /// For each equation the product that it adds something to, or takes something from, or from something, or takes the negative of.
    products: Vec<Option<usize>>,
    /// For each product where a zero wins, the equation that its first operand is the negative by.
    opposites: Vec<Option<usize>>,
}

impl Parts {
    fn of(body: &Program) -> Parts {
        let mut readers = vec![0; body.var_count()];
        let read = body.equations().iter().flat_map(Equation::input_vars);
        read.for_each(|var| readers[var.index()] += 1);
        // Outputs are read outside.
        body.outputs().iter().filter_map(Atom::var).for_each(|var| readers[var.index()] += 2);
        let only = |atom: Atom| {
            let var = atom.var().filter(|&var| readers[var.index()] == 1)?;
            body.producer(var)
        };
        let product = |atom: Atom| {
            only(atom).filter(|&i| {
                matches!(
                    body.equations()[i].prim,
                    Prim::Binary(BinaryOp::Mul(_) | BinaryOp::Scale(_)) | Prim::Unary(UnaryOp::Square(_))
                )
            })
        };
        let of = |equation: &Equation| match equation.prim {
            Prim::Binary(BinaryOp::Add(_) | BinaryOp::Sub(_)) => {
                product(equation.inputs[0]).or_else(|| product(equation.inputs[1]))
            }
            Prim::Unary(UnaryOp::Neg(_)) => product(equation.inputs[0]),
            _ => None,
        };
        let mut products: Vec<Option<usize>> = body.equations().iter().map(of).collect();
        let mut opposites = vec![None; products.len()];
        for (i, equation) in body.equations().iter().enumerate() {
            if let Prim::Binary(BinaryOp::Scale(_)) = equation.prim
                && let Some(negative) = only(equation.inputs[0])
                && let Prim::Unary(UnaryOp::Neg(_)) = body.equations()[negative].prim
            {
                opposites[i] = Some(negative);
                // It is no instruction that could have a part.
                products[negative] = None;
            }
        }
        Parts { products, opposites }
    }

    /// The variables that an equation reads, and its parts.
    fn reads<'p>(&self, body: &'p Program, i: usize) -> impl Iterator<Item = Var> + use<'p> {
        let product = self.products[i];
        let opposites = [self.opposites[i], product.and_then(|product| self.opposites[product])];
        let parts = [Some(i), product, opposites[0], opposites[1]];
        parts.into_iter().flatten().flat_map(|i| body.equations()[i].input_vars())
    }

    /// The equations that are part of another.
    fn all(&self) -> HashSet<usize> {
        self.products.iter().chain(&self.opposites).flatten().copied().collect()
    }
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
    /// What has an entry for each row: folds of rows, and what is made of them before it is spread.
    fn find_rows(&mut self) {
        self.of_rows = vec![false; self.body.var_count()];
        for equation in self.body.equations() {
            let x = equation.inputs.first().map(|&x| &self.body.atom_type(x).shape);
            let is = match x.and_then(|shape| Partial::of(&equation.prim, shape)) {
                Some(Partial::Rows { length, .. }) => {
                    self.region.sizes.rows.length = length;
                    true
                }
                _ if equation.prim.downcast::<Broadcast>().is_some() => {
                    self.body.var_type(equation.first).shape != self.region.shape
                }
                _ => equation.input_vars().any(|var| self.of_rows[var.index()]),
            };
            let is_sum = equation.prim.downcast::<Sum>().is_some();
            self.of_rows[equation.first.index()] = is && (!is_sum || !self.is_total(equation));
        }
    }

    /// Does it add up everything?
    fn is_total(&self, equation: &Equation) -> bool {
        let axes = equation.prim.downcast::<Sum>().map(|sum| sum.axes.len());
        axes == Some(self.body.atom_type(equation.inputs[0]).shape.rank())
    }

    /// Where an output is written.
    fn output(&mut self, var: Var) -> Option<(Made, Type)> {
        let (body, ty) = (self.body, self.body.var_type(var).clone());
        let mut var = var;
        let mut equation = &body.equations()[body.producer(var)?];
        // In the order of its entries.
        while equation.prim.downcast::<Reshape>().is_some() {
            var = equation.inputs[0].var()?;
            equation = &body.equations()[body.producer(var)?];
        }
        let earlier =
            self.region.outputs.iter().zip(body.outputs()).find(|(_, atom)| **atom == Atom::Var(var));
        let made = match (earlier, self.at[var.index()]) {
            (Some(((made, _), _)), _) => *made,
            (None, Some(At::Result(i))) => Made::Entries(i as usize),
            (None, Some(At::RowResult(i))) => Made::OfRows(i as usize),
            (None, _) if self.of_rows[var.index()] => {
                self.region.sizes.rows.results += 1;
                let result = self.region.sizes.rows.results - 1;
                self.at[var.index()] = Some(At::RowResult(result as u32));
                Made::OfRows(result)
            }
            (None, _) if equation.prim.downcast::<Sum>().is_some() => {
                // It is given its number where it is computed.
                match Partial::of(&equation.prim, &body.atom_type(equation.inputs[0]).shape) {
                    Some(Partial::Columns(columns)) => {
                        self.region.columns.push(columns);
                        Made::Columns(self.region.columns.len() - 1)
                    }
                    _ => {
                        self.region.sizes.sums += 1;
                        Made::Sum(self.region.sizes.sums - 1)
                    }
                }
            }
            (None, _) => {
                self.region.results += 1;
                let result = self.region.results - 1;
                self.at[var.index()] = Some(At::Result(result as u32));
                Made::Entries(result)
            }
        };
        Some((made, ty))
    }

    /// Where the sum that is this output goes.
    fn sum(&self, equation: &Equation) -> Option<Op> {
        let output = self.body.outputs().iter().position(|&atom| atom == Atom::Var(equation.first))?;
        match self.region.outputs[output].0 {
            Made::Sum(i) => Some(Op::Add(i as u32)),
            Made::Columns(i) => Some(Op::AddColumns(i as u32)),
            Made::Entries(_) | Made::OfRows(_) => None,
        }
    }

    /// A product and what is done with it.
    fn product(&mut self, product: usize, equation: &Equation) -> Option<(Op, [At; 3])> {
        let own = &self.body.equations()[product];
        let (kind, first) = match (&own.prim, self.parts.opposites[product]) {
            (_, Some(negative)) => (Product::Opposite, self.body.equations()[negative].inputs[0]),
            (Prim::Binary(BinaryOp::Scale(_)), None) => (Product::Scale, own.inputs[0]),
            (_, None) => (Product::Plain, own.inputs[0]),
        };
        let left = equation.inputs[0] == Atom::Var(own.first);
        let then = match (&equation.prim, left) {
            (Prim::Binary(BinaryOp::Add(_)), _) => Then::Plus,
            (_, true) => Then::Minus,
            (_, false) => Then::From,
        };
        let of_rows = self.of_rows[equation.first.index()];
        let a = self.operand(first, of_rows)?;
        let b = own.inputs.get(1).map_or(Some(a), |&b| self.operand(b, of_rows))?;
        if let Prim::Unary(UnaryOp::Neg(_)) = equation.prim {
            return Some((Op::Entries(Entrywise::Negated(kind)), [a, b, At::Nowhere]));
        }
        let other = self.operand(equation.inputs[usize::from(left)], of_rows)?;
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
        let of_rows = self.of_rows[equation.first.index()];
        let x = self.operand(equation.inputs[usize::from(left)], of_rows)?;
        Some((Op::ByNumber { op, left, number }, [x, At::Nowhere, At::Nowhere]))
    }

    /// Where an operand is, of an instruction on entries or on rows.
    fn operand(&mut self, atom: Atom, of_rows: bool) -> Option<At> {
        match atom {
            Atom::Var(var) => {
                if let Some(at) = self.at[var.index()] {
                    return Some(at);
                }
                let input = self.inputs[var.index()]?;
                let at = self.brought(match of_rows {
                    true => Operand::OfRows(input, self.body.var_type(var).shape.clone()),
                    false => Operand::Input(input),
                });
                self.at[var.index()] = Some(at);
                Some(at)
            }
            Atom::Constant(i) => {
                let array = &self.body.constants()[i as usize];
                match array.as_fill() {
                    Some(item) => Some(self.number(item.to_f64())),
                    // Of rows there are none but inputs.
                    None if of_rows => None,
                    // In order, where that takes little memory: it is read again in each run.
                    None if array.size() <= SMALL => {
                        Some(self.brought(Operand::Constant(array.contiguous())))
                    }
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
        let of_rows = self.of_rows[equation.first.index()];
        let Sizes { registers, rows, .. } = &mut self.region.sizes;
        let count = if of_rows { &mut rows.registers } else { registers };
        let register = self.free[usize::from(of_rows)].pop().unwrap_or_else(|| {
            *count += 1;
            *count as u32 - 1
        });
        let at = if of_rows { At::RowRegister(register) } else { At::Register(register) };
        self.at[equation.first.index()] = Some(at);
        at
    }

    /// What is no instruction, but says where entries are brought from; or how rows are spread.
    fn bring(&mut self, equation: &Equation) -> Option<At> {
        let prim = &equation.prim;
        if let Some(low) = window(prim) {
            let input = self.inputs[equation.inputs[0].var()?.index()]?;
            return Some(self.brought(Operand::Window(input, low)));
        }
        let of_rows = self.of_rows[equation.first.index()];
        if let Some(repeat) = prim.downcast::<Broadcast>()
            && of_rows
        {
            // To the shape that there is an entry of for each row.
            return match equation.inputs[0] {
                Atom::Var(var) if self.at[var.index()].is_none() => {
                    let input = self.inputs[var.index()]?;
                    Some(self.brought(Operand::OfRows(input, repeat.shape.clone())))
                }
                _ => None,
            };
        }
        let x = self.operand(equation.inputs[0], of_rows)?;
        match x {
            At::Operand(_) | At::Number(_) => Some(x),
            At::RowRegister(_) | At::RowResult(_) if of_rows => Some(x),
            At::RowRegister(_) | At::RowResult(_) => {
                let to = self.to(equation);
                let x = [x, At::Nowhere, At::Nowhere];
                self.code.push(Draft { op: Op::Spread, of_rows: false, to, x });
                Some(to)
            }
            At::Register(_) | At::Result(_) | At::Nowhere => None,
        }
    }

    fn add(&mut self, i: usize, equation: &Equation) -> Option<()> {
        let prim = &equation.prim;
        let is_brought = prim.downcast::<Broadcast>().is_some() || window(prim).is_some();
        if is_brought || prim.downcast::<Reshape>().is_some() {
            let at = self.bring(equation)?;
            self.at[equation.first.index()] = Some(at);
            self.let_go(i, equation.first);
            return Some(());
        }
        // Does the instruction go through rows?
        let mut of_rows = self.of_rows[equation.first.index()];
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
                } else if of_rows {
                    let x = &self.body.atom_type(equation.inputs[0]).shape;
                    match Partial::of(prim, x)? {
                        Partial::Rows { fold, .. } if !self.is_of_rows(equation.inputs[0]) => {
                            of_rows = false;
                            Op::FoldRows(fold)
                        }
                        _ => return None,
                    }
                } else {
                    of_rows = self.is_of_rows(equation.inputs[0]);
                    self.sum(equation)?
                }
            }
        };
        let by_number = self.by_number(equation);
        let (op, x) = match (self.parts.products[i], self.parts.opposites[i], by_number) {
            (Some(product), _, _) => self.product(product, equation)?,
            (None, Some(negative), _) => {
                let a = self.operand(self.body.equations()[negative].inputs[0], of_rows)?;
                let b = self.operand(equation.inputs[1], of_rows)?;
                (Op::Entries(Entrywise::Opposite), [a, b, At::Nowhere])
            }
            (None, None, Some(by_number)) => by_number,
            (None, None, None) => {
                let mut x = [At::Nowhere; 3];
                for (x, &atom) in x.iter_mut().zip(&equation.inputs) {
                    *x = self.operand(atom, of_rows)?;
                }
                (op, x)
            }
        };
        let is_of_rows = |at: &At| match at {
            At::Operand(i) => Some(matches!(self.region.operands[*i as usize], Operand::OfRows(..))),
            At::RowRegister(_) | At::RowResult(_) => Some(true),
            At::Register(_) | At::Result(_) => Some(false),
            At::Number(_) | At::Nowhere => None,
        };
        if x.iter().filter_map(is_of_rows).any(|is| is != of_rows) {
            return None;
        }
        match self.twins[i] {
            // It has been computed.
            Some(twin) if twin < i => {}
            Some(twin) => {
                let both = [self.to(equation), self.to(&self.body.equations()[twin])];
                let [sin, cos] = match op {
                    Op::Unary(UnaryOp::Sin(_)) => both,
                    _ => [both[1], both[0]],
                };
                self.code.push(Draft { op: Op::SinCos, of_rows, to: sin, x: [x[0], cos, At::Nowhere] });
            }
            None => {
                let to = match op {
                    Op::Add(_) | Op::AddColumns(_) => At::Nowhere,
                    _ => self.to(equation),
                };
                self.code.push(Draft { op, of_rows, to, x });
            }
        }
        self.let_go(i, equation.first);
        Some(())
    }

    fn is_of_rows(&self, atom: Atom) -> bool {
        atom.var().is_some_and(|var| self.of_rows[var.index()])
    }

    /// Registers that are read for the last time; not before the result has its own. One that another variable shares goes with that.
    fn let_go(&mut self, i: usize, result: Var) {
        for var in self.parts.reads(self.body, i) {
            if self.last[var.index()] != i {
                continue;
            }
            let at = self.at[var.index()];
            if at == self.at[result.index()] {
                continue;
            }
            let shared = |other: usize| other != var.index() && self.at[other] == at && self.last[other] > i;
            match at {
                Some(At::Register(register)) => self.free[0].push(register),
                Some(At::RowRegister(register)) if !(0..self.at.len()).any(shared) => {
                    self.free[1].push(register);
                }
                _ => continue,
            }
            self.at[var.index()] = None;
        }
    }
}
