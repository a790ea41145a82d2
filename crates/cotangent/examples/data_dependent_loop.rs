//! A `while` on the value of a tensor, differentiated as it stands. Newton's iteration for √a stops by itself when it has
//! converged; the derivative of the result is that of the steps that were taken, and agrees with 1/(2√a).

use cotangent::prelude::*;

/// √a by Newton's iteration, and how many steps it took.
fn root(a: &Tensor) -> (Tensor, usize) {
    let mut x = a.ones_like();
    let mut steps = 0;
    // The comparison asks for values; under `grad` they are computed here, once, and the trace goes on.
    while (x.square() - a).abs() > 1e-12 * a {
        x = (&x + a / &x) * 0.5;
        steps += 1;
    }
    (x, steps)
}

/// For each number: the number, its root, the slope, the curvature, the steps.
pub fn run() -> Vec<(f64, f64, f64, f64, usize)> {
    let mut rows = Vec::new();
    for number in [0.25, 2.0, 100.0, 1e6] {
        let a = Tensor::from(number);
        let (y, steps) = root(&a);
        let slope = grad(|a: &Tensor| root(a).0);
        // The derivative of the derivative: the loop is in it twice over.
        let curvature = grad(&slope);
        rows.push((number, y.item(), slope(&a).item(), curvature(&a).item(), steps));
    }
    rows
}

fn main() {
    for (a, y, slope, curvature, steps) in run() {
        println!(
            "√{a} = {y:.9} after {steps:2} steps; slope {slope:.6e} (1/(2√a) = {:.6e}); curvature {curvature:.3e}",
            0.5 / y
        );
    }
}
