//! Graphs of programs and of eager tensors.

use super::format::short;
use super::graph::{Edge, Graph, Kind, Node, Typed};
use crate::core::{self, Array, Atom, Derivative, Place, Prim, Program, Recorded, Tensor};
use crate::number::function::{BinaryOp, UnaryOp};
use crate::op;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Entries of an array that is shown with its numbers.
const SHOWN: usize = 6;

/// The names of operations that [`Kind::Operation`] can hold; those of a user's primitives are told by [`Node::symbol`] alone.
struct Names(HashSet<&'static str>);

impl Names {
    fn new() -> Names {
        let of_one = UnaryOp::all().into_iter().map(UnaryOp::name);
        let of_two = BinaryOp::all().into_iter().map(BinaryOp::name);
        Names(of_one.chain(of_two).chain(op::entries().iter().map(|entry| entry.name)).collect())
    }

    /// A node of this operation, to be filled in.
    fn operation(&self, prim: &Prim, ty: String, place: Option<Place>) -> Node {
        let params = prim.params();
        let parameter = match params.as_slice() {
            [("n", n)] => n.as_int(),
            _ => None,
        };
        let op = self.0.get(prim.name()).copied();
        let symbol = match op {
            Some(_) if params.is_empty() || parameter.is_some() => None,
            _ => Some(with_params(prim.name(), &params)),
        };
        let kind = Kind::Operation { op: op.unwrap_or("operation"), parameter };
        node(kind, Typed { ty, symbol, place, ..Typed::default() })
    }
}

/// Parameters in brackets, where programs are told by their sizes.
fn with_params(name: &str, params: &core::Params) -> String {
    let text = |(name, value): &(&str, core::Param)| match value.as_program() {
        Some(body) => format!("{name}={} equations", body.equations().len()),
        None => format!("{name}={value}"),
    };
    match params.as_slice() {
        [] => name.to_string(),
        params => format!("{name}[{}]", params.iter().map(text).collect::<Vec<_>>().join(", ")),
    }
}

fn node(kind: Kind, typed: Typed) -> Node {
    Node { kind, name: None, value: None, grad: None, operands: Vec::new(), typed: Some(Box::new(typed)) }
}

/// A number, or the type with the numbers if they are few.
fn put_value(node: &mut Node, array: &Array) {
    if array.rank() == 0 && array.dtype().is_float() {
        node.value = array.first().map(|item| item.to_f64());
    } else if let (Some(typed), Some(numbers)) = (&mut node.typed, numbers(array)) {
        typed.value = Some(numbers);
    }
}

fn put_gradient(node: &mut Node, gradient: &Tensor) {
    // A traced gradient (of a gradient) has no numbers yet.
    let Some(array) = gradient.as_array() else { return };
    if array.rank() == 0 {
        node.grad = array.first().map(|item| item.to_f64());
    } else if let Some(typed) = &mut node.typed {
        typed.grad = Some(numbers(array).unwrap_or_else(|| array.ty().to_string()));
    }
}

fn numbers(array: &Array) -> Option<String> {
    (array.size() <= SHOWN).then(|| {
        let numbers: Vec<String> = array.items().map(|item| short(item.to_f64())).collect();
        if array.rank() == 0 { numbers.concat() } else { format!("[{}]", numbers.join(", ")) }
    })
}

impl Graph {
    /// The equations of a program that its outputs depend on, named as they print, with their types. If there is not just one output,
    /// the root is a node `return` of all.
    ///
    /// ```
    /// use cotangent::core::{trace_program, DType, Type};
    /// use cotangent::view::Graph;
    /// let program = trace_program(&[Type::new(DType::F64, [2])], |x| vec![(&x[0] * 2.0).sum()]);
    /// assert!(Graph::of_program(&program).text().ends_with(
    ///     "├─ sum[axes=[0]] f64[] [c]\n  ├─ * f64[2] [b]\n    ├─ input a: f64[2]\n    ├─ constant: f64[2] [2, 2]\n"
    /// ));
    /// ```
    pub fn of_program(program: &Program) -> Graph {
        let names = Names::new();
        let mut needed = vec![false; program.var_count()];
        let mark = |needed: &mut Vec<bool>, atom: Atom| {
            if let Some(var) = atom.var() {
                needed[var.index()] = true;
            }
        };
        program.outputs().iter().for_each(|&atom| mark(&mut needed, atom));
        for equation in program.equations().iter().rev() {
            if equation.outputs().any(|var| needed[var.index()]) {
                equation.inputs.iter().for_each(|&atom| mark(&mut needed, atom));
            }
        }
        let mut nodes: Vec<Node> = Vec::new();
        let mut place = vec![usize::MAX; program.var_count()];
        for &var in program.inputs().iter().filter(|var| needed[var.index()]) {
            place[var.index()] = nodes.len();
            let ty = program.var_type(var).to_string();
            let input = node(Kind::Input, Typed { ty, ..Typed::default() });
            nodes.push(Node { name: Some(var.to_string().into()), ..input });
        }
        let operands = |nodes: &mut Vec<Node>, place: &[usize], atoms: &[Atom]| -> Vec<Edge> {
            let edge = |&atom: &Atom| match atom {
                Atom::Var(var) => Edge { node: place[var.index()], partial: None },
                Atom::Constant(index) => {
                    nodes.push(constant(&program.constants()[index as usize]));
                    Edge { node: nodes.len() - 1, partial: None }
                }
            };
            atoms.iter().map(edge).collect()
        };
        for equation in program.equations() {
            if !equation.outputs().any(|var| needed[var.index()]) {
                continue;
            }
            let edges = operands(&mut nodes, &place, &equation.inputs);
            let list =
                |of: &dyn Fn(core::Var) -> String| equation.outputs().map(of).collect::<Vec<_>>().join(", ");
            let types = list(&|var| program.var_type(var).to_string());
            let made = names.operation(&equation.prim, types, equation.place);
            equation.outputs().for_each(|var| place[var.index()] = nodes.len());
            let name = list(&|var| var.to_string());
            nodes.push(Node { name: Some(name.into()), operands: edges, ..made });
        }
        let edges = operands(&mut nodes, &place, program.outputs());
        if program.outputs().len() != 1 {
            let types: Vec<String> = program.output_types().iter().map(|ty| ty.to_string()).collect();
            let ty = format!("({})", types.join(", "));
            let symbol = Some("return".to_string());
            let kind = Kind::Operation { op: "return", parameter: None };
            let all = node(kind, Typed { ty, symbol, ..Typed::default() });
            nodes.push(Node { operands: edges, ..all });
        }
        Graph { nodes }
    }

    /// The operations that a tensor was computed from, as far as gradients go: with the numbers of small tensors where they are known,
    /// and the gradients that `backward` has left ([`retain_grad`](Tensor::retain_grad) keeps those of results).
    ///
    /// ```
    /// use cotangent::{prelude::*, view::Graph};
    /// let x = Tensor::from([1.0, 2.0]).requires_grad();
    /// let y = (&x * &x).sum();
    /// y.backward();
    /// assert!(Graph::of_tensor(&y).text().ends_with(
    ///     "├─ sum[axes=[0]] 5.0000\n  ├─ * f64[2] [1, 4]\n    ├─ input: f64[2] [1, 2] (grad: [2, 4])\n    ├─ input: f64[2] [1, 2] (grad: [2, 4])\n"
    /// ));
    /// ```
    pub fn of_tensor(root: &Tensor) -> Graph {
        Graph::of_tensor_named(root, &[])
    }

    /// [`of_tensor`](Graph::of_tensor), where some tensors have names.
    ///
    /// ```
    /// use cotangent::{prelude::*, view::Graph};
    /// let x = Tensor::from(3.0).requires_grad();
    /// let y = x.square();
    /// y.backward();
    /// assert!(Graph::of_tensor_named(&y, &[("x", &x)]).text().ends_with("├─ square 9.0000\n  ├─ input x: 3.0000 (grad: 6.0000)\n"));
    /// ```
    pub fn of_tensor_named(root: &Tensor, names: &[(&str, &Tensor)]) -> Graph {
        let Some(last) = root.node() else {
            // Nothing is known of where it came from.
            let leaf = match root.as_array() {
                Some(array) => constant(array),
                None => node(Kind::Input, Typed { ty: root.ty().to_string(), ..Typed::default() }),
            };
            return Graph { nodes: vec![leaf] };
        };
        let made = ancestors(last);
        let mut known: HashMap<(u64, u32), Array> = HashMap::new();
        for tensor in names.iter().map(|(_, x)| *x).chain([root]) {
            if let (Some(edge), Some(array)) = (tensor.edge(), tensor.as_array()) {
                known.insert((edge.node.id(), edge.output), array.clone());
            }
        }
        made.iter().for_each(|node| learn(node, &mut known));
        let labels: HashMap<u64, &str> =
            names.iter().filter_map(|(name, x)| Some((x.node()?.id(), *name))).collect();
        let registry = Names::new();
        let types = leaf_types(&made, root);
        let mut nodes: Vec<Node> = Vec::with_capacity(made.len());
        let mut place: HashMap<u64, usize> = HashMap::with_capacity(made.len());
        for own in &made {
            let mut drawn = match own.recorded() {
                None => {
                    let ty = types.get(&own.id()).cloned().unwrap_or_default();
                    node(Kind::Input, Typed { ty, place: Some(own.place()), ..Typed::default() })
                }
                Some(recorded) => {
                    let inputs = recorded.inputs();
                    let mut edges = Vec::with_capacity(inputs.len());
                    for (i, input) in inputs.iter().enumerate() {
                        if let Some(edge) = &recorded.edges[i] {
                            edges.push(Edge { node: place[&edge.node.id()], partial: None });
                            continue;
                        }
                        edges.push(Edge { node: nodes.len(), partial: None });
                        nodes.push(match keeps(recorded, i) {
                            true => constant(input),
                            false => {
                                node(Kind::Constant, Typed { ty: input.ty().to_string(), ..Typed::default() })
                            }
                        });
                    }
                    let types: Vec<String> = recorded.outputs().iter().map(|y| y.ty().to_string()).collect();
                    let operation = registry.operation(&recorded.prim, types.join(", "), Some(own.place()));
                    Node { operands: edges, ..operation }
                }
            };
            if let Some(array) = known.get(&(own.id(), 0)) {
                put_value(&mut drawn, array);
            }
            if let Some(gradient) = own.gradient(0) {
                put_gradient(&mut drawn, &gradient);
            }
            drawn.name = labels.get(&own.id()).map(|&name| name.into());
            place.insert(own.id(), nodes.len());
            nodes.push(drawn);
        }
        Graph { nodes }
    }
}

fn constant(array: &Array) -> Node {
    let mut made = node(Kind::Constant, Typed { ty: array.ty().to_string(), ..Typed::default() });
    put_value(&mut made, array);
    made
}

/// The node and all before it, parents first.
fn ancestors(last: &Arc<core::Node>) -> Vec<Arc<core::Node>> {
    let mut seen = HashSet::from([last.id()]);
    let mut found = vec![last.clone()];
    let mut next = 0;
    while let Some(node) = found.get(next).cloned() {
        next += 1;
        let Some(recorded) = node.recorded() else { continue };
        for edge in recorded.edges.iter().flatten() {
            if seen.insert(edge.node.id()) {
                found.push(edge.node.clone());
            }
        }
    }
    // Parents have smaller numbers than children.
    found.sort_unstable_by_key(|node| node.id());
    found
}

/// The types of leaves, as their users have them.
fn leaf_types(made: &[Arc<core::Node>], root: &Tensor) -> HashMap<u64, String> {
    let mut types = HashMap::new();
    root.node().map(|node| types.insert(node.id(), root.ty().to_string()));
    for recorded in made.iter().filter_map(|node| node.recorded()) {
        for (edge, input) in recorded.edges.iter().zip(recorded.inputs()) {
            if let Some(edge) = edge.as_ref().filter(|edge| edge.node.recorded().is_none()) {
                types.entry(edge.node.id()).or_insert_with(|| input.ty().to_string());
            }
        }
    }
    types
}

/// Is this the operation that was run, not the linear map that a differentiated body left?
fn is_itself(prim: &Prim) -> bool {
    match prim.derivative() {
        Derivative::Staged(_) => false,
        Derivative::General(_) => prim.name() != "linear_call",
        _ => true,
    }
}

/// Is the value of this input kept, which is a zero of its type if not?
fn keeps(recorded: &Recorded, i: usize) -> bool {
    let kept = recorded.prim.kept(recorded.edges.iter().map(Option::is_some));
    is_itself(&recorded.prim) && (recorded.keeps_all() || kept.x(i))
}

/// Adds what a node knows of values: its inputs where they are kept, and its result, again from small inputs if need be.
fn learn(node: &core::Node, known: &mut HashMap<(u64, u32), Array>) {
    let Some(recorded) = node.recorded().filter(|recorded| is_itself(&recorded.prim)) else { return };
    let inputs = recorded.inputs();
    let mut values = Vec::with_capacity(inputs.len());
    for (i, input) in inputs.iter().enumerate() {
        let key = recorded.edges[i].as_ref().map(|edge| (edge.node.id(), edge.output));
        let small = |array: &Array| array.size() <= SHOWN;
        if keeps(recorded, i) && small(input) {
            key.map(|key| known.entry(key).or_insert_with(|| input.clone()));
            values.push(Some(input.clone()));
        } else {
            values.push(key.and_then(|key| known.get(&key)).filter(|array| small(array)).cloned());
        }
    }
    let outputs = recorded.outputs();
    if recorded.keeps_all() || outputs.iter().any(|y| y.size() > SHOWN) {
        if let Some(y) = outputs.first().filter(|y| recorded.keeps_all() && y.size() <= SHOWN) {
            known.entry((node.id(), 0)).or_insert_with(|| y.clone());
        }
        return;
    }
    let values: Option<Vec<Array>> = values.into_iter().collect();
    let result = values.and_then(|values| recorded.prim.eval(&values.iter().collect::<Vec<_>>()).ok());
    for (i, y) in (0..).zip(result.into_iter().flatten()) {
        known.entry((node.id(), i)).or_insert(y);
    }
}
