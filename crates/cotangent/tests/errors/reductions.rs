//! Reductions, scans and choices that cannot be.

use super::*;

#[test]
fn reductions() {
    check(&[
        case!(
            "argmax of none",
            Tensor::zeros::<f64>([0]).argmax(),
            &[
                "`argmax` at FILE:+2: expected at least one entry, got f64[0]",
                "  help: axis 0 has length 0: nothing stands there"
            ]
        ),
        case!(
            "argmin along an empty axis",
            Tensor::zeros::<f32>([2, 0, 3]).argmin_axis(-2),
            &[
                "`argmin` at FILE:+2: expected at least one entry, got f32[2,0,3]",
                "  help: axis 1 has length 0: nothing stands there"
            ]
        ),
        case!(
            "argmax of a number along an axis",
            Tensor::from(1.0).argmax_axis(0),
            &["`argmax` at FILE:+2: expected an axis of f64[], got 0"]
        ),
        case!(
            "min of none",
            Tensor::zeros::<f64>([2, 0]).min_axes(1),
            &[
                "`min` at FILE:+2: expected at least one entry, got f64[2,0]",
                "  help: nothing has no smallest entry; `concat` it with a greatest value first, if there is one"
            ]
        ),
        case!(
            "prod of bools",
            Tensor::from([true, false]).prod(),
            &[
                "`prod` at FILE:+2: expected numbers, got bool[2]",
                "  help: whether all are true says `all()`"
            ]
        ),
        case!(
            "cumsum of bools",
            Tensor::from([true, false]).cumsum(0),
            &[
                "`cumsum` at FILE:+2: expected numbers, got bool[2]",
                "  help: convert first: `.to(DType::I64)`"
            ]
        ),
        case!(
            "cumprod, no such axis",
            Tensor::from([1.0, 2.0]).cumprod(1),
            &["`cumprod` at FILE:+2: expected an axis of f64[2], got 1"]
        ),
        case!(
            "cumlogsumexp of integers",
            Tensor::from([1, 2]).cumlogsumexp(0),
            &[
                "`cumlogsumexp` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "any of numbers",
            Tensor::from([1.0, 0.0]).any(),
            &[
                "`any` at FILE:+2: expected bools, got f64[2]",
                "  help: compare first, for example `x.not_equal(0.0)`"
            ]
        ),
        case!(
            "all of numbers",
            Tensor::from([1, 0]).all_axes(0),
            &[
                "`all` at FILE:+2: expected bools, got i32[2]",
                "  help: compare first, for example `x.not_equal(0.0)`"
            ]
        ),
        case!(
            "var of integers",
            Tensor::from([1, 2]).var(0),
            &[
                "`var` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "std of integers",
            Tensor::from([1, 2]).std_keep(0, 1),
            &[
                "`std` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "norm of integers",
            Tensor::from([3, 4]).norm(2.0),
            &[
                "`norm` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "norm of a negative order",
            Tensor::from([3.0, 4.0]).norm(-2.0),
            &["`norm` at FILE:+2: expected an order from 0 to ∞, or −∞, got -2.0"]
        ),
        case!(
            "norm over an axis twice",
            Tensor::zeros::<f64>([2, 3]).norm_axes([1, -1], 2.0),
            &["`norm` at FILE:+2: expected each axis once, got axis -1 again"]
        ),
        case!(
            "least norm of nothing",
            Tensor::zeros::<f64>([0]).norm(f64::NEG_INFINITY),
            &[
                "`norm` at FILE:+2: expected at least one entry, got f64[0]",
                "  help: of order −∞ it is the smallest |x|, and nothing has none"
            ]
        ),
        case!(
            "top_k of too many",
            Tensor::zeros::<f64>([2, 3]).top_k(4, -1),
            &["`top_k` at FILE:+2: expected at most 3 entries from axis 1 of f64[2,3], got 4"]
        ),
        case!(
            "median of none",
            Tensor::zeros::<f64>([0]).median(),
            &[
                "`median` at FILE:+2: expected at least one entry, got f64[0]",
                "  help: nothing has no middle, and no end"
            ]
        ),
        case!(
            "quantile beyond 1",
            Tensor::from([1.0, 2.0]).quantile(1.5),
            &["`quantile` at FILE:+2: expected a share from 0 to 1, got 1.5"]
        ),
        case!(
            "softmax of integers",
            Tensor::from([1, 2]).softmax(0),
            &[
                "`softmax` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "logsumexp, no such axis",
            Tensor::from([1.0, 2.0]).logsumexp_axes(-2),
            &["`logsumexp` at FILE:+2: expected an axis of f64[2], got -2"]
        ),
        case!(
            "negative epsilon",
            Tensor::from([1.0, 2.0]).standardize(0, -1.0),
            &["`standardize` at FILE:+2: expected an epsilon of at least 0, got -1.0"]
        ),
        case!(
            "weights of another length",
            Tensor::zeros::<f64>([2, 3]).layer_norm(-1, Some(&Tensor::ones::<f64>([2])), None, 1e-5),
            &["`layer_norm` at FILE:+2: expected a weight or bias that broadcasts to f64[2,3], got f64[2]"]
        ),
        case!(
            "sum_compensated of integers",
            Tensor::from([1, 2]).sum_compensated(),
            &[
                "`sum_compensated` at FILE:+2: expected floats, got i32[2]",
                "  help: sums of integers round nothing: `sum`"
            ]
        ),
        case!(
            "recurrence of two types",
            Tensor::from([1.0]).linear_recurrence(&Tensor::from([1.0, 2.0]), 0),
            &["`linear_recurrence` at FILE:+2: expected equal shapes, got f64[1] and f64[2]"]
        ),
    ]);
}
