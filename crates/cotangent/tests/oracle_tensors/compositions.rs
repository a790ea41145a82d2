//! The functions of `tables/compositions.txt` with the library's operations.

use crate::functions::Function;
use crate::table::Params;
use cotangent::prelude::*;

pub fn named(name: &str) -> Option<Function> {
    activation(name).or_else(|| loss(name)).or_else(|| special(name))
}

fn reduction(p: &Params) -> Reduction {
    match p.text("reduction") {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        _ => Reduction::None,
    }
}

fn activation(name: &str) -> Option<Function> {
    let f: Function = match name {
        "leaky_relu" => |x, p| x[0].leaky_relu(p.one::<f64>("slope")),
        "prelu" => |x, _| x[0].leaky_relu(&x[1]),
        "elu" => |x, p| x[0].elu(p.one("alpha")),
        "selu" => |x, _| x[0].selu(),
        "celu" => |x, p| x[0].celu(p.one("alpha")),
        "hard_tanh" => |x, _| x[0].hard_tanh(),
        "relu6" => |x, _| x[0].relu6(),
        "hard_sigmoid" => |x, _| x[0].hard_sigmoid(),
        "hard_swish" => |x, _| x[0].hard_swish(),
        "mish" => |x, _| x[0].mish(),
        "log_sigmoid" => |x, _| x[0].log_sigmoid(),
        "softsign" => |x, _| x[0].softsign(),
        "gelu_tanh" => |x, _| x[0].gelu_tanh(),
        "glu" => |x, p| x[0].glu(p.one("axis")),
        _ => return None,
    };
    Some(f)
}

fn loss(name: &str) -> Option<Function> {
    let f: Function = match name {
        "mse_loss" => |x, p| x[0].mse_loss(&x[1], reduction(p)),
        "l1_loss" => |x, p| x[0].l1_loss(&x[1], reduction(p)),
        "huber_loss" => |x, p| x[0].huber_loss(&x[1], p.one("delta"), reduction(p)),
        "smooth_l1_loss" => |x, p| x[0].smooth_l1_loss(&x[1], p.one("beta"), reduction(p)),
        "cross_entropy" => |x, p| x[0].cross_entropy(&x[1], reduction(p)),
        "cross_entropy_smoothed" => {
            |x, p| x[0].cross_entropy_smoothed(&x[1], p.one("smoothing"), reduction(p))
        }
        "nll_loss" => |x, p| x[0].nll_loss(&x[1], reduction(p)),
        "binary_cross_entropy" => |x, p| x[0].binary_cross_entropy(&x[1], reduction(p)),
        "binary_cross_entropy_with_logits" => {
            |x, p| x[0].binary_cross_entropy_with_logits(&x[1], reduction(p))
        }
        "kl_div" => |x, p| x[0].kl_div(&x[1], reduction(p)),
        "rms_norm" => |x, p| x[0].rms_norm(p.many::<isize>("axes"), p.one("epsilon")),
        "normalize" => |x, p| x[0].normalize(p.one("p"), p.one::<isize>("axis")),
        "normalize_largest" => |x, p| x[0].normalize(f64::INFINITY, p.one::<isize>("axis")),
        "normalize_all" => |x, _| x[0].normalize(2.0, [0, 1]),
        "cosine_similarity_axis" => |x, p| x[0].cosine_similarity(&x[1], p.one("axis")),
        "clip_by_norm" => |x, p| x[0].clip_by_norm(p.one("most")),
        _ => return None,
    };
    Some(f)
}

fn special(name: &str) -> Option<Function> {
    let f: Function = match name {
        "isnan" => |x, _| x[0].isnan(),
        "isinf" => |x, _| x[0].isinf(),
        "isfinite" => |x, _| x[0].isfinite(),
        "nan_to_num" => |x, _| x[0].nan_to_num(),
        "nan_to_num_with" => |x, p| x[0].nan_to_num_with(p.one("nan"), p.one("high"), p.one("low")),
        "clamp" => |x, p| x[0].clamp(p.one::<f64>("low"), p.one::<f64>("high")),
        "clamp_tensors" => |x, _| x[0].clamp(&x[1], &x[2]),
        "lerp" => |x, p| x[0].lerp(&x[1], p.one::<f64>("weight")),
        "lerp_tensor" => |x, _| x[0].lerp(&x[1], &x[2]),
        "sinc" => |x, _| x[0].sinc(),
        "xlogy" => |x, _| x[0].xlogy(&x[1]),
        "xlog1py" => |x, _| x[0].xlog1py(&x[1]),
        "logaddexp" => |x, _| x[0].logaddexp(&x[1]),
        "logit" => |x, _| x[0].logit(),
        "rsqrt" => |x, _| x[0].rsqrt(),
        "heaviside" => |x, p| x[0].heaviside(p.one::<f64>("at_zero")),
        "heaviside_tensor" => |x, _| x[0].heaviside(&x[1]),
        "signbit" => |x, _| x[0].signbit(),
        "copysign" => |x, _| x[0].copysign(&x[1]),
        "remainder" => |x, _| x[0].remainder(&x[1]),
        "rem_euclid" => |x, _| x[0].rem_euclid(&x[1]),
        "floor_divide" => |x, _| x[0].floor_divide(&x[1]),
        "div_euclid" => |x, _| x[0].div_euclid(&x[1]),
        "cross" => |x, p| x[0].cross(&x[1], p.one("axis")),
        "diff" => |x, p| squared(&x[0]).diff(p.one("n"), p.one("axis")),
        "trapezoid" => |x, p| squared(&x[0]).trapezoid(p.one("dx"), p.one("axis")),
        "swapaxes" => |x, p| squared(&x[0]).swapaxes(p.one("a"), p.one("b")),
        "moveaxis" => |x, p| squared(&x[0]).moveaxis(p.one("from"), p.one("to")),
        "count_nonzero" => |x, _| x[0].count_nonzero(),
        "count_nonzero_axes" => |x, p| x[0].count_nonzero_axes(p.many::<isize>("axes")),
        "searchsorted" => |x, p| match p.text("side") {
            "left" => x[0].searchsorted(&x[1]),
            _ => x[0].searchsorted_right(&x[1]),
        },
        "batch_norm_weighted" => |x, p| x[0].batch_norm(Some(&x[1]), Some(&x[2]), p.one("epsilon")),
        "group_norm" => |x, p| x[0].group_norm(p.one("groups"), Some(&x[1]), Some(&x[2]), p.one("epsilon")),
        "trapezoid_at" => |x, p| squared(&x[0]).trapezoid_at(&x[1], p.one("axis")),
        _ => return None,
    };
    Some(f)
}

fn squared(x: &Tensor) -> Tensor {
    x.square()
}
