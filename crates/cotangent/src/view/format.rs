//! Numbers and names as the views write them.

use super::{Kind, Node};

/// Four decimals, as the seed of all these views has it; numbers that four decimals would drown or hide are written
/// with an exponent.
pub(super) fn number(x: f64) -> String {
    let size = x.abs();
    if x != 0.0 && x.is_finite() && !(1e-4..1e7).contains(&size) {
        format!("{x:.4e}")
    } else {
        format!("{x:.4}")
    }
}

/// At most six significant digits and no trailing zeros: `6`, `0.333333`, `1.5e-9`.
pub(super) fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    if !(1e-4..1e7).contains(&size) {
        let text = format!("{x:.5e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let decimals = (5 - size.log10().floor() as i32).clamp(0, 9) as usize;
    trimmed(&format!("{x:.decimals$}")).to_string()
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// The operation as a sign where it has one: `+`, `**2`, `tanh`.
pub(super) fn symbol(op: &'static str, parameter: Option<i64>) -> String {
    match (op, parameter) {
        ("add", _) => "+".to_string(),
        ("sub", _) => "-".to_string(),
        ("mul", _) => "*".to_string(),
        ("div", _) => "/".to_string(),
        ("rem", _) => "%".to_string(),
        ("pow", _) => "**".to_string(),
        ("powi", Some(n)) => format!("**{n}"),
        (name, Some(n)) => format!("{name}({n})"),
        (name, None) => name.to_string(),
    }
}

/// What a path or a picture calls a node: its name, or its operation, or what it is.
pub(super) fn title(node: &Node) -> String {
    match (node.name(), node.symbol()) {
        (Some(name), _) => name.to_string(),
        (None, Some(symbol)) => symbol,
        (None, None) => match node.value() {
            Some(value) if !node.is_input() => short(value),
            _ => node.value_text().filter(|_| !node.is_input()).unwrap_or_else(|| "input".to_string()),
        },
    }
}

/// The label of a node in a graph language: its name, its operation, and its facts.
pub(super) fn label(node: &Node) -> Vec<String> {
    let mut lines = vec![title(node)];
    lines.extend(node.symbol().filter(|_| node.name().is_some()));
    lines.extend(facts(node));
    lines
}

/// The value and the gradient of a node, a line each, where they are known.
pub(super) fn facts(node: &Node) -> impl Iterator<Item = String> {
    let label = if node.value.is_some() { "value " } else { "" };
    let value = node.value_text().filter(|_| node.kind != Kind::Constant).map(|v| format!("{label}{v}"));
    value.into_iter().chain(node.grad_text().map(|g| format!("grad {g}")))
}

/// At most this many characters, the last an ellipsis where something was cut.
pub(super) fn clipped(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_string();
    }
    let mut short: String = text.chars().take(characters.saturating_sub(1)).collect();
    short.push('…');
    short
}
