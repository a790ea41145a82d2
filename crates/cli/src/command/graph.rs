//! `cotan graph`: the computation graph, and the chain rule along its paths.

use crate::args::{Format, Graph as Args};
use crate::engine::{Named, Text};
use crate::failure::{Failure, Status};
use crate::input::{Point, affordable, formula};
use crate::output::{Number, Page, Report, json};
use cotangent::view::{Graph, Kind, Paths};
use serde::Serialize;
use std::slice;

/// Nodes that the searches for paths may visit, all variables' together.
const AFFORDABLE_PATHS: usize = 10_000_000;

#[derive(Serialize)]
pub struct Drawing {
    expression: Text,
    at: Named,
    nodes: Vec<Node>,
    variables: Vec<Variable>,
    format: String,
    /// The graph in that format.
    drawing: String,
    #[serde(skip)]
    with_paths: bool,
    #[serde(skip)]
    paths: Vec<Paths>,
}

/// A node; operands come before their users, and the output is last.
#[derive(Serialize)]
struct Node {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    value: Option<Number>,
    gradient: Option<Number>,
    operands: Vec<Operand>,
}

#[derive(Serialize)]
struct Operand {
    node: usize,
    partial: Option<Number>,
}

/// A variable's derivative as a sum over paths.
#[derive(Serialize)]
struct Variable {
    name: String,
    derivative: Option<Number>,
    /// How many paths there are; the first of them are listed.
    total_paths: u128,
    paths: Vec<Path>,
}

#[derive(Serialize)]
struct Path {
    nodes: Vec<usize>,
    names: Vec<String>,
    factors: Vec<Number>,
    contribution: Option<Number>,
}

pub fn report(args: &Args) -> Result<Drawing, Failure> {
    let (expr, places) = formula(&args.source)?;
    // Without a point the graph is drawn without numbers.
    let (graph, at, names) = if args.at.at.is_empty() {
        (Graph::of_expr(&expr), Named(Vec::new()), expr.symbols())
    } else {
        let point = Point::read(&args.at, slice::from_ref(&expr), &places)?;
        places.defined_at(&expr, &point)?;
        let graph = Graph::of_expr_at(&expr, &point.bindings())
            .map_err(|error| Failure::numeric(format_args!("the graph has no values: {error}")))?;
        (graph, Named::of(&point), point.names)
    };
    affordable(names.len(), graph.nodes().len(), AFFORDABLE_PATHS)?;
    let paths: Vec<Paths> = names.iter().map(|name| graph.paths(name, args.paths)).collect();
    let drawing = match args.format {
        Format::Text => graph.text(),
        Format::Dot => graph.dot(),
        Format::Mermaid => graph.mermaid(),
        Format::Svg => graph.svg(),
    };
    Ok(Drawing {
        expression: Text::of(&expr),
        at,
        nodes: graph.nodes().iter().map(Node::of).collect(),
        variables: names.into_iter().zip(&paths).map(|(name, paths)| Variable::of(name, paths)).collect(),
        format: format!("{:?}", args.format).to_lowercase(),
        drawing,
        with_paths: args.format == Format::Text,
        paths,
    })
}

/// Writes the report to the file that was asked for.
pub fn save(report: &Drawing, path: &std::path::Path, as_json: bool) -> Result<Status, Failure> {
    let text = if as_json { json(report)? } else { report.text() };
    std::fs::write(path, text)
        .map_err(|error| Failure::io(format_args!("cannot write `{}`", path.display()), &error))?;
    Ok(report.status())
}

impl Node {
    fn of(node: &cotangent::view::Node) -> Self {
        let kind = match node.kind() {
            Kind::Input => "input",
            Kind::Constant => "constant",
            Kind::Operation { .. } => "operation",
        };
        let operand =
            |edge: &cotangent::view::Edge| Operand { node: edge.node, partial: edge.partial.map(Number) };
        Node {
            kind,
            operation: node.symbol(),
            name: node.name().map(str::to_string),
            value: node.value().map(Number),
            gradient: node.grad().map(Number),
            operands: node.operands().iter().map(operand).collect(),
        }
    }
}

impl Variable {
    fn of(name: String, paths: &Paths) -> Self {
        let path = |path: &cotangent::view::Path| Path {
            nodes: path.nodes.clone(),
            names: path.names.clone(),
            factors: path.factors.iter().copied().map(Number).collect(),
            contribution: path.contribution.map(Number),
        };
        Variable {
            name,
            derivative: paths.derivative.map(Number),
            total_paths: paths.total,
            paths: paths.listed.iter().map(path).collect(),
        }
    }
}

impl Drawing {
    /// The drawing, and for people the paths below it.
    fn text(&self) -> String {
        let mut text = self.drawing.clone();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if self.with_paths {
            for paths in &self.paths {
                text.push('\n');
                text.push_str(&paths.to_string());
            }
        }
        text
    }
}

impl Report for Drawing {
    fn print(&self, page: &mut Page) {
        page.raw(&self.text());
    }

    fn status(&self) -> Status {
        let finite = self.variables.iter().all(|v| v.derivative.is_none_or(|d| d.0.is_finite()));
        if finite { Status::Success } else { Status::Numeric }
    }
}
