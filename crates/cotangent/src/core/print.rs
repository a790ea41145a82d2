//! A program as text.

use super::params::Param;
use super::program::{Atom, Equation, Program};
use cotangent_kernels::{Array, Item};
use std::fmt::{self, Write};

/// Entries of a constant that are printed; longer ones print as a digest.
const SHOWN: usize = 16;

/// ```
/// use cotangent::core::{trace_program, DType, Type};
/// let program = trace_program(&[Type::new(DType::F64, [2])], |x| vec![(&x[0] * 2.0).sum()]);
/// assert_eq!(
///     program.to_string(),
///     "program(a: f64[2]) {
///   b: f64[2] = mul a 2:f64[2]
///   c: f64[] = sum[axes=[0]] b
///   return c
/// }"
/// );
/// ```
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_program(self, f, 0, false)
    }
}

/// A program printed with the line that each equation came from.
pub struct WithPlaces<'a>(&'a Program);

impl Program {
    /// Prints with the user's line behind each equation.
    pub fn with_places(&self) -> WithPlaces<'_> {
        WithPlaces(self)
    }

    /// An operand as it prints.
    pub(crate) fn atom_text(&self, atom: Atom) -> String {
        match atom {
            Atom::Var(var) => var.to_string(),
            Atom::Constant(index) => constant(&self.constants()[index as usize]),
        }
    }
}

impl fmt::Display for WithPlaces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_program(self.0, f, 0, true)
    }
}

/// Nesting is that of the user's bodies within bodies.
fn write_program(program: &Program, f: &mut fmt::Formatter<'_>, depth: usize, places: bool) -> fmt::Result {
    let inputs: Vec<String> =
        program.inputs().iter().map(|&var| format!("{var}: {}", program.var_type(var))).collect();
    writeln!(f, "program({}) {{", inputs.join(", "))?;
    for equation in program.equations() {
        write!(f, "{:width$}", "", width = 2 * depth + 2)?;
        write_equation(program, equation, f, depth, places)?;
        if let (true, Some(place)) = (places, equation.place) {
            write!(f, "  # {}:{}", place.file(), place.line())?;
        }
        f.write_char('\n')?;
    }
    let outputs: Vec<String> = program.outputs().iter().map(|&atom| program.atom_text(atom)).collect();
    writeln!(f, "{:width$}return {}", "", outputs.join(", "), width = 2 * depth + 2)?;
    write!(f, "{:width$}}}", "", width = 2 * depth)
}

fn write_equation(
    program: &Program,
    equation: &Equation,
    f: &mut fmt::Formatter<'_>,
    depth: usize,
    places: bool,
) -> fmt::Result {
    for (i, var) in equation.outputs().enumerate() {
        write!(f, "{}{var}: {}", if i > 0 { ", " } else { "" }, program.var_type(var))?;
    }
    write!(f, " = {}", equation.prim.name())?;
    let params = equation.prim.params();
    for (i, (name, value)) in params.iter().enumerate() {
        write!(f, "{}{name}=", if i == 0 { "[" } else { ", " })?;
        match value {
            Param::Program(body) => write_program(body, f, depth + 1, places)?,
            value => write!(f, "{value}")?,
        }
    }
    if !params.is_empty() {
        f.write_str("]")?;
    }
    equation.inputs.iter().try_for_each(|&atom| write!(f, " {}", program.atom_text(atom)))
}

/// A number with enough digits to be read back, and no more zeros than one wants to count.
fn number(item: Item) -> String {
    let long = |x: f64| x != 0.0 && x.is_finite() && !(1e-5..1e16).contains(&x.abs());
    match item {
        Item::F32(x) if long(x.into()) => format!("{x:e}"),
        Item::F64(x) if long(x) => format!("{x:e}"),
        Item::F32(x) => format!("{x}"),
        Item::F64(x) => format!("{x}"),
        Item::I32(x) => x.to_string(),
        Item::I64(x) => x.to_string(),
        Item::Bool(x) => x.to_string(),
    }
}

fn constant(array: &Array) -> String {
    if array.size() == 0 {
        return format!("[]:{}", array.ty());
    }
    // The same text for the same numbers, whichever way they are stored.
    if let Some(item) = array.as_fill().or_else(|| array.first().filter(|_| array.size() == 1)) {
        return format!("{}:{}", number(item), array.ty());
    }
    if array.size() <= SHOWN {
        let numbers: Vec<String> = array.items().map(number).collect();
        return format!("[{}]:{}", numbers.join(","), array.ty());
    }
    format!("#{:016x}:{}", digest(array), array.ty())
}

/// FNV-1a over the bits: tells constants apart in print.
fn digest(array: &Array) -> u64 {
    array.items().fold(0xcbf2_9ce4_8422_2325, |hash, item| {
        item.bits()
            .to_le_bytes()
            .iter()
            .fold(hash, |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    })
}
