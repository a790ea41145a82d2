//! The chain rule as a sum over paths.

use super::Graph;
use super::format::{short, title};
use crate::number::function::Partial;
use std::fmt;

/// The paths from the output down to one number. The derivative is the sum over all paths of the product of the
/// partials along them; reverse mode computes it without listing them, for there may be exponentially many.
///
/// ```
/// use cotangent::number::Tape;
/// use cotangent::view::Graph;
/// let tape = Tape::new();
/// let (x1, x2) = (tape.var(2.0).label("x1"), tape.var(3.0).label("x2"));
/// let a = (x1 + x2).label("a");
/// let b = (x1 * x2).label("b");
/// let f = (a * b).label("f");
/// assert_eq!(
///     Graph::of_tape(&tape, &f).paths("x1", 10).to_string(),
///     "\
/// ∂f/∂x1 = 21, over 2 paths:
///   f → a → x1: 6 · 1 = 6
///   f → b → x1: 5 · 3 = 15
/// "
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// What the root is called.
    pub output: String,
    /// What the number that the paths end at is called.
    pub input: String,
    /// How many paths there are, [`u128::MAX`] if more than that.
    pub total: u128,
    /// The sum of the contributions of all paths, listed or not; `None` if the graph has no partials.
    pub derivative: Option<f64>,
    /// The first paths, by the order of operands.
    pub listed: Vec<Path>,
}

/// One path from the output to an input.
///
/// ```
/// # use cotangent::{number::Expr, view::Graph};
/// let f = (Expr::symbol("x") * 2.0) * 5.0;
/// let paths = Graph::of_expr_at(&f, &[("x", 3.0)]).unwrap().paths("x", 1);
/// assert_eq!((paths.listed[0].factors.as_slice(), paths.listed[0].contribution), ([5.0, 2.0].as_slice(), Some(10.0)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The nodes along it, the root first.
    pub nodes: Vec<usize>,
    /// What they are called.
    pub names: Vec<String>,
    /// The partial derivative along each edge; empty if the graph has no partials.
    pub factors: Vec<f64>,
    /// Their product: what the path contributes to the derivative.
    pub contribution: Option<f64>,
}

impl Graph {
    /// The first `limit` paths from the root to the node of this name, with the count and the sum of all. There are
    /// none to a name that the root does not depend on, and its derivative is 0.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let mut y = tape.var(1.0).label("x");
    /// for _ in 0..200 {
    ///     y = y + y;
    /// }
    /// let paths = Graph::of_tape(&tape, &y).paths("x", 3);
    /// assert_eq!((paths.total, paths.listed.len()), (u128::MAX, 3)); // 2²⁰⁰ of them
    /// assert_eq!(paths.derivative, Some(2_f64.powi(200)));
    /// ```
    pub fn paths(&self, input: &str, limit: usize) -> Paths {
        match self.find(input) {
            Some(node) => self.paths_to(node, limit),
            None => Paths {
                output: self.title_of_root(),
                input: input.to_string(),
                total: 0,
                derivative: Some(0.0),
                listed: Vec::new(),
            },
        }
    }

    /// [`paths`](Graph::paths) to the node of this number.
    ///
    /// # Panics
    /// If there is no such node.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// assert_eq!(Graph::of_tape(&tape, &(x * x)).paths_to(0, 9).total, 2);
    /// ```
    pub fn paths_to(&self, target: usize, limit: usize) -> Paths {
        assert!(target < self.nodes.len(), "Graph::paths_to: there is no node {target}");
        let count = self.counts(target);
        let root = self.nodes.len() - 1;
        let mut listed = Vec::new();
        // The path so far: each node with how many of its operands have been gone down to.
        let mut path: Vec<(usize, usize)> = Vec::new();
        if count[root] > 0 && limit > 0 {
            path.push((root, 0));
        }
        while let Some(&(node, next)) = path.last() {
            if node == target {
                listed.push(self.path(&path));
                if listed.len() == limit {
                    break;
                }
                path.pop();
                continue;
            }
            match self.nodes[node].operands.get(next) {
                None => {
                    path.pop();
                }
                Some(edge) => {
                    if let Some(top) = path.last_mut() {
                        top.1 += 1;
                    }
                    if count[edge.node] > 0 {
                        path.push((edge.node, 0));
                    }
                }
            }
        }
        Paths {
            output: self.title_of_root(),
            input: title(&self.nodes[target]),
            total: count[root],
            derivative: self.derivative(target, &count),
            listed,
        }
    }

    /// How many paths lead from each node to the target.
    fn counts(&self, target: usize) -> Vec<u128> {
        let mut count = vec![0_u128; self.nodes.len()];
        count[target] = 1;
        for i in target + 1..self.nodes.len() {
            let below = self.nodes[i].operands.iter().map(|edge| count[edge.node]);
            count[i] = below.fold(0, u128::saturating_add);
        }
        count
    }

    /// ∂root/∂target from the partials, pulled back along the edges that lead to the target.
    fn derivative(&self, target: usize, count: &[u128]) -> Option<f64> {
        let root = self.nodes.len() - 1;
        let mut adjoint = vec![0.0; self.nodes.len()];
        adjoint[root] = 1.0;
        for i in (target + 1..=root).rev() {
            for edge in self.nodes[i].operands.iter().filter(|edge| count[edge.node] > 0) {
                adjoint[edge.node] += Partial::Of(edge.partial?).scale(&adjoint[i]); // a zero wins
            }
        }
        Some(adjoint[target])
    }

    fn path(&self, path: &[(usize, usize)]) -> Path {
        let nodes: Vec<usize> = path.iter().map(|&(node, _)| node).collect();
        let names = nodes.iter().map(|&i| title(&self.nodes[i])).collect();
        let edges = &path[..path.len() - 1];
        let factors: Option<Vec<f64>> =
            edges.iter().map(|&(node, next)| self.nodes[node].operands[next - 1].partial).collect();
        let contribution = factors.as_ref().map(|factors| {
            factors.iter().fold(1.0, |product, factor| if product == 0.0 { 0.0 } else { product * factor })
        });
        Path { nodes, names, factors: factors.unwrap_or_default(), contribution }
    }

    fn title_of_root(&self) -> String {
        self.root().name().unwrap_or("f").to_string()
    }
}

/// One line a path: its nodes, its partials and their product.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(" → "))?;
        if let Some(contribution) = self.contribution {
            if self.factors.len() > 1 {
                let factors: Vec<String> = self.factors.iter().map(|&factor| short(factor)).collect();
                write!(f, ": {} = {}", factors.join(" · "), short(contribution))?;
            } else {
                write!(f, ": {}", short(contribution))?;
            }
        }
        Ok(())
    }
}

/// The derivative and the paths that were listed.
impl fmt::Display for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "∂{}/∂{}", self.output, self.input)?;
        if let Some(derivative) = self.derivative {
            write!(f, " = {}", short(derivative))?;
        }
        match self.total {
            0 => return writeln!(f, ": no path leads there"),
            1 => writeln!(f, ", over 1 path:")?,
            u128::MAX => writeln!(f, ", over more than 3e38 paths:")?,
            n => writeln!(f, ", over {n} paths:")?,
        }
        for path in &self.listed {
            writeln!(f, "  {path}")?;
        }
        let left = self.total.saturating_sub(self.listed.len() as u128);
        if left > 0 && self.total == u128::MAX {
            writeln!(f, "  … and all the others")?;
        } else if left > 0 {
            writeln!(f, "  … and {left} more")?;
        }
        Ok(())
    }
}
