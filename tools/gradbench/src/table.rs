//! Markdown tables.

use std::fmt::Write;

pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(header: &[&str]) -> Self {
        Table { header: header.iter().map(|h| h.to_string()).collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.header.len());
        self.rows.push(cells);
    }

    /// The first column to the left, numbers to the right.
    pub fn render(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = line(&self.header);
        let _ = writeln!(text, "|---|{}", "---:|".repeat(self.header.len() - 1));
        self.rows.iter().for_each(|row| text += &line(row));
        text
    }
}

/// A time with three significant digits and its unit.
pub fn time(ns: f64) -> String {
    let (x, unit) = match ns {
        _ if ns >= 1e6 => (ns / 1e6, "ms"),
        _ if ns >= 1e4 => (ns / 1e3, "µs"),
        _ => (ns, "ns"),
    };
    format!("{} {unit}", digits(x))
}

/// Three significant digits, none of them after the point for large numbers.
pub fn digits(x: f64) -> String {
    match x.abs() {
        a if a >= 100.0 => format!("{x:.0}"),
        a if a >= 10.0 => format!("{x:.1}"),
        _ => format!("{x:.2}"),
    }
}

/// A time and, in brackets, how many times the plain function's it is.
pub fn ratio(ns: f64, plain: f64) -> String {
    format!("{} ({})", time(ns), digits(ns / plain))
}
