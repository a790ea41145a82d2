//! The functions of `tables/layout.txt` with the library's operations.

use crate::functions::Function;
use crate::table::Params;
use cotangent::op::{At, Pick, Span};
use cotangent::prelude::*;

pub fn named(name: &str) -> Option<Function> {
    indexing(name).or_else(|| moved(name)).or_else(|| matrices(name)).or_else(|| composed(name))
}

/// `2`, `1:-1:2` or `T`.
fn pick(word: &str, x: &[Tensor]) -> Pick {
    if word == "T" {
        return Pick::Many(x.last().expect("indices").clone());
    }
    if let Ok(i) = word.parse() {
        return Pick::At(i);
    }
    let parts: Vec<Option<isize>> = word.split(':').map(|part| part.parse().ok()).collect();
    let span: Span = match (parts[0], parts[1]) {
        (Some(start), Some(end)) => (start..end).into(),
        (Some(start), None) => (start..).into(),
        (None, Some(end)) => (..end).into(),
        (None, None) => (..).into(),
    };
    Pick::Span(span.step(parts.get(2).copied().flatten().unwrap_or(1)))
}

fn picks(x: &[Tensor], p: &Params) -> Vec<Pick> {
    p.many::<String>("at").iter().map(|word| pick(word, x)).collect()
}

fn write(x: &[Tensor], p: &Params, f: fn(&At<'_>, &Tensor) -> Tensor) -> Tensor {
    f(&x[0].square().at(picks(x, p)), &x[1].sin())
}

fn indexing(name: &str) -> Option<Function> {
    let f: Function = match name {
        "read" => |x, p| x[0].square().index(picks(x, p)),
        "at.set" => |x, p| write(x, p, |at, v| at.set(v)),
        "at.add" => |x, p| write(x, p, |at, v| at.add(v)),
        "at.mul" => |x, p| write(x, p, |at, v| at.mul(v)),
        "at.max" => |x, p| write(x, p, |at, v| at.max(v)),
        "at.min" => |x, p| write(x, p, |at, v| at.min(v)),
        "put_along_axis" => |x, p| x[0].square().put_along_axis(&x[2], &x[1].sin(), p.one("axis")),
        "dynamic_slice" => |x, p| x[0].square().dynamic_slice(&x[1], &p.many::<usize>("sizes")),
        "dynamic_update_slice" => |x, _| x[0].square().dynamic_update_slice(&x[1].sin(), &x[2]),
        _ => return None,
    };
    Some(f)
}

/// All parts in one vector, each with its own factor.
fn parts(x: Vec<Tensor>) -> Tensor {
    let flat: Vec<Tensor> = x.iter().zip(1..).map(|(x, i)| x.flatten() * f64::from(i)).collect();
    Tensor::concat(&flat, 0)
}

fn widths(p: &Params) -> Vec<(isize, isize)> {
    p.many("low").into_iter().zip(p.many("high")).collect()
}

fn moved(name: &str) -> Option<Function> {
    let f: Function = match name {
        "flip" => |x, p| x[0].square().flip(p.many::<isize>("axes")),
        "expand_dims" => |x, p| x[0].square().expand_dims(p.many::<isize>("axes")),
        "squeeze_axes" => |x, p| x[0].square().squeeze(p.many::<isize>("axes")),
        "split" => |x, p| parts(x[0].square().split(p.one("count"), p.one("axis"))),
        "split_at" => |x, p| parts(x[0].square().split_at(&p.many::<usize>("positions"), p.one("axis"))),
        "unstack" => |x, p| parts(x[0].square().unstack(p.one("axis"))),
        "roll" => |x, p| x[0].square().roll(p.one("shift"), p.one("axis")),
        "tile" => |x, p| x[0].square().tile(&p.many::<usize>("counts")),
        "repeat" => |x, p| x[0].square().repeat(p.one("count"), p.one("axis")),
        "repeat_each" => |x, p| x[0].square().repeat_each(&p.many::<usize>("counts"), p.one("axis")),
        "crop" => |x, p| x[0].square().pad(&widths(p)),
        "pad_with" => |x, p| x[0].square().pad_with(&widths(p), &x[1].sin()),
        "pad_mode" => |x, p| {
            let mode = match p.text("mode") {
                "edge" => PadMode::Edge,
                "reflect" => PadMode::Reflect,
                "symmetric" => PadMode::Symmetric,
                "wrap" => PadMode::Wrap,
                other => panic!("mode {other}"),
            };
            x[0].square().pad_mode(&widths(p), mode)
        },
        "meshgrid" => |x, _| {
            let x: Vec<Tensor> = x.iter().map(Tensor::square).collect();
            parts(Tensor::meshgrid(&x.iter().collect::<Vec<_>>()))
        },
        _ => return None,
    };
    Some(f)
}

/// What is made of nothing, times an operand.
fn times(x: &[Tensor], made: Tensor) -> Tensor {
    x[0].square() * made.to(x[0].dtype())
}

fn matrices(name: &str) -> Option<Function> {
    let f: Function = match name {
        "diag" => |x, p| x[0].square().diag(p.one("offset")),
        "diagonal" => |x, p| x[0].square().diagonal(p.one("offset")),
        "diag_embed" => |x, p| x[0].square().diag_embed(p.one("offset")),
        "tril" => |x, p| x[0].square().tril(p.one("offset")),
        "triu" => |x, p| x[0].square().triu(p.one("offset")),
        "one_hot" => |x, p| times(x, x[1].one_hot::<f64>(p.one("n"))),
        "linspace" => |x, p| times(x, Tensor::linspace::<f64>(p.one("start"), p.one("stop"), p.one("n"))),
        "arange_step" => {
            |x, p| times(x, Tensor::arange_step::<f64>(p.one("start"), p.one("stop"), p.one("step")))
        }
        "arange_whole" => {
            |x, p| times(x, Tensor::arange_step::<i64>(p.one("start"), p.one("stop"), p.one("step")))
        }
        "eye_offset" => {
            |x, p| times(x, Tensor::eye_offset::<f64>(p.one("rows"), p.one("columns"), p.one("offset")))
        }
        _ => return None,
    };
    Some(f)
}

fn composed(name: &str) -> Option<Function> {
    let f: Function = match name {
        "windows" => |x, _| {
            let [x, w, starts] = x else { panic!("three inputs") };
            vmap(|i: &Tensor| (x.dynamic_slice([i], &[3]).sin() * w).sum())(starts)
        },
        "cache" => |x, _| {
            let [cache, rows, w] = x else { panic!("three inputs") };
            cache.at(2..4).set(&rows.matmul(w).tanh()).matmul(&w.t())
        },
        "histogram" => |x, p| {
            let zeros = Tensor::zeros::<f64>([p.one("n")]).to(x[0].dtype());
            zeros.at(&x[1]).add(&x[0].exp()).square()
        },
        "segment_product" => |x, p| {
            let ones = Tensor::ones::<f64>([p.one("n")]).to(x[0].dtype());
            ones.at(&x[1]).mul(&x[0].sin())
        },
        "causal" => |x, _| {
            let below = x[0].ones_like().tril(0).greater(0.0);
            let masked = below.select(&x[0], &(x[0].zeros_like() - 1e30));
            let e = (&masked - masked.max_keep(-1)).exp();
            &e / e.sum_keep(-1)
        },
        "differences" => |x, _| {
            let x = &x[0];
            let d = x.index(1..) - x.index(s(..-1));
            d.square().sum() + (x.index(s(..).step(-2)) * x.index(s(..).step(2)).sin()).sum()
        },
        "laplacian" => |x, _| {
            let x = &x[0];
            let around = x.roll(1, 0) + x.roll(-1, 0) + x.roll(1, 1) + x.roll(-1, 1);
            around * x.sin() - x.square() * 4.0
        },
        "reflected_blur" => |x, _| {
            let (n, k) = (x[0].size(), x[1].size());
            let wide = x[0].pad_mode(&[(2, 2)], PadMode::Reflect);
            let term = |i: usize| wide.index(i..i + n) * x[1].index(k - 1 - i);
            (1..k).fold(term(0), |sum, i| sum + term(i)).square()
        },
        "rotate" => |x, _| x[0].t().flip(0) * x[0].t().sin(),
        "one_hot_loss" => |x, _| {
            let [x, labels] = x else { panic!("two inputs") };
            let shifted = x - x.max_keep(-1);
            let log = &shifted - shifted.exp().sum_keep(-1).ln();
            -(log * labels.one_hot::<f64>(x.shape()[1]).to(x.dtype())).sum()
        },
        _ => return None,
    };
    Some(f)
}
