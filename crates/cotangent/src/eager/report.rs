//! Which lines keep graphs alive.

use crate::core::{Node, Watch};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Nodes of the eager graph that are alive, by the lines that hold on to them.
///
/// ```
/// use cotangent::eager::live_graph;
/// use cotangent::prelude::*;
/// let w = Tensor::from(2.0).requires_grad();
/// let (_, report) = live_graph(|| {
///     let mut total = Tensor::from(0.0);
///     for _ in 0..10 {
///         let loss = w.square();
///         total += &loss; // keeps every step's graph
///     }
///     total
/// });
/// assert_eq!(report.nodes, 20);
/// assert_eq!((report.kept[0].operation.as_str(), report.kept[0].nodes), ("add", 20));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveGraph {
    /// How many nodes are alive, leaves not counted.
    pub nodes: usize,
    /// The tensors that hold them: the line and operation that made each, most nodes first.
    pub kept: Vec<Kept>,
}

/// A line whose tensors keep nodes alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The operation.
    pub operation: String,
    /// The line, as `file:line`.
    pub place: String,
    /// How many tensors of that line hold a graph.
    pub tensors: usize,
    /// How many nodes can be reached from them.
    pub nodes: usize,
}

/// Runs `f`, and tells which nodes that it made are alive while its result is. Meanwhile nodes made on other threads are counted too.
pub fn live_graph<R>(f: impl FnOnce() -> R) -> (R, LiveGraph) {
    let watch = Watch::start();
    let result = f();
    let report = LiveGraph::of(&watch.live());
    (result, report)
}

impl LiveGraph {
    fn of(nodes: &[Arc<Node>]) -> LiveGraph {
        let operations: Vec<&Arc<Node>> = nodes.iter().filter(|node| node.recorded().is_some()).collect();
        let parents: HashSet<u64> =
            operations.iter().flat_map(|node| parents(node)).map(|node| node.id()).collect();
        let mut lines: BTreeMap<(String, String), Vec<&Arc<Node>>> = BTreeMap::new();
        for &node in operations.iter().filter(|node| !parents.contains(&node.id())) {
            let place = format!("{}:{}", node.place().file(), node.place().line());
            lines.entry((node.name().to_string(), place)).or_default().push(node);
        }
        let mut kept: Vec<Kept> = lines
            .into_iter()
            .map(|((operation, place), roots)| {
                let tensors = roots.len();
                Kept { operation, place, tensors, nodes: reachable(roots) }
            })
            .collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.nodes));
        LiveGraph { nodes: operations.len(), kept }
    }
}

fn parents(node: &Node) -> impl Iterator<Item = &Arc<Node>> {
    let edges = node.recorded().map(|recorded| recorded.edges.iter()).into_iter().flatten();
    edges.flatten().map(|edge| &edge.node).filter(|node| node.recorded().is_some())
}

fn reachable(mut stack: Vec<&Arc<Node>>) -> usize {
    let mut seen: HashSet<u64> = stack.iter().map(|node| node.id()).collect();
    while let Some(node) = stack.pop() {
        stack.extend(parents(node).filter(|parent| seen.insert(parent.id())));
    }
    seen.len()
}

impl fmt::Display for LiveGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes of the eager graph are alive", self.nodes)?;
        for kept in &self.kept {
            let (plural, verb) = if kept.tensors == 1 { ("", "keeps") } else { ("s", "keep") };
            write!(
                f,
                "\n  {} tensor{plural} made by `{}` at {} {verb} {}",
                kept.tensors, kept.operation, kept.place, kept.nodes
            )?;
        }
        if !self.kept.is_empty() {
            f.write_str(
                "\n  help: sum plain numbers (`total += loss.item::<f64>()`), or `detach()` what you keep",
            )?;
        }
        Ok(())
    }
}
