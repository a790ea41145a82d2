//! What is printed: pages of text with tables, or JSON; both written in one piece.

use crate::failure::{Failure, Status};
use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use serde::{Serialize, Serializer};
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

pub const BOLD: Style = Style::new().bold();
pub const FAINT: Style = Style::new().dimmed();
pub const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Green)));
pub const YELLOW: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Yellow)));
pub const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(anstyle::AnsiColor::Red)));

const NOTE_WIDTH: usize = 100;

/// A subcommand's answer.
pub trait Report: Serialize {
    /// Writes it for a person.
    fn print(&self, page: &mut Page);

    /// The exit status that it stands for.
    fn status(&self) -> Status {
        Status::Success
    }
}

/// Writes a report to standard output, as text or as JSON.
pub fn emit(report: &impl Report, json: bool, colour: ColorChoice) -> Result<Status, Failure> {
    let text = if json {
        self::json(report)?
    } else {
        let mut page = Page::new();
        report.print(&mut page);
        page.text
    };
    write(AutoStream::new(io::stdout(), colour), &text)?;
    Ok(report.status())
}

/// A report as JSON text with a line end.
pub fn json(report: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::new(Status::Io, format!("cannot write JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

fn write(mut stream: impl Write, text: &str) -> Result<(), Failure> {
    written(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
}

/// A reader that has seen enough (`| head`) is no failure.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::io("cannot write to standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Tells a failure on standard error. If that cannot be written either, the status still tells.
pub fn complain(failure: &Failure, colour: ColorChoice) {
    let _ = write(AutoStream::new(io::stderr(), colour), &failure.page().text);
}

/// Text on its way to a terminal or file; styles are taken out where they would not be understood.
pub struct Page {
    text: String,
}

impl Page {
    pub fn new() -> Self {
        Page { text: String::new() }
    }

    pub fn line(&mut self, text: impl Display) {
        self.push(text);
        self.text.push('\n');
    }

    /// Text with its own line ends.
    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    pub fn heading(&mut self, text: impl Display) {
        self.line(format_args!("{BOLD}{text}{BOLD:#}"));
    }

    /// A remark under what it is about.
    pub fn note(&mut self, text: impl Display) {
        for line in wrapped(&text.to_string()) {
            self.line(format_args!("{FAINT}{line}{FAINT:#}"));
        }
    }

    pub fn table(&mut self, table: &Table) {
        self.push(table);
    }

    fn push(&mut self, text: impl Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{text}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    Left,
    Right,
}

/// Columns of text under headings, indented by two.
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Align)>) -> Self {
        let columns = columns.into_iter().map(|(name, align)| (name.into(), align)).collect();
        Table { columns, rows: Vec::new() }
    }

    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.styled(cells.into_iter().map(|cell| (cell.into(), Style::new())));
    }

    pub fn styled(&mut self, cells: impl IntoIterator<Item = (String, Style)>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading: Vec<_> = self.columns.iter().map(|(name, _)| (name.clone(), FAINT)).collect();
        let lines = || std::iter::once(&heading).chain(&self.rows);
        let width =
            |i: usize| lines().filter_map(|line| line.get(i)).map(|c| columns(&c.0)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        for line in lines() {
            let mut pending = 2;
            for (i, (text, style)) in line.iter().enumerate() {
                let padding = widths[i].saturating_sub(columns(text));
                let (before, after) = match self.columns[i].1 {
                    Align::Left => (0, padding),
                    Align::Right => (padding, 0),
                };
                if text.is_empty() {
                    // Left to the next cell's indent, so that no line ends in spaces.
                    pending += widths[i] + 2;
                    continue;
                }
                write!(f, "{:1$}{style}{text}{style:#}", "", pending + before)?;
                pending = after + 2;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// How many columns a text takes, accents that sit on another character not counted.
pub fn columns(text: &str) -> usize {
    text.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).count()
}

/// The text in lines of a readable length, broken between words; its own line ends stay.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > NOTE_WIDTH {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// A number as JSON: NaN and the infinities, which JSON cannot write, are the strings "NaN", "inf" and "-inf".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { serializer.serialize_f64(self.0) } else { serializer.collect_str(&self.0) }
    }
}

/// The shortest text that is this number, with an exponent where it would be long.
impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if x == 0.0 {
            f.pad("0")
        } else if x.is_finite() && !(1e-5..1e16).contains(&x.abs()) {
            f.pad(&format!("{x:e}"))
        } else {
            f.pad(&format!("{x}"))
        }
    }
}

pub fn numbers(values: &[f64]) -> Vec<Number> {
    values.iter().copied().map(Number).collect()
}

/// A small quantity by its size: `0`, `2.3e-11`.
pub fn size(x: f64) -> String {
    if x == 0.0 || !x.is_finite() { Number(x).to_string() } else { format!("{x:.1e}") }
}

/// 2000000 as `2,000,000`.
pub fn grouped(n: u128) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 pass`, `2 passes`.
pub fn counted(n: u128, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}
