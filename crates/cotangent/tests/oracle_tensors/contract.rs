//! The functions of `tables/contract.txt` once more.

use crate::functions::Function;
use crate::table::Params;
use cotangent::prelude::*;

fn refs(x: &[Tensor]) -> Vec<&Tensor> {
    x.iter().collect()
}

/// An equation; a table has no spaces in a word.
fn einsum(x: &[Tensor], p: &Params) -> Tensor {
    Tensor::einsum(&p.text("spec").replace('_', " "), &refs(x))
}

pub fn named(name: &str) -> Option<Function> {
    let f: Function = match name {
        "einsum_of" | "einsum_many" => einsum,
        "matmul_of" => |x, _| x[0].matmul(&x[1]),
        "dot_of" => |x, _| x[0].dot(&x[1]),
        "inner" => |x, _| x[0].inner(&x[1]),
        "vdot" => |x, _| x[0].vdot(&x[1]),
        "outer" => |x, _| x[0].outer(&x[1]),
        "tensordot" => |x, p| x[0].tensordot(&x[1], p.one("n")),
        "tensordot_axes" => |x, p| x[0].tensordot_axes(&x[1], &p.many("own"), &p.many("other")),
        "vecdot" => |x, p| x[0].vecdot(&x[1], p.one("axis")),
        "matvec" => |x, _| x[0].matvec(&x[1]),
        "vecmat" => |x, _| x[0].vecmat(&x[1]),
        "kron" => |x, _| x[0].kron(&x[1]),
        "multi_dot" => |x, _| Tensor::multi_dot(&refs(x)),
        "gram" => |x, _| x[0].t().matmul(&x[0]),
        "quadratic" => |x, _| Tensor::einsum("...i,ij,...j->...", &[&x[0], &x[1], &x[0]]),
        "inner_twice" => |x, _| x[0].inner(&x[0].inner(&x[1])),
        _ => return None,
    };
    Some(f)
}
