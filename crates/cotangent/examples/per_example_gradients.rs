//! The gradient of every example of a batch, with `vmap(grad(loss))`: for differential privacy, for finding outliers, for the
//! noise of a gradient. Nothing about batches is said in `loss`.

use cotangent::prelude::*;

/// What of an example the loss needs: its features and its target; the weights are what is differentiated.
fn loss(w: &Tensor, x: &Tensor, y: &Tensor) -> Tensor {
    (x.dot(w) - y).square() * 0.5
}

/// The norm of each example's gradient, and the gradient of the mean loss with every example clipped to norm 1.
pub fn run() -> (Vec<f64>, Vec<f64>) {
    let w = Tensor::from([0.5, -1.0, 0.25]);
    let xs = Tensor::from([
        [1.0, 2.0, 0.0],
        [0.5, -1.0, 2.0],
        [1.5, 0.5, 1.0],
        [-1.0, 1.0, 1.0],
        [2.0, 0.0, -1.0],
    ]);
    let ys = Tensor::from([-1.4, 1.9, 0.4, -1.2, 12.0]); // the last one is an outlier

    // For one example: the gradient in `w`. Over the batch: `xs` and `ys` have a batch axis, `w` is captured and has none.
    let gradients =
        vmap(|(x, y): &(Tensor, Tensor)| grad(|w: &Tensor| loss(w, x, y))(&w))(&(xs.clone(), ys.clone()));
    println!("one gradient for each of {} examples: shape {}", ys.size(), gradients.shape());

    // A loop says the same, example by example.
    for i in 0..ys.size() as isize {
        let alone = grad(|w: &Tensor| loss(w, &xs.index(i), &ys.index(i)))(&w);
        assert_eq!(alone.to_vec::<f64>(), gradients.index(i).to_vec::<f64>());
    }

    let norms = gradients.square().sum_keep(1).sqrt();
    println!("their norms: {}", norms.flatten());
    let clipped = &gradients / &norms.maximum(&Tensor::from(1.0));
    let (plain, private) = (gradients.mean_axes(0), clipped.mean_axes(0));
    println!("mean gradient:              {plain}");
    println!("mean of clipped gradients:  {private}");
    (norms.to_vec(), private.to_vec())
}

fn main() {
    let (norms, _) = run();
    let worst = (0..norms.len()).max_by(|&a, &b| norms[a].total_cmp(&norms[b])).expect("not empty");
    println!("example {worst} pulls hardest");
}
