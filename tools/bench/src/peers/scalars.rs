//! Programs of rank-0 tensors: where dispatch is everything.

use super::Workload;
use super::ways::Way;
use cotangent::core::Tensor;

/// y ← tanh(y·a + c) from y = start, with its gradient in all three. Three operations a link.
fn chain(links: usize, (start, a, c): &(Tensor, Tensor, Tensor)) -> Tensor {
    (0..links).fold(start.clone(), |y, _| (y * a + c).tanh())
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let (name, way) = Way::of(name);
    if name == "tiny" {
        return Some(way.calls(|x: &Tensor| x * 2.0 + 1.0, inputs[0].clone()));
    }
    // `chain 1000`: so many links.
    let links: usize = name.strip_prefix("chain ")?.parse().ok()?;
    let [start, a, c] = inputs else { return None };
    let f = move |x: &(Tensor, Tensor, Tensor)| way.value_and_gradient(|x| chain(links, x), x);
    Some(way.calls(f, (start.clone(), a.clone(), c.clone())))
}
