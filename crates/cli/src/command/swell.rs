//! `cotan swell`: how formulas grow where a tape does not.

use crate::args::Swell;
use crate::engine::Text;
use crate::failure::Failure;
use crate::input::{formula, single};
use crate::output::{Align, Page, Report, Table, grouped};
use cotangent::number::{Expr, Tape};
use serde::Serialize;

/// Nodes that all depths together may have, at a few microseconds each.
const MAX_NODES: usize = 6_000_000;

/// Deeper runs print the first rows and then every tenth part.
const PRINTED_ROWS: u32 = 30;

#[derive(Serialize)]
pub struct Growth {
    expression: Text,
    variable: String,
    rows: Vec<Row>,
}

/// Sizes after composing `depth` times.
#[derive(Serialize)]
struct Row {
    depth: u32,
    function_tree: u128,
    function_dag: usize,
    derivative_tree: u128,
    derivative_dag: usize,
    /// Operations that a tape records, and as many again that its sweep undoes.
    reverse_operations: usize,
}

pub fn report(args: &Swell) -> Result<Growth, Failure> {
    let (expr, _) = formula(&args.source)?;
    let symbols = expr.symbols();
    let variable = single(&symbols, args.wrt.as_deref())?;
    let mut rows = Vec::new();
    let mut nodes = 0;
    let mut function = expr.clone();
    for depth in 0..=args.depth {
        if depth > 0 {
            function = expr.substitute(variable, &function);
        }
        let derivative = function.differentiate(variable).simplify();
        let (function_dag, derivative_dag) = (function.dag_size(), derivative.dag_size());
        nodes += function_dag + derivative_dag;
        if nodes > MAX_NODES {
            let failure = Failure::usage(format_args!("--depth {} would take too long", args.depth));
            return Err(failure.advice(format_args!("a depth of {} is possible", depth.saturating_sub(1))));
        }
        rows.push(Row {
            depth,
            function_tree: function.tree_size(),
            function_dag,
            derivative_tree: derivative.tree_size(),
            derivative_dag,
            reverse_operations: 2 * recorded(&function, &symbols),
        });
    }
    Ok(Growth { expression: Text::of(&expr), variable: variable.to_string(), rows })
}

/// How many operations a tape records. Their number does not depend on the point, nor on there being a value.
fn recorded(function: &Expr, symbols: &[String]) -> usize {
    let tape = Tape::new();
    let bindings: Vec<_> = symbols.iter().map(|symbol| (symbol.as_str(), tape.var(0.5))).collect();
    // Every symbol is bound, so there is a result; only its recording counts.
    let _ = function.evaluate(&bindings);
    tape.len() - bindings.len()
}

impl Report for Growth {
    fn print(&self, page: &mut Page) {
        page.heading(format_args!(
            "f = {}, put in place of {} again and again",
            self.expression, self.variable
        ));
        page.blank();
        let mut table = Table::new(
            ["depth", "f as tree", "f as DAG", "f' as tree", "f' as DAG", "reverse"]
                .map(|name| (name, Align::Right)),
        );
        let deepest = self.rows.last().map_or(0, |row| row.depth);
        let every = if deepest > PRINTED_ROWS { (deepest / 10).max(1) } else { 1 };
        let printed = |row: &&Row| row.depth <= 10 || row.depth.is_multiple_of(every) || row.depth == deepest;
        for row in self.rows.iter().filter(printed) {
            let tree = |size: u128| match size {
                u128::MAX => "over 3e38".to_string(),
                0..1_000_000_000_000 => grouped(size),
                _ => format!("{:.1e}", size as f64),
            };
            table.row([
                row.depth.to_string(),
                tree(row.function_tree),
                grouped(row.function_dag as u128),
                tree(row.derivative_tree),
                grouped(row.derivative_dag as u128),
                grouped(row.reverse_operations as u128),
            ]);
        }
        page.table(&table);
        page.blank();
        if let Some(row) = self.rows.last() {
            page.note(format_args!(
                "Sizes are numbers of nodes, the simplified derivative's too. Reverse mode records each operation once \
                 and sweeps back over it once: {} operations at depth {}, whatever the formula would have been.",
                grouped(row.reverse_operations as u128),
                row.depth
            ));
        }
    }
}
