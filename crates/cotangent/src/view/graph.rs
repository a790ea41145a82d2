//! The graph that every view draws.

use super::format;
use crate::number::{Operand, Scalar, Tape, Var};

/// The operations that one number was computed from, with values, gradients and local partials where they are known.
///
/// Nodes are numbered so that operands come before their users; the root is the last. Only what the root depends on is
/// in it.
///
/// ```
/// use cotangent::number::Tape;
/// use cotangent::view::Graph;
/// let tape = Tape::new();
/// let (x1, x2) = (tape.var(2.0).label("x1"), tape.var(3.0).label("x2"));
/// let f = (x1 + x2) * (x1 * x2);
/// f.backward();
/// let graph = Graph::of_tape(&tape, &f);
/// assert_eq!(graph.nodes().len(), 5);
/// assert_eq!(graph.root().value(), Some(30.0));
/// assert_eq!(graph.paths("x1", 10).derivative, Some(21.0)); // 6·1 + 5·3
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
}

/// One number of a [`Graph`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub(super) kind: Kind,
    pub(super) name: Option<Box<str>>,
    pub(super) value: Option<f64>,
    pub(super) grad: Option<f64>,
    pub(super) operands: Vec<Edge>,
}

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A variable.
    Input,
    /// A number that nothing is differentiated by.
    Constant,
    /// The result of an operation.
    Operation {
        /// Its name, such as `mul`.
        op: &'static str,
        /// The integer parameter of `powi` and `polygamma`.
        parameter: Option<i64>,
    },
}

/// An operand of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The operand's number among [`Graph::nodes`].
    pub node: usize,
    /// ∂(operation)/∂(operand), where it is known.
    pub partial: Option<f64>,
}

impl Node {
    /// Variable, constant or operation.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its label or the name of its symbol.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its value, unless the graph is symbolic.
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// Its gradient: on a tape what `backward` calls have accumulated. Constants have none.
    pub fn grad(&self) -> Option<f64> {
        self.grad
    }

    /// The operands in order.
    pub fn operands(&self) -> &[Edge] {
        &self.operands
    }

    /// Is it a variable?
    pub fn is_input(&self) -> bool {
        self.kind == Kind::Input
    }

    /// The operation as the views write it, `*` or `**2` or `tanh`; `None` for a leaf.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// assert_eq!(Graph::of_tape(&tape, &tape.var(3.0).powi(2)).root().symbol().unwrap(), "**2");
    /// ```
    pub fn symbol(&self) -> Option<String> {
        match self.kind {
            Kind::Operation { op, parameter } => Some(format::symbol(op, parameter)),
            _ => None,
        }
    }

    pub(super) fn constant(value: f64) -> Node {
        Node { kind: Kind::Constant, name: None, value: Some(value), grad: None, operands: Vec::new() }
    }
}

impl Graph {
    /// What `root` was computed from, with the gradients that `backward` calls have accumulated so far.
    ///
    /// # Panics
    /// If `root` is of another tape.
    ///
    /// ```
    /// # use cotangent::{number::{Real, Tape}, view::Graph};
    /// let tape = Tape::new();
    /// let y = tape.var(3.0).label("x").square();
    /// y.backward();
    /// let graph = Graph::of_tape(&tape, &y);
    /// assert_eq!((graph.nodes()[0].name(), graph.nodes()[0].grad()), (Some("x"), Some(6.0)));
    /// ```
    pub fn of_tape<T: Scalar>(tape: &Tape<T>, root: &Var<'_, T>) -> Graph {
        assert!(std::ptr::eq(tape, root.tape()), "Graph::of_tape: the root is a variable of another tape");
        let Some(last) = root.index() else {
            return Graph { nodes: vec![Node::constant(root.primal())] };
        };
        let mut records = tape.records();
        records.truncate(last + 1);
        let mut reached = vec![false; records.len()];
        reached[last] = true;
        for i in (0..=last).rev() {
            if reached[i] {
                for operand in &records[i].operands {
                    if let Operand::Node { index, .. } = operand {
                        reached[*index] = true;
                    }
                }
            }
        }
        let mut nodes = Vec::new();
        let mut place = vec![usize::MAX; records.len()];
        for (i, record) in records.into_iter().enumerate().filter(|(i, _)| reached[*i]) {
            let operands = record.operands.iter().map(|operand| match operand {
                Operand::Node { index, partial } => {
                    Edge { node: place[*index], partial: Some(partial.primal()) }
                }
                Operand::Constant(c) => {
                    nodes.push(Node::constant(c.primal()));
                    Edge { node: nodes.len() - 1, partial: None }
                }
            });
            let operands = operands.collect();
            let kind = match record.op {
                Some(op) => Kind::Operation { op, parameter: record.parameter },
                None => Kind::Input,
            };
            place[i] = nodes.len();
            nodes.push(Node {
                kind,
                name: record.label.map(String::into_boxed_str),
                value: Some(record.value.primal()),
                grad: Some(record.grad.primal()),
                operands,
            });
        }
        Graph { nodes }
    }

    /// Every node, operands before their users.
    ///
    /// ```
    /// # use cotangent::{number::Tape, view::Graph};
    /// let tape = Tape::new();
    /// assert_eq!(Graph::of_tape(&tape, &(tape.var(3.0) + 1.0)).nodes().len(), 3);
    /// ```
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The number that was computed: the last node.
    pub fn root(&self) -> &Node {
        &self.nodes[self.nodes.len() - 1]
    }

    /// The node of this name, the first if there are several.
    ///
    /// ```
    /// # use cotangent::{number::Tape, view::Graph};
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// assert_eq!(Graph::of_tape(&tape, &(x * x)).find("x"), Some(0));
    /// ```
    pub fn find(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name() == Some(name))
    }

    /// The numbers of the variables, in order.
    ///
    /// ```
    /// # use cotangent::{number::Tape, view::Graph};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(3.0), tape.var(4.0));
    /// assert_eq!(Graph::of_tape(&tape, &(x * 2.0 + y)).inputs().count(), 2);
    /// ```
    pub fn inputs(&self) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().enumerate().filter(|(_, node)| node.is_input()).map(|(i, _)| i)
    }

    /// How often each node is an operand.
    pub(super) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        for edge in self.nodes.iter().flat_map(|node| &node.operands) {
            uses[edge.node] += 1;
        }
        uses
    }
}
