//! The functions of the table once more, with the library's operations.

use crate::table::Params;
use cotangent::core::{Prim, apply1};
use cotangent::op::{Pad, Slice};
use cotangent::prelude::*;

pub type Function = fn(&[Tensor], &Params) -> Tensor;

pub fn named(name: &str) -> Option<Function> {
    let families = [
        elementwise,
        structural,
        composed,
        crate::compositions::named,
        crate::contract::named,
        crate::conv::named,
        crate::layout::named,
        #[cfg(feature = "linalg")]
        crate::linalg::named,
        crate::reductions::named,
    ];
    families.iter().find_map(|family| family(name))
}

fn elementwise(name: &str) -> Option<Function> {
    let f: Function = match name {
        "neg" => |x, _| -&x[0],
        "recip" => |x, _| x[0].recip(),
        "square" => |x, _| x[0].square(),
        "abs" => |x, _| x[0].abs(),
        "sqrt" => |x, _| x[0].sqrt(),
        "cbrt" => |x, _| x[0].cbrt(),
        "exp" => |x, _| x[0].exp(),
        "exp2" => |x, _| x[0].exp2(),
        "expm1" => |x, _| x[0].expm1(),
        "ln" => |x, _| x[0].ln(),
        "ln_1p" => |x, _| x[0].ln_1p(),
        "log2" => |x, _| x[0].log2(),
        "log10" => |x, _| x[0].log10(),
        "sin" => |x, _| x[0].sin(),
        "cos" => |x, _| x[0].cos(),
        "tan" => |x, _| x[0].tan(),
        "asin" => |x, _| x[0].asin(),
        "acos" => |x, _| x[0].acos(),
        "atan" => |x, _| x[0].atan(),
        "sinh" => |x, _| x[0].sinh(),
        "cosh" => |x, _| x[0].cosh(),
        "tanh" => |x, _| x[0].tanh(),
        "asinh" => |x, _| x[0].asinh(),
        "acosh" => |x, _| x[0].acosh(),
        "atanh" => |x, _| x[0].atanh(),
        "relu" => |x, _| x[0].relu(),
        "sigmoid" => |x, _| x[0].sigmoid(),
        "softplus" => |x, _| x[0].softplus(),
        "silu" => |x, _| x[0].silu(),
        "gelu" => |x, _| x[0].gelu(),
        "erf" => |x, _| x[0].erf(),
        "erfc" => |x, _| x[0].erfc(),
        "lgamma" => |x, _| x[0].lgamma(),
        "digamma" => |x, _| x[0].digamma(),
        "floor" => |x, _| x[0].floor(),
        "ceil" => |x, _| x[0].ceil(),
        "round" => |x, _| x[0].round(),
        "trunc" => |x, _| x[0].trunc(),
        "sign" => |x, _| x[0].sign(),
        "powi" => |x, p| x[0].powi(p.one("n")),
        "powf" => |x, p| x[0].powf(p.one("exponent")),
        "polygamma" => |x, p| x[0].polygamma(p.one("n")),
        "add" => |x, _| &x[0] + &x[1],
        "sub" => |x, _| &x[0] - &x[1],
        "mul" => |x, _| &x[0] * &x[1],
        "div" => |x, _| &x[0] / &x[1],
        "rem" => |x, _| &x[0] % &x[1],
        "pow" => |x, _| x[0].pow(&x[1]),
        "atan2" => |x, _| x[0].atan2(&x[1]),
        "hypot" => |x, _| x[0].hypot(&x[1]),
        "maximum" => |x, _| x[0].maximum(&x[1]),
        "minimum" => |x, _| x[0].minimum(&x[1]),
        "add_scalar" => |x, p| &x[0] + p.one::<f64>("scalar"),
        "sub_scalar" => |x, p| &x[0] - p.one::<f64>("scalar"),
        "mul_scalar" => |x, p| &x[0] * p.one::<f64>("scalar"),
        "div_scalar" => |x, p| &x[0] / p.one::<f64>("scalar"),
        "scalar_add" => |x, p| p.one::<f64>("scalar") + &x[0],
        "scalar_sub" => |x, p| p.one::<f64>("scalar") - &x[0],
        "scalar_mul" => |x, p| p.one::<f64>("scalar") * &x[0],
        "scalar_div" => |x, p| p.one::<f64>("scalar") / &x[0],
        "greater" => |x, _| x[0].greater(&x[1]),
        "greater_equal" => |x, _| x[0].greater_equal(&x[1]),
        "less" => |x, _| x[0].less(&x[1]),
        "less_equal" => |x, _| x[0].less_equal(&x[1]),
        "equal" => |x, _| x[0].equal(&x[1]),
        "not_equal" => |x, _| x[0].not_equal(&x[1]),
        "logical_and" => |x, _| x[0].logical_and(&x[1]),
        "logical_or" => |x, _| x[0].logical_or(&x[1]),
        "logical_not" => |x, _| x[0].logical_not(),
        "select" => |x, _| x[0].select(&x[1], &x[2]),
        "stop_gradient" => |x, _| x[0].stop_gradient() * &x[0],
        _ => return None,
    };
    Some(f)
}

fn structural(name: &str) -> Option<Function> {
    let f: Function = match name {
        "sum" => |x, _| x[0].sum(),
        "mean" => |x, _| x[0].mean(),
        "max" => |x, _| x[0].max(),
        "sum_axes" => |x, p| x[0].sum_axes(p.many::<isize>("axes")),
        "mean_axes" => |x, p| x[0].mean_axes(p.many::<isize>("axes")),
        "max_axes" => |x, p| x[0].max_axes(p.many::<isize>("axes")),
        "sum_keep" => |x, p| x[0].sum_keep(p.many::<isize>("axes")),
        "max_keep" => |x, p| x[0].max_keep(p.many::<isize>("axes")),
        "reshape" => |x, p| x[0].square().reshape(p.many::<usize>("shape")),
        "flatten" => |x, _| x[0].square().flatten(),
        "permute" => |x, p| x[0].square().permute(p.many::<isize>("axes")),
        "t" => |x, _| x[0].square().t(),
        "broadcast_to" => |x, p| x[0].square().broadcast_to(p.many::<usize>("shape")),
        "squeeze" => |x, p| x[0].square().squeeze(p.one::<isize>("axis")),
        "unsqueeze" => |x, p| x[0].square().unsqueeze(p.one::<isize>("axis")),
        "index" => |x, p| x[0].square().index(p.one::<isize>("i")),
        "slice" => |x, p| {
            let (start, limit) = (p.many::<usize>("start"), p.many::<usize>("limit"));
            apply1(Prim::new(Slice { start, limit, step: p.many("step") }), &[&x[0].square()])
        },
        "slice_axis" => {
            |x, p| x[0].square().slice_axis(p.one("axis"), p.one::<usize>("start")..p.one("limit"))
        }
        "pad" => |x, p| {
            let (low, high) = (p.many::<usize>("low"), p.many::<usize>("high"));
            apply1(Prim::new(Pad { low, high, interior: p.many("interior") }), &[&x[0].square()])
        },
        "concat" => |x, p| Tensor::concat(&x.iter().map(Tensor::sin).collect::<Vec<_>>(), p.one("axis")),
        "stack" => |x, p| Tensor::stack(&x.iter().map(Tensor::sin).collect::<Vec<_>>(), p.one("axis")),
        "take" => |x, p| x[0].square().take(&x[1], p.one("axis")),
        "take_along_axis" => |x, p| x[0].square().take_along_axis(&x[1], p.one("axis")),
        "scatter_add" => |x, p| x[0].square().scatter_add(&x[1], p.one("n")),
        "matmul" => |x, _| x[0].matmul(&x[1]),
        "dot" => |x, _| x[0].dot(&x[1]),
        "einsum" => |x, p| Tensor::einsum(p.text("spec"), &x.iter().collect::<Vec<_>>()),
        "sort" => |x, p| x[0].square().sort(p.one("axis")).0,
        "argsort" => |x, p| x[0].sort(p.one("axis")).1,
        #[cfg(feature = "linalg")]
        "cholesky" => |x, _| symmetric(&x[0]).cholesky(),
        #[cfg(feature = "linalg")]
        "cholesky_gram" => |x, _| gram(&x[0]).cholesky(),
        "cond" => |x, _| {
            let then = |x: &Vec<Tensor>| x[0].sin() * &x[1];
            let otherwise = |x: &Vec<Tensor>| &x[0] + x[1].powi(3);
            cond(&x[0].sum().greater(0.0), then, otherwise, &x.to_vec())
        },
        "cond_nested" => |x, _| {
            let entry = |x: &Tensor, i: usize| x.index(i).greater(0.0);
            let inner = |x: &Tensor| cond(&entry(x, 1), |x: &Tensor| x * x, |x: &Tensor| x.exp(), x);
            cond(&entry(&x[0], 0), inner, |x: &Tensor| x.tanh(), &x[0])
        },
        _ => return None,
    };
    Some(f)
}

fn composed(name: &str) -> Option<Function> {
    let f: Function = match name {
        "logsumexp" => |x, p| logsumexp(&x[0], p.one("axis")),
        "softmax" => |x, p| softmax(&x[0], p.one("axis")),
        "softmax_cross_entropy" => |x, _| -log_softmax(&x[0]).take_along_axis(&x[1].unsqueeze(-1), -1).mean(),
        "layer_norm" => |x, _| {
            let centred = &x[0] - x[0].mean_axes(-1).unsqueeze(-1);
            let variance = centred.square().mean_axes(-1).unsqueeze(-1);
            centred / (variance + 1e-5).sqrt() * &x[1] + &x[2]
        },
        "batch_norm" => |x, _| {
            let centred = &x[0] - x[0].mean_axes(0);
            let variance = centred.square().mean_axes(0);
            centred / (variance + 1e-3).sqrt()
        },
        "mlp_tanh" => |x, _| network(x, Tensor::tanh),
        "mlp_relu" => |x, _| network(x, Tensor::relu),
        "attention" => |x, _| {
            let [q, k, v] = x else { panic!("three inputs") };
            let scale = 1.0 / (q.shape()[3] as f64).sqrt();
            let weights = softmax(&(Tensor::einsum("bhqd,bhkd->bhqk", &[q, k]) * scale), -1);
            Tensor::einsum("bhqk,bhkd->bhqd", &[&weights, v])
        },
        "horner" => |x, _| {
            let degree = x[1].size() - 1;
            (1..=degree)
                .fold(x[1].index(0).broadcast_to(x[0].shape().to_vec()), |y, i| y * &x[0] + x[1].index(i))
        },
        "power_sum" => |x, p| (2..=p.one("n")).fold(x[0].clone(), |sum, n| sum + x[0].powi(n)),
        "sine_loop" => |x, p| (0..p.one("n")).fold(x[0].clone(), |y, _| y.sin() * &x[0] + &y),
        #[cfg(feature = "linalg")]
        "log_determinant" => |x, _| Tensor::einsum("ii->i", &[&gram(&x[0]).cholesky()]).ln().sum() * 2.0,
        "straight_through" => |x, _| (&x[0] + (x[0].round() - &x[0]).stop_gradient()).square(),
        "rosenbrock" => |x, _| {
            let n = x[0].size();
            let (head, tail) = (x[0].slice_axis(0, 0..n - 1), x[0].slice_axis(0, 1..n));
            ((tail - head.square()).square() * 100.0 + (1.0 - &head).square()).sum()
        },
        "squared_distances" => |x, _| squared_distances(&x[0], &x[1]),
        "mixture" => |x, _| {
            let [points, means, weights, scale] = x else { panic!("four inputs") };
            let distance = squared_distances(points, means) * (scale * -2.0).exp();
            let d = points.shape()[1] as f64;
            -logsumexp(&(log_softmax(weights) - distance * 0.5 - scale * d), 1).sum()
        },
        "quadratic_form" => |x, _| Tensor::einsum("i,ij,j->", &[&x[0], &x[1], &x[0]]) / x[0].dot(&x[0]),
        "convolution" => |x, _| {
            let (n, k) = (x[0].size(), x[1].size());
            let term = |i| x[0].slice_axis(0, i..n - k + 1 + i) * x[1].index(i);
            (1..k).fold(term(0), |sum, i| sum + term(i))
        },
        "embedding" => |x, _| x[0].take(&x[1], 0).mean_axes(1).matmul(&x[2]).tanh(),
        "messages" => |x, _| {
            let [nodes, sources, targets, w] = x else { panic!("four inputs") };
            nodes.matmul(w).tanh().take(sources, 0).scatter_add(targets, nodes.shape()[0])
        },
        "huber" => |x, _| {
            let small = x[0].abs().less(&x[0].ones_like());
            small.select(&(x[0].square() * 0.5), &(x[0].abs() - 0.5))
        },
        "recurrent" => |x, _| {
            let [rows, w, u] = x else { panic!("three inputs") };
            let first = rows.index(0).matmul(w).tanh();
            (1..rows.shape()[0]).fold(first, |h, i| (rows.index(i).matmul(w) + h.matmul(u)).tanh())
        },
        "logistic" => |x, _| {
            let [points, labels, w] = x else { panic!("three inputs") };
            let margin = points.matmul(w) * labels.to(points.dtype());
            (-margin).softplus().mean() + w.square().sum() * 0.1
        },
        "entropy" => |x, _| {
            let logits = log_softmax(&x[0]);
            -(logits.exp() * &logits).sum_axes(-1)
        },
        "cosine_similarity" => |x, _| {
            let norm = |x: &Tensor| x.square().sum_axes(-1).sqrt();
            (&x[0] * &x[1]).sum_axes(-1) / (norm(&x[0]) * norm(&x[1]))
        },
        "trimmed_mean" => |x, _| x[0].sin().sort(0).0.slice_axis(0, 1..x[0].size() - 1).mean(),
        "power_iteration" => |x, _| {
            let a = symmetric(&x[0]);
            let mut v = x[1].clone();
            for _ in 0..3 {
                let w = a.matmul(&v);
                v = &w / w.dot(&w).sqrt();
            }
            v.matmul(&a).dot(&v)
        },
        _ => return None,
    };
    Some(f)
}

fn symmetric(a: &Tensor) -> Tensor {
    (a + a.t()) * 0.5
}

/// a aᵀ + 1
#[cfg(feature = "linalg")]
fn gram(a: &Tensor) -> Tensor {
    let n = a.shape()[a.rank() - 2];
    a.matmul(&a.t()) + Tensor::eye::<f64>(n).to(a.dtype())
}

fn logsumexp(x: &Tensor, axis: isize) -> Tensor {
    let largest = x.max_keep(axis).stop_gradient();
    (x - &largest).exp().sum_axes(axis).ln() + largest.squeeze(axis)
}

/// The gradient goes through the maximum too, where it must cancel.
fn softmax(x: &Tensor, axis: isize) -> Tensor {
    let e = (x - x.max_keep(axis)).exp();
    &e / e.sum_keep(axis)
}

fn log_softmax(x: &Tensor) -> Tensor {
    x - logsumexp(x, -1).unsqueeze(-1)
}

fn network(x: &[Tensor], activation: fn(&Tensor) -> Tensor) -> Tensor {
    let [x, y, w1, b1, w2, b2] = x else { panic!("six inputs") };
    (activation(&(x.matmul(w1) + b1)).matmul(w2) + b2 - y).square().mean()
}

fn squared_distances(a: &Tensor, b: &Tensor) -> Tensor {
    (a.unsqueeze(1) - b.unsqueeze(0)).square().sum_axes(-1)
}
