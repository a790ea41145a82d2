//! `backward()`: from a tensor to the leaves it was computed from.

use super::pending::Pending;
use crate::core::{
    Edge, Error, Item, Kept, Node, Repr, Tensor, at_place, body, no_grad, place, raise, single, with_grad,
};
use crate::transform::{Cotangent, accumulate, pullback};
use smallvec::SmallVec;
use std::sync::Arc;

/// How to go backward: [`Tensor::backward`] with options.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backward {
    create_graph: bool,
}

impl Backward {
    /// The plain way.
    pub fn new() -> Backward {
        Backward::default()
    }

    /// Records the backward pass itself, so that gradients can be differentiated again.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// use cotangent::eager::Backward;
    /// let x = Tensor::from(2.0).requires_grad();
    /// Backward::new().create_graph(true).run(&x.powi(3), None);
    /// let g = x.grad().unwrap(); // 3x² = 12, with a graph
    /// x.zero_grad();
    /// g.backward();
    /// assert_eq!((g.item::<f64>(), x.grad().unwrap().item::<f64>()), (12.0, 12.0));
    /// ```
    pub fn create_graph(self, on: bool) -> Backward {
        Backward { create_graph: on }
    }

    /// Goes backward from this tensor, with this cotangent; without one it must be one number, whose cotangent is 1.
    ///
    /// # Panics
    /// As [`backward`](Tensor::backward), and if the cotangent has another type than the tensor.
    #[track_caller]
    pub fn run(self, y: &Tensor, ct: Option<&Tensor>) {
        let here = place();
        let edge = start(y);
        if let Some(ct) = ct {
            ct.no_trace("backward_with");
        }
        let error = Error::new("backward").at(Some(here));
        match ct {
            None if y.size() != 1 => {
                let help =
                    "reduce with `sum()` or `mean()`, or say what to start from with `backward_with(&ct)`";
                raise(error.expected("one number").got(y.ty().to_string()).help(help))
            }
            Some(ct) if ct.ty() != y.ty() => {
                let help = "the cotangent of a tensor has its shape and dtype";
                raise(
                    error
                        .expected(format!("a cotangent of type {}", y.ty()))
                        .got(ct.ty().to_string())
                        .help(help),
                )
            }
            _ => {}
        }
        let ct = ct.cloned().unwrap_or_else(|| Tensor::full_item(Item::one(y.dtype()), y.shape().clone()));
        let result = with_grad(self.create_graph, || sweep(&edge, ct, self.create_graph));
        result.unwrap_or_else(|error| raise(error.at(Some(here))));
    }
}

/// The node to start from, or why there is none.
#[track_caller]
fn start(y: &Tensor) -> Edge {
    y.no_trace("backward");
    if let Some(body) = body() {
        raise(body.no_backward(place()))
    }
    let Some(edge) = y.edge() else {
        let error = Error::new("backward").expected("a tensor computed from one that requires a gradient");
        let help = "call `requires_grad()` on the inputs, and compute outside `no_grad`";
        raise(error.got(y.ty().to_string()).help(help).at(Some(place())))
    };
    edge.clone()
}

/// The cotangents of a node's outputs; `None` is a zero.
type Outputs = SmallVec<[Option<Tensor>; 1]>;

/// Walks from the youngest node to the oldest. When a node's turn comes all its children have been seen, so its cotangent is complete.
fn sweep(edge: &Edge, ct: Tensor, create_graph: bool) -> Result<(), Error> {
    // What is recorded is tensors all the way.
    let cotangent = if create_graph { Cotangent::Tensor } else { Cotangent::of };
    let mut pending = Pending::new();
    pending.at(edge).add(cotangent(ct))?;
    while let Some((node, reached)) = pending.pop() {
        let recorded = node.recorded();
        if let ([Cotangent::Number(ct)], Some(recorded), false) = (&reached[..], recorded, node.has_extras())
            && let Kept::Numbers { x, y } = &recorded.kept
        {
            for (i, edge) in recorded.edges.iter().enumerate() {
                if let Some(edge) = edge
                    && let Some(ct) = single::pull(&recorded.prim, i, *x, *y, *ct)
                {
                    pending.at(edge).add(Cotangent::Number(ct))?;
                }
            }
            continue;
        }
        let mut ct: Outputs = reached.into_iter().map(Cotangent::into_tensor).collect();
        if node.has_extras() {
            see(node, &mut ct)?;
        }
        let Some(recorded) = recorded else {
            if let Some(ct) = ct.pop().flatten() {
                node.add_gradient(0, |sum| accumulate(sum, ct.clone()))?;
            }
            continue;
        };
        let inputs = recorded.inputs().into_iter().zip(&recorded.edges);
        let x: SmallVec<[Tensor; 2]> = inputs
            .map(|(array, edge)| Tensor::with_edge(array, if create_graph { edge.clone() } else { None }))
            .collect();
        let y: SmallVec<[Tensor; 1]> = recorded
            .outputs()
            .into_iter()
            .enumerate()
            .map(|(i, array)| {
                let edge = (create_graph && array.dtype().is_float())
                    .then(|| Edge { node: node.clone(), output: i as u32 });
                Tensor::with_edge(array, edge)
            })
            .collect();
        while ct.len() < y.len() {
            ct.push(None);
        }
        let wanted: SmallVec<[bool; 4]> = recorded.edges.iter().map(Option::is_some).collect();
        let found = at_place(Some(node.place()), || pullback(&recorded.prim, &x, &y, &mut ct, &wanted))?;
        for (edge, ct) in recorded.edges.iter().zip(found) {
            if let (Some(edge), Some(ct)) = (edge, ct) {
                pending.at(edge).add(cotangent(ct))?;
            }
        }
    }
    Ok(())
}

/// Shows the complete cotangents of a node to its hooks, which may replace them, and adds them to the gradients that are retained.
fn see(node: &Arc<Node>, ct: &mut Outputs) -> Result<(), Error> {
    for (i, ct) in ct.iter_mut().enumerate() {
        for hook in node.hooks(i as u32) {
            let Some(seen) = &*ct else { break };
            if let Some(other) = hook(seen) {
                if other.is_traced() || other.ty() != seen.ty() {
                    return Err(Error::new("hook")
                        .expected(format!("a gradient of type {}", seen.ty()))
                        .got(format!("{}{}", other.ty(), if other.is_traced() { ", traced" } else { "" }))
                        .note("on the gradient of a tensor made", Some(node.place()))
                        .help("what a hook returns takes the gradient's place; `None` leaves it"));
                }
                *ct = Some(other);
            }
        }
        if let Some(ct) = ct
            && node.recorded().is_some()
            && node.retains(i as u32)
        {
            node.add_gradient(i as u32, |sum| accumulate(sum, ct.clone()))?;
        }
    }
    Ok(())
}

/// A hook that can be taken off again.
pub struct Hook {
    node: Arc<Node>,
    id: u64,
}

impl Hook {
    /// Takes the hook off.
    pub fn remove(self) {
        self.node.remove_hook(self.id);
    }
}

impl Tensor {
    /// Computes the gradient of this number with respect to every leaf that requires one, and *adds* it to what is there.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(2.0).requires_grad();
    /// let y = Tensor::from(3.0).requires_grad();
    /// (&x * &y + x.powi(2)).backward();
    /// assert_eq!((x.grad().unwrap().item::<f64>(), y.grad().unwrap().item::<f64>()), (7.0, 2.0));
    /// ```
    ///
    /// # Panics
    /// If this is not one number, or depends on no leaf that requires a gradient.
    #[track_caller]
    pub fn backward(&self) {
        Backward::new().run(self, None);
    }

    /// [`backward`](Tensor::backward) from a tensor of any shape, with this cotangent: the gradient of ⟨ct, self⟩.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from([1.0, 2.0]).requires_grad();
    /// x.square().backward_with(&Tensor::from([1.0, 10.0]));
    /// assert_eq!(x.grad().unwrap().to_vec::<f64>(), [2.0, 40.0]);
    /// ```
    #[track_caller]
    pub fn backward_with(&self, ct: &Tensor) {
        Backward::new().run(self, Some(ct));
    }

    /// The gradient that `backward` has left here: on a leaf, or on a tensor that was asked to [retain](Tensor::retain_grad) it.
    pub fn grad(&self) -> Option<Tensor> {
        self.edge().and_then(|edge| edge.node.gradient(edge.output))
    }

    /// Forgets the gradient, so that the next `backward` starts anew.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(2.0).requires_grad();
    /// x.square().backward();
    /// x.square().backward();
    /// assert_eq!(x.grad().unwrap().item::<f64>(), 8.0); // gradients add up
    /// x.zero_grad();
    /// assert!(x.grad().is_none());
    /// ```
    pub fn zero_grad(&self) {
        if let Some(edge) = self.edge() {
            edge.node.set_gradient(edge.output, None);
        }
    }

    /// Puts a gradient here, as if `backward` had left it: for clipping and the like.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(2.0).requires_grad();
    /// x.set_grad(&Tensor::from(0.5));
    /// x.square().backward();
    /// assert_eq!(x.grad().unwrap().item::<f64>(), 4.5);
    /// ```
    ///
    /// # Panics
    /// If the gradient has another type, or this tensor depends on none that requires a gradient.
    #[track_caller]
    pub fn set_grad(&self, gradient: &Tensor) {
        let edge = self.need_edge("set_grad");
        gradient.no_trace("set_grad");
        if gradient.ty() != self.ty() {
            let error = Error::new("set_grad").expected(format!("a gradient of type {}", self.ty()));
            let help = "a gradient has the shape and dtype of its tensor";
            raise(error.got(gradient.ty().to_string()).help(help).at(Some(place())))
        }
        edge.node.set_gradient(edge.output, Some(no_grad(|| gradient.detach())));
    }

    /// Asks that `backward` adds the gradient here too, though this is no leaf.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(2.0).requires_grad();
    /// let y = x.square();
    /// y.retain_grad();
    /// y.square().backward();
    /// assert_eq!(y.grad().unwrap().item::<f64>(), 8.0);
    /// ```
    #[track_caller]
    pub fn retain_grad(&self) {
        let edge = self.need_edge("retain_grad");
        edge.node.retain(edge.output);
    }

    /// Calls `hook` with this tensor's gradient each time `backward` passes; what it returns takes its place.
    ///
    /// ```
    /// use cotangent::prelude::*;
    /// let x = Tensor::from(2.0).requires_grad();
    /// let hook = x.on_grad(|g| Some(g * 0.5));
    /// x.square().backward();
    /// assert_eq!(x.grad().unwrap().item::<f64>(), 2.0);
    /// hook.remove();
    /// ```
    #[track_caller]
    pub fn on_grad(&self, hook: impl Fn(&Tensor) -> Option<Tensor> + Send + Sync + 'static) -> Hook {
        let edge = self.need_edge("on_grad");
        let id = edge.node.add_hook(edge.output, Arc::new(hook));
        Hook { node: edge.node.clone(), id }
    }

    #[track_caller]
    fn need_edge(&self, operation: &str) -> &Edge {
        self.no_trace(operation);
        let Some(edge) = self.edge() else {
            let error =
                Error::new(operation).expected("a tensor that depends on one that requires a gradient");
            let help = "call `requires_grad()` on the inputs, and compute outside `no_grad`";
            raise(error.got(self.ty().to_string()).help(help).at(Some(place())))
        };
        edge
    }

    /// Ends operations of the eager graph on a traced tensor.
    #[track_caller]
    fn no_trace(&self, operation: &str) {
        if let Repr::Traced(traced) = &self.repr {
            raise(traced.builder.no_eager(operation, place()))
        }
    }
}
