//! The functions of `tables/linalg.txt` once more, from decompositions whose signs do not matter.

use crate::functions::Function;
use crate::table::Params;
use cotangent::op::Triangle;
use cotangent::prelude::*;

fn gram(x: &Tensor) -> Tensor {
    let n = x.shape()[x.rank() - 1];
    x.matmul(&x.t()) + Tensor::eye::<f64>(n).to(x.dtype())
}

fn triangular(x: &[Tensor], p: &Params) -> Tensor {
    let flag = |name: &str| p.one::<u8>(name) == 1;
    let (lower, transpose, unit) = (flag("lower"), flag("transpose"), flag("unit"));
    let triangle = Triangle { lower, transpose, unit };
    match flag("left") {
        true => x[0].solve_triangular(&x[1], triangle),
        false => x[0].solve_triangular_right(&x[1], triangle),
    }
}

/// V·f(w)·Vᵀ.
fn mapped(x: &Tensor, f: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let (w, v) = x.eigh();
    (&v * f(&w).unsqueeze(-2)).matmul(&v.t())
}

/// The square of orthonormal columns: what projects on their span.
fn onto(columns: Tensor) -> Tensor {
    columns.matmul(&columns.t())
}

fn best_rank(x: &[Tensor], p: &Params) -> Tensor {
    let k: usize = p.one("k");
    let (u, s, vt) = x[0].svd();
    let weighed = u.slice_axis(-1, ..k) * s.slice_axis(-1, ..k).unsqueeze(-2);
    weighed.matmul(&vt.slice_axis(-2, ..k))
}

pub fn named(name: &str) -> Option<Function> {
    let f: Function = match name {
        "triangular" => triangular,
        "solve" => |x, _| x[0].solve(&x[1]),
        "inv" => |x, _| x[0].inv(),
        "cholesky_solve" => |x, _| gram(&x[0]).cholesky().cholesky_solve(&x[1]),
        "det" => |x, _| x[0].det(),
        "slogdet_log" => |x, _| x[0].slogdet().1,
        "slogdet_sign" => |x, _| x[0].slogdet().0,
        "logdet" => |x, _| gram(&x[0]).logdet(),
        "lu_lower" => |x, _| x[0].lu().1,
        "lu_upper" => |x, _| x[0].lu().2,
        "lu_rows" => |x, _| x[0].lu_factor().2,
        "qr_q" => |x, _| x[0].qr().0,
        "qr_r" => |x, _| x[0].qr().1,
        "lstsq" => |x, _| x[0].lstsq(&x[1]),
        "pinv" => |x, _| x[0].pinv(),
        "eigvalsh" => |x, _| x[0].eigvalsh(),
        "eigh_exp" => |x, _| mapped(&x[0], Tensor::exp),
        "eigh_sqrt" => |x, _| mapped(&gram(&x[0]), Tensor::sqrt),
        "eigh_projector" => |x, p| {
            let n = x[0].shape()[x[0].rank() - 1];
            onto(x[0].eigh().1.slice_axis(-1, n - p.one::<usize>("k")..))
        },
        "svdvals" => |x, _| x[0].svdvals(),
        "svd_best_rank" => best_rank,
        "svd_polar" => |x, _| {
            let (u, _, vt) = x[0].svd();
            u.matmul(&vt)
        },
        "svd_span" => |x, p| onto(x[0].svd().0.slice_axis(-1, ..p.one::<usize>("k"))),
        "matrix_power" => |x, p| x[0].matrix_power(p.one("n")),
        "matrix_rank" => |x, _| x[0].matrix_rank(),
        "nuclear_norm" => |x, _| x[0].nuclear_norm(),
        "spectral_norm" => |x, _| x[0].spectral_norm(),
        "condition_number" => |x, _| x[0].condition_number(),
        "trace" => |x, _| x[0].square().trace(),
        _ => return None,
    };
    Some(f)
}
