//! Matrices that have no such decomposition, and operands that are no matrices.

use super::*;
use cotangent::op::Triangle;

fn singular() -> Tensor {
    Tensor::from([[1.0, 2.0], [2.0, 4.0]])
}

fn batch() -> Tensor {
    Tensor::stack(&[Tensor::eye::<f64>(2), Tensor::eye::<f64>(2), singular()], 0)
}

#[test]
fn decompositions() {
    check(&[
        case!(
            "cholesky",
            Tensor::from([[1.0, 2.0], [2.0, 1.0]]).cholesky(),
            &[
                "`cholesky` at FILE:+2: expected a positive definite matrix, got one whose pivot 1 is not positive (matrix 0)",
                "  help: the leading minors of a covariance must be positive: add a small multiple of the identity"
            ]
        ),
        case!(
            "cholesky, not square",
            Tensor::zeros::<f64>([2, 3]).cholesky(),
            &["`cholesky` at FILE:+2: expected square matrices of floats, […, n, n], got f64[2,3]"]
        ),
        case!(
            "cholesky of a batch",
            Tensor::stack(&[Tensor::eye::<f64>(2), Tensor::eye::<f64>(2) * -1.0], 0).cholesky(),
            &[
                "`cholesky` at FILE:+2: expected a positive definite matrix, got one whose pivot 0 is not positive (matrix 1)",
                "  help: the leading minors of a covariance must be positive: add a small multiple of the identity"
            ]
        ),
        case!(
            "solve, singular",
            singular().solve(&Tensor::from([1.0, 2.0])),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got a singular one: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "solve, one of a batch",
            batch().solve(&Tensor::from([1.0, 2.0])),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got matrix 2 of the batch, which is singular: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "inv, singular",
            Tensor::zeros::<f32>([3, 3]).inv(),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got a singular one: pivot 0 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "inv, one of a batch",
            batch().inv(),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got matrix 2 of the batch, which is singular: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "inv under vmap",
            vmap(|a: &Tensor| a.inv())(&batch()),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got matrix 2 of the batch, which is singular: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "matrix_power, singular",
            singular().matrix_power(-2),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got a singular one: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "gradient of slogdet, singular",
            grad(|a: &Tensor| a.slogdet().1)(&singular()),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got a singular one: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "solve in backward",
            singular().requires_grad().slogdet().1.backward(),
            &[
                "`solve` at FILE:+2: expected invertible matrices, got a singular one: pivot 1 is zero",
                "  help: `lstsq` and `pinv` take singular matrices"
            ]
        ),
        case!(
            "solve, not square",
            Tensor::zeros::<f64>([2, 3]).solve(&Tensor::from([1.0, 2.0])),
            &["`solve` at FILE:+2: expected square matrices of floats, […, n, n], got f64[2,3]"]
        ),
        case!(
            "solve, a vector",
            Tensor::from([1.0, 2.0]).solve(&Tensor::from([1.0, 2.0])),
            &["`solve` at FILE:+2: expected square matrices of floats, […, n, n], got f64[2]"]
        ),
        case!(
            "solve, another length",
            Tensor::eye::<f64>(2).solve(&Tensor::from([1.0, 2.0, 3.0])),
            &[
                "`solve` at FILE:+2: expected a right side f64[2] or f64[…, 2, m] that fits f64[2,2], got f64[3]"
            ]
        ),
        case!(
            "solve, leading axes",
            Tensor::zeros::<f64>([3, 2, 2]).solve(&Tensor::zeros::<f64>([2, 2, 1])),
            &[
                "`solve` at FILE:+2: expected a right side f64[2] or f64[…, 2, m] that fits f64[3,2,2], got f64[2,2,1]"
            ]
        ),
        case!(
            "solve, a number",
            Tensor::eye::<f64>(2).solve(&Tensor::from(1.0)),
            &[
                "`solve` at FILE:+2: expected a right side f64[2] or f64[…, 2, m] that fits f64[2,2], got f64[]"
            ]
        ),
        case!(
            "solve, two dtypes",
            Tensor::eye::<f64>(2).solve(&Tensor::from([1f32, 2.0])),
            &[
                "`solve` at FILE:+2: expected equal dtypes, got f64[2,2] and f32[2]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "inv of integers",
            Tensor::from([[1, 2], [3, 4]]).inv(),
            &["`inv` at FILE:+2: expected square matrices of floats, […, n, n], got i32[2,2]"]
        ),
        case!(
            "triangular, another length",
            Tensor::eye::<f64>(2).solve_upper(&Tensor::from([1.0])),
            &[
                "`triangular_solve` at FILE:+2: expected a right side f64[2] or f64[…, 2, m] that fits f64[2,2], got f64[1]"
            ]
        ),
        case!(
            "triangular, a vector on the right",
            Tensor::eye::<f64>(2).solve_triangular_right(&Tensor::from([1.0, 2.0]), Triangle::LOWER),
            &["`triangular_solve` at FILE:+2: expected a right side […, m, n], got f64[2]"]
        ),
        case!(
            "det, not square",
            Tensor::zeros::<f64>([2, 3]).det(),
            &["`det` at FILE:+2: expected square matrices of floats, […, n, n], got f64[2,3]"]
        ),
        case!(
            "slogdet, not square",
            Tensor::zeros::<f64>([3, 2]).slogdet(),
            &["`slogdet` at FILE:+2: expected square matrices of floats, […, n, n], got f64[3,2]"]
        ),
        case!(
            "lu of a vector",
            Tensor::from([1.0, 2.0]).lu(),
            &["`lu` at FILE:+2: expected matrices of floats, […, m, n], got f64[2]"]
        ),
        case!(
            "qr of bools",
            Tensor::from([[true]]).qr(),
            &["`qr` at FILE:+2: expected matrices of floats, […, m, n], got bool[1,1]"]
        ),
        case!(
            "eigh, not square",
            Tensor::zeros::<f64>([1, 2]).eigh(),
            &["`eigh` at FILE:+2: expected square matrices of floats, […, n, n], got f64[1,2]"]
        ),
        case!(
            "eigvalsh of a number",
            Tensor::from(1.0).eigvalsh(),
            &["`eigvalsh` at FILE:+2: expected square matrices of floats, […, n, n], got f64[]"]
        ),
        case!(
            "svd of a vector",
            Tensor::from([1.0]).svd(),
            &["`svd` at FILE:+2: expected matrices of floats, […, m, n], got f64[1]"]
        ),
        case!(
            "pinv, a cutoff that is none",
            Tensor::eye::<f64>(2).pinv_above(-1.0),
            &[
                "`pinv` at FILE:+2: expected a cutoff from 0 to 1, relative to the largest singular value, got -1.0"
            ]
        ),
        case!(
            "lstsq, another length",
            Tensor::eye_offset::<f64>(3, 2, 0).lstsq(&Tensor::from([1.0, 2.0])),
            &[
                "`lstsq` at FILE:+2: expected a right side f64[3] or f64[…, 3, p] that fits f64[3,2], got f64[2]"
            ]
        ),
        case!(
            "lstsq, two dtypes",
            Tensor::eye::<f64>(2).lstsq(&Tensor::from([1f32, 2.0])),
            &[
                "`lstsq` at FILE:+2: expected equal dtypes, got f64[2,2] and f32[2]",
                "  help: dtypes never change silently: convert the right one with `.to(DType::F64)`"
            ]
        ),
        case!(
            "matrix_power, not square",
            Tensor::zeros::<f64>([2, 3]).matrix_power(2),
            &["`matrix_power` at FILE:+2: expected square matrices of floats, […, n, n], got f64[2,3]"]
        ),
        case!(
            "nuclear_norm of integers",
            Tensor::from([[1, 2]]).nuclear_norm(),
            &["`nuclear_norm` at FILE:+2: expected matrices of floats, […, m, n], got i32[1,2]"]
        ),
        case!(
            "matrix_rank of a vector",
            Tensor::from([1.0]).matrix_rank(),
            &["`matrix_rank` at FILE:+2: expected matrices of floats, […, m, n], got f64[1]"]
        ),
        case!(
            "trace of a vector",
            Tensor::from([1.0]).trace(),
            &["`trace` at FILE:+2: expected matrices, […, m, n], got f64[1]"]
        ),
    ]);
}
