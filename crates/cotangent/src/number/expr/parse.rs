//! Text to expressions: operator precedence with an explicit stack, one pass, no recursion.
//!
//! | operators | bind | |
//! |---|---|---|
//! | `^` `**` | tightest | from the right: `a^b^c` is `a^(b^c)` |
//! | `-` `+` before a value | | `-x^2` is `-(x^2)`, `2^-x` is `2^(-x)` |
//! | `*` `/` `%` | | from the left |
//! | `+` `-` | loosest | from the left |
//!
//! Nothing is folded but a minus in front of a literal: `-2` is one number. So every expression can be written:
//! `neg(2)` is the negation of a 2, `x^2` is the square, `powi(x, 2)` and `pow(x, 2)` are the other two powers.

use super::names::{self, Function};
use super::token::{self, Kind, Token};
use super::{Expr, ParseError};
use crate::number::function::{self, BinaryOp, Neg, Pow, Powi, Square};
use std::collections::HashMap;
use std::ops::Range;

/// What [`Expr::parse_with_spans`] gives.
///
/// ```
/// use cotangent::number::Expr;
/// let parsed = Expr::parse_with_spans("2*sin(x)").unwrap();
/// let sin = Expr::parse("sin(x)").unwrap();
/// assert_eq!((parsed.expr.dag_size(), &parsed.spans[&sin]), (4, &(2..8)));
/// ```
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The formula.
    pub expr: Expr,
    /// For each of its nodes, the bytes where it is written first.
    pub spans: HashMap<Expr, Range<usize>>,
}

/// What [`Expr::parse_list_with_spans`] gives.
///
/// ```
/// use cotangent::number::Expr;
/// let parsed = Expr::parse_list_with_spans("[x + 1, x*2]").unwrap();
/// assert_eq!(parsed.exprs.len(), 2);
/// assert_eq!(parsed.spans[&parsed.exprs[1]], 8..11);
/// ```
#[derive(Clone, Debug)]
pub struct ParsedList {
    /// The formulas.
    pub exprs: Vec<Expr>,
    /// For each of their nodes, the bytes where it is written first.
    pub spans: HashMap<Expr, Range<usize>>,
}

impl Expr {
    /// Reads a formula: numbers, symbols, `pi`, `e`, `+ - * / %`, `^` (or `**`), parentheses, and functions by the names
    /// of [`Real`](crate::number::Real)'s methods. Nothing is simplified, and what is printed is read back as the same
    /// expression.
    ///
    /// # Errors
    /// If the text is not a formula; the error knows the place.
    ///
    /// ```
    /// # use cotangent::number::{Expr, Real};
    /// let y = Expr::parse("sin(x^2)").unwrap();
    /// assert_eq!(y, Expr::symbol("x").square().sin());
    /// assert_eq!(Expr::parse("-2^2").unwrap().constant_value(), Some(-4.0));
    /// let error = Expr::parse("sinn(x)").unwrap_err();
    /// assert_eq!(error.to_string(), "there is no function `sinn`\nhelp: did you mean `sin`?");
    /// ```
    pub fn parse(source: &str) -> Result<Expr, ParseError> {
        Ok(Parser::new(source, None).formula()?.0)
    }

    /// As [`parse`](Expr::parse), and tells where each node is written.
    ///
    /// # Errors
    /// If the text is not a formula.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let parsed = Expr::parse_with_spans("1 + ln(x)").unwrap();
    /// assert_eq!(parsed.spans[&Expr::parse("ln(x)").unwrap()], 4..9);
    /// ```
    pub fn parse_with_spans(source: &str) -> Result<Parsed, ParseError> {
        let (expr, spans) = Parser::new(source, Some(HashMap::new())).formula()?;
        Ok(Parsed { expr, spans: spans.unwrap_or_default() })
    }

    /// Reads a list of formulas, `[e1, e2, …]`.
    ///
    /// # Errors
    /// If the text is not a list of formulas.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let list = Expr::parse_list("[x*y, x + y]").unwrap();
    /// assert_eq!(list[1].to_string(), "x + y");
    /// ```
    pub fn parse_list(source: &str) -> Result<Vec<Expr>, ParseError> {
        Ok(Parser::new(source, None).list()?.0)
    }

    /// As [`parse_list`](Expr::parse_list), and tells where each node is written.
    ///
    /// # Errors
    /// If the text is not a list of formulas.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let list = Expr::parse_list_with_spans("[x*y, x + y]").unwrap();
    /// assert_eq!((list.exprs.len(), &list.spans[&list.exprs[1]]), (2, &(6..11)));
    /// ```
    pub fn parse_list_with_spans(source: &str) -> Result<ParsedList, ParseError> {
        let (exprs, spans) = Parser::new(source, Some(HashMap::new())).list()?;
        Ok(ParsedList { exprs, spans: spans.unwrap_or_default() })
    }
}

type Spans = Option<HashMap<Expr, Range<usize>>>;

/// A value that has been read, and the bytes that it was read from, its parentheses included.
struct Value {
    expr: Expr,
    span: Range<usize>,
}

/// What waits for its right end.
enum Pending {
    Infix(BinaryOp),
    Minus { at: usize },
    Group { at: usize },
    Call { function: Function, start: usize, open: usize, first: usize },
    List { at: usize },
}

/// How tightly an infix operator binds. Left-associative ones give way to their equals, `^` does not.
fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Add(_) | BinaryOp::Sub(_) => 1,
        BinaryOp::Mul(_) | BinaryOp::Div(_) | BinaryOp::Rem(_) => 2,
        _ => 4,
    }
}

const MINUS: u8 = 3;

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    at: usize,
    values: Vec<Value>,
    pending: Vec<Pending>,
    spans: Spans,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, spans: Spans) -> Parser<'s> {
        let tokens = token::tokens(source);
        Parser { source, tokens, at: 0, values: Vec::new(), pending: Vec::new(), spans }
    }

    fn formula(mut self) -> Result<(Expr, Spans), ParseError> {
        self.run()?;
        let value = self.values.pop();
        Ok((value.expect("`run` leaves a value for each formula").expr, self.spans))
    }

    fn list(mut self) -> Result<(Vec<Expr>, Spans), ParseError> {
        match self.peek(0).kind {
            Kind::OpenList => self.pending.push(Pending::List { at: self.peek(0).start }),
            _ => {
                let error = ParseError::new(self.peek(0).span(), "a list begins with `[`");
                return Err(error.advise("write `[e1, e2]`"));
            }
        }
        self.at += 1;
        if self.peek(0).kind == Kind::CloseList {
            return Err(ParseError::new(0..self.peek(0).end, "the list is empty"));
        }
        self.run()?;
        Ok((self.values.drain(..).map(|value| value.expr).collect(), self.spans))
    }

    /// The token `ahead` places from here; past the end, the last one.
    fn peek(&self, ahead: usize) -> &Token {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    fn run(&mut self) -> Result<(), ParseError> {
        loop {
            self.operand()?;
            if !self.operator()? {
                return Ok(());
            }
        }
    }

    /// Reads up to and with a name or number.
    fn operand(&mut self) -> Result<(), ParseError> {
        loop {
            let Token { kind, start, end } = self.peek(0).clone();
            match kind {
                Kind::Plus => {}
                Kind::Minus => {
                    // A minus belongs to the literal behind it, unless that is the base of a power.
                    let literal = self.literal(1).filter(|_| self.peek(2).kind != Kind::Caret);
                    match literal {
                        Some(c) => {
                            let end = self.peek(1).end;
                            self.at += 2;
                            self.push(Expr::constant(-c), start..end);
                            return Ok(());
                        }
                        None => self.pending.push(Pending::Minus { at: start }),
                    }
                }
                Kind::Open => self.pending.push(Pending::Group { at: start }),
                Kind::Quoted(name) => {
                    self.at += 1;
                    self.push(Expr::symbol(&name), start..end);
                    return Ok(());
                }
                Kind::Number(_) | Kind::Name => {
                    let name = &self.source[start..end];
                    if let Some(c) = self.literal(0) {
                        self.at += 1;
                        self.push(Expr::constant(c), start..end);
                        return Ok(());
                    }
                    let open = self.peek(1).kind == Kind::Open;
                    match names::function(name) {
                        Some(function) if open => {
                            let open = self.peek(1).start;
                            let first = self.values.len();
                            self.pending.push(Pending::Call { function, start, open, first });
                            self.at += 1;
                        }
                        Some(_) => return Err(self.bare_function(name, start..end)),
                        None if open => return Err(unknown_function(name, start..end)),
                        None => {
                            self.at += 1;
                            self.push(Expr::symbol(name), start..end);
                            return Ok(());
                        }
                    }
                }
                _ => return Err(self.no_value()),
            }
            self.at += 1;
        }
    }

    /// The number that the token `ahead` places from here stands for.
    fn literal(&self, ahead: usize) -> Option<f64> {
        let token = self.peek(ahead);
        match token.kind {
            Kind::Number(value) => Some(value),
            Kind::Name => names::constant(&self.source[token.span()]),
            _ => None,
        }
    }

    /// Reads what may follow a value, up to where the next one must begin; `false` at the end of the text.
    fn operator(&mut self) -> Result<bool, ParseError> {
        loop {
            let Token { kind, start, end } = self.peek(0).clone();
            match kind {
                Kind::Plus => self.infix(function::Add.into()),
                Kind::Minus => self.infix(function::Sub.into()),
                Kind::Star => self.infix(function::Mul.into()),
                Kind::Slash => self.infix(function::Div.into()),
                Kind::Percent => self.infix(function::Rem.into()),
                Kind::Caret => self.infix(Pow.into()),
                Kind::Comma => {
                    self.reduce(0);
                    match self.pending.last() {
                        Some(Pending::Call { .. } | Pending::List { .. }) => {}
                        _ => {
                            let error =
                                ParseError::new(start..end, "a comma outside of a function's arguments");
                            return Err(error.advise("decimals are written with a point, as in `1.5`"));
                        }
                    }
                }
                Kind::Close => {
                    self.close(start..end)?;
                    self.at += 1;
                    continue;
                }
                Kind::CloseList => {
                    self.reduce(0);
                    match self.pending.pop() {
                        Some(Pending::List { .. }) => {}
                        Some(opener) => return Err(unclosed(&opener)),
                        None => return Err(ParseError::new(start..end, "`]` without a `[` before it")),
                    }
                    self.at += 1;
                    return match &self.peek(0).kind {
                        Kind::End => Ok(false),
                        Kind::Bad(error) => Err((**error).clone()),
                        _ => Err(ParseError::new(self.peek(0).span(), "text after the end of the list")),
                    };
                }
                Kind::End => {
                    self.reduce(0);
                    return match self.pending.last() {
                        None => Ok(false),
                        Some(opener) => Err(unclosed(opener)),
                    };
                }
                Kind::Bad(error) => return Err(*error),
                Kind::Number(_) | Kind::Name | Kind::Quoted(_) | Kind::Open | Kind::OpenList => {
                    return Err(self.no_operator());
                }
            }
            self.at += 1;
            return Ok(true);
        }
    }

    fn push(&mut self, expr: Expr, span: Range<usize>) {
        if let Some(spans) = &mut self.spans {
            spans.entry(expr.clone()).or_insert_with(|| span.clone());
        }
        self.values.push(Value { expr, span });
    }

    fn pop(&mut self) -> Value {
        self.values
            .pop()
            .expect("every operator is pushed after its left operand and reduced after its right one")
    }

    fn infix(&mut self, op: BinaryOp) {
        let right_associative = matches!(op, BinaryOp::Pow(_));
        self.reduce(precedence(op) + u8::from(right_associative));
        self.pending.push(Pending::Infix(op));
    }

    /// Builds what binds at least as tightly as `least`, back to the last opened parenthesis.
    fn reduce(&mut self, least: u8) {
        loop {
            match self.pending.last() {
                Some(&Pending::Infix(op)) if precedence(op) >= least => {
                    let (b, a) = (self.pop(), self.pop());
                    self.push(infix_node(op, &a.expr, &b.expr), a.span.start..b.span.end);
                }
                Some(&Pending::Minus { at }) if MINUS >= least => {
                    let x = self.pop();
                    self.push(Expr::unary_node(Neg.into(), &x.expr), at..x.span.end);
                }
                _ => return,
            }
            self.pending.pop();
        }
    }

    /// At a `)` behind a value.
    fn close(&mut self, place: Range<usize>) -> Result<(), ParseError> {
        self.reduce(0);
        match self.pending.pop() {
            Some(Pending::Group { at }) => {
                if let Some(value) = self.values.last_mut() {
                    value.span = at..place.end;
                }
                Ok(())
            }
            Some(Pending::Call { function, start, open, first }) => {
                let arguments: Vec<Value> = self.values.drain(first..).collect();
                let call = start..place.end;
                if arguments.len() != function.arguments().len() {
                    return Err(self.arity(function, start..open, call, arguments.len()));
                }
                let exprs: Vec<&Expr> = arguments.iter().map(|argument| &argument.expr).collect();
                let expr = function.call(&exprs).map_err(|at| {
                    let name = &self.source[start..open].trim_end();
                    let usage = function.arguments().join(", ");
                    let message =
                        format!("`{}` of `{name}({usage})` is an integer", function.arguments()[at]);
                    ParseError::new(arguments[at].span.clone(), message)
                })?;
                self.push(expr, call);
                Ok(())
            }
            _ => Err(ParseError::new(place, "`)` without a `(` before it")),
        }
    }

    fn arity(&self, function: Function, name: Range<usize>, call: Range<usize>, given: usize) -> ParseError {
        let name = self.source[name].trim_end();
        let arguments = function.arguments();
        let (n, s) = (arguments.len(), if arguments.len() == 1 { "" } else { "s" });
        let are = if given == 1 { "is" } else { "are" };
        let message = format!("`{name}` takes {n} argument{s}, and {given} {are} given");
        ParseError::new(call, message).advise(format!("write `{name}({})`", arguments.join(", ")))
    }

    /// Where a value must begin and does not.
    fn no_value(&self) -> ParseError {
        let token = self.peek(0);
        match (&token.kind, self.pending.last()) {
            (Kind::Bad(error), _) => (**error).clone(),
            (Kind::End, None) if self.values.is_empty() => {
                ParseError::new(token.span(), "the formula is empty")
            }
            (Kind::End, _) => ParseError::new(token.span(), "a value is missing at the end"),
            (Kind::OpenList, _) => ParseError::new(token.span(), "a list where a formula is expected")
                .advise("write one formula"),
            (Kind::Close, Some(&Pending::Call { function, start, open, first }))
                if self.values.len() == first && self.tokens[self.at - 1].kind == Kind::Open =>
            {
                self.arity(function, start..open, start..token.end, 0)
            }
            (Kind::Close, Some(Pending::Group { at })) => {
                ParseError::new(*at..token.end, "nothing between the parentheses")
            }
            _ => ParseError::new(
                token.span(),
                format!("a value is missing before `{}`", &self.source[token.span()]),
            ),
        }
    }

    /// A function's name without parentheses behind it.
    fn bare_function(&self, name: &str, span: Range<usize>) -> ParseError {
        let error = ParseError::new(span, format!("`{name}` is a function and needs parentheses"));
        let next = self.peek(1);
        match next.kind {
            Kind::Number(_) | Kind::Name | Kind::Quoted(_) if next.end - next.start <= 24 => {
                error.advise(format!("write `{name}({})`", &self.source[next.span()]))
            }
            Kind::Caret => error.advise(format!("write the power behind it: `{name}(…)^n`")),
            _ => error.advise(format!("write `{name}(…)`")),
        }
    }

    /// Two values in a row.
    fn no_operator(&self) -> ParseError {
        let short = |span: Range<usize>| if span.len() <= 24 { &self.source[span] } else { "…" };
        let left = self.values.last().map_or("…", |value| short(value.span.clone()));
        let token = self.peek(0);
        let right = match token.kind {
            Kind::Open => "(…)".to_string(),
            Kind::OpenList => {
                return ParseError::new(token.span(), "`[` has no place in a formula")
                    .advise("group with `(` and `)`");
            }
            Kind::Name if self.peek(1).kind == Kind::Open => format!("{}(…)", short(token.span())),
            _ => short(token.span()).to_string(),
        };
        let error = ParseError::new(token.span(), "an operator is missing here: products are not implied");
        error.advise(format!("write `{left}*{right}`"))
    }
}

/// `a^2` is the square and `a^n` with another integer the integer power: both have better rules than `pow`.
fn infix_node(op: BinaryOp, a: &Expr, b: &Expr) -> Expr {
    match (op, b.as_constant().and_then(names::integer)) {
        (BinaryOp::Pow(_), Some(2)) => Expr::unary_node(Square.into(), a),
        (BinaryOp::Pow(_), Some(n)) => Expr::unary_node(Powi(n).into(), a),
        _ => Expr::binary_node(op, a, b),
    }
}

fn unknown_function(name: &str, span: Range<usize>) -> ParseError {
    let error = ParseError::new(span, format!("there is no function `{name}`"));
    match names::nearest(name) {
        Some(known) => error.advise(format!("did you mean `{known}`?")),
        None => error.advise(format!("for a product write `{name}*(…)`")),
    }
}

fn unclosed(opener: &Pending) -> ParseError {
    let (at, bracket, close) = match *opener {
        Pending::Call { open, .. } => (open, '(', ')'),
        Pending::List { at } => (at, '[', ']'),
        Pending::Group { at } | Pending::Minus { at } => (at, '(', ')'),
        Pending::Infix(_) => (0, '(', ')'), // never: operators are reduced before
    };
    ParseError::new(at..at + 1, format!("this `{bracket}` is not closed")).advise(format!("add `{close}`"))
}
