//! Expressions to Rust code over [`Real`](crate::number::Real).

use super::{Expr, Kind};
use crate::number::function::{BinaryOp, UnaryOp};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

impl Expr {
    /// The formula as a Rust expression over `R: Real`, where each symbol is a `&R` of its name; a name that Rust does not
    /// take becomes `s1`, `s2`…. Written out as a tree, as [`Display`](std::fmt::Display) does.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let rust = |source: &str| Expr::parse(source).unwrap().to_rust();
    /// assert_eq!(rust("sin(2*x^2)"), "(x.square() * 2.0).sin()");
    /// assert_eq!(rust("1 - x*y"), "x.lift(1.0) - x.clone() * y");
    /// ```
    pub fn to_rust(&self) -> String {
        let mut code = Code::of(self);
        code.write(self, None);
        code.out
    }

    /// A complete Rust function of this name, with its symbols as parameters in natural order, and what is shared computed
    /// once. Without symbols it takes one `like: &R`, which tells the kind of number.
    ///
    /// ```
    /// # use cotangent::number::Expr;
    /// let code = Expr::parse("exp(x*y) + 1/exp(x*y)").unwrap().to_rust_fn("f");
    /// assert_eq!(
    ///     code,
    ///     "fn f<R: Real>(x: &R, y: &R) -> R {\n    let t1 = (x.clone() * y).exp();\n    t1.clone() + t1.recip()\n}\n"
    /// );
    /// ```
    pub fn to_rust_fn(&self, name: &str) -> String {
        let nodes = self.nodes();
        let mut uses: HashMap<&Expr, u32> = HashMap::new();
        for operand in nodes.iter().flat_map(|e| e.kind().operands()) {
            *uses.entry(operand).or_default() += 1;
        }
        let mut code = Code::of(self);
        let names: Vec<String> = self.symbols();
        let mut parameters: Vec<String> =
            names.iter().map(|name| format!("{}: &R", code.names[name])).collect();
        if parameters.is_empty() {
            parameters.push("like: &R".into());
        }
        let _ = writeln!(code.out, "fn {name}<R: Real>({}) -> R {{", parameters.join(", "));
        let taken: HashSet<String> = code.names.values().cloned().collect();
        let mut free = (1..).map(|i| format!("t{i}")).filter(|name| !taken.contains(name));
        for e in &nodes {
            let computes = !matches!(e.kind(), Kind::Symbol(_) | Kind::Constant(_));
            if computes && uses.get(e).is_some_and(|&count| count > 1) {
                let name = free.next().unwrap_or_default();
                let _ = write!(code.out, "    let {name} = ");
                code.write(e, Some(e));
                code.out.push_str(";\n");
                code.lets.insert(e.clone(), name);
            }
        }
        code.out.push_str("    ");
        code.write(self, None);
        code.out.push_str("\n}\n");
        code.out
    }
}

/// Where a value stands, and so of which type it must be.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// An `R` to give away.
    Value,
    /// In front of a method's dot.
    Receiver,
    /// A `&R`.
    Argument,
    /// The left of an operator that binds so tightly.
    Left(u8),
    /// The right of an operator.
    Right(u8),
}

const SUM: u8 = 1;
const PRODUCT: u8 = 2;
const PREFIX: u8 = 3;
const CALL: u8 = 4;

/// How tightly the code of a node holds together.
fn level(e: &Expr) -> u8 {
    match e.kind() {
        Kind::Unary(UnaryOp::Neg(_), _) => PREFIX,
        Kind::Binary(BinaryOp::Add(_) | BinaryOp::Sub(_), ..) => SUM,
        Kind::Binary(BinaryOp::Div(_), a, _) if a.as_constant() == Some(1.0) => CALL,
        Kind::Binary(BinaryOp::Mul(_) | BinaryOp::Div(_), ..) => PRODUCT,
        _ => CALL,
    }
}

enum Piece<'e> {
    Text(&'static str),
    Owned(String),
    Node(&'e Expr, Place),
}

struct Code {
    out: String,
    /// The Rust name of each symbol.
    names: HashMap<String, String>,
    /// Some parameter: what literals are lifted by.
    like: String,
    lets: HashMap<Expr, String>,
}

impl Code {
    fn of(e: &Expr) -> Code {
        let symbols = e.symbols();
        let plain = |name: &String| is_identifier(name) && !KEYWORDS.contains(&name.as_str());
        let taken: HashSet<&String> = symbols.iter().collect();
        let mut free = (1..).map(|i| format!("s{i}")).filter(|name| !taken.contains(name));
        let mut names = HashMap::new();
        for name in &symbols {
            let rust = if plain(name) { name.clone() } else { free.next().unwrap_or_default() };
            names.insert(name.clone(), rust);
        }
        let like = symbols.first().map_or_else(|| "like".to_string(), |first| names[first].clone());
        Code { out: String::new(), names, like, lets: HashMap::new() }
    }

    /// Writes a value; `defining` is the node whose name is being defined here.
    fn write(&mut self, root: &Expr, defining: Option<&Expr>) {
        let mut pieces = vec![Piece::Node(root, Place::Value)];
        while let Some(piece) = pieces.pop() {
            match piece {
                Piece::Text(text) => self.out.push_str(text),
                Piece::Owned(text) => self.out.push_str(&text),
                Piece::Node(e, place) => {
                    let mut parts = self.parts(e, place, defining == Some(e));
                    parts.reverse();
                    pieces.extend(parts);
                }
            }
        }
    }

    fn parts<'e>(&self, e: &'e Expr, place: Place, define: bool) -> Vec<Piece<'e>> {
        let named = match e.kind() {
            Kind::Symbol(name) => self.names.get(&**name).map(|name| (name, true)),
            _ if define => None,
            _ => self.lets.get(e).map(|name| (name, false)),
        };
        if let Some((name, by_reference)) = named {
            return vec![Piece::Owned(match place {
                Place::Value | Place::Left(_) => format!("{name}.clone()"),
                Place::Receiver => name.clone(),
                Place::Argument | Place::Right(_) if by_reference => name.clone(),
                Place::Argument | Place::Right(_) => format!("&{name}"),
            })];
        }
        let (mut before, least) = match place {
            Place::Value => ("", 0),
            Place::Receiver => ("", CALL),
            Place::Argument => ("&", PREFIX),
            Place::Left(own) => ("", own),
            Place::Right(own) => ("", own + 1),
        };
        let mut parts = Vec::new();
        if level(e) < least {
            before = if before == "&" { "&(" } else { "(" };
        }
        parts.push(Piece::Text(before));
        self.operation(e, &mut parts);
        if level(e) < least {
            parts.push(Piece::Text(")"));
        }
        parts
    }

    fn operation<'e>(&self, e: &'e Expr, parts: &mut Vec<Piece<'e>>) {
        use Piece::{Node, Owned, Text};
        match e.kind() {
            Kind::Symbol(_) => {}
            Kind::Constant(c) => parts.push(Owned(format!("{}.lift({})", self.like, literal(*c)))),
            Kind::Unary(UnaryOp::Neg(_), x) => parts.extend([Text("-"), Node(x, Place::Left(PREFIX))]),
            Kind::Unary(op, x) => {
                let parameter = op.parameter().map_or_else(String::new, |n| n.to_string());
                parts.extend([Node(x, Place::Receiver), Owned(format!(".{}({parameter})", op.name()))]);
            }
            Kind::Binary(op, a, b) => {
                let (own, sign) = match op {
                    BinaryOp::Add(_) => (SUM, " + "),
                    BinaryOp::Sub(_) => (SUM, " - "),
                    BinaryOp::Mul(_) => (PRODUCT, " * "),
                    BinaryOp::Div(_) if a.as_constant() == Some(1.0) => {
                        return parts.extend([Node(b, Place::Receiver), Text(".recip()")]);
                    }
                    BinaryOp::Div(_) => (PRODUCT, " / "),
                    BinaryOp::Pow(_) if b.as_constant().is_some() => {
                        let exponent = literal(b.as_constant().unwrap_or(1.0));
                        return parts.extend([Node(a, Place::Receiver), Owned(format!(".powf({exponent})"))]);
                    }
                    _ => {
                        let call = Owned(format!(".{}(", op.name()));
                        let (a, b) = (Node(a, Place::Receiver), Node(b, Place::Argument));
                        return parts.extend([a, call, b, Text(")")]);
                    }
                };
                // A literal stands on the right where that changes nothing.
                let swaps = matches!(op, BinaryOp::Add(_) | BinaryOp::Mul(_)) && b.as_constant().is_none();
                let (a, b) = if swaps && a.as_constant().is_some() { (b, a) } else { (a, b) };
                parts.extend([Node(a, Place::Left(own)), Text(sign)]);
                parts.push(match b.as_constant() {
                    Some(c) => Owned(literal(c)),
                    None => Node(b, Place::Right(own)),
                });
            }
            Kind::Select(c, a, b) => {
                let [a, b] = [a, b].map(|e| Node(e, Place::Argument));
                parts.extend([Node(c, Place::Receiver), Text(".select("), a, Text(", "), b, Text(")")]);
            }
        }
    }
}

fn literal(c: f64) -> String {
    let sign = if c.is_sign_negative() { "-" } else { "" };
    match c.abs() {
        std::f64::consts::PI => format!("{sign}std::f64::consts::PI"),
        std::f64::consts::E => format!("{sign}std::f64::consts::E"),
        f64::INFINITY => format!("{sign}f64::INFINITY"),
        c if c.is_nan() => "f64::NAN".into(),
        _ => format!("{c:?}"),
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name != "_"
}

/// What Rust keeps for itself, now or later.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];
