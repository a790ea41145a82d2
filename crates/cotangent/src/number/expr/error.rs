//! Where a text could not be read, and how to show it.

use std::fmt;
use std::ops::Range;

/// Why a text is not a formula: the place, what is wrong there, and what to write instead.
///
/// ```
/// use cotangent::number::Expr;
/// let error = Expr::parse("2x + 1").unwrap_err();
/// assert_eq!(error.span(), 1..2);
/// assert_eq!(error.advice(), Some("write `2*x`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    span: Range<usize>,
    message: String,
    advice: Option<String>,
}

impl ParseError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> ParseError {
        ParseError { span, message: message.into(), advice: None }
    }

    pub(super) fn advise(self, advice: impl Into<String>) -> ParseError {
        ParseError { advice: Some(advice.into()), ..self }
    }

    /// The bytes of the text that are at fault: on character boundaries, at most up to the text's end, and empty where
    /// something is missing.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// assert_eq!(Expr::parse("1 +").unwrap_err().span(), 3..3);
    /// ```
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// assert_eq!(Expr::parse("1 +").unwrap_err().message(), "a value is missing at the end");
    /// ```
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to write instead, where that is known.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// assert_eq!(Expr::parse("sin 2").unwrap_err().advice(), Some("write `sin(2)`"));
    /// ```
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The line of the source, a caret under the place, the message and the advice.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let source = "x + sin 2";
    /// let report = Expr::parse(source).unwrap_err().render(source);
    /// let lines: Vec<&str> = report.lines().collect();
    /// assert_eq!(lines[..2], ["  x + sin 2", "      ^^^"]);
    /// assert_eq!(lines[3], "help: write `sin(2)`");
    /// ```
    pub fn render(&self, source: &str) -> String {
        format!("{}\n{self}", caret(source, &self.span))
    }
}

/// The message, and the advice on a second line.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) => write!(f, "\nhelp: {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ParseError {}

/// How many characters of a long line are shown on each side of the place.
const WINDOW: usize = 36;

/// The line of `source` that holds the start of `span`, cut to a window where it is long, and a line with carets under
/// the span. Whatever the span, this does not panic.
///
/// ```
/// use cotangent::number::caret;
/// assert_eq!(caret("1 + ln(x)", &(4..9)), "  1 + ln(x)\n      ^^^^^");
/// ```
pub fn caret(source: &str, span: &Range<usize>) -> String {
    let boundary = |at: usize| {
        let at = at.min(source.len());
        (0..=at).rev().find(|&at| source.is_char_boundary(at)).unwrap_or(0)
    };
    let (start, end) = (boundary(span.start), boundary(span.end.max(span.start)));
    let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
    // Only the window is looked at beyond this point, so a line of a gigabyte costs no more than a short one.
    let mut before: Vec<char> = source[line_start..start].chars().rev().take(WINDOW + 1).collect();
    before.reverse();
    let cut_before = before.len() > WINDOW;
    if cut_before {
        before[0] = '…';
    }
    let mut after: Vec<char> = source[start..line_end].chars().take(WINDOW + 1).collect();
    if after.len() > WINDOW {
        after[WINDOW] = '…';
    }
    let shown: String = before.iter().chain(&after).map(|&c| if c.is_control() { ' ' } else { c }).collect();
    let width = source[start..end.min(line_end).max(start)].chars().take(after.len()).count().max(1);
    format!("  {}\n  {}{}", shown.trim_end(), " ".repeat(before.len()), "^".repeat(width))
}
