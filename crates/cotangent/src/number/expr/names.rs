//! The functions and constants that a formula may name.

use super::Expr;
use crate::number::function::{BinaryOp, Polygamma, Powi, UnaryOp};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a name followed by parentheses means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Unary(UnaryOp),
    Binary(BinaryOp),
    /// `powi(x, n)`.
    Powi,
    /// `polygamma(n, x)`.
    Polygamma,
    Select,
}

impl Function {
    /// The arguments, as a message shows them.
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Function::Unary(_) => &["x"],
            Function::Binary(_) => &["a", "b"],
            Function::Powi => &["x", "n"],
            Function::Polygamma => &["n", "x"],
            Function::Select => &["condition", "a", "b"],
        }
    }

    /// The function of these arguments, as many as [`arguments`](Function::arguments) names. `Err` with the index of an
    /// argument that must be an integer and is not.
    pub(super) fn call(self, x: &[&Expr]) -> Result<Expr, usize> {
        Ok(match self {
            Function::Unary(op) => Expr::unary_node(op, x[0]),
            Function::Binary(op) => Expr::binary_node(op, x[0], x[1]),
            Function::Powi => {
                let n = x[1].as_constant().and_then(integer).ok_or(1usize)?;
                Expr::unary_node(Powi(n).into(), x[0])
            }
            Function::Polygamma => {
                let n =
                    x[0].as_constant().filter(|n| n.fract() == 0.0 && (0.0..=4_294_967_295.0).contains(n));
                let n = n.ok_or(0usize)?;
                Expr::unary_node(Polygamma(n as u32).into(), x[1])
            }
            Function::Select => Expr::select_node(x[0], x[1], x[2]),
        })
    }
}

/// Other usual names.
const ALIASES: &[(&str, &str)] = &[
    ("log", "ln"),
    ("log1p", "ln_1p"),
    ("ln1p", "ln_1p"),
    ("arcsin", "asin"),
    ("arccos", "acos"),
    ("arctan", "atan"),
    ("arctan2", "atan2"),
    ("arsinh", "asinh"),
    ("arcosh", "acosh"),
    ("artanh", "atanh"),
    ("arcsinh", "asinh"),
    ("arccosh", "acosh"),
    ("arctanh", "atanh"),
    ("powf", "pow"),
    ("sgn", "sign"),
    ("loggamma", "lgamma"),
    ("gammaln", "lgamma"),
    ("swish", "silu"),
];

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let unary = UnaryOp::all().into_iter().filter(|op| op.parameter().is_none());
    let mut functions: HashMap<_, _> = unary.map(|op| (op.name(), Function::Unary(op))).collect();
    functions.extend(BinaryOp::all().into_iter().map(|op| (op.name(), Function::Binary(op))));
    functions.insert("powi", Function::Powi);
    functions.insert("polygamma", Function::Polygamma);
    functions.insert("select", Function::Select);
    for (alias, name) in ALIASES {
        functions.insert(alias, functions[name]);
    }
    functions
});

/// The function of this name.
pub(super) fn function(name: &str) -> Option<Function> {
    FUNCTIONS.get(name).copied()
}

/// The number of this name.
pub(super) fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        "inf" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

/// Would this name, written plainly, be read as the symbol that it names?
pub(super) fn is_plain_symbol(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && function(name).is_none()
        && constant(name).is_none()
}

/// The exponent as an integer, if it is one that [`Powi`] takes.
pub(super) fn integer(exponent: f64) -> Option<i32> {
    let fits = exponent.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&exponent);
    fits.then_some(exponent as i32)
}

/// The function whose name looks most like this one, if any looks like it at all.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    if name.len() > 16 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    // Of equals, one that the name merely goes on from: `sinn` is rather `sin` than `sign`.
    let distances = FUNCTIONS
        .keys()
        .map(|known| (distance(lower.as_bytes(), known.as_bytes()), !lower.starts_with(known), *known));
    let (distance, _, known) = distances.min()?;
    (distance <= name.len().min(6) / 3).then_some(known)
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped { best.min(rows[i - 2][j - 2] + 1) } else { best }
            };
        }
    }
    rows[a.len()][b.len()]
}
