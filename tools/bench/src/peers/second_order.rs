//! Second derivatives of Rosenbrock's function.

use super::Workload;
use super::ways::Way;
use cotangent::api::{hessian, hvp};
use cotangent::core::Tensor;

fn rosenbrock(x: &Tensor) -> Tensor {
    let n = x.size() as isize;
    let (x, next) = (x.slice_axis(0, ..n - 1), x.slice_axis(0, 1..));
    (100.0 * (next - x.square()).square() + (1.0 - x).square()).sum()
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let (name, way) = Way::of(name);
    match name {
        "rosenbrock hvp" => {
            let product = |(x, v): &(Tensor, Tensor)| hvp(rosenbrock, x, v);
            Some(way.calls(product, (inputs[0].clone(), inputs[1].clone())))
        }
        "rosenbrock hessian" => Some(way.calls(|x: &Tensor| hessian(rosenbrock)(x), inputs[0].clone())),
        _ => None,
    }
}
