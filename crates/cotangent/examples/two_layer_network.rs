//! The seed's network, trained: one input of ten numbers, five ReLU units, one output that shall become 1.
//!
//! The eager way, as in PyTorch: leaves that require gradients, `backward()`, a step under `no_grad`.

use cotangent::prelude::*;

/// Numbers that look random, the same every time.
fn noise(n: usize, seed: f64) -> Vec<f64> {
    (1..=n).map(|i| ((i as f64 * 12.9898 + seed).sin() * 43758.5453).fract()).collect()
}

/// The squared error before each step.
pub fn run() -> Vec<f64> {
    let x = Tensor::from_vec(noise(10, 1.0), [1, 10]);
    let mut w1 = Tensor::from_vec(noise(50, 2.0), [10, 5]).requires_grad();
    let mut w2 = Tensor::from_vec(noise(5, 3.0), [5, 1]).requires_grad();

    let mut losses = Vec::new();
    for step in 0..200 {
        // Forward: each line runs at once and adds a node to the graph.
        let hidden = x.matmul(&w1).relu();
        let output = hidden.matmul(&w2);
        let loss = (&output - 1.0).powi(2);

        // Backward: one sweep gives the gradient of every weight.
        loss.backward();
        let (g1, g2) = (w1.grad().expect("after backward"), w2.grad().expect("after backward"));
        if step == 0 {
            println!("W1 gradient: shape {}, norm {:.4}", g1.shape(), g1.square().sum().sqrt().item::<f64>());
            println!("W2 gradient: shape {}, norm {:.4}", g2.shape(), g2.square().sum().sqrt().item::<f64>());
        }
        if step % 25 == 0 {
            println!("step {step:3}: output {:.6}, loss {:.2e}", output.item::<f64>(), loss.item::<f64>());
        }
        losses.push(loss.item());

        // The step itself is not to be differentiated. Afterwards the gradients start anew, for `backward` adds.
        no_grad(|| {
            w1 -= g1 * 0.02;
            w2 -= g2 * 0.02;
        });
        w1.zero_grad();
        w2.zero_grad();
    }
    losses
}

fn main() {
    let losses = run();
    println!("the loss fell from {:.3} to {:.1e}", losses[0], losses[losses.len() - 1]);
}
