//! Markdown tables.

/// A table: the first column to the left, numbers to the right.
pub struct Table {
    lines: Vec<Vec<String>>,
}

impl Table {
    /// Without rows.
    pub fn new<S: ToString>(header: impl IntoIterator<Item = S>) -> Table {
        Table { lines: vec![header.into_iter().map(|cell| cell.to_string()).collect()] }
    }

    /// One row more.
    pub fn row(&mut self, cells: Vec<String>) {
        self.lines.push(cells);
    }

    /// As Markdown.
    pub fn render(&self) -> String {
        let line = |cells: &Vec<String>| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|---|{}\n", "---:|".repeat(self.lines[0].len() - 1));
        line(&self.lines[0]) + &rule + &self.lines[1..].iter().map(line).collect::<String>()
    }
}

/// A time with three significant digits and its unit.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1e-3 => format!("{} ms", digits(s * 1e3)),
        s if s >= 1e-6 => format!("{} µs", digits(s * 1e6)),
        s => format!("{} ns", digits(s * 1e9)),
    }
}

/// Three significant digits, none of them after the point for large numbers.
pub fn digits(x: f64) -> String {
    match x.abs() {
        a if a >= 100.0 => format!("{x:.0}"),
        a if a >= 10.0 => format!("{x:.1}"),
        _ => format!("{x:.2}"),
    }
}
