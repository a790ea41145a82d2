//! What can go wrong, how it is told, and the exit status it ends with.

use crate::output::Page;
use anstyle::{AnsiColor, Style};
use cotangent::number::ParseError;
use std::fmt::Display;
use std::ops::Range;
use std::process::ExitCode;

/// The exit statuses, told in `cotan --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The command did what it was asked.
    Success = 0,
    /// It ran, and the answer is no: a check failed, a training did not converge.
    Negative = 1,
    /// The command line, an expression or a point cannot be understood.
    Usage = 2,
    /// The expression has no finite value or derivative at the point.
    Numeric = 3,
    /// A file or stream cannot be read or written.
    Io = 4,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(status as u8)
    }
}

/// Why a command cannot go on.
#[derive(Debug)]
pub struct Failure {
    pub status: Status,
    message: String,
    place: Option<Place>,
    advice: Option<String>,
}

/// The text that is at fault, and where in it.
#[derive(Debug)]
struct Place {
    source: String,
    span: Range<usize>,
}

impl Failure {
    pub fn new(status: Status, message: impl Display) -> Self {
        Failure { status, message: message.to_string(), place: None, advice: None }
    }

    pub fn usage(message: impl Display) -> Self {
        Failure::new(Status::Usage, message)
    }

    pub fn numeric(message: impl Display) -> Self {
        Failure::new(Status::Numeric, message)
    }

    pub fn io(what: impl Display, error: &std::io::Error) -> Self {
        Failure::new(Status::Io, format!("{what}: {}", reason(error)))
    }

    /// A parser's refusal of a part of `source` that starts at `offset`.
    pub fn parse(error: &ParseError, source: &str, offset: usize) -> Self {
        let span = error.span().start + offset..error.span().end + offset;
        let failure = Failure::usage(error.message()).at(source, span);
        match error.advice() {
            Some(advice) => failure.advice(advice),
            None => failure,
        }
    }

    /// Points at the place in the text that is at fault.
    pub fn at(mut self, source: &str, span: Range<usize>) -> Self {
        self.place = Some(Place { source: source.to_string(), span });
        self
    }

    /// Says what to do about it.
    pub fn advice(mut self, advice: impl Display) -> Self {
        self.advice = Some(advice.to_string());
        self
    }

    /// The message, the source line with carets under the place, and the advice.
    pub fn page(&self) -> Page {
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let cyan = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
        let mut page = Page::new();
        page.line(format_args!("{red}error{red:#}: {}", printable(&self.message)));
        if let Some(place) = &self.place {
            let excerpt = Excerpt::of(place);
            let number = excerpt.line.map_or(String::new(), |n| format!("{n} "));
            let gap = " ".repeat(number.len());
            page.line(format_args!("  {cyan}{number}|{cyan:#} {}", excerpt.text));
            let (indent, carets) = (" ".repeat(excerpt.column), "^".repeat(excerpt.width));
            page.line(format_args!("  {gap}{cyan}|{cyan:#} {indent}{red}{carets}{red:#}"));
        }
        if let Some(advice) = &self.advice {
            page.line(format_args!("  {cyan}help{cyan:#}: {}", printable(advice)));
        }
        page
    }
}

/// An operating system's reason without its number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

/// Control characters could move the caret or do worse to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// One line of the source, cut to what fits beside the place.
struct Excerpt {
    /// The line's number, where the source has several.
    line: Option<usize>,
    text: String,
    column: usize,
    width: usize,
}

impl Excerpt {
    const BEFORE: usize = 50;
    const AFTER: usize = 60;

    fn of(place: &Place) -> Self {
        let source = &place.source;
        let start = floor_boundary(source, place.span.start);
        let end = floor_boundary(source, place.span.end.max(start));
        let line_start = source[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |i| start + i);
        let end = end.clamp(start, line_end);
        let line = source.trim_end().contains('\n').then(|| source[..start].matches('\n').count() + 1);

        let count = |range: Range<usize>| source[range].chars().count();
        let (before, width) = (count(line_start..start), count(start..end));
        let skipped = before.saturating_sub(Self::BEFORE);
        let shown = (before - skipped) + width.min(Self::AFTER) + (Self::AFTER - width.min(Self::AFTER));
        let cut = count(line_start..line_end) > skipped + shown;
        let mut text: String = source[line_start..line_end].chars().skip(skipped).take(shown).collect();
        text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut column = before - skipped;
        if skipped > 0 {
            text.insert(0, '…');
            column += 1;
        }
        if cut {
            text.push('…');
        }
        Excerpt { line, text, column, width: width.clamp(1, Self::AFTER) }
    }
}

fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}
