//! Newton's method with `hessian`: at each point solve H·step = ∇f and go there. Near a minimum the number of right
//! digits doubles with every step, where gradient descent wins a constant number.

use cotangent::prelude::*;

/// Rosenbrock's valley: narrow, bent, with the minimum 0 at (1, 1).
fn valley(x: &Tensor) -> Tensor {
    let (a, b) = (x.index(0), x.index(1));
    (1.0 - &a).square() + (b - a.square()).square() * 100.0
}

/// Two equations by Cramer's rule.
fn solve(h: &[f64], g: &[f64]) -> [f64; 2] {
    let determinant = h[0] * h[3] - h[1] * h[2];
    [(g[0] * h[3] - h[1] * g[1]) / determinant, (h[0] * g[1] - g[0] * h[2]) / determinant]
}

/// The points on the way.
pub fn run() -> Vec<Vec<f64>> {
    // Functions become functions: the derivatives are made once and called at every point.
    let value_and_gradient = value_and_grad(valley);
    let curvature = hessian(valley);

    let mut x = Tensor::from([-1.2, 1.0]);
    let mut points = vec![x.to_vec()];
    for step in 0..7 {
        let (value, gradient) = value_and_gradient(&x);
        let h = curvature(&x);
        println!(
            "step {step}: f = {:.3e}, |gradient| = {:.3e}, at {x}",
            value.item::<f64>(),
            gradient.square().sum().sqrt().item::<f64>()
        );
        x -= Tensor::from(solve(&h.to_vec(), &gradient.to_vec()));
        points.push(x.to_vec());
    }
    points
}

fn main() {
    let points = run();
    println!("the minimum: {:?}, after {} steps", points[points.len() - 1], points.len() - 1);
}
