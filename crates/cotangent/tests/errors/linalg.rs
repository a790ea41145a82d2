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
            &[]
        ),
        case!("solve, singular", singular().solve(&Tensor::from([1.0, 2.0])), &[]),
        case!("solve, one of a batch", batch().solve(&Tensor::from([1.0, 2.0])), &[]),
        case!("inv, singular", Tensor::zeros::<f32>([3, 3]).inv(), &[]),
        case!("inv, one of a batch", batch().inv(), &[]),
        case!("inv under vmap", vmap(|a: &Tensor| a.inv())(&batch()), &[]),
        case!("matrix_power, singular", singular().matrix_power(-2), &[]),
        case!("gradient of slogdet, singular", grad(|a: &Tensor| a.slogdet().1)(&singular()), &[]),
        case!(
            "solve in backward",
            {
                let a = singular().requires_grad();
                a.slogdet().1.backward()
            },
            &[]
        ),
        case!("solve, not square", Tensor::zeros::<f64>([2, 3]).solve(&Tensor::from([1.0, 2.0])), &[]),
        case!("solve, a vector", Tensor::from([1.0, 2.0]).solve(&Tensor::from([1.0, 2.0])), &[]),
        case!("solve, another length", Tensor::eye::<f64>(2).solve(&Tensor::from([1.0, 2.0, 3.0])), &[]),
        case!(
            "solve, leading axes",
            Tensor::zeros::<f64>([3, 2, 2]).solve(&Tensor::zeros::<f64>([2, 2, 1])),
            &[]
        ),
        case!("solve, a number", Tensor::eye::<f64>(2).solve(&Tensor::from(1.0)), &[]),
        case!("solve, two dtypes", Tensor::eye::<f64>(2).solve(&Tensor::from([1f32, 2.0])), &[]),
        case!("inv of integers", Tensor::from([[1, 2], [3, 4]]).inv(), &[]),
        case!("triangular, another length", Tensor::eye::<f64>(2).solve_upper(&Tensor::from([1.0])), &[]),
        case!(
            "triangular, a vector on the right",
            { Tensor::eye::<f64>(2).solve_triangular_right(&Tensor::from([1.0, 2.0]), Triangle::LOWER) },
            &[]
        ),
        case!("det, not square", Tensor::zeros::<f64>([2, 3]).det(), &[]),
        case!("slogdet, not square", Tensor::zeros::<f64>([3, 2]).slogdet(), &[]),
        case!("lu of a vector", Tensor::from([1.0, 2.0]).lu(), &[]),
        case!("qr of bools", Tensor::from([[true]]).qr(), &[]),
        case!("eigh, not square", Tensor::zeros::<f64>([1, 2]).eigh(), &[]),
        case!("eigvalsh of a number", Tensor::from(1.0).eigvalsh(), &[]),
        case!("svd of a vector", Tensor::from([1.0]).svd(), &[]),
        case!("pinv, a cutoff that is none", Tensor::eye::<f64>(2).pinv_above(-1.0), &[]),
        case!(
            "lstsq, another length",
            Tensor::eye_offset::<f64>(3, 2, 0).lstsq(&Tensor::from([1.0, 2.0])),
            &[]
        ),
        case!("lstsq, two dtypes", Tensor::eye::<f64>(2).lstsq(&Tensor::from([1f32, 2.0])), &[]),
        case!("matrix_power, not square", Tensor::zeros::<f64>([2, 3]).matrix_power(2), &[]),
        case!("nuclear_norm of integers", Tensor::from([[1, 2]]).nuclear_norm(), &[]),
        case!("matrix_rank of a vector", Tensor::from([1.0]).matrix_rank(), &[]),
        case!("trace of a vector", Tensor::from([1.0]).trace(), &[]),
    ]);
}
