//! Expressions and points, read from the command line, a file or standard input.

use crate::args::{At, Source};
use crate::failure::Failure;
use crate::output::{Number, counted, grouped};
use cotangent::number::{DomainError, Expr, Kind};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

/// No expression that a person or a program means is longer than this, in bytes.
const LIMIT: u64 = 1 << 19;

/// A point with more coordinates is not typed into a command line.
const MOST_VARIABLES: usize = 10_000;

/// What expressions were written as, for pointing at a part.
pub struct Places {
    source: String,
    /// Where each part is first written.
    spans: HashMap<Expr, Range<usize>>,
}

impl Places {
    /// The failure, pointing at a part of the text.
    fn blame(&self, failure: Failure, part: &Expr) -> Failure {
        match self.spans.get(part) {
            Some(span) => failure.at(&self.source, span.clone()),
            None => failure,
        }
    }

    /// Refuses a point where the expression has no finite value, and blames the part of it that has none first.
    pub fn defined_at(&self, expr: &Expr, point: &Point) -> Result<(), Failure> {
        let value = value(expr, &point.bindings());
        if value.is_finite() {
            return Ok(());
        }
        Err(match expr.domain_error(&point.bindings()) {
            Some(error) => self.blame(Failure::numeric(written(&error)), &error.at),
            None => self.blame(Failure::numeric(format_args!("the value is {}", Number(value))), expr),
        })
    }
}

/// One expression.
pub fn formula(source: &Source) -> Result<(Expr, Places), Failure> {
    let source = read(source)?;
    let parsed = Expr::parse_with_spans(&source).map_err(|error| Failure::parse(&error, &source, 0))?;
    Ok((parsed.expr, Places { source, spans: parsed.spans }))
}

/// Several expressions in brackets.
pub fn list(source: &Source) -> Result<(Vec<Expr>, Places), Failure> {
    let source = read(source)?;
    let parsed = Expr::parse_list_with_spans(&source).map_err(|error| Failure::parse(&error, &source, 0))?;
    Ok((parsed.exprs, Places { source, spans: parsed.spans }))
}

/// The parts of a text between the commas that stand in no parentheses.
fn parts(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (range.start, 0_usize);
    for (i, byte) in text[range.clone()].bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(start..range.start + i);
                start = range.start + i + 1;
            }
            _ => {}
        }
    }
    parts.push(start..range.end);
    parts
}

/// Refuses what would take minutes: so many derivatives of an expression of so many nodes.
pub fn affordable(rounds: usize, nodes: usize, limit: usize) -> Result<(), Failure> {
    if rounds.saturating_mul(nodes) <= limit {
        return Ok(());
    }
    let what = counted(rounds as u128, "derivative", "derivatives");
    let failure =
        Failure::usage(format_args!("{what} of {} nodes would take too long", grouped(nodes as u128)));
    Err(failure
        .advice("make the expression smaller, or let --wrt name fewer variables where there is a --wrt"))
}

/// A value for every variable of the expressions, in natural order.
pub struct Point {
    pub names: Vec<String>,
    pub values: Vec<f64>,
}

impl Point {
    /// The point that `--at` gives; every variable has a value, and every value a variable.
    pub fn read(at: &At, exprs: &[Expr], places: &Places) -> Result<Self, Failure> {
        let names = symbols(exprs);
        if names.len() > MOST_VARIABLES {
            let message = format!("the expression has {} variables, more than {MOST_VARIABLES}", names.len());
            return Err(Failure::usage(message));
        }
        let mut values: Vec<Option<f64>> = vec![None; names.len()];
        for text in &at.at {
            for part in parts(text, 0..text.len()) {
                let (name, value) = assignment(text, part, &names)?;
                let bare = text[name.clone()].trim();
                let index = match names.iter().position(|n| n == bare) {
                    Some(index) => index,
                    None if bare.is_empty() => 0,
                    None => return Err(surplus(text, name, &names)),
                };
                let number = constant(text, value)?;
                if values[index].replace(number).is_some() {
                    let failure = Failure::usage(format_args!("`{}` has two values", names[index]));
                    return Err(failure.at(text, trimmed(text, name)));
                }
            }
        }
        let missing: Vec<&str> =
            names.iter().zip(&values).filter(|(_, v)| v.is_none()).map(|(n, _)| n.as_str()).collect();
        if let Some(first) = missing.first() {
            let failure = Failure::usage(format_args!("no value for `{}`", missing.join("`, `")));
            let example: Vec<String> = missing.iter().map(|name| format!("{name}=1.5")).collect();
            let failure = failure.advice(format_args!("give one, such as --at {}", example.join(",")));
            return Err(places.blame(failure, &Expr::symbol(first)));
        }
        Ok(Point { names, values: values.into_iter().flatten().collect() })
    }

    pub fn bindings(&self) -> Vec<(&str, f64)> {
        self.bind(&self.values)
    }

    /// These numbers under the variables' names.
    pub fn bind<R: Clone>(&self, values: &[R]) -> Vec<(&str, R)> {
        self.names.iter().map(String::as_str).zip(values.iter().cloned()).collect()
    }

    /// The variables that `--wrt` names, by place; all where it names none.
    pub fn chosen(&self, wrt: &[String]) -> Result<Vec<usize>, Failure> {
        if wrt.is_empty() {
            return Ok((0..self.names.len()).collect());
        }
        let place = |name: &String| {
            self.names.iter().position(|n| n == name.trim()).ok_or_else(|| unknown(name.trim(), &self.names))
        };
        wrt.iter().map(place).collect()
    }
}

/// The one variable that is meant: the named one, or the only one.
pub fn single<'a>(symbols: &'a [String], wrt: Option<&str>) -> Result<&'a str, Failure> {
    match (wrt, symbols) {
        (Some(name), _) => {
            symbols.iter().find(|s| *s == name).map(String::as_str).ok_or_else(|| unknown(name, symbols))
        }
        (None, [only]) => Ok(only),
        (None, []) => Err(Failure::usage("the expression has no variable")),
        (None, [first, ..]) => {
            let failure = Failure::usage(format_args!("the expression has {} variables", symbols.len()));
            Err(failure.advice(format_args!("choose one of {}, such as --wrt {first}", symbols.join(", "))))
        }
    }
}

/// The variables of several expressions, in natural order.
fn symbols(exprs: &[Expr]) -> Vec<String> {
    let symbols = exprs.iter().flat_map(Expr::symbols).map(|name| Expr::symbol(&name));
    // An expression puts its symbols in order, so let one have them all.
    symbols.reduce(|sum, symbol| sum + symbol).map_or_else(Vec::new, |sum| sum.symbols())
}

/// Splits `x=1.5` into name and value. A value alone has an empty name, and will do for a single variable.
fn assignment(
    text: &str,
    part: Range<usize>,
    names: &[String],
) -> Result<(Range<usize>, Range<usize>), Failure> {
    let whole = trimmed(text, part.clone());
    match text[part.clone()].find('=') {
        Some(i) if !text[part.start..part.start + i].trim().is_empty() => {
            Ok((part.start..part.start + i, part.start + i + 1..part.end))
        }
        None if names.len() == 1 && !text[part.clone()].trim().is_empty() => {
            Ok((part.start..part.start, part))
        }
        None if whole.is_empty() => {
            let failure = Failure::usage("a value is missing").at(text, whole);
            Err(failure.advice("write a point as x=1.5,y=2"))
        }
        _ => {
            let failure = Failure::usage("a name and a value are expected").at(text, whole);
            Err(failure.advice("write a point as x=1.5,y=2"))
        }
    }
}

/// A number, or a constant expression such as pi/4.
fn constant(text: &str, range: Range<usize>) -> Result<f64, Failure> {
    let place = trimmed(text, range.clone());
    let written = &text[place.clone()];
    if written.is_empty() {
        return Err(Failure::usage("a value is missing").at(text, range.start..range.start));
    }
    let number = match written.parse::<f64>() {
        Ok(number) => number,
        Err(_) => {
            // What is written like a number is a misspelt number, not a formula that lacks operators.
            let digits = written.chars().all(|c| c.is_ascii_digit() || ".eE+-_".contains(c));
            let parsed = match Expr::parse(written) {
                Err(error) if !digits => return Err(Failure::parse(&error, text, place.start)),
                parsed => parsed.ok(),
            };
            let Some(number) = parsed.and_then(|expr| expr.constant_value()) else {
                return Err(Failure::usage(format_args!("`{written}` is not a number")).at(text, place));
            };
            number
        }
    };
    if number.is_finite() {
        return Ok(number);
    }
    let overflow = written.parse::<f64>().is_ok() && written.contains(|c: char| c.is_ascii_digit());
    let why = if overflow { "is too large for a 64-bit number" } else { "is not a finite number" };
    Err(Failure::usage(format_args!("`{written}` {why}")).at(text, place))
}

/// The expression's value in `f64`; NaN where a variable has none, which [`Point::read`] rules out.
pub fn value(expr: &Expr, bindings: &[(&str, f64)]) -> f64 {
    match bindings {
        [] => expr.constant_value().unwrap_or(f64::NAN),
        _ => expr.evaluate(bindings).unwrap_or(f64::NAN),
    }
}

fn surplus(text: &str, name: Range<usize>, names: &[String]) -> Failure {
    let place = trimmed(text, name);
    unknown(&text[place.clone()], names).at(text, place)
}

fn unknown(name: &str, names: &[String]) -> Failure {
    let failure = Failure::usage(format_args!("the expression has no variable `{name}`"));
    let distance = |known: &&String| strsim::osa_distance(name, known);
    match names.iter().min_by_key(distance).filter(|known| distance(known) <= (known.len() / 2).min(2)) {
        Some(known) => failure.advice(format_args!("did you mean `{known}`?")),
        None if names.is_empty() => failure.advice("it has none at all"),
        None => failure.advice(format_args!("it has {}", names.join(", "))),
    }
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// A domain error with its operation as it is written: `1 / 0 is inf`, `ln(-2) is NaN`.
fn written(error: &DomainError) -> String {
    let sign = match error.at.kind() {
        Kind::Binary(op, ..) => match op.name() {
            "add" => "+",
            "sub" => "-",
            "mul" => "*",
            "div" => "/",
            "rem" => "%",
            "pow" => "^",
            _ => return error.to_string(),
        },
        _ => return error.to_string(),
    };
    let operands: Vec<String> = error.operands.iter().map(|&x| Number(x).to_string()).collect();
    format!("{} is {}", operands.join(&format!(" {sign} ")), Number(error.value))
}

/// The text of the expression, wherever it is.
fn read(source: &Source) -> Result<String, Failure> {
    let (bytes, origin) = match (&source.file, source.expr.as_deref()) {
        (Some(path), _) => {
            let origin = format!("`{}`", path.display());
            let file = File::open(path).map_err(|e| Failure::io(format_args!("cannot read {origin}"), &e))?;
            (limited(file, &origin)?, origin)
        }
        (None, Some("-")) => {
            let origin = "standard input".to_string();
            (limited(io::stdin().lock(), &origin)?, origin)
        }
        (None, expr) => (expr.unwrap_or_default().as_bytes().to_vec(), "the expression".to_string()),
    };
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::usage(format_args!("{origin} is longer than {LIMIT} bytes")));
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| Failure::usage(format_args!("{origin} is not text in UTF-8")))?;
    if text.trim().is_empty() {
        let failure = Failure::usage(format_args!("{origin} is empty"));
        return Err(failure.advice("write an expression, such as 'sin(x^2)'"));
    }
    // What is missing at the end is then missed on the last line that has something on it.
    Ok(text.trim_end().to_string())
}

/// Reads at most one byte more than the limit.
fn limited(reader: impl Read, origin: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match reader.take(LIMIT + 1).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::io(format_args!("cannot read {origin}"), &error)),
    }
}
