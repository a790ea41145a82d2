//! Values with gradients: sum(sin x · exp(−x²) + tanh x), and a small convolutional network with its layers.

use super::ways::Way;
use super::{Workload, one};
use cotangent::api::value_and_grad;
use cotangent::core::Tensor;
use cotangent::op::{Conv, Pool, Reduction};
use std::ops::Range;

fn bumps(x: &Tensor) -> Tensor {
    (x.sin() * (-x.square()).exp() + x.tanh()).sum()
}

/// The parameters: two convolutions, one layer.
type Parameters = [Tensor; 6];

/// 1×28×28, convolution to 8 channels, 2×2 pool, to 16 channels, pool, 10 classes.
fn lenet(x: &Tensor, labels: &Tensor, p: &Parameters) -> Tensor {
    let bias = |b: &Tensor| b.reshape([1, b.size(), 1, 1]);
    let x = (x.conv2d(&p[0], Conv::new()) + bias(&p[1])).relu().max_pool2d(2);
    let x = (x.conv2d(&p[2], Conv::new()) + bias(&p[3])).relu().max_pool2d(2);
    let x = x.reshape([x.shape()[0], x.size() / x.shape()[0]]);
    (x.matmul(&p[4]) + &p[5]).cross_entropy(labels, Reduction::Mean)
}

/// The value and the gradient with respect to some inputs.
fn gradients(
    way: Way,
    f: impl Fn(&[Tensor]) -> Tensor + Send + Sync + 'static,
    inputs: &[Tensor],
    with_gradient: Range<usize>,
) -> Option<Workload> {
    let value_and_gradient = move |inputs: &Vec<Tensor>| {
        let (before, rest) = inputs.split_at(with_gradient.start);
        let (at, after) = rest.split_at(with_gradient.len());
        way.value_and_gradient(|at: &Vec<Tensor>| f(&[before, at, after].concat()), &at.to_vec())
    };
    Some(way.calls(value_and_gradient, inputs.to_vec()))
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Workload> {
    let convolution = |x: &[Tensor]| (x[0].conv2d(&x[1], Conv::new()) * &x[2]).sum();
    let plain = |f: fn(&[Tensor]) -> Tensor| one(f, inputs).map(Workload::from);
    let (name, way) = Way::of(name);
    match name {
        "bumps" => gradients(way, |x| bumps(&x[0]), inputs, 0..1),
        "bumps, transformed" => Some(way.calls(|x: &Tensor| value_and_grad(bumps)(x), inputs[0].clone())),
        "bumps, value" => plain(|x| bumps(&x[0])),
        "lenet" => {
            let loss = |x: &[Tensor]| lenet(&x[0], &x[1], &std::array::from_fn(|i| x[2 + i].clone()));
            gradients(way, loss, inputs, 2..8)
        }
        "conv" => plain(|x| x[0].conv2d(&x[1], Conv::new())),
        // The third input is the cotangent.
        "conv, gradient of the kernel" => gradients(way, convolution, inputs, 1..2),
        "conv, both gradients" => gradients(way, convolution, inputs, 0..2),
        "max_pool" => plain(|x| x[0].max_pool2d(Pool::window([2, 2]))),
        _ => None,
    }
}
