//! `cotan diff`: the derivatives by every mode, side by side.

use crate::args::Diff;
use crate::engine::{self, AFFORDABLE, MILLION, Named, Text, Work, difference};
use crate::failure::{Failure, Status};
use crate::input::{Point, affordable, formula, single, value};
use crate::output::{Align, BOLD, FAINT, Number, Page, Report, Table, counted, grouped, numbers, size};
use anstyle::Style;
use cotangent::number::{Expr, numeric};
use serde::Serialize;
use std::slice;

/// Larger matrices are told by their differences only.
const PRINTABLE_MATRIX: usize = 6;

/// A formula of more nodes is not differentiated again: the next would be two or three times as large.
const LARGEST_FORMULA: usize = 60_000;

/// What one mode says about one quantity.
#[derive(Serialize)]
struct Answer {
    mode: &'static str,
    derivative: Number,
    /// How far it is from the symbolic answer.
    difference: Number,
}

impl Answer {
    fn new(mode: &'static str, derivative: f64, symbolic: f64) -> Self {
        let difference = Number(difference(derivative, symbolic));
        Answer { mode, derivative: Number(derivative), difference }
    }
}

/// What a mode costs: for this many parameters, and for a million.
#[derive(Serialize)]
struct Cost {
    mode: &'static str,
    work: Work,
    #[serde(skip_serializing_if = "Option::is_none")]
    million: Option<Work>,
}

#[derive(Serialize)]
struct Header {
    expression: Text,
    at: Named,
    value: Number,
}

impl Header {
    fn print(&self, page: &mut Page) {
        let names: Vec<&str> = self.at.0.iter().map(|(name, _)| name.as_str()).collect();
        let arguments = if names.is_empty() { String::new() } else { format!("({})", names.join(", ")) };
        page.line(format_args!("{BOLD}f{arguments} = {}{BOLD:#}", self.expression));
        if !names.is_empty() {
            page.line(format_args!("at {}", self.at));
        }
        page.blank();
    }
}

/// The three kinds of question.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Answers {
    Gradient(Gradient),
    Higher(Higher),
    Hessian(Hessian),
}

pub fn report(args: &Diff) -> Result<Answers, Failure> {
    let (expr, places) = formula(&args.source)?;
    let point = Point::read(&args.at, slice::from_ref(&expr), &places)?;
    let chosen = point.chosen(&args.wrt)?;
    places.defined_at(&expr, &point)?;
    let derivatives = if args.hessian { chosen.len() * chosen.len() } else { chosen.len() };
    affordable(derivatives, expr.dag_size(), AFFORDABLE)?;
    let header = Header {
        expression: Text::of(&expr),
        at: Named::of(&point),
        value: Number(value(&expr, &point.bindings())),
    };
    Ok(match args.order {
        Some(order) => {
            if args.wrt.len() > 1 {
                return Err(Failure::usage(
                    "--order differentiates in one variable, and --wrt names several",
                ));
            }
            let variable = single(&point.names, args.wrt.first().map(String::as_str))?;
            Answers::Higher(Higher::new(&expr, &point, header, order, variable)?)
        }
        None if args.hessian => Answers::Hessian(Hessian::new(&expr, &point, header, &chosen)),
        None => Answers::Gradient(Gradient::new(&expr, &point, header, &chosen)),
    })
}

impl Report for Answers {
    fn print(&self, page: &mut Page) {
        match self {
            Answers::Gradient(gradient) => gradient.print(page),
            Answers::Higher(higher) => higher.print(page),
            Answers::Hessian(hessian) => hessian.print(page),
        }
    }

    fn status(&self) -> Status {
        let finite = match self {
            Answers::Gradient(g) => g.variables.iter().all(|v| all_finite(&v.modes)),
            Answers::Higher(higher) => all_finite(&higher.modes),
            Answers::Hessian(h) => {
                h.modes.iter().flat_map(|m| m.matrix.iter().flatten()).all(|x| x.0.is_finite())
            }
        };
        if finite { Status::Success } else { Status::Numeric }
    }
}

fn all_finite(answers: &[Answer]) -> bool {
    answers.iter().all(|answer| answer.derivative.0.is_finite())
}

/// First derivatives.
#[derive(Serialize)]
pub struct Gradient {
    #[serde(flatten)]
    header: Header,
    /// The value as each mode computes it.
    values: Vec<Answer>,
    variables: Vec<Variable>,
    costs: Vec<Cost>,
}

#[derive(Serialize)]
struct Variable {
    name: String,
    #[serde(flatten)]
    formula: Text,
    modes: Vec<Answer>,
}

impl Gradient {
    fn new(expr: &Expr, point: &Point, header: Header, chosen: &[usize]) -> Self {
        let n = point.names.len();
        let exact = header.value.0;
        let (reverse_value, reverse) = engine::reverse(expr, point);
        let mut forward_value = exact;
        let variables = chosen
            .iter()
            .map(|&i| {
                let formula = expr.differentiate(&point.names[i]).simplify();
                let symbolic = value(&formula, &point.bindings());
                let numerical =
                    numeric::central_difference(engine::along(expr, point, i), point.values[i], None);
                let (value, forward) = engine::forward(expr, point, i);
                forward_value = value;
                Variable {
                    name: point.names[i].clone(),
                    formula: Text::of(&formula),
                    modes: vec![
                        Answer::new("symbolic", symbolic, symbolic),
                        Answer::new("numerical", numerical.derivative, symbolic),
                        Answer::new("forward", forward, symbolic),
                        Answer::new("reverse", reverse[i], symbolic),
                    ],
                }
            })
            .collect();
        let numerical_value = engine::function(expr, point)(&point.values);
        let cost = |mode, work, million| Cost { mode, work, million: Some(Work { count: million, ..work }) };
        Gradient {
            values: vec![
                Answer::new("symbolic", exact, exact),
                Answer::new("numerical", numerical_value, exact),
                Answer::new("forward", forward_value, exact),
                Answer::new("reverse", reverse_value, exact),
            ],
            header,
            variables,
            costs: vec![
                cost("symbolic", Work::formulas(n), MILLION),
                cost("numerical", Work::evaluations(2 * n), 2 * MILLION),
                cost("forward", Work::passes(n), MILLION),
                cost("reverse", Work::passes(2), 2),
            ],
        }
    }

    fn print(&self, page: &mut Page) {
        self.header.print(page);
        let n = self.header.at.0.len();
        if n == 0 {
            page.line(format_args!("f = {}", self.header.value));
            page.blank();
            page.line("There is no variable to differentiate in.");
            return;
        }
        for variable in &self.variables {
            page.line(format_args!("∂f/∂{} = {}", variable.name, variable.formula));
        }
        page.blank();
        let groups = std::iter::once(("f".to_string(), &self.values))
            .chain(self.variables.iter().map(|v| (format!("∂f/∂{}", v.name), &v.modes)));
        page.table(&answers(groups));
        page.blank();
        let here = format!("for {}", counted(n as u128, "parameter", "parameters"));
        let mut table = Table::new([
            ("cost".to_string(), Align::Left),
            (here, Align::Left),
            (format!("for {} parameters", grouped(MILLION)), Align::Left),
        ]);
        for Cost { mode, work, million } in &self.costs {
            let million = million.map_or(String::new(), |work| work.to_string());
            table.row([mode.to_string(), work.to_string(), million]);
        }
        page.table(&table);
        page.note(format_args!(
            "For a million parameters reverse mode's 2 passes, one forward and one back, replace {} evaluations: {} \
             times fewer.",
            grouped(2 * MILLION),
            grouped(MILLION)
        ));
    }
}

/// One row for each mode, grouped by quantity.
fn answers<'a>(groups: impl Iterator<Item = (String, &'a Vec<Answer>)>) -> Table {
    let mut table = Table::new([
        ("", Align::Left),
        ("mode", Align::Left),
        ("value", Align::Left),
        ("difference", Align::Left),
    ]);
    for (name, group) in groups {
        for (i, answer) in group.iter().enumerate() {
            let name = if i == 0 { name.clone() } else { String::new() };
            let difference = if i == 0 { String::new() } else { size(answer.difference.0) };
            table.styled([
                (name, BOLD),
                (answer.mode.to_string(), Style::new()),
                (answer.derivative.to_string(), Style::new()),
                (difference, Style::new()),
            ]);
        }
    }
    table
}

/// One derivative of higher order.
#[derive(Serialize)]
pub struct Higher {
    #[serde(flatten)]
    header: Header,
    order: u32,
    variable: String,
    derivative: Text,
    modes: Vec<Answer>,
    costs: Vec<Cost>,
}

impl Higher {
    fn new(expr: &Expr, point: &Point, header: Header, order: u32, variable: &str) -> Result<Self, Failure> {
        let k = order as usize;
        let i = point.names.iter().position(|name| name == variable).unwrap_or(0);
        let mut derivative = expr.clone();
        for order in 1..=order {
            let nodes = derivative.dag_size();
            if order > 1 && nodes > LARGEST_FORMULA {
                let nodes = grouped(nodes as u128);
                let failure = Failure::usage(format_args!(
                    "the formula of order {} has {nodes} nodes: the next would take too long",
                    order - 1
                ));
                return Err(failure.advice("choose a lower --order"));
            }
            derivative = derivative.differentiate(variable).simplify();
        }
        let symbolic = value(&derivative, &point.bindings());
        let numeric = numeric::nth_derivative(engine::along(expr, point, i), point.values[i], order);
        let cost = |mode, work| Cost { mode, work, million: None };
        Ok(Higher {
            header,
            order,
            variable: variable.to_string(),
            derivative: Text::of(&derivative),
            modes: vec![
                Answer::new("symbolic", symbolic, symbolic),
                Answer::new("numerical", numeric.derivative, symbolic),
                Answer::new("forward", engine::taylor(expr, point, i, k), symbolic),
                Answer::new("reverse", engine::reverse_taylor(expr, point, i, k), symbolic),
            ],
            costs: vec![
                cost("symbolic", Work::formulas(k)),
                cost("numerical", Work::evaluations(numeric.evaluations)),
                cost("forward", Work::passes(1)),
                cost("reverse", Work::passes(2)),
            ],
        })
    }

    fn print(&self, page: &mut Page) {
        self.header.print(page);
        let name = nth(&self.variable, self.order);
        page.line(format_args!("{name} = {}", self.derivative));
        page.blank();
        page.line(format_args!("f = {}", self.header.value));
        page.blank();
        page.table(&answers(std::iter::once((name, &self.modes))));
        page.blank();
        let mut table = Table::new([("cost", Align::Left), ("", Align::Left)]);
        for Cost { mode, work, .. } in &self.costs {
            let how = match *mode {
                "symbolic" => ", each differentiated from the one before",
                "numerical" => " of central differences, extrapolated",
                "forward" => " of Taylor series",
                _ => " of a tape over Taylor series",
            };
            table.row([mode.to_string(), format!("{work}{how}")]);
        }
        page.table(&table);
    }
}

/// ∂f/∂x, ∂²f/∂x², …
fn nth(variable: &str, order: u32) -> String {
    if order == 1 {
        return format!("∂f/∂{variable}");
    }
    let power: String = order
        .to_string()
        .chars()
        .filter_map(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(c as usize - '0' as usize))
        .collect();
    format!("∂{power}f/∂{variable}{power}")
}

/// All second derivatives.
#[derive(Serialize)]
pub struct Hessian {
    #[serde(flatten)]
    header: Header,
    variables: Vec<String>,
    /// The formulas, row by row; the matrix is symmetric, so each row starts at the diagonal.
    formulas: Vec<Vec<Text>>,
    modes: Vec<Matrix>,
}

#[derive(Serialize)]
struct Matrix {
    mode: &'static str,
    matrix: Vec<Vec<Number>>,
    /// The largest from the symbolic entries.
    difference: Number,
    work: Work,
}

impl Hessian {
    fn new(expr: &Expr, point: &Point, header: Header, chosen: &[usize]) -> Self {
        let n = chosen.len();
        let mut symbolic = vec![vec![0.0; n]; n];
        let mut formulas = Vec::with_capacity(n);
        for (a, &i) in chosen.iter().enumerate() {
            let first = expr.differentiate(&point.names[i]).simplify();
            let mut row = Vec::with_capacity(n - a);
            for (b, &j) in chosen.iter().enumerate().skip(a) {
                let second = first.differentiate(&point.names[j]).simplify();
                symbolic[a][b] = value(&second, &point.bindings());
                symbolic[b][a] = symbolic[a][b];
                row.push(Text::of(&second));
            }
            formulas.push(row);
        }
        let exact = engine::Hessian {
            mode: "symbolic",
            matrix: symbolic.clone(),
            work: Work::formulas(n * (n + 1) / 2),
        };
        let modes = std::iter::once(exact)
            .chain(engine::hessians(expr, point, chosen))
            .map(|hessian| {
                let pairs = hessian.matrix.iter().flatten().zip(symbolic.iter().flatten());
                let difference = pairs.map(|(&a, &b)| difference(a, b)).fold(0.0, larger);
                Matrix {
                    mode: hessian.mode,
                    matrix: hessian.matrix.iter().map(|row| numbers(row)).collect(),
                    difference: Number(difference),
                    work: hessian.work,
                }
            })
            .collect();
        let variables = chosen.iter().map(|&i| point.names[i].clone()).collect();
        Hessian { header, variables, formulas, modes }
    }

    fn print(&self, page: &mut Page) {
        self.header.print(page);
        page.line(format_args!("f = {}", self.header.value));
        page.blank();
        for (i, row) in self.formulas.iter().enumerate() {
            for (formula, name) in row.iter().zip(&self.variables[i..]) {
                let below = match &self.variables[i] {
                    first if first == name => format!("∂{first}²"),
                    first => format!("∂{first}∂{name}"),
                };
                page.line(format_args!("∂²f/{below} = {formula}"));
            }
        }
        let printable = self.variables.len() <= PRINTABLE_MATRIX;
        for mode in self.modes.iter().filter(|_| printable) {
            page.blank();
            page.heading(mode.mode);
            page.table(&matrix(&self.variables, &self.variables, &mode.matrix));
        }
        page.blank();
        let mut table =
            Table::new([("mode", Align::Left), ("largest difference", Align::Left), ("cost", Align::Left)]);
        for (i, mode) in self.modes.iter().enumerate() {
            let difference = if i == 0 { String::new() } else { size(mode.difference.0) };
            table.row([mode.mode.to_string(), difference, mode.work.to_string()]);
        }
        page.table(&table);
        if !printable {
            page.note("The matrices are large: --json prints them.");
        }
    }
}

/// The larger of two, where NaN is the largest.
pub fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

/// A matrix under the names of its columns, beside those of its rows.
pub fn matrix(rows: &[String], columns: &[String], entries: &[Vec<Number>]) -> Table {
    let heading = std::iter::once("").chain(columns.iter().map(String::as_str));
    let mut table = Table::new(
        heading.enumerate().map(|(i, name)| (name, if i == 0 { Align::Left } else { Align::Right })),
    );
    for (name, row) in rows.iter().zip(entries) {
        let cells = row.iter().map(|entry| (entry.to_string(), Style::new()));
        table.styled(std::iter::once((name.clone(), FAINT)).chain(cells));
    }
    table
}
