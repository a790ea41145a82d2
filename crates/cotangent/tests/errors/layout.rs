//! Ranges, indices, windows and widths that do not fit.

use super::*;

/// Entries and ranges that are not there.
#[test]
fn indexing() {
    check(&[
        case!(
            "a range beyond the beginning",
            Tensor::from([1.0, 2.0, 3.0]).index(s(-4..)),
            &["`index` at FILE:+2: expected a range within axis 0 of f64[3], got -4.."]
        ),
        case!(
            "a range backwards, the wrong way",
            Tensor::from([1.0, 2.0, 3.0]).slice_axis(0, s(0..2).step(-1)),
            &[
                "`slice` at FILE:+2: expected a range within axis 0 of f64[3], got 0..2 by -1",
                "  help: with a negative step a range goes from its larger end to its smaller"
            ]
        ),
        case!(
            "a step of 0",
            Tensor::zeros::<f64>([2, 3]).index((.., s(..).step(0))),
            &["`index` at FILE:+2: expected a step other than 0, got 0"]
        ),
        case!(
            "an entry of another axis",
            Tensor::zeros::<f64>([2, 3]).index((0, 3)),
            &["`index` at FILE:+2: expected an index from -3 to 2 of axis 1, got 3 in f64[2,3]"]
        ),
        case!(
            "an entry of nothing",
            Tensor::zeros::<f64>([0, 3]).index(0),
            &["`index` at FILE:+2: expected no index, for axis 0 has no entries, got 0 in f64[0,3]"]
        ),
        case!(
            "too many indices",
            Tensor::zeros::<f64>([2, 3]).index((0, 0, 0)),
            &["`index` at FILE:+2: expected at most one index or range for each axis of f64[2,3], got 3"]
        ),
        case!(
            "two tensors of indices",
            Tensor::zeros::<f64>([2, 3]).index((&Tensor::from([0, 1]), &Tensor::from([0, 1]))),
            &[
                "`index` at FILE:+2: expected one tensor of indices at most, got several",
                "  help: name entries along one axis after the other, or by their places in `flatten()`"
            ]
        ),
        case!(
            "a tensor of floats",
            Tensor::zeros::<f64>([2, 3]).index(Tensor::from([0.0, 1.0])),
            &[
                "`gather` at FILE:+2: expected indices of dtype i32 or i64, got f64[2]",
                "  help: convert them with `.to(DType::I64)`"
            ]
        ),
        case!(
            "an index too large",
            Tensor::zeros::<f64>([2, 3]).at(Tensor::from([0, 2])).set(1.0),
            &[
                "`scatter_set` at FILE:+2: expected indices from -2 to 1, got 2",
                "  help: the axis has length 2; −1 is the last entry"
            ]
        ),
        case!(
            "at, an entry that is not there",
            Tensor::from([1.0, 2.0, 3.0]).at(3).set(1.0),
            &["`at` at FILE:+2: expected an index from -3 to 2, got 3 in f64[3]"]
        ),
        case!(
            "at_axis",
            Tensor::zeros::<f64>([2, 3]).at_axis(2, 0).set(1.0),
            &["`at` at FILE:+2: expected an axis of f64[2,3], got 2"]
        ),
        case!(
            "at, values of another shape",
            Tensor::zeros::<f64>([2, 3]).at((.., 1..)).set(&Tensor::from([1.0, 2.0, 3.0])),
            &["`at.set` at FILE:+2: expected values that broadcast to [2,2], got f64[3]"]
        ),
        case!(
            "at, values of another dtype",
            Tensor::from([1.0, 2.0]).at(0).add(&Tensor::from(1)),
            &[
                "`at.add` at FILE:+2: expected equal dtypes, got f64[2] and i32[]",
                "  help: dtypes never change silently: convert one, for example with `.to(DType::F64)`"
            ]
        ),
        case!(
            "at, a fraction among integers",
            Tensor::from([1, 2]).at(0).set(0.5),
            &[
                "`at.set` at FILE:+2: expected a number that fits i32, got 0.5 with i32[]",
                "  help: a Rust number takes the tensor's dtype: convert the tensor first with `.to(DType::F64)`"
            ]
        ),
        case!(
            "at, bools multiplied",
            Tensor::from([true, false]).at(Tensor::from([0])).mul(&Tensor::from(true)),
            &[
                "`scatter_mul_add` at FILE:+2: expected numbers, got bool[2]",
                "  help: convert first: `.to(DType::I64)`"
            ]
        ),
        case!(
            "put_along_axis",
            Tensor::zeros::<f64>([2, 3]).put_along_axis(&Tensor::from([0, 1]), 1.0, 1),
            &[
                "`put_along_axis` at FILE:+2: expected indices whose axes other than 1 are those of f64[2,3], got i32[2]"
            ]
        ),
    ]);
}

/// Windows whose place is data.
#[test]
fn windows() {
    check(&[
        case!(
            "a window too large",
            Tensor::zeros::<f64>([2, 3]).dynamic_slice([0, 0], &[2, 4]),
            &[
                "`dynamic_slice` at FILE:+2: expected a window that fits into f64[2,3], with a size for each axis, got [2,4]"
            ]
        ),
        case!(
            "too few starts",
            Tensor::zeros::<f64>([2, 3]).dynamic_slice([0], &[1, 1]),
            &["`dynamic_slice` at FILE:+2: expected 2 starts, one for each axis of f64[2,3], got i32[1]"]
        ),
        case!(
            "too few sizes",
            Tensor::zeros::<f64>([2, 3]).dynamic_slice([0, 0], &[1]),
            &[
                "`dynamic_slice` at FILE:+2: expected a window that fits into f64[2,3], with a size for each axis, got [1]"
            ]
        ),
        case!(
            "starts that are floats",
            Tensor::zeros::<f64>([3]).dynamic_slice(&Tensor::from([1.0]), &[1]),
            &[
                "`dynamic_slice` at FILE:+2: expected indices of dtype i32 or i64, got f64[1]",
                "  help: convert them with `.to(DType::I64)`"
            ]
        ),
        case!(
            "starts that are vectors",
            Tensor::zeros::<f64>([3]).dynamic_slice([&Tensor::from([1, 2])], &[1]),
            &["`dynamic_slice` at FILE:+2: expected single numbers as starts, got i32[2]"]
        ),
        case!(
            "starts in a matrix",
            Tensor::zeros::<f64>([3]).dynamic_slice(&Tensor::from([[1]]), &[1]),
            &[
                "`dynamic_slice` at FILE:+2: expected starts in a vector, one for each axis of f64[3], got i32[1,1]"
            ]
        ),
        case!(
            "an update with fewer axes",
            Tensor::zeros::<f64>([2, 3]).dynamic_update_slice(&Tensor::from([1.0]), [0, 0]),
            &[
                "`dynamic_update_slice` at FILE:+2: expected an update with as many axes as f64[2,3], got f64[1]"
            ]
        ),
        case!(
            "an update of another dtype",
            Tensor::zeros::<f64>([3]).dynamic_update_slice(&Tensor::from([1f32]), [0]),
            &[
                "`dynamic_update_slice` at FILE:+2: expected equal dtypes, got f64[3] and f32[1]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
    ]);
}

/// Entries moved, repeated and made.
#[test]
fn moved() {
    check(&[
        case!(
            "flip",
            Tensor::from([1.0, 2.0]).flip([0, -1]),
            &["`flip` at FILE:+2: expected each axis once, got axis -1 again"]
        ),
        case!(
            "expand_dims",
            Tensor::from([1.0, 2.0]).expand_dims([0, -3]),
            &["`expand_dims` at FILE:+2: expected different axes from -3 to 2, got -3"]
        ),
        case!(
            "split",
            Tensor::zeros::<f64>([2, 5]).split(2, -1),
            &[
                "`split` at FILE:+2: expected a number of parts that divides axis 1 of f64[2,5], got 2",
                "  help: `split_at` takes positions"
            ]
        ),
        case!(
            "split_at",
            Tensor::from([1.0, 2.0, 3.0]).split_at(&[2, 1], 0),
            &[
                "`split_at` at FILE:+2: expected positions within axis 0 of f64[3], none before the one before it, got [2, 1]"
            ]
        ),
        case!(
            "repeat_each",
            Tensor::from([1.0, 2.0]).repeat_each(&[1, 2, 3], 0),
            &["`repeat_each` at FILE:+2: expected 2 counts, one for each entry along axis 0, got 3"]
        ),
        case!(
            "pad, too much taken away",
            Tensor::from([1.0, 2.0]).pad(&[(-1, -2)]),
            &["`pad` at FILE:+2: expected to take at most 2 entries from axis 0 of f64[2], got (-1, -2)"]
        ),
        case!(
            "pad_with, several values",
            Tensor::from([1.0, 2.0]).pad_with(&[(1, 0)], &Tensor::from([1.0, 2.0])),
            &["`pad_with` at FILE:+2: expected a value with one entry, got f64[2]"]
        ),
        case!(
            "pad_mode, nothing to repeat",
            Tensor::zeros::<f64>([0, 2]).pad_mode(&[(1, 0), (0, 0)], PadMode::Edge),
            &["`pad_mode` at FILE:+2: expected entries along axis 0 to repeat, got f64[0,2]"]
        ),
        case!(
            "pad_mode, widths",
            Tensor::from([1.0, 2.0]).pad_mode(&[(1, 1), (1, 1)], PadMode::Wrap),
            &["`pad_mode` at FILE:+2: expected a pair of widths for each axis of f64[2], got 2"]
        ),
        case!(
            "meshgrid",
            Tensor::meshgrid(&[&Tensor::from([1.0]), &Tensor::from([[1.0]])]),
            &["`meshgrid` at FILE:+2: expected vectors, got f64[1,1]"]
        ),
        case!(
            "diag",
            Tensor::zeros::<f64>([2, 2, 2]).diag(0),
            &[
                "`diag` at FILE:+2: expected a vector or a matrix, got f64[2,2,2]",
                "  help: `diag_embed` and `diagonal` take batches"
            ]
        ),
        case!(
            "tril",
            Tensor::from([1.0, 2.0]).tril(0),
            &["`tril` at FILE:+2: expected at least two axes, got f64[2]"]
        ),
        case!(
            "one_hot",
            Tensor::from([1.0, 2.0]).one_hot::<f64>(3),
            &[
                "`one_hot` at FILE:+2: expected integers, got f64[2]",
                "  help: convert them with `.to(DType::I64)`"
            ]
        ),
        case!(
            "arange_step",
            Tensor::arange_step(0, 5, 0),
            &["`arange_step` at FILE:+2: expected a step other than 0, got 0"]
        ),
        case!(
            "arange_step, infinite",
            Tensor::arange_step(0.0, f64::INFINITY, 1.0),
            &["`arange_step` at FILE:+2: expected finite numbers, got inf"]
        ),
        case!(
            "linspace",
            Tensor::linspace::<i32>(0.0, 1.0, 3),
            &[
                "`linspace` at FILE:+2: expected a float dtype, got i32",
                "  help: `arange_step` makes integers"
            ]
        ),
    ]);
}
