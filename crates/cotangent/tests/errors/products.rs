//! Products that cannot be.

use super::*;

#[test]
fn products() {
    check(&[
        case!(
            "einsum, dots twice",
            Tensor::einsum("i......->i", &[&Tensor::zeros::<f64>([2])]),
            &[
                "`einsum` at FILE:+2: expected a letter for each axis, such as `ij,jk->ik`, and `...` at most once for all others, got `i......` in `i......->i`",
            ]
        ),
        case!(
            "einsum, two dots",
            Tensor::einsum("i..->i", &[&Tensor::zeros::<f64>([2])]),
            &[
                "`einsum` at FILE:+2: expected a letter for each axis, such as `ij,jk->ik`, and `...` at most once for all others, got `i..` in `i..->i`",
            ]
        ),
        case!(
            "einsum, a digit",
            Tensor::einsum("i1->i", &[&Tensor::zeros::<f64>([2, 2])]),
            &[
                "`einsum` at FILE:+2: expected a letter for each axis, such as `ij,jk->ik`, and `...` at most once for all others, got `1` in `i1->i`",
            ]
        ),
        case!(
            "einsum, dots that the result lacks",
            Tensor::einsum("...i->i", &[&Tensor::zeros::<f64>([2, 3])]),
            &[
                "`einsum` at FILE:+2: expected `...` in the result, for `...` of the operands stands for axes, got `i` in `...i->i`",
                "  help: to sum over these axes, give each a letter, or sum afterwards",
            ]
        ),
        case!(
            "einsum, fewer axes than letters",
            Tensor::einsum("...ij->...", &[&Tensor::zeros::<f64>([2])]),
            &["`einsum` at FILE:+2: expected an operand of rank at least 2 for `...ij`, got f64[2]",]
        ),
        case!(
            "einsum, dots that do not broadcast",
            Tensor::einsum("...i,...i->...", &[&Tensor::zeros::<f64>([2, 3]), &Tensor::zeros::<f64>([4, 3])]),
            &[
                "`einsum` at FILE:+2: expected axes for `...` in `...i,...i->...` that broadcast together, got f64[2,3] and f64[4,3]",
            ]
        ),
        case!(
            "einsum of bools",
            Tensor::einsum("i,i", &[&Tensor::from([true]), &Tensor::from([true])]),
            &["`einsum` at FILE:+2: expected numbers, got bool[1] and bool[1]",]
        ),
        case!(
            "inner, other lengths",
            Tensor::zeros::<f64>([2, 3]).inner(&Tensor::zeros::<f64>([3, 2])),
            &[
                "`inner` at FILE:+2: expected last axes of one length, got f64[2,3] and f64[3,2]",
                "  help: `dot` and `matmul` sum over the last axis but one of the right",
            ]
        ),
        case!(
            "inner of dtypes",
            Tensor::zeros::<f64>([2]).inner(&Tensor::zeros::<f32>([2])),
            &[
                "`inner` at FILE:+2: expected equal dtypes, got f64[2] and f32[2]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`",
            ]
        ),
        case!(
            "vdot, other sizes",
            Tensor::zeros::<f64>([2, 3]).vdot(&Tensor::zeros::<f64>([5])),
            &["`vdot` at FILE:+2: expected as many entries in both, got f64[2,3] and f64[5]",]
        ),
        case!(
            "outer of dtypes",
            Tensor::zeros::<f32>([2]).outer(&Tensor::zeros::<f64>([2])),
            &[
                "`outer` at FILE:+2: expected equal dtypes, got f32[2] and f64[2]",
                "  help: dtypes never change silently: convert the left one with `.to(DType::F64)`",
            ]
        ),
        case!(
            "tensordot, too few axes",
            Tensor::zeros::<f64>([2]).tensordot(&Tensor::zeros::<f64>([2, 2]), 2),
            &["`tensordot` at FILE:+2: expected at least 2 axes each, got f64[2] and f64[2,2]",]
        ),
        case!(
            "tensordot, other lengths",
            Tensor::zeros::<f64>([2, 3]).tensordot(&Tensor::zeros::<f64>([2, 3]), 1),
            &[
                "`tensordot` at FILE:+2: expected axes [1] of the left as long as axes [0] of the right, got f64[2,3] and f64[2,3]",
            ]
        ),
        case!(
            "tensordot, no pairs",
            Tensor::zeros::<f64>([2]).tensordot_axes(&Tensor::zeros::<f64>([2]), &[0], &[]),
            &["`tensordot` at FILE:+2: expected as many axes of the right as of the left, got [0] and []",]
        ),
        case!(
            "tensordot, no such axis",
            Tensor::zeros::<f64>([2]).tensordot_axes(&Tensor::zeros::<f64>([2]), &[0], &[1]),
            &["`tensordot` at FILE:+2: expected an axis of f64[2], got 1",]
        ),
        case!(
            "tensordot, an axis twice",
            Tensor::zeros::<f64>([2, 2]).tensordot_axes(&Tensor::zeros::<f64>([2, 2]), &[1, -1], &[0, 1]),
            &["`tensordot` at FILE:+2: expected each axis once, got axis -1 again",]
        ),
        case!(
            "vecdot, other lengths",
            Tensor::zeros::<f64>([2, 3]).vecdot(&Tensor::zeros::<f64>([2]), -1),
            &[
                "`vecdot` at FILE:+2: expected axis 1 of the left as long as axis 0 of the right, got f64[2,3] and f64[2]",
            ]
        ),
        case!(
            "vecdot, no such axis",
            Tensor::zeros::<f64>([2, 3]).vecdot(&Tensor::zeros::<f64>([3]), 1),
            &["`vecdot` at FILE:+2: expected an axis of f64[3], got 1",]
        ),
        case!(
            "matvec of vectors",
            Tensor::zeros::<f64>([3]).matvec(&Tensor::zeros::<f64>([3])),
            &["`matvec` at FILE:+2: expected a matrix and a vector at least, got f64[3] and f64[3]",]
        ),
        case!(
            "matvec, batches",
            Tensor::zeros::<f64>([2, 3, 3]).matvec(&Tensor::zeros::<f64>([4, 3])),
            &[
                "`matvec` at FILE:+2: expected leading axes that broadcast together, got f64[2,3,3] and f64[4,3]",
            ]
        ),
        case!(
            "vecmat, other lengths",
            Tensor::zeros::<f64>([2]).vecmat(&Tensor::zeros::<f64>([3, 2])),
            &[
                "`vecmat` at FILE:+2: expected axis 0 of the left as long as axis 0 of the right, got f64[2] and f64[3,2]",
            ]
        ),
        case!(
            "kron of dtypes",
            Tensor::zeros::<f64>([2]).kron(&Tensor::from([1_i64])),
            &[
                "`kron` at FILE:+2: expected equal dtypes, got f64[2] and i64[1]",
                "  help: dtypes never change silently: convert one, for example with `.to(DType::F64)`",
            ]
        ),
        case!(
            "multi_dot of one",
            Tensor::multi_dot(&[&Tensor::zeros::<f64>([2, 2])]),
            &["`multi_dot` at FILE:+2: expected at least two operands, got 1",]
        ),
        case!(
            "multi_dot, a vector between",
            Tensor::multi_dot(&[
                &Tensor::zeros::<f64>([2, 2]),
                &Tensor::zeros::<f64>([2]),
                &Tensor::zeros::<f64>([2, 2])
            ]),
            &["`multi_dot` at FILE:+2: expected a matrix as operand 1, got f64[2]",]
        ),
        case!(
            "multi_dot, other lengths",
            Tensor::multi_dot(&[&Tensor::zeros::<f64>([2, 2]), &Tensor::zeros::<f64>([3, 2])]),
            &[
                "`multi_dot` at FILE:+2: expected axis 0 of operand 1 as long as the last axis of the one before it, got f64[2,2] and f64[3,2]",
            ]
        ),
    ]);
}
