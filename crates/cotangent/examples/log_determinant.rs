//! ln|det A| three ways: naively, as ln of `det`, which overflows or underflows for all but small matrices and takes its
//! gradient with it; with a rule of our own, from a stable value and the formula ∇ ln|det A| = A⁻ᵀ; and by the library's
//! `slogdet`, which does the same.

use cotangent::prelude::*;

/// Each partial step is differentiable, and each overflows.
fn naive(a: &Tensor) -> Tensor {
    a.det().abs().ln()
}

/// Forward: the sum of ln|pivot| of Gauss's elimination. Backward: the derived formula, for which the matrix is kept.
fn stable() -> impl Fn(&Tensor) -> Tensor {
    custom_vjp(
        |a: &Tensor| {
            let (packed, _, _) = a.lu_factor();
            (packed.diagonal(0).abs().ln().sum(), a.clone())
        },
        |a: &Tensor, ct: &Tensor| ct * a.inv().t(),
    )
}

/// What one of the ways gives of a matrix.
pub struct Outcome {
    /// Which way.
    pub name: &'static str,
    /// ln|det A|.
    pub value: f64,
    /// The largest entry of ∇·Aᵀ − 1, which is 0.
    pub gradient_error: f64,
}

/// For a matrix of this size and scale: well-conditioned, with determinant about scaleⁿ.
pub fn run(n: usize, scale: f64) -> Vec<Outcome> {
    let noise = Key::new(7).normal::<f64>([n, n]) * (0.3 / (n as f64).sqrt());
    let a = (noise + Tensor::eye::<f64>(n)) * scale;
    let stable = stable();
    let outcome = |name, f: &dyn Fn(&Tensor) -> Tensor| {
        let (value, gradient) = value_and_grad(f)(&a);
        let gradient_error = (gradient.matmul(&a.t()) - Tensor::eye::<f64>(n)).abs().max();
        Outcome { name, value: value.item(), gradient_error: gradient_error.item() }
    };
    vec![outcome("ln(det)", &naive), outcome("custom rule", &stable), outcome("slogdet", &|a| a.slogdet().1)]
}

fn main() {
    println!("{:>4} {:>6}  {:<12} {:>12} {:>16}", "n", "scale", "", "ln|det A|", "|∇·Aᵀ − 1|");
    for (n, scale) in [(5, 1.0), (200, 1e-3), (200, 1e3)] {
        for Outcome { name, value, gradient_error } in run(n, scale) {
            println!("{n:>4} {scale:>6}  {name:<12} {value:>12.4} {gradient_error:>16.1e}");
        }
    }
}
