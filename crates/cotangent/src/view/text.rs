//! The indented tree.

use super::{Graph, Kind, Node};
use std::fmt;

/// Deeper levels are told by a number instead of more spaces, or a long chain's text would grow with its square.
const DEEPEST_INDENT: usize = 24;

impl Graph {
    /// The graph as an indented tree, from the output to the inputs: each operation with its value and gradient, its
    /// operands below it.
    ///
    /// An operation that is used several times is written out once, with a number, and afterwards only referred to
    /// (`↑ #3 (above)`, or its label), so the text is no longer than the graph. Below 24 levels the indentation stops
    /// and the line tells its depth.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let s = tape.var(2.0).label("x").square();
    /// let y = s * s;
    /// y.backward();
    /// let text = Graph::of_tape(&tape, &y).text();
    /// assert!(text.ends_with("\
    /// ├─ * 16.0000 (grad: 1.0000)
    ///   ├─ square 4.0000 (grad: 8.0000) #1
    ///     ├─ input x: 2.0000 (grad: 32.0000)
    ///   ├─ ↑ #1 (above)
    /// "));
    /// ```
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("Computation Graph (from output to inputs):\n")?;
        writeln!(out, "{}", "=".repeat(40))?;
        let uses = self.uses();
        let mut written = vec![false; self.nodes.len()];
        let mut stack = vec![(self.nodes.len() - 1, 0_usize)];
        while let Some((i, depth)) = stack.pop() {
            let node = &self.nodes[i];
            write!(out, "{:width$}", "", width = 2 * depth.min(DEEPEST_INDENT))?;
            if depth > DEEPEST_INDENT {
                write!(out, "[depth {depth}] ")?;
            }
            out.write_str("├─ ")?;
            let shared = uses[i] > 1 && !node.operands.is_empty();
            if shared && written[i] {
                match node.name() {
                    Some(name) => writeln!(out, "↑ {} (above)", one_line(name))?,
                    None => writeln!(out, "↑ #{i} (above)")?,
                }
                continue;
            }
            written[i] = true;
            node.write_line(out)?;
            match node.name() {
                Some(name) if !node.operands.is_empty() => write!(out, " [{}]", one_line(name))?,
                None if shared => write!(out, " #{i}")?,
                _ => {}
            }
            out.write_char('\n')?;
            stack.extend(node.operands.iter().rev().map(|edge| (edge.node, depth + 1)));
        }
        Ok(())
    }
}

impl Node {
    fn write_line(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        match (self.kind, self.name()) {
            (Kind::Operation { .. }, _) => out.write_str(&self.symbol().unwrap_or_default())?,
            (Kind::Input, Some(name)) => write!(out, "input {}", one_line(name))?,
            (Kind::Input, None) => out.write_str("input")?,
            (Kind::Constant, _) => out.write_str("constant")?,
        }
        if let Some(value) = self.value_text() {
            let colon = if self.operands.is_empty() { ":" } else { "" };
            write!(out, "{colon} {value}")?;
        }
        if let Some(grad) = self.grad_text() {
            write!(out, " (grad: {grad})")?;
        }
        Ok(())
    }
}

/// A label is the user's and may hold anything; a line of the tree stays one line.
fn one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The text tree.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_text(f)
    }
}
