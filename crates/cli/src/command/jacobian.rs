//! `cotan jacobian`: one recording swept by columns and by rows.

use crate::args::Jacobian;
use crate::command::diff::{larger, matrix};
use crate::engine::{Named, Text, difference};
use crate::failure::{Failure, Status};
use crate::input::{Point, affordable, list};
use crate::output::{Align, Number, Page, Report, Table, counted, numbers, size};
use cotangent::number::{self, Expr, Sweep, Var};
use serde::Serialize;

/// Larger matrices are left to JSON.
const PRINTABLE: usize = 12;

/// Nodes of a tape that all sweeps together may visit, at a few nanoseconds each.
const AFFORDABLE_SWEEPS: usize = 300_000_000;

#[derive(Serialize)]
pub struct Both {
    expressions: Vec<Text>,
    at: Named,
    values: Vec<Number>,
    columns: Swept,
    rows: Swept,
    /// The largest difference between the two.
    difference: Number,
    chosen: &'static str,
    reason: String,
}

/// The matrix by one kind of sweep.
#[derive(Serialize)]
struct Swept {
    mode: &'static str,
    /// Sweeps over the recording.
    passes: usize,
    matrix: Vec<Vec<Number>>,
}

pub fn report(args: &Jacobian) -> Result<Both, Failure> {
    let (exprs, places) = list(&args.source)?;
    let point = Point::read(&args.at, &exprs, &places)?;
    for expr in &exprs {
        places.defined_at(expr, &point)?;
    }
    if point.names.is_empty() {
        return Err(Failure::usage("the expressions have no variable"));
    }
    let nodes: usize = exprs.iter().map(Expr::dag_size).sum();
    affordable(exprs.len() + point.names.len(), nodes, AFFORDABLE_SWEEPS)?;
    let x = &point.values;
    let by_columns = number::jacobian_by_columns(|x| outputs(&exprs, &point, x), x);
    let by_rows = number::jacobian_by_rows(|x| outputs(&exprs, &point, x), x);
    let best = number::jacobian(|x| outputs(&exprs, &point, x), x);

    let pairs = by_columns.matrix.iter().flatten().zip(by_rows.matrix.iter().flatten());
    let difference = Number(pairs.map(|(&a, &b)| difference(a, b)).fold(0.0, larger));
    let swept = |mode, jacobian: &number::Jacobian| Swept {
        mode,
        passes: jacobian.passes,
        matrix: jacobian.matrix.iter().map(|row| numbers(row)).collect(),
    };
    Ok(Both {
        expressions: exprs.iter().map(Text::of).collect(),
        at: Named::of(&point),
        values: numbers(&best.values),
        columns: swept("forward", &by_columns),
        rows: swept("reverse", &by_rows),
        difference,
        chosen: match best.sweep {
            Sweep::ByColumns => "columns",
            Sweep::ByRows => "rows",
        },
        reason: best.reason,
    })
}

/// Every expression on the variables' tape. The point has a value for each variable, so evaluation does not fail.
fn outputs<'t>(exprs: &[Expr], point: &Point, x: &[Var<'t>]) -> Vec<Var<'t>> {
    let nan = || exprs.iter().map(|_| x[0].constant(f64::NAN)).collect();
    Expr::evaluate_all(exprs, &point.bind(x)).unwrap_or_else(|_| nan())
}

impl Report for Both {
    fn print(&self, page: &mut Page) {
        let (m, n) = (self.values.len(), self.at.0.len());
        let names: Vec<String> = (1..=m).map(|i| format!("f{i}")).collect();
        let variables: Vec<String> = self.at.0.iter().map(|(name, _)| name.clone()).collect();
        page.line(format_args!("at {}", self.at));
        let mut table = Table::new([("", Align::Left), ("value", Align::Left), ("expression", Align::Left)]);
        for ((name, value), expression) in names.iter().zip(&self.values).zip(&self.expressions) {
            table.row([name.clone(), value.to_string(), expression.to_string()]);
        }
        page.table(&table);
        for (how, swept) in [("columns", &self.columns), ("rows", &self.rows)] {
            page.blank();
            page.heading(format_args!(
                "by {how}, {} mode: {}",
                swept.mode,
                counted(swept.passes as u128, "pass", "passes")
            ));
            if m.max(n) <= PRINTABLE {
                page.table(&matrix(&names, &variables, &swept.matrix));
            }
        }
        if m.max(n) > PRINTABLE {
            page.note("The matrices are large: --json prints them.");
        }
        page.blank();
        page.line(format_args!("largest difference  {}", size(self.difference.0)));
        page.line(format_args!("chosen              by {}: {}", self.chosen, self.reason));
    }

    fn status(&self) -> Status {
        let finite = self.columns.matrix.iter().flatten().all(|entry| entry.0.is_finite());
        if finite { Status::Success } else { Status::Numeric }
    }
}
