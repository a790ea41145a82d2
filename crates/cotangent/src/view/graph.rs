//! The graph that every view draws.

use super::format;
use crate::core::Place;
use crate::number::function::Partial;
use crate::number::{self, EvalError, Expr, Operand, Scalar, Tape, Var};
use std::collections::HashMap;

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
///
/// ```
/// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
/// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
/// assert_eq!(graph.root().value(), Some(6.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub(super) kind: Kind,
    pub(super) name: Option<Box<str>>,
    pub(super) value: Option<f64>,
    pub(super) grad: Option<f64>,
    pub(super) operands: Vec<Edge>,
    /// What nodes of tensors have besides.
    pub(super) typed: Option<Box<Typed>>,
}

/// What is known of a tensor, as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Typed {
    pub ty: String,
    pub value: Option<String>,
    pub grad: Option<String>,
    /// The operation with its parameters, if a name does not tell it.
    pub symbol: Option<String>,
    pub place: Option<Place>,
}

/// What a [`Node`] is.
///
/// ```
/// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
/// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
/// assert_eq!(graph.root().kind(), Kind::Operation { op: "mul", parameter: None });
/// assert_eq!(graph.nodes()[1].kind(), Kind::Constant);
/// ```
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
///
/// ```
/// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
/// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
/// assert_eq!(graph.root().operands()[0].partial, Some(2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The operand's number among [`Graph::nodes`].
    pub node: usize,
    /// ∂(operation)/∂(operand), where it is known.
    pub partial: Option<f64>,
}

impl Node {
    /// Variable, constant or operation.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.nodes()[0].kind(), Kind::Input);
    /// ```
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its label or the name of its symbol.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.nodes()[0].name(), Some("x"));
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its value, unless the graph is symbolic.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.nodes()[0].value(), Some(3.0));
    /// ```
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// Its gradient: on a tape what `backward` calls have accumulated. Constants have none.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.nodes()[0].grad(), Some(2.0));
    /// ```
    pub fn grad(&self) -> Option<f64> {
        self.grad
    }

    /// The operands in order.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.root().operands().len(), 2);
    /// ```
    pub fn operands(&self) -> &[Edge] {
        &self.operands
    }

    /// Is it a variable?
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.nodes().iter().filter(|node| node.is_input()).count(), 1);
    /// ```
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
        match (self.kind, &self.typed) {
            (Kind::Operation { .. }, Some(typed)) if typed.symbol.is_some() => typed.symbol.clone(),
            (Kind::Operation { op, parameter }, _) => Some(format::symbol(op, parameter)),
            _ => None,
        }
    }

    /// The type of a tensor; several, with commas, where an operation has several outputs.
    ///
    /// ```
    /// # use cotangent::{prelude::*, view::Graph};
    /// let x = Tensor::from([1.0, 2.0]).requires_grad();
    /// assert_eq!(Graph::of_tensor(&x.exp()).root().type_text(), Some("f64[2]"));
    /// ```
    pub fn type_text(&self) -> Option<&str> {
        self.typed.as_ref().map(|typed| typed.ty.as_str()).filter(|ty| !ty.is_empty())
    }

    /// The line of the program that made a tensor.
    ///
    /// ```
    /// # use cotangent::{prelude::*, view::Graph};
    /// let x = Tensor::from([1.0, 2.0]).requires_grad();
    /// assert!(Graph::of_tensor(&x.exp()).root().place().is_some());
    /// ```
    pub fn place(&self) -> Option<Place> {
        self.typed.as_ref().and_then(|typed| typed.place)
    }

    /// The number, or the type and the numbers of a tensor.
    pub(super) fn value_text(&self) -> Option<String> {
        let typed = || {
            let value = self.typed.as_ref().and_then(|typed| typed.value.as_deref());
            let texts: Vec<&str> = self.type_text().into_iter().chain(value).collect();
            (!texts.is_empty()).then(|| texts.join(" "))
        };
        self.value.map(format::number).or_else(typed)
    }

    /// The gradient likewise.
    pub(super) fn grad_text(&self) -> Option<String> {
        let typed = || self.typed.as_ref().and_then(|typed| typed.grad.clone());
        self.grad.map(format::number).or_else(typed)
    }

    pub(super) fn constant(value: f64) -> Node {
        Node {
            kind: Kind::Constant,
            name: None,
            value: Some(value),
            grad: None,
            operands: Vec::new(),
            typed: None,
        }
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
                typed: None,
            });
        }
        Graph { nodes }
    }

    /// The graph of a formula, without values: shared parts are one node.
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real}, view::Graph};
    /// let graph = Graph::of_expr(&Expr::symbol("x").square());
    /// assert!(graph.text().ends_with("├─ square\n  ├─ input x\n"));
    /// ```
    pub fn of_expr(expr: &Expr) -> Graph {
        let mut nodes: Vec<Node> = Vec::new();
        let mut place = HashMap::new();
        for e in expr.nodes() {
            let (kind, name, value) = match e.kind() {
                number::Kind::Symbol(name) => (Kind::Input, Some(name.as_ref().into()), None),
                number::Kind::Constant(c) => (Kind::Constant, None, Some(*c)),
                number::Kind::Unary(op, _) => {
                    (Kind::Operation { op: op.name(), parameter: op.parameter() }, None, None)
                }
                number::Kind::Binary(op, ..) => {
                    (Kind::Operation { op: op.name(), parameter: None }, None, None)
                }
                number::Kind::Select(..) => (Kind::Operation { op: "select", parameter: None }, None, None),
            };
            let operands = e.kind().operands().map(|x| Edge { node: place[x], partial: None }).collect();
            place.insert(e.clone(), nodes.len());
            nodes.push(Node { kind, name, value, grad: None, operands, typed: None });
        }
        Graph { nodes }
    }

    /// The graph of a formula at a point: with values, partials, and the gradient of the whole by every node.
    ///
    /// # Errors
    /// If a symbol has no value.
    ///
    /// ```
    /// # use cotangent::{number::Expr, view::Graph};
    /// let (x1, x2) = (Expr::symbol("x1"), Expr::symbol("x2"));
    /// let f = (&x1 + &x2) * (&x1 * &x2);
    /// let graph = Graph::of_expr_at(&f, &[("x1", 2.0), ("x2", 3.0)]).unwrap();
    /// assert_eq!(graph.root().value(), Some(30.0));
    /// assert_eq!(
    ///     graph.paths("x1", 10).to_string(),
    ///     "∂f/∂x1 = 21, over 2 paths:\n  * → + → x1: 6 · 1 = 6\n  * → * → x1: 5 · 3 = 15\n"
    /// );
    /// ```
    pub fn of_expr_at(expr: &Expr, values: &[(&str, f64)]) -> Result<Graph, EvalError> {
        let mut graph = Graph::of_expr(expr);
        let exprs = expr.nodes();
        // A constant expression has no symbol to tell the engine by; this one no expression can have.
        let mut at = vec![("", 0.0)];
        at.extend_from_slice(values);
        let results = Expr::evaluate_all(&exprs, &at)?;
        for (i, (e, &y)) in exprs.iter().zip(&results).enumerate() {
            graph.nodes[i].value = Some(y);
            let operand = |k: usize| results[graph.nodes[i].operands[k].node];
            let number = |partial: Partial<f64>| partial.into_number(&y);
            let partials = match e.kind() {
                number::Kind::Symbol(_) | number::Kind::Constant(_) => Vec::new(),
                number::Kind::Unary(op, _) => vec![number(op.df(&operand(0), &y))],
                number::Kind::Binary(op, ..) => {
                    let (a, b) = (operand(0), operand(1));
                    vec![number(op.da(&a, &b, &y)), number(op.db(&a, &b, &y))]
                }
                number::Kind::Select(..) => {
                    let then = operand(0) != 0.0;
                    vec![0.0, f64::from(u8::from(then)), f64::from(u8::from(!then))]
                }
            };
            for (edge, partial) in graph.nodes[i].operands.iter_mut().zip(partials) {
                // A constant's partial is nobody's: as on a tape it is not shown.
                let constant = matches!(exprs[edge.node].kind(), number::Kind::Constant(_));
                edge.partial = (!constant).then_some(partial);
            }
        }
        graph.fill_gradients();
        Ok(graph)
    }

    /// Pulls 1 back from the root along the partials.
    fn fill_gradients(&mut self) {
        let mut adjoint = vec![0.0_f64; self.nodes.len()];
        if let Some(root) = adjoint.last_mut() {
            *root = 1.0;
        }
        for i in (0..self.nodes.len()).rev() {
            let ct = adjoint[i];
            if self.nodes[i].kind != Kind::Constant {
                self.nodes[i].grad = Some(ct);
            }
            for edge in &self.nodes[i].operands {
                adjoint[edge.node] += Partial::Of(edge.partial.unwrap_or(0.0)).scale(&ct); // a zero wins
            }
        }
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
    ///
    /// ```
    /// # use cotangent::{number::{Expr, Real, Tape}, view::{Graph, Kind}};
    /// let graph = Graph::of_expr_at(&(Expr::symbol("x") * 2.0), &[("x", 3.0)]).unwrap();
    /// assert_eq!(graph.root().grad(), Some(1.0));
    /// ```
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
