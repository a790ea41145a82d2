//! Programs from text: what [`Program`] prints is read back.

use super::reader::Reader;
use super::registry::{self, entries};
use crate::core::{
    Array, Atom, DType, Element, Equation, Error, Param, Prim, Program, ProgramRef, Type, Types, Var,
    VarTypes,
};
use crate::number::caret;
use crate::number::function::{BinaryOp, UnaryOp};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

/// Programs within programs that are read: deeper ones are refused, so that no text overflows the stack.
const DEEPEST: usize = 64;

/// Why a text is no program, and where.
///
/// ```
/// use cotangent::core::Program;
/// let error = "program(a: f64[2]) {\n  b: f64[] = summ[axes=[0]] a\n  return b\n}".parse::<Program>().unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 14));
/// assert_eq!(
///     error.to_string(),
///     "line 2, column 14: expected an operation, got `summ`\n    b: f64[] = summ[axes=[0]] a\n               ^^^^"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: usize,
    column: usize,
    message: String,
    shown: String,
}

impl ParseError {
    pub(super) fn new(text: &str, span: Range<usize>, message: String) -> ParseError {
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
            shown: caret(text, &span),
        }
    }
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }
    /// The character within the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }
    /// What was expected there, and what was found.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}\n{}", self.line, self.column, self.message, self.shown)
    }
}

impl std::error::Error for ParseError {}

/// Reads what a program prints; `# …` to the end of a line is a comment, and variables may have any names. Long constants, which print as
/// a digest, and functions of this process cannot be read back.
///
/// ```
/// use cotangent::core::{Program, Tensor};
/// let text = "program(x: f64[2]) {
///   y: f64[2] = mul x [2,3]:f64[2]
///   sum: f64[] = sum[axes=[0]] y
///   return sum
/// }";
/// let program: Program = text.parse().unwrap();
/// assert_eq!(program.eval(&[Tensor::from([1.0, 10.0])]).unwrap()[0].item::<f64>(), 32.0);
/// ```
impl FromStr for Program {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Program, ParseError> {
        let mut reader = Reader::new(text);
        reader.lines();
        let program = read_program(&mut reader, 0)?;
        reader.lines();
        if !reader.at_end() {
            return Err(reader.expected("the end of the text"));
        }
        Ok(program)
    }
}

/// A program on the way: variables are numbered in the order of their definitions.
#[derive(Default)]
struct Draft<'a> {
    names: HashMap<&'a str, Var>,
    order: Vec<&'a str>,
    literals: HashMap<&'a str, u32>,
    operations: HashSet<&'a str>,
    program: Program,
}

impl<'a> Draft<'a> {
    /// `name: type`.
    fn definition(&mut self, reader: &mut Reader<'a>) -> Result<Var, ParseError> {
        reader.space();
        let start = reader.at();
        let name = reader.word().ok_or_else(|| reader.expected("a variable"))?;
        let var = Var(self.order.len() as u32);
        if self.names.insert(name, var).is_some() {
            let message = format!("`{name}` is assigned already: a variable is assigned once");
            return Err(reader.error(start..start + name.len(), message));
        }
        self.order.push(name);
        reader.sign(":")?;
        self.program.types.push(&reader.ty()?);
        Ok(var)
    }

    /// A variable or a constant.
    fn atom(&mut self, reader: &mut Reader<'a>) -> Result<Atom, ParseError> {
        reader.space();
        let start = reader.at();
        if let Some(name) = reader.word() {
            if !reader.next_is(":") {
                let unknown = || {
                    let message = format!("expected a variable that is assigned above, got `{name}`");
                    reader.error(start..start + name.len(), message)
                };
                return self.names.get(name).copied().map(Atom::Var).ok_or_else(unknown);
            }
            reader.back_to(start);
        }
        let array = constant(reader)?;
        let literal = reader.since(start);
        let constants = &mut self.program.constants;
        let index = *self.literals.entry(literal).or_insert_with(|| {
            constants.push(array);
            constants.len() as u32 - 1
        });
        Ok(Atom::Constant(index))
    }

    /// `outputs = op[params] operands`, up to the end of the line.
    fn equation(&mut self, reader: &mut Reader<'a>, depth: usize) -> Result<(), ParseError> {
        let line = reader.at();
        let mut outputs = Vec::new();
        // Its outputs are no operands of its own: they get their names after the operands are read.
        let known = self.order.len();
        loop {
            outputs.push(self.definition(reader)?);
            reader.space();
            if !reader.take(",") {
                break;
            }
        }
        reader.sign("=")?;
        reader.space();
        let start = reader.at();
        let name = reader.word().ok_or_else(|| reader.expected("an operation"))?;
        let op = start..reader.at();
        if !self.operations.contains(name) && !is_operation(name) {
            return Err(reader.error(op, format!("expected an operation, got `{name}`")));
        }
        self.operations.insert(name);
        let params = read_params(reader, depth)?;
        let mut candidates = registry::candidates(name, &params);
        if candidates.is_empty() {
            let message = format!("{} are no parameters of `{name}`", list(&params));
            return Err(reader.error(op, message));
        }
        let mut inputs = Vec::new();
        reader.space();
        while !reader.at_line_end() {
            let start = reader.at();
            let atom = self.atom(reader)?;
            if atom.var().is_some_and(|var| var.index() >= known) {
                let span = start..reader.at();
                return Err(reader.error(span, "the equation assigns the variable that it reads".to_string()));
            }
            inputs.push(atom);
            reader.space();
        }
        // An error is made for the last alone: to make one costs as much as the text is long.
        let chosen = candidates.iter().position(|prim| self.fits(prim, &inputs, &outputs));
        let prim = candidates.swap_remove(chosen.unwrap_or(candidates.len() - 1));
        if chosen.is_none() {
            return Err(self.misfit(reader, line, op, &prim, &inputs, &outputs));
        }
        let (first, count) = (outputs[0], outputs.len() as u32);
        self.program.equations.push(Equation { prim, inputs: inputs.into(), first, count, place: None });
        Ok(())
    }

    fn infer(&self, prim: &Prim, inputs: &[Atom]) -> Result<Types, Error> {
        prim.infer(&inputs.iter().map(|&atom| self.program.atom_type(atom)).collect::<Vec<_>>())
    }

    /// Does the type rule give these outputs?
    fn fits(&self, prim: &Prim, inputs: &[Atom], outputs: &[Var]) -> bool {
        let declared = outputs.iter().map(|&var| self.program.var_type(var));
        self.infer(prim, inputs).is_ok_and(|types| types.iter().eq(declared))
    }

    /// Why it does not.
    fn misfit(
        &self,
        reader: &Reader<'a>,
        line: usize,
        op: Range<usize>,
        prim: &Prim,
        inputs: &[Atom],
        outputs: &[Var],
    ) -> ParseError {
        let types = match self.infer(prim, inputs) {
            Ok(types) => types,
            Err(error) => return reader.error(op, error.to_string()),
        };
        let given = |types: &[&Type]| types.iter().map(|ty| ty.to_string()).collect::<Vec<_>>().join(", ");
        let expected = given(&types.iter().collect::<Vec<_>>());
        let got = given(&outputs.iter().map(|&var| self.program.var_type(var)).collect::<Vec<_>>());
        let message = format!("expected what `{}` gives, ({expected}), got ({got})", prim.name());
        reader.error(line..op.start, message)
    }

    /// The program, its variables numbered as their names say where these are names that programs print.
    fn finish(self) -> Program {
        let Draft { order, mut program, .. } = self;
        let Some(numbers) = numbers(&order, &program.equations) else { return program };
        let count = numbers.iter().map(|var| var.index() + 1).max().unwrap_or(0);
        let of = |var: Var| numbers[var.index()];
        let mut defined = vec![None; count];
        (0..).map(Var).zip(&numbers).for_each(|(var, number)| defined[number.index()] = Some(var));
        let mut types = VarTypes::like(&program.types);
        for var in defined {
            match var {
                Some(var) => types.push_like(&program.types, var),
                // What is not assigned has a type too; nobody asks for it.
                None => types.push(&Type::new(DType::F64, [])),
            };
        }
        program.types = types;
        program.inputs.iter_mut().for_each(|var| *var = of(*var));
        let renumber = |atom: &mut Atom| {
            if let Atom::Var(var) = atom {
                *var = of(*var);
            }
        };
        for equation in &mut program.equations {
            equation.first = of(equation.first);
            equation.inputs.iter_mut().for_each(renumber);
        }
        program.outputs.iter_mut().for_each(renumber);
        program
    }
}

/// The numbers that print as these names; nothing if there are others, or far larger ones than there are variables.
fn numbers(order: &[&str], equations: &[Equation]) -> Option<Vec<Var>> {
    let largest = 8 * order.len() + 256;
    let number = |name: &&str| {
        let digit = |n: usize, byte: u8| {
            (byte.is_ascii_lowercase() && n <= largest).then(|| 26 * n + usize::from(byte - b'a') + 1)
        };
        let n = name.bytes().try_fold(0, digit)? - 1;
        (n < largest).then_some(Var(n as u32))
    };
    let numbers: Vec<Var> = order.iter().map(number).collect::<Option<_>>()?;
    let follow = |equation: &Equation| {
        let mut outputs = equation.outputs().map(|var| numbers[var.index()].0);
        let first = numbers[equation.first.index()].0;
        (first..).zip(&mut outputs).all(|(expected, got)| expected == got)
    };
    equations.iter().all(follow).then_some(numbers)
}

fn read_program(reader: &mut Reader<'_>, depth: usize) -> Result<Program, ParseError> {
    if depth >= DEEPEST {
        let at = reader.at();
        return Err(reader.error(at..at, format!("programs are nested more than {DEEPEST} deep")));
    }
    let start = reader.at();
    reader.keyword("program")?;
    reader.sign("(")?;
    let mut draft = Draft::default();
    reader.lines();
    if !reader.take(")") {
        loop {
            let var = draft.definition(reader)?;
            draft.program.inputs.push(var);
            reader.lines();
            if reader.take(")") {
                break;
            }
            if !reader.take(",") {
                return Err(reader.expected("`,` or `)`"));
            }
            reader.lines();
        }
    }
    reader.sign("{")?;
    loop {
        reader.lines();
        let line = reader.at();
        if reader.word() == Some("return") && !reader.next_is(":") {
            break;
        }
        reader.back_to(line);
        if reader.at_end() || reader.next_is("}") {
            return Err(reader.expected("an equation or `return`"));
        }
        draft.equation(reader, depth)?;
    }
    reader.space();
    while !reader.at_line_end() && !reader.next_is("}") {
        let atom = draft.atom(reader)?;
        draft.program.outputs.push(atom);
        reader.space();
        if !reader.take(",") {
            break;
        }
        reader.lines();
        if reader.next_is("}") {
            return Err(reader.expected("an output"));
        }
    }
    reader.lines();
    reader.sign("}")?;
    let program = draft.finish();
    program.check().map_err(|error| reader.error(start..start + "program".len(), error.to_string()))?;
    Ok(program)
}

/// `[name=value, …]`, or nothing.
fn read_params(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<(String, Param)>, ParseError> {
    let mut params = Vec::new();
    if !reader.take("[") {
        return Ok(params);
    }
    loop {
        reader.lines();
        let name = reader.word().ok_or_else(|| reader.expected("a parameter"))?;
        reader.sign("=")?;
        reader.space();
        let value = match reader.peek_word() {
            Some("program") => Param::Program(ProgramRef(Arc::new(read_program(reader, depth + 1)?))),
            _ => reader.param()?,
        };
        params.push((name.to_string(), value));
        reader.lines();
        if reader.take("]") {
            return Ok(params);
        }
        if !reader.take(",") {
            return Err(reader.expected("`,` or `]`"));
        }
    }
}

/// A number or a list of them, a colon, and their type.
fn constant(reader: &mut Reader<'_>) -> Result<Array, ParseError> {
    let start = reader.at();
    if reader.next_is("#") {
        let end = start + reader.rest().find([' ', '\n', ',']).unwrap_or(reader.rest().len());
        let message = "a constant that is printed as a digest cannot be read back: pass it as an input";
        return Err(reader.error(start..end, message.to_string()));
    }
    let list = reader.take("[");
    let inside = reader.at();
    let numbers = if list { reader.up_to(']')? } else { reader.number()? };
    let end = inside + numbers.len();
    reader.sign(":")?;
    let type_start = reader.at();
    let ty = reader.ty()?;
    let wrong = || reader.error(inside..end, format!("expected numbers of {}, got `{numbers}`", ty.dtype));
    let values: Vec<&str> = match (list, numbers.trim()) {
        (true, "") => Vec::new(),
        (true, _) => numbers.split(',').map(str::trim).collect(),
        (false, number) => vec![number],
    };
    if list && values.len() != ty.shape.size() {
        let message = format!("{} numbers are not as many as {ty} has", values.len());
        return Err(reader.error(type_start..reader.at(), message));
    }
    let shape = if list { ty.shape.clone() } else { [].into() };
    fn array<T: Element + FromStr>(values: &[&str], shape: crate::core::Shape) -> Option<Array> {
        Some(Array::from_vec(values.iter().map(|x| x.parse::<T>().ok()).collect::<Option<Vec<T>>>()?, shape))
    }
    let array = match ty.dtype {
        DType::F32 => array::<f32>(&values, shape),
        DType::F64 => array::<f64>(&values, shape),
        DType::I32 => array::<i32>(&values, shape),
        DType::I64 => array::<i64>(&values, shape),
        DType::Bool => array::<bool>(&values, shape),
    }
    .ok_or_else(wrong)?;
    match array.as_fill() {
        Some(item) if !list => Ok(Array::fill(item, ty.shape)),
        _ => Ok(array),
    }
}

fn is_operation(name: &str) -> bool {
    let of_one = || UnaryOp::all().iter().any(|op| op.name() == name);
    BinaryOp::named(name).is_some() || of_one() || entries().iter().any(|entry| entry.name == name)
}

fn list(params: &[(String, Param)]) -> String {
    let own = |(name, value): &(String, Param)| match value {
        Param::Program(_) => format!("`{name}=program…`"),
        value => format!("`{name}={value}`"),
    };
    match params {
        [] => "none".to_string(),
        _ => params.iter().map(own).collect::<Vec<_>>().join(", "),
    }
}
