//! `cotan check`: every mode's gradient against central differences.

use crate::args::Check;
use crate::engine::{Named, Text};
use crate::failure::{Failure, Status};
use crate::input::{Point, affordable, formula, value};
use crate::output::{Align, GREEN, Number, Page, RED, Report, Table, YELLOW, counted, numbers, size};
use anstyle::Style;
use cotangent::check::{ModeReport, Verdict, check_modes, gradcheck_dtypes};
use serde::Serialize;
use std::slice;

/// Derivatives times nodes. A difference that disagrees is taken again at a hundred steps, for every mode.
const AFFORDABLE_CHECKS: usize = 50_000;

#[derive(Serialize)]
pub struct Checked {
    expression: Text,
    at: Named,
    value: Number,
    /// The worst of the modes'.
    verdict: String,
    numeric: Vec<Number>,
    evaluations: usize,
    /// The largest relative difference between any two exact modes.
    disagreement: Number,
    modes: Vec<Mode>,
    single: Single,
    #[serde(skip)]
    failed: bool,
}

#[derive(Serialize)]
struct Mode {
    mode: String,
    /// PASS, WARNING or FAIL; null where the mode does not apply.
    verdict: Option<String>,
    gradient: Vec<Number>,
    passes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    relative_error: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<Worst>,
    /// What was seen besides, or why the mode does not apply.
    notes: Vec<String>,
}

/// Reverse mode in 32-bit numbers, whose verdict does not count: a right gradient may need the digits.
#[derive(Serialize)]
struct Single {
    verdict: String,
    relative_error: Number,
    advice: Option<String>,
}

/// The entry with the largest error.
#[derive(Serialize)]
struct Worst {
    variable: String,
    derivative: Number,
    numeric: Number,
    step: Number,
}

pub fn report(args: &Check) -> Result<Checked, Failure> {
    let (expr, places) = formula(&args.source)?;
    let point = Point::read(&args.at, slice::from_ref(&expr), &places)?;
    places.defined_at(&expr, &point)?;
    if point.names.is_empty() {
        return Err(Failure::usage("the expression has no variable: there is nothing to check"));
    }
    affordable(point.names.len(), expr.dag_size(), AFFORDABLE_CHECKS)?;
    let report = check_modes(&expr, &point.values);
    let dtypes = gradcheck_dtypes(&expr, &point.values);
    Ok(Checked {
        expression: Text::of(&expr),
        at: Named::of(&point),
        value: Number(value(&expr, &point.bindings())),
        verdict: report.verdict().to_string(),
        numeric: numbers(&report.numeric),
        evaluations: report.evaluations,
        disagreement: Number(report.disagreement()),
        failed: report.verdict() == Verdict::Fail,
        modes: report.modes.iter().map(|mode| Mode::of(mode, &point.names)).collect(),
        single: Single {
            verdict: dtypes.single().verdict().to_string(),
            relative_error: Number(dtypes.single().relative_error()),
            advice: dtypes.advice(),
        },
    })
}

impl Mode {
    fn of(report: &ModeReport, names: &[String]) -> Self {
        let (mode, gradient, passes) = (report.mode.to_string(), numbers(&report.gradient), report.passes);
        match &report.outcome {
            Err(reason) => {
                let notes = vec![format!("a complex step cannot go through {}", reason.function)];
                Mode { mode, verdict: None, gradient, passes, relative_error: None, worst: None, notes }
            }
            Ok(check) => Mode {
                mode,
                verdict: Some(check.verdict().to_string()),
                gradient,
                passes,
                relative_error: Some(Number(check.relative_error())),
                worst: check.worst().map(|entry| Worst {
                    variable: names[entry.index].clone(),
                    derivative: Number(entry.analytic),
                    numeric: Number(entry.numeric),
                    step: Number(entry.step),
                }),
                notes: check.notes().iter().map(|note| named(note, names)).collect(),
            },
        }
    }
}

/// A note with the variable's name in place of its number.
fn named(note: &str, names: &[String]) -> String {
    let Some(rest) = note.strip_prefix("entry ") else { return note.to_string() };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    match rest[..digits].parse::<usize>().ok().and_then(|i| names.get(i)) {
        Some(name) => format!("{name}{}", &rest[digits..]),
        None => note.to_string(),
    }
}

fn style(verdict: &str) -> Style {
    match verdict {
        "PASS" => GREEN,
        "FAIL" => RED,
        _ => YELLOW,
    }
}

impl Report for Checked {
    fn print(&self, page: &mut Page) {
        page.heading(format_args!("gradient check of {}", self.expression));
        page.line(format_args!("at {}", self.at));
        page.blank();
        let mut table = Table::new(
            ["mode", "verdict", "relative error", "worst in", "derivative", "numerical", "step", "cost"]
                .map(|name| (name, Align::Left)),
        );
        for mode in &self.modes {
            let verdict = mode.verdict.as_deref().unwrap_or("n/a");
            let error = mode.relative_error.map_or(String::new(), |error| size(error.0));
            let worst = |text: fn(&Worst) -> String| mode.worst.as_ref().map_or(String::new(), text);
            let plain = |text: String| (text, Style::new());
            table.styled([
                plain(mode.mode.clone()),
                (verdict.to_string(), style(verdict)),
                plain(error),
                plain(worst(|w| w.variable.clone())),
                plain(worst(|w| w.derivative.to_string())),
                plain(worst(|w| w.numeric.to_string())),
                plain(worst(|w| size(w.step.0))),
                plain(match mode.verdict {
                    Some(_) => counted(mode.passes as u128, "pass", "passes"),
                    None => String::new(),
                }),
            ]);
        }
        let Single { verdict, relative_error, advice } = &self.single;
        table.styled([
            ("reverse, f32".to_string(), Style::new()),
            (verdict.clone(), style(verdict)),
            (size(relative_error.0), Style::new()),
        ]);
        page.table(&table);
        let mut told: Vec<&str> = advice.iter().map(String::as_str).collect();
        for note in self.modes.iter().flat_map(|mode| &mode.notes) {
            if !told.contains(&note.as_str()) {
                told.push(note);
            }
        }
        if !told.is_empty() {
            page.blank();
            told.iter().for_each(|note| page.note(note));
        }
        page.blank();
        let style = style(&self.verdict);
        page.line(format_args!(
            "{style}{}{style:#}  against central differences ({}); the exact modes differ by {} at most",
            self.verdict,
            counted(self.evaluations as u128, "evaluation", "evaluations"),
            size(self.disagreement.0)
        ));
    }

    fn status(&self) -> Status {
        if self.failed { Status::Negative } else { Status::Success }
    }
}
