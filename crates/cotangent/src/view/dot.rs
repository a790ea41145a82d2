//! Graphviz.

use super::format::{label, short};
use super::{Graph, Kind};
use std::fmt::Write as _;

impl Graph {
    /// The graph in Graphviz' DOT language, from the inputs on the left to the output on the right, with the partial
    /// derivative on each edge. Draw it with `dot -Tsvg`.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let y = tape.var(3.0).label("x").square();
    /// y.backward();
    /// let dot = Graph::of_tape(&tape, &y).dot();
    /// assert!(dot.starts_with("digraph computation {"));
    /// assert!(dot.contains(r#"n0 -> n1 [label="6"];"#)); // ∂x²/∂x = 2x
    /// ```
    pub fn dot(&self) -> String {
        let mut out = String::from(
            "digraph computation {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11, style=filled, \
             fillcolor=\"#f8fafc\", color=\"#64748b\"];\n  edge [fontname=\"sans-serif\", fontsize=9, \
             color=\"#7c8899\", fontcolor=\"#7c8899\"];\n",
        );
        for (i, node) in self.nodes.iter().enumerate() {
            let label = label(node).iter().map(|line| quoted(line)).collect::<Vec<_>>().join("\\n");
            let look = match node.kind {
                Kind::Input => "shape=ellipse, fillcolor=\"#dbeafe\", color=\"#3b82f6\"",
                Kind::Constant => "shape=plaintext, style=\"\"",
                Kind::Operation { .. } if i + 1 == self.nodes.len() => {
                    "shape=box, fillcolor=\"#dcfce7\", color=\"#16a34a\""
                }
                Kind::Operation { .. } => "shape=box",
            };
            let _ = writeln!(out, "  n{i} [label=\"{label}\", {look}];");
        }
        for (i, node) in self.nodes.iter().enumerate() {
            for edge in &node.operands {
                let label = edge.partial.map(|p| format!(" [label=\"{}\"]", short(p))).unwrap_or_default();
                let _ = writeln!(out, "  n{} -> n{i}{label};", edge.node);
            }
        }
        out.push_str("}\n");
        out
    }
}

/// The inside of a quoted string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
