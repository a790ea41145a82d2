//! The functions of `tables/reductions.txt` once more. Where the oracle squares, so do these.

use crate::functions::Function;
use crate::table::Params;

fn axes(p: &Params) -> Vec<isize> {
    p.many("axes")
}

fn order(p: &Params) -> f64 {
    p.one("order")
}

pub fn named(name: &str) -> Option<Function> {
    let f: Function = match name {
        "cumsum" => |x, p| x[0].square().cumsum(p.one("axis")),
        "cumsum_reverse" => |x, p| x[0].square().cumsum_reverse(p.one("axis")),
        "cumprod" => |x, p| x[0].cumprod(p.one("axis")),
        "cumprod_reverse" => |x, p| x[0].cumprod_reverse(p.one("axis")),
        "cummax" => |x, p| x[0].cummax(p.one("axis")).square(),
        "cummax_reverse" => |x, p| x[0].cummax_reverse(p.one("axis")).square(),
        "cummin" => |x, p| x[0].cummin(p.one("axis")).square(),
        "cummin_reverse" => |x, p| x[0].cummin_reverse(p.one("axis")).square(),
        "cumlogsumexp" => |x, p| x[0].cumlogsumexp(p.one("axis")),
        "cumlogsumexp_reverse" => |x, p| x[0].cumlogsumexp_reverse(p.one("axis")),
        "prod" => |x, _| x[0].prod(),
        "prod_axes" => |x, p| x[0].prod_axes(axes(p)),
        "prod_keep" => |x, p| x[0].prod_keep(axes(p)),
        "min" => |x, _| x[0].min().square(),
        "min_axes" => |x, p| x[0].min_axes(axes(p)).square(),
        "min_keep" => |x, p| x[0].min_keep(axes(p)).square(),
        "sum_compensated" => |x, _| x[0].square().sum_compensated(),
        "sum_compensated_axes" => |x, p| x[0].square().sum_compensated_axes(axes(p)),
        "any" => |x, _| x[0].any(),
        "any_axes" => |x, p| x[0].any_axes(axes(p)),
        "all" => |x, _| x[0].all(),
        "all_axes" => |x, p| x[0].all_axes(axes(p)),
        "argmax" => |x, _| x[0].argmax(),
        "argmin" => |x, _| x[0].argmin(),
        "argmax_axis" => |x, p| x[0].argmax_axis(p.one("axis")),
        "argmin_axis" => |x, p| x[0].argmin_axis(p.one("axis")),
        "var_axes" => |x, p| x[0].var_axes(axes(p), p.one("ddof")),
        "std_axes" => |x, p| x[0].std_axes(axes(p), p.one("ddof")),
        "norm_axes" => |x, p| x[0].norm_axes(axes(p), order(p)),
        "logsumexp_all" => |x, _| x[0].logsumexp(),
        "logsumexp_axes" => |x, p| x[0].logsumexp_axes(axes(p)),
        "logsumexp_keep" => |x, p| x[0].logsumexp_keep(axes(p)),
        "softmax_axes" => |x, p| x[0].softmax(axes(p)),
        "log_softmax_axes" => |x, p| x[0].log_softmax(axes(p)),
        "standardize" => |x, p| x[0].standardize(axes(p), p.one("epsilon")),
        "layer_norm_axes" => |x, p| x[0].layer_norm(axes(p), Some(&x[1]), Some(&x[2]), p.one("epsilon")),
        "linear_recurrence" => |x, p| x[0].linear_recurrence(&x[1], p.one("axis")),
        "sort_descending" => |x, p| x[0].sort_descending(p.one("axis")).0.square(),
        "argsort_descending" => |x, p| x[0].argsort_descending(p.one("axis")),
        "top_k" => |x, p| x[0].top_k(p.one("k"), p.one("axis")).0.square(),
        "top_k_indices" => |x, p| x[0].top_k(p.one("k"), p.one("axis")).1,
        "median_axes" => |x, p| x[0].median_axes(axes(p)).square(),
        "quantile_axes" => |x, p| x[0].quantile_axes(axes(p), p.one("q")).square(),
        _ => return None,
    };
    Some(f)
}
