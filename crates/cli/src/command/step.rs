//! `cotan step`: the error of finite differences as the step shrinks.

use crate::args::Step;
use crate::engine::{Named, Text, along};
use crate::failure::{Failure, Status};
use crate::input::{Point, affordable, formula, single, value};
use crate::output::{Align, GREEN, Number, Page, Report, Table, size};
use crate::plot::{Curve, Plot};
use anstyle::Style;
use cotangent::number::numeric;
use serde::Serialize;
use std::slice;

/// Errors below this are drawn on the floor of the plot, those that are zero too.
const FLOOR: f64 = -17.0;

/// Nodes of an expression that is evaluated a hundred times.
const AFFORDABLE_STEPS: usize = 100_000;

const METHODS: [&str; 3] = ["forward", "central", "Richardson"];

#[derive(Serialize)]
pub struct Errors {
    expression: Text,
    at: Named,
    variable: String,
    /// The derivative by the symbolic formula.
    exact: Number,
    steps: Vec<Row>,
    best: Vec<Best>,
}

/// Absolute errors at one step; "NaN" where the step is too small to move x, or leaves the domain.
#[derive(Serialize)]
struct Row {
    h: f64,
    forward: Number,
    central: Number,
    richardson: Number,
}

impl Row {
    fn errors(&self) -> [f64; 3] {
        [self.forward.0, self.central.0, self.richardson.0]
    }
}

#[derive(Serialize)]
struct Best {
    method: &'static str,
    h: f64,
    error: Number,
}

pub fn report(args: &Step) -> Result<Errors, Failure> {
    let (expr, places) = formula(&args.source)?;
    let point = Point::read(&args.at, slice::from_ref(&expr), &places)?;
    let variable = single(&point.names, args.wrt.as_deref())?;
    places.defined_at(&expr, &point)?;
    affordable(1, expr.dag_size(), AFFORDABLE_STEPS)?;
    let index = point.names.iter().position(|name| name == variable).unwrap_or(0);
    let expr = &expr;
    let exact = value(&expr.differentiate(variable).simplify(), &point.bindings());
    if !exact.is_finite() {
        return Err(Failure::numeric(format_args!(
            "the derivative in `{variable}` is {} there: there is nothing to compare with",
            Number(exact)
        )));
    }
    let f = along(expr, &point, index);
    let x = point.values[index];
    let row = |power: i32| {
        let h = format!("1e{power}").parse().unwrap_or(f64::NAN);
        let central = |h| numeric::central_difference(&f, x, Some(h)).derivative;
        // One step of Richardson's extrapolation: the h² terms of h and h/2 cancel.
        let richardson = (4.0 * central(h / 2.0) - central(h)) / 3.0;
        let error = |estimate: f64| Number((estimate - exact).abs());
        Row {
            h,
            forward: error(numeric::forward_difference(&f, x, Some(h)).derivative),
            central: error(central(h)),
            richardson: error(richardson),
        }
    };
    let steps: Vec<Row> = (-15..=-1).rev().map(row).collect();
    let best = METHODS
        .iter()
        .enumerate()
        .filter_map(|(i, method)| {
            let finite = steps.iter().filter(|row| row.errors()[i].is_finite());
            let row = finite.min_by(|a, b| a.errors()[i].total_cmp(&b.errors()[i]))?;
            Some(Best { method, h: row.h, error: Number(row.errors()[i]) })
        })
        .collect();
    Ok(Errors {
        expression: Text::of(expr),
        at: Named::of(&point),
        variable: variable.to_string(),
        exact: Number(exact),
        steps,
        best,
    })
}

impl Report for Errors {
    fn print(&self, page: &mut Page) {
        page.heading(format_args!("∂/∂{} of {}", self.variable, self.expression));
        page.line(format_args!("at {}; exactly {}", self.at, self.exact));
        page.blank();
        let heading = std::iter::once("h").chain(METHODS);
        let mut table = Table::new(heading.map(|name| (name, Align::Right)));
        for row in &self.steps {
            let cell = |(i, error): (usize, &f64)| {
                let best = self.best.iter().any(|best| best.method == METHODS[i] && best.h == row.h);
                (size(*error), if best { GREEN } else { Style::new() })
            };
            let h = (format!("{:e}", row.h), Style::new());
            table.styled(std::iter::once(h).chain(row.errors().iter().enumerate().map(cell)));
        }
        page.table(&table);
        page.blank();
        let curve = |(i, mark): (usize, char)| Curve {
            name: METHODS[i],
            mark,
            points: self
                .steps
                .iter()
                .map(|row| (-row.h.log10(), row.errors()[i].log10().max(FLOOR)))
                .collect(),
        };
        let plot = Plot {
            curves: ['f', 'c', 'R'].into_iter().enumerate().map(curve).collect(),
            height: 17,
            width: 57,
            left: "h=1e-1".to_string(),
            right: "1e-15".to_string(),
            axis: "error by step",
            label: |y| format!("1e{}", y.round() as i32),
            joined: false,
        };
        plot.draw(page);
        page.blank();
        for Best { method, h, error } in &self.best {
            page.line(format_args!("{method:<10}  best at h = {h:e}, error {}", size(error.0)));
        }
        page.note(
            "No h is both accurate and stable: the truncation error falls with h (as h, h² and h⁴), while the rounding \
             error grows as 1e-16/h, so each method is best in between and loses digits on either side.",
        );
    }

    fn status(&self) -> Status {
        if self.best.is_empty() { Status::Numeric } else { Status::Success }
    }
}
