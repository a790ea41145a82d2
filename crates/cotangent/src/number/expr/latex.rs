//! Expressions to LaTeX.

use super::{Expr, Kind, names};
use crate::number::function::{BinaryOp, Powi, UnaryOp};
use std::collections::HashMap;

/// How tightly a piece of LaTeX holds together.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Level {
    Sum,
    /// It begins with a minus.
    Minus,
    Product,
    /// A power or a fraction: not the base of a power.
    Power,
    Atom,
}

/// What a node's place must know of it.
#[derive(Clone, Copy)]
struct Look {
    level: Level,
    /// It begins with a digit, so that a number in front of it would run into it.
    digit: bool,
}

enum Piece<'e> {
    Text(&'static str),
    Owned(String),
    Node(&'e Expr, Level),
}

impl Expr {
    /// The formula in LaTeX's mathematics: fractions, roots, powers, Greek letters by name, indices for trailing digits,
    /// and only the parentheses that are needed. Written out as a tree, as [`Display`](std::fmt::Display) does.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let latex = |source: &str| Expr::parse(source).unwrap().to_latex();
    /// assert_eq!(latex("2*x1*cos(x1^2)"), r"2 x_{1} \cos\left(x_{1}^{2}\right)");
    /// assert_eq!(latex("(a + 1)/sqrt(theta)"), r"\frac{a + 1}{\sqrt{\theta}}");
    /// ```
    pub fn to_latex(&self) -> String {
        let nodes = self.nodes();
        let mut looks: HashMap<&Expr, Look> = HashMap::with_capacity(nodes.len());
        for e in &nodes {
            let look = look(e, &looks);
            looks.insert(e, look);
        }
        let mut out = String::new();
        let mut pieces = vec![Piece::Node(self, Level::Sum)];
        while let Some(piece) = pieces.pop() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Owned(text) => out.push_str(&text),
                Piece::Node(e, least) => {
                    let parentheses = looks[e].level < least;
                    let mut parts = Vec::new();
                    if parentheses {
                        parts.push(Piece::Text(r"\left("));
                    }
                    node(e, &looks, &mut parts);
                    if parentheses {
                        parts.push(Piece::Text(r"\right)"));
                    }
                    pieces.extend(parts.into_iter().rev());
                }
            }
        }
        out
    }
}

/// The positive of what is written with a minus in front of a fraction.
enum Numerator<'e> {
    Of(&'e Expr),
    Number(f64),
}

fn negative_numerator(a: &Expr) -> Option<Numerator<'_>> {
    match a.kind() {
        Kind::Unary(UnaryOp::Neg(_), x) => Some(Numerator::Of(x)),
        Kind::Constant(c) if c.is_sign_negative() => Some(Numerator::Number(-c)),
        _ => None,
    }
}

fn look(e: &Expr, looks: &HashMap<&Expr, Look>) -> Look {
    let plain = |level| Look { level, digit: false };
    let power = |base: &Expr| Look {
        level: Level::Power,
        digit: looks[base].digit && looks[base].level == Level::Atom,
    };
    match e.kind() {
        Kind::Symbol(_) => plain(Level::Atom),
        Kind::Constant(c) if c.is_sign_negative() => plain(Level::Minus),
        Kind::Constant(c) => {
            let text = number(*c);
            let level = if text.contains("10^") { Level::Product } else { Level::Atom };
            Look { level, digit: text.starts_with(|c: char| c.is_ascii_digit()) }
        }
        Kind::Unary(op, x) => match op {
            UnaryOp::Neg(_) => plain(Level::Minus),
            UnaryOp::Square(_) | UnaryOp::Powi(_) => power(x),
            UnaryOp::Exp(_) | UnaryOp::Recip(_) => plain(Level::Power),
            UnaryOp::Exp2(_) => Look { level: Level::Power, digit: true },
            _ => plain(Level::Atom),
        },
        Kind::Binary(op, a, _) => match op {
            BinaryOp::Add(_) | BinaryOp::Sub(_) | BinaryOp::Rem(_) => plain(Level::Sum),
            BinaryOp::Mul(_) if looks[a].level == Level::Minus => plain(Level::Minus),
            BinaryOp::Mul(_) => {
                Look { level: Level::Product, digit: looks[a].digit && looks[a].level != Level::Sum }
            }
            BinaryOp::Div(_) if negative_numerator(a).is_some() => plain(Level::Minus),
            BinaryOp::Div(_) => plain(Level::Power),
            BinaryOp::Pow(_) => power(a),
            _ => plain(Level::Atom),
        },
        Kind::Select(..) => plain(Level::Sum),
    }
}

fn node<'e>(e: &'e Expr, looks: &HashMap<&Expr, Look>, parts: &mut Vec<Piece<'e>>) {
    use Piece::{Node, Owned, Text};
    match e.kind() {
        Kind::Symbol(name) => parts.push(Owned(symbol(name))),
        Kind::Constant(c) => parts.push(Owned(number(*c))),
        Kind::Unary(op, x) => match op {
            UnaryOp::Square(_) => parts.extend([Node(x, Level::Atom), Text("^{2}")]),
            UnaryOp::Powi(Powi(n)) => parts.extend([Node(x, Level::Atom), Owned(format!("^{{{n}}}"))]),
            UnaryOp::Neg(_) | UnaryOp::Ln1p(_) => template(op.latex(), &[x], Level::Product, None, parts),
            _ => template(op.latex(), &[x], Level::Sum, op.parameter(), parts),
        },
        Kind::Binary(op, a, b) => match op {
            BinaryOp::Add(_) | BinaryOp::Sub(_) => {
                let sign = if matches!(op, BinaryOp::Add(_)) { " + " } else { " - " };
                parts.extend([Node(a, Level::Sum), Text(sign), Node(b, Level::Product)]);
            }
            BinaryOp::Mul(_) => {
                let fraction = matches!(
                    b.kind(),
                    Kind::Binary(BinaryOp::Div(_), ..) | Kind::Unary(UnaryOp::Recip(_), _)
                );
                let number_runs_in = a.as_constant().is_some() && fraction;
                let digit = looks[b].digit && looks[b].level >= Level::Product;
                let dot = if digit || number_runs_in { r" \cdot " } else { " " };
                parts.extend([Node(a, Level::Minus), Text(dot), Node(b, Level::Product)]);
            }
            BinaryOp::Div(_) => {
                match negative_numerator(a) {
                    None => parts.extend([Text(r"\frac{"), Node(a, Level::Sum)]),
                    Some(Numerator::Of(x)) => parts.extend([Text(r"-\frac{"), Node(x, Level::Sum)]),
                    Some(Numerator::Number(c)) => parts.extend([Text(r"-\frac{"), Owned(number(c))]),
                }
                parts.extend([Text("}{"), Node(b, Level::Sum), Text("}")]);
            }
            BinaryOp::Pow(_) => {
                parts.extend([Node(a, Level::Atom), Text("^{"), Node(b, Level::Sum), Text("}")])
            }
            BinaryOp::Rem(_) => template(op.latex(), &[a, b], Level::Product, None, parts),
            BinaryOp::Hypot(_) => {
                let [a, b] = [a, b].map(|e| Node(e, Level::Atom));
                parts.extend([Text(r"\sqrt{"), a, Text("^{2} + "), b, Text("^{2}}")]);
            }
            _ => template(op.latex(), &[a, b], Level::Sum, None, parts),
        },
        Kind::Select(c, a, b) => {
            let [c, a, b] = [c, a, b].map(|e| Node(e, Level::Sum));
            parts.extend([Text(r"\begin{cases} "), a, Text(r" & "), c, Text(r" \neq 0 \\ "), b]);
            parts.push(Text(r" & \text{otherwise} \end{cases}"));
        }
    }
}

/// The function's own notation with its arguments put in, and its parameter in place of `(n)`.
fn template<'e>(
    latex: &'static str,
    operands: &[&'e Expr],
    least: Level,
    parameter: Option<i64>,
    parts: &mut Vec<Piece<'e>>,
) {
    let mut pieces = latex.split('#');
    let with_parameter = |text: &'static str| match parameter {
        Some(n) => Piece::Owned(text.replace("(n)", &format!("({n})"))),
        None => Piece::Text(text),
    };
    parts.extend(pieces.next().map(with_parameter));
    for piece in pieces {
        let (operand, rest) = match piece.as_bytes().first() {
            Some(b'2') if operands.len() == 2 => (operands[1], &piece[1..]),
            Some(b'1') if operands.len() == 2 => (operands[0], &piece[1..]),
            _ => (operands[0], piece),
        };
        parts.extend([Piece::Node(operand, least), with_parameter(rest)]);
    }
}

fn number(c: f64) -> String {
    let mut text = String::new();
    let _ = super::print::write_number(&mut text, c);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    match digits {
        "pi" => format!(r"{sign}\pi"),
        "e" => text,
        "inf" => format!(r"{sign}\infty"),
        "nan" => r"\mathrm{NaN}".into(),
        _ => match digits.split_once('e') {
            None => text,
            Some(("1", exponent)) => format!("{sign}10^{{{exponent}}}"),
            Some((mantissa, exponent)) => format!(r"{sign}{mantissa} \cdot 10^{{{exponent}}}"),
        },
    }
}

const GREEK: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta",
    "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
];

/// `x1`, `x_1` and `x_max` have indices; longer names stand upright.
fn symbol(name: &str) -> String {
    if !names::is_plain_symbol(name) && GREEK.iter().all(|greek| *greek != name) {
        return format!(r"\text{{{}}}", escaped(name));
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let (stem, index) = match name.split_once('_') {
        Some((stem, index)) if !stem.is_empty() && !index.is_empty() => (stem, index),
        _ => (stem, &name[stem.len()..]),
    };
    let word = |text: &str| match text.len() {
        _ if GREEK.contains(&text) => format!(r"\{text}"),
        0 | 1 => escaped(text),
        _ if text.bytes().all(|b| b.is_ascii_digit()) => text.to_string(),
        _ => format!(r"\mathrm{{{}}}", escaped(text)),
    };
    if index.is_empty() { word(stem) } else { format!("{}_{{{}}}", word(stem), word(index)) }
}

fn escaped(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => text.extend(['\\', c]),
            '\\' => text.push_str(r"\textbackslash{}"),
            '~' => text.push_str(r"\textasciitilde{}"),
            '^' => text.push_str(r"\textasciicircum{}"),
            c => text.push(c),
        }
    }
    text
}
