//! Reductions, scans, rows, orders and moves.

use super::{Run, one};
use cotangent::core::Tensor;

type Named = (&'static str, fn(&[Tensor]) -> Tensor);

const ONE: [Named; 43] = [
    ("sum", |x| x[0].sum()),
    ("sum axis 0", |x| x[0].sum_axes(0)),
    ("sum axis 1", |x| x[0].sum_axes(1)),
    ("mean", |x| x[0].mean()),
    ("max", |x| x[0].max()),
    ("max axis 0", |x| x[0].max_axes(0)),
    ("max axis 1", |x| x[0].max_axes(1)),
    ("argmax", |x| x[0].argmax()),
    ("argmax axis 1", |x| x[0].argmax_axis(1)),
    ("argmax axis 0", |x| x[0].argmax_axis(0)),
    ("prod", |x| x[0].prod()),
    ("prod axis 1", |x| x[0].prod_axes(1)),
    ("var", |x| x[0].var(0)),
    ("var axis 1", |x| x[0].var_axes(1, 0)),
    ("norm", |x| x[0].norm(2.0)),
    ("norm axis 1", |x| x[0].norm_axes(1, 2.0)),
    ("logsumexp axis 1", |x| x[0].logsumexp_axes(1)),
    ("logsumexp axis 0", |x| x[0].logsumexp_axes(0)),
    ("softmax axis 1", |x| x[0].softmax(1)),
    ("softmax axis 0", |x| x[0].softmax(0)),
    ("softmax 32", |x| x[0].softmax(1)),
    ("log_softmax axis 1", |x| x[0].log_softmax(1)),
    ("layer_norm", |x| x[0].layer_norm(1, Some(&x[1]), Some(&x[2]), 1e-5)),
    ("layer_norm bare", |x| x[0].layer_norm(1, None, None, 1e-5)),
    ("cumsum", |x| x[0].cumsum(0)),
    ("cumsum axis 0", |x| x[0].cumsum(0)),
    ("cumsum axis 1", |x| x[0].cumsum(1)),
    ("cumprod axis 1", |x| x[0].cumprod(1)),
    ("sort", |x| x[0].sort(0).0),
    ("sort axis 1", |x| x[0].sort(1).0),
    ("top_k 10 axis 1", |x| x[0].top_k(10, 1).0),
    ("transpose", |x| dense(&x[0].t())),
    ("permute 2 0 1", |x| dense(&x[0].permute([2, 0, 1]))),
    ("permute 0 2 1 3", |x| dense(&x[0].permute([0, 2, 1, 3]))),
    ("concat axis 0", |x| Tensor::concat(&[&x[0], &x[1]], 0)),
    ("concat axis 1", |x| Tensor::concat(&[&x[0], &x[1]], 1)),
    ("slice", |x| dense(&x[0].slice_axis(1, 100..900))),
    ("flip axis 1", |x| dense(&x[0].flip(1))),
    ("gather entries", |x| x[0].take(&x[1], 0)),
    ("gather rows", |x| x[0].take(&x[1], 0)),
    ("take_along_axis 1", |x| x[0].take_along_axis(&x[1], 1)),
    ("scatter_add entries", |x| x[0].scatter_add(&x[1], 1_000_000)),
    ("scatter_add rows", |x| x[0].scatter_add(&x[1], 1_000)),
];

/// The entries in order.
fn dense(x: &Tensor) -> Tensor {
    Tensor::from(x.array().contiguous())
}

pub fn prepare(name: &str, inputs: &[Tensor]) -> Option<Run> {
    let (_, f) = ONE.iter().find(|(own, _)| *own == name)?;
    one(f, inputs)
}
