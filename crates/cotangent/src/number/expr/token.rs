//! Text to tokens.

use super::ParseError;
use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Name,
    /// A symbol whose name is not plain, between backquotes.
    Quoted(String),
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Caret,
    Open,
    Close,
    Comma,
    OpenList,
    CloseList,
    /// What no token begins with. It is last, and an error once the parser comes to it.
    Bad(Box<ParseError>),
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(super) fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The tokens, ending with [`Kind::End`] or [`Kind::Bad`].
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += run(&bytes[at..], |b| b.is_ascii_whitespace());
        let Some(&first) = bytes.get(at) else {
            tokens.push(Token { kind: Kind::End, start: at, end: at });
            return tokens;
        };
        let one = |kind| Ok((kind, 1));
        let read = match first {
            b'+' => one(Kind::Plus),
            b'-' => one(Kind::Minus),
            b'*' if bytes.get(at + 1) == Some(&b'*') => Ok((Kind::Caret, 2)),
            b'*' => one(Kind::Star),
            b'/' => one(Kind::Slash),
            b'%' => one(Kind::Percent),
            b'^' => one(Kind::Caret),
            b'(' => one(Kind::Open),
            b')' => one(Kind::Close),
            b',' => one(Kind::Comma),
            b'[' => one(Kind::OpenList),
            b']' => one(Kind::CloseList),
            b'`' => quoted(source, at),
            b if b.is_ascii_digit() => number(source, at),
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => number(source, at),
            b if b.is_ascii_alphabetic() || b == b'_' => {
                Ok((Kind::Name, run(&bytes[at..], |b| b.is_ascii_alphanumeric() || b == b'_')))
            }
            _ => Err(unknown(source, at)),
        };
        match read {
            Ok((kind, length)) => {
                tokens.push(Token { kind, start: at, end: at + length });
                at += length;
            }
            Err(error) => {
                let (start, end) = (error.span().start, error.span().end);
                tokens.push(Token { kind: Kind::Bad(Box::new(error)), start, end });
                return tokens;
            }
        }
    }
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&b| belongs(b)).count()
}

fn number(source: &str, start: usize) -> Result<(Kind, usize), ParseError> {
    let rest = &source.as_bytes()[start..];
    let digits = |from: usize| run(rest.get(from..).unwrap_or_default(), |b| b.is_ascii_digit());
    let mut length = digits(0);
    if rest.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    let mantissa = length;
    // `2e` is 2 followed by the constant e, not an unfinished exponent.
    if matches!(rest.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    let span = start..start + length;
    let value: f64 =
        source[span.clone()].parse().map_err(|_| ParseError::new(span.clone(), "this is not a number"))?;
    if value.is_infinite() {
        let advice = "the largest is 1.7976931348623157e308; infinity is written `inf`";
        return Err(ParseError::new(span, "the number is too large (it overflows)").advise(advice));
    }
    if value == 0.0 && rest[..mantissa].iter().any(|b| (b'1'..=b'9').contains(b)) {
        let advice = "the smallest is 5e-324; write `0` if that is meant";
        return Err(ParseError::new(span, "the number is too small (it underflows to 0)").advise(advice));
    }
    Ok((Kind::Number(value), length))
}

fn quoted(source: &str, start: usize) -> Result<(Kind, usize), ParseError> {
    let mut name = String::new();
    let mut chars = source[start + 1..].char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '`' => return Ok((Kind::Quoted(name), offset + 2)),
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            c => name.push(c),
        }
    }
    Err(ParseError::new(start..start + 1, "the name that begins here has no closing backquote"))
}

fn unknown(source: &str, start: usize) -> ParseError {
    let c = source[start..].chars().next().unwrap_or('\0');
    let advice = match c {
        'π' => Some("write `pi`"),
        '×' | '·' | '⋅' | '∙' => Some("write `*`"),
        '÷' | ':' => Some("write `/`"),
        '−' | '–' => Some("write `-`, the minus of the keyboard"),
        '²' => Some("write `^2`"),
        '³' => Some("write `^3`"),
        '√' => Some("write `sqrt(…)`"),
        '=' => Some("give one formula, without `=`"),
        '{' | '}' => Some("group with `(` and `)`"),
        '|' => Some("the absolute value is written `abs(…)`"),
        '!' => Some("x! is exp(lgamma(x + 1))"),
        '<' => Some("comparisons are written `less(a, b)`"),
        '>' => Some("comparisons are written `greater(a, b)`"),
        '\'' | '"' => Some("give the formula without quotes"),
        c if c.is_alphabetic() => Some("names are made of the letters a to z, digits and `_`, as in `alpha`"),
        _ => None,
    };
    let error = ParseError::new(start..start + c.len_utf8(), format!("{c:?} means nothing in a formula"));
    match advice {
        Some(advice) => error.advise(advice),
        None => error,
    }
}
