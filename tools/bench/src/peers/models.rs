//! Values with gradients: sum(sin x · exp(−x²) + tanh x), and a small convolutional network with its layers.

use super::{Run, one};
use cotangent::api::value_and_grad;
use cotangent::core::Tensor;
use cotangent::op::{Conv, Pool, Reduction};

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

/// The value and the gradient with respect to some inputs, by `backward()`.
fn eager(
    f: impl Fn(&[Tensor]) -> Tensor + 'static,
    inputs: &[Tensor],
    with_gradient: std::ops::Range<usize>,
) -> Option<Run> {
    let inputs = inputs.to_vec();
    Some(Box::new(move || {
        let mut x = inputs.clone();
        for i in with_gradient.clone() {
            x[i] = x[i].clone().requires_grad();
        }
        let y = f(&x);
        y.backward();
        let gradients = with_gradient.clone().map(|i| x[i].grad().expect("a leaf that was used"));
        std::iter::once(y.detach()).chain(gradients).collect()
    }))
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    match name {
        "bumps" => eager(|x| bumps(&x[0]), inputs, 0..1),
        "bumps, transformed" => {
            let x = inputs[0].clone();
            Some(Box::new(move || {
                let (y, gradient) = value_and_grad(bumps)(&x);
                vec![y, gradient]
            }))
        }
        "bumps, value" => one(|x| bumps(&x[0]), inputs),
        "lenet" => {
            let loss = |x: &[Tensor]| {
                let p = std::array::from_fn(|i| x[2 + i].clone());
                lenet(&x[0], &x[1], &p)
            };
            eager(loss, inputs, 2..8)
        }
        "conv" => one(|x| x[0].conv2d(&x[1], Conv::new()), inputs),
        // The third input is the cotangent.
        "conv, gradient of the kernel" => {
            eager(|x| (x[0].conv2d(&x[1], Conv::new()) * &x[2]).sum(), inputs, 1..2)
        }
        "conv, both gradients" => eager(|x| (x[0].conv2d(&x[1], Conv::new()) * &x[2]).sum(), inputs, 0..2),
        "max_pool" => one(|x| x[0].max_pool2d(Pool::window([2, 2])), inputs),
        _ => None,
    }
}
