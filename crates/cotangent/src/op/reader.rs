//! A text of a program, read from left to right.

use super::parse::ParseError;
use crate::core::{DType, Param, Type};
use std::ops::Range;

/// A place in a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0 }
    }
    pub fn at(&self) -> usize {
        self.at
    }
    pub fn back_to(&mut self, at: usize) {
        self.at = at;
    }
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }
    pub fn at_end(&self) -> bool {
        self.rest().is_empty()
    }
    /// Does the line end here?
    pub fn at_line_end(&self) -> bool {
        matches!(self.rest().as_bytes().first(), None | Some(b'\n'))
    }
    pub fn next_is(&self, sign: &str) -> bool {
        self.rest().starts_with(sign)
    }
    pub fn take(&mut self, sign: &str) -> bool {
        let found = self.next_is(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Past blanks and a comment, within the line.
    pub fn space(&mut self) {
        let blanks = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
        self.at += self.rest().bytes().take_while(blanks).count();
        // A digest is a `#` too, with its digits behind it.
        if matches!(self.rest().as_bytes(), [b'#'] | [b'#', b' ' | b'\t' | b'\r' | b'\n', ..]) {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }
    /// Past blanks, comments and ends of lines.
    pub fn lines(&mut self) {
        self.space();
        while self.take("\n") {
            self.space();
        }
    }

    pub fn error(&self, span: Range<usize>, message: String) -> ParseError {
        ParseError::new(self.text, span, message)
    }
    /// This was expected here.
    pub fn expected(&self, what: &str) -> ParseError {
        let rest = self.rest();
        let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let length = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
        let got = match &rest[..length] {
            "" => "the end of the text".to_string(),
            "\n" => "the end of the line".to_string(),
            got if got.len() > 40 => "a long word".to_string(),
            got => format!("`{got}`"),
        };
        self.error(self.at..self.at + length, format!("expected {what}, got {got}"))
    }

    /// Letters, digits and `_`, a letter or `_` first.
    pub fn word(&mut self) -> Option<&'a str> {
        let word = self.peek_word()?;
        self.at += word.len();
        Some(word)
    }
    pub fn peek_word(&self) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        (length > 0 && !rest.as_bytes()[0].is_ascii_digit()).then(|| &rest[..length])
    }
    pub fn keyword(&mut self, word: &str) -> Result<(), ParseError> {
        if self.peek_word() != Some(word) {
            return Err(self.expected(&format!("`{word}`")));
        }
        self.at += word.len();
        Ok(())
    }
    /// A sign, blanks before and after it.
    pub fn sign(&mut self, sign: &str) -> Result<(), ParseError> {
        self.space();
        if !self.take(sign) {
            return Err(self.expected(&format!("`{sign}`")));
        }
        self.space();
        Ok(())
    }
    /// What is before this sign, in the same line; then the sign. Looks no further than that: lines can be long.
    pub fn up_to(&mut self, sign: char) -> Result<&'a str, ParseError> {
        let rest = self.rest();
        let end = rest.find([sign, '\n']).unwrap_or(rest.len());
        self.at += end;
        if !rest[end..].starts_with(sign) {
            return Err(self.expected(&format!("`{sign}`")));
        }
        self.at += sign.len_utf8();
        Ok(&rest[..end])
    }
    /// What looks like a number, `inf`, `NaN` or a bool.
    pub fn number(&mut self) -> Result<&'a str, ParseError> {
        let own = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.rest().bytes().take_while(own).count();
        if length == 0 {
            return Err(self.expected("a variable or a constant such as 2:f64[3]"));
        }
        let number = &self.rest()[..length];
        self.at += length;
        Ok(number)
    }

    /// A type such as `f64[2,3]`.
    pub fn ty(&mut self) -> Result<Type, ParseError> {
        let start = self.at;
        let name = self.word().unwrap_or("");
        if name.parse::<DType>().is_err() || !self.take("[") {
            self.at = start;
            return Err(self.expected("a type such as f64[2,3]"));
        }
        self.up_to(']')?;
        let text = self.since(start);
        let ty: Type = text.parse().map_err(|message| self.error(start..self.at, message))?;
        // Sums and products of a few lengths must not overflow anywhere.
        let size = ty.shape.iter().try_fold(1_u64, |size, &n| size.checked_mul(n.max(1) as u64));
        match size {
            Some(0..=0xffff_ffff_ffff) => Ok(ty),
            _ => Err(self.error(start..self.at, format!("no array has as many entries as {ty}"))),
        }
    }

    /// A parameter that is no program.
    pub fn param(&mut self) -> Result<Param, ParseError> {
        let start = self.at;
        if self.next_is("<") {
            let name = self.up_to('>')?;
            let message =
                format!("{name}> is known to the process that printed it alone: it cannot be read back");
            return Err(self.error(start..self.at, message));
        }
        if self.next_is("\"") {
            return self.text_param();
        }
        if self.take("[") {
            let list = self.up_to(']')?;
            let numbers = list.split(',').map(|n| n.trim().parse().ok());
            let numbers = if list.trim().is_empty() { Some(Vec::new()) } else { numbers.collect() };
            let wrong = || self.error(start..self.at, "expected a list of whole numbers".to_string());
            return numbers.map(Param::Ints).ok_or_else(wrong);
        }
        if let Some(word) = self.peek_word() {
            let param = match word {
                "true" | "false" => Some(Param::Bool(word == "true")),
                _ => word.parse().ok().map(Param::DType),
            };
            self.at += if param.is_some() { word.len() } else { 0 };
            return param.ok_or_else(|| self.expected("the value of a parameter"));
        }
        let own = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
        let length = self.rest().bytes().take_while(own).count();
        let Ok(number) = self.rest()[..length].parse() else {
            return Err(self.expected("the value of a parameter"));
        };
        self.at += length;
        Ok(Param::Int(number))
    }

    /// A text in quotes, as Rust writes it.
    fn text_param(&mut self) -> Result<Param, ParseError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            let escaped = match c {
                '"' => {
                    self.at += i + 1;
                    return Ok(Param::Text(text));
                }
                '\n' => break,
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => Some('\n'),
                    Some('t') => Some('\t'),
                    Some('r') => Some('\r'),
                    Some('0') => Some('\0'),
                    Some(c @ ('\\' | '"' | '\'')) => Some(c),
                    Some('u') => {
                        let code: String =
                            chars.by_ref().map(|(_, c)| c).take_while(|&c| c != '}').take(8).collect();
                        let code = code.strip_prefix('{').and_then(|code| u32::from_str_radix(code, 16).ok());
                        code.and_then(char::from_u32)
                    }
                    _ => None,
                },
                c => Some(c),
            };
            let wrong = || self.error(start..start + i, "expected an escape such as \\n".to_string());
            text.push(escaped.ok_or_else(wrong)?);
        }
        Err(self.error(start..start + 1, "the text does not end in this line".to_string()))
    }
}
