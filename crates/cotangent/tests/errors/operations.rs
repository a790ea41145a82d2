//! Operations on tensors that do not fit.

use super::*;

/// Shapes that do not fit.
#[test]
fn shapes() {
    check(&[
        case!(
            "add",
            Tensor::from([1.0, 2.0]) + Tensor::from([1.0, 2.0, 3.0]),
            &[
                "`add` at FILE:+2: expected shapes that broadcast together, got f64[2] and f64[3]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "mul, references, f32",
            &Tensor::zeros::<f32>([2, 3]) * &Tensor::ones::<f32>([2]),
            &[
                "`mul` at FILE:+2: expected shapes that broadcast together, got f32[2,3] and f32[2]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "maximum",
            Tensor::zeros::<f64>([4]).maximum(&Tensor::ones::<f64>([2, 3])),
            &[
                "`max` at FILE:+2: expected shapes that broadcast together, got f64[4] and f64[2,3]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "greater",
            Tensor::from([1.0, 2.0]).greater(&Tensor::from([1.0, 2.0, 3.0])),
            &[
                "`greater` at FILE:+2: expected shapes that broadcast together, got f64[2] and f64[3]",
                "  help: axes are matched from the last; each pair must be equal, or one of them 1 or missing: `reshape`, `unsqueeze`"
            ]
        ),
        case!(
            "in place",
            {
                let mut x = Tensor::from([1.0, 2.0]);
                x += &Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
            },
            &[
                "`add in place` at FILE:+4: expected something that broadcasts to [2], got f64[2,2]",
                "  help: in place the left side keeps its shape: make a new tensor, or sum the right side over axes"
            ]
        ),
        case!(
            "matmul",
            Tensor::zeros::<f64>([2, 3]).matmul(&Tensor::zeros::<f64>([2, 3])),
            &[
                "`matmul` at FILE:+2: expected axis 1 of the left as long as axis 0 of the right, got f64[2,3] and f64[2,3]",
                "  help: `t()` exchanges the last two axes"
            ]
        ),
        case!(
            "matmul of a number",
            Tensor::from(2.0).matmul(&Tensor::from([1.0, 2.0])),
            &[
                "`matmul` at FILE:+2: expected at least one axis each, got f64[] and f64[2]",
                "  help: multiply by a number with `*`"
            ]
        ),
        case!(
            "matmul, batch",
            Tensor::zeros::<f64>([2, 3, 4]).matmul(&Tensor::zeros::<f64>([5, 4, 3])),
            &[
                "`matmul` at FILE:+2: expected leading axes that broadcast together, got f64[2,3,4] and f64[5,4,3]"
            ]
        ),
        case!(
            "dot",
            Tensor::from([1.0, 2.0]).dot(&Tensor::from([1.0, 2.0, 3.0])),
            &[
                "`dot` at FILE:+2: expected axis 0 of the left as long as axis 0 of the right, got f64[2] and f64[3]",
                "  help: `t()` exchanges the last two axes"
            ]
        ),
        case!(
            "dot, three axes",
            Tensor::zeros::<f64>([2, 3]).dot(&Tensor::zeros::<f64>([5, 4, 2])),
            &[
                "`dot_general` at FILE:+2: expected axes [1] of the left as long as axes [1] of the right, got f64[2,3] and f64[5,4,2]"
            ]
        ),
        case!(
            "reshape",
            Tensor::zeros::<f64>([2, 4]).reshape([3, 2]),
            &[
                "`reshape` at FILE:+2: expected 6 entries for shape [3,2], got f64[2,4], which has 8",
                "  help: the new lengths must multiply to the same number of entries"
            ]
        ),
        case!(
            "broadcast_to",
            Tensor::from([1.0, 2.0]).broadcast_to([2, 3]),
            &[
                "`broadcast` at FILE:+2: expected a shape that can be repeated to [2,3], got f64[2]",
                "  help: axes are matched from the last; each must be equal, or 1 in the operand, or missing there"
            ]
        ),
        case!(
            "from_vec",
            Tensor::from_vec(vec![1.0, 2.0, 3.0], [2, 2]),
            &[
                "`from_vec` at FILE:+2: expected 4 entries for shape [2,2], got 3",
                "  help: the shape's lengths must multiply to the number of entries"
            ]
        ),
        case!(
            "concat",
            Tensor::concat(&[&Tensor::zeros::<f64>([2, 3]), &Tensor::zeros::<f64>([2, 4])], 0),
            &["`concat` at FILE:+2: expected shapes that differ in axis 0 alone, got f64[2,3] and f64[2,4]"]
        ),
        case!(
            "concat of none",
            Tensor::concat::<Tensor>(&[], 0),
            &["`concat` at FILE:+2: expected at least one tensor, got none"]
        ),
        case!(
            "stack",
            Tensor::stack(&[&Tensor::from([1.0, 2.0]), &Tensor::from([1.0])], 0),
            &["`stack` at FILE:+2: expected equal shapes, got f64[2] and f64[1]"]
        ),
        case!(
            "stack along no axis",
            Tensor::stack(&[&Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 3.0])], 2),
            &["`unsqueeze` at FILE:+2: expected an axis from -2 to 1, got 2"]
        ),
        case!(
            "stack of none",
            Tensor::stack::<Tensor>(&[], 0),
            &["`stack` at FILE:+2: expected at least one tensor, got none"]
        ),
        case!(
            "select",
            Tensor::from([true, false]).select(&Tensor::from([1.0, 2.0, 3.0]), &Tensor::from(0.0)),
            &["`where` at FILE:+2: expected a choice of shape [3], got bool[2]"]
        ),
        case!(
            "slice",
            Tensor::from([1.0, 2.0, 3.0]).slice(&[1..5]),
            &["`slice` at FILE:+2: expected a range within axis 0 of f64[3], got 1..5"]
        ),
        case!(
            "slice, too many ranges",
            Tensor::from([1.0, 2.0, 3.0]).slice(&[0..1, 0..1]),
            &["`slice` at FILE:+2: expected at most one index or range for each axis of f64[3], got 2"]
        ),
        case!(
            "slice_step",
            Tensor::from([1.0, 2.0, 3.0]).slice_step(0, .., 0),
            &["`slice` at FILE:+2: expected a step other than 0, got 0"]
        ),
        case!(
            "slice_axis, backwards",
            Tensor::from([1.0, 2.0, 3.0]).slice_axis(0, 2..1),
            &["`slice` at FILE:+2: expected a range within axis 0 of f64[3], got 2..1"]
        ),
        case!(
            "index",
            Tensor::from([[1.0, 2.0], [3.0, 4.0]]).index(2),
            &["`index` at FILE:+2: expected an index from -2 to 1, got 2 in f64[2,2]"]
        ),
        case!(
            "index of a number",
            Tensor::from(1.0).index(0),
            &["`index` at FILE:+2: expected at least one axis, got 0 in f64[]"]
        ),
        case!(
            "pad",
            Tensor::from([1.0, 2.0]).pad(&[(1, 1), (0, 0)]),
            &["`pad` at FILE:+2: expected a pair of widths for each axis of f64[2], got 2"]
        ),
        case!(
            "squeeze",
            Tensor::zeros::<f64>([2, 1]).squeeze(0),
            &["`squeeze` at FILE:+2: expected axis 0 of length 1, got f64[2,1]"]
        ),
        case!("t", Tensor::from([1.0, 2.0]).t(), &["`t` at FILE:+0: expected at least two axes, got f64[2]"]),
    ]);
}

/// Axes that are not there.
#[test]
fn axes() {
    check(&[
        case!(
            "sum_axes",
            Tensor::zeros::<f64>([2, 3]).sum_axes(2),
            &["`sum` at FILE:+2: expected an axis of f64[2,3], got 2"]
        ),
        case!(
            "sum_axes, from the end",
            Tensor::zeros::<f64>([2, 3]).sum_keep([0, -3]),
            &["`sum` at FILE:+2: expected an axis of f64[2,3], got -3"]
        ),
        case!(
            "mean_axes, twice",
            Tensor::zeros::<f64>([2, 3]).mean_axes([1, -1]),
            &["`mean` at FILE:+2: expected each axis once, got axis -1 again"]
        ),
        case!(
            "permute",
            Tensor::zeros::<f64>([2, 3]).permute([0]),
            &["`permute` at FILE:+2: expected each of the 2 axes of f64[2,3] once, got [0]"]
        ),
        case!(
            "permute, out of range",
            Tensor::zeros::<f64>([2, 3]).permute([0, 2]),
            &["`permute` at FILE:+2: expected an axis of f64[2,3], got 2"]
        ),
        case!(
            "unsqueeze",
            Tensor::from([1.0, 2.0]).unsqueeze(3),
            &["`unsqueeze` at FILE:+2: expected an axis from -2 to 1, got 3"]
        ),
        case!(
            "concat",
            Tensor::concat(&[&Tensor::from([1.0])], 1),
            &["`concat` at FILE:+2: expected an axis of f64[1], got 1"]
        ),
        case!(
            "axis of a number",
            Tensor::from(1.0).sum_axes(0),
            &["`sum` at FILE:+2: expected an axis of f64[], got 0"]
        ),
    ]);
}

/// Dtypes that do not fit.
#[test]
fn dtypes() {
    check(&[
        case!(
            "f64 and f32",
            Tensor::from(1.0) + Tensor::from(2f32),
            &[
                "`add` at FILE:+2: expected equal dtypes, got f64[] and f32[]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "f32 and f64",
            Tensor::from([1f32, 2.0]) * Tensor::from([1.0, 2.0]),
            &[
                "`mul` at FILE:+2: expected equal dtypes, got f32[2] and f64[2]",
                "  help: dtypes never change silently: convert the left one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "float and integer",
            Tensor::from([1.0, 2.0]) * Tensor::from([1, 2]),
            &[
                "`mul` at FILE:+2: expected equal dtypes, got f64[2] and i32[2]",
                "  help: dtypes never change silently: convert one, for example with `.to(DType::F64)`"
            ]
        ),
        case!(
            "matmul",
            Tensor::zeros::<f64>([2, 2]).matmul(&Tensor::zeros::<f32>([2, 2])),
            &[
                "`matmul` at FILE:+2: expected equal dtypes, got f64[2,2] and f32[2,2]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "concat",
            Tensor::concat(&[&Tensor::from([1.0]), &Tensor::from([1f32])], 0),
            &[
                "`concat` at FILE:+2: expected equal dtypes, got f64[1] and f32[1]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "in place",
            {
                let mut x = Tensor::from([1.0, 2.0]);
                x *= &Tensor::from([1f32, 2.0]);
            },
            &[
                "`mul` at FILE:+4: expected equal dtypes, got f64[2] and f32[2]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "equal",
            Tensor::from([1i64, 2]).equal(&Tensor::from([1i32, 2])),
            &[
                "`equal` at FILE:+2: expected equal dtypes, got i64[2] and i32[2]",
                "  help: dtypes never change silently: convert one, for example with `.to(DType::I64)`"
            ]
        ),
        case!(
            "select by numbers",
            Tensor::from([1.0, 0.0]).select(&Tensor::from([1.0, 2.0]), &Tensor::from([3.0, 4.0])),
            &[
                "`where` at FILE:+2: expected a bool tensor to choose by, got f64[2]",
                "  help: make it one with a comparison, such as `x.greater(0.0)`"
            ]
        ),
        case!(
            "select between dtypes",
            Tensor::from(true).select(&Tensor::from(1.0), &Tensor::from(1)),
            &[
                "`where` at FILE:+2: expected equal dtypes, got f64[] and i32[]",
                "  help: dtypes never change silently: convert one, for example with `.to(DType::F64)`"
            ]
        ),
        case!(
            "a fraction among integers",
            Tensor::from([1, 2]) * 0.5,
            &[
                "`mul` at FILE:+2: expected a number that fits i32, got 0.5 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "too large for f32",
            Tensor::from(1f32) + 1e300,
            &[
                "`add` at FILE:+2: expected a number that fits f32, got 1e300 with f32[]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "too large for i32",
            Tensor::from([1, 2]) - 3_000_000_000_i64,
            &[
                "`sub` at FILE:+2: expected a number that fits i32, got 3000000000 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::I64)`"
            ]
        ),
        case!(
            "a fraction, in place",
            {
                let mut x = Tensor::from([1, 2]);
                x += 0.5;
            },
            &[
                "`add` at FILE:+4: expected a number that fits i32, got 0.5 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "powf of integers",
            Tensor::from([1, 2]).powf(0.5),
            &[
                "`pow` at FILE:+2: expected a number that fits i32, got 0.5 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "comparison with a fraction",
            Tensor::from([1, 2]).greater(0.5),
            &[
                "`greater` at FILE:+2: expected a number that fits i32, got 0.5 with i32[2]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "bools added",
            Tensor::from([true, false]) + Tensor::from([true, true]),
            &[
                "`add` at FILE:+2: expected numbers, got bool[2]",
                "  help: use `logical_and`, `logical_or`, `logical_not`, or convert with `.to(DType::F64)`"
            ]
        ),
        case!(
            "bools times a number",
            Tensor::from([true, false]) * 2.0,
            &[
                "`mul` at FILE:+2: expected a tensor of numbers, got 2.0 with bool[2]",
                "  help: convert the bools first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "minus bools",
            -Tensor::from([true, false]),
            &[
                "`neg` at FILE:+2: expected numbers, got bool[2]",
                "  help: use `logical_and`, `logical_or`, `logical_not`, or convert with `.to(DType::F64)`"
            ]
        ),
        case!(
            "sum of bools",
            Tensor::from([true, false]).sum(),
            &[
                "`sum` at FILE:+2: expected numbers, got bool[2]",
                "  help: to count what is true convert first: `.to(DType::I64).sum()`"
            ]
        ),
        case!(
            "and of numbers",
            Tensor::from([1.0]).logical_and(&Tensor::from([true])),
            &[
                "`logical_and` at FILE:+2: expected bools, got f64[1]",
                "  help: compare first, for example `x.not_equal(0.0)`"
            ]
        ),
        case!(
            "not of numbers",
            Tensor::from([1.0]).logical_not(),
            &[
                "`logical_not` at FILE:+2: expected bools, got f64[1]",
                "  help: compare first, for example `x.not_equal(0.0)`"
            ]
        ),
        case!(
            "sine of integers",
            Tensor::from([1, 2]).sin(),
            &[
                "`sin` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "mean of integers",
            Tensor::from([1, 2]).mean(),
            &[
                "`mean` at FILE:+2: expected floats, got i32[2]",
                "  help: convert first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "integer divided by zero",
            Tensor::from([6, 4]) / Tensor::from([3, 0]),
            &[
                "`div` at FILE:+2: expected integer divisors other than 0, got a 0 in i32[2]",
                "  help: floats give ±inf or NaN there (`.to(DType::F64)`), or put another divisor with `select`"
            ]
        ),
        case!(
            "remainder by zero",
            Tensor::from([6, 4]) % 0,
            &[
                "`rem` at FILE:+2: expected integer divisors other than 0, got a 0 in i32[2]",
                "  help: floats give ±inf or NaN there (`.to(DType::F64)`), or put another divisor with `select`"
            ]
        ),
        case!(
            "item of many",
            Tensor::from([1.0, 2.0]).item::<f64>(),
            &[
                "`item` at FILE:+2: expected one entry, got f64[2]",
                "  help: `to_vec` gives all entries, `sum` or `mean` make one of them"
            ]
        ),
        case!(
            "item as another dtype",
            Tensor::from(1.0).item::<f32>(),
            &[
                "`item` at FILE:+2: expected dtype f32, got f64[]",
                "  help: ask for `item::<f64>()`, or convert first with `.to(DType::F32)`"
            ]
        ),
        case!(
            "to_vec as another dtype",
            Tensor::from([1i64, 2]).to_vec::<i32>(),
            &[
                "`to_vec` at FILE:+2: expected dtype i32, got i64[2]",
                "  help: ask for `to_vec::<i64>()`, or convert first with `.to(DType::I32)`"
            ]
        ),
        case!(
            "comparing many",
            Tensor::from([1.0, 2.0]) > Tensor::from(0.0),
            &[
                "`comparison` at FILE:+2: expected one entry on each side, got f64[2]",
                "  help: `greater`, `less`, … compare entry by entry; then `select`, or count what is true"
            ]
        ),
        case!(
            "if many",
            Tensor::from([1.0, 2.0]) < 3.0,
            &[
                "`comparison` at FILE:+2: expected one entry on each side, got f64[2]",
                "  help: `greater`, `less`, … compare entry by entry; then `select`, or count what is true"
            ]
        ),
    ]);
}

/// Values that cannot be, and labels that do not fit.
#[test]
fn values_and_labels() {
    check(&[
        case!(
            "take",
            Tensor::from([1.0, 2.0]).take(&Tensor::from([0, 5]), 0),
            &[
                "`gather` at FILE:+2: expected indices from -2 to 1, got 5",
                "  help: the axis has length 2; −1 is the last entry"
            ]
        ),
        case!(
            "take by floats",
            Tensor::from([1.0, 2.0]).take(&Tensor::from([0.0]), 0),
            &[
                "`gather` at FILE:+2: expected indices of dtype i32 or i64, got f64[1]",
                "  help: convert them with `.to(DType::I64)`"
            ]
        ),
        case!(
            "scatter_add",
            Tensor::from([1.0, 2.0]).scatter_add(&Tensor::from([0, 3]), 3),
            &[
                "`scatter_add` at FILE:+2: expected indices from -3 to 2, got 3",
                "  help: the axis has length 3; −1 is the last entry"
            ]
        ),
        case!(
            "einsum, another label",
            Tensor::einsum("ij,jk->iq", &[&Tensor::eye::<f64>(2), &Tensor::eye::<f64>(2)]),
            &[
                "`einsum` at FILE:+2: expected labels of the result that an operand has, got `q` in `ij,jk->iq`"
            ]
        ),
        case!(
            "einsum, too few",
            Tensor::einsum("ij,jk->ik", &[&Tensor::eye::<f64>(2)]),
            &["`einsum` at FILE:+2: expected 2 operands for `ij,jk->ik`, got 1"]
        ),
        case!(
            "einsum, lengths",
            Tensor::einsum("ij,jk->ik", &[&Tensor::eye::<f64>(2), &Tensor::eye::<f64>(3)]),
            &[
                "`einsum` at FILE:+2: expected one length for `j` in `ij,jk->ik`, got 2 in f64[2,2] and 3 in f64[3,3]"
            ]
        ),
        case!(
            "einsum, rank",
            Tensor::einsum("ijk->i", &[&Tensor::eye::<f64>(2)]),
            &["`einsum` at FILE:+2: expected an operand of rank 3 for `ijk`, got f64[2,2]"]
        ),
        case!(
            "sort",
            Tensor::from([2.0, 1.0]).sort(1),
            &["`sort` at FILE:+2: expected an axis of f64[2], got 1"]
        ),
        case!(
            "max of none",
            Tensor::zeros::<f64>([0]).max(),
            &[
                "`max` at FILE:+2: expected at least one entry, got f64[0]",
                "  help: nothing has no largest entry; `concat` it with a least value first, if there is one"
            ]
        ),
    ]);
}
