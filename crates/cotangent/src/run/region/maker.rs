//! [`Maker`]: from a program to a region's instructions, and the places of what they read and write.

use super::{Instruction, Made, Op, Operand, Region};
use crate::core::{Atom, Equation, Item, Prim, Program, Shape, Type, Var, is_light};
use crate::number::function::{BinaryOp, UnaryOp};
use crate::op::{Broadcast, Compare, Convert, Logical, Reshape, Sum, Where};
use crate::optimise::{Partial, is_of_rows, is_spread, space_of, window};
use crate::run::entrywise::{Entrywise, Product, Then};
use cotangent_kernels::map::Columns;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Where a block of entries is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    /// Brought from memory.
    Operand(u32),
    /// The same number everywhere.
    Number(u32),
    Register(u32),
    /// In a result.
    Result(u32),
    /// Nowhere: there is no such operand or result.
    Nowhere,
}

/// So many entries take little memory.
const SMALL: usize = 1 << 16;

/// An instruction while the region is made.
#[derive(Clone, Copy, Debug)]
struct Draft {
    op: Op,
    to: At,
    x: [At; 3],
}

/// While a region is made.
struct Maker<'p> {
    body: &'p Program,
    region: Region,
    code: Vec<Draft>,
    at: Vec<Option<At>>,
    /// Which input a variable is.
    inputs: HashMap<Var, usize>,
    /// The instruction after which a variable is not read any more.
    last: Vec<u32>,
    /// Registers whose contents are not needed any more.
    free: Vec<u32>,
    numbers: HashMap<u64, u32>,
    parts: Parts,
    /// For each register how many variables it is: reshaped it is another one.
    held: Vec<u32>,
    /// For some equations the one that gives the sine or cosine where it gives the other; the first of the two computes both.
    twins: HashMap<usize, usize>,
}

impl Region {
    /// The region of a program that [`fuse`](crate::optimise::fuse) has made; none if it is another one.
    pub fn new(body: &Program) -> Option<Region> {
        let (shape, dtype) = space_of(body)?;
        let size = shape.size();
        let region = Region {
            dtype,
            rows: rows(body, &shape)?,
            operands: Vec::new(),
            numbers: Vec::new(),
            code: Vec::new(),
            registers: Vec::new(),
            columns: Vec::new(),
            sums: 0,
            results: Vec::new(),
            outputs: Vec::new(),
            size,
            operations: 0,
        };
        let (parts, twins) = (Parts::of(body), twins(body));
        let mut last = vec![0; body.var_count()];
        for i in 0..body.equations().len() {
            parts.reads(body, i).for_each(|var| last[var.index()] = i as u32);
        }
        let at = vec![None; body.var_count()];
        let (free, numbers) = (Vec::new(), HashMap::new());
        let code = Vec::with_capacity(body.equations().len());
        let inputs = body.inputs().iter().enumerate().map(|(i, &var)| (var, i)).collect();
        let mut maker =
            Maker { body, region, code, at, inputs, last, free, numbers, parts, held: Vec::new(), twins };
        // Outputs are written where they shall be.
        for atom in body.outputs() {
            let output = maker.output(atom.var()?)?;
            maker.region.outputs.push(output);
        }
        let within = maker.parts.all();
        for (i, equation) in body.equations().iter().enumerate() {
            if !within[i] {
                maker.add(i, equation)?;
            }
        }
        let Maker { mut region, code, .. } = maker;
        let place = |at: At| region.place(at);
        let numbered = |Draft { op, to, x }: Draft| Instruction { op, to: place(to), x: x.map(place) };
        region.code = code.into_iter().map(numbered).collect();
        Some(region)
    }

    /// The number of a place, in the order of [`Blocks`].
    fn place(&self, at: At) -> u32 {
        let numbers = self.operands.len() as u32;
        let registers = numbers + self.numbers.len() as u32;
        match at {
            At::Operand(i) => i,
            At::Number(i) => numbers + i,
            At::Register(i) => registers + i,
            At::Result(i) => registers + self.registers.len() as u32 + i,
            At::Nowhere => 0,
        }
    }
}

/// How many rows there are: a row for each entry of this shape, or fewer if entries meet others of their row, where rows are folded, spread or
/// shown in windows. None if they do not agree.
fn rows(body: &Program, shape: &Shape) -> Option<usize> {
    let mut found = None;
    for equation in body.equations() {
        let Some(&x) = equation.inputs.first() else { continue };
        let shape = &body.atom_type(x).shape;
        let rows = match Partial::of(&equation.prim, shape) {
            Some(Partial::Rows { length, .. }) => shape.size() / length,
            Some(Partial::Columns { .. }) => continue,
            // Of an input or a constant it is brought from memory.
            None if x.var().and_then(|var| body.producer(var)).is_none() => continue,
            None if window(&equation.prim).is_none() => continue,
            None if !is_of_rows(body, equation) => return None,
            None => shape.size() / shape[shape.rank() - 1],
        };
        if found.replace(rows).is_some_and(|before| before != rows) {
            return None;
        }
    }
    Some(found.unwrap_or(shape.size()))
}

/// What is part of another instruction, for nothing else reads it; the bits stay the same.
struct Parts {
    /// For each equation the product that it adds something to, or takes something from, or from something, or takes the negative of.
    products: Vec<Option<u32>>,
    /// For some sums the windows of rows that they are of.
    shifts: HashMap<usize, [usize; 2]>,
    /// For some products where a zero wins the equation that the first operand is the negative by.
    opposites: HashMap<usize, usize>,
}

impl Parts {
    fn of(body: &Program) -> Parts {
        // None, one, or more.
        let mut readers = vec![0_u8; body.var_count()];
        let mut read = |var: Var, times| readers[var.index()] = readers[var.index()].saturating_add(times);
        body.equations().iter().flat_map(Equation::input_vars).for_each(|var| read(var, 1));
        // Outputs are read outside.
        body.outputs().iter().filter_map(Atom::var).for_each(|var| read(var, 2));
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
        let mut products: Vec<Option<u32>> =
            body.equations().iter().map(|equation| of(equation).map(|i| i as u32)).collect();
        let shift = |atom: Atom| {
            let i = only(atom)?;
            let shown = &body.equations()[i];
            // Of an input it is brought from memory.
            window(&shown.prim).and_then(|_| body.producer(shown.inputs[0].var()?)).map(|_| i)
        };
        let shifts = |equation: &Equation| match equation.prim {
            Prim::Binary(BinaryOp::Add(_)) => {
                let [a, b] = [shift(equation.inputs[0])?, shift(equation.inputs[1])?];
                let shape = |i: usize| &body.atom_type(body.equations()[i].inputs[0]).shape;
                (shape(a) == shape(b)).then_some([a, b])
            }
            _ => None,
        };
        let each = body.equations().iter().enumerate();
        let shifts = each.filter_map(|(i, equation)| Some((i, shifts(equation)?))).collect();
        let mut opposites = HashMap::new();
        for (i, equation) in body.equations().iter().enumerate() {
            if let Prim::Binary(BinaryOp::Scale(_)) = equation.prim
                && let Some(negative) = only(equation.inputs[0])
                && let Prim::Unary(UnaryOp::Neg(_)) = body.equations()[negative].prim
            {
                opposites.insert(i, negative);
                // It is no instruction that could have a part.
                products[negative] = None;
            }
        }
        Parts { products, shifts, opposites }
    }

    /// The variables that an equation reads, and its parts.
    fn reads<'p>(&self, body: &'p Program, i: usize) -> impl Iterator<Item = Var> + use<'p> {
        let product = self.product(i);
        let opposites = [Some(i), product].map(|i| self.opposites.get(&i?).copied());
        let parts = [Some(i), product, opposites[0], opposites[1]];
        let windows = self.shifts.get(&i).copied().into_iter().flatten();
        let parts = parts.into_iter().chain(windows.map(Some));
        parts.flatten().flat_map(|i| body.equations()[i].input_vars())
    }

    fn product(&self, i: usize) -> Option<usize> {
        self.products[i].map(|i| i as usize)
    }

    /// The equations that are part of another.
    fn all(&self) -> Vec<bool> {
        let mut all = vec![false; self.products.len()];
        let products = self.products.iter().flatten().map(|&i| i as usize);
        let others = self.shifts.values().flatten().chain(self.opposites.values());
        products.chain(others.copied()).for_each(|i| all[i] = true);
        all
    }
}

/// For some equations another one that gives the cosine where they give the sine, or the other way round.
fn twins(body: &Program) -> HashMap<usize, usize> {
    let mut twins = HashMap::new();
    let mut seen: HashMap<(Atom, bool), usize> = HashMap::new();
    for (i, equation) in body.equations().iter().enumerate() {
        let is_sin = match equation.prim {
            Prim::Unary(UnaryOp::Sin(_)) => true,
            Prim::Unary(UnaryOp::Cos(_)) => false,
            _ => continue,
        };
        let x = equation.inputs[0];
        if let Some(other) = seen.remove(&(x, !is_sin)) {
            twins.extend([(i, other), (other, i)]);
        } else {
            seen.insert((x, is_sin), i);
        }
    }
    twins
}

impl Maker<'_> {
    /// How many entries of a row something of this shape has; 0 if not as many of each.
    fn width(&self, shape: &Shape) -> usize {
        let (size, rows) = (shape.size(), self.region.rows);
        if size.is_multiple_of(rows) { size / rows } else { 0 }
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
        let is_sum = equation.prim.downcast::<Sum>().is_some();
        let own = &body.var_type(var).shape;
        let made = match (earlier, self.at[var.index()]) {
            (Some(((made, _), _)), _) => *made,
            (None, Some(At::Result(i))) => Made::Result(i as usize),
            // It is given its number where it is computed.
            (None, _) if is_sum => {
                let x = &body.atom_type(equation.inputs[0]).shape;
                match Partial::of(&equation.prim, x) {
                    Some(Partial::Columns { length, inner }) => {
                        self.region.columns.push(Columns { length, inner, width: self.width(x) });
                        Made::Columns(self.region.columns.len() - 1)
                    }
                    Some(Partial::Rows { .. }) => self.result(var, own),
                    None => {
                        self.region.sums += 1;
                        Made::Sum(self.region.sums - 1)
                    }
                }
            }
            (None, _) => self.result(var, own),
        };
        Some((made, ty))
    }

    /// Results are written where they shall be.
    fn result(&mut self, var: Var, shape: &Shape) -> Made {
        self.region.results.push(shape.clone());
        let result = self.region.results.len() - 1;
        self.at[var.index()] = Some(At::Result(result as u32));
        Made::Result(result)
    }

    /// Where the sum that is this output goes.
    fn sum(&self, equation: &Equation) -> Option<Op> {
        let output = self.body.outputs().iter().position(|&atom| atom == Atom::Var(equation.first))?;
        match self.region.outputs[output].0 {
            Made::Sum(i) => Some(Op::Add(i as u32)),
            Made::Columns(i) => Some(Op::AddColumns(i as u32)),
            Made::Result(_) => None,
        }
    }

    /// A product and what is done with it.
    fn product(&mut self, product: usize, equation: &Equation) -> Option<(Op, [At; 3])> {
        let own = &self.body.equations()[product];
        let (kind, first) = match (&own.prim, self.parts.opposites.get(&product)) {
            (_, Some(&negative)) => (Product::Opposite, self.body.equations()[negative].inputs[0]),
            (Prim::Binary(BinaryOp::Scale(_)), None) => (Product::Scale, own.inputs[0]),
            (_, None) => (Product::Plain, own.inputs[0]),
        };
        let left = equation.inputs[0] == Atom::Var(own.first);
        let then = match (&equation.prim, left) {
            (Prim::Binary(BinaryOp::Add(_)), _) => Then::Plus,
            (_, true) => Then::Minus,
            (_, false) => Then::From,
        };
        let a = self.operand(first)?;
        let b = own.inputs.get(1).map_or(Some(a), |&b| self.operand(b))?;
        if let Prim::Unary(UnaryOp::Neg(_)) = equation.prim {
            return Some((Op::Entries(Entrywise::Negated(kind)), [a, b, At::Nowhere]));
        }
        let other = self.operand(equation.inputs[usize::from(left)])?;
        Some((Op::Entries(Entrywise::Product(kind, then)), [a, b, other]))
    }

    /// A light function of a number and something else. Regions of one entry have numbers at hand anyway.
    fn by_number(&mut self, equation: &Equation) -> Option<(Op, [At; 3])> {
        let Prim::Binary(op) = equation.prim else { return None };
        if !is_light(op) || self.region.is_of_numbers() {
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
        Some((Op::ByNumber { op, left, number }, [x, At::Nowhere, At::Nowhere]))
    }

    /// Where an operand is.
    fn operand(&mut self, atom: Atom) -> Option<At> {
        match atom {
            Atom::Var(var) => {
                if let Some(at) = self.at[var.index()] {
                    return Some(at);
                }
                let shape = self.body.var_type(var).shape.clone();
                let at = self.brought(Operand::Input(*self.inputs.get(&var)?, shape));
                self.at[var.index()] = Some(at);
                Some(at)
            }
            Atom::Constant(i) => {
                let array = &self.body.constants()[i as usize];
                match array.as_fill() {
                    Some(item) => Some(self.number(item.to_f64())),
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
        let width = self.width(&self.body.var_type(equation.first).shape);
        let registers = &mut self.region.registers;
        let register = match self.free.iter().rposition(|&register| registers[register as usize] == width) {
            Some(free) => self.free.swap_remove(free),
            None => {
                registers.push(width);
                self.held.push(0);
                registers.len() as u32 - 1
            }
        };
        self.held[register as usize] = 1;
        self.at[equation.first.index()] = Some(At::Register(register));
        At::Register(register)
    }

    /// What says where entries are brought from: from memory, or from elsewhere in their row.
    fn bring(&mut self, equation: &Equation) -> Option<At> {
        let (prim, shape) = (&equation.prim, &self.body.var_type(equation.first).shape);
        let x = match equation.inputs[0] {
            Atom::Var(var) => match (self.at[var.index()], self.inputs.get(&var)) {
                // It may be read as it is too.
                (_, Some(&input)) => {
                    return Some(self.brought(match window(prim) {
                        Some(low) => Operand::Window(input, shape.clone(), low),
                        None if prim.downcast::<Broadcast>().is_some() => {
                            Operand::Input(input, shape.clone())
                        }
                        None => return None,
                    }));
                }
                (Some(at), None) => at,
                (None, None) => return None,
            },
            Atom::Constant(i) => {
                let array = &self.body.constants()[i as usize];
                prim.downcast::<Broadcast>()?;
                return Some(match array.as_fill() {
                    Some(item) => self.number(item.to_f64()),
                    None => self.brought(Operand::Constant(array.broadcast_to(shape))),
                });
            }
        };
        let from = self.width(&self.body.atom_type(equation.inputs[0]).shape);
        let op = match window(prim) {
            Some(low) => Op::Shift(*low.last()?),
            None if from == self.width(shape) => {
                if let At::Register(register) = x {
                    self.held[register as usize] += 1;
                }
                return Some(x);
            }
            None if from == 1 && is_spread(self.body, equation, self.width(shape)) => Op::Spread,
            None => return None,
        };
        if !matches!(x, At::Register(_) | At::Result(_)) {
            return None;
        }
        let to = self.to(equation);
        self.push(op, to, [x, At::Nowhere, At::Nowhere], shape)?;
        Some(to)
    }

    fn add(&mut self, i: usize, equation: &Equation) -> Option<()> {
        let prim = &equation.prim;
        let is_brought = prim.downcast::<Broadcast>().is_some() || window(prim).is_some();
        if is_brought || prim.downcast::<Reshape>().is_some() {
            let at = self.bring(equation)?;
            self.at[equation.first.index()] = Some(at);
            self.let_go(i);
            return Some(());
        }
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
                } else {
                    let x = &self.body.atom_type(equation.inputs[0]).shape;
                    match Partial::of(prim, x) {
                        Some(Partial::Rows { fold, .. }) => Op::FoldRows(fold),
                        _ => self.sum(equation)?,
                    }
                }
            }
        };
        // Of what it goes through.
        let shape = match op {
            Op::FoldRows(_) | Op::Add(_) | Op::AddColumns(_) => {
                &self.body.atom_type(equation.inputs[0]).shape
            }
            _ => &self.body.var_type(equation.first).shape,
        };
        let by_number = self.by_number(equation);
        if let Some(&windows) = self.parts.shifts.get(&i) {
            let windows = windows.map(|i| &self.body.equations()[i]);
            let low = |equation: &Equation| window(&equation.prim)?.last().copied();
            let low = [low(windows[0])?, low(windows[1])?];
            let x = [self.operand(windows[0].inputs[0])?, self.operand(windows[1].inputs[0])?, At::Nowhere];
            let to = self.to(equation);
            self.push(Op::AddShifts(low), to, x, shape)?;
            self.let_go(i);
            return Some(());
        }
        let (op, x) = match (self.parts.product(i), self.parts.opposites.get(&i), by_number) {
            (Some(product), _, _) => self.product(product, equation)?,
            (None, Some(&negative), _) => {
                let a = self.operand(self.body.equations()[negative].inputs[0])?;
                let b = self.operand(equation.inputs[1])?;
                (Op::Entries(Entrywise::Opposite), [a, b, At::Nowhere])
            }
            (None, None, Some(by_number)) => by_number,
            (None, None, None) => {
                let mut x = [At::Nowhere; 3];
                for (x, &atom) in x.iter_mut().zip(&equation.inputs) {
                    *x = self.operand(atom)?;
                }
                (op, x)
            }
        };
        match self.twins.get(&i).copied() {
            // It has been computed.
            Some(twin) if twin < i => {}
            Some(twin) => {
                let both = [self.to(equation), self.to(&self.body.equations()[twin])];
                let [sin, cos] = match op {
                    Op::Unary(UnaryOp::Sin(_)) => both,
                    _ => [both[1], both[0]],
                };
                self.push(Op::SinCos, sin, [x[0], cos, At::Nowhere], shape)?;
            }
            None => {
                let to = match op {
                    Op::Add(_) | Op::AddColumns(_) => At::Nowhere,
                    _ => self.to(equation),
                };
                self.push(op, to, x, shape)?;
            }
        }
        self.let_go(i);
        Some(())
    }

    /// One more instruction, through so many entries; none if what it reads and writes is not as wide as it must be.
    fn push(&mut self, op: Op, to: At, x: [At; 3], shape: &Shape) -> Option<()> {
        let width = |at: At| match at {
            At::Operand(i) => Some(match &self.region.operands[i as usize] {
                Operand::Input(_, shape) | Operand::Window(_, shape, _) => self.width(shape),
                Operand::Constant(array) => self.width(array.shape()),
            }),
            At::Register(i) => Some(self.region.registers[i as usize]),
            At::Result(i) => Some(self.width(&self.region.results[i as usize])),
            At::Number(_) | At::Nowhere => None,
        };
        let widths: SmallVec<[usize; 4]> = [to].into_iter().chain(x).filter_map(width).collect();
        let fits = match op {
            Op::FoldRows(_) => widths.len() == 2 && widths[0] == 1,
            Op::Spread => widths.len() == 2 && widths[1] == 1,
            Op::Shift(_) => widths.len() == 2,
            Op::AddShifts(_) => widths.len() == 3 && widths[1] == widths[2],
            // A number is nowhere.
            Op::Add(_) | Op::AddColumns(_) => widths.len() == 1,
            _ => widths.iter().all(|&width| width == widths[0]),
        };
        if !fits || widths.contains(&0) {
            return None;
        }
        self.region.operations += shape.size() as u64
            * match op {
                Op::Entries(Entrywise::Product(..) | Entrywise::Negated(_)) | Op::SinCos => 2,
                Op::Spread | Op::Shift(_) => 0,
                _ => 1,
            };
        self.code.push(Draft { op, to, x });
        Some(())
    }

    /// Registers that are read for the last time; not before the result has its own. One that another variable shares goes with that.
    fn let_go(&mut self, i: usize) {
        for var in self.parts.reads(self.body, i) {
            if self.last[var.index()] != i as u32 {
                continue;
            }
            let Some(At::Register(register)) = self.at[var.index()] else { continue };
            let held = &mut self.held[register as usize];
            *held -= 1;
            if *held == 0 {
                self.free.push(register);
            }
            self.at[var.index()] = None;
        }
    }
}
