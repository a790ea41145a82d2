//! Training through a function whose derivative is zero: weights rounded to sixteenths, with the gradient passed straight
//! through the rounding. A `Function` says what is done forward and what backward.

use cotangent::api::Context;
use cotangent::prelude::*;

/// Rounds to multiples of `step` (the straight-through estimator: backward it does nothing).
struct Quantise {
    step: f64,
}

impl Function for Quantise {
    fn forward(&self, _: &mut Context, x: &[Tensor]) -> Vec<Tensor> {
        vec![(&x[0] / self.step).round() * self.step]
    }
    /// Rounding has the derivative 0 almost everywhere; we claim 1.
    fn backward(&self, _: &Context, ct: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(ct[0].clone())]
    }
}

/// The loss with true derivatives, the loss with straight-through ones, and the weights of the latter.
pub fn run() -> (f64, f64, Vec<f64>) {
    let xs = Tensor::from([[1.0, 2.0], [-1.0, 0.5], [0.5, -1.5], [2.0, 1.0]]);
    let target = Tensor::from([0.3125, -0.75]); // representable in sixteenths
    let ys = xs.matmul(&target);
    let loss = |w: &Tensor| (xs.matmul(w) - &ys).square().mean();

    let train = |quantise: &dyn Fn(&Tensor) -> Tensor| {
        let mut w = Tensor::from([0.9, 0.4]);
        for _ in 0..100 {
            let gradient = grad(|w: &Tensor| loss(&quantise(w)))(&w);
            w -= gradient * 0.05;
        }
        let rounded = quantise(&w);
        (loss(&rounded).item::<f64>(), rounded.to_vec::<f64>())
    };
    let (stuck, _) = train(&|w| (w * 16.0).round() / 16.0);
    let (learnt, weights) = train(&|w| Quantise { step: 1.0 / 16.0 }.apply(&[w]).remove(0));
    (stuck, learnt, weights)
}

fn main() {
    let (stuck, learnt, weights) = run();
    println!("with the true derivative, 0: loss {stuck:.4}, as at the start");
    println!("straight through:            loss {learnt:.1e}, weights {weights:?}");
}
