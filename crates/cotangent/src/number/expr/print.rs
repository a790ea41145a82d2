//! Expressions to text that [`Expr::parse`] reads back as the same expression.

use super::{Expr, Kind, names};
use crate::number::function::{BinaryOp, Powi, UnaryOp};
use std::fmt::{self, Write};

/// How tightly what an expression prints as holds together: it needs parentheses where more is asked for.
mod level {
    pub(super) const ANY: u8 = 0;
    pub(super) const SUM: u8 = 1;
    pub(super) const PRODUCT: u8 = 2;
    pub(super) const MINUS: u8 = 3;
    pub(super) const POWER: u8 = 4;
    pub(super) const ATOM: u8 = 5;
}

/// The formula, written out as a tree: what is shared is repeated. Ask [`Expr::tree_size`] first where that may be
/// huge, or use [`Expr::display_limited`].
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_tree(f, self, usize::MAX)
    }
}

/// An expression that prints at most so many nodes: see [`Expr::display_limited`].
///
/// ```
/// use cotangent::number::{Expr, Limited};
/// let y = Expr::parse("a + b*c").unwrap();
/// let limited: Limited<'_> = y.display_limited(3);
/// assert_eq!(limited.to_string(), "a + …*…");
/// ```
#[derive(Clone, Debug)]
pub struct Limited<'e> {
    expr: &'e Expr,
    nodes: usize,
}

impl fmt::Display for Limited<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_tree(f, self.expr, self.nodes)
    }
}

impl Expr {
    /// The formula with at most `nodes` of its nodes written out and `…` for the others.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let y = (0..100).fold(Expr::symbol("x"), |y, _| &y + &y); // 2¹⁰¹ nodes as a tree
    /// assert!(y.display_limited(50).to_string().len() < 1000);
    /// assert_eq!(Expr::parse("a + b*c").unwrap().display_limited(3).to_string(), "a + …*…");
    /// ```
    pub fn display_limited(&self, nodes: usize) -> Limited<'_> {
        Limited { expr: self, nodes }
    }
}

/// What is still to be written, last first.
enum Piece<'e> {
    Text(&'static str),
    /// With the level that its place asks for.
    Node(&'e Expr, u8),
    /// As a node, behind an operator: there a leading minus needs parentheses.
    Right(&'e Expr, u8),
    Integer(i64),
}

fn write_tree(f: &mut fmt::Formatter<'_>, expr: &Expr, mut nodes: usize) -> fmt::Result {
    let mut pieces = vec![Piece::Node(expr, level::ANY)];
    while let Some(piece) = pieces.pop() {
        let (e, parentheses) = match piece {
            Piece::Text(text) => {
                f.write_str(text)?;
                continue;
            }
            Piece::Integer(n) => {
                write!(f, "{n}")?;
                continue;
            }
            Piece::Node(..) | Piece::Right(..) if nodes == 0 => {
                f.write_char('…')?;
                continue;
            }
            Piece::Node(e, least) => (e, level(e) < least),
            Piece::Right(e, least) => (e, level(e) < least || level(e) == level::MINUS),
        };
        nodes -= 1;
        if parentheses {
            f.write_char('(')?;
            pieces.push(Piece::Text(")"));
        }
        write_node(f, e, &mut pieces)?;
    }
    Ok(())
}

fn level(e: &Expr) -> u8 {
    match e.kind() {
        Kind::Constant(c) if c.is_sign_negative() => level::MINUS,
        Kind::Unary(UnaryOp::Neg(_), x) if x.as_constant().is_none() => level::MINUS,
        Kind::Unary(UnaryOp::Square(_), _) => level::POWER,
        Kind::Unary(UnaryOp::Powi(Powi(n)), _) if *n != 2 => level::POWER,
        Kind::Binary(op, _, b) => match op {
            BinaryOp::Add(_) | BinaryOp::Sub(_) => level::SUM,
            BinaryOp::Mul(_) | BinaryOp::Div(_) | BinaryOp::Rem(_) => level::PRODUCT,
            BinaryOp::Pow(_) if !is_integer(b) => level::POWER,
            _ => level::ATOM,
        },
        _ => level::ATOM,
    }
}

/// Would `^` before this be read as an integer power?
fn is_integer(exponent: &Expr) -> bool {
    exponent.as_constant().and_then(names::integer).is_some()
}

/// Writes the beginning of a node, and puts the rest on the list.
fn write_node<'e>(f: &mut fmt::Formatter<'_>, e: &'e Expr, pieces: &mut Vec<Piece<'e>>) -> fmt::Result {
    use Piece::{Integer, Node, Right, Text};
    let mut then = |rest: &mut [Option<Piece<'e>>]| {
        pieces.extend(rest.iter_mut().rev().filter_map(Option::take));
        Ok(())
    };
    match e.kind() {
        Kind::Symbol(name) => write_symbol(f, name),
        Kind::Constant(c) => write_number(f, *c),
        Kind::Unary(op, x) => match op {
            UnaryOp::Neg(_) if x.as_constant().is_none() => {
                f.write_char('-')?;
                then(&mut [Some(Node(x, level::POWER))])
            }
            UnaryOp::Square(_) => then(&mut [Some(Node(x, level::ATOM)), Some(Text("^2"))]),
            UnaryOp::Powi(Powi(n)) if *n != 2 => {
                let (open, close) = if *n < 0 { ("^(", ")") } else { ("^", "") };
                let n = Integer((*n).into());
                then(&mut [Some(Node(x, level::ATOM)), Some(Text(open)), Some(n), Some(Text(close))])
            }
            UnaryOp::Powi(Powi(n)) => {
                f.write_str("powi(")?;
                let n = Integer((*n).into());
                then(&mut [Some(Node(x, level::ANY)), Some(Text(", ")), Some(n), Some(Text(")"))])
            }
            _ => {
                write!(f, "{}(", op.name())?;
                if let Some(parameter) = op.parameter() {
                    write!(f, "{parameter}, ")?;
                }
                then(&mut [Some(Node(x, level::ANY)), Some(Text(")"))])
            }
        },
        Kind::Binary(op, a, b) => {
            let (own, sign) = match op {
                BinaryOp::Add(_) => (level::SUM, " + "),
                BinaryOp::Sub(_) => (level::SUM, " - "),
                BinaryOp::Mul(_) => (level::PRODUCT, "*"),
                BinaryOp::Div(_) => (level::PRODUCT, "/"),
                BinaryOp::Rem(_) => (level::PRODUCT, " % "),
                BinaryOp::Pow(_) if !is_integer(b) => {
                    let (a, b) = (Node(a, level::ATOM), Right(b, level::POWER));
                    return then(&mut [Some(a), Some(Text("^")), Some(b)]);
                }
                _ => {
                    write!(f, "{}(", op.name())?;
                    let (a, b) = (Node(a, level::ANY), Node(b, level::ANY));
                    return then(&mut [Some(a), Some(Text(", ")), Some(b), Some(Text(")"))]);
                }
            };
            then(&mut [Some(Node(a, own)), Some(Text(sign)), Some(Right(b, own + 1))])
        }
        Kind::Select(c, a, b) => {
            f.write_str("select(")?;
            let [c, a, b] = [c, a, b].map(|e| Some(Node(e, level::ANY)));
            then(&mut [c, Some(Text(", ")), a, Some(Text(", ")), b, Some(Text(")"))])
        }
    }
}

fn write_symbol(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if names::is_plain_symbol(name) {
        return f.write_str(name);
    }
    f.write_char('`')?;
    for c in name.chars() {
        if matches!(c, '`' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('`')
}

/// The shortest text that is read as this very number.
pub(super) fn write_number(f: &mut impl Write, c: f64) -> fmt::Result {
    use std::f64::consts::{E, PI};
    if c.is_sign_negative() {
        f.write_char('-')?;
    }
    match c.abs() {
        PI => f.write_str("pi"),
        E => f.write_str("e"),
        c if c.is_nan() => f.write_str("nan"),
        c if c.is_infinite() => f.write_str("inf"),
        c => {
            let text = format!("{c:?}");
            f.write_str(text.strip_suffix(".0").unwrap_or(&text))
        }
    }
}
