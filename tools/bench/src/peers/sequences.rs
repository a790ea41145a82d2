//! A recurrent network over many steps, with its gradient.

use super::Workload;
use super::ways::Way;
use cotangent::core::{Tensor, Tree};

#[derive(Tree, Clone)]
struct Rnn {
    input: Tensor,
    hidden: Tensor,
    bias: Tensor,
}

impl Rnn {
    /// The sum of the squares of all states h ← tanh(x·input + h·hidden + bias), from h = 0; `x` is `[steps, batch, features]`.
    fn energy(&self, x: &Tensor) -> Tensor {
        // What does not wait for the state before is one product.
        let from_input = x.matmul(&self.input) + &self.bias;
        let steps = from_input.unstack(0);
        let mut h = steps[0].tanh();
        let mut energy = h.square();
        for step in &steps[1..] {
            h = (step + h.matmul(&self.hidden)).tanh();
            energy += h.square();
        }
        energy.sum()
    }
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let (name, way) = Way::of(name);
    if name != "rnn" {
        return None;
    }
    let [x, input, hidden, bias] = inputs else { return None };
    let rnn = Rnn { input: input.clone(), hidden: hidden.clone(), bias: bias.clone() };
    let f = move |(rnn, x): &(Rnn, Tensor)| way.value_and_gradient(|rnn: &Rnn| rnn.energy(x), rnn);
    Some(way.calls(f, (rnn, x.clone())))
}
