//! A step of training a multilayer perceptron: relu, softmax cross-entropy, stochastic gradient descent with momentum. The Hessian of its
//! loss times a vector, too.

use super::Workload;
use super::ways::Way;
use cotangent::api::hvp;
use cotangent::core::{Tensor, Tree, zip_map};
use cotangent::op::Reduction;

/// So little that the state of the thousandth call is that of the first: every call is worth the same work, and no momentum that decays
/// becomes subnormal.
const RATE: f64 = 1e-5;
const MOMENTUM: f64 = 0.9;

#[derive(Tree, Clone)]
struct Layer {
    weights: Tensor,
    bias: Tensor,
}

#[derive(Tree, Clone)]
struct Mlp {
    layers: [Layer; 3],
}

#[derive(Tree, Clone)]
struct State {
    mlp: Mlp,
    momentum: Mlp,
}

#[derive(Tree, Clone)]
struct Batch {
    images: Tensor,
    labels: Tensor,
}

impl Mlp {
    fn loss(&self, batch: &Batch) -> Tensor {
        let [first, second, last] = &self.layers;
        let x = (batch.images.matmul(&first.weights) + &first.bias).relu();
        let x = (x.matmul(&second.weights) + &second.bias).relu();
        (x.matmul(&last.weights) + &last.bias).cross_entropy(&batch.labels, Reduction::Mean)
    }

    /// From weights and biases, layer by layer.
    fn from(tensors: &[Tensor]) -> Mlp {
        let layer = |i: usize| Layer { weights: tensors[2 * i].clone(), bias: tensors[2 * i + 1].clone() };
        Mlp { layers: [layer(0), layer(1), layer(2)] }
    }
}

fn step(way: Way, (state, batch): &(State, Batch)) -> (State, Tensor) {
    let (loss, gradient) = way.value_and_gradient(|mlp: &Mlp| mlp.loss(batch), &state.mlp);
    let momentum = zip_map(&state.momentum, &gradient, |m, g| m * MOMENTUM + g);
    let mlp = zip_map(&state.mlp, &momentum, |w, m| w - m * RATE);
    (State { mlp, momentum }, loss)
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let (name, way) = Way::of(name);
    if !["mlp", "mlp hvp"].contains(&name) {
        return None;
    }
    let batch = Batch { images: inputs[0].clone(), labels: inputs[1].clone() };
    let mlp = Mlp::from(&inputs[2..8]);
    if name == "mlp" {
        let momentum = mlp.map(&mut Tensor::zeros_like);
        return Some(way.steps(move |x| step(way, x), State { mlp, momentum }, batch));
    }
    let direction = Mlp::from(&inputs[8..14]);
    let product = |(mlp, direction, batch): &(Mlp, Mlp, Batch)| hvp(|m: &Mlp| m.loss(batch), mlp, direction);
    Some(way.calls(product, (mlp, direction, batch)))
}
