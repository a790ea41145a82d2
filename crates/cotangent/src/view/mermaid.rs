//! Mermaid, which many documentation sites draw by themselves.

use super::format::{label, short};
use super::{Graph, Kind};
use std::fmt::Write as _;

impl Graph {
    /// The graph as a Mermaid flowchart, from the inputs on the left to the output on the right, with the partial
    /// derivative on each edge.
    ///
    /// Characters that Mermaid would read as its own (quotes, angle brackets, `*`, `#`…) are written as entity codes.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let y = tape.var(3.0).label("x").square();
    /// y.backward();
    /// let chart = Graph::of_tape(&tape, &y).mermaid();
    /// assert!(chart.starts_with("flowchart LR\n"));
    /// assert!(chart.contains(r#"n0(["x<br/>value 3.0000<br/>grad 6.0000"])"#));
    /// assert!(chart.contains(r#"n0 -->|"6"| n1"#));
    /// ```
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let label = label(node).iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br/>");
            let (open, close) = match node.kind {
                Kind::Input => ("([", "])"),
                Kind::Constant => ("(", ")"),
                Kind::Operation { .. } => ("[", "]"),
            };
            let _ = writeln!(out, "  n{i}{open}\"{label}\"{close}");
        }
        for (i, node) in self.nodes.iter().enumerate() {
            for edge in &node.operands {
                let label = edge.partial.map(|p| format!("|\"{}\"|", escaped(&short(p)))).unwrap_or_default();
                let _ = writeln!(out, "  n{} -->{label} n{i}", edge.node);
            }
        }
        out
    }
}

/// Mermaid reads `#42;` as a character; without that, a label `* …` would be a list and `**2` bold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    for c in text.chars() {
        match c {
            // A number keeps its sign and point as they are; a `-` alone would begin a list.
            '-' if previous == 'e' => out.push('-'),
            c if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.') || !c.is_ascii() => out.push(c),
            c if c.is_control() => out.push(' '),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
        previous = c;
    }
    out
}
